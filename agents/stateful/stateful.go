// Package stateful is the agent Stateful: a promotable resource that is nothing
// but a state file. It has the parameters and the behaviour of
// ocf:pacemaker:Stateful and ocf:heartbeat:Stateful.
package stateful

import (
	"context"
	"path"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

// The promotion scores of the two roles: a promoted instance is preferred to stay it.
const (
	scoreUnpromoted = 5
	scorePromoted   = 10
)

type params struct {
	state       string
	notifyDelay time.Duration
}

// facts is what the agent knows of the machine.
type facts struct {
	Role     string // Promoted, Unpromoted, or "" if there is no state file
	Odd      bool   // the state file holds something else
	Code     string // that monitor has to end with; "" if none is asked for
	StateDir bool   // the directory of the state file can be written to
}

// Agent is the agent.
func Agent() ocf.Runnable {
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse: func(v ocf.Values) params {
			return params{state: v.String("state"), notifyDelay: v.Time("notify_delay")}
		},
		Gather: gather, Monitor: monitor, Validate: validate,
		Start: start, Stop: stop, Promote: promote, Demote: demote, Notify: notify,
		ReloadAgent: func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
	}
}

func gather(_ context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	if in.Action != "monitor" {
		f.StateDir = sys.Writable(path.Dir(in.Params.state))
	}
	text, found, err := sys.ReadFile(in.Params.state, 1000)
	if err != nil {
		return f, err
	}
	// The words of all versions of the stock agents are understood, so that one can
	// take over from another while the resource runs.
	switch strings.TrimSpace(string(text)) {
	case ocf.Promoted, "master":
		f.Role = ocf.Promoted
	case ocf.Unpromoted, "slave":
		f.Role = ocf.Unpromoted
	default:
		f.Odd = found
	}
	if in.Action == "monitor" {
		text, _, err = sys.ReadFile(in.Params.state+".rc", 100)
		f.Code = strings.TrimSpace(string(text))
	}
	return f, err
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	if f.Code != "" {
		n, err := strconv.Atoi(f.Code)
		if err != nil || n < 0 || n > 255 {
			return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "file " + in.Params.state + ".rc holds " + strconv.Quote(f.Code) + ": put an exit code into it or remove it"}
		}
		return ocf.Verdict{Code: ocf.Code(n), Reason: "the exit code is that in the file " + in.Params.state + ".rc"}
	}
	v := ocf.Verdict{}
	score := scoreUnpromoted
	switch {
	case f.Odd:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "state file " + in.Params.state + " holds neither Promoted nor Unpromoted: stop the resource to have it removed"}
	case f.Role == "":
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no state file " + in.Params.state}
	case f.Role == ocf.Promoted:
		v.Code, score = ocf.RunningPromoted, scorePromoted
	}
	// A probe finds a resource that the cluster may know nothing of any more.
	if in.Probe() {
		v.Publish = []ocf.Publication{ocf.SetPromotionScore(score)}
	}
	return v
}

// become brings the resource into a role and tells the cluster. Where there is
// no cluster to tell, as in tests of the agent, the role is taken all the same.
func become(in ocf.Input[params], f facts, role string, score int) ocf.Decision {
	publish := ocf.Try{Step: ocf.SetPromotionScore(score)}
	if f.Role != role {
		return ocf.Do("", ocf.WriteFile{Path: in.Params.state, Data: role + "\n"}, publish)
	}
	if _, told := in.Past.First(func(s ocf.Step) bool { return s == publish }); !told {
		return ocf.Do("", publish)
	}
	return ocf.Done()
}

func start(in ocf.Input[params], f facts) ocf.Decision {
	dir := path.Dir(in.Params.state)
	if f.Role == "" && !f.Odd && !f.StateDir {
		if dir == in.Dirs.Tmp && len(in.Past) == 0 {
			return ocf.Do("", ocf.MakeDir{Path: dir, Mode: 0o1755})
		}
		return ocf.End(ocf.ErrArgs, "%s", notWritable(dir))
	}
	return become(in, f, ocf.Unpromoted, scoreUnpromoted)
}

func promote(in ocf.Input[params], f facts) ocf.Decision {
	if f.Role == "" && !f.Odd {
		return notRunning(in)
	}
	return become(in, f, ocf.Promoted, scorePromoted)
}

func demote(in ocf.Input[params], f facts) ocf.Decision {
	if f.Role == "" && !f.Odd {
		return notRunning(in)
	}
	return become(in, f, ocf.Unpromoted, scoreUnpromoted)
}

func notRunning(in ocf.Input[params]) ocf.Decision {
	return ocf.End(ocf.NotRunning, "%s of a resource that is not running: start it first", in.Action)
}

func stop(in ocf.Input[params], f facts) ocf.Decision {
	forget := ocf.Try{Step: ocf.DeletePromotionScore()}
	_, told := in.Past.First(func(s ocf.Step) bool { return s == forget })
	switch running := f.Role != "" || f.Odd; {
	case running:
		return ocf.Do("", forget, ocf.Remove{Path: in.Params.state})
	case !told:
		return ocf.Do("", forget)
	}
	return ocf.Done()
}

func notify(in ocf.Input[params], _ facts) ocf.Decision {
	if in.Params.notifyDelay > 0 && len(in.Past) == 0 {
		return ocf.Do("notify_delay", ocf.Pause{For: in.Params.notifyDelay})
	}
	return ocf.Done()
}

func validate(in ocf.Input[params], f facts) ocf.Verdict {
	if dir := path.Dir(in.Params.state); !f.StateDir && dir != in.Dirs.Tmp {
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: notWritable(dir)}
	}
	return ocf.Verdict{}
}

func notWritable(dir string) string {
	return "directory " + dir + " is missing or cannot be written to: create it or set the parameter state"
}
