package scheduler

// bundleLocation applies a location to a bundle, its containers and IPs. One
// for the promoted role is kept for the implicit clone, where it is compared
// with bundle nodes when roles are chosen (05 §8.2).
func (s *State) bundleLocation(b *Resource, l *Location) {
	s.applyOwnLocation(b, l)
	for _, rep := range b.bundle.Replicas {
		s.applyLocation(rep.Container, l)
		if rep.IP != nil {
			s.applyLocation(rep.IP, l)
		}
	}
	if clone := b.bundle.Clone; clone != nil && l.Role == RolePromoted {
		s.applyLocation(clone, l)
		clone.locations = append(clone.locations, l)
	}
}

// bundleThisWith adds a bundle's own colocations to the list of one of its
// parts (05 §8.4).
func (s *State) bundleThisWith(b, orig *Resource, list []*Colocation) []*Colocation {
	if !bundleSpeaksFor(b, orig) {
		return list
	}
	return addColocations(list, b.thisWith, byPrimary)
}

// bundleWithThis does the same for colocations with the bundle.
func (s *State) bundleWithThis(b, orig *Resource, list []*Colocation) []*Colocation {
	if !bundleSpeaksFor(b, orig) {
		return list
	}
	return addColocations(list, b.withThis, byDependent)
}

// bundleSpeaksFor tells whether a bundle's colocations are those of a part:
// always of containers; of the implicit clone and its instances only while roles
// are chosen, which is after the clone was constrained, or the instance placed.
func bundleSpeaksFor(b, orig *Resource) bool {
	if orig == b || orig.Has(RscReplicaContainer) {
		return true
	}
	clone := b.bundle.Clone
	switch {
	case clone == nil || !clone.Has(RscPromotable) || orig.TopBelowBundle() != clone:
		return false
	case orig == clone:
		return clone.clone.constrained
	}
	return !orig.Has(RscUnassigned)
}

// bundleColocation binds a primitive to a bundle (05 §8.3). A change of its
// promotion priority is returned.
func (s *State) bundleColocation(dependent, b *Resource, c *Colocation) Score {
	switch {
	case b.Has(RscUnassigned):
		return 0
	case c.Dependent.IsCollective():
		if container := s.compatibleContainer(dependent, b); container != nil {
			return s.applyColocation(dependent, container, c, true)
		}
		if c.Score >= Infinity {
			s.assignTo(dependent, nil, true, true)
		}
		return 0
	case c.Score >= Infinity:
		s.keepToContainers(dependent, b, c)
		return 0
	}
	delta := Score(0)
	for _, rep := range b.bundle.Replicas {
		delta = AddScores(delta, s.applyColocation(dependent, rep.Container, c, false))
	}
	return delta
}

// compatibleContainer finds the container that an instance is paired with: the
// one on its node, or, while it has none, on the best of its allowed nodes that
// has one. A bundle node stands for the node that it is on.
func (s *State) compatibleContainer(dependent, b *Resource) *Resource {
	containers := s.instancesOf(b, false)
	find := func(n *Node) *Resource {
		if n != nil && n.IsBundleNode() {
			n = n.Connection.Launcher.location(locAssigned)
		}
		if n == nil {
			return nil
		}
		return containers.at(n)
	}
	if n := dependent.location(locAssigned); n != nil && (!n.IsBundleNode() || n.Connection.Launcher.location(locAssigned) != nil) {
		return find(n)
	}
	n, _ := s.bestNode(&dependent.Allowed, nil, func(n *Node) bool { return find(n) != nil })
	return find(n)
}

// keepToContainers bans the dependent from every node without a container that
// is not blocked and, where the primary is to be promoted, has a promoted
// instance in it. Node scores are not merged (05 §8.3 step 4).
func (s *State) keepToContainers(dependent, b *Resource, c *Colocation) {
	var hosts nodeSet
	for _, rep := range b.bundle.Replicas {
		n := rep.Container.Assigned
		if n == nil || rep.Container.anyFlag(RscBlocked) {
			continue
		}
		if c.PrimaryRole >= RolePromoted && (rep.Child == nil || rep.Child.NextRole < RolePromoted) {
			continue
		}
		hosts.add(n)
	}
	for _, n := range s.byIndex {
		if dependent.Allowed.Has(n) && !hosts.has(n) {
			s.setScore(dependent, n, -Infinity, c.Cause)
		}
	}
}
