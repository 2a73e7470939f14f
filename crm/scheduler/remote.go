package scheduler

// remoteState is what a remote connection allows now (07 §7.3).
type remoteState uint8

const (
	remoteUnknown remoteState = iota
	remoteAlive
	remoteResting
	remoteFailed
	remoteStopped
)

func (s *State) remoteState(n *Node) remoteState {
	c := n.Connection
	host := c.activeNode()
	switch {
	case c.NextRole == RoleStopped || c.Assigned == nil:
		shutdown, given := n.Attr("shutdown")
		switch {
		case host != nil && host.Unclean:
			return remoteFailed
		case !c.Has(RscFailed):
			return remoteStopped
		case c.NextRole == RoleStopped && c.ReconnectMs > 0 && n.RemoteFenced && (!given || shutdown == "0"):
			return remoteUnknown
		}
		return remoteFailed
	case host == nil:
		return remoteUnknown
	case host.Unclean || !host.Online:
		return remoteResting
	case len(c.Active) > 1 && c.PartialSource != nil && c.PartialTarget != nil:
		return remoteResting
	}
	return remoteAlive
}

// failedRemoteNode tells whether a remote node cannot be reached any more.
func (s *State) failedRemoteNode(n *Node) bool {
	return n.IsRemoteNode() && n.Connection != nil && s.remoteState(n) == remoteFailed
}

// orderRemoteActions orders every action that needs a remote connection
// (07 §7.4).
func (s *State) orderRemoteActions() {
	if !s.haveRemote {
		return
	}
	for i := len(s.Actions) - 1; i >= 0; i-- {
		a := s.Actions[i]
		if a.Rsc == nil {
			continue
		}
		if a.Rsc.Has(RscRemoteConnection) && a.Task == taskClearFailcount {
			s.order(ordering{rsc1: a.Rsc, action1: a, rsc2: a.Rsc, task2: opKey{task: taskStart}, flags: RelOrdered})
			continue
		}
		if a.Node == nil || !a.Node.Remote || a.Pseudo() || a.Node.Connection == nil {
			continue
		}
		if a.Task == taskStart {
			s.orderMoveToRemote(a)
		}
		if a.Node.Connection.Launcher != nil {
			s.orderOnGuest(a)
		} else {
			s.orderOnRemote(a)
		}
	}
}

// orderMoveToRemote leaves a resource where it is until the connection to its
// next node is up.
func (s *State) orderMoveToRemote(a *Action) {
	for i := len(a.Rsc.Actions) - 1; i >= 0; i-- {
		stop := a.Rsc.Actions[i]
		if stop.Task == taskStop && !sameNode(stop.Node, a.Node) {
			s.order(ordering{rsc1: a.Node.Connection, task1: opKey{task: taskStart}, rsc2: a.Rsc, action2: stop, flags: RelOrdered})
		}
	}
}

// afterStart lets an action wait for a start of r; beforeStop lets a stop of r
// wait for the action.
func (s *State) afterStart(r *Resource, a *Action, extra Relation) {
	s.order(ordering{
		rsc1: r, task1: opKey{task: taskStart}, rsc2: a.Rsc, action2: a,
		flags: RelGuestAllowed | RelUnrunnableFirstBlocks | extra,
	})
}

func (s *State) beforeStop(a *Action, r *Resource, extra Relation) {
	s.order(ordering{
		rsc1: a.Rsc, action1: a, rsc2: r, task2: opKey{task: taskStop},
		flags: RelGuestAllowed | extra,
	})
}

// isRecurring tells whether the action has an interval; a cancellation has the
// one of what it cancels.
func (a *Action) isRecurring() bool {
	ms, ok := parseInteger(a.Meta.Value("interval"))
	return ok && ms > 0
}

func (s *State) orderOnRemote(a *Action) {
	c := a.Node.Connection
	state := s.remoteState(a.Node)
	switch a.Task {
	case taskStart, taskPromote:
		extra := Relation(0)
		if state == remoteFailed {
			extra = RelFirstImpliesThen
		}
		s.afterStart(c, a, extra)
	case taskStop, taskMigrateTo, taskMigrateFrom:
		switch {
		case state == remoteAlive:
			s.beforeStop(a, c, RelThenImpliesFirst)
		case state == remoteFailed:
			s.fenceNode(a.Node, "resources are active but connection is unrecoverable", false, s.ruleCause("remote connection", c.ID))
		case c.NextRole == RoleStopped:
			s.beforeStop(a, c, RelThenImpliesFirst)
		default:
			s.afterStart(c, a, 0)
		}
	case taskDemote:
		if state == remoteResting || state == remoteUnknown {
			s.afterStart(c, a, 0)
		}
	default:
		s.orderOtherOnRemote(a, c, state)
	}
}

func (s *State) orderOtherOnRemote(a *Action, c *Resource, state remoteState) {
	if a.isRecurring() {
		s.afterStart(c, a, RelFirstImpliesThen)
		return
	}
	host := c.activeNode()
	if a.Task == taskMonitor && state == remoteFailed {
		s.fenceNode(a.Node, "resources are in unknown state and connection is unrecoverable", false, s.ruleCause("remote connection", c.ID))
	}
	if host != nil && state == remoteStopped {
		s.beforeStop(a, c, RelUnrunnableFirstBlocks)
	} else {
		s.afterStart(c, a, 0)
	}
}

// orderOnGuest orders an action on a guest or bundle node (07 §7.5).
func (s *State) orderOnGuest(a *Action) {
	c := a.Node.Connection
	launcher := c.Launcher
	if launcher.Has(RscFailed) {
		s.fenceNode(a.Node, "container failed", false, s.ruleCause("container", launcher.ID))
	}
	switch a.Task {
	case taskStart, taskPromote:
		s.afterStart(launcher, a, RelFirstImpliesThen)
		s.afterStart(c, a, 0)
	case taskStop, taskDemote, taskMigrateTo, taskMigrateFrom:
		if !launcher.Has(RscFailed) {
			s.beforeStop(a, c, 0)
		}
	default:
		switch {
		case !a.isRecurring():
			s.afterStart(c, a, 0)
		case a.Task == taskMonitor:
			s.afterStart(c, a, RelFirstImpliesThen)
		}
	}
}
