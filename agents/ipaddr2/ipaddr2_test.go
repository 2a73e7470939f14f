package ipaddr2

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/netstate"
)

// TestAgent: the checker of the framework gives parameters samples, of which none
// is an address; Parse takes that, and Check would not.
func TestAgent(t *testing.T) {
	_, a := newNetwork(t)
	ocftest.Check(t, a)
}

func TestParameters(t *testing.T) {
	for name, c := range map[string]struct {
		vars []string
		want string // part of the reason; "": accepted
	}{
		"good":                     {[]string{"ip=10.9.0.9"}, ""},
		"good IPv6":                {[]string{"ip=fd00::9", "cidr_netmask=64", "preferred_lft=0"}, ""},
		"netmask of old":           {[]string{"ip=10.9.0.9", "cidr_netmask=255.255.255.0", "broadcast=+"}, ""},
		"its old name":             {[]string{"ip=10.9.0.9", "netmask=24", "broadcast=-"}, ""},
		"stock programs":           {[]string{"ip=10.9.0.9", "arp_sender=iputils_arping", "send_arp_opts=-A -q"}, ""},
		"no address":               {[]string{"ip=x"}, `parameter ip "x" is not an address`},
		"with prefix length":       {[]string{"ip=10.9.0.9/24"}, `is not an address`},
		"with zone":                {[]string{"ip=fe80::1%eth0"}, `is not an address`},
		"any":                      {[]string{"ip=0.0.0.0"}, `is not an address`},
		"multicast":                {[]string{"ip=224.0.0.1"}, `is not an address`},
		"mask":                     {[]string{"ip=10.9.0.9", "cidr_netmask=33"}, "give a number from 1 to 32"},
		"mask with a hole":         {[]string{"ip=10.9.0.9", "cidr_netmask=255.0.255.0"}, "is no prefix length"},
		"mask IPv6":                {[]string{"ip=fd00::9", "cidr_netmask=129"}, "give a number from 1 to 128"},
		"broadcast":                {[]string{"ip=10.9.0.9", "broadcast=x"}, "parameter broadcast"},
		"proto":                    {[]string{"ip=10.9.0.9", "proto=x"}, "parameter proto"},
		"lifetime":                 {[]string{"ip=fd00::9", "preferred_lft=soon"}, "parameter preferred_lft"},
		"sender":                   {[]string{"ip=10.9.0.9", "arp_sender=x"}, "parameter arp_sender"},
		"contradiction":            {[]string{"ip=10.9.0.9", "send_arp_opts=-A -U"}, "send_arp_opts"},
		"link-local":               {[]string{"ip=fe80::9"}, "name the one that is meant in nic"},
		"link-local with nic":      {[]string{"ip=fe80::9", "nic=eth0"}, ""},
		"LVS IPv6":                 {[]string{"ip=fd00::9", "lvs_support=1"}, "lvs_support is for IPv4"},
		"label":                    {[]string{"ip=10.9.0.9", "nic=eth0:123456789012"}, "more than 15 bytes"},
		"nic":                      {[]string{"ip=10.9.0.9", "nic=../x"}, "neither slashes nor blanks"},
		"several faults":           {[]string{"ip=x", "proto=x", "arp_sender=x"}, "; parameter arp_sender"},
		"load sharing":             {[]string{"ip=10.9.0.9", "CRM_meta_clone=0", "CRM_meta_clone_max=2"}, "load sharing between clones"},
		"clone with one":           {[]string{"ip=10.9.0.9", "CRM_meta_clone=0", "CRM_meta_clone_max=1"}, ""},
		"unique":                   {[]string{"ip=10.9.0.9", "unique_clone_address=1", "CRM_meta_clone=0", "CRM_meta_clone_max=2", "CRM_meta_globally_unique=true"}, ""},
		"unique without a clone":   {[]string{"ip=10.9.0.9", "unique_clone_address=1"}, "globally-unique=true"},
		"unique beyond the subnet": {[]string{"ip=10.9.0.255", "unique_clone_address=1", "CRM_meta_clone=1", "CRM_meta_clone_max=2", "CRM_meta_globally_unique=true"}, "cannot be added"},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNetwork(t)
			for _, action := range []string{"validate-all", "start"} {
				res := ocftest.Do(a, n.Machine, action, c.vars...)
				if c.want != "" {
					require.Equal(t, ocf.ErrConfigured, res.Code, res)
					require.Contains(t, res.Reason, c.want)
					require.Empty(t, n.Changes)
				} else if action == "validate-all" {
					require.Equal(t, ocf.Success, res.Code, res)
				}
			}
			require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "stop", c.vars...).Code, "a stop does what it can")
		})
	}
}

