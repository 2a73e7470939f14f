package scheduler

// updated says which side of an ordering an update changed.
type updated uint8

const (
	firstChanged updated = 1 << iota
	thenChanged
)

// maxUpdateDepth bounds the recursion of the update. Real clusters stay far
// below it; the update ends because flags only move one way.
const maxUpdateDepth = 200_000

// update processes all orderings in which the action is the "then" one, and
// whatever follows from changes (06 §11.1). It is depth first with live lists:
// reasons and unassignments depend on who comes first.
func (s *State) update(then *Action) {
	if s.ord.depth >= maxUpdateDepth {
		s.fail("updating %s went %d actions deep: the orderings of the configuration do not settle", then.Key, maxUpdateDepth)
		return
	}
	s.ord.depth++
	last := then.Flags
	counted := then.requiredRunnableBefore > 0
	if counted {
		then.runnableBefore = 0
		s.clearFlag(then, ActRunnable)
	}
	var changed updated
	for i := len(then.before) - 1; i >= 0; i-- {
		e := then.before[i]
		if !counted && s.edgeSettled(e, then) {
			continue
		}
		changed = s.updateEdge(e, then, changed)
	}
	if counted {
		changed &^= thenChanged
		if then.Flags != last {
			changed |= thenChanged
		}
	}
	if changed&thenChanged != 0 {
		if last&ActRunnable != 0 && !then.Runnable() {
			s.blockColocationDependents(then)
		}
		s.update(then)
		s.updateAfter(then)
	}
	s.ord.depth--
}

// updateAfter updates everything ordered after the action, newest edge first.
func (s *State) updateAfter(a *Action) {
	for i := len(a.after) - 1; i >= 0; i-- {
		s.update(a.after[i].action)
	}
}

// updateEdge evaluates one ordering. changed is what the ordering before it in
// the same walk left.
func (s *State) updateEdge(e *edge, then *Action, changed updated) updated {
	first := e.action
	firstNode, thenNode := orderingNode(first), orderingNode(then)
	if e.flags.any(RelIfOnSameNode) && firstNode != nil && thenNode != nil && firstNode != thenNode {
		e.flags = 0
		return changed
	}
	e.stamp = s.ord.clock
	changed &^= firstChanged
	if first.Rsc != nil && e.flags.any(RelThenCancelsFirst) && !then.Optional() {
		s.raiseFlag(first, ActOptional)
		if first.Task == taskReload {
			first.Rsc.unset(RscReload)
		}
	}
	if f := remapped(first, then); f != first {
		if s.link(f, then, e.flags, e.cause) {
			changed |= thenChanged
			e.flags = 0
		}
		e.inert = !e.flags.any(RelThenCancelsFirst)
		first = f
	} else {
		firstFlags := s.orderingFlags(first, thenNode)
		thenFlags := s.orderingFlags(then, firstNode)
		changed |= s.applyEdge(e, first, then, firstFlags, thenFlags)
	}
	if changed&firstChanged != 0 {
		s.updateAfter(first)
		s.update(first)
	}
	return changed
}

// orderingNode is the node of an action; of a group's start, where its members
// are assigned.
func orderingNode(a *Action) *Node {
	if a.Rsc != nil && a.Rsc.Kind == KindGroup && a.Task == taskStart {
		return a.Rsc.assignedNode()
	}
	return a.Node
}

// assignedNode is the one node that all assigned primitives of r are assigned
// to, nil when there is none or more than one.
func (r *Resource) assignedNode() *Node {
	if r.IsLeaf() {
		return r.Assigned
	}
	var node *Node
	several := false
	r.leaves(func(leaf *Resource) {
		if n := leaf.Assigned; n != nil {
			several = several || (node != nil && node != n)
			node = n
		}
	})
	if several {
		return nil
	}
	return node
}

// edgeSettled tells whether evaluating the ordering again can change nothing,
// because nothing that it reads has changed since it was last evaluated. An
// evaluation that changes something that it reads is never settled.
func (s *State) edgeSettled(e *edge, then *Action) bool {
	if !s.ord.frozen {
		return false
	}
	if e.inert {
		return true
	}
	if e.stamp == 0 || e.stamp < s.ord.epoch || then.version > e.stamp || e.action.readVersion() > e.stamp {
		return false
	}
	if then.Rsc == nil || then.Rsc.IsLeaf() || then.Rsc.version <= e.stamp {
		return true
	}
	if !s.edgeShallow(e, then) {
		return false
	}
	// Only the side effects of reading the flags are left.
	s.actionFlags(then, nil)
	return then.version <= e.stamp
}

// edgeShallow tells whether an ordering whose then action is a collective's reads
// nothing of the members but the summary of their flags.
func (s *State) edgeShallow(e *edge, then *Action) bool {
	const harmless = RelOrdered | RelSerialize | RelFirstImpliesThenGraphed | RelIfOnSameNode | RelGuestAllowed | RelIfFirstUnmigratable
	if e.flags&^harmless != 0 || (e.action.Rsc != nil && e.action.Rsc.Kind > KindGroup) {
		return false
	}
	if then.Rsc.Kind == KindGroup {
		return true
	}
	x := s.flagIndex(then)
	return !x.groups && !x.several
}

// remapped replaces a collective's action by the one that says that all its
// parts are done, or that everyone has been told so (06 §11.2).
func remapped(first, then *Action) *Action {
	r := first.Rsc
	if r == nil || r.IsLeaf() || then.Rsc == nil || then.Rsc == r || then.Rsc.isBelow(r) {
		return first
	}
	if containsNotify(first.Key) {
		return first
	}
	id, task, ms, ok := splitKey(first.Key)
	if !ok || ms != 0 {
		return first
	}
	done := completionTask(task)
	if done == "" {
		return first
	}
	key := opID(id, done, 0)
	if r.Has(RscNotify) && (r.Kind == KindClone || r.Top().Kind == KindBundle) {
		key = id + "_confirmed-post_notify_" + done + "_0"
	}
	if f := r.findFirst(key, "", nil); f != nil {
		return f
	}
	return first
}

// completionTask is the done-form of a task; "" for tasks that have none.
func completionTask(task string) string {
	switch task {
	case taskStart, taskRunning:
		return taskRunning
	case taskStop, taskStopped:
		return taskStopped
	case taskPromote, taskPromoted:
		return taskPromoted
	case taskDemote, taskDemoted:
		return taskDemoted
	case taskNotify, taskNotified:
		return taskNotified
	}
	return ""
}
