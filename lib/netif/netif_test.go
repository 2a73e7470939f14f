package netif

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mdlayher/packet"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/netstate"
)

// cable is two network namespaces with a cable between them: eth0 in a has 10.9.0.1,
// in b 10.9.0.2.
type cable struct{ a, b string }

// cables counts them, for their names.
var cables atomic.Int32

func plug(t *testing.T) cable {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the program ip is not installed (Debian package iproute2)")
	}
	t.Parallel() // most of the time is spent on waiting for the kernel
	name := fmt.Sprintf("systole-%d-%d-", os.Getpid(), cables.Add(1))
	c := cable{name + "a", name + "b"}
	for _, ns := range []string{c.a, c.b} {
		ip(t, "netns", "add", ns)
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "delete", ns).Run() })
	}
	ip(t, "link", "add", "eth0", "netns", c.a, "type", "veth", "peer", "name", "eth0", "netns", c.b)
	for i, ns := range []string{c.a, c.b} {
		ip(t, "-n", ns, "link", "set", "lo", "up")
		ip(t, "-n", ns, "address", "add", fmt.Sprintf("10.9.0.%d/24", i+1), "broadcast", "+", "dev", "eth0")
		ip(t, "-n", ns, "-6", "address", "add", fmt.Sprintf("fd00::%d/64", i+1), "dev", "eth0", "nodad")
		ip(t, "-n", ns, "link", "set", "eth0", "up")
	}
	// IPv6 begins when the kernel has noticed the carrier, up to a second later.
	for _, ns := range []string{c.a, c.b} {
		require.Eventually(t, func() bool {
			return !strings.Contains(ip(t, "-n", ns, "-6", "address", "show", "dev", "eth0"), "tentative") &&
				strings.Contains(ip(t, "-n", ns, "address", "show", "dev", "eth0"), "state UP")
		}, time.Minute, 10*time.Millisecond)
	}
	return c
}

func ip(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("ip", args...).CombinedOutput()
	require.NoError(t, err, "ip %s: %s", strings.Join(args, " "), out)
	return string(out)
}

func look(t *testing.T, namespace string, six bool) (netstate.State, netstate.Link) {
	t.Helper()
	s, err := Node{}.Look(t.Context(), namespace, six, true)
	require.NoError(t, err)
	l, ok := s.Link("eth0")
	require.True(t, ok)
	return s, l
}

func TestAddress(t *testing.T) {
	c := plug(t)
	var n Node
	s, link := look(t, c.a, false)
	require.True(t, link.Up && link.Carrier && link.Answers() && !link.Loopback)
	place, err := s.Find(netstate.Wish{IP: netip.MustParseAddr("10.9.0.9"), Bits: -1, Protocol: -1})
	require.NoError(t, err)
	require.Equal(t, "eth0", place.Link.Name)
	require.Equal(t, 24, place.Bits)
	require.Equal(t, "10.9.0.255", place.Broadcast.String())

	want := netstate.Address{
		Link: link.Index, Prefix: netip.MustParsePrefix("10.9.0.9/24"), Broadcast: place.Broadcast, Label: "eth0:vip",
		Preferred: netstate.Forever, NoPrefixRoute: true, Secondary: true,
	}
	require.NoError(t, n.AddAddress(t.Context(), c.a, want))
	require.NoError(t, n.AddAddress(t.Context(), c.a, want), "again")
	s, _ = look(t, c.a, false)
	require.Equal(t, []netstate.Address{want}, s.Having(want.Prefix.Addr()))
	// Only what concerns the address.
	only, err := n.LookFor(t.Context(), c.a, want.Prefix.Addr())
	require.NoError(t, err)
	require.Equal(t, netstate.State{Links: []netstate.Link{link}, Addresses: []netstate.Address{want}}, only)
	none, err := n.LookFor(t.Context(), c.a, netip.MustParseAddr("10.9.0.77"))
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, n.Bindable(t.Context(), c.a, link.Index, want.Prefix.Addr()))
	require.Error(t, n.Bindable(t.Context(), c.b, link.Index, want.Prefix.Addr()))

	for range 2 {
		restored, err := n.DeleteAddress(t.Context(), c.a, want)
		require.NoError(t, err)
		require.Empty(t, restored)
	}
	s, _ = look(t, c.a, false)
	require.Empty(t, s.Having(want.Prefix.Addr()))

	// Without a broadcast address there is none, whatever a library thinks is right.
	want.Broadcast, want.Label = netip.Addr{}, "eth0"
	require.NoError(t, n.AddAddress(t.Context(), c.a, want))
	s, _ = look(t, c.a, false)
	require.False(t, s.Having(want.Prefix.Addr())[0].Broadcast.IsValid())
}

