package ocf

import (
	"context"
	"fmt"
	"time"
)

// Agent is a resource agent: a description, and functions over P, the typed
// parameters, and F, the facts. Only Gather touches the world, and it can only
// read. All others are pure: the same input gives the same answer, so that they
// can be tested in tables. See the documentation of the package for how they are
// called.
type Agent[P, F any] struct {
	Description

	// Parse reads the parameters, which are known to be of the declared types.
	Parse func(v Values) P
	// Check says what is wrong with the parameters besides their types, without
	// looking at the node: nil, or a Fault with ErrConfigured. May be nil.
	Check func(in Input[P]) error
	// Programs are what must be installed for the resource to run. May be nil.
	Programs func(p P) []Program

	// Gather finds the facts. An error ends the action; a Fault gives its code.
	Gather func(ctx context.Context, in Input[P], sys Reader) (F, error)
	// Monitor says in which state the resource is.
	Monitor func(in Input[P], facts F) Verdict
	// Validate says whether the resource can run on this node (validate-all with
	// a check level of 10 and more). May be nil.
	Validate func(in Input[P], facts F) Verdict

	// The deciders of the actions; nil for actions that the description does not have.
	Start, Stop            func(in Input[P], facts F) Decision
	Promote, Demote        func(in Input[P], facts F) Decision
	Notify                 func(in Input[P], facts F) Decision
	Reload, ReloadAgent    func(in Input[P], facts F) Decision
	MigrateTo, MigrateFrom func(in Input[P], facts F) Decision
}

// Input is what the pure functions know besides the facts.
type Input[P any] struct {
	*Request
	Params   P
	Now      time.Time
	Deadline time.Time // zero if the action has none
	Past     History   // what this action has done so far
}

// Left is the time until the deadline; a year if there is none.
func (in Input[P]) Left() time.Duration {
	if in.Deadline.IsZero() {
		return 365 * 24 * time.Hour
	}
	return in.Deadline.Sub(in.Now)
}

// History is the steps that an action has taken, oldest first.
type History []Taken

// Taken is a step that was taken.
type Taken struct {
	Step Step
	At   time.Time
	Err  error // not nil only for steps inside Try
}

// First is the earliest step that matches.
func (h History) First(match func(Step) bool) (Taken, bool) {
	for _, t := range h {
		if match(t.Step) {
			return t, true
		}
	}
	return Taken{}, false
}

// Program is something that must be installed.
type Program struct {
	Name    string // or path
	Param   string // parameter that names it; "" if none does
	Package string // that has it in Debian; "" if not known
}

func (p Program) missing() error {
	advice := "install it"
	if p.Package != "" {
		advice = "install the package " + p.Package
	}
	if p.Param != "" {
		advice += " or set the parameter " + p.Param
	}
	return Errorf(ErrInstalled, "program %s is not installed: %s", p.Name, advice)
}

// Verdict is the end of an action.
type Verdict struct {
	Code Code
	// Reason is the exit reason of a failure: one sentence that says what is wrong
	// and what to do. For a success it is logged.
	Reason string
	// Publish is what a monitor tells the cluster. It is ignored in all other
	// actions, which publish by steps.
	Publish []Publication
}

// Decision is what a decider answers with: the action is over, or there is
// something to be done or waited for, after which facts are gathered anew.
type Decision struct {
	End  *Verdict
	Do   []Step
	Wait time.Duration // after the steps
	Why  string        // of the steps and of waiting; logged
}

// End ends an action.
func End(code Code, format string, args ...any) Decision {
	return Decision{End: &Verdict{Code: code, Reason: fmt.Sprintf(format, args...)}}
}

// Done ends an action with success.
func Done() Decision { return Decision{End: &Verdict{Code: Success}} }

// EndWith ends an action with a verdict, usually that of Monitor.
func EndWith(v Verdict) Decision { return Decision{End: &v} }

// Do takes steps, one after the other until one fails, and then looks again.
func Do(why string, steps ...Step) Decision { return Decision{Do: steps, Why: why} }

// Wait looks again after a while.
func Wait(d time.Duration, format string, args ...any) Decision {
	return Decision{Wait: d, Why: fmt.Sprintf(format, args...)}
}

// Runnable is an agent of any type.
type Runnable interface {
	// About is the description.
	About() *Description
	// Perform does the action of a session.
	Perform(ctx context.Context, s *Session) Verdict
	// Problems lists what is wrong with the agent itself; a test wants none.
	Problems() []string
}

// About is the description of the agent.
func (a *Agent[P, F]) About() *Description { return &a.Description }

// decider is the function for an action; nil if there is none. To a resource
// manager of API 1.0 reload is what reload-agent is since 1.1.
func (a *Agent[P, F]) decider(action string, v Version) func(Input[P], F) Decision {
	switch action {
	case "start":
		return a.Start
	case "stop":
		return a.Stop
	case "promote":
		return a.Promote
	case "demote":
		return a.Demote
	case "notify":
		return a.Notify
	case "reload":
		if a.ReloadAgent != nil && !v.AtLeast(1, 1) {
			return a.ReloadAgent
		}
		return a.Reload
	case "reload-agent":
		return a.ReloadAgent
	case "migrate_to":
		return a.MigrateTo
	case "migrate_from":
		return a.MigrateFrom
	}
	return nil
}
