package ipmi

import (
	"crypto/rand"
	"slices"
	"time"
)

// Behaviour is how a BMC and its machine differ from what they should do.
type Behaviour struct {
	Name string
	// Fails: off cannot succeed. Otherwise it must.
	Fails bool
	// Plus: only IPMI 2.0 has it.
	Plus bool

	Says   func(h *Host) bool                     // is the machine on? nil: the truth
	Obeys  func(h *Host, op byte, downs int) byte // nil: as Host.obey
	Faults byte                                   // bits of the power state

	Lose    func(b *BMC) bool // the packet that came is lost
	Code    func(b *BMC, q question) byte
	Message func(b *BMC, s *session, q question, answer []byte) [][]byte
	Wire    func(b *BMC, packet []byte) [][]byte
	Delay   time.Duration
	Forget  int // a session is forgotten after that many packets

	OddSequence, OtherSession, SilentCipher, WrongRAKP2, WrongRAKP4 bool
	OpenStatus, RAKP2Status, RAKP4Status                            byte
	Ciphers                                                         []int
}

// deaf takes commands and does nothing.
func deaf(*Host, byte, int) byte { return 0 }

// onStatus changes answers to Get Chassis Status.
func onStatus(change func(b *BMC, s *session, q question, answer []byte) [][]byte) func(*BMC, *session, question, []byte) [][]byte {
	return func(b *BMC, s *session, q question, answer []byte) [][]byte {
		if q.status() {
			return change(b, s, q, answer)
		}
		return [][]byte{answer}
	}
}

// forged is an answer that says off and differs from a true one by a change.
func forged(change func(answer []byte)) func(*BMC, *session, question, []byte) [][]byte {
	return onStatus(func(_ *BMC, _ *session, _ question, answer []byte) [][]byte {
		lie := slices.Clone(answer)
		lie[7] &^= 1
		lie = reseal(lie)
		change(lie)
		return [][]byte{lie, answer, lie}
	})
}

// Behaviours is a table. All that fail have a machine that stays on.
func Behaviours() []Behaviour {
	return slices.Concat(honest(), machines(), messages(), wires(), logins())
}

func honest() []Behaviour { return []Behaviour{{Name: "honest"}} }

// machines are those whose machine, or whose view of it, is odd.
func machines() []Behaviour {
	downIn := func(d time.Duration) func(h *Host, op byte, downs int) byte {
		return func(h *Host, op byte, downs int) byte {
			if op == opDown && downs == 1 {
				h.later(false, d)
			}
			return 0
		}
	}
	again := func(often int) func(h *Host, op byte, downs int) byte {
		return func(h *Host, op byte, downs int) byte {
			if op == opDown {
				h.later(false, 50*time.Millisecond)
				if downs <= often {
					h.later(true, 400*time.Millisecond)
				}
			}
			return 0
		}
	}
	return []Behaviour{
		{Name: "says off while on until the command", Says: func(h *Host) bool { return h.Commands() > 0 && h.On() }},
		{Name: "says off while on until the command, which it drops once", Says: func(h *Host) bool { return h.Commands() > 0 && h.On() }, Obeys: func(h *Host, op byte, downs int) byte {
			if downs < 2 {
				return 0
			}
			return h.obey(op)
		}},
		{Name: "takes the command without effect", Fails: true, Obeys: deaf},
		{Name: "slow", Obeys: downIn(2 * time.Second)},
		{Name: "says off at once, is off a second later", Says: func(h *Host) bool { return h.Commands() == 0 && h.On() }, Obeys: downIn(1200 * time.Millisecond)},
		{Name: "flips", Fails: true, Obeys: deaf, Says: func() func(*Host) bool {
			n := 0
			return func(*Host) bool { n++; return n/2%2 == 0 }
		}()},
		{Name: "shows off for half a second after the command", Fails: true, Obeys: deaf, Says: func(h *Host) bool {
			since := h.sinceOrder()
			return since < 0 || since > 500*time.Millisecond
		}},
		{Name: "shuts down softly", Obeys: downIn(2500 * time.Millisecond)},
		{Name: "shuts down softly and hangs", Fails: true, Obeys: deaf},
		{Name: "turns the machine on again, always", Fails: true, Obeys: again(1000)},
		{Name: "turns the machine on again, once", Obeys: again(1)},
		{Name: "has a power fault and no control", Fails: true, Obeys: deaf, Faults: 1<<3 | 1<<4},
		{Name: "has a power fault", Faults: 1 << 3},
		{Name: "refuses off in the present state", Fails: true, Obeys: func(*Host, byte, int) byte { return 0xD5 }},
		{Name: "refuses the command", Fails: true, Obeys: func(*Host, byte, int) byte { return 0xC1 }},
		{Name: "refuses by privilege", Fails: true, Obeys: func(*Host, byte, int) byte { return 0xD4 }},
	}
}

