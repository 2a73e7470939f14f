package ipaddr2

import (
	"context"
	"net/netip"
	"slices"
	"testing"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/netstate"
)

// network is one in memory: eth0 with 10.9.0.1/24 and fd00::1/64, eth1 with
// 10.8.0.1/24. What changes it is a change of the machine.
type network struct {
	*ocftest.Machine
	state     netstate.State
	owners    map[string]netstate.MAC // other stations
	labels    map[netip.Addr]uint32
	unbound   error
	lookError error
	tentative int // how many looks a new IPv6 address is tentative
	duplicate bool
	announced []netstate.Announcement
	asked     int
}

func newNetwork(t testing.TB) (*network, ocf.Runnable) {
	t.Helper()
	n := &network{Machine: ocftest.New(), owners: map[string]netstate.MAC{}, labels: map[netip.Addr]uint32{}}
	n.state = netstate.State{
		Links: []netstate.Link{
			{Index: 1, Name: "lo", Loopback: true, Up: true, Carrier: true},
			{Index: 2, Name: "eth0", MAC: netstate.MAC{2, 0, 0, 0, 0, 1}, Up: true, Carrier: true},
			{Index: 3, Name: "eth1", MAC: netstate.MAC{2, 0, 0, 0, 0, 2}, Up: true, Carrier: true},
		},
		Addresses: []netstate.Address{
			{Link: 2, Prefix: netip.MustParsePrefix("10.9.0.1/24"), Broadcast: netip.MustParseAddr("10.9.0.255"), Label: "eth0"},
			{Link: 3, Prefix: netip.MustParsePrefix("10.8.0.1/24"), Label: "eth1"},
			{Link: 2, Prefix: netip.MustParsePrefix("fd00::1/64")},
		},
		Routes: []netstate.Route{
			{Link: 2, To: netip.MustParsePrefix("10.9.0.0/24"), Source: netip.MustParseAddr("10.9.0.1"), Protocol: 2, OnLink: true},
			{Link: 3, To: netip.MustParsePrefix("10.8.0.0/24"), Source: netip.MustParseAddr("10.8.0.1"), Protocol: 2, OnLink: true},
			{Link: 2, To: netip.MustParsePrefix("fd00::/64"), Metric: 256, Protocol: 2},
		},
	}
	return n, Agent(n, "/sbin/systole-agents")
}

// link is a link that a test changes.
func (n *network) link(name string) *netstate.Link {
	i := slices.IndexFunc(n.state.Links, func(l netstate.Link) bool { return l.Name == name })
	return &n.state.Links[i]
}

// put puts an address on a link, as somebody else does.
func (n *network) put(link int, prefix string) *netstate.Address {
	n.state.Addresses = append(n.state.Addresses, netstate.Address{Link: link, Prefix: netip.MustParsePrefix(prefix), Preferred: netstate.Forever})
	return &n.state.Addresses[len(n.state.Addresses)-1]
}

func (n *network) on(ip string) (links []int) {
	for _, a := range n.state.Having(netip.MustParseAddr(ip)) {
		links = append(links, a.Link)
	}
	return links
}

func (n *network) Look(_ context.Context, namespace string, six, routes bool) (netstate.State, error) {
	if namespace != "" {
		return netstate.State{}, &netstate.NoNamespaceError{Name: namespace}
	}
	s := netstate.State{Links: slices.Clone(n.state.Links)}
	for i := range n.state.Addresses {
		a := &n.state.Addresses[i]
		if a.Tentative {
			if n.tentative--; n.tentative <= 0 {
				a.Tentative, a.Duplicate = false, n.duplicate
			}
		}
		if a.Prefix.Addr().Is6() == six {
			s.Addresses = append(s.Addresses, *a)
		}
	}
	if routes {
		s.Routes = n.state.Routes
	}
	return s, n.lookError
}

func (n *network) LookFor(ctx context.Context, namespace string, ip netip.Addr) (netstate.State, error) {
	all, err := n.Look(ctx, namespace, ip.Is6(), false)
	s := netstate.State{Addresses: all.Having(ip)}
	for _, l := range all.Links {
		if slices.ContainsFunc(s.Addresses, func(a netstate.Address) bool { return a.Link == l.Index }) {
			s.Links = append(s.Links, l)
		}
	}
	return s, err
}

func (n *network) Owner(_ context.Context, _ string, link netstate.Link, ip netip.Addr) (netstate.MAC, bool, error) {
	n.asked++
	mac, ok := n.owners[link.Name+" "+ip.String()]
	return mac, ok, nil
}

func (n *network) Bindable(context.Context, string, int, netip.Addr) error { return n.unbound }

func (n *network) Announce(_ context.Context, a netstate.Announcement) error {
	n.announced = append(n.announced, a)
	return nil
}

func (n *network) AddAddress(_ context.Context, _ string, a netstate.Address) error {
	if err := n.Change("add %s to %d", a.Prefix, a.Link); err != nil {
		return err
	}
	if slices.ContainsFunc(n.state.Addresses, func(b netstate.Address) bool { return a.Link == b.Link && a.Prefix == b.Prefix }) {
		return nil
	}
	if a.Prefix.Addr().Is6() && !a.NoDAD && n.tentative > 0 {
		a.Tentative = true
	}
	n.state.Addresses = append(n.state.Addresses, a)
	return nil
}

func (n *network) DeleteAddress(_ context.Context, _ string, a netstate.Address) ([]netip.Prefix, error) {
	if err := n.Change("delete %s from %d", a.Prefix, a.Link); err != nil {
		return nil, err
	}
	n.state.Addresses = slices.DeleteFunc(n.state.Addresses, func(b netstate.Address) bool { return a.Link == b.Link && a.Prefix == b.Prefix })
	return nil, nil
}

func (n *network) SetUp(_ context.Context, _ string, link int) error {
	if err := n.Change("set up %d", link); err != nil {
		return err
	}
	for i := range n.state.Links {
		if n.state.Links[i].Index == link {
			n.state.Links[i].Up = true
		}
	}
	return nil
}

func (n *network) SetLabel(_ context.Context, _ string, ip netip.Addr, label uint32, remove bool) error {
	if remove {
		delete(n.labels, ip)
		return nil
	}
	if err := n.Change("label %s %d", ip, label); err != nil {
		return err
	}
	n.labels[ip] = label
	return nil
}

func (n *network) FlushRoutes(context.Context, string) error { return n.Change("flush") }
