package ipmi

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
)

// handleOld answers a packet of IPMI 1.5.
func (b *BMC) handleOld(p []byte) [][]byte {
	kind, sequence, id := p[4], binary.LittleEndian.Uint32(p[5:]), binary.LittleEndian.Uint32(p[9:])
	rest := p[13:]
	var code []byte
	if kind != 0 {
		if len(rest) < 17 {
			return nil
		}
		code, rest = rest[:16], rest[16:]
	}
	if len(rest) < 1 || len(rest) < 1+int(rest[0]) {
		return nil
	}
	m := rest[1 : 1+int(rest[0])]
	if id == 0 {
		return b.before(m)
	}
	s := b.sessions[id]
	if s == nil || s.suite != nil || kind != s.auth || !bytes.Equal(code, b.proof(s, sequence, m)) {
		return nil
	}
	if !s.active {
		return b.activate(s, m)
	}
	if s.packets++; b.config.Behaviour.Forget > 0 && s.packets > b.config.Behaviour.Forget {
		delete(b.sessions, id)
		return nil
	}
	var out [][]byte
	for _, a := range b.message(s, m) {
		out = append(out, b.sealOld(s, a))
	}
	return out
}

func (b *BMC) proof(s *session, sequence uint32, m []byte) []byte {
	var password [16]byte
	copy(password[:], b.config.Password)
	switch s.auth {
	case 0:
		return nil
	case 2:
		sum := md5.Sum(bytes.Join([][]byte{password[:], little(s.id), m, little(sequence), password[:]}, nil))
		return sum[:]
	}
	return password[:]
}

func plain(m []byte) []byte {
	return append([]byte{6, 0, 0xFF, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(m))}, m...)
}

// before is what may be asked without a session.
func (b *BMC) before(m []byte) [][]byte {
	if len(m) < 7 {
		return nil
	}
	q := question{net: m[1] >> 2, from: m[3], seq: m[4], cmd: m[5], data: m[6 : len(m)-1]}
	if q.net != 6 || q.cmd != 0x39 || len(q.data) != 17 {
		var out [][]byte
		for _, a := range b.message(nil, m) {
			out = append(out, plain(a))
		}
		return out
	}
	if string(bytes.TrimRight(q.data[1:], "\x00")) != b.config.User {
		return one(plain(q.answer(0x81, nil)))
	}
	s := &session{id: b.newID(), auth: q.data[0], level: 2}
	_, _ = rand.Read(s.challenge[:])
	b.sessions[s.id] = s
	return one(plain(q.answer(0, append(little(s.id), s.challenge[:]...))))
}

func (b *BMC) activate(s *session, m []byte) [][]byte {
	if len(m) != 29 || m[5] != 0x3A || !bytes.Equal(m[8:24], s.challenge[:]) {
		return nil
	}
	q := question{net: m[1] >> 2, from: m[3], seq: m[4], cmd: m[5]}
	if m[7]&15 > b.config.Level {
		return one(b.sealOld(s, q.answer(0x86, nil)))
	}
	s.sequence = binary.LittleEndian.Uint32(m[24:])
	answer := b.sealOld(s, q.answer(0, append(append([]byte{s.auth}, little(s.id)...), 1, 0, 0, 0, b.config.Level)))
	s.active = true
	return one(answer)
}

func (b *BMC) sealOld(s *session, m []byte) []byte {
	sequence := uint32(0)
	if s.active {
		sequence = s.sequence
		s.sequence++
	}
	if b.config.Behaviour.OddSequence {
		sequence = ^sequence
	}
	p := append([]byte{6, 0, 0xFF, 7, s.auth}, little(sequence)...)
	as := *s
	if s.active {
		as.id ^= b.other()
	}
	p = append(p, little(as.id)...)
	p = append(p, b.proof(&as, sequence, m)...)
	p = append(p, byte(len(m)))
	return append(p, m...)
}
