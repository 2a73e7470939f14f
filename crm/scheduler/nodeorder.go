package scheduler

import (
	"slices"
	"strings"
)

// nodeWeight is a node with the score that one table gives it.
type nodeWeight struct {
	node  *Node
	score Score
}

// effective is the score that counts in comparisons: an unavailable node is
// worth -INFINITY (04 §3.3 step 1).
func (w nodeWeight) effective() Score {
	if w.node.Available() {
		return w.score
	}
	return -Infinity
}

// compareNodes orders nodes, best first (04 §3.3): score, free capacity where
// the placement strategy is balanced, fewest resources assigned, the current
// node, name by bytes. current may be nil. With strategy minimal nothing comes
// between score and name.
func (s *State) compareNodes(a, b nodeWeight, current *Node) int {
	if x, y := a.effective(), b.effective(); x != y {
		return before(x > y)
	}
	return s.compareEqual(a.node, b.node, current)
}

// compareEqual orders nodes of equal effective score.
func (s *State) compareEqual(a, b, current *Node) int {
	if s.Config.Placement != PlaceMinimal {
		if s.Config.Placement == PlaceBalanced {
			if c := s.capacityCompare(a, b); c != 0 {
				return c
			}
		}
		if a.assigned != b.assigned {
			return before(a.assigned < b.assigned)
		}
		if current != nil && a != b {
			switch current {
			case a:
				return -1
			case b:
				return 1
			}
		}
	}
	if a.rank != b.rank {
		return before(a.rank < b.rank)
	}
	return strings.Compare(a.Name, b.Name)
}

// rankNodes numbers the nodes by the bytes of their names, once before they are
// compared many times.
func (s *State) rankNodes() {
	list := append([]*Node(nil), s.byIndex...)
	slices.SortFunc(list, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	for i, n := range list {
		if n.rank = int32(i); i > 0 && list[i-1].Name == n.Name {
			n.rank = list[i-1].rank
		}
	}
}

// sortedNodes lists the nodes of a table, best first. current may be nil.
func (s *State) sortedNodes(t *Table, current *Node) []*Node {
	list := make([]nodeWeight, 0, len(s.Nodes))
	nodes := s.hashedNodes(t)
	for i := len(nodes) - 1; i >= 0; i-- { // lists are made by prepending
		score, _ := t.Get(nodes[i])
		list = append(list, nodeWeight{nodes[i], score})
	}
	mergeSort(list, func(a, b nodeWeight) int { return s.compareNodes(a, b, current) })
	sorted := make([]*Node, len(list))
	for i, w := range list {
		sorted[i] = w.node
	}
	return sorted
}

// bestNode returns the first of the sorted nodes of a table that is wanted (a
// nil function wants all), and its raw score. Where the order is total, that
// is the maximum; free capacities may be intransitive, and then the sort
// decides.
func (s *State) bestNode(t *Table, current *Node, wanted func(*Node) bool) (best *Node, score Score) {
	if s.Config.Placement == PlaceBalanced && len(s.readyCapacity().names) > 1 {
		return s.bestBalanced(t, current, wanted)
	}
	if wanted == nil {
		if best, score = s.bestAvailable(t, current); best != nil {
			return best, score
		}
	}
	top := Score(0) // effective score of best
	for i, raw := range t.scores {
		if raw == absent || (best != nil && raw < top) {
			continue
		}
		n := s.byIndex[i]
		effective := raw
		if effective > -Infinity && !n.Available() {
			effective = -Infinity
		}
		if best != nil && (effective < top || (effective == top && s.compareEqual(n, best, current) >= 0)) {
			continue
		}
		if wanted == nil || wanted(n) {
			best, score, top = n, raw, effective
		}
	}
	return best, score
}

// bestAvailable is bestNode for the usual case, that some node with the highest
// score of all is available and not banned; else it returns nil.
func (s *State) bestAvailable(t *Table, current *Node) (*Node, Score) {
	top := -Infinity
	for _, score := range t.scores {
		top = max(top, score)
	}
	if top <= -Infinity {
		return nil, 0
	}
	var best *Node
	available := s.available()
	for i, score := range t.scores {
		if score != top || !available[i] {
			continue
		}
		if n := s.byIndex[i]; best == nil || s.compareEqual(n, best, current) < 0 {
			best = n
		}
	}
	return best, top
}

// bestBalanced is bestNode where the comparison may be intransitive. The head
// of a sorted list is found without sorting it: it is the better one of the
// heads of the two halves that are merged last.
func (s *State) bestBalanced(t *Table, current *Node, wanted func(*Node) bool) (*Node, Score) {
	if wanted != nil {
		for _, n := range s.sortedNodes(t, current) {
			if wanted(n) {
				score, _ := t.Get(n)
				return n, score
			}
		}
		return nil, 0
	}
	list := s.hashedNodes(t)
	if len(list) == 0 {
		return nil, 0
	}
	contest := nodeContest{s: s, list: list, table: t, current: current}
	best := contest.head(0, len(list))
	score, _ := t.Get(best.node)
	return best.node, score
}

// nodeContest finds the head of the list that is sorted from the nodes, last
// node first.
type nodeContest struct {
	s       *State
	list    []*Node
	table   *Table
	current *Node
}

func (c *nodeContest) head(from, to int) nodeWeight {
	if to-from == 1 {
		n := c.list[len(c.list)-1-from]
		w := nodeWeight{n, c.table.scores[n.Index]}
		w.score = w.effective()
		return w
	}
	mid := from + (to-from)/2
	a, b := c.head(from, mid), c.head(mid, to)
	switch {
	case a.score > b.score:
		return a
	case a.score < b.score || c.s.compareEqual(a.node, b.node, c.current) > 0:
		return b
	}
	return a
}
