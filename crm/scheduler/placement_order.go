package scheduler

// sortForPlacement puts the resources into the order in which they are placed
// where the placement strategy is not default: after priority, those go first
// that want a node most (05 §10.4, 04 §7.3). The new order stays.
func (s *State) sortForPlacement() {
	weights := make([]nodeWeight, len(s.Nodes))
	for i, n := range s.Nodes {
		weights[i] = nodeWeight{n, n.Score}
	}
	mergeSort(weights, func(a, b nodeWeight) int { return s.compareNodes(a, b, nil) })
	keys := make([]*placementKey, len(s.Resources))
	for i, r := range s.Resources {
		keys[i] = &placementKey{r: r}
	}
	mergeSort(keys, func(a, b *placementKey) int {
		if a.r.Priority != b.r.Priority {
			return before(a.r.Priority > b.r.Priority)
		}
		if len(weights) == 0 {
			return 0
		}
		return s.comparePlacement(a, b, weights)
	})
	for i, k := range keys {
		s.Resources[i] = k.r
	}
}

// placementKey is a resource with the scores that it has once those of what it
// is colocated with are merged; they are computed on first use.
type placementKey struct {
	r      *Resource
	merged Table
	done   bool
}

func (s *State) mergedOf(k *placementKey) *Table {
	if !k.done {
		k.done = true
		s.mergeScores(k.r, k.r, &k.merged, nil, 1, mergeThisWith)
	}
	return &k.merged
}

func (s *State) comparePlacement(a, b *placementKey, nodes []nodeWeight) int {
	ta, tb := s.mergedOf(a), s.mergedOf(b)
	if x, y := scoreOr(ta, currentOf(a.r)), scoreOr(tb, currentOf(b.r)); x != y {
		return before(x > y)
	}
	for _, w := range nodes {
		if x, y := scoreOr(ta, w.node), scoreOr(tb, w.node); x != y {
			return before(x > y)
		}
	}
	return 0
}

func currentOf(r *Resource) *Node {
	if len(r.Active) == 0 {
		return nil
	}
	return r.activeNode()
}

// scoreOr is the node's score, or -INFINITY where there is none.
func scoreOr(t *Table, n *Node) Score {
	if score, ok := t.Get(n); ok {
		return score
	}
	return -Infinity
}
