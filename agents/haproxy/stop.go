package haproxy

import (
	"slices"
	"time"

	"systole/agents/ocf"
)

// How a stop divides its time.
const (
	longestTerm = 5 * time.Second // from SIGTERM to SIGKILL, where verify_stop says nothing
	killReserve = 2 * time.Second // from SIGKILL to the end
)

// stop drains (SIGUSR1), then closes (SIGTERM), then kills.
func stop(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if len(f.Procs) == 0 {
		return cleanUp(in, f)
	}
	if d, again := startedAgain(in, f); again {
		return d
	}
	begin := in.Now
	if len(in.Past) > 0 {
		begin = in.Past[0].At
	}
	drain, term := stopTimes(p, in.Now.Sub(begin)+in.Left())
	usr1, isDrained := sent(in, ocf.SIGUSR1)
	term1, isTermed := sent(in, ocf.SIGTERM)
	kill1, isKilled := sent(in, ocf.SIGKILL)
	heads := slices.Clone(f.Strays)
	if f.Master != nil {
		heads = append(heads, *f.Master)
	}
	switch {
	case isKilled:
		// A process that was made in between.
		if fresh := unsent(in, f.Procs, ocf.SIGKILL); len(fresh) > 0 {
			return ocf.Do("", signal(fresh, ocf.SIGKILL)...)
		}
		if in.Now.Sub(kill1.At) > killReserve && in.Left() < 2*poll {
			return ocf.End(ocf.ErrGeneric, "%s does not die even of SIGKILL: it hangs in the kernel, look at /proc/PID/stack; fencing of the node ends it", pids(f.Procs))
		}
		return ocf.Wait(poll, "waiting for the end of %s after SIGKILL", pids(f.Procs))
	case isTermed && in.Now.Sub(term1.At) >= term:
		return ocf.Do("haproxy does not end on SIGTERM", signal(f.Procs, ocf.SIGKILL)...)
	case isTermed:
		return ocf.Wait(poll, "waiting for the end of %s after SIGTERM", pids(f.Procs))
	case drain > 0 && !isDrained:
		return ocf.Do("no new connections; those that there are may end", signal(heads, ocf.SIGUSR1)...)
	case isDrained && in.Now.Sub(usr1.At) < drain:
		return ocf.Wait(poll, "waiting up to %s for the end of connections of %s", drain, pids(f.Procs))
	}
	// Workers of former configurations too: their master does not end before them.
	return ocf.Do("connections that are left are closed", signal(f.Procs, ocf.SIGTERM)...)
}

// stopTimes divides the whole time of a stop.
func stopTimes(p params, whole time.Duration) (drain, term time.Duration) {
	term = longestTerm
	if p.verifyStop > 0 {
		term = p.verifyStop
	}
	term = min(term, whole/3)
	return max(0, min(p.drain, whole-term-min(killReserve, whole/3)-2*poll)), term
}

func sent(in ocf.Input[params], number int) (ocf.Taken, bool) {
	return in.Past.First(func(s ocf.Step) bool { k, ok := s.(ocf.Kill); return ok && k.Signal == number })
}

// unsent are the processes that have not been sent a signal.
func unsent(in ocf.Input[params], list []ocf.Process, number int) []ocf.Process {
	return slices.DeleteFunc(slices.Clone(list), func(p ocf.Process) bool {
		_, done := in.Past.First(func(s ocf.Step) bool {
			k, ok := s.(ocf.Kill)
			return ok && k.Signal == number && k.Process.PID == p.PID && k.Process.Start == p.Start
		})
		return done
	})
}

// startedAgain: a supervisor that starts haproxy again as often as it is stopped
// cannot be beaten, only named.
func startedAgain(in ocf.Input[params], f facts) (ocf.Decision, bool) {
	if f.Master == nil || len(in.Past) == 0 {
		return ocf.Decision{}, false
	}
	first, ok := in.Past[0].Step.(ocf.Kill)
	known := first.Process
	if !ok || f.Master.Start <= known.Start || f.Master.Parent == known.PID || f.Master.PID == known.PID || !slices.Contains(f.Master.Args, "-Ws") {
		return ocf.Decision{}, false
	}
	return ocf.End(ocf.ErrGeneric, "haproxy was stopped, and something has started it again (process %d, with -Ws as systemd does): systemctl disable --now haproxy", f.Master.PID), true
}

// cleanUp removes what haproxy has left in the file system.
func cleanUp(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	steps := []ocf.Step{ocf.Remove{Path: refusedFile(in.Request)}, ocf.Remove{Path: p.masterSocket}}
	if f.PIDFile == "" || f.PIDFile != "there is no pid file "+p.pidfile {
		steps = append(steps, ocf.Remove{Path: p.pidfile})
	}
	last := steps[len(steps)-1]
	if _, done := in.Past.First(func(s ocf.Step) bool { return s == last }); done {
		return ocf.Done()
	}
	return ocf.Do("", steps...)
}
