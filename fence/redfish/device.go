package redfish

import (
	"context"
	"net"
	"strconv"
	"strings"

	"systole/fence/fencing"
	"systole/lib/redfish"
)

type device struct {
	client *redfish.Client
	log    func(fencing.Level, string)
}

func open(ctx context.Context, v *fencing.Values, w fencing.World) (fencing.Device, error) {
	cfg := config(v)
	if cfg.Insecure {
		w.Log(fencing.Debug, "the certificate of the controller is not verified (ssl_insecure)")
	}
	client, err := redfish.Dial(ctx, cfg)
	if err != nil {
		return nil, fault(err)
	}
	return &device{client, w.Log}, nil
}

func config(v *fencing.Values) redfish.Config {
	c := redfish.Config{
		Host: v.String("ip"), Port: v.Int("ipport"), Plain: !v.Bool("ssl"),
		CAFile: v.String("ca_file"),
		Root:   v.String("redfish_uri"), System: v.String("systems_uri"),
		User: v.String("username"), Password: v.Secret("password"),
	}
	secure := v.Bool("ssl_secure")
	c.Insecure = v.Bool("ssl_insecure") && !secure
	c.Plain = c.Plain && !secure && !c.Insecure
	if c.Plain && !v.Given("ipport") {
		c.Port = 0
	}
	// Address and port in one, as stock agents take them.
	if host, port, err := net.SplitHostPort(c.Host); err == nil {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
			c.Host, c.Port = host, int(n)
		}
	}
	c.Host = strings.Trim(c.Host, "[]")
	return c
}

// Status asks for PowerState.
func (d *device) Status(ctx context.Context, _ string) (fencing.Status, error) {
	s, err := d.client.System(ctx)
	if err != nil {
		return fencing.Status{}, fault(err)
	}
	p, err := s.Power()
	if err != nil {
		return fencing.Status{}, fencing.Errorf(fencing.NoStatus, "%w", err)
	}
	status := fencing.Status{Detail: "PowerState " + string(p)}
	switch p {
	case redfish.On, redfish.Paused:
		status.State = fencing.On // a paused machine has power and goes on
	case redfish.Off:
		status.State = fencing.Off
	}
	return status, nil
}

// Turn cuts the power, or gives it.
func (d *device) Turn(ctx context.Context, _ string, on bool) error {
	want, command := redfish.Off, redfish.TurnOff
	if on {
		want, command = redfish.On, redfish.TurnOn
	}
	err := d.reset(ctx, command)
	if redfish.KindOf(err) != redfish.Already || err == nil {
		return fault(err)
	}
	// Controllers refuse what is done already. Whether it is, they are asked again.
	s, serr := d.client.System(ctx)
	if serr != nil {
		return fault(serr)
	}
	if p, perr := s.Power(); perr == nil && p == want {
		d.log(fencing.Debug, "the machine is "+string(p)+" already: "+err.Error())
		return nil
	}
	return fault(err)
}

// Cycle has the controller cut the power for a moment.
func (d *device) Cycle(ctx context.Context, _ string) error {
	return fault(d.reset(ctx, redfish.Cycle))
}

// Diag sends the interrupt that makes operating systems write a dump.
func (d *device) Diag(ctx context.Context, _ string) error {
	return fault(d.reset(ctx, redfish.Interrupt))
}

func (d *device) reset(ctx context.Context, c redfish.Command) error {
	s, err := d.client.System(ctx)
	if err != nil {
		return err
	}
	allows, err := d.client.Allowed(ctx, s)
	if err != nil {
		return err
	}
	now, _ := s.Power() // a machine whose state cannot be read can be reset
	typ, err := redfish.Choose(c, allows, now)
	if err != nil {
		return err
	}
	return d.client.Reset(ctx, s, typ)
}

// Probe checks, beyond the state, that the machine can be turned off at all.
func (d *device) Probe(ctx context.Context) error {
	s, err := d.client.System(ctx)
	if err != nil {
		return fault(err)
	}
	now, err := s.Power()
	if err != nil {
		return fencing.Errorf(fencing.NoStatus, "%w", err)
	}
	allows, err := d.client.Allowed(ctx, s)
	if err == nil {
		_, err = redfish.Choose(redfish.TurnOff, allows, now)
	}
	return fault(err)
}

func (d *device) Close() { d.client.Close() }
