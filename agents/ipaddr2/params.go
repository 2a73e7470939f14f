package ipaddr2

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/netstate"
)

// params are the parameters, read as far as they can be. What cannot be read is in
// problem: a start refuses it, a stop does what it can.
type params struct {
	problem string

	ip        netip.Addr
	nic       string
	bits      int // -1: that of the network
	broadcast netip.Addr
	noBrd     bool // broadcast "-"
	lastBrd   bool // broadcast "+"
	protocol  int  // -1: any
	label     string

	noPrefixRoute, noDAD, lvs, flush bool
	preferred                        uint32
	sourceLabel                      bool
	sourceLabelValue                 uint32
	namespace                        string
	needCarrier                      bool

	detect                    bool
	count, refresh            int
	interval                  time.Duration
	background                bool
	requestsOnly, repliesOnly bool
	unique                    bool
}

// six says whether the address is an IPv6 one.
func (p *params) six() bool { return p.ip.Is6() }

func (p *params) wrong(text string) {
	if p.problem != "" {
		p.problem += "; "
	}
	p.problem += text
}

func parse(v ocf.Values) params {
	p := params{
		bits: -1, protocol: -1, preferred: netstate.Forever,
		noPrefixRoute: v.Bool("noprefixroute"), noDAD: v.Bool("nodad"), lvs: v.Bool("lvs_support"), flush: v.Bool("flush_routes"),
		sourceLabel: v.Bool("lvs_ipv6_addrlabel"), sourceLabelValue: uint32(v.Int("lvs_ipv6_addrlabel_value")),
		namespace: v.String("network_namespace"), needCarrier: v.Bool("check_link_status"),
		count: int(v.Int("arp_count")), refresh: int(v.Int("arp_count_refresh")),
		interval: time.Duration(v.Int("arp_interval")) * time.Millisecond,
		unique:   v.Bool("unique_clone_address"),
	}
	// Nothing is left of load sharing: Check refuses clones that ask for it.
	for _, name := range []string{"mac", "clusterip_firewall", "clusterip_hash", "clusterip_hash_seed", "clusterip_table", "clusterip_chain"} {
		_ = v.String(name)
	}
	_ = v.Bool("clusterip_mac_mangle")

	p.parseAddress(v)
	p.parsePlace(v)
	p.parseNeighbours(v)
	if text := v.String("preferred_lft"); text != "forever" {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			p.wrong("parameter preferred_lft " + strconv.Quote(text) + ` is neither a number of seconds nor "forever"`)
		}
		p.preferred = uint32(n)
	}
	return p
}

func (p *params) parseAddress(v ocf.Values) {
	text := v.String("ip")
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() || ip.IsMulticast() {
		p.wrong("parameter ip " + strconv.Quote(text) + " is not an address that a node can have: give one as in 192.0.2.10 or 2001:db8::10")
		return
	}
	p.ip = ip.Unmap()
}

func (p *params) parsePlace(v ocf.Values) {
	p.label = v.String("iflabel")
	nic, label, ok := strings.Cut(v.String("nic"), ":")
	p.nic = nic
	if ok {
		p.label = label
	}
	mask := v.String("cidr_netmask")
	if mask == "" {
		mask = v.String("netmask")
	} else {
		_ = v.String("netmask")
	}
	if mask != "" && p.ip.IsValid() {
		if p.bits, ok = netstate.ParseBits(mask, p.ip); !ok {
			p.bits = -1
			p.wrong("parameter cidr_netmask " + strconv.Quote(mask) + " is no prefix length: give a number from 1 to " + strconv.Itoa(p.ip.BitLen()))
		}
	}
	switch text := v.String("broadcast"); text {
	case "":
	case "+":
		p.lastBrd = true
	case "-":
		p.noBrd = true
	default:
		b, err := netip.ParseAddr(text)
		if err != nil || !b.Is4() {
			p.wrong("parameter broadcast " + strconv.Quote(text) + ` is neither an IPv4 address nor "+" nor "-"`)
		}
		p.broadcast = b
	}
	if text := v.String("proto"); text != "" {
		if p.protocol, ok = netstate.ParseProtocol(text); !ok {
			p.protocol = -1
			p.wrong("parameter proto " + strconv.Quote(text) + " is not known: give kernel, boot, static, ra, dhcp or a number")
		}
	}
}

func (p *params) parseNeighbours(v ocf.Values) {
	collision, arping := v.Bool("collision_detection"), v.Bool("run_arping")
	p.detect = collision || arping && !p.six()
	p.background = !p.six()
	if v.Given("arp_bg") {
		p.background = v.Bool("arp_bg")
	}
	for _, option := range strings.Fields(v.String("send_arp_opts")) {
		p.repliesOnly = p.repliesOnly || option == "-A"
		p.requestsOnly = p.requestsOnly || option == "-U"
	}
	switch text := v.String("arp_sender"); text {
	case "", "send_arp", "ipoibarping", "iputils_arping", "libnet_arping":
	default:
		p.wrong("parameter arp_sender " + strconv.Quote(text) + " is not one of send_arp, ipoibarping, iputils_arping, libnet_arping: leave it out, the agent announces by itself")
	}
	if p.repliesOnly && p.requestsOnly {
		p.wrong("parameter send_arp_opts asks for replies alone and for requests alone: give one of -A and -U, or none")
	}
}

// check says what is wrong with the parameters. A stop is let through: it takes
// away what it finds.
func check(in ocf.Input[params]) error {
	p := in.Params
	if in.Action == "stop" {
		return nil
	}
	for _, c := range []struct {
		bad    bool
		reason string
	}{
		{p.problem != "", p.problem},
		{
			in.Meta.Clone.Max > 1 && !p.unique,
			"load sharing between clones of one address is not supported, Linux has no CLUSTERIP any more: use haproxy or IPVS behind one address, or set unique_clone_address",
		},
		{
			p.unique && !in.Meta.Clone.GloballyUnique,
			"unique_clone_address needs a clone with globally-unique=true: set it, or leave the parameter out",
		},
		{p.lvs && p.six(), "lvs_support is for IPv4: use lvs_ipv6_addrlabel for an IPv6 address"},
		{p.six() && p.ip.IsLinkLocalUnicast() && p.nic == "", "a link-local address is on every interface: name the one that is meant in nic"},
		{p.unique && !address(in).IsValid(), "the number of this instance cannot be added to the address " + p.ip.String() + ": take a lower address"},
		{len(p.label) > 0 && len(p.nic)+1+len(p.label) > maxLabel, "the label " + p.nic + ":" + p.label + " has more than 15 bytes: take a shorter iflabel"},
		{strings.ContainsAny(p.label+p.nic, "/ \t\n"), "nic and iflabel have neither slashes nor blanks"},
	} {
		if c.bad {
			return ocf.Errorf(ocf.ErrConfigured, "%s", c.reason)
		}
	}
	return nil
}

// maxLabel is the most bytes of a label that the kernel takes.
const maxLabel = 15

// address is the address of this instance. To that of a unique clone its number is
// added; the zero value if there is no such address.
func address(in ocf.Input[params]) netip.Addr {
	ip := in.Params.ip
	if !in.Params.unique || !ip.IsValid() {
		return ip
	}
	b := ip.AsSlice()
	last := int(b[len(b)-1]) + max(in.Meta.Clone.Instance, 0)
	if last > 255 {
		return netip.Addr{}
	}
	b[len(b)-1] = byte(last)
	ip, _ = netip.AddrFromSlice(b)
	return ip
}
