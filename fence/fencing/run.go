package fencing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Outcome is the end of an action.
type Outcome struct {
	Code     int    // exit code
	Stdout   string // what the caller reads
	Err      error  // why it failed; nil with code 0 and 2
	Evidence Evidence
}

// whole is the longest that an action lasts when its timeouts are left to Pacemaker,
// and call is how long one call of the device then lasts.
const (
	whole = 10 * time.Minute
	call  = 30 * time.Second
)

// run is one action.
type run struct {
	ctx   context.Context
	a     *Agent
	v     *Values
	w     World
	began time.Time
	ev    Evidence
	dev   Device
	knows bool // it was logged in once: a refused login is then no final word

	login, shell, power, wait, pause time.Duration
}

// Run does the action of the values, which must have been checked by Need.
func Run(ctx context.Context, a *Agent, v *Values, w World) (o Outcome) {
	r := &run{ctx: ctx, a: a, v: v, w: w, began: w.Now()}
	r.times()
	r.ev = Evidence{Time: r.began, Agent: a.Name, Action: v.Action(), Device: v.text["ip"], Events: []Event{}}
	if p := v.Plugs(); p[0] != "" {
		r.ev.Plugs = p
	}
	if v.has("method") {
		r.ev.Method = v.text["method"]
	}
	if r.power == 0 {
		var cancel context.CancelFunc
		r.ctx, cancel = w.Limit(ctx, whole)
		defer cancel()
	}
	defer r.close()
	o = r.do()
	o.Evidence = r.ev
	o.Evidence.Code, o.Evidence.Result = o.Code, strings.TrimSpace(o.Stdout)
	if o.Err != nil {
		o.Evidence.Result = o.Err.Error()
	}
	o.Evidence.Seconds = r.at()
	return o
}

// times reads the timeouts. Beside Pacemaker they are off, so that it alone decides
// how long fencing may take; a single call is limited all the same.
func (r *run) times() {
	r.login, r.shell, r.power = r.v.Time("login_timeout"), r.v.Time("shell_timeout"), r.v.Time("power_timeout")
	r.wait, r.pause = r.v.Time("power_wait"), r.v.Time("stonith_status_sleep")
	if r.v.truth("disable_timeout") {
		r.power, r.login, r.shell = 0, 0, 0
	}
	for _, t := range []*time.Duration{&r.login, &r.shell} {
		if *t == 0 {
			*t = call
		}
	}
}

func (r *run) at() float64 { return r.w.Now().Sub(r.began).Round(time.Millisecond).Seconds() }

func (r *run) note(level Level, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.ev.add(Event{At: r.at(), Kind: "note", Detail: text})
	r.w.Log(level, text)
}

// Call is an action that an agent does its own way.
type Call struct {
	*Values
	World
	run *run
}

// Device is the connection, made when it is needed.
func (c *Call) Device() (Device, error) { return c.run.device() }

// Lost gives the connection up, so that Device makes a new one.
func (c *Call) Lost() { c.run.close() }

// Note writes to the log and into the evidence.
func (c *Call) Note(level Level, format string, args ...any) { c.run.note(level, format, args...) }

// Off is the procedure of off, with all its proof.
func (c *Call) Off() error {
	_, err := c.run.takeDown()
	return err
}

// do chooses the action.
func (r *run) do() Outcome {
	action := r.v.Action()
	if r.a.Skip != nil {
		if reason := r.a.Skip(r.v); reason != "" {
			r.note(Warn, "%s: nothing was done", reason)
			return Outcome{}
		}
	}
	if action == "off" || action == "reboot" {
		// For the race of two nodes that fence each other.
		if d := r.v.Time("delay"); d > 0 {
			r.note(Info, "waiting %s before fencing (delay)", d)
			if err := r.w.Wait(r.ctx, d); err != nil {
				return r.failed(r.interrupted(err, "nothing was done yet"))
			}
		}
	}
	if act := r.a.Acts[action]; act != nil {
		text, err := act(r.ctx, &Call{Values: r.v, World: r.w, run: r})
		if err != nil {
			return r.failed(err)
		}
		return r.done(text)
	}
	switch action {
	case "status":
		return r.status()
	case "monitor":
		return r.monitor()
	case "list", "list-status":
		return r.list(action == "list-status")
	case "on":
		return r.on()
	case "off":
		return r.off()
	case "reboot":
		if r.v.has("method") && r.v.text["method"] == "cycle" {
			return r.cycle()
		}
		return r.reboot()
	case "diag":
		return r.diag()
	}
	return r.failed(usageError("action %q is not known", clip(action)))
}

func (r *run) failed(err error) Outcome { return Outcome{Code: 1, Err: err} }

func (r *run) done(text string) Outcome { return Outcome{Stdout: text + "\n"} }

// interrupted is the end from outside, with what is known by then.
func (r *run) interrupted(err error, state string) error {
	cause := context.Cause(r.ctx)
	if cause == nil {
		cause = err
	}
	kind := TimedOut
	if errors.Is(cause, context.DeadlineExceeded) {
		return Errorf(kind, "%s was not done within %s; %s", r.v.Action(), whole, state)
	}
	return Errorf(kind, "%s was broken off: %w; %s", r.v.Action(), cause, state)
}

// device is the connection; it is made when it is needed.
func (r *run) device() (Device, error) {
	if r.dev != nil {
		return r.dev, nil
	}
	ctx, cancel := r.w.Limit(r.ctx, r.login)
	defer cancel()
	dev, err := r.a.Open(ctx, r.v, r.w)
	if err != nil {
		err = r.timeout(ctx, err, "login", r.login, "login_timeout")
		r.ev.add(Event{At: r.at(), Kind: "open", Error: err.Error()})
		if r.knows && final(err) {
			// The device knew us a moment ago.
			err = Errorf(ConnectionLost, "a login that worked before is refused: %w", err)
		}
		return nil, err
	}
	r.ev.add(Event{At: r.at(), Kind: "open"})
	r.dev, r.knows = dev, true
	return dev, nil
}

