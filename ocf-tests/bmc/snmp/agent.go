package snmp

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Community is that of every unit.
const Community = "priv-8zuX"

// Family is a kind of unit, as its maker's MIB describes it.
type Family struct {
	Name                   string
	id                     string
	status, control, names string // columns; with %d for the number of the outlet
	on, off                int
	turnOn, turnOff        int
	Plug                   string // of outlet 3, as list shows it
}

// Families are those that the agent knows.
var Families = []Family{
	{"rPDU", ".1.3.6.1.4.1.318.1.3.4.5", ".1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.%d", ".1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.%d", ".1.3.6.1.4.1.318.1.1.12.3.5.1.1.2.%d", 1, 2, 1, 2, "3"},
	{"MasterSwitch Plus", ".1.3.6.1.4.1.318.1.3.4.4", ".1.3.6.1.4.1.318.1.1.6.7.1.1.5.1.1.%d", ".1.3.6.1.4.1.318.1.1.6.5.1.1.5.1.1.%d", ".1.3.6.1.4.1.318.1.1.6.7.1.1.4.1.1.%d", 1, 2, 1, 3, "1:3"},
	{"MasterSwitch", ".1.3.6.1.4.1.318.1.3.4.99", ".1.3.6.1.4.1.318.1.1.4.4.2.1.3.%d", ".1.3.6.1.4.1.318.1.1.4.4.2.1.3.%d", ".1.3.6.1.4.1.318.1.1.4.4.2.1.4.%d", 1, 2, 1, 2, "3"},
	{"MasterSwitch 6", ".1.3.6.1.4.1.318.1.3.4.6", ".1.3.6.1.4.1.318.1.1.4.4.2.1.3.%d", ".1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.%d", ".1.3.6.1.4.1.318.1.1.4.4.2.1.4.%d", 1, 2, 1, 2, "3"},
	{"Tripp Lite", ".1.3.6.1.4.1.850.1", ".1.3.6.1.4.1.850.10.2.3.5.1.2.1.%d", ".1.3.6.1.4.1.850.10.2.3.5.1.4.1.%d", ".1.3.6.1.4.1.850.10.2.3.5.1.5.1.%d", 2, 1, 2, 1, "3"},
	{"Tripp Lite LX", ".1.3.6.1.4.1.850.1.1.1", ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.4.1.%d", ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.6.1.%d", ".1.3.6.1.4.1.850.1.1.3.2.3.3.1.1.2.1.%d", 2, 1, 2, 1, "3"},
}

// Unit is a power distribution unit that runs.
type Unit struct {
	Family
	Port int

	mu    sync.Mutex
	on    [5]bool // outlets 1 to 4
	offs  int     // times that outlet 3 lost power
	sets  int
	gets  int // of the status of outlet 3
	hooks hooks
	conn  net.PacketConn
}

// Start runs a unit with all outlets on, until Close.
func Start(f Family, m Misbehaviour) (*Unit, error) {
	u := &Unit{Family: f, on: [5]bool{1: true, 2: true, 3: true, 4: true}}
	u.hooks.outlets = []string{1: "core-switch", 2: "node6", 3: "node7", 4: "node8"}
	if m.set != nil {
		m.set(u, &u.hooks)
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("simulated unit: %w", err)
	}
	u.conn, u.Port = conn, conn.LocalAddr().(*net.UDPAddr).Port
	go u.serve()
	return u, nil
}

// Close ends it.
func (u *Unit) Close() { _ = u.conn.Close() }

// On is the truth of outlet 3.
func (u *Unit) On() bool { u.mu.Lock(); defer u.mu.Unlock(); return u.on[3] }

// Others says whether all other outlets have power.
func (u *Unit) Others() bool { u.mu.Lock(); defer u.mu.Unlock(); return u.on[1] && u.on[2] && u.on[4] }

// Offs counts how often outlet 3 lost its power.
func (u *Unit) Offs() int { u.mu.Lock(); defer u.mu.Unlock(); return u.offs }

