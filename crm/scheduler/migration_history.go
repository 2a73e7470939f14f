package scheduler

// A live migration is a migrate_to on the source, a migrate_from on the target
// and a stop on the source. The history of any of them may be missing, so each
// is read with a look at the other node (02 §9.10).

// migrationNames returns the node names of a migration; ok is false when they
// are not both there or the one that should be this node is not.
func (s *State) migrationNames(h *history, e *opEntry, here string) (source, target string, ok bool) {
	source, hasSource := e.xml.Attr("migrate_source")
	target, hasTarget := e.xml.Attr("migrate_target")
	if !hasSource || !hasTarget {
		s.configError(e.xml, "ignoring history entry %s: it has no migrate_source and migrate_target", e.id)
		return "", "", false
	}
	if name := e.xml.Get(here); !equalFold(name, h.n.Name) {
		s.configError(e.xml, "ignoring history entry %s of node %s: its %s is %q", e.id, h.n.Name, here, name)
		return "", "", false
	}
	return source, target, true
}

// newerAction tells whether a start, stop or migration of the resource on the
// node is newer than the entry.
func (s *State) newerAction(rsc, node string, e *opEntry) bool {
	list := s.histories(rsc, node)
	if len(list) != 1 {
		return false
	}
	var other opEntry
	for op := range list[0].Elements("lrm_rsc_op") {
		if op == e.xml {
			continue
		}
		switch op.Get("operation") {
		case taskStart, taskStop, taskMigrateTo, taskMigrateFrom:
			if other.read(op); compareOps(&other, e) > 0 {
				return true
			}
		}
	}
	return false
}

// notRunningAfter tells whether the one monitor of the resource on the node
// found it stopped, later than the entry.
func (s *State) notRunningAfter(rsc, node string, e *opEntry) bool {
	m := s.findEntry(rsc, node, opQuery{task: taskMonitor, rc: rcNotRunning})
	return m != nil && compareOps(m, e) > 0
}

// unknownOn tells whether nothing is known about the resource on the node: no
// operation has a result other than 193.
func (s *State) unknownOn(rsc, node string) bool {
	for _, list := range s.histories(rsc, node) {
		for op := range list.Elements("lrm_rsc_op") {
			if rc, ok := op.Attr("rc-code"); ok && rc != "193" {
				return false
			}
		}
	}
	return true
}

// newerState tells whether the node has news about the resource since the
// migration; to or from may be nil. On the source the migrate_to compares
// better: both calls are the same executor's.
func (s *State) newerState(rsc, node string, to, from *opEntry) bool {
	e := from
	if e == nil {
		e = to
	}
	if source, ok := e.xml.Attr("migrate_source"); ok && to != nil && equalFold(node, source) {
		e = to
	}
	return s.newerAction(rsc, node, e) || s.notRunningAfter(rsc, node, e)
}

// upNode returns the node of that name if it is online.
func (s *State) upNode(name string) *Node {
	if n := s.nodeByName(name); n != nil && n.Online {
		return n
	}
	return nil
}

// runsOn notes that a migration leaves the resource active on another node.
func (s *State) runsOn(r *Resource, n *Node, failed bool) {
	s.addRunning(r, n, failed)
	s.noteLocation(r, n)
}

// needsRecovery marks a resource that is somewhere between two nodes: it has to
// be stopped and started.
func needsRecovery(r *Resource) {
	r.markFailed(0)
	r.unset(RscMigratable)
}

// readMigrateTo reads a successful migrate_to on the source (02 §9.10.1).
func (s *State) readMigrateTo(h *history, e *opEntry) {
	source, target, ok := s.migrationNames(h, e, "migrate_source")
	if !ok {
		return
	}
	r := h.r
	newerOnSource := s.newerAction(r.ID, source, e)
	from := s.findEntry(r.ID, target, opQuery{task: taskMigrateFrom, other: source, rc: -1})
	if from != nil && newerOnSource {
		return
	}
	newerOnTarget := s.newerState(r.ID, target, e, from)
	if newerOnSource && newerOnTarget {
		return
	}
	status, rc := int32(execPending), int32(rcOK)
	if from != nil {
		if from.hasStatus {
			status = from.status
		}
		if from.hasRC {
			rc = from.rc
		}
	}
	if status == execDone && rc == rcOK {
		r.OrigRole = RoleStopped
		r.Dangling = append(r.Dangling, h.n)
		return
	}
	r.OrigRole = RoleStarted
	up := s.upNode(target)
	usable := up != nil && !newerOnTarget
	switch {
	case status != execPending: // the migrate_from failed
		if usable {
			s.runsOn(r, up, true)
		} else {
			needsRecovery(r)
		}
	case up != nil && s.unknownOn(r.ID, target):
		// Its history was cleaned: a probe will tell.
	case usable:
		s.runsOn(r, up, false)
		if src := s.upNode(source); src != nil {
			r.PartialTarget, r.PartialSource = up, src
		}
	case !newerOnSource:
		needsRecovery(r)
	}
}

// readFailedMigrateTo reads a failed migrate_to on the source (02 §9.10.2).
func (s *State) readFailedMigrateTo(h *history, e *opEntry) {
	source, target, ok := s.migrationNames(h, e, "migrate_source")
	if !ok {
		return
	}
	r := h.r
	r.OrigRole = RoleStarted
	from := s.findEntry(r.ID, target, opQuery{task: taskMigrateFrom, other: source, rc: rcOK})
	switch {
	case !s.unknownOn(r.ID, target) && !s.newerState(r.ID, target, e, from):
		if up := s.upNode(target); up != nil {
			s.runsOn(r, up, false)
		}
	case !s.newerAction(r.ID, source, e):
		r.Dangling = append(r.Dangling, h.n)
	}
}

// readFailedMigrateFrom reads a failed migrate_from on the target (02 §9.10.3).
func (s *State) readFailedMigrateFrom(h *history, e *opEntry) {
	source, target, ok := s.migrationNames(h, e, "migrate_target")
	if !ok {
		return
	}
	r := h.r
	r.OrigRole = RoleStarted
	to := s.findEntry(r.ID, source, opQuery{task: taskMigrateTo, other: target, rc: rcOK})
	if !s.unknownOn(r.ID, source) && !s.newerState(r.ID, source, to, e) {
		if up := s.upNode(source); up != nil {
			s.runsOn(r, up, true)
		}
	}
}
