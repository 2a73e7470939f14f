package snmp

import (
	"net"
	"sync/atomic"
	"time"
)

// hooks are where a misbehaviour gets in. Each may be nil.
type hooks struct {
	power   func(n int) value // what the status of outlet 3 holds
	obey    func(on bool)     // what a command to outlet 3 does
	status  int               // error of every command
	wire    func(q, a message, from net.Addr) [][]byte
	outlets []string // names, from 1
}

// Misbehaviour is a way of a unit not to be a good one.
type Misbehaviour struct {
	Name  string
	Works bool   // off and reboot can be done with it, and must be
	Says  string // what the agent must say when it cannot
	Plug  string // "": outlet 3 by its number
	Waits bool   // a call that fails lasts until power_timeout
	set   func(u *Unit, h *hooks)
}

func power(v value) func(*Unit, *hooks) {
	return func(_ *Unit, h *hooks) { h.power = func(int) value { return v } }
}

// forged answers every question for the status with "off", changed.
func forged(change func(a *message)) func(*Unit, *hooks) {
	return func(u *Unit, h *hooks) {
		h.wire = func(q, a message, _ net.Addr) [][]byte {
			if q.kind == pduGet && a.value.tag == tagInteger {
				a.value = integer(u.off)
				change(&a)
			}
			return [][]byte{a.bytes()}
		}
	}
}

// Misbehaviours are all of them. The unit is one whose status and control are objects
// of their own.
func Misbehaviours() []Misbehaviour {
	return append(append(statuses(), commands()...), datagrams()...)
}

func statuses() []Misbehaviour {
	return []Misbehaviour{
		{Name: "honest", Works: true},
		{Name: "by name", Works: true, Plug: "node7"},
		{Name: "by unit and number", Works: true, Plug: "1:3"},
		{Name: "no such name", Plug: "node9", Says: `no outlet has the name "node9"`},
		{Name: "no such outlet", Plug: "9", Says: "there is no such object"},
		{Name: "outlet 0", Plug: "0", Says: "counted from 1"},
		{Name: "unit of a device without", Plug: "2:3", Says: "has no units"},
		{Name: "two outlets of a name", Plug: "node7", Says: `the outlets 2 and 3 have the name "node7"`, set: func(_ *Unit, h *hooks) { h.outlets[2] = "node7" }},
		{Name: "says off while on until the command", Works: true, set: func(u *Unit, h *hooks) {
			h.power = func(int) value {
				if u.Sets() > 0 && u.On() {
					return integer(u.Family.on)
				}
				return integer(u.off)
			}
		}},
		{Name: "flips", Says: "contradicts itself", set: func(u *Unit, h *hooks) {
			h.obey = func(bool) {}
			h.power = func(n int) value { return integer(1 + n%2) }
		}},
		{Name: "status not known", Says: "not seen off", Waits: true, set: power(integer(3))},
		{Name: "status 0", Says: "not seen off", Waits: true, set: power(integer(0))},
		{Name: "status -1", Says: "not seen off", Waits: true, set: power(integer(-1))},
		{Name: "status as text", Says: "not an INTEGER but of type OctetString", set: power(octets("2"))},
		{Name: "status as a counter", Says: "not an INTEGER but of type Counter32", set: power(value{tagCounter, []byte{2}})},
		{Name: "status null", Says: "not an INTEGER but of type Null", set: power(value{tag: tagNull})},
		{Name: "status gone", Says: "there is no such object", set: power(value{tag: tagNoInstance})},
		{Name: "status of many bytes", Says: "SNMP", set: power(value{tagInteger, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 2}})},
	}
}

