package scheduler

import "slices"

// addInternalConstraints records the relations that every resource has with
// itself and its parts, resource by resource (06 §7). Their order decides the
// ids of actions that are created for them.
func (s *State) addInternalConstraints() {
	for _, r := range s.Resources {
		s.internalConstraints(r)
	}
}

func (s *State) internalConstraints(r *Resource) {
	switch r.Kind {
	case KindPrimitive:
		s.primitiveConstraints(r)
	case KindGroup:
		s.groupConstraints(r)
	case KindClone:
		s.cloneConstraints(r)
	case KindBundle:
		s.bundleConstraints(r)
	}
}

// primitiveConstraints is 06 §7.1. An unmanaged resource has none of it.
func (s *State) primitiveConstraints(r *Resource) {
	if !r.Managed() {
		return
	}
	c := s.cause("resource", r.ID, r.XML)
	s.orderTasks(r, taskStop, r, taskStart, RelOrdered|RelFirstImpliesThen|RelIntermediateStop, c)
	if r.TopBelowBundle().Has(RscPromotable) || r.OrigRole > RoleUnpromoted {
		s.orderTasks(r, taskDemote, r, taskStop, RelPromotedThenImpliesFirst, c)
		s.orderTasks(r, taskStart, r, taskPromote, RelUnrunnableFirstBlocks, c)
	}
	s.orderTasks(r, taskLRMDelete, r, taskMonitor, RelIfOnSameNode|RelThenCancelsFirst, c)
	if s.unfencing && r.Has(RscNeedsUnfencing) && !r.Has(RscFenceDevice) {
		s.orderRestartAroundUnfencing(r, c)
	}
	if len(r.Utilization) > 0 && s.Config.Placement != PlaceDefault {
		s.loadStopped(r)
	}
	if r.Launcher != nil {
		s.launcherConstraints(r, c)
	}
	s.internalColocations(r)
}

// orderRestartAroundUnfencing lets a resource that needs unfencing restart
// around the unfencing of its node: nodes by name, so that ids are the same
// every time.
func (s *State) orderRestartAroundUnfencing(r *Resource, c Cause) {
	for _, n := range s.Nodes {
		if !r.Allowed.Has(n) {
			continue
		}
		unfence := s.fenceOp(n, "on", true, "", false)
		s.order(ordering{rsc1: r, task1: opKey{task: taskStop}, action2: unfence, flags: RelOrdered | RelIfOnSameNode, cause: c})
		s.order(ordering{action1: unfence, rsc2: r, task2: opKey{task: taskStart}, flags: RelFirstImpliesSameNodeThen | RelIfOnSameNode, cause: c})
	}
}

// launcherConstraints orders a launched resource with what launches it. A
// resource that is bound to a Pacemaker Remote node by its container
// meta-attribute is only placed, not ordered.
func (s *State) launcherConstraints(r *Resource, c Cause) {
	l := r.Launcher
	if r.Has(RscRemoteConnection) {
		s.orderTasks(l, taskMonitor, r, taskStop, RelOrdered, c)
	} else if l.Has(RscRemoteConnection) || launchedConnection(l) != nil {
		return
	}
	s.orderTasks(l, taskStart, r, taskStart, RelFirstImpliesThen|RelUnrunnableFirstBlocks, c)
	s.orderTasks(r, taskStop, l, taskStop, RelThenImpliesFirst, c)
}

// launchedConnection is the remote connection that a resource launches: it
// makes the resource a guest.
func launchedConnection(l *Resource) *Resource {
	for _, r := range l.Launched {
		if r.Has(RscRemoteConnection) {
			return r
		}
	}
	return nil
}

// groupConstraints is 06 §7.2.
func (s *State) groupConstraints(g *Resource) {
	w := groupWalk{s: s, g: g, cause: s.cause("group", g.ID, g.XML), ordered: g.group.ordered, promotable: g.TopBelowBundle().Has(RscPromotable)}
	s.orderTasks(g, taskStop, g, taskStopped, RelUnrunnableFirstBlocks, w.cause)
	s.orderTasks(g, taskStopped, g, taskStart, RelOrdered, w.cause)
	s.orderTasks(g, taskStart, g, taskRunning, RelUnrunnableFirstBlocks, w.cause)
	for _, m := range g.Children {
		s.internalConstraints(m)
		w.member(m)
		w.chain(m)
		w.prev = m
	}
	s.groupColocations(g)
}

// groupWalk is a walk over the members of a group.
type groupWalk struct {
	s                   *State
	g                   *Resource
	cause               Cause
	ordered, promotable bool
	prev, lastActive    *Resource
}

func (w *groupWalk) order(r1 *Resource, t1 string, r2 *Resource, t2 string, f Relation) {
	w.s.orderTasks(r1, t1, r2, t2, f, w.cause)
}

