package openstack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
)

// volumeParams are the parameters of cinder-volume.
type volumeParams struct {
	Credentials api.Credentials
	Service     service
	Config      string
	Host        string
	Check       bool          // ask cinder
	Watch       time.Duration // how long a service is watched for reports
	State       bool          // disable and enable
}

// volumeFacts is what the agent knows.
type volumeFacts struct {
	Running  running
	Wanted   []string // services that this cinder-volume is, NAME@BACKEND
	Services []api.VolumeService
	Cinder   string // why cinder could not be asked
}

// CinderVolume is the agent.
func CinderVolume(dial func(context.Context, api.Credentials) (Cinder, error)) ocf.Runnable {
	v := volume{&link[Cinder]{dial: dial}}
	return &ocf.Agent[volumeParams, volumeFacts]{
		Description: volumeDescription(), Parse: readVolumeParams, Check: checkVolume,
		Programs: func(p volumeParams) []ocf.Program { return p.Service.programs() },
		Gather:   v.gather, Monitor: v.monitor, Start: v.start, Stop: v.stop,
		Validate: func(ocf.Input[volumeParams], volumeFacts) ocf.Verdict { return ocf.Verdict{} },
	}
}

type volume struct{ link *link[Cinder] }

func readVolumeParams(v ocf.Values) volumeParams {
	for _, name := range []string{"pid", "amqp_server_port"} {
		v.Given(name) // of the stock agent, without effect
	}
	v.Bool("multibackend")
	config := v.String("config")
	return volumeParams{
		Credentials: readCredentials(v), Config: config, Host: v.String("host"), Check: v.Bool("check_live"), Watch: v.Time("watch"), State: v.Bool("service_state"),
		Service: service{
			binary: v.String("binary"), args: append([]string{"--config-file=" + config}, strings.Fields(v.String("additional_parameters"))...),
			user: v.String("user"), unit: v.String("unit"),
		},
	}
}

func checkVolume(in ocf.Input[volumeParams]) error {
	if in.Params.Check || in.Params.State {
		if err := in.Params.Credentials.Check(); err != nil {
			return ocf.Errorf(ocf.ErrConfigured, "%w; without credentials set check_live=no, and cinder is not asked whether another cinder-volume of the same name lives", err)
		}
	}
	return nil
}

func (v volume) gather(ctx context.Context, in ocf.Input[volumeParams], sys ocf.Reader) (f volumeFacts, err error) {
	p := in.Params
	if f.Running, err = p.Service.look(ctx, in.Request, sys); err != nil {
		return f, err
	}
	// One node may have several, each with a configuration of its own.
	f.Running.Processes = slices.DeleteFunc(f.Running.Processes, func(pr ocf.Process) bool { return otherConfig(pr.Args, p.Config) })
	deep := in.CheckLevel >= 10
	if in.Action == "monitor" && !deep {
		return f, nil
	}
	if in.Action == "stop" && !p.State {
		return f, nil
	}
	if f.Wanted, err = identities(in.Request, p, sys); err != nil {
		if in.Action != "stop" {
			return f, err
		}
		f.Wanted = nil // a stop must not fail for it
	}
	if !p.Check && !p.State {
		return f, nil
	}
	if err := v.ask(ctx, p, &f); err != nil {
		v.link.drop()
		if in.Action == "validate-all" {
			return f, ocf.Errorf(ocf.ErrArgs, "%w", err)
		}
		f.Cinder = err.Error()
	}
	return f, nil
}

func (v volume) ask(ctx context.Context, p volumeParams, f *volumeFacts) error {
	cinder, err := v.link.get(ctx, p.Credentials)
	if err != nil {
		return err
	}
	all, err := cinder.VolumeServices(ctx)
	for _, s := range all {
		if slices.Contains(f.Wanted, s.Host) {
			f.Services = append(f.Services, s)
		}
	}
	return err
}

