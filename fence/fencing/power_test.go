package fencing

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func given(words ...string) map[string]string {
	m := map[string]string{}
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		m[k] = v
	}
	return m
}

// says is a lie for a time after the first command, and the truth else.
func says(from, to time.Duration, s State, err error) func(*machine) (State, error) {
	return func(m *machine) (State, error) {
		if since := m.clock.now.Sub(m.since); !m.since.IsZero() && since >= from && since < to {
			return s, err
		}
		return stateOf(m.on), nil
	}
}

const ever = 24 * time.Hour

func TestRun_Table(t *testing.T) {
	for name, c := range map[string]struct {
		m      machine
		given  []string
		code   int
		text   string // of standard output, or of the failure
		orders string
		log    string
		atMost time.Duration
		on     bool // the machine at the end
	}{
		"off":                    {m: machine{on: true}, given: given0("off"), text: "Success: Powered OFF", orders: "OFF", atMost: 2500 * time.Millisecond},
		"off, was off":           {m: machine{}, given: given0("off"), text: "Success: Already OFF", orders: "OFF", atMost: 2500 * time.Millisecond},
		"off, slow":              {m: machine{on: true, delay: 3 * time.Second}, given: given0("off"), text: "Success: Powered OFF", orders: "OFF", atMost: 5 * time.Second},
		"off, gracefully":        {m: machine{on: true, delay: 9 * time.Second}, given: given0("off"), text: "Success: Powered OFF", orders: "OFF OFF", log: "shut down gracefully", atMost: 12 * time.Second},
		"off, never":             {m: machine{on: true, delay: ever}, given: given0("off"), code: 1, text: "Timed out waiting to power OFF: not seen off within 22s (power_wait, power_timeout): the device says ON", on: true, atMost: 24 * time.Second},
		"on":                     {m: machine{}, given: given0("on"), text: "Success: Powered ON", orders: "ON", on: true, atMost: 2500 * time.Millisecond},
		"on, was on":             {m: machine{on: true}, given: given0("on"), text: "Success: Already ON", on: true},
		"on, never":              {m: machine{delay: ever}, given: given0("on"), code: 1, text: "Timed out waiting to power ON", orders: "ON ON", atMost: 46 * time.Second},
		"reboot":                 {m: machine{on: true}, given: given0("reboot"), text: "Success: Rebooted", orders: "OFF ON", on: true, atMost: 4500 * time.Millisecond},
		"reboot, was off":        {m: machine{}, given: given0("reboot"), text: "Success: Rebooted", orders: "OFF ON", on: true, atMost: 4500 * time.Millisecond},
		"reboot, stays off":      {m: machine{on: true, obey: obeyOnly(false)}, given: given0("reboot"), text: "Success: Rebooted", orders: "OFF ON", log: "it is fenced, but it does not come up", atMost: 27 * time.Second},
		"status on":              {m: machine{on: true}, given: given0("status"), text: "Status: ON", on: true},
		"status off":             {m: machine{}, given: given0("status"), code: 2, text: "Status: OFF"},
		"status unknown":         {m: machine{say: func(*machine) (State, error) { return Unknown, nil }}, given: given0("status"), code: 1, text: "neither on nor off"},
		"monitor off":            {m: machine{}, given: given0("monitor"), text: ""},
		"monitor, wrong login":   {m: machine{dial: fails(Errorf(LoginDenied, "wrong password"))}, given: given0("monitor"), code: 1, text: "Unable to connect/login to fencing device: wrong password"},
		"delay":                  {m: machine{on: true}, given: append(given0("off"), "delay=7"), text: "Powered OFF", orders: "OFF", atMost: 9500 * time.Millisecond},
		"no delay for on":        {m: machine{}, given: append(given0("on"), "delay=7"), text: "Powered ON", orders: "ON", on: true, atMost: 2500 * time.Millisecond},
		"device away":            {m: machine{on: true, took: time.Minute}, given: given0("off"), code: 1, text: "login took longer than 5s (login_timeout)", on: true, atMost: 6 * time.Second},
		"device away, Pacemaker": {m: machine{on: true, took: time.Minute}, given: append(given0("off"), "disable_timeout=1"), code: 1, text: "login took longer than 30s", on: true, atMost: 31 * time.Second},
		"never, Pacemaker":       {m: machine{on: true, delay: ever}, given: append(given0("off"), "disable_timeout=true"), code: 1, text: "not done within 10m0s; the device says ON", on: true, atMost: 601 * time.Second},
		"cycle":                  {m: machine{on: true, cycles: cycleFor(2 * time.Second)}, given: append(given0("reboot"), "method=cycle"), text: "Success: Rebooted", orders: "CYCLE", on: true, atMost: 4 * time.Second},
		"cycle, was off":         {m: machine{cycles: cycleFor(2 * time.Second)}, given: append(given0("reboot"), "method=cycle"), text: "Success: Rebooted", orders: "OFF ON", on: true},
		"cycle refused":          {m: machine{on: true}, given: append(given0("reboot"), "method=cycle"), text: "Success: Rebooted", orders: "CYCLE OFF ON", on: true, log: "did not take the command to cycle"},
		"cycle without effect":   {m: machine{on: true, cycles: func(*machine) error { return nil }}, given: append(given0("reboot"), "method=cycle"), text: "Success: Rebooted", orders: "CYCLE OFF ON", on: true, log: "not seen off"},
		"refuses off when off":   {m: machine{obey: fails2(Errorf(Refused, "409 Conflict"))}, given: given0("off"), text: "Success: Already OFF", log: "refuses to turn it off", orders: "OFF"},
		"refuses off when on":    {m: machine{on: true, obey: fails2(Errorf(Refused, "node busy"))}, given: given0("off"), code: 1, text: "node busy", on: true},
		"no privilege":           {m: machine{on: true, obey: fails2(Errorf(Privileges, "user may only look"))}, given: given0("off"), code: 1, text: "correct privileges", orders: "OFF", on: true, atMost: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			m := c.m
			m.clock = newClock()
			began := m.clock.now
			o, log := m.act(t.Context(), given(c.given...))
			text := o.Stdout
			if o.Err != nil {
				text = o.Err.Error()
			}
			require.Equal(t, c.code, o.Code, text)
			require.Contains(t, text, c.text)
			require.Equal(t, c.on, m.on)
			if c.orders != "" {
				require.Equal(t, c.orders, strings.Join(m.orders, " "))
			}
			require.Contains(t, strings.Join(log, "\n"), c.log)
			if c.atMost > 0 {
				require.LessOrEqual(t, m.clock.now.Sub(began), c.atMost)
			}
			line, err := o.Evidence.Line()
			require.NoError(t, err)
			require.Equal(t, 1, strings.Count(string(line), "\n"))
		})
	}
}

