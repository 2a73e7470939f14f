package scheduler

// choosePromoted decides which instances of a promotable clone, all of which
// have been placed by now, are promoted (05 §3). The order of the instances
// changes. Counts of the clone's table tell from here on how many promoted
// instances a node has.
func (s *State) choosePromoted(clone *Resource) {
	clone.Allowed.ResetCounts()
	s.placing.changes++
	v := s.promotionViewOf(clone)
	for _, instance := range clone.Children {
		v.setPriority(clone, instance)
	}
	s.sortByPromotion(clone)
	clone.clone.promoted = 0
	for _, instance := range clone.Children {
		s.settleRole(clone, instance)
	}
}

// setPriority lends an instance its promotion priority as priority: promotion
// score, locations and colocations of the promoted role (05 §3.2).
func (v *promotionView) setPriority(clone, instance *Resource) {
	s := v.s
	if instance.Role(false) == RoleStarted {
		setUnpromoted(instance)
	}
	n := instance.location(locAssigned)
	if n == nil {
		if len(instance.locationsOf(locAssigned)) > 1 {
			s.configError(clone.XML, "instance %s cannot be promoted because its members are on different nodes", instance.ID)
		}
		return
	}
	next := instance.Role(true)
	switch next {
	case RoleUnknown, RoleStarted:
		row := v.rowOf(instance)
		row.reportInvalid(s, n)
		score, set := row.score(n)
		if !set {
			score = -1 // so that neither a location nor a score means: not to be promoted
		}
		instance.Priority = score
		s.trailPromotion(instance, n, 0, score, s.promotionCause(instance, set))
	case RoleUnpromoted, RoleStopped:
		s.trailPromotion(instance, n, instance.Priority, -Infinity, s.ruleCause("next-role", instance.ID))
		instance.Priority = -Infinity
	}
	s.addPromotedLocations(instance, instance.locations, n)
	s.addPromotedLocations(instance, clone.locations, n)
	for _, k := range s.thisWithList(instance, instance) {
		s.applyColocation(instance, k.Primary, k, true)
	}
	instance.promotionPriority = instance.Priority
	if next == RolePromoted {
		instance.promotionPriority = Infinity
	}
}

// setUnpromoted gives what was found to be started the role that it has in a
// promotable clone.
func setUnpromoted(r *Resource) {
	if r.OrigRole == RoleStarted {
		r.OrigRole = RoleUnpromoted
	}
	for _, child := range r.Children {
		setUnpromoted(child)
	}
}

// addPromotedLocations adds what locations of the promoted role say about the
// node to an instance's priority, the newest first.
func (s *State) addPromotedLocations(instance *Resource, list []*Location, n *Node) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Role != RolePromoted {
			continue
		}
		nodes := list[i].Nodes
		for j := len(nodes) - 1; j >= 0; j-- {
			if nodes[j].Node == n {
				old := instance.Priority
				instance.Priority = AddScores(old, nodes[j].Score)
				s.trailPromotion(instance, n, old, instance.Priority, list[i].Cause)
				break
			}
		}
	}
}

// sortByPromotion lets the clone's node scores decide among the instances that
// may be promoted, and puts the best first (05 §3.3). It is done once per clone.
func (s *State) sortByPromotion(clone *Resource) {
	if clone.clone.constrained {
		return
	}
	clone.clone.constrained = true
	clone.set(RscUpdatingNodes)
	cause := s.ruleCause("promotion-priority", clone.XMLID)
	for _, instance := range clone.Children {
		if n := instance.location(locAssigned); n != nil && instance.promotionPriority >= 0 {
			s.addScore(clone, n, instance.promotionPriority, cause)
		}
	}
	for _, k := range s.withThisList(clone, clone) {
		if k.PrimaryRole == RolePromoted {
			s.addDependentScores(k, clone)
		}
	}
	s.requirePromotionTickets(clone)
	list := make([]*promotionKey, len(clone.Children))
	for i, instance := range clone.Children {
		s.setPromotionPriority(clone, instance)
		list[i] = &promotionKey{role: instance.Role(false), instanceKey: instanceKeyOf(instance)}
	}
	mergeSort(list, func(a, b *promotionKey) int { return s.comparePromotion(a, b) })
	for i, k := range list {
		clone.Children[i] = k.r
	}
	dropIndex(clone)
	clone.unset(RscUpdatingNodes)
}