// otherConfig says whether arguments name another configuration file.
func otherConfig(args []string, config string) bool {
	for i, a := range args {
		file, ok := strings.CutPrefix(a, "--config-file=")
		if a == "--config-file" && i+1 < len(args) {
			file, ok = args[i+1], true
		}
		if ok {
			return file != config
		}
	}
	return false
}

// identities are the names under which cinder knows this cinder-volume. They must
// be the same on every node, because cinder gives a volume to a name: under another
// one, the volumes of a node that has failed would be out of reach.
func identities(r *ocf.Request, p volumeParams, sys ocf.Reader) ([]string, error) {
	conf, found, err := readConfig(sys, p.Config)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, ocf.Errorf(ocf.ErrInstalled, "there is no configuration file %s: install cinder-volume or set the parameter config", p.Config)
	case r.Meta.Clone.Is && conf.Get("DEFAULT", "cluster") == "":
		return nil, ocf.Errorf(ocf.ErrConfigured, "the resource is a clone, and %s does not set the option cluster: only in a cluster of cinder's own may several cinder-volume be active at once", p.Config)
	}
	backends := conf.List("DEFAULT", "enabled_backends")
	var names []string
	for _, b := range append([]string(nil), orList(backends, "")...) {
		host := conf.Get("DEFAULT", "host")
		if b != "" {
			host = cmp.Or(conf.Get(b, "backend_host"), host)
		}
		switch {
		case host == "" && !r.Meta.Clone.Is:
			return nil, ocf.Errorf(ocf.ErrArgs, "%s sets no host%s: cinder would know each node by its own name, and the volumes of one that has failed would be out of reach; set host in [DEFAULT], or backend_host, to the same name on every node", p.Config, inSection(b))
		case p.Host != "" && host != p.Host && !r.Meta.Clone.Is:
			return nil, ocf.Errorf(ocf.ErrArgs, "%s has the host %q%s, the parameter host says %q: they must be the same on every node", p.Config, host, inSection(b), p.Host)
		}
		host = cmp.Or(host, sys.Hostname())
		if b != "" {
			host += "@" + b
		}
		names = append(names, host)
	}
	return names, nil
}

func orList(list []string, item string) []string {
	if len(list) == 0 {
		return []string{item}
	}
	return list
}

func inSection(backend string) string {
	if backend == "" {
		return ""
	}
	return " for the backend " + backend
}

func (v volume) monitor(in ocf.Input[volumeParams], f volumeFacts) ocf.Verdict {
	switch {
	case f.Running.Unit == "failed":
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "the unit " + in.Params.Service.unit + " has failed: systemctl status shows why"}
	case !f.Running.active():
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "cinder-volume does not run"}
	case in.CheckLevel < 10 || !in.Params.Check:
		return ocf.Verdict{}
	case f.Cinder != "":
		return ocf.Verdict{Code: ocf.Degraded, Reason: "cinder-volume runs; cinder cannot be asked for its state: " + f.Cinder}
	}
	if down := f.down(); len(down) > 0 {
		// One backend that is down is no reason to interrupt the others.
		code := ocf.Degraded
		if len(down) == len(f.Wanted) {
			code = ocf.ErrGeneric
		}
		return ocf.Verdict{Code: code, Reason: "cinder-volume runs, but cinder sees no report of " + strings.Join(down, ", ") + ": see its log"}
	}
	return ocf.Verdict{}
}

// down are the services that cinder does not see as up.
func (f volumeFacts) down() []string {
	var list []string
	for _, name := range f.Wanted {
		if !slices.ContainsFunc(f.Services, func(s api.VolumeService) bool { return s.Host == name && s.Up }) {
			list = append(list, name)
		}
	}
	return list
}

// watch waits for the reports of services of which nobody knows whether they live:
// cinder has one as up for a minute after it has died.
type watch struct {
	For      time.Duration
	Services []api.VolumeService // as they were before
}

func (w watch) Do(ctx context.Context, sys ocf.System) error { return sys.Sleep(ctx, w.For) }

