package scheduler

// roleEffect is what a colocation with a primitive changes about the promotion
// priority of an instance that was placed (05 §4.1.2). The change is returned.
func (s *State) roleEffect(dependent, primary *Resource, c *Colocation) Score {
	n, with := dependent.Assigned, primary.Assigned
	if n == nil {
		return 0
	}
	if with != nil && c.PrimaryRole != RoleUnknown && c.PrimaryRole != roleResource(primary).NextRole {
		return 0
	}
	delta := c.Score
	switch {
	case !s.colocationMatches(c, n, dependent, with, primary):
		if c.Score != Infinity || c.DependentRole != RolePromoted {
			return 0
		}
		delta = -delta // cannot be promoted where the primary is not
	case c.DependentRole == RoleUnpromoted:
		delta = -delta
	}
	old := dependent.Priority
	dependent.Priority = AddScores(delta, old)
	s.trailPromotion(dependent, n, old, dependent.Priority, c.Cause)
	return delta
}

// promotableRoleEffect is what a colocation of promoted instances with
// instances of a role changes about the dependent's promotion priority
// (05 §4.1.4). The change is returned.
func (s *State) promotableRoleEffect(dependent, clone *Resource, c *Colocation) Score {
	old, delta := dependent.Priority, Score(0)
	switch {
	case s.hasPartner(dependent, clone, c):
		dependent.Priority = AddScores(old, c.Score)
		delta = c.Score
	case c.Score >= Infinity:
		dependent.Priority = -Infinity
		delta = -Infinity
	default:
		return 0
	}
	s.trailPromotion(dependent, dependent.location(locAssigned), old, dependent.Priority, c.Cause)
	return delta
}

// hasPartner tells whether an instance of the clone with the primary role is
// where the dependent is, or, while that has no node, where it may be.
func (s *State) hasPartner(dependent, clone *Resource, c *Colocation) bool {
	at := func(n *Node) bool {
		for _, instance := range clone.Children {
			if instance.Role(true) != c.PrimaryRole || instance.anyFlag(RscBlocked) {
				continue
			}
			m := instance.location(locAssigned)
			if m != nil && s.colocationMatches(c, n, instance, m, instance) {
				return true
			}
		}
		return false
	}
	if n := dependent.location(locAssigned); n != nil {
		return at(n)
	}
	for _, n := range s.byIndex {
		if dependent.Allowed.Has(n) && at(n) {
			return true
		}
	}
	return false
}

// promotableColocation binds a dependent that is being placed to the instances
// of a promotable clone that have the primary role (05 §4.2).
func (s *State) promotableColocation(dependent, clone *Resource, c *Colocation) {
	if c.Score < Infinity {
		s.addRoleMatches(dependent, clone, c)
		return
	}
	if c.DependentRole == RolePromoted && c.PrimaryRole == RolePromoted {
		return // or unpromoted instances could not even start elsewhere
	}
	hosts := map[*Node]Score{} // the last of several instances on a node counts
	for _, instance := range clone.Children {
		if n := instance.location(locAssigned); n != nil && instance.Role(true) == c.PrimaryRole {
			hosts[n] = instance.assignedScore()
		}
	}
	for _, n := range s.byIndex {
		if !dependent.Allowed.Has(n) {
			continue
		}
		if score, ok := hosts[n]; ok {
			s.addScore(dependent, n, score, c.Cause)
		} else {
			s.setScore(dependent, n, -Infinity, c.Cause)
		}
	}
}

// addRoleMatches adds the score to every node that matches that of an
// instance with the primary role, once per instance.
func (s *State) addRoleMatches(dependent, clone *Resource, c *Colocation) {
	mine, theirs := s.matcher(c.NodeAttr, dependent), s.matcher(c.NodeAttr, clone)
	times := map[int32]int64{} // by class
	for _, instance := range clone.Children {
		if n := instance.location(locAssigned); n != nil && instance.Role(true) == c.PrimaryRole {
			times[theirs.class(n)]++
		}
	}
	if len(times) == 0 {
		return
	}
	for _, n := range s.byIndex {
		score, ok := dependent.Allowed.Get(n)
		k := times[mine.class(n)]
		if !ok || k == 0 || score <= -Infinity || (score >= Infinity && c.Score > -Infinity) {
			continue // an infinite score stays, however often something finite is added
		}
		sum := max(-int64(Infinity), min(int64(Infinity), int64(score)+k*int64(c.Score)))
		if c.Score <= -Infinity {
			sum = -int64(Infinity)
		}
		dependent.Allowed.Set(n, Score(sum))
		s.trailSum(dependent, n, score, Score(sum), c.Cause)
	}
}

// assignedScore is the score of the node that r is on, at the moment of its
// assignment; a group's first member with a node speaks for it.
func (r *Resource) assignedScore() (score Score) {
	found := false
	r.leaves(func(leaf *Resource) {
		if !found && leaf.Assigned != nil {
			found, score = true, leaf.AssignedScore
		}
	})
	return score
}