// messages are those whose answers are odd, in packets that are right.
func messages() []Behaviour {
	sized := func(n int) func(*BMC, *session, question, []byte) [][]byte {
		return onStatus(func(_ *BMC, _ *session, q question, _ []byte) [][]byte { return [][]byte{q.answer(0, make([]byte, n))} })
	}
	return []Behaviour{
		{Name: "busy once", Code: func() func(*BMC, question) byte {
			n := 0
			return func(*BMC, question) byte {
				if n++; n%2 == 0 {
					return 0xC0
				}
				return 0
			}
		}()},
		{Name: "busy for ever", Fails: true, Code: func(_ *BMC, q question) byte {
			if q.net == 0 {
				return 0xC0
			}
			return 0
		}},
		{Name: "refuses the status", Fails: true, Code: func(_ *BMC, q question) byte {
			if q.status() {
				return 0xCE
			}
			return 0
		}},
		{Name: "status without data", Fails: true, Obeys: deaf, Message: sized(0)},
		{Name: "status of one byte", Fails: true, Obeys: deaf, Message: sized(1)},
		{Name: "status of two bytes", Fails: true, Obeys: deaf, Message: sized(2)},
		{Name: "status of 40 bytes", Fails: true, Obeys: deaf, Message: sized(40)},
		{Name: "message cut short", Fails: true, Obeys: deaf, Message: onStatus(func(_ *BMC, _ *session, _ question, a []byte) [][]byte { return [][]byte{a[:5], a[:1], {}} })},
		{Name: "wrong checksum of the data", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[len(a)-1]++ })},
		{Name: "wrong checksum of the header", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[2]++ })},
		{Name: "old answers again", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[4] -= 4; reseal(a) })},
		{Name: "answers of later", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[4] += 4; reseal(a) })},
		{Name: "answers to another command", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[5] = 2; reseal(a) })},
		{Name: "answers of another function", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[1] = 7 << 2; reseal(a) })},
		{Name: "requests for answers", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[1] = 0; reseal(a) })},
		{Name: "answers to another address", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[0] = 0x83; reseal(a) })},
		{Name: "answers from another address", Fails: true, Obeys: deaf, Message: forged(func(a []byte) { a[3] = 0x24; reseal(a) })},
		{Name: "its first answer, off, before every other", Fails: true, Obeys: deaf, Message: onStatus(func(_ *BMC, s *session, _ question, a []byte) [][]byte {
			if s.previousStatus == nil {
				s.previousStatus = slices.Clone(a)
				s.previousStatus[7] &^= 1
				reseal(s.previousStatus)
			}
			if a[4] == s.previousStatus[4] {
				return [][]byte{a}
			}
			return [][]byte{s.previousStatus, a}
		})},
		{Name: "forgets sessions", Forget: 6},
		{Name: "forgets sessions at once", Fails: true, Forget: 1},
	}
}

