package ipmi

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
)

// cipherSuite is one of RMCP+: its number, its algorithms and the length of its codes.
type cipherSuite struct {
	number     int
	algorithms [3]byte
	hash       func() hash.Hash
	code       int
}

// cipherSuites is a table.
var cipherSuites = []cipherSuite{
	{3, [3]byte{1, 1, 1}, sha1.New, 12},
	{17, [3]byte{3, 4, 1}, sha256.New, 16},
}

func (c *cipherSuite) mac(key []byte, text ...[]byte) []byte {
	m := hmac.New(c.hash, key)
	m.Write(bytes.Join(text, nil))
	return m.Sum(nil)
}

func little(n uint32) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)} }

// setup is a packet outside of sessions.
func setup(kind byte, payload []byte) []byte {
	p := []byte{6, 0, 0xFF, 7, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(payload)), byte(len(payload) >> 8)}
	return append(p, payload...)
}

func (b *BMC) handlePlus(p []byte) [][]byte {
	if len(p) < 16 {
		return nil
	}
	kind, id, n := p[5], binary.LittleEndian.Uint32(p[6:]), int(p[14])|int(p[15])<<8
	if 16+n > len(p) {
		return nil
	}
	payload := p[16 : 16+n]
	switch kind {
	case 0x00: // what may be asked without a session
		var out [][]byte
		for _, a := range b.message(nil, payload) {
			out = append(out, setup(0, a))
		}
		return out
	case 0x10:
		return one(b.openSession(payload))
	case 0x12:
		return one(b.rakp2(payload))
	case 0x14:
		return one(b.rakp4(payload))
	case 0xC0:
		return b.inSession(id, p, payload)
	}
	return nil
}

func one(p []byte) [][]byte {
	if p == nil {
		return nil
	}
	return [][]byte{p}
}

func (b *BMC) openSession(q []byte) []byte {
	if len(q) != 32 {
		return nil
	}
	console := q[4:8]
	asked := [3]byte{q[12], q[20], q[28]}
	i := slices.IndexFunc(cipherSuites, func(c cipherSuite) bool { return c.algorithms == asked && slices.Contains(b.config.Ciphers, c.number) })
	if i < 0 {
		if b.config.Behaviour.SilentCipher {
			return nil
		}
		return setup(0x11, append([]byte{q[0], 0x11, 0, 0}, console...))
	}
	if s := b.config.Behaviour.OpenStatus; s != 0 {
		return setup(0x11, append([]byte{q[0], s, 0, 0}, console...))
	}
	s := &session{id: b.newID(), console: binary.LittleEndian.Uint32(console), suite: &cipherSuites[i], level: 2}
	b.sessions[s.id] = s
	a := append([]byte{q[0], 0, b.config.Level, 0}, console...)
	a = append(a, little(s.id)...)
	return setup(0x11, append(a, q[8:]...))
}

// refusal is a RAKP message that says no.
func refusal(kind, tag, status byte, console uint32) []byte {
	return setup(kind, append([]byte{tag, status, 0, 0}, little(console)...))
}

func (b *BMC) rakp2(q []byte) []byte {
	if len(q) < 28 || len(q) != 28+int(q[27]) {
		return nil
	}
	s := b.sessions[binary.LittleEndian.Uint32(q[4:])]
	if s == nil || s.suite == nil {
		return refusal(0x13, q[0], 2, 0)
	}
	s.rm, s.role, s.name = slices.Clone(q[8:24]), q[24], slices.Clone(q[28:])
	switch st := b.config.Behaviour.RAKP2Status; {
	case st != 0:
		return refusal(0x13, q[0], st, s.console)
	case string(s.name) != b.config.User:
		return refusal(0x13, q[0], 0x0D, s.console)
	case s.role&15 > b.config.Level:
		return refusal(0x13, q[0], 0x0A, s.console)
	}
	if s.rc == nil {
		s.rc = make([]byte, 16)
		_, _ = rand.Read(s.rc)
	}
	guid := bytes.Repeat([]byte{0xA5}, 16)
	a := append([]byte{q[0], 0, 0, 0}, little(s.console)...)
	a = append(append(a, s.rc...), guid...)
	proof := s.suite.mac([]byte(b.config.Password), little(s.console), little(s.id), s.rm, s.rc, guid, s.tail())
	if b.config.Behaviour.WrongRAKP2 {
		proof[3] ^= 1
	}
	return setup(0x13, append(a, proof...))
}