func given0(action string) []string { return []string{"action=" + action} }

func fails(err error) func(*machine) error { return func(*machine) error { return err } }

func fails2(err error) func(*machine, bool) error { return func(*machine, bool) error { return err } }

func obeyOnly(on bool) func(*machine, bool) error {
	return func(m *machine, want bool) error {
		if want == on {
			m.order(want, 0)
		}
		return nil
	}
}

func cycleFor(d time.Duration) func(*machine) error {
	return func(m *machine) error {
		m.on = false
		m.order(true, d)
		return nil
	}
}

// TestRun_Liars: whatever a device says, "off" is reported of a machine that is off.
// What no observer could tell is none of these: a device that lies the same lie for
// ever and has taken a command that it never obeys.
func TestRun_Liars(t *testing.T) {
	for name, m := range map[string]machine{
		"says off at once, and is slow":             {on: true, delay: 6 * time.Second, say: says(0, 700*time.Millisecond, Off, nil)},
		"says off for a moment again and again":     {on: true, delay: ever, say: func(m *machine) (State, error) { return stateOf(m.asked%4 != 0), nil }},
		"flips with every look":                     {on: true, delay: ever, say: func(m *machine) (State, error) { return stateOf(m.asked%2 == 0), nil }},
		"flips in pairs":                            {on: true, delay: ever, say: func(m *machine) (State, error) { return stateOf(m.asked/2%2 == 0), nil }},
		"says off before any command":               {on: true, say: func(m *machine) (State, error) { return Off, nil }},
		"says nothing of use":                       {on: true, say: func(m *machine) (State, error) { return Unknown, nil }},
		"says nothing of use after the command":     {on: true, delay: ever, say: says(0, ever, Unknown, nil)},
		"takes the command without effect":          {on: true, obey: fails2(nil)},
		"takes it without effect the first time":    {on: true, obey: obeyFrom(2)},
		"takes it without effect four times":        {on: true, obey: obeyFrom(5)},
		"refuses":                                   {on: true, obey: fails2(Errorf(Refused, "node busy"))},
		"refuses and says off":                      {on: true, obey: fails2(Errorf(Refused, "node busy")), say: says(0, ever, Off, nil)},
		"breaks off at the command":                 {on: true, obey: fails2(errLost)},
		"breaks off at the command, and says off":   {on: true, obey: fails2(errLost), say: says(0, ever, Off, nil)},
		"does it and breaks off":                    {on: true, obey: func(m *machine, on bool) error { m.order(on, 0); return errLost }},
		"breaks off at every second look":           {on: true, say: func(m *machine) (State, error) { return lostEvery(m, 2) }},
		"breaks off at every look":                  {on: true, say: func(m *machine) (State, error) { return lostEvery(m, 1) }},
		"breaks off after the command for good":     {on: true, say: says(0, ever, Unknown, errLost)},
		"answers late":                              {on: true, took: 2 * time.Second},
		"answers too late":                          {on: true, took: 4 * time.Second},
		"turns it on again after a second":          {on: true, obey: comesBack(time.Second, 1)},
		"turns it on again, each time":              {on: true, obey: comesBack(700*time.Millisecond, 100)},
		"turns it on again at once, each time":      {on: true, obey: comesBack(50*time.Millisecond, 100)},
		"logs in once only":                         {on: true, dial: func(m *machine) error { return onceOnly(m) }, say: says(0, ever, Unknown, errLost)},
		"does not answer while it works":            {on: true, delay: time.Second, say: says(0, 5*time.Second, Unknown, Errorf(TimedOut, "no answer"))},
		"answers from a memory of the time before":  {on: true, say: says(0, 3*time.Second, On, nil)},
		"answers from a memory of off":              {on: true, delay: 9 * time.Second, say: says(0, 500*time.Millisecond, Off, nil)},
		"off on off while it works":                 {on: true, delay: 3 * time.Second, say: func(m *machine) (State, error) { return flapUntil(m, 3*time.Second) }},
		"takes off for on":                          {on: true, obey: func(m *machine, on bool) error { m.order(true, 0); return nil }},
		"says off in the first look after, no more": {on: true, delay: ever, say: says(0, 300*time.Millisecond, Off, nil)},
	} {
		for _, how := range []string{"off", "off power_wait=0", "off power_wait=1 disable_timeout=1", "reboot", "reboot power_wait=0", "reboot method=cycle"} {
			t.Run(name+", "+how, func(t *testing.T) {
				m := m
				m.clock = newClock()
				action, _, _ := strings.Cut(how, " ")
				g := given(strings.Fields("action=" + how)...)
				began := m.clock.now
				o, _ := m.act(t.Context(), g)
				require.LessOrEqual(t, m.clock.now.Sub(began), 10*time.Minute+time.Second, "it ends")
				if o.Code != 0 {
					require.Error(t, o.Err)
					return
				}
				if action == "off" {
					require.False(t, m.on, "reported off, and is on")
				}
				require.True(t, wasOff(&o), "no look that showed it off is in the evidence")
			})
		}
	}
}