// wires are those whose packets are odd.
func wires() []Behaviour {
	// The packets of a login are left as they are.
	inSession := func(change func(p []byte)) func(*BMC, []byte) [][]byte {
		return func(b *BMC, p []byte) [][]byte {
			if b.answered == 0 {
				return [][]byte{p}
			}
			p = slices.Clone(p)
			change(p)
			return [][]byte{p}
		}
	}
	garbage := func(n int) []byte {
		g := make([]byte, n)
		_, _ = rand.Read(g)
		return g
	}
	return []Behaviour{
		{Name: "wrong integrity code", Fails: true, Wire: inSession(func(p []byte) {
			if p[4] == 6 {
				p[len(p)-1] ^= 1
			} else {
				p[13] ^= 1
			}
		})},
		{Name: "answers of another session", Fails: true, Wire: inSession(func(p []byte) {
			if p[4] == 6 {
				p[6] ^= 1
			} else {
				p[9] ^= 1
			}
		})},
		{Name: "answers in the name of another session", Fails: true, OtherSession: true},
		{Name: "odd numbers of packets", OddSequence: true},
		{Name: "off without encryption first", Fails: true, Obeys: deaf, Wire: func(b *BMC, p []byte) [][]byte {
			lie := question{net: 0, from: 0x81, cmd: 1}
			var out [][]byte
			for seq := range byte(64) {
				lie.seq = seq << 2
				a := lie.answer(0, []byte{0x40, 0, 0})
				bare := setup(0, a)
				copy(bare[6:10], p[6:10])
				out = append(out, plain(a), setup(0, a), bare)
			}
			return append(out, p)
		}},
		{Name: "no answer", Fails: true, Lose: func(*BMC) bool { return true }},
		{Name: "hears every second packet", Lose: func(b *BMC) bool { return b.heard%2 == 0 }},
		{Name: "silent after the command", Fails: true, Wire: func(b *BMC, p []byte) [][]byte {
			if b.Host.Commands() > 0 {
				return nil
			}
			return [][]byte{p}
		}},
		{Name: "garbage before every answer", Wire: func(_ *BMC, p []byte) [][]byte {
			return [][]byte{garbage(3), {}, garbage(60), append(slices.Clone(p[:4]), garbage(50)...), append(slices.Clone(p[:16]), garbage(200)...), p[:len(p)/2], append(slices.Clone(p), 0), garbage(1900), p}
		}},
		{Name: "only garbage", Fails: true, Wire: func(_ *BMC, p []byte) [][]byte {
			return [][]byte{garbage(3), {}, append(slices.Clone(p[:4]), garbage(50)...), append(slices.Clone(p[:16]), garbage(200)...)}
		}},
		{Name: "a flood of garbage", Fails: true, Wire: func(_ *BMC, p []byte) [][]byte {
			return slices.Repeat([][]byte{garbage(40)}, 3000)
		}},
		{Name: "every packet three times", Wire: func(_ *BMC, p []byte) [][]byte { return [][]byte{p, p, p} }},
		{Name: "slow answers", Delay: 400 * time.Millisecond},
	}
}

// logins are those with an odd login.
func logins() []Behaviour {
	list := []Behaviour{
		{Name: "no cipher suite 17", Ciphers: []int{3}},
		{Name: "silent to cipher suite 17", Ciphers: []int{3}, SilentCipher: true},
		{Name: "no cipher suite", Fails: true, Ciphers: []int{}},
		{Name: "wrong RAKP 2", Fails: true, WrongRAKP2: true},
		{Name: "wrong RAKP 4", Fails: true, WrongRAKP4: true},
		{Name: "no session left", Fails: true, OpenStatus: 0x01},
		{Name: "RAKP 2: user", Fails: true, RAKP2Status: 0x0D},
		{Name: "RAKP 2: role", Fails: true, RAKP2Status: 0x0A},
		{Name: "RAKP 2: session", Fails: true, RAKP2Status: 0x02},
		{Name: "RAKP 2: unknown status", Fails: true, RAKP2Status: 0x7F},
		{Name: "RAKP 4: integrity", Fails: true, RAKP4Status: 0x0F},
		{Name: "RAKP 4: resources", Fails: true, RAKP4Status: 0x0B},
	}
	for i := range list {
		list[i].Plus = true
	}
	return list
}