func (s *session) tail() []byte { return append([]byte{s.role, byte(len(s.name))}, s.name...) }

func (b *BMC) rakp4(q []byte) []byte {
	if len(q) < 8 {
		return nil
	}
	s := b.sessions[binary.LittleEndian.Uint32(q[4:])]
	if s == nil || s.rc == nil {
		return refusal(0x15, q[0], 2, 0)
	}
	if q[1] != 0 {
		delete(b.sessions, s.id)
		return nil
	}
	if st := b.config.Behaviour.RAKP4Status; st != 0 {
		return refusal(0x15, q[0], st, s.console)
	}
	if !bytes.Equal(q[8:], s.suite.mac([]byte(b.config.Password), s.rc, little(s.console), s.tail())) {
		return refusal(0x15, q[0], 0x0F, s.console)
	}
	key := b.config.Kg
	if len(key) == 0 {
		key = []byte(b.config.Password)
	}
	s.sik = s.suite.mac(key, s.rm, s.rc, s.tail())
	s.k1 = s.suite.mac(s.sik, bytes.Repeat([]byte{1}, 20))
	s.k2 = s.suite.mac(s.sik, bytes.Repeat([]byte{2}, 20))[:16]
	s.active = true
	proof := s.suite.mac(s.sik, s.rm, little(s.id), bytes.Repeat([]byte{0xA5}, 16))[:s.suite.code]
	if b.config.Behaviour.WrongRAKP4 {
		proof[0] ^= 0x80
	}
	return setup(0x15, append(append([]byte{q[0], 0, 0, 0}, little(s.console)...), proof...))
}

func (b *BMC) inSession(id uint32, p, payload []byte) [][]byte {
	s := b.sessions[id]
	if s == nil || !s.active || s.suite == nil || len(p) < 16+len(payload)+2+s.suite.code {
		return nil
	}
	end := len(p) - s.suite.code
	if !bytes.Equal(s.suite.mac(s.k1, p[4:end])[:s.suite.code], p[end:]) || (end-4)%4 != 0 {
		return nil
	}
	m := decode(s.k2, payload)
	if m == nil {
		return nil
	}
	if s.packets++; b.config.Behaviour.Forget > 0 && s.packets > b.config.Behaviour.Forget {
		delete(b.sessions, id)
		return nil
	}
	var out [][]byte
	for _, a := range b.message(s, m) {
		out = append(out, b.sealPlus(s, a))
	}
	return out
}

func decode(key, payload []byte) []byte {
	if len(payload) < 32 || len(payload)%16 != 0 {
		return nil
	}
	block, _ := aes.NewCipher(key)
	m := slices.Clone(payload[16:])
	cipher.NewCBCDecrypter(block, payload[:16]).CryptBlocks(m, m)
	if n := int(m[len(m)-1]) + 1; n <= len(m) {
		return m[:len(m)-n]
	}
	return nil
}

// other is what changes the name of a session into that of another.
func (b *BMC) other() uint32 {
	if b.config.Behaviour.OtherSession {
		return 1
	}
	return 0
}

// sealPlus makes the packet of a message in a session.
func (b *BMC) sealPlus(s *session, m []byte) []byte {
	block, _ := aes.NewCipher(s.k2)
	text := slices.Clone(m)
	for i := byte(1); (len(text)+1)%16 != 0; i++ {
		text = append(text, i)
	}
	pad := byte(len(text) - len(m))
	text = append(text, pad)
	iv := make([]byte, 16)
	_, _ = rand.Read(iv)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	payload := append(iv, text...)
	s.sequence++
	sequence := s.sequence
	if b.config.Behaviour.OddSequence {
		sequence = ^sequence
	}
	p := append([]byte{6, 0, 0xFF, 7, 6, 0xC0}, little(s.console^b.other())...)
	p = append(p, little(sequence)...)
	p = append(p, byte(len(payload)), byte(len(payload)>>8))
	p = append(p, payload...)
	n := 0
	for ; (len(p)-4+2)%4 != 0; n++ {
		p = append(p, 0xFF)
	}
	p = append(p, byte(n), 7)
	return append(p, s.suite.mac(s.k1, p[4:])[:s.suite.code]...)
}
