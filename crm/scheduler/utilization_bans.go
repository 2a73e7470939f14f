package scheduler

// utilizationBans bans a primitive from the nodes that cannot take it together
// with everything that has to be on the same node, or, where no node can, from
// those that cannot take it alone. In the latter case the result is the node
// that has most left (05 §10.5).
func (s *State) utilizationBans(r *Resource) (mostCapable *Node) {
	if s.Config.Placement == PlaceDefault || !s.readyCapacity().used {
		return nil
	}
	required := s.requiredWith(r)
	if len(required) == 0 {
		return nil // any node will do
	}
	short, capable := s.shortNodes(r, required)
	if !capable {
		mostCapable = s.mostCapable(r)
		short, _ = s.shortNodes(r, demand(nil).add(r.uses))
	}
	if len(short) > 0 {
		cause := s.ruleCause("utilization", r.XMLID)
		for _, n := range short {
			s.prefer(r, n, -Infinity, cause)
		}
	}
	return mostCapable
}

// shortNodes lists the nodes that could run the primitive but have not enough
// left, and tells whether any node has enough. The list is good until the next
// call.
func (s *State) shortNodes(r *Resource, required demand) (short []*Node, capable bool) {
	short = s.placing.short[:0]
	for i, score := range r.Allowed.scores {
		if score < 0 {
			continue
		}
		switch n := s.byIndex[i]; {
		case !n.Available():
		case n.hasCapacity(required):
			capable = true
		default:
			short = append(short, n)
		}
	}
	s.placing.short = short
	return short, capable
}

// mostCapable is the node that has most left, the first of several.
func (s *State) mostCapable(r *Resource) (best *Node) {
	for _, n := range s.hashedNodes(&r.Allowed) {
		if r.Allowed.scores[n.Index] >= 0 && n.Available() && (best == nil || s.capacityCompare(n, best) < 0) {
			best = n
		}
	}
	return best
}

// requiredWith sums what a primitive uses and what everything uses that is not
// placed yet and has to be with it.
func (s *State) requiredWith(r *Resource) demand {
	chain := &colocationChain{s: s, origin: r}
	chain.add(r)
	var sum demand
	for i := len(chain.list) - 1; i >= 0; i-- {
		sum = addDemand(chain.list[i], sum)
	}
	for _, x := range chain.list {
		x.unset(RscVisited)
	}
	return sum
}

// colocationChain collects the resources that have to be on the same node as
// the origin (05 §10.5.1). What is in it is marked as visited.
type colocationChain struct {
	s      *State
	origin *Resource
	list   []*Resource // newest last
}

func (c *colocationChain) append(x *Resource) {
	x.set(RscVisited)
	c.list = append(c.list, x)
}

func (c *colocationChain) add(x *Resource) {
	if x.Kind == KindGroup && (x.group.colocated || (x.Parent != nil && x.Parent.Kind == KindClone)) {
		if x.Has(RscVisited) {
			return // its members are there as well
		}
		c.append(x)
		for _, member := range x.Children {
			c.add(member)
		}
		return
	}
	if x.Has(RscVisited) || (x.Kind == KindGroup && len(x.Children) == 0) {
		return
	}
	c.append(x)
	for _, k := range c.s.thisWithList(x, x) {
		if k.Primary != c.origin && c.s.keepsTogether(x, k.Primary, k) {
			c.add(k.Primary)
		}
	}
	for _, k := range c.s.withThisList(x, x) {
		if x.Kind == KindClone && k.Dependent.Kind != KindClone {
			continue // it will be with one of the instances, nobody knows which
		}
		if k.Dependent != c.origin && c.s.keepsTogether(k.Dependent, x, k) {
			c.add(k.Dependent)
		}
	}
}

// keepsTogether tells whether a colocation is one of INFINITY that binds the
// dependent's place, as if neither resource had been placed.
func (s *State) keepsTogether(dependent, primary *Resource, k *Colocation) bool {
	return k.Score == Infinity && s.affects(dependent, primary, k, true) == affectsLocation
}

// addDemand adds what a resource of a chain contributes. What is in the chain
// itself is marked and contributes for itself (05 §10.5.2).
func addDemand(x *Resource, sum demand) demand {
	if !x.Has(RscUnassigned) {
		return sum
	}
	switch x.Kind {
	case KindPrimitive:
		return sum.add(x.uses)
	case KindBundle:
		if len(x.bundle.Replicas) > 0 {
			return addDemand(x.bundle.Replicas[0].Container, sum)
		}
		return sum
	case KindClone:
		return addCloneDemand(x, sum)
	}
	for _, member := range x.Children {
		if member.Has(RscUnassigned) && !member.Has(RscVisited) {
			sum = addDemand(member, sum)
		}
		if !x.group.colocated && (x.Parent == nil || x.Parent.Kind != KindClone) {
			break // members can be anywhere: the first stands for them
		}
	}
	return sum
}

// addCloneDemand adds those instances of which a part is in the chain, or the
// first instance if none is.
func addCloneDemand(clone *Resource, sum demand) demand {
	found := false
	for _, instance := range clone.Children {
		if instance.Has(RscVisited) {
			found = true
			continue
		}
		for _, member := range instance.Children {
			if member.Has(RscVisited) {
				sum = addDemand(instance, sum)
				found = true
				break
			}
		}
	}
	if !found && len(clone.Children) > 0 {
		sum = addDemand(clone.Children[0], sum)
	}
	return sum
}
