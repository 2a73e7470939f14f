package scheduler

// readEntry takes one history entry into account (02 §9.7).
func (s *State) readEntry(h *history, e *opEntry) {
	if !e.hasID || !e.hasTask || !affectsState(e.task) {
		return
	}
	if !e.hasStatus || e.status < execPending || e.status > execNoSecrets || e.status == execCancelled {
		s.configError(e.xml, "ignoring history entry %s of %s on %s: op-status is %q", e.id, h.r.ID, h.n.Name, e.statusText)
		return
	}
	if !e.hasRC || e.rc < 0 || e.rc > rcMax {
		s.configError(e.xml, "ignoring history entry %s of %s on %s: rc-code is %q", e.id, h.r.ID, h.n.Name, e.rcText)
		return
	}
	expired := s.checkExpiry(h, e)
	oldRC := e.rc
	s.remap(h, e, expired)
	if expired && s.dropExpired(h, e, oldRC) {
		return
	}
	if e.maskable && !h.bundled {
		s.maskProbe(h, e)
		return
	}
	switch e.status {
	case execPending:
		s.readPending(h, e)
		return
	case execDone:
		s.applyResult(h, e, e.rc)
		return
	case execNotInstalled:
		policy, role := s.opOnFail(h.r, e.task, e.intervalMs)
		if policy == OnFailIgnore {
			h.onFail = OnFailBan // what is not there cannot be ignored
		}
		s.prefer(h.banned(), h.n, -Infinity, s.cause("hard-error", e.id, e.xml))
		s.applyFailure(h, e, policy, role)
		return
	case execNotConnected:
		if c := h.n.Connection; h.n.Remote && c != nil && c.Managed() {
			c.markFailed(s.cause("failure", e.id, e.xml))
		}
	}
	s.readError(h, e)
}

// readError handles a result that is an error (02 §9.7 step 9).
func (s *State) readError(h *history, e *opEntry) {
	policy, role := s.opOnFail(h.r, e.task, e.intervalMs)
	if policy == OnFailIgnore || (policy == OnFailRestartContainer && e.task == taskStop) {
		s.applyResult(h, e, e.expected)
		h.r.set(RscIgnoreFailure)
		h.ignored = e
		s.recordFailed(h, e)
		if policy == OnFailRestartContainer && h.onFail <= OnFailRestart {
			h.onFail = policy
		}
		return
	}
	s.applyFailure(h, e, policy, role)
	switch e.status {
	case execErrorHard:
		s.prefer(h.banned(), h.n, -Infinity, s.cause("hard-error", e.id, e.xml))
	case execErrorFatal:
		s.preferAll(h.banned(), -Infinity, s.cause("fatal-error", e.id, e.xml))
	}
}

// affectsState tells whether an operation says anything about the state.
func affectsState(task string) bool {
	switch task {
	case taskMonitor, taskStart, taskStop, taskPromote, taskDemote, taskMigrateTo, taskMigrateFrom, "asyncmon":
		return true
	}
	return false
}

// banned is what a hard error keeps away: all instances of an anonymous clone.
func (h *history) banned() *Resource {
	if h.r.Has(RscUnique) {
		return h.r
	}
	return h.r.TopBelowBundle()
}

// setActive gives a resource the role that being active stands for.
func setActive(r *Resource) {
	if r.TopBelowBundle().Has(RscPromotable) {
		r.OrigRole = RoleUnpromoted
	} else {
		r.OrigRole = RoleStarted
	}
}

// remap replaces a result by what it means for the cluster, which knows what
// was expected (02 §9.7.1).
func (s *State) remap(h *history, e *opEntry, expired bool) {
	switch e.rc {
	case rcDegraded, rcDegradedPromoted:
		if e.rc == rcDegraded {
			e.rc = rcOK
		} else {
			e.rc = rcPromoted
		}
		if !expired && (!h.n.Shutdown || h.n.Online) {
			s.recordFailed(h, e)
		}
	}
	if e.maskable && !h.bundled {
		e.status, e.rc = execDone, rcNotRunning
	}
	switch e.status {
	case execDone, execError:
		s.remapByResult(h, e, expired)
	case execNoDevice, execNoSecrets:
		e.status = execErrorHard
	}
}

func (s *State) remapByResult(h *history, e *opEntry, expired bool) {
	r := h.r
	e.status = execError
	if e.expected >= 0 && e.rc == e.expected {
		e.status = execDone
	}
	switch e.rc {
	case rcOK:
		if e.probe && e.expected == rcNotRunning {
			e.status = execDone
		}
	case rcNotRunning:
		if e.probe || e.expected == e.rc || !r.Managed() {
			e.status = execDone
			r.OrigRole = RoleStopped
			h.onFail = OnFailIgnore
			r.forgetRole()
		}
	case rcPromoted:
		if e.probe && e.rc != e.expected {
			e.status = execDone
		}
		if !expired || e.rc == e.expected {
			r.OrigRole = RolePromoted
		}
	case rcFailedPromoted:
		if !expired {
			r.OrigRole = RolePromoted
		}
		e.status = execError
	case rcNotConfigured:
		e.status = execErrorFatal
	case rcUnimplemented:
		if e.intervalMs > 0 {
			e.status = execNotSupported
			return
		}
		s.hardError(h, e, expired)
	case rcNotInstalled, rcInvalidParam, rcNoPermission:
		s.hardError(h, e, expired)
	default:
		e.status = execError // a result that means nothing, even when expected
	}
}

