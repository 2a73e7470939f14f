package scheduler

import "strings"

// Node is a cluster node, remote node, guest node or bundle node (02 §1.2).
type Node struct {
	Index int32 // position in State.byIndex: the key of every Table; never changes
	ID    string
	Name  string
	// Remote is the "remote variant" of 02 §1.2: any Pacemaker Remote node.
	Remote bool
	Score  Score     // base score, copied into tables made from now on
	Mode   Discovery // probe mode where a table has no entry: never for bundle nodes

	Online      bool
	Shutdown    bool // shutting down
	Unclean     bool
	Pending     bool
	Maintenance bool

	Standby       bool
	FailStandby   bool // standby because of on-fail=standby
	Seen          bool // has a node_state that was processed
	ExpectedUp    bool
	ProbesAllowed bool
	RemoteReset   bool // guest must be recovered, remote must be fenced
	RemoteFenced  bool // node_fenced of the node_state
	RemoteMaint   bool // node_in_maintenance of the node_state
	Unpacked      bool // its resource history was read

	Attrs       map[string]string
	Utilization map[string]int32 // capacity; what is left of it once everything is placed; nil when none
	Connection  *Resource        // of a Pacemaker Remote node
	Running     []*Resource      // primitives active here, in the order they were found
	Priority    int              // sum of the priorities of active primitives (02 §9.6)

	rank        int32       // place by the bytes of the name, see rankNodes
	left        []int32     // what is left of capacities during assignment, by number
	assigned    int         // primitives assigned in this run (04 §3.1)
	assignedRsc []*Resource // the same, newest last
	failAttrs   *failIndex  // fail-count-… and last-failure-… attributes, built on first use
}

// IsRemoteNode tells whether this is a remote node (not a guest or bundle
// node): remote variant without launched connection (02 §1.2).
func (n *Node) IsRemoteNode() bool {
	return n.Remote && (n.Connection == nil || n.Connection.Launcher == nil)
}

// IsGuest tells whether this is a guest or bundle node: its connection is
// launched by another resource.
func (n *Node) IsGuest() bool {
	return n.Remote && n.Connection != nil && n.Connection.Launcher != nil
}

// IsBundleNode tells whether this is the node inside a bundle's replica.
func (n *Node) IsBundleNode() bool {
	return n.IsGuest() && n.Connection.Launcher.Parent != nil && n.Connection.Launcher.Parent.Kind == KindBundle
}

// IsCluster tells whether this is a full cluster node.
func (n *Node) IsCluster() bool { return !n.Remote }

// Clean tells whether the node is online and not unclean.
func (n *Node) Clean() bool { return n.Online && !n.Unclean }

// Available tells whether resources may be placed here, scores aside
// (04 §3.2). A nil node is never available.
func (n *Node) Available() bool {
	return n != nil && n.Online && !n.Shutdown && !n.Unclean && !n.Standby && !n.FailStandby && !n.Maintenance
}

// Attr returns the value of a node attribute.
func (n *Node) Attr(name string) (string, bool) {
	v, ok := n.Attrs[name]
	return v, ok
}

// sameNode is true only when both nodes are known and identical (06).
func sameNode(a, b *Node) bool { return a != nil && a == b }

// CompareNames orders node names as people count: runs of digits compare as
// numbers, letters without case, a prefix comes first (01 §8.8). It returns -1,
// 0 or 1; names that differ only in case are equal.
func CompareNames(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if isDigit(a[i]) && isDigit(b[j]) {
			si, sj := i, j
			for i < len(a) && isDigit(a[i]) {
				i++
			}
			for j < len(b) && isDigit(b[j]) {
				j++
			}
			if c := compareDigits(a[si:i], b[sj:j]); c != 0 {
				return c
			}
			continue
		}
		ca, cb := lower(a[i]), lower(b[j])
		if ca != cb {
			if ca < cb {
				return -1
			}
			return 1
		}
		i++
		j++
	}
	switch {
	case i < len(a):
		return 1
	case j < len(b):
		return -1
	}
	return 0
}

// compareDigits compares digit runs by value (capped like Pacemaker at 2^63-1),
// then by length.
func compareDigits(a, b string) int {
	va, vb := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	const limit = "9223372036854775807"
	va, vb = capDigits(va, limit), capDigits(vb, limit)
	if len(va) != len(vb) {
		if len(va) < len(vb) {
			return -1
		}
		return 1
	}
	if c := strings.Compare(va, vb); c != 0 {
		return c
	}
	switch {
	case len(a) < len(b):
		return -1
	case len(a) > len(b):
		return 1
	}
	return 0
}

func capDigits(v, limit string) string {
	if len(v) > len(limit) || (len(v) == len(limit) && v > limit) {
		return limit
	}
	return v
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
