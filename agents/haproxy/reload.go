package haproxy

import (
	"fmt"
	"slices"
	"time"

	"systole/agents/ocf"
)

// replace tells the master to replace its worker. It remembers which worker
// there was: a reload is over when another one answers.
type replace struct {
	ocf.Kill
	Worker int // process that answered before; 0 if none did
	Failed int // reloads that had failed before
}

func (s replace) String() string { return s.Kill.String() + " to reload" }

func isReplace(s ocf.Step) bool { _, ok := s.(replace); return ok }

// reload has the configuration read anew, if haproxy accepts it.
func reload(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if f.Master == nil {
		return ocf.End(ocf.NotRunning, "haproxy is not running: start it, which reads the configuration")
	}
	checked, done := in.Past.First(isCheck)
	switch {
	case !done && f.ConfErr != "":
		return refuse(in, f.ConfErr)
	case !done:
		return ocf.Do("", ocf.Try{Step: check(p)})
	case checked.Err != nil:
		return refuse(in, checked.Err.Error())
	}
	if launched, done := in.Past.First(isLaunch); done {
		return tookOver(in, f, launched)
	}
	if !isMaster(*f.Master, f.Conf) {
		return ocf.Do("haproxy was started without master, one with master takes over", launchSteps(in, f, f.Procs)...)
	}
	if taken, done := in.Past.First(isReplace); done {
		return replaced(in, f, taken)
	}
	r := replace{Kill: ocf.Kill{Process: *f.Master, Signal: ocf.SIGUSR2}}
	if f.Info != nil {
		r.Worker = f.Info.PID
	}
	if f.Proc != nil {
		r.Failed = f.Proc.Failed
	}
	return ocf.Do("", r)
}

// tookOver waits until a haproxy with master serves in the place of one that was
// started by hand without: it listens beside the old one, which then ends softly.
func tookOver(in ocf.Input[params], f facts, launched ocf.Taken) ocf.Decision {
	since := in.Now.Sub(launched.At)
	switch {
	case isMaster(*f.Master, f.Conf) && f.Info != nil && !f.Info.Stopping:
		return accept(in, f, launched.At)
	case in.Left() < reserve || since > longestReload:
		return refuse(in, "the new haproxy did not serve within "+since.Truncate(poll).String())
	}
	return ocf.Wait(poll, "waiting until the new haproxy serves")
}

// replaced waits until the new worker answers.
func replaced(in ocf.Input[params], f facts, taken ocf.Taken) ocf.Decision {
	r := taken.Step.(replace)
	switch since := in.Now.Sub(taken.At); {
	case f.Info != nil && !f.Info.Stopping && f.Info.PID != r.Worker && f.URLErr == "":
		return accept(in, f, taken.At)
	case f.Proc != nil && f.Proc.Failed > r.Failed && since > poll:
		return refuse(in, "haproxy could not start a new worker: "+failure(f))
	case in.Left() < reserve || since > longestReload:
		text := "no new worker answered within " + since.Truncate(poll).String()
		if v := serves(in.Params, f); v.Reason != "" {
			text += ": " + v.Reason
		}
		return refuse(in, text)
	}
	return ocf.Wait(poll, "waiting until a new worker answers")
}

const (
	// longestReload is how long a new worker may take to read its configuration.
	longestReload = 5 * time.Minute
	reserve       = time.Second // to say what happened
)

// failure is why a worker did not start, as far as it can be known.
func failure(f facts) string {
	switch {
	case f.Log != "":
		return f.Log
	case len(f.Unbound) > 0:
		return "it cannot listen at " + describe(f.Unbound)
	}
	return "look at its log"
}

// accept ends a reload that has succeeded. A master executes itself anew at a reload
// as after a start.
func accept(in ocf.Input[params], f facts, since time.Time) ocf.Decision {
	if d, wait := settling(in, f, since); wait {
		return d
	}
	forget := ocf.Remove{Path: refusedFile(in.Request)}
	if slices.ContainsFunc(in.Past, func(t ocf.Taken) bool { return t.Step == forget }) {
		return settled(f)
	}
	return ocf.Do("", forget)
}

// refuse ends a reload that has changed nothing. The cluster must not be told of
// a failure: it would restart haproxy, with the configuration that is wrong.
// Monitors tell it instead.
func refuse(in ocf.Input[params], why string) ocf.Decision {
	text := fmt.Sprintf("the configuration was not loaded, haproxy goes on with the one of before: %s", why)
	note := ocf.WriteFile{Path: refusedFile(in.Request), Data: text + "\n"}
	if !slices.ContainsFunc(in.Past, func(t ocf.Taken) bool { return t.Step == note }) {
		return ocf.Do("", note)
	}
	if in.Action == "reload" && in.API.AtLeast(1, 1) {
		return ocf.End(ocf.ErrGeneric, "%s", text)
	}
	return ocf.End(ocf.Success, "%s", text)
}
