package openstack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// EvacuateParams are the parameters of NovaEvacuate.
type EvacuateParams struct {
	Credentials api.Credentials
	Evacuation  evacuation.Config // without Self
	Tag         string
	Shared      *bool // whether disks are on shared storage; nil: nova finds out
	Verbose     bool
}

// evacuateFacts is what NovaEvacuate knows: its worker, and what that says.
type evacuateFacts struct {
	Workers []ocf.Process
	Orphans bool
	Report  Report
	Found   bool // there is a report
}

// Limits of a worker.
const (
	// silence is how old the report of a worker that is well may be: its rounds are
	// limited to less.
	silence = 3 * time.Minute
	// patience is how long a worker is given from SIGTERM to SIGKILL; it waits for
	// the answers to requests under way, so that nobody has to guess.
	patience = 12 * time.Second
)

// NovaEvacuate is the agent. program is the path of the program that has the
// worker; dial logs in, for validate-all.
func NovaEvacuate(program func() string, dial func(context.Context, api.Credentials) (Nova, error)) ocf.Runnable {
	e := evacuate{program, dial}
	return &ocf.Agent[EvacuateParams, evacuateFacts]{
		Description: evacuateDescription(), Parse: ReadEvacuateParams, Check: checkEvacuate,
		Gather: e.gather, Monitor: e.monitor, Start: e.start, Stop: e.stop, Validate: e.validate,
	}
}

type evacuate struct {
	program func() string
	dial    func(context.Context, api.Credentials) (Nova, error)
}

// ReadEvacuateParams reads the parameters.
func ReadEvacuateParams(v ocf.Values) EvacuateParams {
	p := EvacuateParams{
		Credentials: readCredentials(v), Tag: v.String("evacuable_tag"), Verbose: v.Bool("verbose"),
		Evacuation: evacuation.Config{
			Domain: v.String("domain"), MaxParallel: int(v.Int("max_parallel")), Attempts: int(v.Int("attempts")),
			RetryDelay: v.Time("retry_delay"), ServerTimeout: v.Time("server_timeout"), Threshold: int(v.Int("threshold")),
		},
	}
	shared := !v.Bool("no_shared_storage")
	if v.String("storage") == "declared" {
		p.Shared = &shared
	}
	return p
}

func checkEvacuate(in ocf.Input[EvacuateParams]) error {
	return checkCredentials(in.Params.Credentials)
}

// WorkerArgs are the arguments with which the program becomes the worker of a resource.
func WorkerArgs(agent, resource string) []string { return []string{"work", agent, resource} }

// isWorker recognises the worker of a resource in the process table.
func isWorker(p ocf.Process, agent, resource string) bool {
	return len(p.Args) == 4 && slices.Equal(p.Args[1:], WorkerArgs(agent, resource))
}

// ReportFile is where the worker of a resource writes its reports.
func ReportFile(r *ocf.Request) string { return r.StateFile(".report") }

func (e evacuate) gather(ctx context.Context, in ocf.Input[EvacuateParams], sys ocf.Reader) (f evacuateFacts, err error) {
	if in.Action == "validate-all" {
		return f, e.ask(ctx, in.Params.Credentials)
	}
	f.Workers, err = sys.Find(func(p ocf.Process) bool {
		f.Orphans = f.Orphans || isOrphan(p, in.Request)
		return isWorker(p, in.Type, in.Instance)
	})
	if err != nil {
		return f, err
	}
	f.Report, f.Found, err = ReadReport(sys, ReportFile(in.Request))
	return f, err
}

// ask makes sure that the credentials are good for what the agent does.
func (e evacuate) ask(ctx context.Context, c api.Credentials) error {
	nova, err := e.dial(ctx, c)
	if err == nil {
		_, err = nova.ComputeServices(ctx, "")
	}
	if err != nil {
		return ocf.Errorf(ocf.ErrArgs, "%w", err)
	}
	return nil
}

func (e evacuate) validate(ocf.Input[EvacuateParams], evacuateFacts) ocf.Verdict {
	return ocf.Verdict{}
}

