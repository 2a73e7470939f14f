package netif

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"systole/lib/netstate"
)

// AddAddress puts an address on a link. One that is there already is no error.
func (Node) AddAddress(ctx context.Context, namespace string, a netstate.Address) error {
	return within(ctx, namespace, func() error { return add(a) })
}

// add makes the request itself: the library has no metric, and a broadcast address
// of its own for those who want none.
func add(a netstate.Address) error {
	family := netlink.FAMILY_V4
	ip := a.Prefix.Addr()
	if ip.Is6() {
		family = netlink.FAMILY_V6
	}
	req := nl.NewNetlinkRequest(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL|unix.NLM_F_ACK)
	msg := nl.NewIfAddrmsg(family)
	msg.Index, msg.Prefixlen = uint32(a.Link), uint8(a.Prefix.Bits())
	if ip.IsLoopback() {
		msg.Scope = unix.RT_SCOPE_HOST
	}
	req.AddData(msg)
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, ip.AsSlice()))
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, ip.AsSlice()))
	if a.Broadcast.IsValid() {
		req.AddData(nl.NewRtAttr(unix.IFA_BROADCAST, a.Broadcast.AsSlice()))
	}
	if a.Label != "" {
		req.AddData(nl.NewRtAttr(unix.IFA_LABEL, nl.ZeroTerminated(a.Label)))
	}
	var flags uint32
	if a.NoPrefixRoute {
		flags |= unix.IFA_F_NOPREFIXROUTE
	}
	if a.NoDAD {
		flags |= unix.IFA_F_NODAD
	}
	req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(flags)))
	if a.Metric != 0 {
		req.AddData(nl.NewRtAttr(unix.IFA_RT_PRIORITY, nl.Uint32Attr(a.Metric)))
	}
	if a.Preferred != netstate.Forever {
		info := nl.IfaCacheInfo{IfaCacheinfo: unix.IfaCacheinfo{Valid: netstate.Forever, Prefered: a.Preferred}}
		req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, info.Serialize()))
	}
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	switch {
	case errors.Is(err, syscall.EEXIST):
		return nil
	case errors.Is(err, syscall.EACCES) && ip.Is6():
		return fmt.Errorf("%w: IPv6 is switched off on the interface (sysctl net.ipv6.conf.INTERFACE.disable_ipv6)", err)
	}
	return err
}

// DeleteAddress takes an address from its link. One that is not there is no error.
//
// With the first IPv4 address of a subnet the kernel removes all later ones, unless
// promote_secondaries is set. They belong to others: they are put back at once, and
// their prefixes returned.
func (Node) DeleteAddress(ctx context.Context, namespace string, a netstate.Address) (restored []netip.Prefix, err error) {
	err = within(ctx, namespace, func() error {
		before, err := onLink(a)
		if err != nil {
			return err
		}
		n := netlink.Addr{LinkIndex: a.Link, IPNet: &net.IPNet{
			IP: a.Prefix.Addr().AsSlice(), Mask: net.CIDRMask(a.Prefix.Bits(), a.Prefix.Addr().BitLen()),
		}, Broadcast: net.IPv4zero}
		err = netlink.AddrDel(nil, &n)
		if err != nil && !errors.Is(err, syscall.EADDRNOTAVAIL) && !errors.Is(err, syscall.ENODEV) {
			return err
		}
		restored, err = restore(a, before)
		return err
	})
	return restored, err
}

// onLink are the other addresses of the link with the same IP version.
func onLink(a netstate.Address) ([]netlink.Addr, error) {
	if a.Prefix.Addr().Is6() {
		return nil, nil
	}
	all, err := list("addresses", func() ([]netlink.Addr, error) { return netlink.AddrList(nil, netlink.FAMILY_V4) })
	var here []netlink.Addr
	for _, other := range all {
		if other.LinkIndex == a.Link && !(toAddr(other.IP) == a.Prefix.Addr() && addressOf(&other).Prefix.Bits() == a.Prefix.Bits()) {
			here = append(here, other)
		}
	}
	return here, err
}