func TestMonitor(t *testing.T) {
	for name, c := range map[string]struct {
		vars   []string
		set    func(*network)
		code   ocf.Code
		reason string
	}{
		"stopped":             {nil, func(*network) {}, ocf.NotRunning, "is not on any interface"},
		"running":             {nil, func(n *network) { n.put(2, "10.9.0.9/24") }, ocf.Success, ""},
		"on its interface":    {[]string{"nic=eth0"}, func(n *network) { n.put(2, "10.9.0.9/24") }, ocf.Success, ""},
		"on another":          {[]string{"nic=eth0"}, func(n *network) { n.put(3, "10.9.0.9/24") }, ocf.NotRunning, "is not on eth0"},
		"on loopback alone":   {nil, func(n *network) { n.put(1, "10.9.0.9/32") }, ocf.NotRunning, ""},
		"on two":              {nil, func(n *network) { n.put(2, "10.9.0.9/24"); n.put(3, "10.9.0.9/24") }, ocf.ErrGeneric, "more than once"},
		"with another prefix": {[]string{"cidr_netmask=25"}, func(n *network) { n.put(2, "10.9.0.9/24") }, ocf.ErrGeneric, "not with 25 bits"},
		"with its label":      {[]string{"iflabel=a"}, func(n *network) { n.put(2, "10.9.0.9/24").Label = "eth0:a" }, ocf.Success, ""},
		"without its label":   {[]string{"iflabel=a"}, func(n *network) { n.put(2, "10.9.0.9/24").Label = "eth0" }, ocf.ErrGeneric, `has the label "eth0", not eth0:a`},
		"cable pulled":        {nil, func(n *network) { n.put(2, "10.9.0.9/24"); n.link("eth0").Carrier = false }, ocf.ErrGeneric, "no carrier"},
		"interface down":      {nil, func(n *network) { n.put(2, "10.9.0.9/24"); n.link("eth0").Up = false }, ocf.ErrGeneric, "is down"},
		"cable of no interest": {
			[]string{"check_link_status=no"},
			func(n *network) { n.put(2, "10.9.0.9/24"); n.link("eth0").Carrier = false }, ocf.Success, "",
		},
		"duplicate":      {[]string{"ip=fd00::9"}, func(n *network) { n.put(2, "fd00::9/64").Duplicate = true }, ocf.ErrGeneric, "dadfailed"},
		"no namespace":   {[]string{"network_namespace=x"}, func(*network) {}, ocf.NotRunning, "network namespace x does not exist"},
		"kernel refuses": {nil, func(n *network) { n.lookError = errors.New("no netlink") }, ocf.ErrGeneric, "no netlink"},
		"somebody else has it": {[]string{"OCF_CHECK_LEVEL=10"}, func(n *network) {
			n.put(2, "10.9.0.9/24")
			n.owners["eth0 10.9.0.9"] = netstate.MAC{2, 0, 0, 0, 0, 9}
		}, ocf.Degraded, "02:00:00:00:00:09 on eth0 has the address 10.9.0.9 too"},
		"nobody else has it":     {[]string{"OCF_CHECK_LEVEL=10"}, func(n *network) { n.put(2, "10.9.0.9/24") }, ocf.Success, ""},
		"another address of 127": {[]string{"ip=127.0.0.9"}, func(n *network) { n.put(1, "127.0.0.9/8") }, ocf.Success, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNetwork(t)
			c.set(n)
			vars := append([]string{"ip=10.9.0.9", "CRM_meta_interval=10000"}, c.vars...)
			res := ocftest.Do(a, n.Machine, "monitor", vars...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Equal(t, c.reason == "" && c.code == ocf.Success, res.Reason == "")
			require.Empty(t, n.Changes)
			require.Empty(t, n.announced)
		})
	}
}

