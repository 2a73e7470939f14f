// Package netstate is the network of a node as data: its interfaces, addresses
// and routes, as the kernel has them, and the questions that can be answered from
// them. Package netif reads and changes them.
package netstate

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Link is a network interface.
type Link struct {
	Index    int
	Name     string
	AltNames []string
	// MAC is the hardware address of an Ethernet interface; the zero value if the
	// interface has none or one of another kind.
	MAC MAC
	// Other is the kind of an interface that is not Ethernet: "infiniband".
	Other string
	Up    bool // set up by the administrator
	// Carrier says that the interface is up and the one below it too, or the cable. The
	// operational state that ip shows (UP, DOWN) may be a second behind.
	Carrier  bool
	Loopback bool
	NoARP    bool // neighbours are not looked for on it
}

// MAC is an Ethernet address.
type MAC [6]byte

func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Answers says whether neighbours are found by ARP or neighbour discovery on the
// link, so that they can be asked and told.
func (l Link) Answers() bool { return !l.Loopback && !l.NoARP && l.MAC != MAC{} }

// Named says whether the link has the name, also as an alternative one.
func (l Link) Named(name string) bool { return l.Name == name || slices.Contains(l.AltNames, name) }

// Forever is the lifetime of an address that does not expire.
const Forever = ^uint32(0)

// Address is an address on a link.
type Address struct {
	Link      int // index
	Prefix    netip.Prefix
	Broadcast netip.Addr // the zero value: none
	Label     string     // IPv4 only
	Preferred uint32     // preferred lifetime in seconds
	// Metric of the route to the subnet that the kernel makes; 0: the kernel's default.
	Metric        uint32
	NoPrefixRoute bool
	NoDAD         bool // do not look for duplicates
	// Set by the kernel:
	Secondary bool // IPv4: another address of the subnet came first
	Tentative bool // IPv6: duplicates are still being looked for
	Duplicate bool // IPv6: another node has the address
}

// Route is a route of the main table to a network, not a default one.
type Route struct {
	Link     int // index
	To       netip.Prefix
	Source   netip.Addr // preferred source address; may be the zero value
	Metric   uint32
	Protocol int
	OnLink   bool // scope link: the network is on the interface itself
}

// State is the network of a node, or of one of its network namespaces.
type State struct {
	Links     []Link
	Addresses []Address // of the IP version that was asked for
	Routes    []Route   // likewise; nil if not asked for
}

// Link finds an interface by its name or one of its alternative names.
func (s *State) Link(name string) (Link, bool) {
	i := slices.IndexFunc(s.Links, func(l Link) bool { return l.Named(name) })
	if i < 0 {
		return Link{}, false
	}
	return s.Links[i], true
}

// LinkOf finds an interface by its index.
func (s *State) LinkOf(index int) (Link, bool) {
	i := slices.IndexFunc(s.Links, func(l Link) bool { return l.Index == index })
	if i < 0 {
		return Link{}, false
	}
	return s.Links[i], true
}

// Having are the entries for an IP address, whatever their prefix length.
func (s *State) Having(ip netip.Addr) []Address {
	var list []Address
	for _, a := range s.Addresses {
		if a.Prefix.Addr() == ip {
			list = append(list, a)
		}
	}
	return list
}

// Wish is what is known of an address that is to be put on a node.
type Wish struct {
	IP        netip.Addr
	Interface string // "": where the network of the address is
	Bits      int    // prefix length; -1: that of the network
	Protocol  int    // of the route that shows the network; -1: any
}

// Place is where an address goes.
type Place struct {
	Link      Link
	Bits      int
	Broadcast netip.Addr // that of the network, from its other addresses; may be the zero value
	Metric    uint32
}

// Find says where the address belongs: to the most specific network that a route
// of the main table shows on an interface, among several to the one with the
// lowest metric. Neither default routes nor networks behind a gateway count.
func (s *State) Find(w Wish) (Place, error) {
	p := Place{Bits: w.Bits}
	if w.Interface != "" {
		link, ok := s.Link(w.Interface)
		if !ok {
			return p, fmt.Errorf("interface %s does not exist on this node: there are %s", w.Interface, s.names())
		}
		p.Link = link
	}
	route, found := s.route(w, p.Link)
	if !found && w.IP.IsLoopback() && w.Interface == "" {
		route, found = s.loopback(w.IP)
	}
	if !found {
		if w.Interface != "" && w.Bits >= 0 {
			return p, nil
		}
		return p, fmt.Errorf("%s is in no network that this node has an interface in: set nic and cidr_netmask, or give an interface an address of the network", w.IP)
	}
	if w.Interface == "" {
		link, ok := s.LinkOf(route.Link)
		if !ok {
			return p, fmt.Errorf("the interface of the route to %s is gone", route.To)
		}
		p.Link = link
	}
	if p.Bits < 0 {
		p.Bits = route.To.Bits()
	}
	p.Metric = route.Metric
	if route.Source.IsValid() {
		for _, a := range s.Having(route.Source) {
			if a.Link == route.Link && a.Broadcast.IsValid() {
				p.Broadcast = a.Broadcast
			}
		}
	}
	return p, nil
}

func (s *State) route(w Wish, link Link) (best Route, found bool) {
	for _, r := range s.Routes {
		switch {
		case w.Interface != "" && r.Link != link.Index,
			w.IP.Is4() && !r.OnLink,
			w.Protocol >= 0 && r.Protocol != w.Protocol,
			!r.To.Contains(w.IP),
			w.Bits >= 0 && r.To.Bits() > w.Bits:
			continue
		}
		if !found || r.To.Bits() > best.To.Bits() || r.To.Bits() == best.To.Bits() && r.Metric < best.Metric {
			best, found = r, true
		}
	}
	return best, found
}

// loopback is the network of the addresses that a node has for itself; the kernel
// has its route in another table.
func (s *State) loopback(ip netip.Addr) (Route, bool) {
	for _, l := range s.Links {
		if l.Loopback && ip.Is4() {
			return Route{Link: l.Index, To: netip.PrefixFrom(ip, 8).Masked(), OnLink: true}, true
		}
	}
	return Route{}, false
}

func (s *State) names() string {
	names := make([]string, 0, len(s.Links))
	for _, l := range s.Links {
		names = append(names, l.Name)
	}
	slices.Sort(names)
	if len(names) > 12 {
		names = append(names[:12], "...")
	}
	return strings.Join(names, ", ")
}

// LastOf is the highest address of a network: its broadcast address in IPv4.
func LastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

// Announcement tells the neighbours on a link which station has an address now.
type Announcement struct {
	Namespace string
	Link      string // name
	IP        netip.Addr
	Count     int
	Interval  time.Duration
	// For IPv4; if neither is set, requests and replies are sent.
	RequestsOnly, RepliesOnly bool
}

// ErrPermission is a change that only root may make.
var ErrPermission = errors.New("only root may change the network")

// NoNamespaceError says that there is no network namespace of a name.
type NoNamespaceError struct{ Name string }

func (e *NoNamespaceError) Error() string {
	return "network namespace " + e.Name + " does not exist on this node: create it (ip netns add) or correct the parameter network_namespace"
}
