package fencing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// simClock is a clock that stands still but for Wait and for what devices take.
type simClock struct {
	now    time.Time
	limits []*simLimit
}

type simLimit struct {
	end    time.Time
	cancel context.CancelCauseFunc
}

func newClock() *simClock { return &simClock{now: time.Unix(1_800_000_000, 0).UTC()} }

func (c *simClock) Now() time.Time { return c.now }

func (c *simClock) pass(d time.Duration) {
	c.now = c.now.Add(d)
	for _, l := range c.limits {
		if !c.now.Before(l.end) {
			l.cancel(context.DeadlineExceeded)
		}
	}
}

func (c *simClock) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	end := c.now.Add(d)
	for c.now.Before(end) && ctx.Err() == nil {
		c.pass(min(50*time.Millisecond, end.Sub(c.now)))
	}
	return context.Cause(ctx)
}

func (c *simClock) Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	l := &simLimit{c.now.Add(d), cancel}
	c.limits = append(c.limits, l)
	return ctx, func() {
		cancel(context.Canceled)
		c.limits = slices.DeleteFunc(c.limits, func(other *simLimit) bool { return other == l })
	}
}

// machine is a host with its true state and a device that may lie about it.
type machine struct {
	clock *simClock
	on    bool
	due   time.Time // when a command takes effect
	next  bool      // ... and which
	wasOn time.Time // when it was last truly on

	orders []string
	asked  int
	opens  int
	since  time.Time // first command

	delay  time.Duration                   // of a command
	say    func(m *machine) (State, error) // what is said; nil: the truth
	obey   func(m *machine, on bool) error // nil: the command takes effect after delay
	dial   func(m *machine) error
	cycles func(m *machine) error
	took   time.Duration // of every call
}

func (m *machine) tick() {
	if !m.due.IsZero() && !m.clock.now.Before(m.due) {
		m.on, m.due = m.next, time.Time{}
	}
	if m.on {
		m.wasOn = m.clock.now
	}
}

func (m *machine) order(on bool, after time.Duration) {
	if m.due.IsZero() || m.next != on { // the same command again hastens nothing
		m.due, m.next = m.clock.now.Add(after), on
	}
	m.tick()
}

type simDevice struct{ m *machine }

func (m *machine) open(ctx context.Context, _ *Values, _ World) (Device, error) {
	m.opens++
	if err := m.spend(ctx); err != nil {
		return nil, err
	}
	if m.dial != nil {
		if err := m.dial(m); err != nil {
			return nil, err
		}
	}
	return simDevice{m}, nil
}

func (m *machine) spend(ctx context.Context) error {
	for spent := time.Duration(0); spent < m.took; spent += 10 * time.Millisecond {
		m.clock.pass(10 * time.Millisecond)
		m.tick()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	m.tick()
	return ctx.Err()
}

func (d simDevice) Status(ctx context.Context, _ string) (Status, error) {
	m := d.m
	m.asked++
	if err := m.spend(ctx); err != nil {
		return Status{}, err
	}
	if m.say != nil {
		s, err := m.say(m)
		return Status{State: s, Detail: "said"}, err
	}
	return Status{State: stateOf(m.on)}, nil
}

func (d simDevice) Turn(ctx context.Context, _ string, on bool) error {
	m := d.m
	m.orders = append(m.orders, stateOf(on).String())
	if err := m.spend(ctx); err != nil {
		return err
	}
	if m.since.IsZero() {
		m.since = m.clock.now
	}
	if m.obey != nil {
		return m.obey(m, on)
	}
	m.order(on, m.delay)
	return nil
}

func (d simDevice) Cycle(ctx context.Context, _ string) error {
	m := d.m
	m.orders = append(m.orders, "CYCLE")
	if err := m.spend(ctx); err != nil {
		return err
	}
	if m.cycles == nil {
		return Errorf(Refused, "the command cycle is not supported")
	}
	return m.cycles(m)
}

func (d simDevice) Close() {}

var errLost = Errorf(ConnectionLost, "the session is gone")

// simDescription is that of a device with one machine, as fence_ipmilan.
func simDescription() Description {
	return Description{
		Name: "fence_sim", Short: "A simulated device", Long: "For tests.", NoPass: true, NoLogin: true, Diag: true,
		Options: Standard("ip", "username", "password", "password_script", "method", "port_as_ip", "plug"),
	}
}

// act runs an action on the machine.
func (m *machine) act(ctx context.Context, given map[string]string) (Outcome, []string) {
	a := &Agent{Description: simDescription(), Open: m.open}
	in := Input{Given: map[string]string{"ip": "bmc", "power_wait": "2"}}
	for k, v := range given {
		in.Given[k] = v
	}
	v, err := a.Values(in)
	if err == nil {
		err = v.Need()
	}
	if err != nil {
		return Outcome{Code: 1, Err: err}, nil
	}
	var log []string
	o := Run(ctx, a, &v, World{Clock: m.clock, Log: func(l Level, text string) { log = append(log, fmt.Sprintf("%d %s", l, text)) }})
	m.tick()
	return o, log
}

var errSignal = errors.New("signal terminated")
