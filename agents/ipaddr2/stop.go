package ipaddr2

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// savedFile is where a start with lvs_support notes the address that it took from
// the loopback interface.
func savedFile(in ocf.Input[params]) string { return in.StateFile(".loopback") }

func readSaved(sys ocf.Reader, in ocf.Input[params]) (string, error) {
	b, _, err := sys.ReadFile(savedFile(in), 200)
	return strings.TrimSpace(string(b)), err
}

func (a agent) stop(in ocf.Input[params], f facts) ocf.Decision {
	steps, dying := endAnnouncers(in, f.Announcing)
	if !address(in).IsValid() || f.NoNamespace != "" {
		// A namespace that is gone has taken the address with it.
		return last(steps, dying)
	}
	have := here(in, &f)
	for _, entry := range have {
		link, _ := f.Net.LinkOf(entry.Link)
		steps = append(steps, deleteAddress{a.place(in), link.Name, entry})
	}
	p := in.Params
	if len(have) > 0 && p.flush && !p.six() {
		steps = append(steps, ocf.Try{Step: flushRoutes{a.place(in)}})
	}
	if p.six() && p.sourceLabel && !did[setLabel](in) {
		steps = append(steps, ocf.Try{Step: setLabel{a.place(in), address(in), p.sourceLabelValue, true}})
	}
	return last(append(steps, a.giveBack(in, &f)...), dying)
}

// dyingTime is how long a process is waited for that was killed. It sends nothing any
// more, and on a busy node the kernel takes a while to clear it away.
const dyingTime = 2 * time.Second

// endAnnouncers kills each process once. dying says that some are still there, and worth
// waiting for.
func endAnnouncers(in ocf.Input[params], list []ocf.Process) (steps []ocf.Step, dying bool) {
	for _, p := range list {
		kill := ocf.Kill{Process: p, Signal: ocf.SIGKILL}
		t, sent := in.Past.First(func(s ocf.Step) bool {
			k, ok := s.(ocf.Kill)
			return ok && k.Process.PID == p.PID && k.Process.Start == p.Start
		})
		switch {
		case !sent:
			steps = append(steps, kill)
		case in.Now.Sub(t.At) < dyingTime:
			dying = true
		}
	}
	return steps, dying
}

// last ends the action when nothing is left to be done.
func last(steps []ocf.Step, dying bool) ocf.Decision {
	switch {
	case len(steps) > 0:
		return ocf.Do("", steps...)
	case dying:
		return ocf.Wait(10*time.Millisecond, "waiting for the end of announcements")
	}
	return ocf.Done()
}

// giveBack puts an address back on the loopback interface that start took from it.
func (a agent) giveBack(in ocf.Input[params], f *facts) []ocf.Step {
	if f.Saved == "" {
		return nil
	}
	forget := ocf.Remove{Path: savedFile(in)}
	prefix, err := netip.ParsePrefix(f.Saved)
	lo := slices.IndexFunc(f.Net.Links, func(l netstate.Link) bool { return l.Loopback })
	if err != nil || prefix.Addr() != address(in) || lo < 0 {
		return []ocf.Step{forget}
	}
	link := f.Net.Links[lo]
	return []ocf.Step{
		addAddress{a.place(in), link.Name, netstate.Address{Link: link.Index, Prefix: prefix, Preferred: netstate.Forever}},
		forget,
	}
}
