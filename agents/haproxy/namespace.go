package haproxy

import (
	"fmt"
	"strings"

	"systole/agents/ocf"
)

// pair is the pair of interfaces that joins a namespace to the node.
type pair struct {
	hostIP, nsIP     string // nsIP "" is no pair
	hostName, nsName string
	prefix, metric   int64
	networks         []string
}

func parsePair(v ocf.Values) pair {
	p := pair{
		hostIP: v.String("host_ip"), nsIP: v.String("namespace_ip"), hostName: v.String("host_interface"), nsName: v.String("namespace_interface"),
		prefix: v.Int("network_mask"), metric: v.Int("route_metric"),
	}
	if n := v.String("other_networks"); !strings.EqualFold(n, "false") {
		p.networks = list(n)
	}
	return p
}

func checkNamespace(p params) error {
	if p.ns == "" {
		if p.pair.nsIP != "" {
			return ocf.Errorf(ocf.ErrConfigured, "parameter namespace_ip is set without ns: name the namespace too")
		}
		return nil
	}
	bad := func(name, value, want string) error {
		return ocf.Errorf(ocf.ErrConfigured, "parameter %s is %q: give %s", name, value, want)
	}
	const name = "letters, digits, and any of _ . -"
	if !isWord(p.ns, 200) {
		return bad("ns", p.ns, name)
	}
	if p.pair.nsIP == "" {
		return nil
	}
	const longestInterface = 15
	switch x := p.pair; {
	case !isWord(x.hostName, longestInterface):
		return bad("host_interface", x.hostName, "at most 15 "+name)
	case !isWord(x.nsName, longestInterface):
		return bad("namespace_interface", x.nsName, "at most 15 "+name)
	case !isAddress(x.hostIP):
		return bad("host_ip", x.hostIP, "an IPv4 address")
	case !isAddress(x.nsIP):
		return bad("namespace_ip", x.nsIP, "an IPv4 address")
	}
	for _, n := range p.pair.networks {
		address, _, ok := strings.Cut(n, "/")
		if !ok || !isAddress(address) {
			return bad("other_networks", n, "networks as ADDRESS/PREFIX")
		}
	}
	return nil
}

func isWord(s string, most int) bool {
	ok := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == ""
	return ok && s != "" && len(s) <= most && s[0] != '-' && s != "." && s != ".."
}

func isAddress(s string) bool {
	return strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789.") == ""
}

// makeNamespace are the steps that make the namespace and its pair. Each is no
// error where it was done before, so that a start that was killed goes on.
func makeNamespace(p params) []ocf.Step {
	x := p.pair
	ip := func(accept []int, args ...string) ocf.Step {
		return ocf.Run{Command: ocf.Command{Path: "ip", Args: args}, Accept: accept}
	}
	within := func(accept []int, args ...string) ocf.Step {
		return ip(accept, append([]string{"-n", p.ns}, args...)...)
	}
	// ip ends with 1 or 2 if the thing is there; what is missing afterwards shows
	// with the next step, which needs it.
	there := []int{1, 2}
	steps := []ocf.Step{
		ip(there, "netns", "add", p.ns),
		within(nil, "link", "set", "lo", "up"),
		ip(there, "link", "add", x.hostName, "type", "veth", "peer", "name", x.nsName, "netns", p.ns),
		ip(nil, "address", "replace", fmt.Sprintf("%s/%d", x.hostIP, x.prefix), "dev", x.hostName),
		ip(nil, "link", "set", x.hostName, "up"),
		within(nil, "address", "replace", fmt.Sprintf("%s/%d", x.nsIP, x.prefix), "dev", x.nsName),
		within(nil, "link", "set", x.nsName, "up"),
		within(nil, "route", "replace", "default", "via", x.hostIP, "metric", fmt.Sprint(x.metric)),
	}
	for _, n := range x.networks {
		steps = append(steps, within(nil, "route", "replace", n, "via", x.hostIP))
	}
	return steps
}