func (w watch) String() string { return "watch the services for " + w.For.String() }

// lives says whether a service of ours lives elsewhere; ok is false if it has to be
// watched first.
func (f volumeFacts) lives(past ocf.History) (name string, ok bool) {
	t, watched := past.First(func(s ocf.Step) bool { _, is := s.(watch); return is })
	for _, s := range f.Services {
		if !s.Up {
			continue
		}
		if !watched {
			return "", false
		}
		for _, before := range t.Step.(watch).Services {
			if before.Host == s.Host && s.Updated.After(before.Updated) {
				return s.Host, true
			}
		}
	}
	return "", true
}

func (v volume) start(in ocf.Input[volumeParams], f volumeFacts) ocf.Decision {
	p := in.Params
	starts, _ := p.Service.starts(in.Past)
	if d, wait := awaitOrphans(in.Past, f.Running.Orphans); wait {
		return d
	}
	switch {
	case p.Check && f.Cinder != "" && !f.Running.active():
		return ocf.Wait(2*time.Second, "cinder cannot be asked whether another cinder-volume lives: %s", f.Cinder)
	case !f.Running.active() && starts > 0:
		return ocf.End(ocf.ErrGeneric, "cinder-volume has ended soon after its start: see its log")
	case !f.Running.active():
		return v.first(in, f)
	case p.Check && f.Cinder != "":
		return ocf.Wait(2*time.Second, "cinder cannot be asked for the services: %s", f.Cinder)
	}
	if down := f.down(); p.Check && len(down) > 0 {
		return ocf.Wait(time.Second, "waiting for cinder to see %s", strings.Join(down, ", "))
	}
	if p.State {
		if steps := v.enable(f); steps != nil {
			return ocf.Do("", steps...)
		}
	}
	return ocf.Done()
}

// first starts cinder-volume, if no other lives.
func (v volume) first(in ocf.Input[volumeParams], f volumeFacts) ocf.Decision {
	p := in.Params
	if p.Check && !in.Meta.Clone.Is {
		name, ok := f.lives(in.Past)
		switch {
		case !ok:
			return ocf.Do("cinder has services of these names as up: if they live, they report within "+p.Watch.String(), watch{p.Watch, f.Services})
		case name != "":
			return ocf.End(ocf.ErrGeneric, "cinder-volume is not started: another one that calls itself %s lives, it has reported to cinder while this one was waiting; find it and stop it", name)
		}
	}
	return ocf.Decision{Do: []ocf.Step{p.Service.start()}, Wait: startPoll, Why: "cinder-volume is being started"}
}

// stopping is the reason for which a stop disables services.
const stopping = "systole: cinder-volume is being stopped"

// enable takes back what a stop has done, and nothing that an administrator has.
func (v volume) enable(f volumeFacts) []ocf.Step {
	var steps []ocf.Step
	for _, s := range f.Services {
		if !s.Enabled && s.DisabledReason == stopping {
			steps = append(steps, tell[Cinder]{"enable cinder-volume " + s.Host, s.Host, v.link, func(ctx context.Context, c Cinder, host string) error {
				return c.EnableVolumeService(ctx, host)
			}})
		}
	}
	return steps
}

func (v volume) stop(in ocf.Input[volumeParams], f volumeFacts) ocf.Decision {
	var steps []ocf.Step
	for _, s := range f.Services {
		step := tell[Cinder]{"disable cinder-volume " + s.Host, s.Host, v.link, func(ctx context.Context, c Cinder, host string) error {
			return c.DisableVolumeService(ctx, host, stopping)
		}}
		_, tried := in.Past.First(func(t ocf.Step) bool { return t.String() == step.String() })
		if in.Params.State && s.Enabled && f.Running.active() && !tried {
			// A stop must not fail because cinder does not answer.
			steps = append(steps, ocf.Try{Step: step})
		}
	}
	if steps != nil {
		return ocf.Do("", steps...)
	}
	return stopService(in, in.Params.Service, f.Running)
}
