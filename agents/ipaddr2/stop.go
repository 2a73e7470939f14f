package ipaddr2

import (
	"net/netip"
	"slices"
	"strings"

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
	var steps []ocf.Step
	for _, p := range f.Announcing {
		steps = append(steps, ocf.Kill{Process: p, Signal: ocf.SIGKILL})
	}
	if !address(in).IsValid() || f.NoNamespace != "" {
		// A namespace that is gone has taken the address with it.
		return last(steps)
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
	return last(append(steps, a.giveBack(in, &f)...))
}

// last ends the action when nothing is left to be done.
func last(steps []ocf.Step) ocf.Decision {
	if len(steps) == 0 {
		return ocf.Done()
	}
	return ocf.Do("", steps...)
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
