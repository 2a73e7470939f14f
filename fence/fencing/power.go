package fencing

import (
	"context"
	"strings"
	"time"
)

const (
	// quarter is the pause between looks while a wait lasts anyway, or to make sure.
	quarter = 250 * time.Millisecond
	// again is how long a plug may stay in the other state until the command is
	// repeated: devices drop commands when they are busy.
	again = 5 * time.Second
	// graceful is how long a hard power-off never takes.
	graceful = 4 * time.Second
)

func (r *run) on() Outcome {
	before, err := r.states()
	if err != nil {
		return r.failed(err)
	}
	already := true
	for _, s := range before {
		already = already && s.State == On
	}
	if already {
		return r.done("Success: Already ON")
	}
	if err := r.bringUp(1 + r.v.Int("retry_on")); err != nil {
		return r.failed(err)
	}
	return r.done("Success: Powered ON")
}

func (r *run) off() Outcome {
	already, err := r.takeDown()
	switch {
	case err != nil:
		return r.failed(err)
	case already:
		return r.done("Success: Already OFF")
	}
	return r.done("Success: Powered OFF")
}

func (r *run) reboot() Outcome {
	if _, err := r.takeDown(); err != nil {
		return r.failed(err)
	}
	if !r.a.ByMessage {
		r.restart()
	}
	return r.done("Success: Rebooted")
}

// restart turns on what was fenced. Its failure is none of the fencing.
func (r *run) restart() {
	if err := r.bringUp(max(1, r.v.Int("retry_on"))); err != nil {
		r.note(Err, "the machine was seen off, so it is fenced, but it does not come up: %v", err)
	}
}

// bringUp turns all plugs on, and sees them on.
func (r *run) bringUp(tries int) error {
	var err error
	for range tries {
		p := &power{run: r, want: On}
		if err = p.do(); err == nil || final(err) || r.ctx.Err() != nil {
			return err
		}
	}
	return err
}

// takeDown turns all plugs off, and sees them off. already says that they were off.
func (r *run) takeDown() (already bool, err error) {
	before, err := r.states()
	if err != nil {
		return false, err
	}
	p := &power{run: r, want: Off, before: before}
	if err := p.do(); err != nil {
		return false, err
	}
	already = true
	for i, s := range before {
		already = already && s.State == Off && p.watches[i].turns == 0
	}
	return already, nil
}

// power is a command to all plugs and the watch over it.
type power struct {
	*run
	want   State
	before []Status

	watches []*watch
	taken   []bool      // the device has taken the command for the plug
	sent    []time.Time // when it was last given
	errs    []error     // of the command, when it was not taken
	started time.Time
	ordered time.Time // when the last plug got its first command
}

// do gives the commands and watches until all plugs are in the wanted state in one and
// the same look, and power_wait is over.
func (p *power) do() error {
	n := len(p.v.Plugs())
	p.taken, p.sent, p.errs = make([]bool, n), make([]time.Time, n), make([]error, n)
	p.started = p.w.Now()
	for i, plug := range p.v.Plugs() {
		p.watches = append(p.watches, &watch{plug: plug, want: p.want, proof: proofOf(p.want)})
		if err := p.command(i); err != nil {
			return err
		}
	}
	p.ordered = p.w.Now()
	for {
		if err := p.look(); err != nil {
			return err
		}
		over, err := p.judge()
		if over || err != nil {
			return err
		}
		if err := p.w.Wait(p.ctx, p.interval()); err != nil {
			return p.interrupted(err, p.known())
		}
	}
}

// command gives the command to a plug. Only what is final is an error here: whether
// it was of use is for the watch to see.
func (p *power) command(i int) error {
	plug := p.v.Plugs()[i]
	err := p.turn(plug, p.want == On)
	p.sent[i], p.errs[i] = p.w.Now(), err
	switch {
	case err == nil:
		p.taken[i] = true
		if i < len(p.watches) {
			p.watches[i].run = 0 // what was seen before the command proves nothing
		}
	case p.ctx.Err() != nil:
		return p.interrupted(err, p.known())
	case final(err):
		return err
	case KindOf(err) == Refused && p.want == Off && p.before != nil && p.before[i].State == Off:
		// A device may refuse what is done already. What it shows still has to hold.
		p.taken[i] = true
		p.note(Warn, "the machine was off already, and the device refuses to turn it off: %v", err)
	default:
		p.note(Warn, "the command was not taken: %v", err)
	}
	return nil
}

