package scheduler

import "strings"

// updateGroup updates a group's action and then each member's that does the
// same (06 §11.6). The members are those of the then action's resource, also
// where the first action's variant chose this procedure.
func (s *State) updateGroup(c *orderRow) updated {
	changed := s.updateBasic(c)
	if c.then.Rsc == nil || (s.ord.frozen && !c.mayChange()) {
		return changed
	}
	for _, member := range c.then.Rsc.Children {
		if m := member.findFirst("", c.then.Task, c.node); m != nil {
			row := *c
			row.then = m
			changed |= s.updateByVariant(member, &row)
		}
	}
	return changed
}

// mayChange is a cheap test made before descending into members: whether this
// type of ordering can change flags at all, given the first action
// (06 §20.4).
func (c *orderRow) mayChange() bool {
	switch c.typ {
	case RelOrdered, RelSerialize, RelMinRunnable:
		return false
	case RelUnrunnableFirstBlocks:
		return c.flags&ActRunnable == 0
	case RelFirstImpliesThen:
		return c.flags&ActOptional == 0 && !c.first.Has(ActMigratable)
	case RelAsymmetric, RelFirstElseThen:
		return !c.first.Runnable()
	case RelThenImpliesFirst:
		return c.flags&ActMigratable != 0 || (c.flags&ActOptional == 0 && c.first.Optional())
	case RelPromotedThenImpliesFirst:
		return c.first.Optional() || c.first.Has(ActMigratable)
	case RelUnmigratableThenBlocks:
		return c.first.Optional() || c.first.Runnable()
	}
	return true
}

// updateCollective updates a clone's or bundle's action and its instances, or,
// interleaved, only pairs of instances (06 §11.7).
func (s *State) updateCollective(c *orderRow) updated {
	if c.then.Rsc == nil {
		return 0
	}
	if interleaves(c.first, c.then) {
		return s.updateInterleaved(c)
	}
	changed := s.updateBasic(c)
	if c.then.Rsc.IsLeaf() || c.then.Rsc.Kind == KindGroup {
		return changed | s.updateChildren(c)
	}
	x := s.taskIndex(c.then.Rsc, nil, c.then.Task, false)
	if s.ord.frozen && !x.groups && !c.mayChange() {
		return changed
	}
	for _, m := range x.exactly(c.node) {
		changed |= s.updateInstance(c, m)
	}
	return changed
}

// updateChildren is for a clone as the first action's resource with a group as
// the then one: the instances are the group's members.
func (s *State) updateChildren(c *orderRow) (changed updated) {
	for _, child := range c.then.Rsc.Children {
		if m := child.findFirst("", c.then.Task, c.node); m != nil {
			changed |= s.updateInstance(c, m)
		}
	}
	return changed
}

// updateInstance updates the action of one instance, and what is ordered after
// it. Actions that cannot run are left alone.
func (s *State) updateInstance(c *orderRow, m *Action) updated {
	if s.actionFlags(m, c.node)&ActRunnable == 0 {
		return 0
	}
	row := *c
	row.then = m
	changed := s.updateByVariant(m.Rsc, &row)
	if changed&thenChanged != 0 {
		s.updateAfter(m)
	}
	return changed
}

// interleaves tells whether instances are paired: two different clones or
// bundles, and interleave is set on the one that has to wait for its partner.
func interleaves(first, then *Action) bool {
	a, b := first.Rsc, then.Rsc
	if a == nil || b == nil || a == b || a.Kind < KindClone || b.Kind < KindClone {
		return false
	}
	if strings.HasSuffix(then.Key, "_stop_0") || strings.HasSuffix(then.Key, "_demote_0") {
		b = a
	}
	return isTrue(b.Meta.Value("interleave"))
}

// pairKey names the instance pairs of one type of an ordering.
type pairKey struct {
	edge *edge
	typ  Relation
}

// pairList holds the pairs of instances of an interleaved ordering. A pair is
// looked for again when an instance has lost its node since.
type pairList struct{ pairs []instancePair }

type instancePair struct {
	instance    *Resource // of the then collective
	partner     *Resource // nil = none
	first, then *Action   // nil where the instance has no such action
	stamp       uint32    // clock when it was last evaluated
}