func (r *run) close() {
	if r.dev != nil {
		r.dev.Close()
		r.dev = nil
	}
}

// timeout says which option rules a call that has come to its limit.
func (r *run) timeout(ctx context.Context, err error, what string, limit time.Duration, option string) error {
	if r.ctx.Err() == nil && ctx.Err() != nil {
		return Errorf(TimedOut, "%s took longer than %s (%s): %w", what, limit, option, err)
	}
	return err
}

// with does one call of the device. After an error the connection is made anew, and
// when the device had just broken off, the call is repeated once.
func (r *run) with(kind, plug string, repeat bool, f func(context.Context, Device) (Status, error)) (Status, error) {
	for try := 0; ; try++ {
		s, err := r.once(kind, plug, f)
		if err == nil || final(err) || !repeat || try > 0 || KindOf(err) != ConnectionLost || r.ctx.Err() != nil {
			return s, err
		}
	}
}

func (r *run) once(kind, plug string, f func(context.Context, Device) (Status, error)) (Status, error) {
	dev, err := r.device()
	if err != nil {
		return Status{}, err
	}
	ctx, cancel := r.w.Limit(r.ctx, r.shell)
	defer cancel()
	s, err := f(ctx, dev)
	ev := Event{At: r.at(), Kind: kind, Plug: plug, Detail: s.Detail}
	if kind == "status" {
		ev.State = s.State.String()
	}
	if err != nil {
		err = r.timeout(ctx, err, kind, r.shell, "shell_timeout")
		ev.State, ev.Error = "", err.Error()
		if KindOf(err) != Refused {
			r.close()
		}
	}
	r.ev.add(ev)
	return s, err
}

func (r *run) ask(plug string) (Status, error) {
	return r.with("status", plug, true, func(ctx context.Context, d Device) (Status, error) { return d.Status(ctx, plug) })
}

func (r *run) turn(plug string, on bool) error {
	_, err := r.with("turn", plug, true, func(ctx context.Context, d Device) (Status, error) {
		return Status{Detail: strings.ToLower(stateOf(on).String())}, d.Turn(ctx, plug, on)
	})
	return err
}

// states asks for all plugs.
func (r *run) states() ([]Status, error) {
	list := make([]Status, len(r.v.Plugs()))
	for i, p := range r.v.Plugs() {
		s, err := r.ask(p)
		if err != nil {
			return nil, err
		}
		list[i] = s
	}
	return list, nil
}

// together is the state of several plugs of one machine: it is off when all are.
func together(list []Status) Status {
	for _, s := range list {
		if s.State == On {
			return s
		}
	}
	for _, s := range list {
		if s.State == Unknown {
			return s
		}
	}
	return list[0]
}

func (r *run) status() Outcome {
	list, err := r.states()
	if err != nil {
		return r.failed(err)
	}
	s := together(list)
	if s.State == Unknown {
		return r.failed(Errorf(NoStatus, "the device says neither on nor off, but %q: ask again, or look at the device", clip(s.Detail)))
	}
	o := r.done("Status: " + s.State.String())
	if s.State == Off {
		o.Code = 2
	}
	return o
}

// monitor checks the device; a machine that is off is no fault of it.
func (r *run) monitor() Outcome {
	dev, err := r.device()
	if err != nil {
		return r.failed(err)
	}
	_, isProber := dev.(Prober)
	_, isLister := dev.(Lister)
	switch {
	case isProber:
		_, err = r.with("probe", "", true, func(ctx context.Context, d Device) (Status, error) { return Status{}, d.(Prober).Probe(ctx) })
	case isLister && r.a.hasPlug():
		_, err = r.plugs()
	default:
		var list []Status
		if list, err = r.states(); err == nil {
			if s := together(list); s.State == Unknown {
				err = Errorf(NoStatus, "the device says neither on nor off, but %q", clip(s.Detail))
			}
		}
	}
	if err != nil {
		return r.failed(err)
	}
	return Outcome{}
}

func (r *run) plugs() (list []Plug, err error) {
	_, err = r.with("list", "", true, func(ctx context.Context, d Device) (Status, error) {
		l, ok := d.(Lister)
		if !ok {
			return Status{}, usageError("this device has no list of plugs")
		}
		list, err = l.List(ctx)
		return Status{}, err
	})
	return list, err
}

func (r *run) list(state bool) Outcome {
	list, err := r.plugs()
	if err != nil {
		return r.failed(err)
	}
	slices.SortStableFunc(list, func(a, b Plug) int { return strings.Compare(a.ID, b.ID) })
	sep := r.v.text["separator"]
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.ID + sep + p.Name)
		if state {
			b.WriteString(sep + p.State.String())
		}
		b.WriteByte('\n')
	}
	return Outcome{Stdout: b.String()}
}

func (r *run) diag() Outcome {
	for _, p := range r.v.Plugs() {
		_, err := r.with("diag", p, false, func(ctx context.Context, d Device) (Status, error) {
			g, ok := d.(Diagnoser)
			if !ok {
				return Status{}, usageError("this device cannot send a diagnostic interrupt")
			}
			return Status{}, g.Diag(ctx, p)
		})
		if err != nil {
			return r.failed(err)
		}
	}
	return r.done("Success: Diagnostic interrupt sent")
}
