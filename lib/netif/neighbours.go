package netif

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"

	"systole/lib/netstate"
)

// The questions of Owner: how many, and how long each is waited for.
const (
	probes    = 3
	probeTime = 150 * time.Millisecond
)

// Owner asks the link which other station has the address: with ARP probes
// (RFC 5227), or neighbour solicitations for IPv6. found is false if nobody answers
// in half a second. Stations with a hardware address of this node do not count.
func (n Node) Owner(ctx context.Context, namespace string, link netstate.Link, ip netip.Addr) (owner netstate.MAC, found bool, err error) {
	if !link.Answers() {
		return owner, false, nil
	}
	err = within(ctx, namespace, func() error {
		own, err := ownMACs(link)
		if err != nil {
			return err
		}
		conn, err := listen(link, ip)
		if err != nil {
			return err
		}
		defer conn.Close()
		for range probes {
			if err := ask(conn, link, ip); err != nil {
				return err
			}
			owner, found, err = hear(ctx, conn, ip, own)
			if found || err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		err = fmt.Errorf("ask on %s who has %s: %w", link.Name, ip, err)
	}
	return owner, found, err
}

func ownMACs(link netstate.Link) ([]netstate.MAC, error) {
	own := []netstate.MAC{link.MAC}
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range interfaces {
		if len(i.HardwareAddr) == len(link.MAC) {
			own = append(own, netstate.MAC(i.HardwareAddr))
		}
	}
	return own, nil
}

func listen(link netstate.Link, ip netip.Addr) (*packet.Conn, error) {
	kind := typeARP
	if ip.Is6() {
		kind = typeIPv6
	}
	return packet.Listen(&net.Interface{Index: link.Index, Name: link.Name, HardwareAddr: link.MAC[:]}, packet.Raw, kind, nil)
}

func send(conn *packet.Conn, frame []byte) error {
	_, err := conn.WriteTo(frame, &packet.Addr{HardwareAddr: frame[:6]})
	return err
}

func ask(conn *packet.Conn, link netstate.Link, ip netip.Addr) error {
	if ip.Is4() {
		p := arp{op: arpRequest, sender: link.MAC, senderIP: netip.IPv4Unspecified(), targetIP: ip}
		return send(conn, ethernet(broadcast, link.MAC, typeARP, p.bytes()))
	}
	group := solicited(ip)
	p := discovery{kind: neighbourSolicitation, from: netip.IPv6Unspecified(), to: group, target: ip}
	return send(conn, ethernet(multicast(group), link.MAC, typeIPv6, p.bytes()))
}

// hear waits for an answer to ask.
func hear(ctx context.Context, conn *packet.Conn, ip netip.Addr, own []netstate.MAC) (netstate.MAC, bool, error) {
	end := time.Now().Add(probeTime)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		end = d
	}
	if err := conn.SetReadDeadline(end); err != nil {
		return netstate.MAC{}, false, err
	}
	b := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(b)
		switch {
		case ctx.Err() != nil:
			return netstate.MAC{}, false, context.Cause(ctx)
		case errors.Is(err, os.ErrDeadlineExceeded):
			return netstate.MAC{}, false, nil
		case err != nil:
			return netstate.MAC{}, false, err
		}
		if mac, ok := answer(b[:n], ip, own[0]); ok && !slices.Contains(own, mac) {
			return mac, true, nil
		}
	}
}

// answer says which station claims the address in a frame. A probe for the same
// address means that somebody is about to take it. If two do so at the same time, as the
// two halves of a cluster may, one of them must win: it is that with the lower hardware
// address, or neither would have it.
func answer(frame []byte, ip netip.Addr, self netstate.MAC) (netstate.MAC, bool) {
	if ip.Is4() {
		p, ok := parseARP(frame)
		probe := p.op == arpRequest && p.senderIP == netip.IPv4Unspecified() && p.targetIP == ip
		return p.sender, ok && (p.senderIP == ip || probe && bytes.Compare(p.sender[:], self[:]) < 0)
	}
	mac, target, ok := parseAdvertisement(frame)
	return mac, ok && target == ip
}

// Announce sends gratuitous ARP packets (RFC 5227 §3), or unsolicited neighbour
// advertisements (RFC 4861 §7.2.6). It ends early when the address has left the link:
// what it says would not be true any more.
func (n Node) Announce(ctx context.Context, a netstate.Announcement) error {
	return within(ctx, a.Namespace, func() error {
		for i := range a.Count {
			if i > 0 && !pause(ctx, a.Interval) {
				return context.Cause(ctx)
			}
			state, err := n.Look(ctx, "", a.IP.Is6(), false)
			if err != nil {
				return err
			}
			link, ok := state.Link(a.Link)
			if !ok || !link.Answers() || !has(&state, link, a.IP) {
				return nil
			}
			err = announce(link, a)
			// A link that has just come up may not take packets yet: there are more to come.
			if err != nil && (i == a.Count-1 || !errors.Is(err, unix.ENETDOWN) && !errors.Is(err, unix.ENOBUFS)) {
				return fmt.Errorf("announce %s on %s: %w", a.IP, link.Name, err)
			}
		}
		return nil
	})
}

func has(s *netstate.State, link netstate.Link, ip netip.Addr) bool {
	return slices.ContainsFunc(s.Having(ip), func(a netstate.Address) bool { return a.Link == link.Index && !a.Duplicate })
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func announce(link netstate.Link, a netstate.Announcement) error {
	conn, err := listen(link, a.IP)
	if err != nil {
		return err
	}
	defer conn.Close()
	if a.IP.Is6() {
		p := discovery{kind: neighbourAdvertisement, from: a.IP, to: allNodes, target: a.IP, link: link.MAC, override: true}
		return send(conn, ethernet(multicast(allNodes), link.MAC, typeIPv6, p.bytes()))
	}
	p := arp{op: arpRequest, sender: link.MAC, senderIP: a.IP, targetIP: a.IP}
	if !a.RepliesOnly {
		err = send(conn, ethernet(broadcast, link.MAC, typeARP, p.bytes()))
	}
	if !a.RequestsOnly {
		p.op, p.target = arpReply, broadcast
		err = errors.Join(err, send(conn, ethernet(broadcast, link.MAC, typeARP, p.bytes())))
	}
	return err
}
