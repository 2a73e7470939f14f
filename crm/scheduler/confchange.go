package scheduler

import (
	"slices"

	"systole/lib/xmltree"
)

// deferredCheck is a comparison of parameters that has to wait until the
// address of a bundle's connection is known (07 §8.6).
type deferredCheck struct {
	rsc    *Resource
	node   *Node
	entry  *xmltree.Element
	active bool // check of an active operation, else of a last failure
}

// checkConfigurationChanges compares the histories with the configuration:
// what changed is restarted, reloaded, scheduled anew or cancelled
// (06 §5, 07 §8.3).
func (s *State) checkConfigurationChanges() {
	byID := s.matchesByID()
	for _, n := range s.Nodes {
		if !n.Maintenance && !n.Available() {
			continue
		}
		for e := range s.nodeHistory(n).Elements("lrm_resource") {
			if len(e.Children) == 0 {
				continue
			}
			if m := byID[e.ID()]; m != nil {
				s.checkHistory(n, e, m)
			}
		}
	}
}

// nodeHistory returns the node's lrm_resources, if there is exactly one.
func (s *State) nodeHistory(n *Node) *xmltree.Element {
	var found *xmltree.Element
	for _, x := range s.nodeStates(n.Name) {
		for lrm := range x.xml.Elements("lrm") {
			for list := range lrm.Elements("lrm_resources") {
				if found != nil {
					return nil
				}
				found = list
			}
		}
	}
	return found
}

// matches are the primitives that a history name stands for, last found first.
type matches struct {
	all    []*Resource
	active map[*Node][]*Resource // the same by active node, where there are many
	alike  bool                  // all are made from the same element
}

const fewMatches = 4

// matchesByID finds the primitives of every id and history name. All instances
// of a clone have one history name; each node's history concerns only the one
// that is active there.
func (s *State) matchesByID() map[string]*matches {
	byID := map[string]*matches{}
	add := func(name string, r *Resource) {
		m := byID[name]
		if m == nil {
			m = &matches{alike: true}
			byID[name] = m
		}
		m.alike = m.alike && (len(m.all) == 0 || m.all[0].XML == r.XML)
		m.all = append(m.all, r)
	}
	for _, top := range s.Resources {
		top.leaves(func(r *Resource) {
			if r.Kind != KindPrimitive {
				return
			}
			add(r.ID, r)
			if r.HistoryID != "" && r.HistoryID != r.ID {
				add(r.HistoryID, r)
			}
		})
	}
	for _, m := range byID {
		slices.Reverse(m.all)
		m.alike = m.alike && len(m.all) > fewMatches && m.all[0].TopBelowBundle().IsAnonymousClone()
		if !m.alike {
			continue
		}
		m.active = map[*Node][]*Resource{}
		for _, r := range m.all {
			for _, n := range r.Active {
				if list := m.active[n]; len(list) == 0 || list[len(list)-1] != r {
					m.active[n] = append(list, r)
				}
			}
		}
	}
	return byID
}

// checkHistory checks one lrm_resource against every primitive that it may
// stand for.
func (s *State) checkHistory(n *Node, e *xmltree.Element, m *matches) {
	list := m.all
	if m.alike && !agentDiffers(m.all[0], e) {
		list = m.active[n] // nothing is done about instances that are not here
	}
	for _, r := range list {
		s.checkPrimitive(r, n, e)
	}
}

// agentAttrs name the agent, in the order in which they are compared.
var agentAttrs = [...]string{"type", "class", "provider"} // table

func agentDiffers(r *Resource, e *xmltree.Element) bool {
	for _, name := range agentAttrs {
		if attrDiffers(r.XML, e, name) {
			return true
		}
	}
	return false
}

func attrDiffers(a, b *xmltree.Element, name string) bool {
	va, oka := a.Attr(name)
	vb, okb := b.Attr(name)
	return oka != okb || va != vb
}

// agentChanged compares the agent in the history with the configured one. An
// active resource whose agent changed has to be stopped (07 §8.3).
func (s *State) agentChanged(r *Resource, n *Node, e *xmltree.Element, active bool) bool {
	changed := false
	for _, name := range agentAttrs {
		if attrDiffers(r.XML, e, name) {
			changed = true
			s.triggerUnfencing(r, n, "Device definition changed", nil)
		}
	}
	if changed && active {
		s.blame(s.action(r, taskStop, 0, n, false), s.cause("agent-changed", e.ID(), e))
		r.set(RscStartPending)
	}
	return changed
}

// checkPrimitive is 06 §5.1.
func (s *State) checkPrimitive(r *Resource, n *Node, e *xmltree.Element) {
	if r.Has(RscRemoved) {
		if !r.TopBelowBundle().IsAnonymousClone() {
			s.deleteAction(r, n, false)
		}
		return
	}
	active := r.activeSet.has(n)
	if s.agentChanged(r, n, e, active) {
		s.deleteAction(r, n, false)
	}
	if !active {
		return
	}
	list := s.hist.ops.load(e)
	start, stop := activeSpan(list)
	if start < stop {
		return
	}
	for _, op := range list[max(start, 0):] {
		s.checkActive(r, n, op)
	}
}

