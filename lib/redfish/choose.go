package redfish

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Command is what shall happen to a machine.
type Command int

// The commands.
const (
	TurnOff   Command = iota // its power is cut, whatever runs
	TurnOn                   // it is powered
	Cycle                    // off and on
	Interrupt                // a diagnostic interrupt
)

// wanted is a table: the reset types that do it, the best first. None of those that
// ask the operating system, as one that hangs does not answer. A restart comes last
// for a cycle, since a machine need not lose its power by it.
var wanted = [...][]string{
	TurnOff:   {"ForceOff"},
	TurnOn:    {"On", "ForceOn"},
	Cycle:     {"PowerCycle", "ForceRestart"},
	Interrupt: {"Nmi"},
}

// graceful is a table: types that leave it to the operating system.
var graceful = []string{"GracefulShutdown", "GracefulRestart", "PushPowerButton"}

// Choose picks the reset type for a command from those that a machine offers. One
// that does not say, or lists none, is given the usual one and may refuse.
func Choose(c Command, a Allows) (string, error) {
	want := wanted[c]
	if !a.Stated || len(a.Types) == 0 {
		return want[0], nil
	}
	for _, t := range want {
		if slices.Contains(a.Types, t) {
			return t, nil
		}
	}
	err := fmt.Errorf("the machine offers none of the reset types %s, but %s", strings.Join(want, ", "), clip(strings.Join(a.Types, ", ")))
	if c == TurnOff && slices.ContainsFunc(a.Types, func(t string) bool { return slices.Contains(graceful, t) }) {
		err = errors.New(err.Error() + ": an operating system that hangs would ignore these, so they cannot fence")
	}
	return "", &Error{Kind: Unsupported, Err: err}
}
