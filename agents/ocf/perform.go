package ocf

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Session is one action of an agent on a machine.
type Session struct {
	*Request
	Values Values
	System System
	// Verbose says that messages of level Debug are wanted.
	Verbose bool
	// Log gets messages; Trace gets facts and decisions, and may be nil.
	Log   func(level Level, text string)
	Trace func(text string)
	// Doing is told what the action is about to do, for the case that it has to be
	// ended from outside; may be nil.
	Doing func(text string)
	// Stack describes the stack of a panic; may be nil.
	Stack func() string
	// Fatal says that a panic is not to be turned into a verdict; may be nil.
	Fatal func(p any) bool
}

// Level is the severity of a message.
type Level int

// The levels of messages.
const (
	Debug Level = iota
	Info
	Warn
	Err
)

// Limits of one action.
const (
	maxRounds = 1_000_000 // gather, decide, act
	// A decision that comes again and again without waiting does not help.
	maxRepeats = 10
)

// Perform does the action of s and returns how it ended. It does not return
// before the action is over or ctx has ended; a panic is a verdict too.
func (a *Agent[P, F]) Perform(ctx context.Context, s *Session) (v Verdict) {
	defer func() {
		if p := recover(); p != nil {
			if s.Fatal != nil && s.Fatal(p) {
				panic(p)
			}
			if s.Stack != nil {
				s.Log(Err, fmt.Sprintf("panic: %v: %s", p, s.Stack()))
			}
			v = Verdict{Code: ErrGeneric, Reason: fmt.Sprintf(
				"internal error of the agent %s %s in %s: %v: report it with the log", a.Name, a.Version, s.Action, p)}
		}
	}()
	in := Input[P]{Request: s.Request, Params: a.Parse(s.Values)}
	if deadline, ok := ctx.Deadline(); ok {
		in.Deadline = deadline
	}
	if a.Check != nil {
		if err := a.Check(in); err != nil {
			return verdictOf(err)
		}
	}
	switch s.Action {
	case "validate-all":
		return a.validate(ctx, s, in)
	case "monitor":
		return a.monitor(ctx, s, in)
	}
	decide := a.decider(s.Action, s.API)
	if decide == nil {
		return Verdict{Code: ErrUnimplemented, Reason: a.unknown(s.Action)}
	}
	if s.Action == "start" || s.Action == "promote" {
		if err := a.missing(in.Params, s.System); err != nil {
			return verdictOf(err)
		}
	}
	return a.rounds(ctx, s, in, decide)
}

func (d *Description) unknown(action string) string {
	if action == "" {
		return "no action was given: give one of " + strings.Join(d.actionNames(), ", ")
	}
	return fmt.Sprintf("action %q is not supported by the agent %s: use one of %s", action, d.Name, strings.Join(d.actionNames(), ", "))
}

// missing says which program is not there.
func (a *Agent[P, F]) missing(p P, sys Reader) error {
	if a.Programs == nil {
		return nil
	}
	for _, program := range a.Programs(p) {
		if _, found := sys.LookPath(program.Name); !found {
			return program.missing()
		}
	}
	return nil
}

// gather hides what the machine can do besides being read: the agent gets a
// value that has no other methods, whatever it asserts.
func (a *Agent[P, F]) gather(ctx context.Context, s *Session, in *Input[P]) (F, *Verdict) {
	s.doing("gather facts")
	facts, err := a.Gather(ctx, *in, readOnly{s.System})
	if err != nil {
		v := s.failed(ctx, err)
		return facts, &v
	}
	in.Now = s.System.Now()
	if s.Trace != nil {
		s.Trace(fmt.Sprintf("facts: %+v", facts))
	}
	return facts, nil
}

type readOnly struct{ Reader }

func (a *Agent[P, F]) validate(ctx context.Context, s *Session, in Input[P]) Verdict {
	// Below level 10 the node is not looked at, so that parameters can be checked
	// anywhere (OCF 1.1, "Check Levels").
	if s.CheckLevel < 10 {
		return Verdict{}
	}
	if err := a.missing(in.Params, s.System); err != nil {
		return verdictOf(err)
	}
	if a.Validate == nil {
		return Verdict{}
	}
	facts, failed := a.gather(ctx, s, &in)
	if failed != nil {
		return *failed
	}
	return a.Validate(in, facts)
}