func TestRefresh(t *testing.T) {
	n, a := newNetwork(t)
	n.put(2, "10.9.0.9/24")
	monitor := func(vars ...string) {
		require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "monitor", append([]string{"ip=10.9.0.9"}, vars...)...).Code)
	}
	monitor("arp_count_refresh=3") // a probe
	require.Empty(t, n.announced)
	monitor("arp_count_refresh=3", "CRM_meta_interval=10000")
	require.Equal(t, 3, n.announced[0].Count)
	monitor("arp_count_refresh=50", "arp_interval=1000", "CRM_meta_interval=10000")
	require.Equal(t, 10, n.announced[1].Count, "half of the timeout of 20 seconds")
}

func TestStart(t *testing.T) {
	const background = "start /sbin/systole-agents announce namespace= eth0 10.9.0.9 5 200ms both"
	for name, c := range map[string]struct {
		vars    []string
		set     func(*network)
		code    ocf.Code
		reason  string
		changes []string
		check   func(*testing.T, *network)
	}{
		"by its network": {
			changes: []string{"add 10.9.0.9/24 to 2", background},
			check: func(t *testing.T, n *network) {
				a := n.state.Having(netip.MustParseAddr("10.9.0.9"))[0]
				require.Equal(t, "10.9.0.255", a.Broadcast.String())
				require.Equal(t, 1, n.asked)
			},
		},
		"already there": {set: func(n *network) { n.put(2, "10.9.0.9/24") }, changes: []string{background}},
		"in foreground": {vars: []string{"arp_bg=no", "arp_count=7", "send_arp_opts=-A"}, changes: []string{"add 10.9.0.9/24 to 2"}, check: func(t *testing.T, n *network) {
			require.Equal(t, []netstate.Announcement{{Link: "eth0", IP: netip.MustParseAddr("10.9.0.9"), Count: 7, Interval: 200 * time.Millisecond, RepliesOnly: true}}, n.announced)
		}},
		"no background to be had": {
			set:     func(n *network) { n.Fail = map[string]error{"start": errors.New("no memory")} },
			changes: []string{"add 10.9.0.9/24 to 2"},
			check:   func(t *testing.T, n *network) { require.Len(t, n.announced, 1) },
		},
		"in silence": {vars: []string{"arp_count=0"}, changes: []string{"add 10.9.0.9/24 to 2"}},
		"all given": {
			vars: []string{"nic=eth1", "cidr_netmask=255.255.255.128", "broadcast=+", "iflabel=x", "arp_count=0", "noprefixroute=1"}, changes: []string{"add 10.9.0.9/25 to 3"},
			check: func(t *testing.T, n *network) {
				a := n.state.Having(netip.MustParseAddr("10.9.0.9"))[0]
				require.Equal(t, "10.9.0.127", a.Broadcast.String())
				require.Equal(t, "eth1:x", a.Label)
				require.True(t, a.NoPrefixRoute)
			},
		},
		"label in nic": {vars: []string{"nic=eth0:y", "arp_count=0", "broadcast=-"}, changes: []string{"add 10.9.0.9/24 to 2"}, check: func(t *testing.T, n *network) {
			a := n.state.Having(netip.MustParseAddr("10.9.0.9"))[0]
			require.Equal(t, "eth0:y", a.Label)
			require.False(t, a.Broadcast.IsValid())
		}},
		"label too long for the interface that was found": {vars: []string{"iflabel=12345678901"}, code: ocf.ErrConfigured, reason: "eth0:12345678901 has more than 15 bytes"},
		"somebody has it": {
			set: func(n *network) { n.owners["eth0 10.9.0.9"] = netstate.MAC{2, 0, 0, 0, 0, 9} }, code: ocf.ErrGeneric,
			reason: "in use by the station 02:00:00:00:00:09 on eth0",
		},
		"somebody has it, and we do not ask": {
			vars: []string{"collision_detection=no", "arp_count=0"}, set: func(n *network) { n.owners["eth0 10.9.0.9"] = netstate.MAC{9} },
			changes: []string{"add 10.9.0.9/24 to 2"},
		},
		"the stock agent's way to ask": {
			vars: []string{"collision_detection=no", "run_arping=yes"}, set: func(n *network) { n.owners["eth0 10.9.0.9"] = netstate.MAC{9} },
			code: ocf.ErrGeneric, reason: "in use by the station",
		},
		"on another interface": {
			set: func(n *network) { n.put(3, "10.9.0.9/32") }, code: ocf.ErrGeneric, reason: "is on the interface eth1 already, but its network is on eth0",
		},
		"on another than nic": {
			vars: []string{"nic=eth0"}, set: func(n *network) { n.put(3, "10.9.0.9/32") }, code: ocf.ErrGeneric, reason: "on another interface of this node already (10.9.0.9/32 on eth1)",
		},
		"with another prefix": {vars: []string{"cidr_netmask=25"}, set: func(n *network) { n.put(2, "10.9.0.9/24") }, code: ocf.ErrGeneric, reason: "not with 25 bits"},
		"no network":          {vars: []string{"ip=192.0.2.1"}, code: ocf.ErrInstalled, reason: "192.0.2.1 is in no network"},
		"no interface":        {vars: []string{"nic=eth7"}, code: ocf.ErrInstalled, reason: "interface eth7 does not exist"},
		"no namespace":        {vars: []string{"network_namespace=x"}, code: ocf.ErrInstalled, reason: "network namespace x does not exist"},
		"interface down":      {vars: []string{"arp_count=0"}, set: func(n *network) { n.link("eth0").Up = false }, changes: []string{"set up 2", "add 10.9.0.9/24 to 2"}},
		"no carrier":          {set: func(n *network) { n.link("eth0").Carrier = false }, code: ocf.ErrGeneric, reason: "no carrier"},
		"no carrier needed":   {vars: []string{"check_link_status=no", "arp_count=0"}, set: func(n *network) { n.link("eth0").Carrier = false }, changes: []string{"add 10.9.0.9/24 to 2"}},
		"carrier comes": {
			vars: []string{"arp_count=0"},
			set: func(n *network) {
				n.link("eth0").Up, n.link("eth0").Carrier = false, false
				sleeps := 0
				n.OnSleep = func(*ocftest.Machine) {
					if sleeps++; sleeps == 5 {
						n.link("eth0").Carrier = true
					}
				}
			},
			changes: []string{"set up 2", "add 10.9.0.9/24 to 2"},
		},
		"carrier does not come": {
			set:  func(n *network) { n.link("eth0").Up, n.link("eth0").Carrier = false, false },
			code: ocf.ErrGeneric, reason: "no carrier", changes: []string{"set up 2"},
		},
		"not bindable": {set: func(n *network) { n.unbound = errors.New("cannot assign") }, code: ocf.ErrGeneric, reason: "no socket can be bound to it: cannot assign", changes: []string{"add 10.9.0.9/24 to 2"}},
		"not root": {
			set:  func(n *network) { n.Fail = map[string]error{"add": netstate.ErrPermission} },
			code: ocf.ErrPerm, reason: "only root may change the network",
		},
		"LVS": {
			vars: []string{"lvs_support=yes", "arp_count=0"}, set: func(n *network) { n.put(1, "10.9.0.9/32") },
			changes: []string{"write /run/resource-agents/IPaddr2-rsc.loopback", "delete 10.9.0.9/32 from 1", "add 10.9.0.9/24 to 2"},
		},
		"an address of a clone": {
			vars:    []string{"unique_clone_address=1", "CRM_meta_clone=2", "CRM_meta_clone_max=3", "CRM_meta_globally_unique=true", "arp_count=0"},
			changes: []string{"add 10.9.0.11/24 to 2"},
		},
		"IPv6": {
			vars: []string{"ip=fd00:0:0::9", "preferred_lft=0", "arp_interval=1"}, set: func(n *network) { n.tentative = 5 },
			changes: []string{"label fd00::9 99", "add fd00::9/64 to 2"},
			check: func(t *testing.T, n *network) {
				a := n.state.Having(netip.MustParseAddr("fd00::9"))[0]
				require.Zero(t, a.Preferred)
				require.EqualValues(t, 256, a.Metric)
				require.Len(t, n.announced, 1, "in the foreground, by default")
				require.Zero(t, n.asked, "the kernel does it")
			},
		},
		"IPv6 without the kernel's detection": {
			vars: []string{"ip=fd00::9", "nodad=yes"}, set: func(n *network) { n.owners["eth0 fd00::9"] = netstate.MAC{9} },
			code: ocf.ErrGeneric, reason: "in use by the station",
		},
		"IPv6 that another node has": {
			vars: []string{"ip=fd00::9"}, set: func(n *network) { n.tentative, n.duplicate = 5, true }, code: ocf.ErrGeneric, reason: "another node on eth0 has the address fd00::9",
			changes: []string{"label fd00::9 99", "add fd00::9/64 to 2", "delete fd00::9/64 from 2"},
		},
		"IPv6 without labels": {vars: []string{"ip=fd00::9", "lvs_ipv6_addrlabel=no"}, changes: []string{"add fd00::9/64 to 2"}},
		"IPv6, no labels in the kernel": {
			vars: []string{"ip=fd00::9"}, set: func(n *network) { n.Fail = map[string]error{"label": errors.New("no such table")} },
			changes: []string{"add fd00::9/64 to 2"},
		},
		"InfiniBand": {
			set: func(n *network) {
				*n.link("eth0") = netstate.Link{Index: 2, Name: "eth0", Other: "infiniband", Up: true, Carrier: true}
			},
			changes: []string{"add 10.9.0.9/24 to 2", "run ipoibarping -q -c 5 -U -I eth0 10.9.0.9"},
		},
		"InfiniBand without a program": {
			set: func(n *network) {
				*n.link("eth0") = netstate.Link{Index: 2, Name: "eth0", Other: "infiniband", Up: true, Carrier: true}
				n.Programs = map[string]bool{}
			},
			changes: []string{"add 10.9.0.9/24 to 2"},
		},
		"loopback": {vars: []string{"ip=127.0.0.9"}, changes: []string{"add 127.0.0.9/8 to 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNetwork(t)
			if c.set != nil {
				c.set(n)
			}
			res := ocftest.Do(a, n.Machine, "start", append([]string{"ip=10.9.0.9"}, c.vars...)...)
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Equal(t, c.changes, append([]string(nil), res.Changes...))
			if c.check != nil {
				c.check(t, n)
			}
		})
	}
}

