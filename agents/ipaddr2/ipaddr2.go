// Package ipaddr2 is the agent IPaddr2: a virtual IPv4 or IPv6 address.
package ipaddr2

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// facts is what the agent knows of the node.
type facts struct {
	NoNamespace string // why there is no network to look at; "" if there is one
	Net         netstate.State
	// Place is where the address belongs, or Lost says why it belongs nowhere.
	Place netstate.Place
	Lost  string

	Asked   bool   // the network was asked who has the address
	Owner   string // who answered, "" if nobody
	Unbound string // why no socket can be bound to the address here
	// Sender is a program that can announce an address on InfiniBand; "" if there is none.
	Sender string
	// Announcing are processes that announce the address.
	Announcing []ocf.Process
	Saved      string // the address that was taken from the loopback interface
}

// agent holds what the functions of the agent need besides their input.
type agent struct {
	net  Network
	self string // path of this program, for announcements in the background
}

// Agent is the agent. self is the path of the program that has the command
// "announce"; without it announcements are made in the foreground.
func Agent(net Network, self string) ocf.Runnable {
	a := agent{net, self}
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse:       parse, Check: check,
		Gather: a.gather, Monitor: monitor, Validate: validate,
		Start: a.start, Stop: a.stop,
		ReloadAgent: func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
	}
}

func (a agent) gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	p, ip := in.Params, address(in)
	if !ip.IsValid() {
		return f, nil // a stop of something that cannot have been started
	}
	if in.Action == "monitor" {
		f.Net, err = a.net.LookFor(ctx, p.namespace, ip)
	} else {
		// Routes say where the address belongs: of interest where it is not yet.
		f.Net, err = a.net.Look(ctx, p.namespace, p.six(), in.Action != "stop")
	}
	var missing *netstate.NoNamespaceError
	if errors.As(err, &missing) {
		f.NoNamespace, err = err.Error(), nil
		return f, nil
	}
	if err != nil {
		return f, denied(err)
	}
	switch in.Action {
	case "monitor":
		err = a.lookAtRunning(ctx, in, &f)
	case "stop":
		if f.Announcing, err = sys.Find(func(q ocf.Process) bool { return announces(q, p.namespace, ip) }); err == nil && p.lvs {
			f.Saved, err = readSaved(sys, in)
		}
	default:
		if err = a.lookAround(ctx, in, &f); f.Place.Link.Other == "infiniband" {
			f.Sender = sender(sys)
		}
	}
	return f, err
}

func sender(sys ocf.Reader) string {
	for _, program := range []string{"ipoibarping", "arping"} {
		if _, found := sys.LookPath(program); found {
			return program
		}
	}
	return ""
}

// lookAround finds where the address belongs, and who else has it.
func (a agent) lookAround(ctx context.Context, in ocf.Input[params], f *facts) (err error) {
	p, ip := in.Params, address(in)
	f.Place, err = f.Net.Find(netstate.Wish{IP: ip, Interface: p.nic, Bits: p.bits, Protocol: p.protocol})
	if err != nil {
		f.Lost = err.Error()
		return nil
	}
	if in.Action != "start" {
		return nil
	}
	have := here(in, f)
	switch {
	case len(have) == 0 && p.detect && (!p.six() || p.noDAD) && f.Place.Link.Up && f.Place.Link.Carrier:
		mac, found, err := a.net.Owner(ctx, p.namespace, f.Place.Link, ip)
		if err != nil {
			return denied(err)
		}
		f.Asked = true
		if found {
			f.Owner = mac.String()
		}
	case len(have) > 0 && !have[0].Tentative && !have[0].Duplicate:
		if err := a.net.Bindable(ctx, p.namespace, f.Place.Link.Index, ip); err != nil {
			f.Unbound = err.Error()
		}
	}
	return nil
}

// lookAtRunning is what monitor does beyond looking at the interfaces.
func (a agent) lookAtRunning(ctx context.Context, in ocf.Input[params], f *facts) error {
	p, ip := in.Params, address(in)
	have := here(in, f)
	if len(have) == 0 || have[0].Duplicate {
		return nil
	}
	link, _ := f.Net.LinkOf(have[0].Link)
	if p.refresh > 0 && !in.Probe() && link.Carrier {
		n := a.announcement(in, link.Name)
		n.Count = p.refresh
		// A monitor that is late is worse than one announcement less.
		if most := in.Meta.Timeout / 2; most > 0 && n.Interval*time.Duration(n.Count) > most {
			n.Count = max(1, int(most/n.Interval))
		}
		if err := a.net.Announce(ctx, n); err != nil {
			return denied(err)
		}
	}
	if in.CheckLevel >= 10 && p.detect && link.Up && link.Carrier {
		mac, found, err := a.net.Owner(ctx, p.namespace, link, ip)
		if err != nil {
			return denied(err)
		}
		f.Asked = true
		if found {
			f.Owner = mac.String()
		}
	}
	return nil
}

// here are the entries of the address on the interface that is meant: that of
// the parameters, else any but the loopback interface, unless the address is one of it.
func here(in ocf.Input[params], f *facts) []netstate.Address {
	return entries(in, f, func(l netstate.Link) bool {
		if in.Params.nic != "" {
			return l.Named(in.Params.nic)
		}
		return !l.Loopback || address(in).IsLoopback()
	})
}

