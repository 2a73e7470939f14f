package netstate

import (
	"math/bits"
	"net/netip"
	"strconv"
)

// ParseBits reads a prefix length, or for IPv4 a netmask: 24, 255.255.255.0.
func ParseBits(text string, ip netip.Addr) (int, bool) {
	if mask, err := netip.ParseAddr(text); err == nil && mask.Is4() && ip.Is4() {
		b := mask.As4()
		n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
		ones := bits.LeadingZeros32(^n)
		return ones, ones > 0 && bits.TrailingZeros32(n) == 32-ones
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= ip.BitLen()
}

// protocols is a table: the names that the kernel's documentation and iproute2
// have for those who make routes.
var protocols = map[string]int{
	"redirect": 1, "kernel": 2, "boot": 3, "static": 4, "gated": 8, "ra": 9, "mrt": 10, "zebra": 11, "bird": 12, "dnrouted": 13,
	"xorp": 14, "ntk": 15, "dhcp": 16, "keepalived": 18, "babel": 42, "openr": 99, "bgp": 186, "isis": 187, "ospf": 188, "rip": 189, "eigrp": 192,
}

// ParseProtocol reads the protocol of a route, a name or a number.
func ParseProtocol(text string) (int, bool) {
	if n, ok := protocols[text]; ok {
		return n, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= 255
}
