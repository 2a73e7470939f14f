package ipaddr2

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "IPaddr2", Version: "1.0.0",
		Short: "Virtual IPv4 or IPv6 address of this node",
		Long: `Puts an address on an interface of this node, tells the neighbours so, and takes it
away again. Before an address is taken the agent asks whether another station answers for
it, and refuses to take it if so.

It takes the place of ocf:heartbeat:IPaddr2 and has its parameters. All is done by the agent
itself through netlink and packet sockets: no program is needed.`,
		Params: slicesOf(addressParams(), neighbourParams(), cloneParams()),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 60 * time.Second, Depth: 10},
			{Name: "reload-agent", Timeout: 10 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Where the address goes", Text: `Without nic, the interface is that of the most specific network of the main routing
table that the address is in; default routes and networks behind a gateway do not count. Of
several routes to the same network the one with the lowest metric counts. Without
cidr_netmask, the prefix length is that of the network. The broadcast address is that of the
other addresses of the network, unless given.`},
			{Title: "Check levels of monitor", Text: `0: the address is on its interface, with its prefix length and label; the interface has a
carrier (check_link_status); no other node had the address when it was put there (IPv6).

10: also, nobody else answers for the address now. If somebody does, monitor ends with
OCF_DEGRADED: the cluster shows it and does not move the address, since that would not help.`},
			{Title: "Load sharing is not supported", Text: `Clones of one address (clone-max above 1 without unique_clone_address) are refused with
OCF_ERR_CONFIGURED. They need the iptables target CLUSTERIP, which Linux has no more. Put
haproxy or IPVS behind one address in its place, or give every instance an address of its own
with unique_clone_address.`},
			{Title: "Differences to the stock agent", Text: `An address whose interface has lost its carrier is OCF_ERR_GENERIC, not
OCF_NOT_RUNNING: it is still on the node, so the cluster has to stop it here before it starts
it elsewhere, or two nodes have it when the cable is back. For the same reason an address
with another prefix length than the parameters say is a failure, and stop removes it.

A start refuses to add an address that another interface of this node has.

A stop puts back addresses of others that the kernel removes together with the first address
of their subnet (where promote_secondaries is not set).

The programs that arp_sender names are not called; the name is accepted. Of send_arp_opts,
-A (ARP replies alone) and -U (requests alone) are obeyed. On InfiniBand alone a program
announces, ipoibarping or else arping, and collisions are not looked for.`},
		},
	}
}

func slicesOf(lists ...[]ocf.Param) (all []ocf.Param) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func addressParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "ip", Required: true, UniqueGroup: "address", Short: "IPv4 or IPv6 address",
			Long: "The address, as in 192.0.2.10 or 2001:db8::10, without prefix length.",
		},
		{
			Name: "nic", Short: "Network interface",
			Long: `Name of the interface that the address is put on; an alternative name will do. If not
given, it is found by the networks of this node. A label may be written behind the name, as in
eth0:web; use iflabel in its place. A link-local address (fe80::) needs it.`,
		},
		{
			Name: "cidr_netmask", Short: "Prefix length",
			Long: "Number of bits of the network: 24, or for IPv4 also 255.255.255.0. If not given, it is that of the network of the interface.",
		},
		{
			Name: "netmask", ReplacedBy: "cidr_netmask", Short: "Old name of cidr_netmask",
			Long: "Counts if cidr_netmask is not given.",
		},
		{
			Name: "broadcast", Short: "Broadcast address",
			Long: `IPv4 broadcast address; "+" for the highest address of the network, "-" for none.`,
		},
		{
			Name: "proto", Short: "Protocol of the route",
			Long: "If set, the network is found by routes of this protocol alone: kernel, static, dhcp, ..., or a number.",
		},
		{
			Name: "iflabel", Short: "Label of the address",
			Long: "Label that is given to an IPv4 address, behind the name of the interface and a colon; all together at most 15 bytes.",
		},
		{
			Name: "noprefixroute", Type: ocf.Boolean, Default: "false", Short: "Make no route to the network",
			Long: "The kernel makes no route to the network of the address.",
		},
		{
			Name: "preferred_lft", Default: "forever", Short: "Preferred lifetime of an IPv6 address",
			Long: `Seconds for which an IPv6 address is preferred as the source of new connections, or
"forever". With 0 the address is used only by those who ask for it.`,
		},
		{
			Name: "lvs_support", Type: ocf.Boolean, Default: "false", Short: "The node is also a real server of LVS",
			Long: `For LVS with direct routing, IPv4: while the address is not here as a virtual one it is on
the loopback interface with 32 bits. A start takes it from there, a stop puts it back.`,
		},
		{
			Name: "lvs_ipv6_addrlabel", Type: ocf.Boolean, Default: "true", Short: "Do not use the IPv6 address as a source",
			Long: `Gives the IPv6 address a label of its own in the policy table for source addresses
(RFC 6724), so that connections which this node opens do not come from it. LVS needs that to
check its real servers.`,
		},
		{
			Name: "lvs_ipv6_addrlabel_value", Type: ocf.Integer, Default: "99", Limits: &ocf.Limits{Min: 0, Max: 1<<32 - 2},
			Short: "Label for lvs_ipv6_addrlabel", Long: "A number that is not used in the policy table (ip addrlabel).",
		},
		{
			Name: "flush_routes", Type: ocf.Boolean, Default: "false", Short: "Flush cached routes in stop",
			Long: "After a stop the kernel forgets cached IPv4 routes, so that connections of this node to the address do not stay on it.",
		},
		{
			Name: "network_namespace", Short: "Network namespace",
			Long: "Name of the network namespace that the interface is in, as ip netns shows it.",
		},
		{
			Name: "check_link_status", Type: ocf.Boolean, Default: "true", Reloadable: true, Short: "The interface needs a carrier",
			Long: "The resource has failed if its interface is down or has no carrier; and a start fails there.",
		},
	}
}

func neighbourParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "collision_detection", Type: ocf.Boolean, Default: "true", Reloadable: true, Short: "Refuse an address that another station has",
			Long: `Before the address is put on the interface, ask the network who has it (ARP probes, for
IPv6 the duplicate address detection of the kernel), which takes half a second, for IPv6 one
or two. If somebody answers, start fails. Switch it off where routers answer for addresses of
others on the same network (proxy ARP).`,
		},
		{
			Name: "run_arping", Type: ocf.Boolean, Default: "false", Reloadable: true, Short: "Old name of collision_detection for IPv4",
			Long: "If true, collisions are looked for even if collision_detection is false.",
		},
		{
			Name: "nodad", Type: ocf.Boolean, Default: "false", Short: "No duplicate address detection of the kernel",
			Long: `An IPv6 address is usable at once. With collision_detection the agent asks the network
itself before, as it does for IPv4.`,
		},
		{
			Name: "arp_interval", Type: ocf.Integer, Default: "200", Limits: &ocf.Limits{Min: 1, Max: 60_000}, Reloadable: true,
			Short: "Milliseconds between announcements", Long: "Time between two announcements of the address (gratuitous ARP, unsolicited neighbour advertisement).",
		},
		{
			Name: "arp_count", Type: ocf.Integer, Default: "5", Limits: &ocf.Limits{Min: 0, Max: 1000}, Reloadable: true,
			Short: "Number of announcements", Long: "How often a start announces the address; 0: not at all.",
		},
		{
			Name: "arp_count_refresh", Type: ocf.Integer, Default: "0", Limits: &ocf.Limits{Min: 0, Max: 100}, Reloadable: true,
			Short: "Number of announcements of a monitor", Long: "How often each recurring monitor announces the address. It repairs the tables of neighbours that another node has misled.",
		},
		{
			Name: "arp_bg", Type: ocf.Boolean, Reloadable: true, Short: "Announce in the background",
			Long: "A start does not wait for the announcements: a process in the background makes them. If not set: true for IPv4, false for IPv6.",
		},
		{
			Name: "arp_sender", Reloadable: true, Short: "Program that announces (accepted, without effect)",
			Long: "send_arp, ipoibarping, iputils_arping or libnet_arping. The agent announces by itself; the name is accepted so that configurations of the stock agent stay valid.",
		},
		{
			Name: "send_arp_opts", Reloadable: true, Short: "Options of announcements",
			Long: "-A: send ARP replies only; -U: requests only. By default both are sent. Other options have no effect.",
		},
	}
}

func cloneParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "unique_clone_address", Type: ocf.Boolean, Default: "false", Short: "An address for each instance of a clone",
			Long: "In a clone with globally-unique=true, the number of the instance is added to the address.",
		},
		{Name: "mac", Short: "Not supported", Long: "Hardware address for load sharing; without effect, see the notes."},
		{Name: "clusterip_firewall", Default: "auto", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
		{Name: "clusterip_hash", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
		{Name: "clusterip_hash_seed", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
		{Name: "clusterip_table", Default: "mangle", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
		{Name: "clusterip_chain", Default: "PREROUTING", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
		{Name: "clusterip_mac_mangle", Type: ocf.Boolean, Default: "false", Short: "Not supported", Long: "For load sharing; without effect, see the notes."},
	}
}