// The kernel removes the later addresses of a subnet with the first one.
func TestDeletePrimary(t *testing.T) {
	c := plug(t)
	ip(t, "netns", "exec", c.a, "sh", "-c", "echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries; echo 0 >/proc/sys/net/ipv4/conf/eth0/promote_secondaries")
	ip(t, "-n", c.a, "address", "add", "10.9.0.7/24", "broadcast", "10.9.0.255", "dev", "eth0", "label", "eth0:seven")
	ip(t, "-n", c.a, "address", "add", "10.9.0.8/24", "dev", "eth0", "valid_lft", "5000", "preferred_lft", "4000")
	before, link := look(t, c.a, false)
	restored, err := Node{}.DeleteAddress(t.Context(), c.a, netstate.Address{Link: link.Index, Prefix: netip.MustParsePrefix("10.9.0.1/24")})
	require.NoError(t, err)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.9.0.7/24"), netip.MustParsePrefix("10.9.0.8/24")}, restored)
	after, _ := look(t, c.a, false)
	require.Empty(t, after.Having(netip.MustParseAddr("10.9.0.1")))
	for _, text := range []string{"10.9.0.7", "10.9.0.8"} {
		was, is := before.Having(netip.MustParseAddr(text)), after.Having(netip.MustParseAddr(text))
		require.Len(t, is, 1, text)
		was[0].Secondary, is[0].Secondary = false, false
		require.InDelta(t, was[0].Preferred, is[0].Preferred, 30)
		is[0].Preferred = was[0].Preferred
		require.Equal(t, was, is)
	}
}

