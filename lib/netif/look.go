package netif

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"systole/lib/netstate"
)

// Node is the network of this node.
type Node struct{}

// tries is how often a list is asked for that changes while the kernel gives it.
const tries = 5

func list[T any](what string, get func() ([]T, error)) (items []T, err error) {
	for range tries {
		if items, err = get(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("ask the kernel for %s: %w", what, err)
	}
	return items, nil
}

// Look reads the links, the addresses of IPv6 or else IPv4, and if wanted the
// routes of the main table.
func (Node) Look(ctx context.Context, namespace string, six, routes bool) (s netstate.State, err error) {
	family := netlink.FAMILY_V4
	if six {
		family = netlink.FAMILY_V6
	}
	err = within(ctx, namespace, func() error {
		links, err := list("interfaces", netlink.LinkList)
		if err != nil {
			return err
		}
		for _, l := range links {
			s.Links = append(s.Links, linkOf(l.Attrs()))
		}
		addrs, err := list("addresses", func() ([]netlink.Addr, error) { return netlink.AddrList(nil, family) })
		if err != nil {
			return err
		}
		for i := range addrs {
			s.Addresses = append(s.Addresses, addressOf(&addrs[i]))
		}
		if !routes {
			return nil
		}
		found, err := list("routes", func() ([]netlink.Route, error) { return netlink.RouteList(nil, family) })
		if err != nil {
			return err
		}
		for i := range found {
			if r, ok := routeOf(&found[i]); ok {
				s.Routes = append(s.Routes, r)
			}
		}
		return nil
	})
	return s, err
}

// LookFor reads the entries of one address, and the links that they are on: a node of a
// cloud has thousands of links, and a monitor has no need of them.
func (Node) LookFor(ctx context.Context, namespace string, ip netip.Addr) (s netstate.State, err error) {
	family := netlink.FAMILY_V4
	if ip.Is6() {
		family = netlink.FAMILY_V6
	}
	err = within(ctx, namespace, func() error {
		addrs, err := list("addresses", func() ([]netlink.Addr, error) { return netlink.AddrList(nil, family) })
		if err != nil {
			return err
		}
		for i := range addrs {
			if a := addressOf(&addrs[i]); a.Prefix.Addr() == ip {
				s.Addresses = append(s.Addresses, a)
			}
		}
		for _, a := range s.Addresses {
			if _, have := s.LinkOf(a.Link); have {
				continue
			}
			l, err := netlink.LinkByIndex(a.Link)
			var gone netlink.LinkNotFoundError
			if errors.As(err, &gone) {
				continue // and the address with it
			}
			if err != nil {
				return fmt.Errorf("ask the kernel for the interface %d: %w", a.Link, err)
			}
			s.Links = append(s.Links, linkOf(l.Attrs()))
		}
		return nil
	})
	return s, err
}

func linkOf(a *netlink.LinkAttrs) netstate.Link {
	l := netstate.Link{
		Index: a.Index, Name: a.Name, AltNames: a.AltNames,
		Up:       a.RawFlags&unix.IFF_UP != 0,
		Carrier:  a.RawFlags&unix.IFF_LOWER_UP != 0,
		Loopback: a.RawFlags&unix.IFF_LOOPBACK != 0,
		NoARP:    a.RawFlags&unix.IFF_NOARP != 0,
	}
	if a.EncapType != "ether" && !l.Loopback {
		l.Other = a.EncapType
	}
	if a.EncapType == "ether" && len(a.HardwareAddr) == len(l.MAC) {
		copy(l.MAC[:], a.HardwareAddr)
	}
	return l
}

func toAddr(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

func addressOf(a *netlink.Addr) netstate.Address {
	bits, _ := a.Mask.Size()
	if a.Peer != nil {
		bits, _ = a.Peer.Mask.Size()
	}
	out := netstate.Address{
		Link: a.LinkIndex, Prefix: netip.PrefixFrom(toAddr(a.IP), bits), Broadcast: toAddr(a.Broadcast), Label: a.Label,
		Preferred:     uint32(a.PreferedLft),
		NoPrefixRoute: a.Flags&unix.IFA_F_NOPREFIXROUTE != 0,
		NoDAD:         a.Flags&unix.IFA_F_NODAD != 0,
	}
	if out.Prefix.Addr().Is4() {
		out.Secondary = a.Flags&unix.IFA_F_SECONDARY != 0
	} else {
		out.Tentative = a.Flags&unix.IFA_F_TENTATIVE != 0 && a.Flags&unix.IFA_F_OPTIMISTIC == 0
		out.Duplicate = a.Flags&unix.IFA_F_DADFAILED != 0
	}
	return out
}

// routeOf leaves out what shows no network on an interface.
func routeOf(r *netlink.Route) (netstate.Route, bool) {
	if r.Dst == nil || r.Type != unix.RTN_UNICAST || r.LinkIndex == 0 {
		return netstate.Route{}, false
	}
	bits, _ := r.Dst.Mask.Size()
	if bits == 0 {
		return netstate.Route{}, false
	}
	return netstate.Route{
		Link: r.LinkIndex, To: netip.PrefixFrom(toAddr(r.Dst.IP), bits), Source: toAddr(r.Src), Metric: uint32(r.Priority),
		Protocol: int(r.Protocol), OnLink: r.Scope == netlink.SCOPE_LINK,
	}, true
}