func (a *Agent[P, F]) monitor(ctx context.Context, s *Session, in Input[P]) Verdict {
	// A probe of a node that lacks the software says so, and the cluster does not
	// try to start the resource there.
	if s.Probe() {
		if err := a.missing(in.Params, s.System); err != nil {
			return verdictOf(err)
		}
	}
	facts, failed := a.gather(ctx, s, &in)
	if failed != nil {
		return *failed
	}
	v := a.Monitor(in, facts)
	for _, p := range v.Publish {
		s.doing(p.String())
		// The state of the resource is what it is, whether the cluster hears of the
		// attribute or not: it will with the next monitor.
		if err := p.Do(ctx, s.System); err != nil {
			s.Log(Warn, fmt.Sprintf("could not %s: %v", p, err))
		}
	}
	return v
}

// rounds gathers, decides and acts until the decision is to end.
func (a *Agent[P, F]) rounds(ctx context.Context, s *Session, in Input[P], decide func(Input[P], F) Decision) Verdict {
	var last, lastWhy string
	repeats := 0
	for range maxRounds {
		facts, failed := a.gather(ctx, s, &in)
		if failed != nil {
			return *failed
		}
		d := decide(in, facts)
		s.trace(d)
		switch {
		case d.End != nil:
			return *d.End
		case len(d.Do) == 0 && d.Wait <= 0:
			panic("the decision is neither to end nor to do something nor to wait")
		}
		if d.Why != "" && d.Why != lastWhy {
			s.Log(Info, d.Why)
			lastWhy = d.Why
		}
		repeats++
		if d.Wait > 0 || d.describe() != last {
			repeats = 0
		}
		last = d.describe()
		if repeats >= maxRepeats {
			return Verdict{Code: ErrGeneric, Reason: fmt.Sprintf("%s was done %d times without effect: look at the log", last, repeats)}
		}
		if v := s.act(ctx, d, &in.Past); v != nil {
			return *v
		}
	}
	return Verdict{Code: ErrGeneric, Reason: fmt.Sprintf("%s did not come to an end in %d rounds", s.Action, maxRounds)}
}

// act takes the steps of a decision.
func (s *Session) act(ctx context.Context, d Decision, past *History) *Verdict {
	for _, step := range d.Do {
		s.doing(step.String())
		at := s.System.Now()
		err := step.Do(ctx, s.System)
		if err != nil && ctx.Err() == nil {
			if _, ok := step.(Try); ok {
				s.Log(Warn, fmt.Sprintf("could not %s: %v", step, err))
			} else {
				v := s.failed(ctx, fmt.Errorf("could not %s: %w", step, err))
				return &v
			}
		}
		if ctx.Err() != nil {
			v := s.failed(ctx, err)
			return &v
		}
		*past = append(*past, Taken{Step: step, At: at, Err: err})
	}
	if d.Wait > 0 {
		s.doing("wait (" + d.Why + ")")
		if err := s.System.Sleep(ctx, d.Wait); err != nil {
			v := s.failed(ctx, err)
			return &v
		}
	}
	return nil
}

// failed is the end by an error. When ctx has ended that is the reason, whatever
// the error says that came of it.
func (s *Session) failed(ctx context.Context, err error) Verdict {
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		if cause == nil {
			cause = err
		}
		return verdictOf(cause)
	}
	if err == nil {
		err = errors.New("ended without a reason")
	}
	return verdictOf(err)
}

func (s *Session) doing(text string) {
	if s.Doing != nil {
		s.Doing(text)
	}
	if s.Trace != nil {
		s.Trace("now: " + text)
	}
}

func (s *Session) trace(d Decision) {
	if s.Trace == nil {
		return
	}
	if d.End != nil {
		s.Trace(fmt.Sprintf("decided: end with %s %s", d.End.Code, d.End.Reason))
		return
	}
	s.Trace("decided: " + d.describe())
}

// describe is a decision in one line.
func (d Decision) describe() string {
	words := make([]string, 0, len(d.Do)+2)
	for _, s := range d.Do {
		words = append(words, s.String())
	}
	if d.Wait > 0 {
		words = append(words, "wait "+d.Wait.String())
	}
	text := strings.Join(words, ", ")
	if d.Why != "" {
		text += " (" + d.Why + ")"
	}
	return text
}
