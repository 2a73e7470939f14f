package haproxy

import (
	"fmt"
	"slices"
	"strings"

	"systole/agents/ocf"
)

// refusedFile is where a reload that changed nothing says why, for monitors to see.
func refusedFile(r *ocf.Request) string { return r.StateFile(".refused") }

func fail(format string, args ...any) ocf.Verdict {
	return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf(format, args...)}
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case len(f.Procs) == 0:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: " + f.PIDFile + ", and no haproxy runs with " + in.Params.conf[0]}
	case f.Master == nil:
		return fail("haproxy has no master process, only what is left of it (%s): stop the resource, which ends it", pids(f.Procs))
	}
	if v := serves(in.Params, f); v.Code != ocf.Success {
		return v
	}
	degraded := func(format string, args ...any) ocf.Verdict {
		return ocf.Verdict{Code: ocf.Degraded, Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case f.Refused != "":
		return degraded("%s", f.Refused)
	case f.ConfErr != "":
		return degraded("haproxy runs, but could not be started again: %s", f.ConfErr)
	case f.CheckErr != "":
		return degraded("haproxy runs, but could not be started again: its configuration is wrong: %s: correct it", f.CheckErr)
	}
	return watched(in.Params, f)
}

// serves says whether haproxy answers.
func serves(p params, f facts) ocf.Verdict {
	switch {
	case f.Asked == "":
		// Started by hand without any socket: that the process is there is all that
		// can be known of it, unless there is a URL.
		if f.URLErr != "" {
			break
		}
		return ocf.Verdict{}
	case f.Info == nil:
		return fail("haproxy (process %d) does not answer at %s: %s", f.Master.PID, f.Asked, f.AskErr)
	case f.Info.Stopping:
		return fail("haproxy (process %d) is stopping: it takes no new connections and ends with the last of its %d: start the resource again", f.Info.PID, f.Info.Connections)
	}
	if f.URLErr != "" {
		return fail("haproxy (process %d) runs, but %s does not answer well: %s", f.Master.PID, p.url, f.URLErr)
	}
	return ocf.Verdict{}
}

// watched looks at the backends that the resource has to have.
func watched(p params, f facts) ocf.Verdict {
	if len(p.backends) == 0 || f.Info == nil {
		return ocf.Verdict{}
	}
	var down, unknown []string
	lasting := false
	for _, name := range p.backends {
		found := false
		for _, r := range f.Rows {
			if r.Proxy != name || !r.Backend() {
				continue
			}
			found = true
			if !r.Up() {
				down = append(down, name+fmt.Sprintf(" (since %s)", r.Changed))
				lasting = lasting || r.Changed >= p.grace
			}
		}
		if !found {
			unknown = append(unknown, name)
		}
	}
	switch {
	case len(down) > 0 && (p.degraded || !lasting):
		return ocf.Verdict{Code: ocf.Degraded, Reason: "no server takes work in " + strings.Join(down, ", ")}
	case len(down) > 0:
		return fail("no server takes work in %s: look at the servers, and at the way to them from this node", strings.Join(down, ", "))
	case len(unknown) > 0:
		// A restart would not help.
		return ocf.Verdict{Code: ocf.Degraded, Reason: "haproxy has no backend " + strings.Join(unknown, ", ") + ": correct the parameter backends"}
	}
	return ocf.Verdict{}
}

func pids(list []ocf.Process) string {
	var words []string
	for _, p := range list {
		words = append(words, fmt.Sprint(p.PID))
	}
	return "process " + strings.Join(words, ", ")
}

func validate(in ocf.Input[params], f facts) ocf.Verdict {
	if v := startable(in.Params, f); v.Code != ocf.Success {
		return v
	}
	if f.CheckErr != "" {
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: "the configuration is wrong: " + f.CheckErr + ": correct it"}
	}
	var unknown []string
	for _, b := range in.Params.backends {
		if !slices.Contains(f.Conf.Backends, b) {
			unknown = append(unknown, b)
		}
	}
	if len(unknown) > 0 {
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: "the configuration has no backend " + strings.Join(unknown, ", ") + ": correct the parameter backends"}
	}
	return ocf.Verdict{}
}

// startable says what stands in the way of a start besides addresses.
func startable(p params, f facts) ocf.Verdict {
	switch {
	case f.ConfErr != "":
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: f.ConfErr}
	case f.NoSpace && p.pair.nsIP == "":
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: "network namespace " + p.ns + " does not exist: create it before (ip netns add " + p.ns + "), or set namespace_ip to have it made"}
	}
	return ocf.Verdict{}
}
