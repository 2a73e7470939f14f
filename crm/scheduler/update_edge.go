package scheduler

// orderRow is one row of 06 §11.4 being applied: what an ordering of one type
// does to the two actions.
type orderRow struct {
	first, then *Action
	node        *Node       // limits what it does to collectives, nil = no limit
	flags       ActionFlags // of first, for orderings
	filter      ActionFlags // what it is about
	typ         Relation
	edge        *edge
	cause       Cause // of the ordering
}

// updateByVariant runs the update procedure of r's variant.
func (s *State) updateByVariant(r *Resource, c *orderRow) updated {
	switch r.Kind {
	case KindGroup:
		return s.updateGroup(c)
	case KindClone, KindBundle:
		return s.updateCollective(c)
	}
	return s.updateBasic(c)
}

// applyEdge applies the flags of an ordering, in the order of the rows of
// 06 §11.4. The rows look at the flags as they are by then.
func (s *State) applyEdge(e *edge, first, then *Action, firstFlags, thenFlags ActionFlags) updated {
	c := orderRow{first: first, then: then, node: then.Node, edge: e, cause: e.cause}
	if e.flags.any(RelFirstImpliesSameNodeThen) {
		e.flags = e.flags&^RelFirstImpliesSameNodeThen | RelFirstImpliesThen
		c.node = first.Node
		e.stamp = 0 // the next time it is not limited to that node
	}
	const strong = RelFirstImpliesThen | RelIntermediateStop | RelThenImpliesFirst | RelPromotedThenImpliesFirst |
		RelMinRunnable | RelNestedRemoteProbe | RelUnrunnableFirstBlocks | RelUnmigratableThenBlocks |
		RelFirstElseThen | RelOrdered | RelAsymmetric
	var changed updated
	if e.flags.any(strong) {
		changed |= s.applyImplications(e, &c, firstFlags)
		changed |= s.applyBlocks(e, &c, firstFlags)
		changed |= s.applyMigrationAndOrder(e, &c, firstFlags)
	}
	if e.flags.any(RelFirstImpliesThenGraphed) && first.Runnable() && firstFlags&ActOptional == 0 {
		then.set(ActAlwaysInGraph)
	}
	if e.flags.any(RelThenImpliesFirstGraphed) && thenFlags&ActOptional == 0 {
		first.set(ActAlwaysInGraph)
	}
	if e.flags.any(RelFirstImpliesThen|RelThenImpliesFirst|RelIntermediateStop) && isBlockedStop(first) && s.clearFlag(then, ActRunnable) {
		then.noteWhy(ActRunnable, first, e.cause)
		changed |= thenChanged
	}
	return changed
}

// isBlockedStop tells whether the action is the stop of an unmanaged, blocked
// resource that cannot run.
func isBlockedStop(a *Action) bool {
	return a.Task == taskStop && a.Rsc != nil && !a.Runnable() && !a.Rsc.Managed() && a.Rsc.Has(RscBlocked)
}

// updateRow applies one type of relation through the variant of r.
func (s *State) updateRow(c *orderRow, r *Resource, typ Relation, flags, filter ActionFlags) updated {
	c.typ, c.flags, c.filter = typ, flags, filter
	return s.updateByVariant(r, c)
}

// applyImplications is rows 2 to 5: what becomes required because of the other.
func (s *State) applyImplications(e *edge, c *orderRow, flags ActionFlags) (changed updated) {
	first, then := c.first, c.then
	if e.flags.any(RelFirstImpliesThen) {
		if then.Rsc != nil {
			changed |= s.updateRow(c, then.Rsc, RelFirstImpliesThen, flags&ActOptional, ActOptional)
		} else if flags&ActOptional == 0 && s.clearFlag(then, ActOptional) {
			then.noteWhy(ActOptional, first, e.cause)
			changed |= thenChanged
		}
	}
	if e.flags.any(RelIntermediateStop) && then.Rsc != nil {
		changed |= s.updateRow(c, then.Rsc, RelIntermediateStop, flags, ActOptional|ActRunnable)
	}
	if e.flags.any(RelThenImpliesFirst) {
		if first.Rsc != nil {
			changed |= s.updateRow(c, first.Rsc, RelThenImpliesFirst, flags, ActOptional)
		} else if flags&ActOptional == 0 && s.clearFlag(first, ActRunnable) {
			first.noteWhy(ActRunnable, then, e.cause)
			changed |= firstChanged
		}
	}
	if e.flags.any(RelPromotedThenImpliesFirst) && then.Rsc != nil {
		changed |= s.updateRow(c, then.Rsc, RelPromotedThenImpliesFirst, flags&ActOptional, ActOptional)
	}
	return changed
}