func TestSomethingRemovesIt(t *testing.T) {
	n, _ := newNetwork(t)
	in := ocf.Input[params]{Request: ocf.ReadRequest("IPaddr2", "start", ocftest.Env()), Params: params{ip: netip.MustParseAddr("10.9.0.9"), bits: -1}}
	in.Past = ocf.History{{Step: addAddress{}}}
	f := facts{Net: n.state, Place: netstate.Place{Link: n.state.Links[1], Bits: 24}}
	d := agent{net: n}.start(in, f)
	require.Contains(t, d.End.Reason, "is gone again")
}

func TestStop(t *testing.T) {
	for name, c := range map[string]struct {
		vars    []string
		set     func(*network)
		changes []string
	}{
		"nothing":         {},
		"running":         {set: func(n *network) { n.put(2, "10.9.0.9/24") }, changes: []string{"delete 10.9.0.9/24 from 2"}},
		"another prefix":  {vars: []string{"cidr_netmask=25"}, set: func(n *network) { n.put(2, "10.9.0.9/24") }, changes: []string{"delete 10.9.0.9/24 from 2"}},
		"twice":           {set: func(n *network) { n.put(2, "10.9.0.9/24"); n.put(3, "10.9.0.9/24") }, changes: []string{"delete 10.9.0.9/24 from 2", "delete 10.9.0.9/24 from 3"}},
		"somebody else's": {vars: []string{"nic=eth0"}, set: func(n *network) { n.put(3, "10.9.0.9/24") }},
		"loopback":        {set: func(n *network) { n.put(1, "10.9.0.9/32") }},
		"no interface":    {vars: []string{"nic=eth7"}},
		"no namespace":    {vars: []string{"network_namespace=x"}},
		"cached routes":   {vars: []string{"flush_routes=yes"}, set: func(n *network) { n.put(2, "10.9.0.9/24") }, changes: []string{"delete 10.9.0.9/24 from 2", "flush"}},
		"while it is announced": {
			set: func(n *network) {
				n.put(2, "10.9.0.9/24")
				n.Procs[7] = ocf.Process{PID: 7, Start: 7, Args: append([]string{"/x"}, announcer(netstate.Announcement{Link: "eth0", IP: netip.MustParseAddr("10.9.0.9")})...)}
				n.Procs[8] = ocf.Process{PID: 8, Start: 8, Args: append([]string{"/x"}, announcer(netstate.Announcement{Link: "eth0", IP: netip.MustParseAddr("10.9.0.8")})...)}
				n.Procs[9] = ocf.Process{PID: 9, Start: 9, Args: append([]string{"/x"}, announcer(netstate.Announcement{Namespace: "x", Link: "eth0", IP: netip.MustParseAddr("10.9.0.9")})...)}
			},
			changes: []string{"signal 9 to 7", "delete 10.9.0.9/24 from 2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, a := newNetwork(t)
			if c.set != nil {
				c.set(n)
			}
			for i := range 2 {
				res := ocftest.Do(a, n.Machine, "stop", append([]string{"ip=10.9.0.9"}, c.vars...)...)
				require.Equal(t, ocf.Success, res.Code, res)
				if i == 0 {
					require.Equal(t, c.changes, append([]string(nil), res.Changes...))
				} else {
					require.Empty(t, res.Changes)
				}
			}
		})
	}
	// On a busy node a killed process is there for a while; one that hangs in the kernel
	// sends nothing either.
	n, a := newNetwork(t)
	n.put(2, "10.9.0.9/24")
	n.Procs[7] = ocf.Process{PID: 7, Start: 7, Args: append([]string{"/x"}, announcer(netstate.Announcement{Link: "eth0", IP: netip.MustParseAddr("10.9.0.9")})...)}
	n.OnSignal = func(*ocftest.Machine, ocf.Process, int) {}
	res := ocftest.Do(a, n.Machine, "stop", "ip=10.9.0.9")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"signal 9 to 7", "delete 10.9.0.9/24 from 2"}, append([]string(nil), res.Changes...))

	n, a = newNetwork(t)
	n.put(2, "10.9.0.9/24")
	n.Fail = map[string]error{"delete": errors.New("device or resource busy")}
	res = ocftest.Do(a, n.Machine, "stop", "ip=10.9.0.9")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Equal(t, "could not delete the address 10.9.0.9/24 from eth0: device or resource busy", res.Reason)
}