// setPromotionPriority makes an instance's promotion priority final: the
// clone's score of the node replaces it, unless it is negative (05 §3.3.5).
func (s *State) setPromotionPriority(clone, instance *Resource) {
	n := instance.location(locAssigned)
	switch {
	case !instance.Managed() && instance.NextRole == RolePromoted:
		instance.promotionPriority = Infinity
	case n == nil:
		instance.promotionPriority = -Infinity
	case instance.promotionPriority >= 0:
		if score, ok := clone.Allowed.Get(n); ok {
			instance.promotionPriority = score
		}
	}
}

// promotionKey is what the order of promotion looks at.
type promotionKey struct {
	*instanceKey
	role Role // from the history
}

// comparePromotion is 05 §3.3.6.
func (s *State) comparePromotion(a, b *promotionKey) int {
	switch {
	case a.r.promotionPriority != b.r.promotionPriority:
		return before(a.r.promotionPriority > b.r.promotionPriority)
	case a.role != b.role:
		return before(a.role > b.role)
	}
	return s.compareInstanceKeys(a.instanceKey, b.instanceKey)
}

// settleRole promotes an instance, if its turn comes while one more may be
// promoted (05 §3.4).
func (s *State) settleRole(clone, instance *Resource) {
	s.promotionLine(instance)
	c := clone.clone
	var n *Node
	if instance.promotionPriority >= 0 && (c.promoted < c.PromotedMax || !clone.Managed()) {
		n = promotionNode(instance, clone)
	}
	frozen := instance.OrigRole < RolePromoted && !s.Quorate && s.Config.NoQuorumPolicy == QuorumFreeze
	if n == nil || frozen {
		demoteNext(instance)
		return
	}
	clone.Allowed.AddCount(n, 1)
	promoteNext(instance)
	c.promoted++
}

// promotionNode is where an instance can be promoted, nil when it cannot be
// (05 §3.4.2). Every member of a group has to be able to.
func promotionNode(r, clone *Resource) *Node {
	for _, member := range r.Children {
		if promotionNode(member, clone) == nil {
			return nil
		}
	}
	n := r.location(locAssigned)
	switch {
	case n == nil:
		return nil
	case !r.Managed():
		if r.Role(false) != RolePromoted {
			return nil
		}
	case r.Priority < 0 || !n.Available() || (n.IsGuest() && n.Connection.Launcher.location(locAssigned) == nil):
		return nil
	}
	if !clone.Allowed.Has(n) || (r.Managed() && clone.Allowed.Count(n) >= clone.clone.PromotedNodeMax) {
		return nil
	}
	return n
}

// demoteNext plans the unpromoted role, for each descendant by itself: what has
// no node stops.
func demoteNext(r *Resource) {
	r.NextRole = RoleUnpromoted
	if len(r.locationsOf(locAssigned)) == 0 {
		r.NextRole = RoleStopped
	}
	for _, child := range r.Children {
		demoteNext(child)
	}
}

// promoteNext plans the promoted role where no other is planned.
func promoteNext(r *Resource) {
	if r.NextRole == RoleUnknown {
		r.NextRole = RolePromoted
	}
	for _, child := range r.Children {
		promoteNext(child)
	}
}

// promotionLine keeps an instance's promotion priority for people; removed
// instances have such a line as well (05 §12.2).
func (s *State) promotionLine(instance *Resource) {
	if !s.opt.Scores {
		return
	}
	line := Line{Kind: LinePromotion, Rsc: instance.ID, Score: instance.promotionPriority}
	if n := instance.location(locAssigned); n != nil {
		line.Node = n.Name
	}
	s.Lines = append(s.Lines, line)
}