func (e evacuate) monitor(in ocf.Input[EvacuateParams], f evacuateFacts) ocf.Verdict {
	switch {
	case len(f.Workers) == 0 && f.Found:
		// Its report is removed by stop.
		return ocf.Verdict{Code: ocf.NotRunning, Reason: fmt.Sprintf("the worker (process %d) has died: see what it logged before", f.Report.PID)}
	case len(f.Workers) == 0:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no worker"}
	case len(f.Workers) > 1:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("there are %d workers of this resource: it has to be stopped and started", len(f.Workers))}
	case !f.Found || f.Report.PID != f.Workers[0].PID:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("the worker (process %d) has written no report: it has to be stopped and started", f.Workers[0].PID)}
	}
	if age := in.Now.Sub(f.Report.Time); age > silence {
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("the worker (process %d) hangs: its last report is %s old", f.Report.PID, age.Round(time.Second))}
	}
	// What stops an evacuation is no reason to move this resource, but somebody has
	// to see to it.
	if trouble := f.Report.Trouble(); len(trouble) > 0 {
		return ocf.Verdict{Code: ocf.Degraded, Reason: summary(trouble)}
	}
	return ocf.Verdict{}
}

// summary is sentences in one, the first ones in full.
func summary(trouble []string) string {
	const show = 3
	if more := len(trouble) - show; more > 0 {
		return fmt.Sprintf("%s; and %d more: see the log", strings.Join(trouble[:show], "; "), more)
	}
	return strings.Join(trouble, "; ")
}

func (e evacuate) start(in ocf.Input[EvacuateParams], f evacuateFacts) ocf.Decision {
	_, started := in.Past.First(isStart)
	if d, wait := awaitOrphans(in.Past, f.Orphans); wait {
		return d
	}
	switch {
	case len(f.Workers) > 1:
		return ocf.Decision{Do: kill(f.Workers, ocf.SIGTERM), Wait: 100 * time.Millisecond, Why: "more than one worker runs"}
	case len(f.Workers) == 1 && f.Found && f.Report.PID == f.Workers[0].PID:
		return ocf.Done()
	case len(f.Workers) == 1:
		return ocf.Wait(100*time.Millisecond, "waiting for the first report of the worker")
	case started:
		return ocf.End(ocf.ErrGeneric, "the worker has ended right after it was started: %s", cmp.Or(f.Report.Error, "see its log"))
	}
	return ocf.Do("", ocf.MakeDir{Path: in.Dirs.Tmp, Mode: 0o1755}, ocf.Remove{Path: ReportFile(in.Request)}, e.daemon(in.Request))
}

func isStart(s ocf.Step) bool { _, ok := s.(ocf.Start); return ok }

// daemon is the worker. Its parameters are in its environment, which nobody but
// root can read.
func (e evacuate) daemon(r *ocf.Request) ocf.Start {
	d := ocf.Daemon{Path: e.program(), Args: WorkerArgs(r.Type, r.Instance)}
	for _, p := range evacuateDescription().Params {
		if value := r.Getenv("OCF_RESKEY_" + p.Name); value != "" {
			d.Env = append(d.Env, "OCF_RESKEY_"+p.Name+"="+value)
		}
	}
	return ocf.Start{Daemon: d}
}

func kill(list []ocf.Process, signal int) []ocf.Step {
	steps := make([]ocf.Step, 0, len(list))
	for _, p := range list {
		steps = append(steps, ocf.Kill{Process: p, Signal: signal})
	}
	return steps
}

func (e evacuate) stop(in ocf.Input[EvacuateParams], f evacuateFacts) ocf.Decision {
	if d, wait := awaitOrphans(in.Past, f.Orphans); wait {
		return d
	}
	if len(f.Workers) > 0 {
		return endProcesses(in, patience, f.Workers, "the worker")
	}
	if f.Found {
		return ocf.Do("", ocf.Remove{Path: ReportFile(in.Request)})
	}
	return ocf.Done()
}

// reserve is the time that is kept for SIGKILL before the deadline of a stop.
const reserve = 4 * time.Second

// endProcesses ends processes: with SIGTERM, and after some time with SIGKILL.
func endProcesses[P any](in ocf.Input[P], patience time.Duration, list []ocf.Process, what string) ocf.Decision {
	past, now := in.Past, in.Now
	asked, sent := past.First(func(s ocf.Step) bool { k, ok := s.(ocf.Kill); return ok && k.Signal == ocf.SIGTERM })
	_, killed := past.First(func(s ocf.Step) bool { k, ok := s.(ocf.Kill); return ok && k.Signal == ocf.SIGKILL })
	switch {
	case !sent:
		return ocf.Do("", kill(list, ocf.SIGTERM)...)
	case killed, now.Sub(asked.At) < patience && in.Left() > reserve:
		return ocf.Wait(100*time.Millisecond, "waiting for %s to end", what)
	}
	return ocf.Do(fmt.Sprintf("%s has not ended within %s of SIGTERM", what, now.Sub(asked.At).Round(time.Second)), kill(list, ocf.SIGKILL)...)
}
