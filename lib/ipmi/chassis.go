package ipmi

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// PowerState is the answer to Get Chassis Status (section 28.2).
type PowerState struct {
	On           bool
	Overload     bool
	Interlock    bool
	Fault        bool // of the main power
	ControlFault bool // a command did not bring the machine into the wanted state
	Restore      string
	Cause        string // of the last power-off; "" if the BMC does not say
}

// restores and causes are tables: policies after a loss of power, and bits of the last
// power event.
var (
	restores = [...]string{"stays off", "as before", "turns on", "unknown"}
	causes   = [...]string{"loss of power", "overload", "interlock", "power fault", "command"}
)

// String is what there is to say beside on and off.
func (s PowerState) String() string {
	state := "power off"
	if s.On {
		state = "power on"
	}
	parts := []string{state}
	for _, f := range []struct {
		is   bool
		text string
	}{
		{s.Overload, "overload"},
		{s.Interlock, "interlock"},
		{s.Fault, "power fault"},
		{s.ControlFault, "power control fault"},
		{s.Cause != "", "last power-off: " + s.Cause},
		{s.Restore != "", "after loss of power: " + s.Restore},
	} {
		if f.is {
			parts = append(parts, f.text)
		}
	}
	return strings.Join(parts, ", ")
}

// readPower reads the answer: three bytes, and one of buttons that may be missing.
func readPower(data []byte) (PowerState, error) {
	if len(data) != 3 && len(data) != 4 {
		return PowerState{}, fmt.Errorf("%w: a chassis status of %d bytes for 3 or 4", ErrMalformed, len(data))
	}
	bit := func(b byte, n int) bool { return b>>n&1 == 1 }
	s := PowerState{
		On: bit(data[0], 0), Overload: bit(data[0], 1), Interlock: bit(data[0], 2), Fault: bit(data[0], 3), ControlFault: bit(data[0], 4),
		Restore: restores[data[0]>>5&3],
	}
	var list []string
	for n, text := range causes {
		if bit(data[1], n) {
			list = append(list, text)
		}
	}
	s.Cause = strings.Join(list, " and ")
	return s, nil
}

// Power asks for the state now.
func (c *Conn) Power(ctx context.Context) (PowerState, error) {
	data, err := c.command(ctx, request{netFn: netChassis, cmd: 0x01}, c.options.Tries)
	if err == nil {
		var s PowerState
		if s, err = readPower(data); err == nil {
			return s, nil
		}
	}
	return PowerState{}, c.fail("ask for the chassis status", err)
}

// Operation is a command to the power of the machine (section 28.3).
type Operation byte

// The operations. Soft asks the operating system, which may not listen.
const (
	Down Operation = iota
	Up
	Cycle
	Reset
	Diag
	Soft
)

// operationNames is a table.
var operationNames = [...]string{Down: "power down", Up: "power up", Cycle: "power cycle", Reset: "hard reset", Diag: "diagnostic interrupt", Soft: "soft shutdown"}

// String is the name in words.
func (op Operation) String() string { return operationNames[op] }

// Control gives a command and returns when the BMC has taken it, which is not when it
// has taken effect. What must not happen twice is sent once.
func (c *Conn) Control(ctx context.Context, op Operation) error {
	if op > Soft {
		return fmt.Errorf("%w: there is no operation %d", ErrOptions, op)
	}
	tries := c.options.Tries
	if op == Cycle || op == Reset || op == Diag {
		tries = 1
	}
	data, err := c.command(ctx, request{netFn: netChassis, cmd: 0x02, data: []byte{byte(op)}}, tries)
	if err == nil && len(data) != 0 {
		err = fmt.Errorf("%w: %d bytes where none are due", ErrMalformed, len(data))
	}
	if err == nil {
		return nil
	}
	return c.fail("command "+op.String(), err)
}

// Alive says that after this error the session may still be good: the BMC has answered.
func Alive(err error) bool {
	var code Code
	return errors.As(err, &code)
}