// hardError notes an error that bans the node; after a failed stop on a node
// that cannot be fenced nothing more can be done.
func (s *State) hardError(h *history, e *opEntry, expired bool) {
	if !expired && e.task == taskStop && !s.canFence(h.n) {
		h.r.unmanage(true, s.cause("failed-stop", e.id, e.xml))
	}
	e.status = execErrorHard
}

// applyResult updates the resource for a good result, or one that is taken for
// good (02 §9.7.2).
func (s *State) applyResult(h *history, e *opEntry, rc int32) {
	r := h.r
	switch {
	case rc == rcNotInstalled, e.maskable && !h.bundled:
		r.OrigRole = RoleStopped
		return
	case rc == rcNotRunning:
		s.clearFailures(h)
		return
	}
	switch e.task {
	case taskStart, taskMigrateFrom:
		r.OrigRole = RoleStarted
	case taskStop:
		r.OrigRole = RoleStopped
	case taskPromote:
		r.OrigRole = RolePromoted
	case taskDemote:
		r.OrigRole = RoleUnpromoted
		if h.onFail != OnFailDemote {
			return
		}
	case taskMigrateTo:
		s.readMigrateTo(h, e)
		return
	default:
		if r.OrigRole < RoleStarted {
			setActive(r)
		}
		if e.task != taskMonitor || h.lastFailure == nil || h.lastFailure.key() != e.key() {
			return
		}
	}
	s.clearFailures(h)
}

// clearFailures forgets past failures that a good result makes up for.
func (s *State) clearFailures(h *history) {
	switch h.onFail {
	case OnFailStop, OnFailBan, OnFailStandby, OnFailFence:
		return
	case OnFailResetRemote:
		if h.r.ReconnectMs != 0 {
			return
		}
	}
	h.onFail = OnFailIgnore
	h.r.forgetRole()
}

// applyFailure updates the resource for a failure (02 §9.7.3).
func (s *State) applyFailure(h *history, e *opEntry, policy OnFail, role Role) {
	r := h.r
	h.lastFailure = e
	if s.Config.Symmetric || e.rc != rcNotInstalled {
		s.recordFailed(h, e)
	}
	h.onFail = max(h.onFail, policy)
	switch e.task {
	case taskStop:
		s.prefer(r, h.n, -Infinity, s.cause("failed-stop", e.id, e.xml))
	case taskMigrateTo:
		s.readFailedMigrateTo(h, e)
	case taskMigrateFrom:
		s.readFailedMigrateFrom(h, e)
	case taskPromote:
		r.OrigRole = RolePromoted
	case taskDemote:
		switch {
		case policy == OnFailBlock:
			r.OrigRole = RolePromoted
			r.NextRole = RoleStopped
			r.why.Role = s.cause("on-fail", e.id, e.xml)
		case e.rc == rcNotRunning:
			r.OrigRole = RoleStopped
		default:
			r.OrigRole = RoleUnpromoted // Promoted would demote it for ever
		}
	}
	if e.probe && e.rc == rcNotInstalled {
		r.OrigRole = RoleStopped
	} else if r.OrigRole < RoleStarted {
		setActive(r)
	}
	if role != RoleStarted && r.NextRole < role {
		r.NextRole = role
		r.why.Role = s.cause("on-fail", e.id, e.xml)
	}
	if role == RoleStopped {
		s.banEverywhere(r, e)
	}
}

// banEverywhere replaces the table of a resource, or of the anonymous clone
// that it is an instance of, by one that allows no node. The tables of the
// clone's instances stay as they are.
func (s *State) banEverywhere(r *Resource, e *opEntry) {
	if top := r.TopBelowBundle(); top.IsAnonymousClone() {
		r = top
	}
	c := s.cause("on-fail", e.id, e.xml)
	r.Allowed = Table{}
	for _, n := range s.Nodes {
		r.Allowed.Set(n, n.Score)
		r.Allowed.SetMode(n, n.Mode)
		s.setScore(r, n, -Infinity, c)
	}
}

// maskProbe takes a probe that could not look for the resource as one that did
// not find it, and keeps the resource away (02 §9.7.4).
func (s *State) maskProbe(h *history, e *opEntry) {
	s.applyResult(h, e, e.expected)
	s.recordFailed(h, e)
	s.prefer(h.banned(), h.n, -Infinity, s.cause("masked-probe-failure", e.id, e.xml))
}

// readPending takes an operation without result into account (02 §9.7.5).
func (s *State) readPending(h *history, e *opEntry) {
	if failureIsNewer(h.lastFailure, e) {
		return
	}
	r := h.r
	switch e.task {
	case taskStart:
		r.set(RscStartPending)
		r.why.Pending = s.cause("pending", e.id, e.xml)
		setActive(r)
	case taskPromote:
		r.OrigRole = RolePromoted
	case taskMigrateTo:
		if target, ok := e.xml.Attr("migrate_target"); ok && h.n.Unclean {
			if m := s.nodeByName(target); m != nil {
				s.action(r, taskStop, 0, m, false)
			}
		}
	}
	if r.PendingTask == "" && !isProbe(e.task, e.intervalMs) {
		r.PendingTask, r.PendingNode = e.task, h.n
		s.noteLocation(r, h.n)
	}
}

// failureIsNewer tells whether the last failure is what became of a pending
// operation.
func failureIsNewer(failure, pending *opEntry) bool {
	if failure == nil || !failure.hasTask || failure.task != pending.task ||
		!failure.hasInterval || failure.intervalMs != pending.intervalMs ||
		failure.changeInvalid || pending.changeInvalid {
		return false
	}
	return failure.changed() >= pending.changed()
}

// changed is last-rc-change, 0 when there is none.
func (e *opEntry) changed() int64 {
	if !e.hasChange {
		return 0
	}
	return e.lastChange
}
