// Package ipmilan is fence_ipmilan and its family: fencing by the BMC of a machine.
package ipmilan

import (
	"context"
	"errors"
	"strconv"
	"time"

	"systole/fence/fencing"
	"systole/lib/ipmi"
)

// Agent makes the agent.
func Agent() *fencing.Agent {
	return &fencing.Agent{Description: description(), Validate: validate, Open: open}
}

func validate(v *fencing.Values) []string {
	o, err := options(v)
	if err == nil {
		err = o.Check()
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

// most is how often a question is sent.
const most = 4

// options are those of the connection.
func options(v *fencing.Values) (ipmi.Options, error) {
	o := ipmi.Options{
		Address: v.String("ip"), Port: v.Int("ipport"), User: v.String("username"), Password: v.Secret("password"), Kg: v.Secret("hexadecimal_kg"),
		Lanplus: v.Bool("lanplus"), Auth: v.String("auth"), Cipher: ipmi.AutoCipher, Timeout: v.Time("ipmitool_timeout"), Tries: most,
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	// A question has to come to its end within shell_timeout: only then it is known that
	// the session is to blame, and a new one is tried.
	if limit := v.Time("shell_timeout"); limit > 0 && !v.Bool("disable_timeout") {
		o.Tries = min(most, max(1, int(limit/o.Timeout)))
	}
	var err error
	if text := v.String("cipher"); text != "" {
		if o.Cipher, err = strconv.Atoi(text); err != nil || o.Cipher < 0 {
			return o, fencing.Errorf(fencing.Usage, "cipher %q is no number of a cipher suite: give 17 or 3", text)
		}
	}
	if text := v.String("target"); text != "" {
		n, err := strconv.ParseUint(text, 0, 8)
		if err != nil {
			return o, fencing.Errorf(fencing.Usage, "target %q is no address: give a number as 0x20", text)
		}
		o.Target = byte(n)
	}
	o.Level, err = ipmi.ParseLevel(v.String("privlvl"))
	return o, err
}

type device struct {
	conn *ipmi.Conn
}

func open(ctx context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
	o, err := options(v)
	if err != nil {
		return nil, fault(err, fencing.Usage)
	}
	conn, err := ipmi.Dial(ctx, o)
	if err != nil {
		return nil, fault(err, fencing.TimedOut)
	}
	w.Log(fencing.Debug, "logged in at "+conn.String())
	return &device{conn}, nil
}

// Status asks the BMC.
func (d *device) Status(ctx context.Context, _ string) (fencing.Status, error) {
	p, err := d.conn.Power(ctx)
	if err != nil {
		return fencing.Status{}, fault(err, fencing.NoStatus)
	}
	s := fencing.Status{State: fencing.Off, Detail: p.String()}
	if p.On {
		s.State = fencing.On
	}
	return s, nil
}

// Turn gives the command. That the machine is in the state already is found out when the
// BMC refuses for it.
func (d *device) Turn(ctx context.Context, _ string, on bool) error {
	op := ipmi.Down
	if on {
		op = ipmi.Up
	}
	err := d.conn.Control(ctx, op)
	var code ipmi.Code
	if errors.As(err, &code) && code == ipmi.CodeState {
		if p, perr := d.conn.Power(ctx); perr == nil && p.On == on {
			return nil
		}
	}
	return fault(err, fencing.Refused)
}

// Cycle has the BMC turn the machine off and on.
func (d *device) Cycle(ctx context.Context, _ string) error {
	return fault(d.conn.Control(ctx, ipmi.Cycle), fencing.Refused)
}

// Diag sends the diagnostic interrupt.
func (d *device) Diag(ctx context.Context, _ string) error {
	return fault(d.conn.Control(ctx, ipmi.Diag), fencing.Refused)
}

// Close ends the session.
func (d *device) Close() { d.conn.Close() }

// advices is a table: kinds of faults, and what to do.
var advices = []struct {
	is     error
	kind   fencing.Kind
	advice string
}{
	{ipmi.ErrOptions, fencing.Usage, ""},
	{ipmi.ErrPrivilege, fencing.Privileges, "give the user that level at the BMC, or ask for less: privlvl=operator is enough for fencing"},
	{ipmi.ErrUser, fencing.LoginDenied, "check username, and that the user may use IPMI over LAN"},
	{ipmi.ErrPassword, fencing.LoginDenied, "check password, and that the user may use IPMI over LAN"},
	{ipmi.ErrKg, fencing.LoginDenied, "check hexadecimal_kg"},
	{ipmi.ErrCipher, fencing.LoginDenied, "set cipher to one that the BMC allows (ipmitool lan print)"},
	{ipmi.ErrAuth, fencing.LoginDenied, ""},
	{ipmi.ErrNoSession, fencing.Generic, "wait a minute until sessions of others have ended"},
	{ipmi.ErrSessionEnded, fencing.ConnectionLost, ""},
	{ipmi.ErrMalformed, fencing.NoStatus, "update the firmware of the BMC"},
}

// fault gives an error its kind. other is that of a refused command or a failed login.
func fault(err error, other fencing.Kind) error {
	if err == nil {
		return nil
	}
	var known *fencing.Fault
	if errors.As(err, &known) {
		return err
	}
	for _, a := range advices {
		if errors.Is(err, a.is) {
			if a.advice == "" {
				return fencing.Errorf(a.kind, "%w", err)
			}
			return fencing.Errorf(a.kind, "%w: %s", err, a.advice)
		}
	}
	switch {
	case errors.Is(err, ipmi.ErrNoAnswer) && other == fencing.TimedOut:
		return fencing.Errorf(other, "%w: check ip, ipport, the network of the BMC, that IPMI over LAN is enabled, and lanplus", err)
	case errors.Is(err, ipmi.ErrNoAnswer):
		return fencing.Errorf(fencing.ConnectionLost, "%w", err)
	}
	return fencing.Errorf(other, "%w", err)
}
