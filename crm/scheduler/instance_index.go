package scheduler

// instanceIndex finds the instances of a collective by node: for each node the
// first instance, in the collective's order, that is there alone and not
// blocked. It is made when first asked for and dropped when an instance gets
// or loses its node or the instances are sorted (04 §11.4, 06 §11.7).
type instanceIndex struct {
	assigned, current *hostIndex
}

type hostIndex struct {
	byNode []*Resource // by node index

	// best remembers, for tables that share their scores, which node was
	// found: the thousand instances of a clone that have no node ask the same
	// question. It holds as long as no assignment changes.
	best  map[*Score]*Node
	since int
}

// bestFor is bestNode among the nodes that have an instance.
func (s *State) bestFor(x *hostIndex, t *Table) *Node {
	find := func() *Node {
		n, _ := s.bestNode(t, nil, func(n *Node) bool { return x.at(n) != nil })
		return n
	}
	if t.shared&sharedScores == 0 || len(t.scores) == 0 {
		return find() // it may be written to in place
	}
	if now := s.placing.changes + s.placing.assignments; x.best == nil || x.since != now {
		x.best, x.since = map[*Score]*Node{}, now
	}
	n, ok := x.best[&t.scores[0]]
	if !ok {
		n = find()
		x.best[&t.scores[0]] = n
	}
	return n
}

func (x *hostIndex) at(n *Node) *Resource {
	if int(n.Index) >= len(x.byNode) {
		return nil
	}
	return x.byNode[n.Index]
}

// instancesOf returns the index of a collective, by current or assigned nodes.
func (s *State) instancesOf(r *Resource, current bool) *hostIndex {
	if r.instances == nil {
		r.instances = &instanceIndex{}
	}
	slot, which := &r.instances.assigned, locAssigned
	if current {
		slot, which = &r.instances.current, locCurrent
	}
	if *slot != nil {
		return *slot
	}
	x := &hostIndex{byNode: make([]*Resource, len(s.byIndex))}
	for _, instance := range r.placed() {
		n := instance.location(which)
		if n != nil && x.byNode[n.Index] == nil && !instance.anyFlag(RscBlocked) {
			x.byNode[n.Index] = instance
		}
	}
	*slot = x
	return x
}

// dropIndex forgets where the instances of r and of its ancestors are. It has
// to be called whenever an assignment or the order of instances changes.
func dropIndex(r *Resource) {
	for ; r != nil; r = r.Parent {
		r.instances = nil
	}
}

// compatibleInstance finds the instance of a clone or bundle that a resource
// may be paired with: the one on its node, or, while it has none, on the best
// of its allowed nodes that has one; even a banned node does (04 §11.4). A
// role other than RoleUnknown is one that the instance must have. current asks
// for where resources are instead of where they will be.
func (s *State) compatibleInstance(dependent, primary *Resource, role Role, current bool) *Resource {
	which := locAssigned
	if current {
		which = locCurrent
	}
	x := s.instancesOf(primary, current)
	find := x.at
	if role != RoleUnknown {
		find = func(n *Node) *Resource { return s.instanceWithRole(primary, n, role, which) }
	}
	if n := dependent.location(which); n != nil {
		return find(n)
	}
	if role == RoleUnknown {
		if n := s.bestFor(x, &dependent.Allowed); n != nil {
			return find(n)
		}
		return nil
	}
	n, _ := s.bestNode(&dependent.Allowed, nil, func(n *Node) bool { return find(n) != nil })
	if n == nil {
		return nil
	}
	return find(n)
}

func (s *State) instanceWithRole(primary *Resource, n *Node, role Role, which locWhich) *Resource {
	for _, instance := range primary.placed() {
		if instance.Role(which == locAssigned) == role && instance.location(which) == n && !instance.anyFlag(RscBlocked) {
			return instance
		}
	}
	return nil
}
