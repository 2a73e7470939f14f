package scheduler

// createRecurring plans a primitive's recurring operations (07 §3).
func (s *State) createRecurring(r *Resource) {
	if r.Has(RscBlocked) || r.Has(RscMaintenance) {
		return
	}
	n := r.Assigned
	var start *Action
	if n != nil && !n.Maintenance && (r.NextRole != RoleStopped || !r.Managed()) {
		start = s.action(r, taskStart, 0, n, true)
	}
	for _, op := range s.recurringOps(r) {
		if op.hasRole && op.role == RoleStopped {
			if r.Has(RscUnique) {
				s.recurStopped(r, n, op)
			}
		} else if start != nil {
			s.recurActive(r, n, op, start)
		}
	}
}

// recurActive plans an operation for an active role (07 §3.3).
func (s *State) recurActive(r *Resource, n *Node, op recurringOp, start *Action) {
	optional := start.Optional() && runsAlready(r, n, op)
	matches := r.NextRole == op.role
	if !op.hasRole {
		matches = r.NextRole != RolePromoted
	}
	if !matches {
		if optional {
			s.cancelForRole(r, n, op)
		}
		return
	}
	mon := s.action(r, op.name, op.intervalMs, n, optional)
	if !start.Runnable() || !n.Online || n.Unclean {
		mon.unset(ActRunnable)
	}
	if r.NextRole == RolePromoted {
		mon.Meta.Set("op_target_rc", "8")
	}
	if !r.Managed() {
		return
	}
	after := func(task string, f Relation) {
		s.order(ordering{rsc1: r, task1: opKey{task: task}, action2: mon, flags: f})
	}
	after(taskStart, RelFirstImpliesThen|RelUnrunnableFirstBlocks)
	after(taskReload, RelFirstImpliesThen|RelUnrunnableFirstBlocks)
	switch {
	case r.NextRole == RolePromoted:
		after(taskPromote, RelOrdered|RelUnrunnableFirstBlocks)
	case r.OrigRole == RolePromoted:
		after(taskDemote, RelOrdered|RelUnrunnableFirstBlocks)
	}
}

// runsAlready tells whether the operation was found in the history of the node
// and need not be scheduled anew.
func runsAlready(r *Resource, n *Node, op recurringOp) bool {
	found := r.findExact(opID(r.ID, op.name, op.intervalMs), n)
	for _, a := range found {
		if a.Has(ActReschedule) {
			return false
		}
	}
	return len(found) > 0
}

// cancelForRole stops an operation that is not for the next role, before the
// role changes.
func (s *State) cancelForRole(r *Resource, n *Node, op recurringOp) {
	cancel := s.newCancel(r, op.name, op.intervalMs, n)
	task := ""
	switch r.OrigRole {
	case RoleStarted, RoleUnpromoted:
		switch r.NextRole {
		case RolePromoted:
			task = taskPromote
		case RoleStopped:
			task = taskStop
		}
	case RolePromoted:
		task = taskDemote
	}
	if task != "" {
		s.order(ordering{rsc1: r, action1: cancel, rsc2: r, task2: opKey{task: task}, flags: RelUnrunnableFirstBlocks})
	}
}

// recurStopped plans an operation for the role Stopped: it runs where the
// resource does not (07 §3.4).
func (s *State) recurStopped(r *Resource, n *Node, op recurringOp) {
	key := opID(r.ID, op.name, op.intervalMs)
	for _, m := range s.Nodes {
		if n != nil && equalFold(n.Name, m.Name) {
			if len(r.findExact(key, m)) > 0 {
				cancel := s.newCancel(r, op.name, op.intervalMs, m)
				if r.NextRole == RoleStarted || r.NextRole == RoleUnpromoted {
					s.order(ordering{rsc1: r, action1: cancel, rsc2: r, task2: opKey{task: taskStart}, flags: RelUnrunnableFirstBlocks})
				}
			}
			continue
		}
		mon := s.action(r, op.name, op.intervalMs, m, len(r.findExact(key, m)) > 0)
		mon.Meta.Set("op_target_rc", "7")
		if r.Managed() {
			for _, probe := range r.findActions(opID(r.ID, taskMonitor, 0), m) {
				s.link(probe, mon, RelUnrunnableFirstBlocks, 0)
			}
		}
		s.orderAfterStops(r, m, mon)
		if !m.Online || m.Unclean {
			mon.unset(ActRunnable)
		}
	}
}

func (s *State) orderAfterStops(r *Resource, n *Node, mon *Action) {
	for _, stop := range r.findExact(opID(r.ID, taskStop, 0), n) {
		if !stop.Optional() && !mon.Optional() && !r.Managed() {
			mon.set(ActOptional)
		}
		if !stop.Runnable() {
			mon.unset(ActRunnable)
		}
		if r.Managed() {
			s.order(ordering{rsc1: r, action1: stop, action2: mon, flags: RelFirstImpliesThen | RelUnrunnableFirstBlocks})
		}
	}
}

// newCancel turns the recurring operation's action into its cancellation
// (07 §3.5).
func (s *State) newCancel(r *Resource, task string, intervalMs uint32, n *Node) *Action {
	a := s.actionByKey(r, opID(r.ID, task, intervalMs), taskCancel, n, false)
	a.Task, a.CancelTask = taskCancel, task
	a.Meta.Set("operation", task)
	a.Meta.Set("interval", utoa(intervalMs))
	return a
}

// cancelAction cancels an operation found in the history, which is known there
// by its call id. Without one it cannot be named, so nothing is done.
func (s *State) cancelAction(r *Resource, task string, intervalMs uint32, n *Node, callID string) *Action {
	if callID == "" {
		return nil
	}
	a := s.newCancel(r, task, intervalMs, n)
	a.Meta.Set("call-id", callID)
	s.order(ordering{rsc1: r, task1: opKey{task: taskStop}, rsc2: r, action2: a, flags: RelOrdered})
	return a
}