// applyBlocks is rows 6 to 8: what cannot run because of the first action.
func (s *State) applyBlocks(e *edge, c *orderRow, flags ActionFlags) (changed updated) {
	first, then := c.first, c.then
	if e.flags.any(RelMinRunnable) {
		if then.Rsc != nil {
			changed |= s.updateRow(c, then.Rsc, RelMinRunnable, flags, ActRunnable)
		} else if flags&ActRunnable != 0 {
			then.runnableBefore++
			if then.runnableBefore >= then.requiredRunnableBefore && s.raiseFlag(then, ActRunnable) {
				changed |= thenChanged
			}
		}
	}
	if e.flags.any(RelNestedRemoteProbe) && then.Rsc != nil {
		if flags&ActRunnable == 0 && first.Rsc != nil && len(first.Rsc.Active) > 0 {
			e.flags = 0
		} else {
			changed |= s.updateRow(c, then.Rsc, RelUnrunnableFirstBlocks, flags, ActRunnable)
		}
	}
	if e.flags.any(RelUnrunnableFirstBlocks) {
		if then.Rsc != nil {
			changed |= s.updateRow(c, then.Rsc, RelUnrunnableFirstBlocks, flags, ActRunnable)
		} else if flags&ActRunnable == 0 && s.clearFlag(then, ActRunnable) {
			then.noteWhy(ActRunnable, first, e.cause)
			changed |= thenChanged
		}
	}
	return changed
}

// applyMigrationAndOrder is rows 9 and 10.
func (s *State) applyMigrationAndOrder(e *edge, c *orderRow, flags ActionFlags) (changed updated) {
	r := c.then.Rsc
	if r == nil {
		return 0
	}
	if e.flags.any(RelUnmigratableThenBlocks) {
		changed |= s.updateRow(c, r, RelUnmigratableThenBlocks, flags, ActOptional)
	}
	if e.flags.any(RelFirstElseThen) {
		changed |= s.updateRow(c, r, RelFirstElseThen, flags, ActOptional)
	}
	if e.flags.any(RelOrdered) {
		changed |= s.updateRow(c, r, RelOrdered, flags, ActRunnable)
	}
	if e.flags.any(RelAsymmetric) {
		changed |= s.updateRow(c, r, RelAsymmetric, flags, ActRunnable)
	}
	return changed
}