func entries(in ocf.Input[params], f *facts, on func(netstate.Link) bool) []netstate.Address {
	ip := address(in)
	if !ip.IsValid() {
		return nil
	}
	return slices.DeleteFunc(f.Net.Having(ip), func(a netstate.Address) bool {
		l, ok := f.Net.LinkOf(a.Link)
		return !ok || !on(l)
	})
}

// amiss says what is wrong with the address as it is on a link; "" if nothing.
func amiss(in ocf.Input[params], f *facts, have []netstate.Address) string {
	p := in.Params
	a := have[0]
	link, _ := f.Net.LinkOf(a.Link)
	switch {
	case len(have) > 1:
		return fmt.Sprintf("the address %s is on this node more than once (%s): stop the resource to have it removed, or name one interface in nic", a.Prefix.Addr(), prefixes(f, have))
	case a.Duplicate:
		return fmt.Sprintf("the address %s is not usable: another node on %s has it too, which the kernel has found out (dadfailed): find that node", a.Prefix.Addr(), link.Name)
	case p.bits >= 0 && a.Prefix.Bits() != p.bits:
		return fmt.Sprintf("the address is on %s as %s, not with %d bits as in cidr_netmask: stop the resource to have it removed", link.Name, a.Prefix, p.bits)
	case p.label != "" && !p.six() && a.Label != link.Name+":"+p.label:
		return fmt.Sprintf("the address %s on %s has the label %q, not %s: stop the resource to have it removed", a.Prefix, link.Name, a.Label, link.Name+":"+p.label)
	}
	return ""
}

func prefixes(f *facts, list []netstate.Address) string {
	words := make([]string, len(list))
	for i, a := range list {
		l, _ := f.Net.LinkOf(a.Link)
		words[i] = a.Prefix.String() + " on " + l.Name
	}
	return strings.Join(words, ", ")
}

// noCarrier says that a link does not carry packets; "" if it does.
func noCarrier(in ocf.Input[params], l netstate.Link) string {
	switch {
	case !in.Params.needCarrier || l.Up && l.Carrier:
		return ""
	case !l.Up:
		return "the interface " + l.Name + " is down: set it up"
	}
	return "the interface " + l.Name + " has no carrier: look at its cable, its switch, or the interface below it"
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	fail := func(reason string) ocf.Verdict { return ocf.Verdict{Code: ocf.ErrGeneric, Reason: reason} }
	if f.NoNamespace != "" {
		return ocf.Verdict{Code: ocf.NotRunning, Reason: f.NoNamespace}
	}
	have := here(in, &f)
	if len(have) == 0 {
		where := "any interface"
		if in.Params.nic != "" {
			where = in.Params.nic
		}
		return ocf.Verdict{Code: ocf.NotRunning, Reason: fmt.Sprintf("not running: the address %s is not on %s", address(in), where)}
	}
	if bad := amiss(in, &f, have); bad != "" {
		return fail(bad)
	}
	link, _ := f.Net.LinkOf(have[0].Link)
	if bad := noCarrier(in, link); bad != "" {
		return fail(bad)
	}
	if f.Owner != "" {
		return ocf.Verdict{Code: ocf.Degraded, Reason: fmt.Sprintf(
			"the station %s on %s has the address %s too: find it, its packets and ours go to either", f.Owner, link.Name, address(in))}
	}
	return ocf.Verdict{}
}

func validate(_ ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case f.NoNamespace != "":
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: f.NoNamespace}
	case f.Lost != "":
		return ocf.Verdict{Code: ocf.ErrInstalled, Reason: f.Lost}
	}
	return ocf.Verdict{}
}

func (a agent) place(in ocf.Input[params]) place { return place{a.net, in.Params.namespace} }

func (a agent) announcement(in ocf.Input[params], link string) netstate.Announcement {
	p := in.Params
	return netstate.Announcement{
		Namespace: p.namespace, Link: link, IP: address(in), Count: p.count, Interval: p.interval,
		RequestsOnly: p.requestsOnly, RepliesOnly: p.repliesOnly,
	}
}

// wanted is the address as it is to be added.
func wanted(in ocf.Input[params], f *facts) netstate.Address {
	p := in.Params
	out := netstate.Address{
		Link: f.Place.Link.Index, Prefix: netip.PrefixFrom(address(in), f.Place.Bits),
		NoPrefixRoute: p.noPrefixRoute, Preferred: netstate.Forever,
	}
	if p.six() {
		out.Preferred, out.NoDAD, out.Metric = p.preferred, p.noDAD, f.Place.Metric
		return out
	}
	if p.label != "" {
		out.Label = f.Place.Link.Name + ":" + p.label
	}
	switch {
	case p.lastBrd:
		out.Broadcast = netstate.LastOf(out.Prefix)
	case p.broadcast.IsValid():
		out.Broadcast = p.broadcast
	case !p.noBrd:
		out.Broadcast = f.Place.Broadcast
	}
	return out
}
