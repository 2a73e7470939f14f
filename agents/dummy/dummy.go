// Package dummy is the agent Dummy: a resource that is nothing but a state file.
// It has the parameters and the behaviour of ocf:heartbeat:Dummy and
// ocf:pacemaker:Dummy together, for tests of clusters, and is the shortest example
// of an agent.
package dummy

import (
	"context"
	"path"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

type params struct {
	state, envFile string
	opSleep        time.Duration
	failStartOn    string
}

// facts is what the agent knows of the machine.
type facts struct {
	Running   bool   // the state file is there
	Content   string // of the state file
	StateDir  bool   // the directory of the state file can be written to
	EnvDir    bool   // so can that of the environment file, or there is none
	Collision bool   // another monitor of the resource is at work
	Roll      byte   // a random number
	Host      string
}

// Agent is the agent.
func Agent() ocf.Runnable {
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse: func(v ocf.Values) params {
			// Changes of these are of interest to the cluster alone.
			_, _ = v.Secret("passwd"), v.String("fake")
			return params{
				state: v.String("state"), envFile: v.String("envfile"),
				opSleep: v.Time("op_sleep"), failStartOn: v.String("fail_start_on"),
			}
		},
		Gather: gather, Monitor: monitor, Validate: validate,
		Start: start, Stop: stop,
		Reload:      func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
		ReloadAgent: start,
		MigrateTo:   stop, MigrateFrom: start,
	}
}

func gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	if in.Params.opSleep > 0 && len(in.Past) == 0 && in.Action != "reload" && in.Action != "validate-all" {
		if f.Collision, err = sleep(ctx, in, sys); err != nil || f.Collision {
			return f, err
		}
	}
	info, err := sys.Stat(in.Params.state)
	if err != nil {
		return f, err
	}
	f.Running = info.Kind == ocf.Regular
	if in.Action == "monitor" {
		err = atLevel(ctx, in, sys, &f)
		return f, err
	}
	f.StateDir = sys.Writable(path.Dir(in.Params.state))
	f.EnvDir = in.Params.envFile == "" || sys.Writable(path.Dir(in.Params.envFile))
	f.Host = sys.Hostname()
	return f, nil
}

// atLevel finds what the check level of a monitor asks for.
func atLevel(ctx context.Context, in ocf.Input[params], sys ocf.Reader, f *facts) (err error) {
	if !f.Running {
		return nil
	}
	var b []byte
	switch in.CheckLevel {
	case 10:
		err = sys.Sleep(ctx, 30*time.Second)
	case 20:
		if b, _, err = sys.ReadFile("/dev/urandom", 1); err == nil && len(b) == 1 {
			f.Roll = b[0]
		}
	case 40:
		b, _, err = sys.ReadFile(in.Params.state, 100)
		f.Content = strings.TrimSpace(string(b))
	}
	return err
}

// sleep waits for op_sleep. Meanwhile a second monitor collides with this one.
func sleep(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (collision bool, err error) {
	if in.Action == "monitor" {
		release, claimed, err := sys.Claim("Dummy " + in.Params.state)
		if err != nil || !claimed {
			return err == nil, err
		}
		defer release()
	}
	return false, sys.Sleep(ctx, in.Params.opSleep)
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	fail := func(reason string) ocf.Verdict { return ocf.Verdict{Code: ocf.ErrGeneric, Reason: reason} }
	switch {
	case f.Collision:
		return fail("two monitors of " + in.Instance + " run at the same time: the resource manager must run one after the other")
	case !f.Running:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no state file " + in.Params.state}
	case in.CheckLevel == 20 && f.Roll%5 == 1:
		return fail("check level 20 fails one time in five, as it is meant to")
	case in.CheckLevel == 30:
		return fail("check level 30 always fails, as it is meant to")
	case in.CheckLevel == 40 && f.Content != "":
		n, err := strconv.Atoi(f.Content)
		if err != nil || n < 0 || n > 255 {
			return fail("check level 40 wants an exit code in the state file, not " + strconv.Quote(f.Content))
		}
		return ocf.Verdict{Code: ocf.Code(n), Reason: "check level 40 gives the exit code that is in the state file"}
	}
	return ocf.Verdict{}
}

func start(in ocf.Input[params], f facts) ocf.Decision {
	if f.Running {
		if in.Params.failStartOn != "" && in.Params.failStartOn == f.Host {
			return ocf.End(ocf.ErrGeneric, "%s fails on %s, as fail_start_on wants it, though the resource runs", in.Action, f.Host)
		}
		return ocf.Done()
	}
	dir := path.Dir(in.Params.state)
	if !f.StateDir {
		if dir == in.Dirs.Tmp && len(in.Past) == 0 {
			return ocf.Do("", ocf.MakeDir{Path: dir, Mode: 0o1755})
		}
		return ocf.End(ocf.ErrArgs, "%s", notWritable(dir, "state"))
	}
	why := ""
	if in.Action == "migrate_from" {
		why = "migrate " + in.Instance + " from " + in.Meta.MigrateSource
	}
	return ocf.Do(why, ocf.WriteFile{Path: in.Params.state})
}

func stop(in ocf.Input[params], f facts) ocf.Decision {
	if !f.Running {
		return ocf.Done()
	}
	why := ""
	if in.Action == "migrate_to" {
		why = "migrate " + in.Instance + " to " + in.Meta.MigrateTarget
	}
	return ocf.Do(why, ocf.Remove{Path: in.Params.state})
}

func validate(in ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case !f.StateDir && path.Dir(in.Params.state) != in.Dirs.Tmp:
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: notWritable(path.Dir(in.Params.state), "state")}
	case !f.EnvDir:
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: notWritable(path.Dir(in.Params.envFile), "envfile")}
	}
	return ocf.Verdict{}
}

func notWritable(dir, param string) string {
	return "directory " + dir + " is missing or cannot be written to: create it or set the parameter " + param
}
