package openstack

import (
	"context"
	"errors"
	"strings"
	"time"

	"systole/fence/fencing"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// Compute is the agent fence_compute.
func Compute(t Tools) *fencing.Agent {
	record := fencing.Option{
		Name: "record_only", Word: "value", Default: "False", Short: "Only record the target as needing evacuation",
		Text: "The agent never evacuates by itself, so that true changes nothing. 2 or Disabled switches the agent\noff: every action is a success and does nothing.",
	}
	all := append(options(), record)
	for i := range all {
		if all[i].Name == "no_shared_storage" || all[i].Name == "instance_filtering" {
			all[i].Ignored = "it is for the evacuation, see NovaEvacuate"
		}
	}
	return &fencing.Agent{
		Description: fencing.Description{
			Name: "fence_compute", Short: "Fence agent for the automatic resurrection of OpenStack compute instances",
			Long: `fence_compute tells nova that a compute host is down, disables it, and sets the node attribute
evacuate of its node to yes, upon which the agent NovaEvacuate evacuates its servers. It turns
nothing off: it stands behind a power fencing device, in the same level of a fencing topology.

off is one request, that the host is forced down and disabled, after which nova must show it as
down, disabled and forced down. on waits until the evacuation is over, takes back that the host is
forced down as soon as nova permits that, waits until nova sees nova-compute, and enables it.`,
			Fabric: true, Lists: true, NoLogin: true, NoPass: true, Options: all,
			Notes: []fencing.Note{{Title: "Unfencing", Text: `Nova takes back that a host is forced down only when nova-compute runs there and has taken notice of
the evacuations, and a host that is enabled before it is up may get no servers for ever. So on does
not enable a host whose nova-compute does not run. Where the cluster starts nova-compute only after
the unfencing, it ends well after up_timeout, and the agents NovaCompute or nova-compute-wait do the
rest; by hand it is: fence_compute -o on, once more.`}},
		},
		Validate: validate, Open: t.open,
		Acts: map[string]func(context.Context, *fencing.Call) (string, error){"on": t.unfence},
		Skip: func(v *fencing.Values) string {
			if word := strings.ToLower(v.String("record_only")); word == "2" || word == "disabled" {
				return "the agent is switched off by record_only=" + v.String("record_only")
			}
			return ""
		},
	}
}

// Turn off tells nova, and then the cluster. That a host was fenced before is no
// reason not to: an evacuation that is over looks for servers once more.
func (s *session) Turn(ctx context.Context, node string, on bool) error {
	if on {
		return fencing.Errorf(fencing.Usage, "a host is brought back by the action on alone")
	}
	svc, err := s.service(ctx, node)
	if err != nil {
		return err
	}
	if err := s.nova.FenceService(ctx, svc.ID, evacuation.FencedReason); err != nil {
		return fault(err)
	}
	// The attribute comes after nova: whoever sees it finds a host that is fenced.
	if err := s.tools.Marks.Set(ctx, node, evacuation.Wanted); err != nil {
		return fencing.Errorf(fencing.Generic, "nova has %s as forced down, but its node could not be marked for evacuation: %w", svc.Host, err)
	}
	return nil
}

// upTimeout is how long on waits for nova-compute when its timeouts are the
// cluster's.
const upTimeout = 60 * time.Second

// unfence brings a host back, in the only order that works.
func (t Tools) unfence(ctx context.Context, c *fencing.Call) (string, error) {
	node := c.Plugs()[0]
	limit := c.Time("power_timeout")
	if c.Bool("disable_timeout") {
		limit = upTimeout
	}
	var since time.Time // when the evacuation was seen to be over
	said := ""
	for {
		state, err := t.unfenceStep(ctx, c, node)
		if err != nil && (fencing.KindOf(err) == fencing.Usage || fencing.KindOf(err) == fencing.LoginDenied || fencing.KindOf(err) == fencing.Missing || fencing.KindOf(err) == fencing.Privileges) {
			return "", err
		}
		if err != nil {
			c.Lost()
			state = unfencing{why: err.Error()}
		}
		if state.back {
			return "Success: Powered ON", nil
		}
		if state.why != said {
			c.Note(fencing.Info, "%s", state.why)
			said = state.why
		}
		if state.over && since.IsZero() {
			since = c.Now()
		}
		if state.down && !since.IsZero() && c.Now().Sub(since) >= limit {
			c.Note(fencing.Warn, "%s: the evacuation is over, and the rest is left to NovaCompute, nova-compute-wait, or another fence_compute -o on when nova-compute runs", state.why)
			return "Success: Unfenced as far as possible without nova-compute", nil
		}
		if err := c.Wait(ctx, time.Second); err != nil {
			return "", fencing.Errorf(fencing.WaitingOn, "%w: %s", err, said)
		}
	}
}

// unfencing is how far a host has come.
type unfencing struct {
	over bool // the evacuation is
	down bool // nova-compute does not run
	back bool
	why  string // what is waited for
}

func (t Tools) unfenceStep(ctx context.Context, c *fencing.Call, node string) (unfencing, error) {
	dev, err := c.Device()
	if err != nil {
		return unfencing{}, err
	}
	s := dev.(*session)
	svc, err := s.service(ctx, node)
	if err != nil {
		return unfencing{}, err
	}
	marks, _, err := t.Marks.All(ctx)
	if err != nil {
		return unfencing{}, err
	}
	mark := marks[node]
	switch {
	case mark != "" && mark != evacuation.Released:
		return unfencing{why: "waiting for the evacuation of " + svc.Host + ": the attribute evacuate of its node is " + mark}, nil
	case mark == "" && svc.ForcedDown && evacuation.Remembered(svc.DisabledReason):
		return unfencing{why: "waiting for the evacuation of " + svc.Host + ", which nova remembers (" + svc.DisabledReason + "): if there is none, set the attribute evacuate of " + node + " to no"}, nil
	}
	under, err := s.nova.Evacuations(ctx, svc.Host)
	if err != nil {
		return unfencing{}, fault(err)
	}
	if len(under) > 0 {
		return unfencing{why: "waiting for evacuations from " + svc.Host + " that are under way"}, nil
	}
	return s.bringBack(ctx, svc)
}

func (s *session) bringBack(ctx context.Context, svc api.Service) (unfencing, error) {
	u := unfencing{over: true}
	switch {
	case svc.ForcedDown:
		err := s.nova.UnforceService(ctx, svc.ID)
		if err != nil && !errors.Is(err, api.ErrBadRequest) {
			return u, fault(err)
		}
		u.down = err != nil
		u.why = "waiting for nova to take back that " + svc.Host + " is forced down: it does when nova-compute runs there and has taken notice of the evacuations"
	case !svc.Up:
		u.down, u.why = true, "waiting for nova to see that nova-compute on "+svc.Host+" is up"
	case !svc.Enabled && svc.DisabledReason != "" && !evacuation.Ours(svc.DisabledReason):
		u.back = true
		u.why = svc.Host + " is up and stays disabled, as an administrator has it: " + svc.DisabledReason
	case !svc.Enabled:
		u.why = "enabling " + svc.Host
		return u, fault(s.nova.EnableService(ctx, svc.ID))
	default:
		u.back = true
	}
	return u, nil
}
