package scheduler

// effect is what a colocation changes about its dependent (04 §11.1).
type effect uint8

const (
	affectsNothing effect = iota
	affectsLocation
	affectsRole
)

// affects tells what a colocation changes at this point of the run. A preview
// pretends that neither resource is assigned yet.
func (s *State) affects(dependent, primary *Resource, c *Colocation, preview bool) effect {
	if !preview && primary.Has(RscUnassigned) {
		return affectsNothing
	}
	d, p := roleResource(dependent), roleResource(primary)
	switch {
	case c.DependentRole >= RoleUnpromoted && d.Parent != nil && d.Parent.Has(RscPromotable) && !d.Has(RscUnassigned):
		return affectsRole
	case !preview && !dependent.Has(RscUnassigned):
		return affectsNothing
	case c.DependentRole != RoleUnknown && c.DependentRole != d.NextRole:
		return affectsNothing
	case c.PrimaryRole != RoleUnknown && c.PrimaryRole != p.NextRole:
		return affectsNothing
	}
	return affectsLocation
}

// hasInfluence tells whether the dependent's preferences count for x, an
// instance of the primary or, when nil, the primary (04 §9.6). The connection
// of a bundle does not move a container that runs well.
func (s *State) hasInfluence(c *Colocation, x *Resource) bool {
	if x == nil {
		x = c.Primary
	}
	if c.Dependent.Has(RscRemoteNestingAllowed) && !x.Has(RscFailed) && len(x.Active) == 1 {
		return false
	}
	return c.Influence || len(x.Active) == 0
}

// applyColocation lets a colocation bind its dependent: change its scores
// while it is being placed, or its priority while roles are chosen; the change
// of the priority is returned (04 §11). forDependent is set where the caller
// asks on behalf of the dependent, so that a dependent group is taken apart
// first; the dependent is a primitive otherwise.
func (s *State) applyColocation(dependent, primary *Resource, c *Colocation, forDependent bool) Score {
	if forDependent {
		if dependent.Kind == KindGroup {
			return s.applyToGroup(dependent, primary, c)
		}
	}
	if dependent.Kind != KindPrimitive {
		s.fail("colocation %s was applied to %s, which is no primitive", c.ID, dependent.ID)
		return 0
	}
	switch primary.Kind {
	case KindGroup:
		return s.applyWithGroup(dependent, primary, c)
	case KindClone:
		return s.applyWithClone(dependent, primary, c)
	case KindBundle:
		return s.bundleColocation(dependent, primary, c)
	}
	return s.applyWithPrimitive(dependent, primary, c)
}

// applyWithPrimitive is also what members of groups that are not colocated get,
// whatever the primary is (05 §4.1.1).
func (s *State) applyWithPrimitive(dependent, primary *Resource, c *Colocation) Score {
	switch s.affects(dependent, primary, c, false) {
	case affectsRole:
		return s.roleEffect(dependent, primary, c)
	case affectsLocation:
		s.applyToScores(dependent, primary, c)
	}
	return 0
}

// applyToGroup applies a colocation to a dependent group by way of its members;
// what it changes of their priorities is added to the group's own as well
// (04 §11.5).
func (s *State) applyToGroup(g, primary *Resource, c *Colocation) Score {
	if len(g.Children) == 0 {
		return 0
	}
	delta := Score(0)
	switch {
	case g.group.colocated:
		delta = s.applyColocation(g.Children[0], primary, c, true)
	case c.Score >= Infinity:
		s.reportOnce(c, g, "group %s is not colocated and cannot be kept together with %s", g.ID, primary.ID)
		return 0
	default:
		for _, member := range g.Children {
			delta = AddScores(delta, s.applyWithPrimitive(member, primary, c))
		}
	}
	if delta != 0 {
		g.Priority = AddScores(delta, g.Priority)
	}
	return delta
}

