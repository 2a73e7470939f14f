package scheduler

import "systole/lib/xmltree"

// history is one lrm_resource while it is read.
type history struct {
	r       *Resource
	n       *Node
	xml     *xmltree.Element
	bundled bool // inside a bundle: no probe results are masked there

	onFail      OnFail
	lastFailure *opEntry
	ignored     *opEntry // the last failure that is not counted as one
}

// readHistory reads one lrm_resource and returns its resource, nil when there
// is nothing to know (02 §9.1).
func (s *State) readHistory(n *Node, e *xmltree.Element) *Resource {
	id, ok := e.Attr("id")
	if !ok {
		s.configError(e, "ignoring a resource history of node %s without id", n.Name)
		return nil
	}
	empty := e.Child("lrm_rsc_op") == nil
	if empty && !s.Config.ShutdownLock {
		return nil
	}
	r := s.historyResource(n, id)
	if r == nil {
		if empty {
			return nil
		}
		if r = s.removedResource(e); r == nil {
			return nil
		}
	}
	if s.Config.ShutdownLock {
		s.readShutdownLock(r, n, e)
	}
	saved := r.OrigRole
	r.OrigRole = RoleUnknown
	h := history{r: r, n: n, xml: e, bundled: r.Bundled()}
	list := s.hist.ops.load(e)
	for _, op := range list {
		s.readEntry(&h, op)
	}
	s.keepRecurring(&h, list)
	s.settleState(&h)
	s.restoreTargetRole(r)
	r.OrigRole = max(r.OrigRole, saved)
	return r
}

// restoreTargetRole asks again for what the user wants: reading results may
// have wiped it (02 §9.11).
func (s *State) restoreTargetRole(r *Resource) {
	role := s.targetRole(r)
	if role != RoleUnknown && (r.NextRole == RoleUnknown || role < r.NextRole) {
		r.NextRole, r.why.Role = role, 0
	}
}

// keepRecurring makes the recurring actions that the history shows optional
// actions, so that those that go on are known (02 §9.12).
func (s *State) keepRecurring(h *history, list []*opEntry) {
	if !h.n.Online || !anyRecurring(list) {
		return
	}
	start, stop := activeSpan(list)
	for i, e := range list {
		if (start < stop && i <= stop) || i < start || e.intervalMs == 0 || e.statusText == "-1" || !e.hasTask {
			continue
		}
		s.action(h.r, e.task, e.intervalMs, h.n, true)
	}
}

func anyRecurring(list []*opEntry) bool {
	for _, e := range list {
		if e.intervalMs > 0 {
			return true
		}
	}
	return false
}

// settleState turns what a node's history says about a resource into the state
// of both (02 §9.8).
func (s *State) settleState(h *history) {
	r, n := h.r, h.n
	active := r.OrigRole > RoleStopped
	if r.OrigRole != RoleUnknown {
		noteProbed(r, n)
	}
	if active && !n.Online && !n.Maintenance && r.Managed() {
		s.fenceLost(h)
	}
	failed := h.onFail != OnFailIgnore
	if failed && h.lastFailure != nil {
		r.why.Failed = s.failureCause(h)
	}
	if n.Unclean {
		h.onFail = OnFailIgnore // all is over with the node's fencing
	}
	s.applyOnFail(h, active)
	if r.Has(RscFailed | RscRemoteConnection) {
		if m := s.nodeByName(r.ID); m != nil && m.Unclean {
			m.Seen = true // its fencing is not to be revoked
		}
	}
	switch {
	case active:
		s.addRunning(r, n, failed)
		s.noteLocation(r, n)
		switch h.onFail {
		case OnFailIgnore:
		case OnFailDemote, OnFailBlock:
			r.set(RscFailed)
		default:
			r.set(RscFailed | RscStopIfFailed)
		}
	case hasInstanceNumber(r.HistoryID):
		s.setHistoryID(r, "")
	case len(r.Actions) > 0:
		for _, a := range r.findActions(opID(r.ID, taskStop, 0), n) {
			a.set(ActOptional)
		}
	}
	// A stop on the source of a partial migration says nothing about the target.
	if r.OrigRole == RoleStopped && len(r.Active) > 0 && r.PartialTarget != nil && r.PartialSource == n {
		r.OrigRole = RoleStarted
	}
}