func TestLVS(t *testing.T) {
	n, a := newNetwork(t)
	n.put(1, "10.9.0.9/32")
	vars := []string{"ip=10.9.0.9", "lvs_support=yes", "arp_count=0"}
	require.Equal(t, ocf.NotRunning, ocftest.Do(a, n.Machine, "monitor", vars...).Code)
	require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "start", vars...).Code)
	require.Equal(t, []int{2}, n.on("10.9.0.9"))
	require.Equal(t, ocf.Success, ocftest.Do(a, n.Machine, "stop", vars...).Code)
	require.Equal(t, []int{1}, n.on("10.9.0.9"))
	require.NotContains(t, n.Files, "/run/resource-agents/IPaddr2-rsc.loopback")

	// What the file holds is not believed blindly.
	n.Files["/run/resource-agents/IPaddr2-rsc.loopback"] = ocftest.File{Data: "10.0.0.1/8\n"}
	require.Equal(t, []string{"remove /run/resource-agents/IPaddr2-rsc.loopback"}, ocftest.Do(a, n.Machine, "stop", vars...).Changes)
}

func TestAnnouncer(t *testing.T) {
	for _, a := range []netstate.Announcement{
		{Namespace: "ns", Link: "eth0", IP: netip.MustParseAddr("10.9.0.9"), Count: 5, Interval: 200 * time.Millisecond, RequestsOnly: true},
		{Link: "eth0", IP: netip.MustParseAddr("fd00::9"), RepliesOnly: true},
		{Link: "eth0", IP: netip.MustParseAddr("fd00::9"), Count: 1},
	} {
		args := announcer(a)
		require.Equal(t, Command, args[0])
		got, err := ReadAnnouncer(args[1:])
		require.NoError(t, err)
		require.Equal(t, a, got)
		for i := range args[1:] {
			if i == 1 || i == 5 {
				continue // a name, and a kind: anything will do
			}
			bad := slices.Clone(args[1:])
			bad[i] = "?"
			_, err = ReadAnnouncer(bad)
			require.Error(t, err, strings.Join(bad, " "))
		}
	}
	_, err := ReadAnnouncer(nil)
	require.ErrorContains(t, err, "is for the agent IPaddr2")
}

