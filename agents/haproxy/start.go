package haproxy

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
)

// poll is how often an action looks again while it waits.
const poll = 100 * time.Millisecond

func start(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if f.Master != nil {
		return started(in, f)
	}
	if _, launched := in.Past.First(isLaunch); launched {
		return ocf.End(ocf.ErrGeneric, "haproxy ended as soon as it was started: look at its log, and try: %s", p.commandLine("-d"))
	}
	if len(f.Procs) > 0 {
		return clearStrays(in, f)
	}
	if v := startable(p, f); v.Code != ocf.Success {
		return ocf.EndWith(v)
	}
	if p.pair.nsIP != "" && !madeNamespace(in) {
		return ocf.Do("the network namespace", makeNamespace(p)...)
	}
	if _, checked := in.Past.First(isCheck); !checked {
		return ocf.Do("", check(p))
	}
	if d, wait := addresses(in, f); wait {
		return d
	}
	return ocf.Do("", launchSteps(in, f, nil)...)
}

func madeNamespace(in ocf.Input[params]) bool {
	want := makeNamespace(in.Params)
	last := want[len(want)-1].String()
	_, made := in.Past.First(func(s ocf.Step) bool { return s.String() == last })
	return made
}

// launchSteps start haproxy. over are processes that it takes over from.
func launchSteps(in ocf.Input[params], f facts, over []ocf.Process) []ocf.Step {
	p := in.Params
	var steps []ocf.Step
	steps = append(steps, ocf.MakeDir{Path: path.Dir(p.masterSocket), Mode: 0o755}, ocf.Remove{Path: refusedFile(in.Request)})
	if f.PIDFile != "" {
		steps = append(steps, ocf.Remove{Path: p.pidfile})
	}
	// After a boot the folder may be missing where systemd would have made it.
	if s := f.Conf.BestSocket(); path.IsAbs(s) && !f.SockDir {
		steps = append(steps, ocf.MakeDir{Path: path.Dir(s), Mode: 0o755})
		if f.Conf.User != "" || f.Conf.Group != "" {
			steps = append(steps, ocf.Try{Step: ocf.SetOwner{Path: path.Dir(s), User: f.Conf.User, Group: f.Conf.Group}})
		}
	}
	c := p.commandLine("-W", "-D", "-p", p.pidfile, "-S", p.masterSocket+",mode,600,level,admin")
	if p.reniced {
		c.Args = append([]string{"-n", fmt.Sprint(p.renice), c.Path}, c.Args...)
		c.Path = "nice"
	}
	if len(over) > 0 {
		c.Args = append(c.Args, "-sf")
		for _, o := range over {
			c.Args = append(c.Args, fmt.Sprint(o.PID))
		}
	}
	return append(steps, launch{c})
}

// addresses waits for addresses that are not there yet, or says which cannot be bound to.
func addresses(in ocf.Input[params], f facts) (d ocf.Decision, wait bool) {
	if len(f.Unbound) == 0 {
		return d, false
	}
	text := describe(f.Unbound)
	waits := !slices.ContainsFunc(f.Unbound, func(u unbound) bool { return !u.Absent })
	since, _ := in.Past.First(isCheck)
	switch {
	case !waits:
		return ocf.End(ocf.ErrGeneric, "haproxy cannot listen at %s: end the other process (ss -ltnp shows it) or change the line", text), true
	case in.Now.Sub(since.At) < in.Params.bindWait && in.Left() > poll:
		return ocf.Wait(poll, "haproxy cannot listen at %s", text), true
	}
	return ocf.End(ocf.ErrGeneric, "haproxy cannot listen at %s: have the address started on this node before haproxy (order and colocation with its IPaddr2), or set net.ipv4.ip_nonlocal_bind (IPv6: net.ipv6.ip_nonlocal_bind) to 1", text), true
}

// describe names addresses that cannot be bound to, the first of many.
func describe(list []unbound) string {
	const most = 5
	var words []string
	for _, u := range list[:min(len(list), most)] {
		words = append(words, u.String())
	}
	if len(list) > most {
		words = append(words, fmt.Sprintf("and %d more", len(list)-most))
	}
	return strings.Join(words, "; ")
}

// clearStrays ends what is left of a haproxy whose master is gone: it would keep
// taking connections with an old configuration.
func clearStrays(in ocf.Input[params], f facts) ocf.Decision {
	const patience = 2 * time.Second
	first, done := in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Kill); return ok })
	switch {
	case !done:
		return ocf.Do("a worker without master is in the way", signal(f.Procs, ocf.SIGTERM)...)
	case in.Now.Sub(first.At) > patience && !slices.ContainsFunc(in.Past, isSignal(ocf.SIGKILL)):
		return ocf.Do("a worker without master does not end", signal(f.Procs, ocf.SIGKILL)...)
	}
	return ocf.Wait(poll, "waiting for the end of %s", pids(f.Procs))
}

// started waits until haproxy serves and has settled, and sees to its pid file.
func started(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if v := serves(p, f); v.Code != ocf.Success {
		since, launched := in.Past.First(isLaunch)
		if !launched && f.Info != nil && f.Info.Stopping {
			// A soft stop that somebody has begun: a new haproxy takes over from it.
			if _, checked := in.Past.First(isCheck); !checked {
				return ocf.Do("", check(p))
			}
			return ocf.Do("haproxy is stopping, a new one takes over", launchSteps(in, f, f.Procs)...)
		}
		if launched && p.verifyStart > 0 && in.Now.Sub(since.At) > p.verifyStart {
			return ocf.End(ocf.ErrGeneric, "%s (verify_start is over)", v.Reason)
		}
		if in.Left() < 2*poll {
			return ocf.EndWith(v)
		}
		return ocf.Wait(poll, "waiting until haproxy serves: %s", v.Reason)
	}
	launched, ours := in.Past.First(isLaunch)
	if d, wait := settling(in, f, launched.At); ours && wait {
		return d
	}
	var steps []ocf.Step
	if f.PIDFile != "" {
		steps = append(steps, ocf.WriteFile{Path: p.pidfile, Data: fmt.Sprintf("%d\n", f.Master.PID)})
	}
	owner := ocf.SetOwner{Path: p.pidfile, User: p.pidOwner, Group: p.pidGroup}
	if _, given := in.Past.First(func(s ocf.Step) bool { return s == owner }); !given && (p.pidOwner != "" || p.pidGroup != "") {
		steps = append(steps, owner)
	}
	if len(steps) > 0 {
		return ocf.Do("the pid file", steps...)
	}
	if ours {
		return settled(f)
	}
	return ocf.Done()
}

func signal(list []ocf.Process, number int) []ocf.Step {
	var steps []ocf.Step
	for _, p := range list {
		steps = append(steps, ocf.Kill{Process: p, Signal: number})
	}
	return steps
}

func isSignal(number int) func(ocf.Taken) bool {
	return func(t ocf.Taken) bool { k, ok := t.Step.(ocf.Kill); return ok && k.Signal == number }
}
