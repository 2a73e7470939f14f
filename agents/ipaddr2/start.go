package ipaddr2

import (
	"fmt"
	"strconv"
	"time"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// How often an action looks again for something that the kernel does: an interface
// that comes up, a duplicate that is looked for.
const pollEvery = 100 * time.Millisecond

func did[S ocf.Step](in ocf.Input[params]) bool {
	_, ok := in.Past.First(func(s ocf.Step) bool {
		if try, ok := s.(ocf.Try); ok {
			s = try.Step
		}
		_, ok := s.(S)
		return ok
	})
	return ok
}

func (a agent) start(in ocf.Input[params], f facts) ocf.Decision {
	switch {
	case f.NoNamespace != "":
		return ocf.End(ocf.ErrInstalled, "%s", f.NoNamespace)
	case f.Lost != "":
		return ocf.End(ocf.ErrInstalled, "%s", f.Lost)
	}
	link := f.Place.Link
	if have := here(in, &f); len(have) > 0 {
		return a.finish(in, &f, have)
	}
	if did[addAddress](in) {
		if did[deleteAddress](in) {
			return ocf.End(ocf.ErrGeneric, "another node on %s has the address %s, which the kernel has found out: find that node, or the start of this resource that was not stopped", link.Name, address(in))
		}
		return ocf.End(ocf.ErrGeneric, "the address %s was added to %s and is gone again: something else removes it, such as a network manager", address(in), link.Name)
	}
	if !link.Up {
		if did[setUp](in) {
			return ocf.End(ocf.ErrGeneric, "the interface %s was set up and is down again: something else takes it down", link.Name)
		}
		return ocf.Do("the interface is down", setUp{a.place(in), link})
	}
	if bad := noCarrier(in, link); bad != "" {
		// An interface that was just set up takes a moment to find its carrier.
		if did[setUp](in) && in.Left() > time.Second {
			return ocf.Wait(pollEvery, "%s", bad)
		}
		return ocf.End(ocf.ErrGeneric, "%s", bad)
	}
	if f.Owner != "" {
		return ocf.End(ocf.ErrGeneric, "the address %s is in use by the station %s on %s, and two of them would make it useless: find that station; collision_detection=false takes the address all the same",
			address(in), f.Owner, link.Name)
	}
	return a.add(in, &f)
}

// finish is the end of a start: the address is on its interface.
func (a agent) finish(in ocf.Input[params], f *facts, have []netstate.Address) ocf.Decision {
	p := in.Params
	link, _ := f.Net.LinkOf(have[0].Link)
	switch bad := amiss(in, f, have); {
	case have[0].Duplicate && did[addAddress](in):
		return ocf.Do("another node has the address", deleteAddress{a.place(in), link.Name, have[0]})
	case have[0].Link != f.Place.Link.Index:
		return ocf.End(ocf.ErrGeneric, "the address %s is on the interface %s already, but its network is on %s: remove it there, or set nic", address(in), link.Name, f.Place.Link.Name)
	case bad != "":
		return ocf.End(ocf.ErrGeneric, "%s", bad)
	case !link.Up && !did[setUp](in):
		return ocf.Do("the interface is down", setUp{a.place(in), link})
	}
	if bad := noCarrier(in, link); bad != "" {
		if did[setUp](in) && in.Left() > time.Second {
			return ocf.Wait(pollEvery, "%s", bad)
		}
		return ocf.End(ocf.ErrGeneric, "%s", bad)
	}
	if have[0].Tentative {
		return ocf.Wait(pollEvery, "the kernel looks for duplicates of %s", address(in))
	}
	if f.Unbound != "" {
		return ocf.End(ocf.ErrGeneric, "the address %s is on %s, but no socket can be bound to it: %s", address(in), link.Name, f.Unbound)
	}
	switch {
	case p.count == 0:
		return ocf.Done()
	case link.Other == "infiniband":
		return tellInfiniBand(in, f, link)
	case !link.Answers():
		return ocf.Done()
	}
	return a.tell(in, link)
}

// tell announces the address, once.
func (a agent) tell(in ocf.Input[params], link netstate.Link) ocf.Decision {
	what := a.announcement(in, link.Name)
	daemon := ocf.Start{Daemon: ocf.Daemon{Path: a.self, Args: announcer(what)}}
	foreground := announce{a.place(in), what}
	if did[announce](in) {
		return ocf.Done()
	}
	if begun, ok := in.Past.First(isBackground); ok {
		if begun.Err == nil {
			return ocf.Done()
		}
		return ocf.Do("no process could be started in the background", foreground)
	}
	if in.Params.background && a.self != "" {
		return ocf.Do("", ocf.Try{Step: daemon})
	}
	return ocf.Do("", foreground)
}

// tellInfiniBand leaves the announcement to a program: hardware addresses of InfiniBand
// have another length, and packets to all its stations another address.
func tellInfiniBand(in ocf.Input[params], f *facts, link netstate.Link) ocf.Decision {
	if f.Sender == "" || in.Params.namespace != "" || in.Params.six() {
		return ocf.End(ocf.Success, "the address %s on %s was not announced: on InfiniBand that needs the program ipoibarping or arping, IPv4, and no network namespace", address(in), link.Name)
	}
	if did[ocf.Run](in) {
		return ocf.Done()
	}
	return ocf.Do("", ocf.Try{Step: ocf.Run{Command: ocf.Command{
		Path: f.Sender, Args: []string{"-q", "-c", strconv.Itoa(in.Params.count), "-U", "-I", link.Name, address(in).String()},
	}}})
}

func isBackground(s ocf.Step) bool {
	try, ok := s.(ocf.Try)
	if !ok {
		return false
	}
	_, ok = try.Step.(ocf.Start)
	return ok
}

// add puts the address on its interface.
func (a agent) add(in ocf.Input[params], f *facts) ocf.Decision {
	p, link := in.Params, f.Place.Link
	if other := entries(in, f, func(l netstate.Link) bool { return !l.Loopback && l.Index != link.Index }); len(other) > 0 {
		return ocf.End(ocf.ErrGeneric, "the address is on another interface of this node already (%s): remove it there, or correct nic", prefixes(f, other))
	}
	w := wanted(in, f)
	if len(w.Label) > maxLabel {
		return ocf.End(ocf.ErrConfigured, "the label %s has more than %d bytes: take a shorter iflabel", w.Label, maxLabel)
	}
	var steps []ocf.Step
	if p.lvs {
		for _, lo := range entries(in, f, func(l netstate.Link) bool { return l.Loopback }) {
			steps = append(steps, ocf.WriteFile{Path: savedFile(in), Data: lo.Prefix.String() + "\n"},
				deleteAddress{a.place(in), "the loopback interface", lo})
		}
	}
	// Before the address, so that no connection begins with it as its source.
	if p.six() && p.sourceLabel {
		steps = append(steps, ocf.Try{Step: setLabel{a.place(in), address(in), p.sourceLabelValue, false}})
	}
	steps = append(steps, addAddress{a.place(in), link.Name, w})
	why := ""
	if f.Asked {
		why = fmt.Sprintf("no other station on %s has %s", link.Name, address(in))
	}
	return ocf.Do(why, steps...)
}
