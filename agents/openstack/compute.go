package openstack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
)

// NovaCompute is the agent.
func NovaCompute(dial func(context.Context, api.Credentials) (Nova, error)) ocf.Runnable {
	c := compute{&link[Nova]{dial: dial}}
	return &ocf.Agent[computeParams, host]{
		Description: computeDescription(), Parse: readComputeParams,
		Check:    func(in ocf.Input[computeParams]) error { return checkCredentials(in.Params.Credentials) },
		Programs: func(p computeParams) []ocf.Program { return p.Service.programs() },
		Gather:   c.gather, Monitor: c.monitor, Start: c.start, Stop: c.stop, Validate: c.validate,
	}
}

type compute struct{ link *link[Nova] }

func readComputeParams(v ocf.Values) computeParams {
	v.Bool("no_shared_storage") // it is NovaEvacuate's
	return computeParams{
		Credentials: readCredentials(v), Domain: v.String("domain"), Delay: v.Time("evacuation_delay"), Config: v.String("config"),
		Handover: v.Bool("handover"), Attempts: int(v.Int("attempts")), HostName: v.String("host"),
		Service: service{
			binary: v.String("binary"), args: strings.Fields(v.String("additional_parameters")), user: v.String("user"), unit: v.String("unit"),
			// libguestfs must not start a libvirt of its own.
			env: []string{"LIBGUESTFS_ATTACH_METHOD=appliance"},
		},
	}
}

func (c compute) gather(ctx context.Context, in ocf.Input[computeParams], sys ocf.Reader) (h host, err error) {
	h.link = c.link
	p := in.Params
	if h.Running, err = p.Service.look(ctx, in.Request, sys); err != nil {
		return h, err
	}
	deep := in.CheckLevel >= 10
	if in.Action == "stop" || in.Action == "monitor" && !deep {
		return h, nil
	}
	if err := h.name(in.Request, p, sys); err != nil {
		return h, err
	}
	if in.Action == "validate-all" {
		return h, h.valid(ctx, p)
	}
	if err := h.ask(ctx, p, sys); err != nil {
		return h, err
	}
	if starts, _ := p.Service.starts(in.Past); p.Handover && h.Nova == "" && starts > 0 {
		if err := h.countServers(ctx, p); err != nil {
			h.Nova = err.Error()
		}
	}
	return h, nil
}

// valid makes sure that the credentials are good.
func (h *host) valid(ctx context.Context, p computeParams) error {
	if err := h.askNova(ctx, p); err != nil {
		return ocf.Errorf(ocf.ErrArgs, "%w", err)
	}
	return nil
}

func (c compute) validate(ocf.Input[computeParams], host) ocf.Verdict { return ocf.Verdict{} }

func (c compute) monitor(in ocf.Input[computeParams], h host) ocf.Verdict {
	switch {
	case h.Running.Unit == "failed":
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "the unit " + in.Params.Service.unit + " has failed: systemctl status shows why"}
	case !h.Running.active():
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "nova-compute does not run"}
	case in.CheckLevel < 10:
		return ocf.Verdict{}
	case h.Nova != "":
		// That nova does not answer is no fault of this host.
		return ocf.Verdict{Code: ocf.Degraded, Reason: "nova-compute runs; nova cannot be asked for its state: " + h.Nova}
	case h.Service == nil:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "nova-compute runs, but nova has no service of " + h.Name + ": it has not registered itself; see its log"}
	case h.Service.ForcedDown:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "nova has " + h.Name + " as forced down while nova-compute runs here: the resource has to be stopped and started, which waits for evacuations"}
	case !h.Service.Up:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "nova-compute runs, but nova sees no report of it: it hangs, or cannot reach the message queue or the conductor; see its log"}
	}
	return ocf.Verdict{}
}

func (c compute) start(in ocf.Input[computeParams], h host) ocf.Decision {
	p := in.Params
	starts, last := p.Service.starts(in.Past)
	if d, wait := awaitOrphans(in.Past, h.Running.Orphans); wait {
		return d
	}
	if h.Running.active() {
		d, ok := unfence(h)
		if ok {
			return returned(in.Request, h)
		}
		// A service that nova does not get to see has not started either.
		if in.Left() < handoverReserve && starts > 0 {
			if d, ok := handOver(in, h, "nova-compute was started and nova does not see it"); ok {
				return d
			}
		}
		return d
	}
	if starts == 0 {
		if d, ok := afterEvacuation(in, h, p.Delay); !ok {
			return d
		}
	}
	if starts >= p.Attempts {
		reason := fmt.Sprintf("nova-compute has ended soon after each of %d starts: see its log", starts)
		if d, ok := handOver(in, h, reason); ok {
			return d
		}
		return ocf.End(ocf.ErrGeneric, "%s", reason)
	}
	if starts > 0 && in.Now.Sub(last) < restartDelay {
		return ocf.Wait(time.Second, "nova-compute has ended soon after its start, it is started once more")
	}
	return ocf.Decision{Do: []ocf.Step{p.Service.start()}, Wait: startPoll, Why: "nova-compute is being started"}
}

const (
	// restartDelay is the time between two starts within one action.
	restartDelay = 5 * time.Second
	// handoverReserve is the time that is kept for the fencing of this node.
	handoverReserve = 60 * time.Second
)

func (c compute) stop(in ocf.Input[computeParams], h host) ocf.Decision {
	return stopService(in, in.Params.Service, h.Running)
}
