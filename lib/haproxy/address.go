package haproxy

import (
	"errors"
	"strconv"
	"strings"
)

// ErrAbsent says that the node does not have an address, or not yet.
var ErrAbsent = errors.New("the node does not have this address")

// Address is where haproxy listens.
type Address struct {
	Text string // as written
	// Path is that of a Unix socket; "" for an IP address.
	Path string
	// Host is an IP address or a name; "" is every address of the node.
	Host string
	// First and Last are the ports; equal unless a range is written.
	First, Last int
	// IPv6 is the family, where the host does not tell.
	IPv6     bool
	Datagram bool // UDP
}

// ParseAddress reads an address of a bind line. ok is false for what no one can
// bind but haproxy itself: inherited file descriptors, and addresses with
// variables, whose values only haproxy knows.
func ParseAddress(text string) (a Address, ok bool) {
	a.Text = text
	rest := text
	if strings.ContainsRune(text, '$') {
		return a, false
	}
	for {
		prefix, after, found := strings.Cut(rest, "@")
		if !found {
			break
		}
		switch prefix {
		case "ipv4", "tcp", "tcp4", "mptcp", "mptcp4", "stream", "stream+ipv4", "tcp+ipv4":
		case "ipv6", "tcp6", "mptcp6", "stream+ipv6":
			a.IPv6 = true
		case "udp", "udp4", "quic4", "dgram", "dgram+ipv4", "quic+ipv4":
			a.Datagram = true
		case "udp6", "quic6", "dgram+ipv6", "quic+ipv6":
			a.Datagram, a.IPv6 = true, true
		case "unix", "stream+unix":
			a.Path = after
			return a, strings.HasPrefix(after, "/")
		default: // abns@, fd@, sockpair@, rev@
			return a, false
		}
		rest = after
	}
	if strings.HasPrefix(rest, "/") {
		a.Path = rest
		return a, true
	}
	colon := strings.LastIndexByte(rest, ':')
	if colon < 0 {
		return a, false
	}
	host, ports := rest[:colon], rest[colon+1:]
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "*" {
		host = ""
	}
	a.IPv6 = a.IPv6 || strings.ContainsRune(host, ':')
	a.Host = host
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	var err1, err2 error
	a.First, err1 = strconv.Atoi(first)
	a.Last, err2 = strconv.Atoi(last)
	const maxPort = 65535
	if err1 != nil || err2 != nil || a.First < 1 || a.Last < a.First || a.Last > maxPort {
		return a, false
	}
	return a, true
}

// SocketAddress is the address of a command socket as haproxy writes it, brought
// into the form that a client dials: a path, or HOST:PORT. It is "" for what
// cannot be dialed.
func SocketAddress(text string) string {
	text, _, _ = strings.Cut(text, ",") // options of -S
	a, ok := ParseAddress(text)
	switch {
	case !ok:
		return ""
	case a.Path != "":
		return a.Path
	}
	host := a.Host
	switch {
	case host == "" && a.IPv6, host == "::":
		host = "::1"
	case host == "", host == "0.0.0.0":
		host = "127.0.0.1"
	}
	if strings.ContainsRune(host, ':') {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(a.First)
}