// checkActive checks one operation of an active resource.
func (s *State) checkActive(r *Resource, n *Node, e *opEntry) {
	if !e.hasTask {
		return
	}
	if e.intervalMs > 0 && (r.Has(RscMaintenance) || n.Maintenance) {
		s.cancelAction(r, e.task, e.intervalMs, n, e.xml.Get("call-id"))
		return
	}
	if e.intervalMs == 0 && !setByParameters(e.task) {
		return
	}
	if s.needsHostName(r) {
		s.deferred = append(s.deferred, deferredCheck{rsc: r, node: n, entry: e.xml, active: true})
		return
	}
	s.checkAndClear(r, n, e)
}

// setByParameters tells whether a past operation shows with which parameters
// the resource runs.
func setByParameters(task string) bool {
	return equalFold(task, taskMonitor) || equalFold(task, taskStart) ||
		equalFold(task, taskPromote) || equalFold(task, taskMigrateFrom)
}

// checkAndClear checks an operation; failures of the old definition count no
// more.
func (s *State) checkAndClear(r *Resource, n *Node, e *opEntry) {
	if !s.checkOperation(r, n, e) {
		return
	}
	if count, _ := s.failCount(r, n, true, false, nil); count != 0 {
		s.clearFailcountAction(r, n, "action definition changed")
	}
}

// checkOperation compares one operation with the configuration, does what a
// change asks for and tells whether there was one (06 §5.2, 07 §8.4).
func (s *State) checkOperation(r *Resource, n *Node, e *opEntry) bool {
	if e.intervalMs > 0 && s.findOp(r, e.task, e.intervalMs, false) == nil {
		if s.Config.CancelRemoved {
			s.cancelAction(r, e.task, e.intervalMs, n, e.xml.Get("call-id"))
		}
		return true
	}
	xml := s.digestEntry(e.xml)
	d := s.digestsFor(r, e.task, e.intervalMs, n, xml)
	if d == nil {
		return false
	}
	task := taskOfDigest(e.task, e.intervalMs)
	v := d.verdict(xml, e.intervalMs)
	if v == verdictMatch {
		return false
	}
	if s.onlyPrivateChanged(d, xml) {
		s.notePrivate(r, n, task, e)
		return false
	}
	switch {
	case v == verdictRestart:
		s.forceRestart(r, task, e.intervalMs, n, s.cause(definitionChanged, e.id, e.xml))
	case e.intervalMs > 0:
		s.reschedule(r, n, task, e.intervalMs)
	case xml.Has("op-restart-digest"):
		s.triggerUnfencing(r, n, "Device parameters changed (reload)", nil)
		s.reloadAction(r, n, s.cause(definitionChanged, e.id, e.xml))
	default:
		s.forceRestart(r, task, e.intervalMs, n, s.cause(definitionChanged, e.id, e.xml))
	}
	return true
}

// taskOfDigest is the operation that has to be done again when the parameters
// of this one changed.
func taskOfDigest(task string, intervalMs uint32) string {
	if intervalMs == 0 && (task == taskMonitor || task == taskMigrateFrom || task == taskPromote) {
		return taskStart
	}
	return task
}

// reschedule has a recurring action run anew with its new parameters.
func (s *State) reschedule(r *Resource, n *Node, task string, intervalMs uint32) {
	s.triggerUnfencing(r, n, "Device parameters changed (reschedule)", nil)
	if a := s.action(r, task, intervalMs, n, true); a != nil {
		a.set(ActReschedule)
	}
}

// onlyPrivateChanged tells whether, in a sanitized CIB, no more changed than
// the parameters that are masked in it (01 §17.7).
func (s *State) onlyPrivateChanged(d *digests, xml *xmltree.Element) bool {
	if !s.opt.Sanitized {
		return false
	}
	recorded, ok := xml.Attr("op-secure-digest")
	return ok && recorded == d.secureDigest()
}

func (s *State) notePrivate(r *Resource, n *Node, task string, e *opEntry) {
	if s.opt.Quiet {
		return
	}
	s.Notes = append(s.Notes, "Only 'private' parameters to "+readableInterval(e.intervalMs)+"-interval "+task+
		" for "+r.ID+" on "+n.Name+" changed: "+e.magic)
}

// runDeferredChecks makes the checks that waited for the assignment, last
// postponed first (07 §8.6).
func (s *State) runDeferredChecks() {
	for i := len(s.deferred) - 1; i >= 0; i-- {
		c := &s.deferred[i]
		var e opEntry
		e.read(c.entry)
		switch {
		case c.active:
			s.checkAndClear(c.rsc, c.node, &e)
		case s.definitionChanged(c.rsc, c.node, s.digestEntry(c.entry), &e):
			s.clearFailcountAction(c.rsc, c.node, "resource parameters have changed")
		}
	}
	s.deferred = nil
}

// clearRemovedFailcounts has the fail counts of removed resources cleared,
// before they are stopped (07 §8.5).
func (s *State) clearRemovedFailcounts() {
	if !s.Config.StopRemoved {
		return
	}
	for _, r := range s.Resources {
		if !r.Has(RscRemoved) {
			continue
		}
		for _, n := range s.Nodes {
			if !n.Online {
				continue
			}
			if count, _ := s.failCount(r, n, true, false, nil); count == 0 {
				continue
			}
			clear := s.clearFailcountAction(r, n, "it is removed")
			s.order(ordering{
				rsc1: r, action1: clear,
				rsc2: r, task2: opKey{task: taskStop},
				flags: RelOrdered, cause: s.cause("removed", r.ID, nil),
			})
		}
	}
}