// applyWithGroup binds a primitive to a group: to its last member where all of
// the group has to be up, else to the first (T27).
func (s *State) applyWithGroup(dependent, g *Resource, c *Colocation) Score {
	if g.Has(RscUnassigned) || len(g.Children) == 0 {
		return 0
	}
	if g.group.colocated {
		member := g.Children[0]
		if c.Score >= Infinity {
			member = g.Children[len(g.Children)-1]
		}
		return s.applyColocation(dependent, member, c, false)
	}
	if c.Score >= Infinity {
		s.reportOnce(c, g, "%s cannot be kept together with group %s, which is not colocated", dependent.ID, g.ID)
		return 0
	}
	delta := Score(0)
	for _, member := range g.Children {
		delta = AddScores(delta, s.applyColocation(dependent, member, c, false))
	}
	return delta
}

// applyWithClone binds a primitive to a clone, by the first rule that fits
// (04 §11.2).
func (s *State) applyWithClone(dependent, clone *Resource, c *Colocation) Score {
	if clone.Has(RscUnassigned) {
		return 0
	}
	if clone.Has(RscPromotable) && c.PrimaryRole != RoleUnknown {
		if dependent.Has(RscUnassigned) {
			s.promotableColocation(dependent, clone, c)
			return 0
		}
		if c.DependentRole == RolePromoted {
			return s.promotableRoleEffect(dependent, clone, c)
		}
	}
	switch {
	case s.canInterleave(c):
		if partner := s.compatibleInstance(dependent, clone, RoleUnknown, false); partner != nil {
			return s.applyColocation(dependent, partner, c, true)
		}
		if c.Score >= Infinity {
			s.assignTo(dependent, nil, true, true)
		}
		return 0
	case c.Score >= Infinity:
		s.keepToHosts(dependent, clone, c)
		return 0
	}
	return s.applyWithInstances(dependent, clone, c)
}

// canInterleave tells whether instances are paired: the dependent has to be
// interleaved, and both must allow as many instances per node (04 §11.2
// clone 2).
func (s *State) canInterleave(c *Colocation) bool {
	if !c.Dependent.IsCollective() || !isTrue(c.Dependent.Meta.Value("interleave")) {
		return false
	}
	if c.Dependent.perNode() == c.Primary.perNode() {
		return true
	}
	s.reportOnce(c, c.Dependent, "cannot interleave %s and %s because they do not allow the same number of instances per node",
		c.Dependent.ID, c.Primary.ID)
	return false
}

// perNode is how many instances of a collective a node may have.
func (r *Resource) perNode() int {
	switch r.Kind {
	case KindClone:
		return r.clone.NodeMax
	case KindBundle:
		return r.bundle.ReplicasPerHost
	}
	return 1
}

// keepToHosts bans the dependent from every node without an instance of the
// clone that is not blocked. Roles and the node attribute play no part here
// (T14).
func (s *State) keepToHosts(dependent, clone *Resource, c *Colocation) {
	hosts := s.instancesOf(clone, false)
	for _, n := range s.byIndex {
		if score, ok := dependent.Allowed.Get(n); ok && hosts.at(n) == nil && score != -Infinity {
			s.setScore(dependent, n, -Infinity, c.Cause)
		}
	}
}

// applyWithInstances applies a colocation with each instance in turn.
// Instances that were assigned to no node come in runs, which are applied at
// once.
func (s *State) applyWithInstances(dependent, clone *Resource, c *Colocation) Score {
	delta := Score(0)
	for i := 0; i < len(clone.Children); i++ {
		instance := clone.Children[i]
		run := 0
		for i+run < len(clone.Children) && s.subtracts(dependent, clone.Children[i+run], c) {
			run++
		}
		if run > 0 {
			s.subtract(dependent, c, run)
			i += run - 1
			continue
		}
		delta = AddScores(delta, s.applyColocation(dependent, instance, c, false))
	}
	return delta
}

// subtracts tells whether an instance was assigned to no node, so that a
// positive score is taken away everywhere.
func (s *State) subtracts(dependent, instance *Resource, c *Colocation) bool {
	return c.Score > 0 && instance.IsLeaf() && instance.Assigned == nil &&
		s.affects(dependent, instance, c, false) == affectsLocation
}