// updateBasic is the update of two actions for themselves: all there is to it
// for primitives, and the first step for groups, clones and bundles
// (06 §11.4, "basic update").
func (s *State) updateBasic(c *orderRow) (changed updated) {
	if c.typ&^(RelOrdered|RelSerialize|RelMinRunnable) == 0 {
		return 0 // these never change flags
	}
	first, then := c.first, c.then
	firstBefore, thenBefore := first.Flags, then.Flags
	switch c.typ {
	case RelAsymmetric:
		s.blockAsymmetric(c)
	case RelThenImpliesFirst:
		s.implyFirst(c)
	case RelPromotedThenImpliesFirst:
		if then.Rsc != nil && then.Rsc.OrigRole == RolePromoted && c.filter&ActOptional != 0 && !then.Optional() {
			s.clearFlagFor(first, ActOptional, then, c.cause)
			if !then.Has(ActMigratable) {
				s.clearFlagFor(first, ActMigratable, then, c.cause)
			}
		}
	case RelUnmigratableThenBlocks:
		if c.filter&ActOptional != 0 {
			if !then.Has(ActMigratable | ActRunnable) {
				s.clearFlagFor(first, ActRunnable, then, c.cause)
			}
			if !then.Optional() {
				s.clearFlagFor(first, ActOptional, then, c.cause)
			}
		}
	case RelFirstElseThen:
		if c.filter&ActOptional != 0 && !first.Runnable() {
			s.clearFlagFor(then, ActMigratable, first, c.cause)
			s.clearFlag(then, ActPseudo)
		}
	case RelUnrunnableFirstBlocks:
		if c.filter&ActRunnable != 0 && then.Runnable() && c.flags&ActRunnable == 0 {
			s.clearFlagFor(then, ActRunnable, first, c.cause)
			s.clearFlagFor(then, ActMigratable, first, c.cause)
		}
	case RelFirstImpliesThen:
		if c.filter&ActOptional != 0 && then.Optional() && c.flags&ActOptional == 0 && !first.Has(ActMigratable) {
			s.clearFlagFor(then, ActOptional, first, c.cause)
		}
	case RelIntermediateStop:
		s.stopInBetween(c)
	}
	if then.Flags != thenBefore {
		changed |= thenChanged
		if then.Rsc != nil && then.Rsc.Parent != nil {
			s.update(then)
		}
	}
	if first.Flags != firstBefore {
		changed |= firstChanged
	}
	return changed
}

// implyFirst: a required then action would make the first one required, but the
// two conditions exclude each other, so it only takes migratable away
// (06 §11.4, trap).
func (s *State) implyFirst(c *orderRow) {
	first, then := c.first, c.then
	if then.Optional() {
		return
	}
	if c.filter&ActOptional != 0 && c.flags&ActOptional == 0 && first.Optional() {
		s.clearFlagFor(first, ActOptional, then, c.cause)
	}
	if c.flags&ActMigratable != 0 && !then.Has(ActMigratable) {
		s.clearFlagFor(first, ActMigratable, then, c.cause)
	}
}

// blockAsymmetric: with the first action unrunnable, the then action is
// required and unrunnable, unless it is optional because it was done already.
func (s *State) blockAsymmetric(c *orderRow) {
	first, then := c.first, c.then
	if then.Rsc == nil || first.Runnable() {
		return
	}
	if then.Optional() {
		role := then.Rsc.Role(false)
		if role == RoleStopped && then.Task == taskStop {
			return
		}
		if role >= RoleStarted && then.Task == taskStart && then.Rsc.runsOnlyOn(then.Node) {
			return
		}
	}
	s.clearFlagFor(then, ActOptional, first, c.cause)
	s.clearFlagFor(then, ActRunnable, first, c.cause)
}

func (r *Resource) runsOnlyOn(n *Node) bool {
	return len(r.Active) == 1 && sameNode(n, r.Active[0])
}

// stopInBetween is a restart: the first action, a stop, is needed when the then
// action is, or when it is the start of the same resource and cannot run
// (06 §11.5). Both are actions of primitives.
func (s *State) stopInBetween(c *orderRow) {
	first, then := c.first, c.then
	if first.Rsc == nil || !first.Rsc.IsLeaf() || then.Rsc == nil || !then.Rsc.IsLeaf() {
		return
	}
	restart := c.filter&ActOptional != 0 && !then.Optional()
	stop := c.filter&ActRunnable != 0 && !then.Runnable() && then.Rsc.Managed() && first.Rsc == then.Rsc
	if !restart && !stop {
		return
	}
	if first.Runnable() || !then.Optional() {
		s.clearFlagFor(first, ActOptional, then, c.cause)
	}
	if !then.Has(ActMigratable) {
		s.clearFlagFor(first, ActMigratable, then, c.cause)
	}
	if !first.Optional() && !first.Runnable() {
		s.clearFlagFor(then, ActRunnable, first, c.cause)
	}
}