func wasOff(o *Outcome) bool {
	for _, e := range o.Evidence.Events {
		if e.Kind == "status" && e.State == "OFF" {
			return true
		}
	}
	return false
}

func obeyFrom(n int) func(*machine, bool) error {
	return func(m *machine, on bool) error {
		if len(m.orders) >= n {
			m.order(on, 0)
		}
		return nil
	}
}

func lostEvery(m *machine, n int) (State, error) {
	if m.asked%n == 0 {
		return Unknown, errLost
	}
	return stateOf(m.on), nil
}

func comesBack(after time.Duration, times int) func(*machine, bool) error {
	return func(m *machine, on bool) error {
		m.on = on
		if !on && len(m.orders) <= times {
			m.order(true, after)
		}
		return nil
	}
}

func onceOnly(m *machine) error {
	if m.opens > 1 {
		return Errorf(LoginDenied, "no more sessions")
	}
	return nil
}

func flapUntil(m *machine, end time.Duration) (State, error) {
	if m.since.IsZero() || m.clock.now.Sub(m.since) > end {
		return stateOf(m.on), nil
	}
	return stateOf(m.asked%2 == 0), nil
}

// TestRun_Interrupted: a signal ends every action at once, and it is no success.
func TestRun_Interrupted(t *testing.T) {
	for _, action := range []string{"off", "reboot", "on"} {
		m := machine{clock: newClock(), on: action != "on", delay: ever}
		ctx, cancel := context.WithCancelCause(t.Context())
		m.clock.limits = append(m.clock.limits, &simLimit{m.clock.now.Add(3 * time.Second), func(error) { cancel(errSignal) }})
		o, _ := m.act(ctx, given("action="+action))
		require.Equal(t, 1, o.Code)
		require.ErrorContains(t, o.Err, "broken off: signal terminated; the device says")
	}
}

func TestWatch_Turns(t *testing.T) {
	now := newClock().now
	w := watch{want: Off, proof: proofOf(Off)}
	step := func(s State) bool {
		w.add(now, Status{State: s}, nil)
		seen := w.seen(now)
		now = now.Add(600 * time.Millisecond)
		return seen
	}
	require.False(t, step(Off))
	require.False(t, step(Off))
	require.False(t, step(On), "left again")
	require.Equal(t, 1, w.turns)
	for range 5 {
		require.False(t, step(Off), "now it takes more")
	}
	require.True(t, step(Off))
	w.add(now, Status{}, errLost)
	require.False(t, w.seen(now))
	require.Equal(t, 1, w.turns, "no answer is no contradiction")
}