func TestIPv6(t *testing.T) {
	c := plug(t)
	var n Node
	s, link := look(t, c.a, true)
	place, err := s.Find(netstate.Wish{IP: netip.MustParseAddr("fd00::9"), Bits: -1, Protocol: -1})
	require.NoError(t, err)
	require.Equal(t, "eth0", place.Link.Name)
	want := netstate.Address{
		Link: link.Index, Prefix: netip.MustParsePrefix("fd00::9/64"), Preferred: 0, NoDAD: true, Metric: 300,
	}
	require.NoError(t, n.AddAddress(t.Context(), c.a, want))
	require.Contains(t, ip(t, "-n", c.a, "-6", "route"), "metric 300")
	require.Contains(t, ip(t, "-n", c.a, "-6", "address", "show", "deprecated"), "fd00::9/64")

	label := func() string { return ip(t, "-n", c.a, "addrlabel") }
	require.NoError(t, n.SetLabel(t.Context(), c.a, want.Prefix.Addr(), 99, false))
	require.NoError(t, n.SetLabel(t.Context(), c.a, want.Prefix.Addr(), 99, false), "again")
	require.Contains(t, label(), "prefix fd00::9/128 label 99")
	for range 2 {
		require.NoError(t, n.SetLabel(t.Context(), c.a, want.Prefix.Addr(), 99, true))
		require.NotContains(t, label(), "fd00::9")
		_, err = n.DeleteAddress(t.Context(), c.a, want)
		require.NoError(t, err)
	}
	s, _ = look(t, c.a, true)
	require.Empty(t, s.Having(want.Prefix.Addr()))

	ip(t, "netns", "exec", c.a, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
	require.ErrorContains(t, n.AddAddress(t.Context(), c.a, want), "IPv6 is switched off")
}

func TestOwner(t *testing.T) {
	c := plug(t)
	var n Node
	_, a := look(t, c.a, false)
	_, b := look(t, c.b, false)
	for _, text := range []string{"10.9.0.2", "fd00::2"} {
		mac, found, err := n.Owner(t.Context(), c.a, a, netip.MustParseAddr(text))
		require.NoError(t, err)
		require.True(t, found, text)
		require.Equal(t, b.MAC, mac)
	}
	for _, text := range []string{"10.9.0.1", "10.9.0.77", "fd00::1", "fd00::77"} {
		_, found, err := n.Owner(t.Context(), c.a, a, netip.MustParseAddr(text))
		require.NoError(t, err)
		require.False(t, found, text)
	}
	_, found, err := n.Owner(t.Context(), c.a, netstate.Link{Index: 1, Name: "lo", Loopback: true}, netip.MustParseAddr("10.9.0.2"))
	require.NoError(t, err)
	require.False(t, found)
}

// A neighbour that has the old station in its table learns of the new one by the
// announcement alone.
func TestAnnounce(t *testing.T) {
	c := plug(t)
	_, link := look(t, c.a, false)
	for _, x := range []struct{ vip, bits string }{{"10.9.0.9", "24"}, {"fd00::9", "64"}} {
		vip := netip.MustParseAddr(x.vip)
		ip(t, "-n", c.b, "neighbour", "replace", x.vip, "lladdr", "02:00:00:00:00:66", "dev", "eth0", "nud", "stale")
		a := netstate.Announcement{Namespace: c.a, Link: "eth0", IP: vip, Count: 2, Interval: time.Millisecond}
		require.NoError(t, Node{}.Announce(t.Context(), a), "an address that is not there is not announced")
		require.Contains(t, ip(t, "-n", c.b, "neighbour"), x.vip+" dev eth0 lladdr 02:00:00:00:00:66")

		require.NoError(t, Node{}.AddAddress(t.Context(), c.a, netstate.Address{
			Link: link.Index, Prefix: netip.MustParsePrefix(x.vip + "/" + x.bits), Preferred: netstate.Forever, NoDAD: true,
		}))
		require.NoError(t, Node{}.Announce(t.Context(), a))
		require.Eventually(t, func() bool {
			return strings.Contains(ip(t, "-n", c.b, "neighbour"), x.vip+" dev eth0 lladdr "+link.MAC.String())
		}, 10*time.Second, 10*time.Millisecond, ip(t, "-n", c.b, "neighbour"))
	}
}

// What is on the wire: requests, replies, or both.
func TestAnnounceKinds(t *testing.T) {
	c := plug(t)
	_, link := look(t, c.a, false)
	_, b := look(t, c.b, false)
	vip := netip.MustParseAddr("10.9.0.1")
	for _, x := range []struct {
		requests, replies bool
		want              []uint16
	}{{false, false, []uint16{arpRequest, arpReply}}, {true, false, []uint16{arpRequest}}, {false, true, []uint16{arpReply}}} {
		var conn *packet.Conn
		require.NoError(t, within(t.Context(), c.b, func() (err error) { conn, err = listen(b, vip); return err }))
		require.NoError(t, Node{}.Announce(t.Context(), netstate.Announcement{
			Namespace: c.a, Link: "eth0", IP: vip, Count: 1, RequestsOnly: x.requests, RepliesOnly: x.replies,
		}))
		var got []uint16
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		frame := make([]byte, 2048)
		for len(got) < len(x.want) {
			n, _, err := conn.ReadFrom(frame)
			require.NoError(t, err)
			if p, ok := parseARP(frame[:n]); ok && p.senderIP == vip && p.targetIP == vip {
				require.Equal(t, link.MAC, p.sender)
				got = append(got, p.op)
			}
		}
		require.Equal(t, x.want, got)
		require.NoError(t, conn.Close())
	}
}

func TestNamespace(t *testing.T) {
	var missing *netstate.NoNamespaceError
	for _, name := range []string{"no-such-namespace-of-systole", "..", "a/b"} {
		_, err := Node{}.Look(t.Context(), name, false, false)
		require.ErrorAs(t, err, &missing)
	}
	require.ErrorIs(t, permission(&net.OpError{Err: os.ErrPermission}), os.ErrPermission)
	require.NoError(t, permission(nil))
	require.False(t, errors.Is(permission(errors.New("x")), netstate.ErrPermission))
}

// Frames of strangers are read without harm, and what we send we can read.
func TestFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "frame")
		parseARP(frame)
		parseAdvertisement(frame)
		mac := func(name string) (m netstate.MAC) {
			copy(m[:], rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, name))
			return m
		}
		p := arp{
			op: arpReply, sender: mac("sender"), target: mac("target"),
			senderIP: netip.AddrFrom4([4]byte{10, 0, 0, 1}), targetIP: netip.AddrFrom4([4]byte{10, 0, 0, 2}),
		}
		got, ok := parseARP(ethernet(broadcast, p.sender, typeARP, p.bytes()))
		require.True(t, ok)
		require.Equal(t, p, got)
	})
	// The checksum of a message with its checksum in place is zero.
	d := discovery{kind: neighbourAdvertisement, from: netip.MustParseAddr("fd00::1"), to: allNodes, target: netip.MustParseAddr("fd00::1"), link: netstate.MAC{1, 2, 3}, override: true}
	b := d.bytes()
	require.Zero(t, checksum6(d.from, d.to, b[40:]))
	mac, target, ok := parseAdvertisement(ethernet(multicast(allNodes), d.link, typeIPv6, b))
	require.True(t, ok)
	require.Equal(t, d.link, mac)
	require.Equal(t, d.target, target)
	require.Equal(t, "ff02::1:ff00:1", solicited(d.target).String())
	require.Equal(t, "33:33:ff:00:00:01", multicast(solicited(d.target)).String())
}

// Of two stations that probe at the same time exactly one gives way.
func TestAnswer(t *testing.T) {
	ip := netip.MustParseAddr("10.9.0.9")
	low, high := netstate.MAC{2, 0, 0, 0, 0, 1}, netstate.MAC{2, 0, 0, 0, 0, 2}
	probe := func(from netstate.MAC) []byte {
		p := arp{op: arpRequest, sender: from, senderIP: netip.IPv4Unspecified(), targetIP: ip}
		return ethernet(broadcast, from, typeARP, p.bytes())
	}
	_, gives := answer(probe(low), ip, high)
	require.True(t, gives)
	_, gives = answer(probe(high), ip, low)
	require.False(t, gives)
	// One that has the address is in the right in any case.
	p := arp{op: arpReply, sender: high, senderIP: ip, target: low, targetIP: netip.IPv4Unspecified()}
	mac, gives := answer(ethernet(low, high, typeARP, p.bytes()), ip, low)
	require.True(t, gives)
	require.Equal(t, high, mac)
	_, gives = answer(ethernet(low, high, typeARP, p.bytes()), netip.MustParseAddr("10.9.0.8"), low)
	require.False(t, gives)
}
