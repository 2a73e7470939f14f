package ocf

import (
	"errors"
	"fmt"
	"strconv"
)

// Code is an exit code of a resource agent (OCF 1.1, "Exit Status Codes").
type Code int

// The exit codes. Two of them are easily confused, and the cluster reacts
// differently: ErrArgs says that the parameters are wrong on this node, and the
// resource is tried on another one; ErrConfigured says that they are wrong
// everywhere, and the resource is tried nowhere.
const (
	Success          Code = 0
	ErrGeneric       Code = 1
	ErrArgs          Code = 2
	ErrUnimplemented Code = 3
	ErrPerm          Code = 4
	ErrInstalled     Code = 5
	ErrConfigured    Code = 6
	NotRunning       Code = 7
	RunningPromoted  Code = 8
	FailedPromoted   Code = 9
	Degraded         Code = 190
	DegradedPromoted Code = 191
)

// String is the name of the code as written in agents and in Pacemaker's documents.
func (c Code) String() string {
	switch c {
	case Success:
		return "OCF_SUCCESS"
	case ErrGeneric:
		return "OCF_ERR_GENERIC"
	case ErrArgs:
		return "OCF_ERR_ARGS"
	case ErrUnimplemented:
		return "OCF_ERR_UNIMPLEMENTED"
	case ErrPerm:
		return "OCF_ERR_PERM"
	case ErrInstalled:
		return "OCF_ERR_INSTALLED"
	case ErrConfigured:
		return "OCF_ERR_CONFIGURED"
	case NotRunning:
		return "OCF_NOT_RUNNING"
	case RunningPromoted:
		return "OCF_RUNNING_PROMOTED"
	case FailedPromoted:
		return "OCF_FAILED_PROMOTED"
	case Degraded:
		return "OCF_DEGRADED"
	case DegradedPromoted:
		return "OCF_DEGRADED_PROMOTED"
	}
	return "exit code " + strconv.Itoa(int(c))
}

// For is the code as the resource manager of the given API version knows it.
// Before 1.1 there were no degraded codes: a degraded service runs.
func (c Code) For(v Version) Code {
	if v.AtLeast(1, 1) {
		return c
	}
	switch c {
	case Degraded:
		return Success
	case DegradedPromoted:
		return RunningPromoted
	}
	return c
}

// Fault is an error that knows its exit code. Its text is the exit reason: one
// sentence that says what is wrong and what to do.
type Fault struct {
	Code   Code
	Reason string
	Err    error // cause; may be nil
}

func (f *Fault) Error() string { return f.Reason }

func (f *Fault) Unwrap() error { return f.Err }

// Errorf makes a Fault. A cause is given with %w as for fmt.Errorf.
func Errorf(code Code, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Fault{Code: code, Reason: err.Error(), Err: errors.Unwrap(err)}
}

// verdictOf turns an error into the end of an action: that of the Fault inside
// it, else ErrGeneric.
func verdictOf(err error) Verdict {
	v := Verdict{Code: ErrGeneric, Reason: err.Error()}
	var f *Fault
	if errors.As(err, &f) {
		v.Code = f.Code
	}
	return v
}