// The laws of every agent, over sequences of actions that may be killed at any
// change, with an IPv4 or an IPv6 address: a start that succeeds is believed by the
// monitor; after a stop nothing is left, on whatever interface; nothing is done twice;
// and the addresses of others stay.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, a := newNetwork(t)
		ip := rapid.SampledFrom([]string{"10.9.0.9", "10.8.0.9", "fd00::9"}).Draw(rt, "ip")
		vars := []string{"ip=" + ip, "arp_bg=no"}
		if rapid.Bool().Draw(rt, "lvs") && ip != "fd00::9" {
			n.put(1, ip+"/32")
			vars = append(vars, "lvs_support=yes")
		}
		others := n.on("10.9.0.1")
		for range rapid.IntRange(1, 12).Draw(rt, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "monitor", "reload-agent"}).Draw(rt, "action")
			if after := rapid.IntRange(0, 4).Draw(rt, "killed after"); after < 4 {
				n.KillAfter = len(n.Changes) + after + 1
			}
			n.tentative = rapid.IntRange(0, 3).Draw(rt, "tentative")
			res := ocftest.Do(a, n.Machine, action, vars...)
			n.KillAfter = 0
			require.Equal(rt, others, n.on("10.9.0.1"))
			if res.Killed || action == "monitor" || action == "reload-agent" {
				if action == "monitor" {
					require.Empty(rt, res.Changes)
				}
				continue
			}
			require.Equal(rt, ocf.Success, res.Code, res)
			want := map[string]ocf.Code{"start": ocf.Success, "stop": ocf.NotRunning}[action]
			require.Equal(rt, want, ocftest.Do(a, n.Machine, "monitor", vars...).Code)
			require.Empty(rt, ocftest.Do(a, n.Machine, action, vars...).Changes)
			if len(vars) == 3 && action == "stop" {
				require.Equal(rt, []int{1}, n.on(ip), "the address of the real server is back")
			}
		}
	})
}
