package fencing

import (
	"errors"
	"fmt"
)

// Kind is the class of a failure. Its text begins the message, in the words of the
// stock library, which people look for in logs.
type Kind int

// The kinds. A Final one is the same however often it is tried.
const (
	Generic        Kind = iota
	Usage               // options are wrong or missing; final
	LoginDenied         // the device does not know the user or the password; final
	Privileges          // the user may not do that; final
	ConnectionLost      // the device has broken off
	TimedOut            // the device did not answer in time
	NoStatus            // the state could not be found out
	Missing             // there is no such plug; final
	WaitingOn           // it was not seen on in time
	WaitingOff          // it was not seen off in time
	Refused             // the device has refused the command
)

// kindTexts is a table.
var kindTexts = [...]string{
	Generic:        "Failed: ",
	Usage:          "Failed: ",
	LoginDenied:    "Unable to connect/login to fencing device: ",
	Privileges:     "Failed: The user does not have the correct privileges to do the requested action: ",
	ConnectionLost: "Connection lost: ",
	TimedOut:       "Connection timed out: ",
	NoStatus:       "Failed: Unable to obtain correct plug status or plug is not available: ",
	Missing:        "Failed: Unable to obtain correct plug status or plug is not available: ",
	WaitingOn:      "Failed: Timed out waiting to power ON: ",
	WaitingOff:     "Failed: Timed out waiting to power OFF: ",
	Refused:        "Failed: ",
}

// Fault is an error of a device or of a call, with its kind.
type Fault struct {
	Kind Kind
	Err  error // what was tried, with what, and what to do
}

func (f *Fault) Error() string { return kindTexts[f.Kind] + f.Err.Error() }

func (f *Fault) Unwrap() error { return f.Err }

// Errorf makes a Fault. A cause is given with %w as for fmt.Errorf.
func Errorf(kind Kind, format string, args ...any) error {
	return &Fault{Kind: kind, Err: fmt.Errorf(format, args...)}
}

func usageError(format string, args ...any) error { return Errorf(Usage, format, args...) }

// KindOf is the kind of an error; Generic if it is none of ours.
func KindOf(err error) Kind {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return Generic
}

// final says that trying again cannot help.
func final(err error) bool {
	switch KindOf(err) {
	case Usage, LoginDenied, Privileges, Missing:
		return true
	}
	return false
}