func hasInstanceNumber(id string) bool {
	for i := 0; i < len(id); i++ {
		if id[i] == ':' {
			return true
		}
	}
	return false
}

// noteProbed remembers that the state on the node is known, for the resource
// and what it is part of, up to the first that is unique.
func noteProbed(r *Resource, n *Node) {
	for ; r != nil; r = r.Parent {
		r.probed.add(n)
		if r.Has(RscUnique) {
			return
		}
	}
}

// fenceLost asks for a node to be fenced that is gone while a resource may be
// active there (02 §9.8 step 2).
func (s *State) fenceLost(h *history) {
	r, n := h.r, h.n
	reason := r.ID + " is thought to be active there"
	switch {
	case n.IsGuest():
		r.markFailed(s.ruleCause("guest-lost", n.Name))
	case !s.Config.FencingEnabled:
		return
	case n.IsRemoteNode() && n.Connection != nil && !n.Connection.Has(RscFailed):
		n.Seen = false
		reason = r.ID + " is active there (fencing will be revoked if remote connection can be re-established elsewhere)"
	}
	s.fenceNode(n, reason, false, s.cause("active", r.ID, h.xml))
}

// neededStop is a container that has to be stopped because of what failed in it.
type neededStop struct {
	container *Resource
	cause     Cause
}

// applyOnFail does what the collected failure policy asks for (02 §9.8 step 4).
func (s *State) applyOnFail(h *history, active bool) {
	r, n := h.r, h.n
	switch h.onFail {
	case OnFailDemote:
		r.set(RscFailed)
		s.action(r, taskDemote, 0, n, false)
	case OnFailFence:
		s.fenceNode(n, r.ID+" failed there", false, s.failureCause(h))
	case OnFailStandby:
		n.Standby, n.FailStandby = true, true
	case OnFailBlock:
		r.unmanage(true, s.failureCause(h))
	case OnFailBan:
		s.prefer(r, n, -Infinity, s.failureCause(h))
	case OnFailStop:
		r.NextRole, r.why.Role = RoleStopped, s.failureCause(h)
	case OnFailRestart:
		if active {
			r.set(RscFailed | RscStopIfFailed)
			s.action(r, taskStop, 0, n, false)
		}
	case OnFailRestartContainer:
		r.set(RscFailed | RscStopIfFailed)
		switch {
		case r.Launcher != nil && h.bundled:
			// The container may be on another node, which is not known yet.
			s.stopNeeded = append(s.stopNeeded, neededStop{r.Launcher, s.failureCause(h)})
		case r.Launcher != nil:
			s.blame(s.action(r.Launcher, taskStop, 0, n, false), s.failureCause(h))
		case active:
			s.action(r, taskStop, 0, n, false)
		}
	case OnFailResetRemote:
		s.resetRemote(h, active)
	}
}

// resetRemote recovers a failed connection by fencing the remote node.
func (s *State) resetRemote(h *history, active bool) {
	r := h.r
	r.set(RscFailed | RscStopIfFailed)
	if s.Config.FencingEnabled && r.Has(RscRemoteConnection) {
		if m := s.nodeByName(r.ID); m != nil && m.IsRemoteNode() && !m.RemoteFenced {
			s.fenceNode(m, "remote connection is unrecoverable", false, s.failureCause(h))
		}
	}
	if active {
		s.action(r, taskStop, 0, h.n, false)
	}
	if r.ReconnectMs > 0 {
		r.NextRole, r.why.Role = RoleStopped, s.cause("reconnect_interval", r.ID, nil)
	}
}

// failureCause is the last failed entry of the history, as a cause.
func (s *State) failureCause(h *history) Cause {
	e := h.lastFailure
	if e == nil {
		e = h.ignored
	}
	if e == nil {
		return s.cause("failure", h.r.ID, nil)
	}
	return s.cause("failure", e.id, e.xml)
}