// member orders the group's own actions with those of a member.
func (w *groupWalk) member(m *Resource) {
	down, downDone := RelThenImpliesFirstGraphed, RelFirstImpliesThenGraphed
	if w.prev == nil && w.ordered {
		down |= RelOrdered
		downDone = RelFirstImpliesThen
	}
	upDone := RelUnrunnableFirstBlocks | RelFirstImpliesThen | RelFirstImpliesThenGraphed
	if w.promotable {
		w.order(w.g, taskDemote, m, taskDemote, down)
		w.order(m, taskDemote, w.g, taskDemoted, downDone)
		w.order(m, taskPromote, w.g, taskPromoted, upDone)
		w.order(w.g, taskPromote, m, taskPromote, RelThenImpliesFirstGraphed)
	}
	w.order(w.g, taskStop, m, taskStop, down)
	w.order(m, taskStop, w.g, taskStopped, downDone)
	w.order(w.g, taskStart, m, taskStart, RelThenImpliesFirstGraphed)
	w.order(m, taskStart, w.g, taskRunning, upDone)
	if !w.ordered {
		// These share a flag with the ones above, so no edge comes of them
		// (06 §8.3); they are recorded because probes look at relations too.
		up := RelFirstImpliesThen | RelUnrunnableFirstBlocks | RelThenImpliesFirstGraphed
		w.order(w.g, taskStart, m, taskStart, up)
		if w.promotable {
			w.order(w.g, taskPromote, m, taskPromote, up)
		}
	}
}

// chain orders a member with the one before it.
func (w *groupWalk) chain(m *Resource) {
	active := len(m.Active) > 0
	if w.ordered && w.prev != nil {
		w.order(w.prev, taskStart, m, taskStart, RelFirstImpliesThen|RelUnrunnableFirstBlocks)
		w.order(m, taskStop, w.prev, taskStop, RelOrdered|RelIntermediateStop)
		if active && len(w.prev.Active) == 0 {
			// A member that was added in front of active ones: the usual
			// restart orderings do not reach it.
			w.order(m, taskStop, w.prev, taskStart, RelThenImpliesFirst|RelUnrunnableFirstBlocks)
		}
		if w.promotable {
			w.order(w.prev, taskPromote, m, taskPromote, RelFirstImpliesThen|RelUnrunnableFirstBlocks)
			w.order(m, taskDemote, w.prev, taskDemote, RelOrdered)
		}
	}
	if !active {
		return
	}
	if w.ordered && w.prev != nil && len(w.prev.Active) == 0 && w.lastActive != nil {
		w.order(m, taskStop, w.lastActive, taskStop, RelOrdered)
	}
	w.lastActive = m
}

// cloneConstraints is 06 §7.3 and §7.4.
func (s *State) cloneConstraints(c *Resource) {
	cause := s.cause("clone", c.ID, c.XML)
	s.orderTasks(c, taskStopped, c, taskStart, RelOrdered, cause)
	s.orderTasks(c, taskStart, c, taskRunning, RelUnrunnableFirstBlocks, cause)
	s.orderTasks(c, taskStop, c, taskStopped, RelUnrunnableFirstBlocks, cause)
	if c.Has(RscPromotable) {
		s.orderTasks(c, taskDemoted, c, taskStop, RelOrdered, cause)
		s.orderTasks(c, taskRunning, c, taskPromote, RelUnrunnableFirstBlocks, cause)
	}
	if c.clone.Ordered {
		slices.SortStableFunc(c.Children, func(a, b *Resource) int { return a.Instance - b.Instance })
	}
	migratable := c.anyFlag(RscMigratable)
	list := slices.Clone(c.Children)
	for k, i := range list {
		s.internalConstraints(i)
		s.orderTasks(c, taskStart, i, taskStart, RelUnrunnableFirstBlocks|RelThenImpliesFirstGraphed, cause)
		s.orderTasks(i, taskStart, c, taskRunning, RelFirstImpliesThenGraphed, cause)
		s.orderTasks(c, taskStop, i, taskStop, RelThenImpliesFirstGraphed, cause)
		s.orderTasks(i, taskStop, c, taskStopped, RelFirstImpliesThenGraphed, cause)
		if c.clone.Ordered {
			s.orderLater(i, list[k+1:], migratable, cause)
		}
	}
	if c.Has(RscPromotable) {
		s.orderPromotion(c, cause)
	}
}

