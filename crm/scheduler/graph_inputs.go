package scheduler

// isInput tells whether an ordering becomes an input of its then action in the
// graph; the first rule that matches decides (06 §13.3). Two rules disable the
// ordering for good. Flags are compared exactly, after duplicates were merged.
func (s *State) isInput(x *Action, e *edge) bool {
	in := e.action
	if e.graphed {
		return true
	}
	if e.flags == 0 {
		return false
	}
	if !in.Runnable() {
		const weak = RelOrdered | RelFirstImpliesThenGraphed | RelThenImpliesFirstGraphed
		if e.flags&^weak == 0 || e.flags.any(RelMinRunnable|RelUnmigratableThenBlocks) {
			return false
		}
	}
	switch {
	case e.flags.any(RelIfFirstUnmigratable) && in.Has(ActMigratable):
		return false
	case e.flags == RelOrdered && in.Has(ActMigratable) && isStopKey(in.Key):
		return false
	case e.flags == RelIfOnSameNodeOrTarget:
		return e.keepIf(onSameNodeOrTarget(x, in))
	case e.flags == RelIfRequiredOnSameNode:
		apart := in.Node != nil && x.Node != nil && in.Node != x.Node
		return e.keepIf(!apart && !in.Optional())
	case blocksNoClone(x, in):
		return false
	case in.Optional() && in.Flags&(ActAlwaysInGraph|ActAdded) == 0:
		return false
	}
	return true
}

// keepIf disables the ordering unless it is wanted.
func (e *edge) keepIf(wanted bool) bool {
	if !wanted {
		e.flags = 0
	}
	return wanted
}

// onSameNodeOrTarget: a migrate_to waits for the node that its resource goes to,
// whether or not the input is required; others for their own node.
func onSameNodeOrTarget(x, in *Action) bool {
	if x.Rsc != nil && x.Task == taskMigrateTo {
		return sameNode(in.Node, x.Rsc.Assigned)
	}
	return sameNode(in.Node, x.Node) && !in.Optional()
}

// blocksNoClone: the stop of a failed unmanaged resource cannot hold up a clone.
func blocksNoClone(x, in *Action) bool {
	r := in.Rsc
	return r != nil && r != x.Rsc && r.Has(RscFailed) && !r.Managed() && isStopKey(in.Key) && x.Rsc != nil && x.Rsc.Kind == KindClone
}
