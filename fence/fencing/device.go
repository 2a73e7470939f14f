package fencing

import (
	"context"
	"time"
)

// State is that of a plug or machine.
type State int

// The states. What a device says that is neither on nor off is Unknown, such as
// "powering off".
const (
	Unknown State = iota
	Off
	On
)

// String is the state in the words of the stock library.
func (s State) String() string { return [...]string{"UNKNOWN", "OFF", "ON"}[s] }

func stateOf(on bool) State {
	if on {
		return On
	}
	return Off
}

// Status is what a device says of a plug.
type Status struct {
	State  State
	Detail string // in the words of the device; may be ""
}

// Device is an open connection to a fencing device. An error of it that is not final
// makes the procedure open a new connection.
type Device interface {
	// Status asks for the state now: never from a memory of an earlier answer.
	Status(ctx context.Context, plug string) (Status, error)
	// Turn gives the command and returns when the device has taken it. The way off is
	// the hard one. That the plug is in that state already is no error.
	Turn(ctx context.Context, plug string, on bool) error
	Close()
}

// Plug is a line of list.
type Plug struct {
	ID, Name string
	State    State
}

// Lister is a Device with several plugs.
type Lister interface {
	List(ctx context.Context) ([]Plug, error)
}

// Cycler is a Device that turns a machine off and on by one command.
type Cycler interface {
	Cycle(ctx context.Context, plug string) error
}

// Diagnoser is a Device that can send a diagnostic interrupt.
type Diagnoser interface {
	Diag(ctx context.Context, plug string) error
}

// Prober is a Device that can be checked more cheaply, or more thoroughly, than by
// the state of a plug.
type Prober interface {
	Probe(ctx context.Context) error
}

// Level is the severity of a log message.
type Level int

// The levels.
const (
	Debug Level = iota
	Info
	Warn
	Err
)

// Clock is the time of the procedure.
type Clock interface {
	Now() time.Time
	// Wait returns after the time, or with the error of the context.
	Wait(ctx context.Context, d time.Duration) error
	// Limit is the context with a deadline after the time.
	Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// World is what the procedure needs besides the device.
type World struct {
	Clock
	Log func(Level, string)
}

// Agent is a fence agent.
type Agent struct {
	Description
	// Validate says what is wrong with options beyond their types; may be nil.
	Validate func(v *Values) []string
	// Open connects and logs in. It changes nothing at the device.
	Open func(ctx context.Context, v *Values, w World) (Device, error)
	// MayHang says that a call of the device may hang in the kernel, in a process that
	// then cannot end: the agent is run so that its caller does not wait for that.
	MayHang bool
	// Acts are actions that the agent does its own way, by their names in metadata.
	// The text is what standard output gets. For an off the agent has to prove it no
	// less than the procedure does.
	Acts map[string]func(ctx context.Context, c *Call) (text string, err error)
	// Skip says why nothing shall be done at all, which is then a success; may be nil.
	Skip func(v *Values) (reason string)
}