// orderLater orders an instance of an ordered clone with all later ones. Only
// some instances may start or stop, so neighbours are not enough.
func (s *State) orderLater(i *Resource, later []*Resource, migratable bool, c Cause) {
	switch {
	case len(later) == 0:
	case migratable: // with their migration equivalents
		for _, l := range later {
			s.orderTasks(i, taskStart, l, taskStart, RelOrdered, c)
			s.orderTasks(l, taskStop, i, taskStop, RelOrdered, c)
		}
	default:
		s.recordOrdering(ordering{rsc1: i, later: later, flags: RelOrdered, cause: c})
	}
}

// restartOrderings are the relations among the own actions of a promotable
// clone, or of a bundle with one inside (05 §5.2.3).
func (s *State) restartOrderings(c *Resource, cause Cause) {
	for _, t := range [...][2]string{
		{taskStopped, taskStart},
		{taskStopped, taskPromote},
		{taskDemoted, taskStop},
		{taskDemoted, taskStart},
		{taskDemoted, taskPromote},
		{taskRunning, taskPromote},
		{taskDemote, taskDemoted},
	} {
		s.orderTasks(c, t[0], c, t[1], RelOrdered, cause)
	}
}

func (s *State) orderPromotion(c *Resource, cause Cause) {
	s.restartOrderings(c, cause)
	var prev *Resource
	for _, i := range c.Children {
		s.orderTasks(i, taskDemote, i, taskPromote, RelOrdered, cause)
		s.orderTasks(c, taskPromote, i, taskPromote, RelOrdered, cause)
		s.orderTasks(i, taskPromote, c, taskPromoted, RelOrdered, cause)
		if c.clone.Ordered && prev != nil {
			s.orderTasks(prev, taskPromote, i, taskPromote, RelOrdered, cause)
		}
		s.orderTasks(c, taskDemote, i, taskDemote, RelThenImpliesFirstGraphed, cause)
		s.orderTasks(i, taskDemote, c, taskDemoted, RelFirstImpliesThenGraphed, cause)
		if c.clone.Ordered && prev != nil {
			s.orderTasks(i, taskDemote, prev, taskDemote, RelOrdered, cause)
		}
		prev = i
	}
}

// bundleConstraints is 06 §7.5 (05 §9.2).
func (s *State) bundleConstraints(b *Resource) {
	cause := s.cause("bundle", b.ID, b.XML)
	for _, rep := range b.bundle.Replicas {
		s.replicaConstraints(b, rep, cause)
	}
	k := b.bundle.Clone
	if k == nil {
		return
	}
	s.orderTasks(b, taskStart, k, taskStart, RelThenImpliesFirstGraphed, cause)
	s.orderTasks(k, taskRunning, b, taskRunning, RelFirstImpliesThenGraphed, cause)
	s.orderTasks(b, taskStop, k, taskStop, RelThenImpliesFirstGraphed, cause)
	s.orderTasks(k, taskStopped, b, taskStopped, RelFirstImpliesThenGraphed, cause)
	s.internalConstraints(k)
	if !k.Has(RscPromotable) {
		return
	}
	s.restartOrderings(b, cause)
	s.orderTasks(b, taskDemote, k, taskDemote, RelThenImpliesFirstGraphed, cause)
	s.orderTasks(k, taskDemoted, b, taskDemoted, RelFirstImpliesThenGraphed, cause)
	s.orderTasks(b, taskPromote, k, taskPromote, RelThenImpliesFirstGraphed, cause)
	s.orderTasks(k, taskPromoted, b, taskPromoted, RelFirstImpliesThenGraphed, cause)
}

func (s *State) replicaConstraints(b *Resource, rep *Replica, cause Cause) {
	c := rep.Container
	s.internalConstraints(c)
	s.orderTasks(b, taskStart, c, taskStart, RelUnrunnableFirstBlocks|RelThenImpliesFirstGraphed, cause)
	if rep.Child != nil {
		s.orderTasks(b, taskStop, rep.Child, taskStop, RelThenImpliesFirstGraphed, cause)
	}
	s.orderTasks(b, taskStop, c, taskStop, RelThenImpliesFirstGraphed, cause)
	s.orderTasks(c, taskStart, b, taskRunning, RelFirstImpliesThenGraphed, cause)
	s.orderTasks(c, taskStop, b, taskStopped, RelFirstImpliesThenGraphed, cause)
	if rep.IP != nil {
		s.internalConstraints(rep.IP)
		s.orderTasks(rep.IP, taskStart, c, taskStart, RelUnrunnableFirstBlocks|RelGuestAllowed, cause)
		s.orderTasks(c, taskStop, rep.IP, taskStop, RelThenImpliesFirst|RelGuestAllowed, cause)
		s.newColocation(Colocation{
			ID: "#ip-with-container", Dependent: rep.IP, Primary: c, NodeAttr: "#uname",
			Score: Infinity, Influence: true, Cause: cause,
		})
	}
	if rep.Connection != nil {
		s.internalConstraints(rep.Connection)
	}
}