// updateInterleaved orders each instance of the then collective after its
// partner only. The collectives' own actions stay as they are. Each type makes
// an edge of its own between the instances.
func (s *State) updateInterleaved(c *orderRow) (changed updated) {
	current := strings.HasSuffix(c.first.Key, "_stopped_0") || strings.HasSuffix(c.first.Key, "_demoted_0")
	list := s.pairsOf(c)
	for i := range list.pairs {
		p := &list.pairs[i]
		if p.stamp != 0 && p.stamp >= s.ord.epoch && p.partner != nil &&
			(p.first == nil || p.then == nil || max(p.first.readVersion(), p.then.readVersion()) <= p.stamp) {
			continue
		}
		if p.stamp == 0 || p.stamp < s.ord.epoch {
			s.findPartner(c, p, current)
		}
		p.stamp = max(s.ord.clock, 1)
		if p.partner == nil {
			if !current && c.typ.any(RelUnrunnableFirstBlocks|RelFirstImpliesThen) && s.dropInstance(p.instance, c.edge.cause) {
				changed |= thenChanged
			}
			continue
		}
		if p.first == nil || p.then == nil {
			continue
		}
		changed |= s.updatePair(c, p)
	}
	return changed
}

func (s *State) updatePair(c *orderRow, p *instancePair) (changed updated) {
	if s.link(p.first, p.then, c.typ, c.edge.cause) {
		changed = firstChanged | thenChanged
	}
	row := *c
	row.first, row.then = p.first, p.then
	row.flags = p.first.Flags
	if !p.partner.IsLeaf() {
		row.flags = s.actionFlags(p.first, c.node)
	}
	return changed | s.updateByVariant(p.instance, &row)
}

func (s *State) pairsOf(c *orderRow) *pairList {
	key := pairKey{c.edge, c.typ}
	list := s.ord.pairs[key]
	if list == nil {
		instances := c.then.Rsc.placed()
		list = &pairList{pairs: make([]instancePair, len(instances))}
		for i, r := range instances {
			list.pairs[i].instance = r
		}
		if s.ord.pairs != nil {
			s.ord.pairs[key] = list
		}
	}
	return list
}

// findPartner finds the instance of the first collective that goes with an
// instance of the then one, and the actions to order.
func (s *State) findPartner(c *orderRow, p *instancePair, current bool) {
	p.first, p.then = nil, nil
	p.partner = s.compatibleInstance(p.instance, c.first.Rsc, RoleUnknown, current)
	if p.partner == nil {
		return
	}
	r, node := p.partner, c.node
	if c.first.Task != taskStop && c.first.Task != taskStopped {
		if inside := containedIn(r); inside != nil {
			r, node = inside, nil
		}
	}
	if task := instanceTask(c.first); task != "" {
		p.first = r.findFirst("", task, node)
	}
	r, node = p.instance, c.node
	switch c.then.Task {
	case taskPromote, taskPromoted, taskDemote, taskDemoted:
		if inside := containedIn(r); inside != nil {
			r, node = inside, nil
		}
	}
	p.then = r.findFirst("", c.then.Task, node)
}

// containedIn is what runs inside a bundle's container, nil for everything else.
func containedIn(container *Resource) *Resource {
	if !container.Has(RscReplicaContainer) {
		return nil
	}
	if rep := replicaOf(container); rep != nil {
		return rep.Child
	}
	return nil
}

// dropInstance takes an instance's node away: it must not be active without its
// partner. It reports whether the assignment changed.
func (s *State) dropInstance(r *Resource, c Cause) bool {
	type before struct {
		a     *Action
		flags ActionFlags
	}
	var list []before
	r.leaves(func(leaf *Resource) {
		for _, a := range leaf.Actions {
			list = append(list, before{a, a.Flags})
		}
	})
	changed := s.assignTo(r, nil, true, true)
	for _, b := range list {
		if b.a.Flags != b.flags {
			s.touchAction(b.a)
		}
	}
	if changed {
		s.noteDropped(r, c)
		s.ord.clock++
		s.ord.epoch = s.ord.clock
	}
	return changed
}
