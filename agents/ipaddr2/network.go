package ipaddr2

import (
	"context"
	"fmt"
	"net/netip"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// Network is the network of the node. Look, LookFor, Owner and Bindable change nothing.
// namespace is the name of a network namespace; "" is that of the agent.
type Network interface {
	// Look reads links, addresses of one version of IP, and if asked for routes.
	Look(ctx context.Context, namespace string, six, routes bool) (netstate.State, error)
	// LookFor reads the entries of one address and the links that they are on.
	LookFor(ctx context.Context, namespace string, ip netip.Addr) (netstate.State, error)
	// Owner asks the link which other station has the address.
	Owner(ctx context.Context, namespace string, link netstate.Link, ip netip.Addr) (netstate.MAC, bool, error)
	// Bindable is an error if no socket can be bound to the address.
	Bindable(ctx context.Context, namespace string, link int, ip netip.Addr) error
	// Announce tells the neighbours on a link that the address is here.
	Announce(ctx context.Context, a netstate.Announcement) error

	AddAddress(ctx context.Context, namespace string, a netstate.Address) error
	// DeleteAddress returns the addresses that it had to put back.
	DeleteAddress(ctx context.Context, namespace string, a netstate.Address) ([]netip.Prefix, error)
	SetUp(ctx context.Context, namespace string, link int) error
	SetLabel(ctx context.Context, namespace string, ip netip.Addr, label uint32, remove bool) error
	FlushRoutes(ctx context.Context, namespace string) error
}

// place is where the steps of a resource work.
type place struct {
	net       Network
	namespace string
}

// addAddress puts an address on a link.
type addAddress struct {
	place
	link    string
	address netstate.Address
}

func (s addAddress) Do(ctx context.Context, _ ocf.System) error {
	return denied(s.net.AddAddress(ctx, s.namespace, s.address))
}

func (s addAddress) String() string {
	return "add the address " + s.address.Prefix.String() + " to " + s.link
}

// deleteAddress takes an address from a link.
type deleteAddress struct {
	place
	link    string
	address netstate.Address
}

func (s deleteAddress) Do(ctx context.Context, _ ocf.System) error {
	_, err := s.net.DeleteAddress(ctx, s.namespace, s.address)
	return denied(err)
}

func (s deleteAddress) String() string {
	return "delete the address " + s.address.Prefix.String() + " from " + s.link
}

// setUp sets a link up.
type setUp struct {
	place
	link netstate.Link
}

func (s setUp) Do(ctx context.Context, _ ocf.System) error {
	return denied(s.net.SetUp(ctx, s.namespace, s.link.Index))
}

func (s setUp) String() string { return "set the interface " + s.link.Name + " up" }

// setLabel gives an IPv6 address a label in the policy table, or takes it away.
type setLabel struct {
	place
	ip     netip.Addr
	label  uint32
	remove bool
}

func (s setLabel) Do(ctx context.Context, _ ocf.System) error {
	return s.net.SetLabel(ctx, s.namespace, s.ip, s.label, s.remove)
}

func (s setLabel) String() string {
	if s.remove {
		return fmt.Sprintf("remove the label %d of %s", s.label, s.ip)
	}
	return fmt.Sprintf("give %s the label %d", s.ip, s.label)
}

// flushRoutes empties the kernel's cache of routes.
type flushRoutes struct{ place }

func (s flushRoutes) Do(ctx context.Context, _ ocf.System) error {
	return s.net.FlushRoutes(ctx, s.namespace)
}

func (s flushRoutes) String() string { return "flush the cached routes" }

// announce tells the neighbours, while the action waits.
type announce struct {
	place
	what netstate.Announcement
}

func (s announce) Do(ctx context.Context, _ ocf.System) error {
	return denied(s.net.Announce(ctx, s.what))
}

func (s announce) String() string {
	return fmt.Sprintf("announce %s on %s, %d times", s.what.IP, s.what.Link, s.what.Count)
}
