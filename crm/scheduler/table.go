package scheduler

import "slices"

// Discovery says whether a resource may be probed on a node, from a location's
// resource-discovery (04 §5.4). The order matters: a stronger one is never
// lowered.
type Discovery uint8

const (
	DiscoverAlways Discovery = iota
	DiscoverNever
	DiscoverExclusive
)

// absent marks a node that is not in a table. It is below every score.
const absent Score = -1 << 31

// Table holds what a resource thinks of the nodes it may use: a score, a probe
// mode and, for collectives that place instances, a count. A node that is not
// in the table is not allowed at all. Copies share memory until one of them is
// written to, so that a clone's thousand instances cost one table until they
// differ (architecture rule 4). The zero Table is empty.
type Table struct {
	scores []Score     // by node index; absent where the node has no entry
	modes  []Discovery // by node index; may be shorter than scores (always)
	counts []int32     // by node index; nil until a count is set
	shared uint8       // bits: which of the slices another table may share
}

const (
	sharedScores uint8 = 1 << iota
	sharedModes
)

// Clone returns a table with the same entries. Counts go with it.
func (t *Table) Clone() Table {
	t.shared = sharedScores | sharedModes
	c := *t
	if t.counts != nil {
		c.counts = append([]int32(nil), t.counts...)
	}
	return c
}

// SameScores tells whether two tables still share their scores, so that a
// change made to one can be given to the other by Clone.
func (t *Table) SameScores(o *Table) bool {
	return len(t.scores) == len(o.scores) && (len(t.scores) == 0 || &t.scores[0] == &o.scores[0])
}

// Has tells whether the node is in the table.
func (t *Table) Has(n *Node) bool {
	return n != nil && int(n.Index) < len(t.scores) && t.scores[n.Index] != absent
}

// Get returns the node's score and whether it is in the table.
func (t *Table) Get(n *Node) (Score, bool) {
	if !t.Has(n) {
		return 0, false
	}
	return t.scores[n.Index], true
}

// Set gives the node this score, adding it to the table if it is not there.
func (t *Table) Set(n *Node, s Score) {
	t.own(n)
	t.scores[n.Index] = s
}

// Add adds to the score of a node that is in the table (saturating, 04 §2.2).
// A node that is not there is left out.
func (t *Table) Add(n *Node, s Score) {
	if s == 0 || !t.Has(n) {
		return
	}
	v := AddScores(t.scores[n.Index], s)
	if v != t.scores[n.Index] {
		t.Set(n, v)
	}
}

// Delete takes the node out of the table.
func (t *Table) Delete(n *Node) {
	if t.Has(n) {
		t.own(n)
		t.scores[n.Index] = absent
	}
}

// own makes the scores writable and long enough for the node.
func (t *Table) own(n *Node) {
	i := int(n.Index)
	if t.shared&sharedScores != 0 {
		t.scores = append(make([]Score, 0, max(len(t.scores), i+1)), t.scores...)
		t.shared &^= sharedScores
	}
	for len(t.scores) <= i {
		t.scores = append(t.scores, absent)
	}
}

// banExcept bans every node that is in the table but one.
func (t *Table) banExcept(keep *Node) {
	for i, score := range t.scores {
		if score <= -Infinity || i == int(keep.Index) {
			continue
		}
		if t.shared&sharedScores != 0 {
			t.own(keep)
		}
		t.scores[i] = -Infinity
	}
}

// banWhere bans the nodes of a list, by index, that are in the table.
func (t *Table) banWhere(banned []bool) {
	for i, score := range t.scores {
		if !banned[i] || score <= -Infinity {
			continue
		}
		if t.shared&sharedScores != 0 {
			t.scores = slices.Clone(t.scores)
			t.shared &^= sharedScores
		}
		t.scores[i] = -Infinity
	}
}

// Mode returns the node's probe mode in this table.
func (t *Table) Mode(n *Node) Discovery {
	if int(n.Index) < len(t.modes) {
		return t.modes[n.Index]
	}
	return DiscoverAlways
}

// SetMode sets the node's probe mode.
func (t *Table) SetMode(n *Node, m Discovery) {
	i := int(n.Index)
	if t.Mode(n) == m {
		return
	}
	if t.shared&sharedModes != 0 {
		t.modes = append([]Discovery(nil), t.modes...)
		t.shared &^= sharedModes
	}
	for len(t.modes) <= i {
		t.modes = append(t.modes, DiscoverAlways)
	}
	t.modes[i] = m
}

// Count returns how many instances were counted on the node.
func (t *Table) Count(n *Node) int {
	if n == nil || int(n.Index) >= len(t.counts) {
		return 0
	}
	return int(t.counts[n.Index])
}

// AddCount changes the node's count; nothing when the node is not in the table.
func (t *Table) AddCount(n *Node, delta int) {
	if !t.Has(n) {
		return
	}
	for len(t.counts) <= int(n.Index) {
		t.counts = append(t.counts, 0)
	}
	t.counts[n.Index] += int32(delta)
}

// ResetCounts sets every count to 0.
func (t *Table) ResetCounts() { clear(t.counts) }

// Empty tells whether no node is in the table.
func (t *Table) Empty() bool {
	for _, s := range t.scores {
		if s != absent {
			return false
		}
	}
	return true
}

// Len returns the number of nodes in the table.
func (t *Table) Len() int {
	c := 0
	for _, s := range t.scores {
		if s != absent {
			c++
		}
	}
	return c
}
