package scheduler

// applyLocations applies every location, the newest first (04 §5.5, T2).
func (s *State) applyLocations() {
	for i := len(s.Locations) - 1; i >= 0; i-- {
		l := s.Locations[i]
		s.applyLocation(l.Rsc, l)
	}
}

// applyLocation applies a location to a resource and, by its kind, to what is
// below it.
func (s *State) applyLocation(r *Resource, l *Location) {
	switch r.Kind {
	case KindPrimitive:
		s.applyOwnLocation(r, l)
	case KindGroup:
		s.applyGroupLocation(r, l)
	case KindClone:
		s.applyOwnLocation(r, l)
		if len(r.Children) > 0 && r.Children[0].Kind == KindPrimitive {
			s.applyShared(r.Children, l)
			return
		}
		s.applyClonedGroups(r.Children, l)
	case KindBundle:
		s.bundleLocation(r, l)
	}
}

// applyGroupLocation gives the scores to the first member of a colocated group
// only, since those of the others reach it through the members' colocations;
// the others get the nodes with score 0 (T21).
func (s *State) applyGroupLocation(g *Resource, l *Location) {
	s.applyOwnLocation(g, l)
	rest := l.forRest(g)
	for i, member := range g.Children {
		if i > 0 {
			l = rest
		}
		s.applyOwnLocation(member, l)
	}
}

// forRest is the location as members after the first get it: with all scores 0
// in a colocated group.
func (l *Location) forRest(g *Resource) *Location {
	if !g.group.colocated || len(g.Children) < 2 {
		return l
	}
	c := *l
	c.Nodes = make([]LocationNode, len(l.Nodes))
	for i, n := range l.Nodes {
		c.Nodes[i].Node = n.Node
	}
	return &c
}

// applyClonedGroups applies a location to all instances of a cloned group,
// member by member, so that members can go on sharing tables.
func (s *State) applyClonedGroups(groups []*Resource, l *Location) {
	s.applyShared(groups, l)
	if len(groups) == 0 {
		return
	}
	rest := l.forRest(groups[0])
	column := make([]*Resource, 0, len(groups))
	for i := range groups[0].Children {
		column = column[:0]
		for _, g := range groups {
			if i < len(g.Children) {
				column = append(column, g.Children[i])
			}
		}
		if i > 0 {
			l = rest
		}
		s.applyShared(column, l)
	}
}

// applyShared applies a location to the own tables of resources most of which
// share one: the outcome is computed once and shared again.
func (s *State) applyShared(list []*Resource, l *Location) {
	var memo tableMemo
	for _, r := range list {
		if l.Role != RoleUnknown && l.Role != r.NextRole {
			continue
		}
		if s.trailed(r) || !memo.reuse(r) {
			memo.compute(r, func() { s.applyOwnLocation(r, l) })
		}
	}
}

// applyOwnLocation applies a location to a resource's own table (04 §5.5). A
// node that the table lacks is added.
func (s *State) applyOwnLocation(r *Resource, l *Location) {
	if l.Role != RoleUnknown && l.Role != r.NextRole {
		return
	}
	for i := len(l.Nodes) - 1; i >= 0; i-- {
		n, score := l.Nodes[i].Node, l.Nodes[i].Score
		if r.Allowed.Has(n) {
			s.addScore(r, n, score, l.Cause)
		} else {
			s.setScore(r, n, score, l.Cause)
			r.Allowed.SetMode(n, n.Mode)
		}
		if r.Allowed.Mode(n) < l.Discovery {
			r.Allowed.SetMode(n, l.Discovery)
			if l.Discovery == DiscoverExclusive {
				r.set(RscExclusiveProbes)
			}
		}
	}
}

// tableMemo remembers what a change made of a table, so that resources that
// shared the table before share it afterwards too.
type tableMemo struct {
	from, to Table
	valid    bool
	flags    RscFlags // what the change set on the resource
}

// reuse gives a resource the remembered outcome if it has the table that the
// outcome was made from.
func (m *tableMemo) reuse(r *Resource) bool {
	if !m.valid || !r.Allowed.same(&m.from) {
		return false
	}
	r.Allowed = m.to.Clone()
	r.set(m.flags)
	return true
}

// compute makes the change and remembers it. A table that is not shared with
// any other is not worth it.
func (m *tableMemo) compute(r *Resource, change func()) {
	m.valid = r.Allowed.isShared()
	if !m.valid {
		change()
		return
	}
	m.from = r.Allowed.Clone()
	had := r.Flags & RscExclusiveProbes
	r.unset(had)
	change()
	m.to = r.Allowed.Clone()
	m.flags = r.Flags & RscExclusiveProbes
	r.set(had)
}

// same tells whether two tables share everything that they hold.
func (t *Table) same(o *Table) bool {
	if !t.SameScores(o) || len(t.modes) != len(o.modes) || t.counts != nil || o.counts != nil {
		return false
	}
	return len(t.modes) == 0 || &t.modes[0] == &o.modes[0]
}

// isShared tells whether another table may have the same scores; all empty
// tables do.
func (t *Table) isShared() bool { return t.shared&sharedScores != 0 || len(t.scores) == 0 }
