package galera

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Ports where the address does not say another one.
const (
	groupPort = "4567"
	sqlPort   = "3306"
)

// seat is a place in wsrep_cluster_address.
type seat struct {
	Node string // name in the cluster
	Host string // as in the address, without port
	Port string // of group communication
}

// parseSeats reads wsrep_cluster_address, gcomm://HOST[:PORT],...[?OPTIONS], and
// cluster_host_map, NODE:HOST;NODE:HOST.
func parseSeats(address, hostMap string) ([]seat, error) {
	list, ok := strings.CutPrefix(strings.TrimSpace(address), "gcomm://")
	if !ok {
		return nil, fmt.Errorf("wsrep_cluster_address %q is not understood: give gcomm://NODE,NODE,NODE", address)
	}
	list, _, _ = strings.Cut(list, "?")
	nodes, err := parseHostMap(hostMap)
	if err != nil {
		return nil, err
	}
	var seats []seat
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		s := seat{}
		s.Host, s.Port = splitPort(part)
		s.Node = s.Host
		if hostMap != "" {
			name, found := nodes[s.Host]
			if !found {
				return nil, fmt.Errorf("cluster_host_map names no node for %s of wsrep_cluster_address: add NODE:%s", s.Host, s.Host)
			}
			s.Node = name
		}
		if slices.ContainsFunc(seats, func(t seat) bool { return t.Node == s.Node }) {
			return nil, fmt.Errorf("node %s stands twice in wsrep_cluster_address: name each node once", s.Node)
		}
		seats = append(seats, s)
	}
	if len(seats) == 0 {
		return nil, fmt.Errorf("wsrep_cluster_address %q names no node: give gcomm://NODE,NODE,NODE", address)
	}
	return seats, nil
}

// splitPort takes HOST, HOST:PORT, [IPV6] or [IPV6]:PORT apart.
func splitPort(text string) (host, port string) {
	host, port = text, groupPort
	i := strings.LastIndexByte(text, ':')
	if i > 0 && (text[i-1] == ']' || strings.Count(text, ":") == 1) {
		host, port = text[:i], text[i+1:]
	}
	return strings.Trim(host, "[]"), port
}

// hostPort is the usual form of an address.
func hostPort(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + port
}

// parseHostMap maps Galera names to node names. The first colon separates: an
// IPv6 address has more of them.
func parseHostMap(text string) (map[string]string, error) {
	nodes := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		node, host, ok := strings.Cut(part, ":")
		node, host = strings.TrimSpace(node), strings.Trim(strings.TrimSpace(host), "[]")
		if !ok || node == "" || host == "" {
			return nil, fmt.Errorf("cluster_host_map: %q is not understood: give NODE:HOST;NODE:HOST", part)
		}
		nodes[host] = node
	}
	return nodes, nil
}

// seatOf is the place of a node.
func seatOf(seats []seat, node string) (seat, bool) {
	for _, s := range seats {
		if s.Node == node {
			return s, true
		}
	}
	return seat{}, false
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// digest is a short name for text.
func digest(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return strconv.FormatUint(h.Sum64(), 16)
}
