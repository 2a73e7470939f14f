package openstack

import (
	"context"
	"fmt"
	"path"
	"strings"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
)

// ComputeWait is the agent nova-compute-wait. It runs nothing: its start waits for
// evacuations, and has systemd call the worker (see Unfence) after nova-compute was
// started. program is the path of the program that has the worker.
func ComputeWait(program func() string, dial func(context.Context, api.Credentials) (Nova, error)) ocf.Runnable {
	w := wait{program, &link[Nova]{dial: dial}}
	return &ocf.Agent[computeParams, waitFacts]{
		Description: waitDescription(), Parse: readWaitParams,
		Check:  func(in ocf.Input[computeParams]) error { return checkCredentials(in.Params.Credentials) },
		Gather: w.gather, Monitor: w.monitor, Start: w.start, Stop: w.stop,
		Validate: func(ocf.Input[computeParams], waitFacts) ocf.Verdict { return ocf.Verdict{} },
	}
}

type wait struct {
	program func() string
	link    *link[Nova]
}

type waitFacts struct {
	host
	State, Environment, Unit bool // which files are there
	UnitText                 string
}

func readWaitParams(v ocf.Values) computeParams {
	v.Bool("no_shared_storage")
	p := computeParams{
		Credentials: readCredentials(v), Domain: v.String("domain"), Delay: v.Time("evacuation_delay"), Config: v.String("config"), HostName: v.String("host"),
	}
	switch p.Service.unit = v.String("unit"); {
	case p.Service.unit == "none":
		p.Service.unit = ""
	case !strings.Contains(p.Service.unit, "."):
		p.Service.unit += ".service"
	}
	return p
}

// stateFile says that the resource is started, and is named as that of the stock agent.
func stateFile(r *ocf.Request) string { return path.Join(r.Dirs.Tmp, r.Instance+".active") }

// EnvironmentFile holds the parameters of the resource for the worker. Only root can
// read it.
func EnvironmentFile(r *ocf.Request) string { return r.StateFile(".environment") }

// dropIn is the file that has systemd call the worker.
func dropIn(p computeParams) string {
	return "/run/systemd/system/" + p.Service.unit + ".d/unfence-20.conf"
}

// dropInText is what that file holds. The plus has the worker run as root,
// whatever user the unit has.
func (w wait) dropInText(r *ocf.Request) string {
	return "# Written by the resource " + r.Instance + " (" + r.Type + "), removed when it is stopped.\n[Service]\nExecStartPost=+" +
		strings.Join(append([]string{w.program()}, WorkerArgs(r.Type, r.Instance)...), " ") + "\n"
}

func (w wait) gather(ctx context.Context, in ocf.Input[computeParams], sys ocf.Reader) (f waitFacts, err error) {
	p := in.Params
	f.link = w.link
	if in.Action == "validate-all" {
		if err := f.name(in.Request, p, sys); err != nil {
			return f, err
		}
		return f, f.valid(ctx, p)
	}
	for _, file := range []struct {
		path  string
		there *bool
	}{{stateFile(in.Request), &f.State}, {EnvironmentFile(in.Request), &f.Environment}} {
		info, err := sys.Stat(file.path)
		if err != nil {
			return f, err
		}
		*file.there = info.Kind != ocf.None
	}
	if in.Action == "monitor" {
		return f, nil
	}
	if p.Service.unit != "" {
		text, found, err := sys.ReadFile(dropIn(p), maxConfig)
		if err != nil {
			return f, err
		}
		f.Unit, f.UnitText = found, string(text)
	}
	if in.Action == "start" && !f.State {
		if err := f.name(in.Request, p, sys); err != nil {
			return f, err
		}
		return f, f.ask(ctx, p, sys)
	}
	return f, nil
}

func (w wait) monitor(_ ocf.Input[computeParams], f waitFacts) ocf.Verdict {
	if !f.State {
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not started"}
	}
	return ocf.Verdict{}
}

func (w wait) start(in ocf.Input[computeParams], f waitFacts) ocf.Decision {
	if f.State {
		return ocf.Done()
	}
	if d, ok := afterEvacuation(in, f.host, in.Params.Delay); !ok {
		return d
	}
	steps := []ocf.Step{ocf.MakeDir{Path: in.Dirs.Tmp, Mode: 0o1755}}
	if in.Params.Service.unit != "" {
		steps = append(steps, ocf.WriteFile{Path: EnvironmentFile(in.Request), Data: environment(in.Request, waitDescription()), Mode: 0o600})
		if f.UnitText != w.dropInText(in.Request) {
			file := dropIn(in.Params)
			steps = append(steps, ocf.MakeDir{Path: path.Dir(file)}, ocf.WriteFile{Path: file, Data: w.dropInText(in.Request)}, reload())
		}
	}
	return ocf.Do("", append(steps, ocf.WriteFile{Path: stateFile(in.Request), Data: "\n"})...)
}

// reload has systemd read its units.
func reload() ocf.Step {
	return ocf.Run{Command: ocf.Command{Path: systemctl, Args: []string{"daemon-reload"}}}
}

func (w wait) stop(in ocf.Input[computeParams], f waitFacts) ocf.Decision {
	var steps []ocf.Step
	if f.Unit {
		steps = append(steps, ocf.Remove{Path: dropIn(in.Params)}, ocf.Try{Step: reload()})
	}
	if f.Environment {
		steps = append(steps, ocf.Remove{Path: EnvironmentFile(in.Request)})
	}
	if f.State {
		steps = append(steps, ocf.Remove{Path: stateFile(in.Request)})
	}
	if steps == nil {
		return ocf.Done()
	}
	return ocf.Do("", steps...)
}

// environment are the given parameters of a resource, one a line, as Pacemaker sets
// them and the worker reads them.
func environment(r *ocf.Request, d ocf.Description) string {
	var b strings.Builder
	for _, p := range d.Params {
		if value := r.Getenv("OCF_RESKEY_" + p.Name); value != "" && !strings.Contains(value, "\n") {
			fmt.Fprintf(&b, "OCF_RESKEY_%s=%s\n", p.Name, value)
		}
	}
	for _, name := range []string{"OCF_RESKEY_CRM_meta_on_node", "OCF_RESKEY_crm_feature_set", "HA_SBIN_DIR", "HA_LOGFACILITY", "HA_LOGFILE"} {
		if value := r.Getenv(name); value != "" && !strings.Contains(value, "\n") {
			fmt.Fprintf(&b, "%s=%s\n", name, value)
		}
	}
	return b.String()
}

// Unfence is what the worker of nova-compute-wait does, as the start of an agent:
// nova-compute was started, and its service is brought back.
func Unfence(dial func(context.Context, api.Credentials) (Nova, error)) ocf.Runnable {
	l := &link[Nova]{dial: dial}
	return &ocf.Agent[computeParams, host]{
		Description: waitDescription(), Parse: readWaitParams,
		Gather: func(ctx context.Context, in ocf.Input[computeParams], sys ocf.Reader) (h host, err error) {
			h.link = l
			if err := h.name(in.Request, in.Params, sys); err != nil {
				return h, err
			}
			return h, h.ask(ctx, in.Params, sys)
		},
		Monitor: func(ocf.Input[computeParams], host) ocf.Verdict { return ocf.Verdict{} },
		Start: func(in ocf.Input[computeParams], h host) ocf.Decision {
			if d, ok := unfence(h); !ok {
				return d
			}
			return returned(in.Request, h)
		},
		Stop: func(ocf.Input[computeParams], host) ocf.Decision { return ocf.Done() },
	}
}
