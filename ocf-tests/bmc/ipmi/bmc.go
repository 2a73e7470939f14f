package ipmi

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"time"
)

// Config is that of a BMC.
type Config struct {
	Network        string // udp4 or udp6; "": udp4
	User, Password string
	Kg             []byte
	Ciphers        []int // nil: 3 and 17
	Level          byte  // the highest that the user may have; 0: administrator
	Behaviour      Behaviour
	Off            bool // the machine is off at the beginning

	Conn  *net.UDPConn // where it listens; nil: at a port of the loopback
	Power Power        // its machine; nil: a simulated one
}

// BMC is a simulated one.
type BMC struct {
	Host *Host

	config Config
	conn   *net.UDPConn
	done   chan struct{}

	mu       sync.Mutex
	sessions map[uint32]*session
	heard    int // packets
	answered int // requests in sessions
	gone     bool
}

// session is one of either version. The zero value of keys means none yet.
type session struct {
	id, console uint32
	active      bool
	sequence    uint32
	level       byte

	suite          *cipherSuite // of 2.0
	rm, rc         []byte
	role           byte
	name           []byte
	sik, k1, k2    []byte
	auth           byte // of 1.5
	challenge      [16]byte
	packets        int
	previousStatus []byte // the last chassis status, as a message
}

// Start makes a BMC that listens.
func Start(c Config) (*BMC, error) {
	network, ip := "udp4", net.IPv4(127, 0, 0, 1)
	if c.Network == "udp6" {
		network, ip = "udp6", net.IPv6loopback
	}
	if c.Behaviour.Ciphers != nil {
		c.Ciphers = c.Behaviour.Ciphers
	}
	if c.Ciphers == nil {
		c.Ciphers = []int{3, 17}
	}
	if c.Level == 0 {
		c.Level = 4
	}
	conn := c.Conn
	if conn == nil {
		var err error
		if conn, err = net.ListenUDP(network, &net.UDPAddr{IP: ip}); err != nil {
			return nil, err
		}
	}
	b := &BMC{Host: &Host{on: !c.Off, outside: c.Power}, config: c, conn: conn, done: make(chan struct{}), sessions: map[uint32]*session{}}
	go b.serve()
	return b, nil
}

// Address and Port are where it listens.
func (b *BMC) Address() string { return b.conn.LocalAddr().(*net.UDPAddr).IP.String() }

// Port is the UDP port.
func (b *BMC) Port() int { return b.conn.LocalAddr().(*net.UDPAddr).Port }

// Sessions is how many sessions are open.
func (b *BMC) Sessions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, s := range b.sessions {
		if s.active {
			n++
		}
	}
	return n
}

// Close ends it.
func (b *BMC) Close() {
	_ = b.conn.Close()
	<-b.done
}

func (b *BMC) serve() {
	defer close(b.done)
	buffer := make([]byte, 2048)
	for {
		n, from, err := b.conn.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		packet := slices.Clone(buffer[:n])
		b.mu.Lock()
		b.heard++
		var out [][]byte
		if lost := b.config.Behaviour.Lose; !b.gone && (lost == nil || !lost(b)) {
			for _, p := range b.handle(packet) {
				out = append(out, b.wire(p)...)
			}
		}
		b.mu.Unlock()
		delay := b.config.Behaviour.Delay
		send := func() {
			for _, p := range out {
				_, _ = b.conn.WriteToUDP(p, from)
			}
		}
		if delay > 0 {
			time.AfterFunc(delay, send)
		} else {
			send()
		}
	}
}

func (b *BMC) wire(p []byte) [][]byte {
	if f := b.config.Behaviour.Wire; f != nil {
		return f(b, p)
	}
	return [][]byte{p}
}

// handle answers a packet.
func (b *BMC) handle(p []byte) [][]byte {
	if len(p) == 12 && p[0] == 6 && p[3] == 6 && p[8] == 0x80 { // ASF presence ping
		pong := slices.Concat([]byte{6, 0, 0xFF, 6}, p[4:8], []byte{0x40, p[9], 0, 16}, p[4:8], make([]byte, 4), []byte{0x81}, make([]byte, 7))
		return [][]byte{pong}
	}
	if len(p) < 14 || p[0] != 6 || p[3] != 7 {
		return nil
	}
	if p[4] == 6 {
		return b.handlePlus(p)
	}
	return b.handleOld(p)
}

