package scheduler

// shutdownAction lets the cluster stack on a node go down after everything that
// has to be stopped there (07 §8.1).
func (s *State) shutdownAction(n *Node) *Action {
	down := s.actionByKey(nil, taskShutdown+"-"+n.Name, taskShutdown, n, false)
	for _, stop := range s.stopsOn(n) {
		r := stop.Rsc
		if r.Has(RscMaintenance) || n.Maintenance || (!r.Managed() && !r.Has(RscBlocked)) {
			continue
		}
		stop.unset(ActOptional)
		s.order(ordering{rsc1: r, action1: stop, action2: down, flags: RelOrdered | RelUnrunnableFirstBlocks})
	}
	down.Meta.Set("op_no_wait", "true")
	return down
}

// stopsOn lists the stop actions on a node, newest first.
func (s *State) stopsOn(n *Node) []*Action {
	if s.stops == nil {
		s.stops = map[*Node][]*Action{}
		for i := len(s.Actions) - 1; i >= 0; i-- {
			if a := s.Actions[i]; a.Rsc != nil && a.Node != nil && a.Task == taskStop {
				s.stops[a.Node] = append(s.stops[a.Node], a)
			}
		}
	}
	return s.stops[n]
}

// clearFailcountAction forgets a resource's failures on a node.
func (s *State) clearFailcountAction(r *Resource, n *Node, reason string) *Action {
	a := s.action(r, taskClearFailcount, 0, n, false)
	a.Meta.Set("op_no_wait", "true")
	if a.Cause == 0 {
		a.Cause = s.cause(reason, r.ID, nil)
	}
	return a
}

// deleteAction cleans a resource's history on a node (06 §4.7).
func (s *State) deleteAction(r *Resource, n *Node, optional bool) {
	if r.Has(RscFailed) || n.Unclean || !n.Online {
		return
	}
	s.action(r, taskDelete, 0, n, optional)
	f := RelOrdered
	if optional {
		f = RelFirstImpliesThen
	}
	s.orderTasks(r, taskStop, r, taskDelete, f, 0)
	s.orderTasks(r, taskDelete, r, taskStart, f, 0)
}

// definitionChanged is the reason of restarts and reloads.
const definitionChanged = "resource definition change"

// reloadAction lets the agent take over changed parameters. A stop or demote
// that turns out to be needed makes that superfluous (06 §5.4).
func (s *State) reloadAction(r *Resource, n *Node, c Cause) {
	if len(r.Children) > 0 {
		for _, child := range r.Children {
			s.reloadAction(child, n, c)
		}
		return
	}
	if n == nil || !r.Managed() || r.Has(RscFailed) {
		return
	}
	if r.Has(RscStartPending) {
		s.action(r, taskStop, 0, n, false)
		return
	}
	r.set(RscReload)
	reload := s.action(r, taskReload, 0, n, false)
	reload.setReason(definitionChanged, false)
	s.blame(reload, c)
	for _, task := range [...]string{taskStop, taskDemote} {
		s.order(ordering{
			rsc1: r, action1: reload, rsc2: r, task2: opKey{task: task},
			flags: RelOrdered | RelThenCancelsFirst, cause: c,
		})
	}
}

// forceRestart requires an operation anew because its parameters changed. It
// gets its node when the resource's actions are planned (06 §5.3).
func (s *State) forceRestart(r *Resource, task string, intervalMs uint32, n *Node, c Cause) {
	a := s.action(r, task, intervalMs, nil, false)
	a.setReason(definitionChanged, true)
	s.blame(a, c)
	s.triggerUnfencing(r, n, "Device parameters changed", nil)
}
