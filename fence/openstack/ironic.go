package openstack

import (
	"context"
	"slices"

	"systole/fence/fencing"
	"systole/lib/openstack/api"
)

// Ironic is ironic as the agent needs it.
type Ironic interface {
	Close()
	Machine(ctx context.Context, ident string) (api.Machine, error)
	Machines(ctx context.Context) ([]api.Machine, error)
	SetMachinePower(ctx context.Context, id, target string) error
}

// Baremetal is the agent fence_ironic.
func Baremetal(dial func(ctx context.Context, c api.Credentials) (Ironic, error)) *fencing.Agent {
	list := slices.DeleteFunc(options(), func(o fencing.Option) bool {
		return slices.Contains([]string{"domain", "no_shared_storage", "instance_filtering", "shell_timeout"}, o.Name)
	})
	for i := range list {
		switch list[i].Name {
		case "auth_url":
			list[i].Letter, list[i].Required = 0, true
		case "username":
			list[i].Required = true
		case "tenant_name":
			list[i].Default = "admin"
		}
	}
	list = append(list, fencing.Option{
		Name: "openstack_path", Word: "path", Default: "/usr/bin/openstack", Short: "Path to the OpenStack binary", Ignored: "the agent speaks to ironic itself",
	})
	return &fencing.Agent{
		Description: fencing.Description{
			Name: "fence_ironic", Short: "Fence agent for OpenStack's Ironic (Bare Metal as a service) service",
			Long: `fence_ironic turns machines off and on by ironic. A plug is the UUID or the name of a node of
ironic, or the UUID of the server of nova on it.

Ironic stands between the cluster and the machine: what it believes of the power may be old by its
sync_power_state_interval, and when it is away nothing can be fenced. While an operation is under
way the state counts as unknown, so that only what ironic has seen after its own command is
believed. Where the management controllers can be reached, fence_ipmilan or fence_redfish is the
better choice.`,
			Lists: true, NoLogin: true, NoPass: true, Options: list, Vendor: "https://wiki.openstack.org/wiki/Ironic",
		},
		Validate: validate,
		Open: func(ctx context.Context, v *fencing.Values, _ fencing.World) (fencing.Device, error) {
			ironic, err := dial(ctx, credentials(v))
			if err != nil {
				return nil, fault(err)
			}
			return &bareMetal{ironic}, nil
		},
	}
}

type bareMetal struct{ ironic Ironic }

// Close logs out.
func (b *bareMetal) Close() { b.ironic.Close() }

func (b *bareMetal) machine(ctx context.Context, plug string) (api.Machine, error) {
	m, err := b.ironic.Machine(ctx, plug)
	if isMissing(err) {
		return m, fencing.Errorf(fencing.Missing, "%w: give the UUID or the name of a node, or map the name with pcmk_host_map; see: openstack baremetal node list", err)
	}
	return m, fault(err)
}

// Status is what ironic has seen last. While something is under way it is unknown.
func (b *bareMetal) Status(ctx context.Context, plug string) (fencing.Status, error) {
	m, err := b.machine(ctx, plug)
	if err != nil {
		return fencing.Status{}, err
	}
	return status(m), nil
}

func status(m api.Machine) fencing.Status {
	s := fencing.Status{Detail: m.Power}
	if m.Error != "" {
		s.Detail += ", last error: " + m.Error
	}
	switch {
	case m.Target != "":
		s.Detail += ", on the way to " + m.Target
	case m.Power == "power on":
		s.State = fencing.On
	case m.Power == "power off":
		s.State = fencing.Off
	}
	return s
}

// Turn asks ironic for it. A node that somebody else works with is refused; the
// procedure asks again.
func (b *bareMetal) Turn(ctx context.Context, plug string, on bool) error {
	m, err := b.machine(ctx, plug)
	if err != nil {
		return err
	}
	target := "power off"
	if on {
		target = "power on"
	}
	if m.Target == target {
		return nil // it is at work on it
	}
	return fault(b.ironic.SetMachinePower(ctx, m.ID, target))
}

// List is the nodes.
func (b *bareMetal) List(ctx context.Context) ([]fencing.Plug, error) {
	all, err := b.ironic.Machines(ctx)
	if err != nil {
		return nil, fault(err)
	}
	list := make([]fencing.Plug, 0, len(all))
	for _, m := range all {
		list = append(list, fencing.Plug{ID: m.ID, Name: m.Name, State: status(m).State})
	}
	return list, nil
}

// Probe lists, as monitor of a device of several plugs.
func (b *bareMetal) Probe(ctx context.Context) error {
	_, err := b.ironic.Machines(ctx)
	return fault(err)
}