func restore(a netstate.Address, before []netlink.Addr) (restored []netip.Prefix, err error) {
	if len(before) == 0 {
		return nil, nil
	}
	after, err := onLink(a)
	if err != nil {
		return nil, err
	}
	there := map[netip.Prefix]bool{}
	for i := range after {
		there[addressOf(&after[i]).Prefix] = true
	}
	for i := range before {
		old := &before[i]
		p := addressOf(old).Prefix
		if there[p] {
			continue
		}
		old.Flags &^= unix.IFA_F_SECONDARY | unix.IFA_F_TENTATIVE | unix.IFA_F_PERMANENT
		if old.Broadcast == nil {
			old.Broadcast = net.IPv4zero
		}
		if old.ValidLft == int(netstate.Forever) {
			old.ValidLft, old.PreferedLft = 0, 0
		}
		if aerr := netlink.AddrAdd(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Index: a.Link}}, old); aerr != nil && !errors.Is(aerr, syscall.EEXIST) {
			err = errors.Join(err, fmt.Errorf("put the address %s back, which the kernel removed with %s: %w", p, a.Prefix, aerr))
			continue
		}
		restored = append(restored, p)
	}
	return restored, err
}

// SetUp sets a link up.
func (Node) SetUp(ctx context.Context, namespace string, link int) error {
	return within(ctx, namespace, func() error {
		return netlink.LinkSetUp(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Index: link}})
	})
}

// SetLabel sets the label of an IPv6 address in the policy table for the choice of
// source addresses (RFC 6724); remove takes it away.
func (Node) SetLabel(ctx context.Context, namespace string, ip netip.Addr, label uint32, remove bool) error {
	kind, flags := unix.RTM_NEWADDRLABEL, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK
	if remove {
		kind, flags = unix.RTM_DELADDRLABEL, unix.NLM_F_ACK
	}
	return within(ctx, namespace, func() error {
		req := nl.NewNetlinkRequest(kind, flags)
		req.AddData(&labelMessage{family: unix.AF_INET6, bits: uint8(ip.BitLen())})
		req.AddData(nl.NewRtAttr(1, ip.AsSlice())) // IFAL_ADDRESS
		req.AddData(nl.NewRtAttr(2, nl.Uint32Attr(label)))
		_, err := req.Execute(unix.NETLINK_ROUTE, 0)
		if remove && (errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.ENOENT)) {
			return nil
		}
		return err
	})
}

// labelMessage is the struct ifaddrlblmsg of the kernel.
type labelMessage struct{ family, bits uint8 }

func (*labelMessage) Len() int { return 12 }

func (m *labelMessage) Serialize() []byte {
	b := make([]byte, m.Len())
	b[0], b[2] = m.family, m.bits
	binary.NativeEndian.PutUint32(b[4:], 0) // every link
	return b
}

// FlushRoutes makes the kernel forget routes that it has cached for IPv4.
func (Node) FlushRoutes(ctx context.Context, namespace string) error {
	return within(ctx, namespace, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/route/flush", []byte("-1"), 0o200)
	})
}

// Bindable says whether a program can bind a socket to the address. Where the
// kernel is set to allow that for addresses that it does not have, it always can.
func (Node) Bindable(ctx context.Context, namespace string, link int, ip netip.Addr) error {
	return within(ctx, namespace, func() error {
		var sa unix.Sockaddr = &unix.SockaddrInet4{Addr: as4(ip)}
		family := unix.AF_INET
		if ip.Is6() {
			six := &unix.SockaddrInet6{Addr: ip.As16()}
			if ip.IsLinkLocalUnicast() {
				six.ZoneId = uint32(link)
			}
			sa, family = six, unix.AF_INET6
		}
		fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Bind(fd, sa)
	})
}

func as4(ip netip.Addr) (b [4]byte) {
	if ip.Is4() {
		b = ip.As4()
	}
	return b
}