// Sets counts commands.
func (u *Unit) Sets() int { u.mu.Lock(); defer u.mu.Unlock(); return u.sets }

func (u *Unit) switchTo(n int, on bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if n == 3 && u.on[3] && !on {
		u.offs++
	}
	u.on[n] = on
}

func (u *Unit) serve() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := u.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		q, err := parse(buf[:n])
		if err != nil || q.community != Community {
			continue // as real ones do
		}
		a := u.answer(q)
		out := [][]byte{a.bytes()}
		if u.hooks.wire != nil {
			out = u.hooks.wire(q, a, from)
		}
		for _, b := range out {
			_, _ = u.conn.WriteTo(b, from)
		}
	}
}

const (
	noSuchName = 2
	genErr     = 5
)

// answer is the honest one, with what the hooks make of it.
func (u *Unit) answer(q message) message {
	a := q
	a.kind = pduResponse
	var v value
	ok := false
	switch q.kind {
	case pduGet:
		v, ok = u.object(q.oid)
	case pduNext:
		a.oid, v, ok = u.after(q.oid)
	case pduSet:
		return u.command(q, a)
	}
	switch {
	case ok:
		a.value = v
	case q.version == 0:
		a.oid, a.status, a.value = q.oid, noSuchName, value{tag: tagNull}
	case q.kind == pduNext:
		a.oid, a.value = q.oid, value{tag: tagEnd}
	default:
		a.value = value{tag: tagNoInstance}
	}
	return a
}

func (u *Unit) command(q, a message) message {
	for n := 1; n < len(u.hooks.outlets); n++ {
		if q.oid != fmt.Sprintf(u.control, n) {
			continue
		}
		u.mu.Lock()
		u.sets++
		u.mu.Unlock()
		if u.hooks.status != 0 {
			a.status = u.hooks.status
			return a
		}
		on, off := q.value.int() == u.turnOn, q.value.int() == u.turnOff
		if on || off {
			u.obey(n, on)
		}
		return a
	}
	a.status = noSuchName
	return a
}

func (u *Unit) obey(n int, on bool) {
	if u.hooks.obey != nil && n == 3 {
		u.hooks.obey(on)
		return
	}
	u.switchTo(n, on)
}

// object is what an OID holds.
func (u *Unit) object(name string) (value, bool) {
	if name == ".1.3.6.1.2.1.1.2.0" {
		return oid(u.id), true
	}
	for n := 1; n < len(u.hooks.outlets); n++ {
		switch name {
		case fmt.Sprintf(u.status, n):
			return u.power(n), true
		case fmt.Sprintf(u.names, n):
			return octets(u.hooks.outlets[n]), true
		}
	}
	return value{}, false
}

func (u *Unit) power(n int) value {
	u.mu.Lock()
	on := u.on[n]
	if n == 3 {
		u.gets++
	}
	gets := u.gets
	u.mu.Unlock()
	if n == 3 && u.hooks.power != nil {
		return u.hooks.power(gets)
	}
	if on {
		return integer(u.Family.on)
	}
	return integer(u.off)
}

// after is the first object behind an OID.
func (u *Unit) after(name string) (string, value, bool) {
	all := []string{".1.3.6.1.2.1.1.2.0"}
	for n := 1; n < len(u.hooks.outlets); n++ {
		all = append(all, fmt.Sprintf(u.status, n), fmt.Sprintf(u.names, n))
	}
	slices.SortFunc(all, compare)
	for _, o := range all {
		if compare(o, name) > 0 {
			v, ok := u.object(o)
			return o, v, ok
		}
	}
	return name, value{}, false
}

func compare(a, b string) int {
	numbers := func(s string) (list []int) {
		for p := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
			n, _ := strconv.Atoi(p)
			list = append(list, n)
		}
		return list
	}
	return slices.Compare(numbers(a), numbers(b))
}

// later does it after a while.
func later(d time.Duration, f func()) { time.AfterFunc(d, f) }
