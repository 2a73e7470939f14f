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

// Choose picks the reset type for a command from those that a machine offers in its
// state. One that does not say, or lists none, is given the usual one and may refuse.
func Choose(c Command, a Allows, now PowerState) (string, error) {
	want := wanted[c]
	if !a.Stated || len(a.Types) == 0 {
		return want[0], nil
	}
	offers := func(t string) bool { return slices.Contains(a.Types, t) }
	for _, t := range want {
		if offers(t) {
			return t, nil
		}
	}
	soft := slices.ContainsFunc(graceful, offers)
	if c == TurnOff && now == Off && !soft && slices.ContainsFunc(wanted[TurnOn], offers) {
		return want[0], nil // it lists what makes sense now; whether it is off it shall say itself
	}
	err := fmt.Errorf("the machine offers none of the reset types %s, but %s", strings.Join(want, ", "), clip(strings.Join(a.Types, ", ")))
	if c == TurnOff && soft {
		err = errors.New(err.Error() + ": an operating system that hangs would ignore these, so they cannot fence")
	}
	return "", &Error{Kind: Unsupported, Err: err}
}