// look asks for all plugs once, and repeats commands that have had no effect.
func (p *power) look() error {
	for i, w := range p.watches {
		asked := p.w.Now()
		s, err := p.ask(w.plug)
		if p.ctx.Err() != nil {
			return p.interrupted(err, p.known())
		}
		if final(err) {
			return err
		}
		turns := w.turns
		w.add(asked, s, err)
		stays := w.run == 0 && p.w.Now().Sub(p.sent[i]) >= again && p.want == Off
		shows := w.run >= w.proof.samples && !p.taken[i]
		if w.turns > turns && w.turns <= maxTurns && p.want == Off || stays || shows && p.w.Now().Sub(p.sent[i]) >= quarter {
			if err := p.command(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge says whether it is over, well or not.
func (p *power) judge() (over bool, err error) {
	now, all := p.w.Now(), true
	for i, w := range p.watches {
		all = all && w.seen(now) && p.taken[i]
		if w.turns > maxTurns {
			return true, Errorf(p.kind(), "the device contradicts itself: %s: do not trust it, and look at the machine", p.known())
		}
	}
	if all && now.Sub(p.ordered) >= p.wait {
		p.remark()
		return true, nil
	}
	if limit := p.wait + p.power; p.power > 0 && now.Sub(p.started) >= limit {
		return true, Errorf(p.kind(), "not seen %s within %s (power_wait, power_timeout): %s", strings.ToLower(p.want.String()), limit, p.known())
	}
	return false, nil
}

func (p *power) kind() Kind {
	if p.want == On {
		return WaitingOn
	}
	return WaitingOff
}

// interval is the pause until the next look.
func (p *power) interval() time.Duration {
	for _, w := range p.watches {
		if w.run > 0 {
			return quarter // making sure
		}
	}
	if p.w.Now().Sub(p.ordered) < p.wait {
		return quarter
	}
	return max(p.pause, quarter/10)
}

// known is what there is to say of plugs that are not as wanted.
func (p *power) known() string {
	var parts []string
	for i, w := range p.watches {
		text := w.state()
		if p.errs[i] != nil {
			text += "; the command: " + p.errs[i].Error()
		}
		parts = append(parts, text)
	}
	if parts == nil {
		return "nothing was done yet"
	}
	return strings.Join(parts, "; ")
}

// remark tells of a machine that has shut down instead of losing its power.
func (p *power) remark() {
	for i, w := range p.watches {
		took := w.first.Sub(p.ordered)
		if p.want == Off && !p.a.ByMessage && took >= graceful && (p.before == nil || p.before[i].State == On) {
			p.note(Warn, "it took %s until the machine was off: it seems to have shut down gracefully, which can hang; "+
				"keep its operating system from acting on the power button (HandlePowerKey=ignore in logind.conf, no acpid)", took.Round(100*time.Millisecond))
		}
	}
}

// cycle has the device turn each plug off and on. What is not seen off by that is
// turned off and on by command.
func (r *run) cycle() Outcome {
	before, err := r.states()
	if err != nil {
		return r.failed(err)
	}
	dev, err := r.device()
	if err != nil {
		return r.failed(err)
	}
	if _, can := dev.(Cycler); !can || together(before).State != On || len(before) > 1 {
		// Off machines refuse a cycle (ClusterLabs/fence-agents#596), and of several
		// plugs each would come back before the last is off.
		return r.reboot()
	}
	plug := r.v.Plugs()[0]
	_, err = r.with("cycle", plug, false, func(ctx context.Context, d Device) (Status, error) { return Status{}, d.(Cycler).Cycle(ctx, plug) })
	switch {
	case final(err):
		return r.failed(err)
	case r.ctx.Err() != nil:
		return r.failed(r.interrupted(err, "whether the device has taken the command is not known"))
	case err != nil:
		r.note(Warn, "the device did not take the command to cycle, turning the machine off and on: %v", err)
		return r.reboot()
	}
	if r.seenCycling(plug) {
		return r.done("Success: Rebooted")
	}
	if err := r.ctx.Err(); err != nil {
		return r.failed(r.interrupted(err, "the machine was not seen off"))
	}
	r.note(Warn, "the machine was not seen off, and then on for good, after the command to cycle: turning it off and on")
	return r.reboot()
}

// seenCycling watches closely: a machine is off for a second or two only.
func (r *run) seenCycling(plug string) bool {
	const close, steady = 100 * time.Millisecond, 3
	limit := max(r.power/2, 5*time.Second) + r.wait
	off, on, began := 0, 0, r.w.Now()
	for r.w.Now().Sub(began) < limit && r.ctx.Err() == nil {
		s, err := r.ask(plug)
		switch {
		case err != nil || s.State == Unknown:
			on = 0
		case s.State == Off && on > 0:
			return false // off, on, off: not what a cycle looks like
		case s.State == Off:
			off++
		case off > 0:
			on++
		}
		if off > 1 && on >= steady {
			return true
		}
		if r.w.Wait(r.ctx, close) != nil {
			return false
		}
	}
	return false
}