func commands() []Misbehaviour {
	return []Misbehaviour{
		{Name: "without effect", Says: "not seen off", Waits: true, set: func(_ *Unit, h *hooks) { h.obey = func(bool) {} }},
		{Name: "slow to obey", Works: true, set: func(u *Unit, h *hooks) {
			h.obey = func(on bool) {
				if on {
					u.switchTo(3, true)
				} else {
					later(2500*time.Millisecond, func() { u.switchTo(3, false) })
				}
			}
		}},
		{Name: "turns on again once", Works: true, set: func(u *Unit, h *hooks) {
			var done atomic.Bool
			h.obey = func(on bool) {
				u.switchTo(3, on)
				if !on && !done.Swap(true) {
					later(400*time.Millisecond, func() { u.switchTo(3, true) })
				}
			}
		}},
		{Name: "another outlet goes off", Says: "not seen off", Waits: true, set: func(u *Unit, h *hooks) { h.obey = func(on bool) { u.switchTo(2, on) } }},
		{Name: "read only", Says: "correct privileges", set: func(_ *Unit, h *hooks) { h.status = 17 }},
		{Name: "no such name for commands", Says: "may not write it", set: func(_ *Unit, h *hooks) { h.status = noSuchName }},
		{Name: "general error", Says: "refused", Waits: true, set: func(_ *Unit, h *hooks) { h.status = genErr }},
	}
}

func datagrams() []Misbehaviour {
	return []Misbehaviour{
		{Name: "loses every fourth", Works: true, set: func(_ *Unit, h *hooks) {
			var n atomic.Int32
			h.wire = func(_, a message, _ net.Addr) [][]byte {
				if n.Add(1)%4 == 0 {
					return nil
				}
				return [][]byte{a.bytes()}
			}
		}},
		{Name: "sends all twice", Works: true, set: func(_ *Unit, h *hooks) {
			h.wire = func(_, a message, _ net.Addr) [][]byte { return [][]byte{a.bytes(), a.bytes()} }
		}},
		{Name: "off for another request", Says: "Connection timed out", set: forged(func(a *message) { a.id += 1000 })},
		{Name: "off for another request, then the truth", Works: true, set: func(u *Unit, h *hooks) {
			h.wire = func(q, a message, _ net.Addr) [][]byte {
				lie := a
				lie.id -= 3
				if q.kind == pduGet && a.value.tag == tagInteger {
					lie.value = integer(u.off)
				}
				return [][]byte{lie.bytes(), a.bytes()}
			}
		}},
		{Name: "off for no request", Says: "an answer to no request", set: forged(func(a *message) { a.id = 0 })},
		{Name: "off for another community", Says: "another community", set: forged(func(a *message) { a.community = "public" })},
		{Name: "off in another version", Says: "answered in version", set: forged(func(a *message) { a.version = 0 })},
		{Name: "off of another object", Says: "the answer is of", set: forged(func(a *message) { a.oid += ".1" })},
		{Name: "off twice", Says: "asked for one object, 2 came", set: forged(func(a *message) { a.twice = true })},
		{Name: "off as a request", Says: "is no answer", set: forged(func(a *message) { a.kind = pduGet })},
		{Name: "off from another port", Says: "Connection timed out", set: func(u *Unit, h *hooks) {
			h.wire = func(q, a message, from net.Addr) [][]byte {
				if q.kind != pduGet || a.value.tag != tagInteger {
					return [][]byte{a.bytes()}
				}
				if c, err := net.Dial("udp", from.String()); err == nil {
					a.value = integer(u.off)
					_, _ = c.Write(a.bytes())
					_ = c.Close()
				}
				return nil
			}
		}},
		{Name: "truncated", Says: "SNMP", set: func(_ *Unit, h *hooks) {
			h.wire = func(q, a message, _ net.Addr) [][]byte {
				b := a.bytes()
				if q.kind == pduGet && a.value.tag == tagInteger {
					b = b[:len(b)-1]
				}
				return [][]byte{b}
			}
		}},
		{Name: "garbage", Says: "SNMP", set: func(_ *Unit, h *hooks) {
			h.wire = func(message, message, net.Addr) [][]byte { return [][]byte{[]byte("\x30\x84\xff\xff\xff\xff\x02")} }
		}},
		{Name: "silent after the command", Says: "not seen off", Waits: true, set: func(u *Unit, h *hooks) {
			h.wire = func(q, a message, _ net.Addr) [][]byte {
				if u.Sets() > 0 && q.kind == pduGet {
					return nil
				}
				return [][]byte{a.bytes()}
			}
		}},
		{Name: "a table without end", Plug: "node7", Says: "is not after it", set: func(_ *Unit, h *hooks) {
			h.wire = func(q, a message, _ net.Addr) [][]byte {
				if q.kind == pduNext && a.value.tag != tagOctets {
					a.oid, a.value = q.oid, octets("again")
				}
				return [][]byte{a.bytes()}
			}
		}},
	}
}
