package openstack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/nodeattr"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// afterEvacuation says what has to be waited for before nova-compute may start; ok
// if nothing. A nova-compute that starts while its servers are being evacuated
// disturbs nova's record of them, and servers might run twice.
func afterEvacuation[P any](in ocf.Input[P], h host, delay time.Duration) (d ocf.Decision, ok bool) {
	owner, _, claimed := strings.Cut(h.Mark, "@")
	switch {
	case claimed:
		return ocf.Wait(2*time.Second, "waiting for the evacuation of %s by NovaEvacuate on %s", h.Name, owner), false
	case h.Mark == evacuation.Wanted:
		return ocf.Wait(2*time.Second, "waiting for the evacuation of %s, which NovaEvacuate has not begun: if there is none, set the node attribute %s of %s to no", h.Name, attribute, h.Node), false
	case h.Mark != "" && h.Mark != evacuation.Released:
		return ocf.Wait(2*time.Second, "the node attribute %s of %s is %q, not understood: set it to no if nothing is being evacuated", attribute, h.Node, h.Mark), false
	case h.Nova != "":
		return ocf.Wait(2*time.Second, "nova cannot be asked whether servers of %s are being evacuated: %s", h.Name, h.Nova), false
	case h.Mark == "" && h.Service != nil && h.Service.ForcedDown && evacuation.Remembered(h.Service.DisabledReason):
		return ocf.Wait(2*time.Second, "waiting for the evacuation of %s, of which the cluster has lost the attribute and nova remembers: %s", h.Name, h.Service.DisabledReason), false
	case len(h.Evacuations) > 0:
		return ocf.Wait(2*time.Second, "waiting for %d evacuations from %s that are under way, see: openstack server migration list --host %s", len(h.Evacuations), h.Name, h.Name), false
	}
	if h.Mark == evacuation.Released && delay > 0 {
		pause := ocf.Pause{For: delay}
		if _, done := in.Past.First(func(s ocf.Step) bool { p, is := s.(ocf.Pause); return is && p == pause }); !done {
			return ocf.Do("evacuation_delay after the evacuation of "+h.Name, pause), false
		}
	}
	return d, true
}

// unfence brings nova's service back, in the only order that works; ok when that is
// done. Nova-compute runs.
func unfence(h host) (d ocf.Decision, ok bool) {
	if h.Nova != "" {
		return ocf.Wait(2*time.Second, "nova cannot be asked for the service of %s: %s", h.Name, h.Nova), false
	}
	s := h.Service
	switch {
	case s == nil:
		return ocf.Wait(time.Second, "waiting for nova to know the service of %s", h.Name), false
	case s.ForcedDown:
		return ocf.Decision{
			Do:   []ocf.Step{tell[Nova]{"take back that " + h.Name + " is forced down", s.ID, h.link, unforce}},
			Wait: time.Second, Why: "nova takes that back when nova-compute has taken notice of the evacuations of " + h.Name,
		}, false
	case !s.Up:
		return ocf.Wait(time.Second, "waiting for nova to see that nova-compute on %s is up", h.Name), false
	case !s.Enabled && mayEnable(s.DisabledReason):
		return ocf.Do("", tell[Nova]{"enable nova-compute on " + h.Name, s.ID, h.link, enable}), false
	}
	return d, true
}

// unforce sends the request. That nova refuses is part of the order of things: the
// next look shows it.
func unforce(ctx context.Context, n Nova, id string) error {
	err := n.UnforceService(ctx, id)
	if errors.Is(err, api.ErrBadRequest) {
		return nil
	}
	return err
}

func enable(ctx context.Context, n Nova, id string) error { return n.EnableService(ctx, id) }

// mayEnable says whether a service that is disabled for a reason may be enabled: an
// administrator gives reasons, fence agents give none or ours.
func mayEnable(reason string) bool { return reason == "" || evacuation.Ours(reason) }

// forget is the step that deletes the attribute, so that the next start has nothing
// to wait for.
func forget(r *ocf.Request, node string) ocf.Step {
	c := nodeattr.Tools{Sbin: r.Dirs.Sbin, FeatureSet: r.FeatureSet}.DeletePrivate(nodeattr.Attribute{Name: attribute, Node: node})
	return ocf.Run{Command: ocf.Command{Path: c.Path, Args: c.Args}}
}

// returned is the end of a start: the service is back, and the attribute goes.
func returned(r *ocf.Request, h host) ocf.Decision {
	if h.Mark != "" {
		return ocf.Do("", forget(r, h.Node))
	}
	if s := h.Service; s != nil && !s.Enabled {
		return ocf.End(ocf.Success, "%s", fmt.Sprintf("nova-compute on %s runs and stays disabled, as an administrator has it: %s", h.Name, s.DisabledReason))
	}
	return ocf.Done()
}