func (b *BMC) newID() uint32 {
	for {
		var r [4]byte
		_, _ = rand.Read(r[:])
		id := binary.BigEndian.Uint32(r[:])
		if _, taken := b.sessions[id]; id != 0 && !taken {
			return id
		}
	}
}

// message answers a LAN message; nil if there is no answer. s is nil outside of
// sessions.
func (b *BMC) message(s *session, m []byte) [][]byte {
	if len(m) < 7 || m[0] != 0x20 || sum(m[:2]) != m[2] || sum(m[3:len(m)-1]) != m[len(m)-1] {
		return nil
	}
	q := question{net: m[1] >> 2, from: m[3], seq: m[4], cmd: m[5], data: m[6 : len(m)-1]}
	code, data := b.execute(s, q)
	answer := q.answer(code, data)
	if f := b.config.Behaviour.Message; f != nil && s != nil && s.active {
		return f(b, s, q, answer)
	}
	return [][]byte{answer}
}

type question struct {
	net, from, seq, cmd byte
	data                []byte
}

func (q question) status() bool { return q.net == 0 && q.cmd == 1 }

func (q question) answer(code byte, data []byte) []byte {
	a := []byte{q.from, (q.net + 1) << 2, 0, 0x20, q.seq, q.cmd, code}
	a = append(a, data...)
	return reseal(append(a, 0))
}

// reseal sets the two checksums of a message.
func reseal(a []byte) []byte {
	a[2] = sum(a[:2])
	a[len(a)-1] = sum(a[3 : len(a)-1])
	return a
}

func sum(b []byte) byte {
	total := 0
	for _, x := range b {
		total += int(x)
	}
	return byte(256 - total%256)
}

// execute does a command.
func (b *BMC) execute(s *session, q question) (code byte, data []byte) {
	if q.net == 6 && q.cmd == 0x38 { // Get Channel Authentication Capabilities
		if len(q.data) != 2 {
			return 0xC7, nil
		}
		plus := byte(3)
		return 0, []byte{1, 0x80 | 1<<2 | 1<<4 | 1, 4, plus, 0, 0, 0, 0}
	}
	if q.net == 6 && q.cmd == 0x54 && len(q.data) == 3 { // Get Channel Cipher Suites
		return 0, append([]byte{1}, b.suiteRecords(q.data[2]&0x3F)...)
	}
	if s == nil || !s.active {
		return 0xD4, nil
	}
	b.answered++
	if f := b.config.Behaviour.Code; f != nil {
		if code := f(b, q); code != 0 {
			return code, nil
		}
	}
	switch {
	case q.net == 6 && q.cmd == 0x01: // Get Device ID
		return 0, []byte{0x20, 1, 2, 0x15, 2, 0x9F, 0, 0, 0, 0, 0}
	case q.net == 6 && q.cmd == 0x3B && len(q.data) == 1: // Set Session Privilege Level
		if q.data[0] > b.config.Level {
			return 0x81, nil
		}
		s.level = max(s.level, q.data[0])
		return 0, []byte{s.level}
	case q.net == 6 && q.cmd == 0x3C && len(q.data) >= 4: // Close Session
		id := binary.LittleEndian.Uint32(q.data)
		if b.sessions[id] == nil {
			return 0x87, nil
		}
		delete(b.sessions, id)
		return 0, nil
	case q.status():
		return 0, b.status()
	case q.net == 0 && q.cmd == 2 && len(q.data) == 1: // Chassis Control
		if s.level < 3 {
			return 0xD4, nil
		}
		return b.control(q.data[0] & 15), nil
	}
	return 0xC1, nil
}

// suiteRecords is a part, of 16 bytes, of the list of cipher suites.
func (b *BMC) suiteRecords(part byte) []byte {
	var list []byte
	for _, c := range cipherSuites {
		if slices.Contains(b.config.Ciphers, c.number) {
			list = append(list, 0xC0, byte(c.number), c.algorithms[0], 0x40|c.algorithms[1], 0x80|c.algorithms[2])
		}
	}
	start := min(int(part)*16, len(list))
	return list[start:min(start+16, len(list))]
}

func (b *BMC) status() []byte {
	on := b.Host.On()
	if f := b.config.Behaviour.Says; f != nil {
		on = f(b.Host)
	}
	power := b.config.Behaviour.Faults | 1<<6
	if on {
		power |= 1
	}
	return []byte{power, 0, 0, 0}
}

func (b *BMC) control(op byte) byte {
	n := b.Host.count(op)
	if f := b.config.Behaviour.Obeys; f != nil {
		return f(b.Host, op, n)
	}
	return b.Host.obey(op)
}
