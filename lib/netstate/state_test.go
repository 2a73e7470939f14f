package netstate

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// node has two networks on eth0, one inside of it on eth1, and one behind a gateway.
func node() *State {
	return &State{
		Links: []Link{{Index: 1, Name: "lo", Loopback: true}, {Index: 2, Name: "eth0", AltNames: []string{"enp1s0"}}, {Index: 3, Name: "eth1"}},
		Addresses: []Address{
			{Link: 2, Prefix: prefix("10.0.0.1/8"), Broadcast: netip.MustParseAddr("10.255.255.255")},
			{Link: 3, Prefix: prefix("10.1.0.1/16")},
		},
		Routes: []Route{
			{Link: 2, To: prefix("10.0.0.0/8"), Source: netip.MustParseAddr("10.0.0.1"), Protocol: 2, OnLink: true},
			{Link: 3, To: prefix("10.1.0.0/16"), Source: netip.MustParseAddr("10.1.0.1"), Metric: 100, Protocol: 2, OnLink: true},
			{Link: 2, To: prefix("10.1.0.0/16"), Metric: 200, Protocol: 4, OnLink: true},
			{Link: 2, To: prefix("172.16.0.0/12"), Protocol: 4},
			{Link: 3, To: prefix("fd00::/64"), Metric: 256, Protocol: 2},
		},
	}
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		ip, nic         string
		bits, protocol  int
		link, brd, fail string
		wantBits        int
	}{
		"the network":                  {ip: "10.9.9.9", bits: -1, protocol: -1, link: "eth0", wantBits: 8, brd: "10.255.255.255"},
		"the most specific one":        {ip: "10.1.9.9", bits: -1, protocol: -1, link: "eth1", wantBits: 16},
		"not one that is too specific": {ip: "10.1.9.9", bits: 12, protocol: -1, link: "eth0", wantBits: 12, brd: "10.255.255.255"},
		"a longer prefix of our own":   {ip: "10.1.9.9", bits: 32, protocol: -1, link: "eth1", wantBits: 32},
		"by protocol":                  {ip: "10.1.9.9", bits: -1, protocol: 4, link: "eth0", wantBits: 16},
		"on the interface":             {ip: "10.1.9.9", nic: "eth0", bits: -1, protocol: -1, link: "eth0", wantBits: 16},
		"by an alternative name":       {ip: "10.9.9.9", nic: "enp1s0", bits: -1, protocol: -1, link: "eth0", wantBits: 8, brd: "10.255.255.255"},
		"all given, no network":        {ip: "192.0.2.1", nic: "eth1", bits: 24, protocol: -1, link: "eth1", wantBits: 24},
		"behind a gateway":             {ip: "172.16.0.1", bits: -1, protocol: -1, fail: "172.16.0.1 is in no network"},
		"no network":                   {ip: "192.0.2.1", bits: 24, protocol: -1, fail: "192.0.2.1 is in no network"},
		"no network on the interface":  {ip: "192.0.2.1", nic: "eth0", bits: -1, protocol: -1, fail: "192.0.2.1 is in no network"},
		"no such interface":            {ip: "10.9.9.9", nic: "eth7", bits: -1, protocol: -1, fail: "interface eth7 does not exist on this node: there are eth0, eth1, lo"},
		"IPv6":                         {ip: "fd00::9", bits: -1, protocol: -1, link: "eth1", wantBits: 64},
		"loopback":                     {ip: "127.0.0.9", bits: -1, protocol: -1, link: "lo", wantBits: 8},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := node().Find(Wish{IP: netip.MustParseAddr(c.ip), Interface: c.nic, Bits: c.bits, Protocol: c.protocol})
			if c.fail != "" {
				require.ErrorContains(t, err, c.fail)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.link, p.Link.Name)
			require.Equal(t, c.wantBits, p.Bits)
			if c.brd == "" {
				require.False(t, p.Broadcast.IsValid())
			} else {
				require.Equal(t, c.brd, p.Broadcast.String())
			}
		})
	}
}

// TestFindLaw: whatever the routes, the network that is found holds the address, and
// no other network that holds it is more specific.
func TestFindLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := State{Links: []Link{{Index: 1, Name: "a"}, {Index: 2, Name: "b"}}}
		ip := netip.AddrFrom4([4]byte{10, byte(rapid.IntRange(0, 3).Draw(t, "2")), byte(rapid.IntRange(0, 3).Draw(t, "3")), 1})
		for range rapid.IntRange(0, 6).Draw(t, "routes") {
			to := netip.AddrFrom4([4]byte{10, byte(rapid.IntRange(0, 3).Draw(t, "r2")), byte(rapid.IntRange(0, 3).Draw(t, "r3")), 0})
			s.Routes = append(s.Routes, Route{
				Link: rapid.IntRange(1, 2).Draw(t, "link"), To: netip.PrefixFrom(to, rapid.IntRange(8, 30).Draw(t, "bits")).Masked(),
				Metric: uint32(rapid.IntRange(0, 2).Draw(t, "metric")), OnLink: true,
			})
		}
		p, err := s.Find(Wish{IP: ip, Bits: -1, Protocol: -1})
		holding := 0
		for _, r := range s.Routes {
			if !r.To.Contains(ip) {
				continue
			}
			holding++
			require.NoError(t, err)
			require.LessOrEqual(t, r.To.Bits(), p.Bits)
			if r.To.Bits() == p.Bits {
				require.GreaterOrEqual(t, r.Metric, p.Metric)
			}
		}
		require.Equal(t, holding == 0, err != nil)
	})
}

func TestParse(t *testing.T) {
	v4, v6 := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fd00::1")
	for _, c := range []struct {
		text string
		ip   netip.Addr
		want int // 0: refused
	}{
		{"24", v4, 24},
		{"32", v4, 32},
		{"33", v4, 0},
		{"0", v4, 0},
		{"255.255.255.0", v4, 24},
		{"255.255.255.255", v4, 32},
		{"255.0.255.0", v4, 0},
		{"0.0.0.0", v4, 0},
		{"64", v6, 64},
		{"128", v6, 128},
		{"129", v6, 0},
		{"255.255.255.0", v6, 0},
		{"x", v4, 0},
	} {
		n, ok := ParseBits(c.text, c.ip)
		require.Equal(t, c.want != 0, ok, c.text)
		if ok {
			require.Equal(t, c.want, n, c.text)
		}
	}
	n, ok := ParseProtocol("kernel")
	require.True(t, ok && n == 2)
	n, ok = ParseProtocol("77")
	require.True(t, ok && n == 77)
	_, ok = ParseProtocol("256")
	require.False(t, ok)
	require.Equal(t, "10.0.0.255", LastOf(prefix("10.0.0.7/24")).String())
	require.Equal(t, "10.0.0.7", LastOf(prefix("10.0.0.7/32")).String())
}
