package scheduler

import "systole/lib/xmltree"

// unpackStatus reads the status section: tickets and node states in a first
// pass, then the nodes' resource histories (02 §6, §8).
func (s *State) unpackStatus() {
	status := s.single("status")
	for e := range status.Elements("tickets", "node_state") {
		if e.Name == "node_state" {
			s.readNodeState(e)
			continue
		}
		for t := range e.Elements("ticket_state") {
			s.readTicketState(t)
		}
	}
	s.readHistories(status)
	for i := len(s.stopNeeded) - 1; i >= 0; i-- {
		need := s.stopNeeded[i]
		if n := need.container.activeNode(); n != nil {
			s.blame(s.action(need.container, taskStop, 0, n, false), need.cause)
		}
	}
	s.stopNeeded = nil
	s.settleRemoteNodes()
}

// readTicketState merges a ticket_state into its ticket; what an earlier entry
// said stays unless it is said again (02 §6.1).
func (s *State) readTicketState(e *xmltree.Element) {
	id := e.ID()
	if id == "" {
		return
	}
	t := s.ticket(id)
	if t == nil {
		return
	}
	if t.State == nil {
		t.State = map[string]string{}
	}
	for _, a := range e.Attrs {
		if a.Name != "id" {
			t.State[a.Name] = a.Value
		}
	}
	t.Granted = isTrue(t.State["granted"])
	t.Standby = isTrue(t.State["standby"])
	if text, ok := t.State["last-granted"]; ok {
		t.LastGranted, _ = parseInteger(text)
	}
}

// readHistories walks the node states until nothing more can be read: the
// history of a remote or guest node counts once its connection is known to be
// up, which another node's history tells (02 §8.1).
func (s *State) readHistories(status *xmltree.Element) {
	var waiting []*xmltree.Element
	for e := range status.Elements("node_state") {
		if e.Has("id") && e.Has("uname") {
			waiting = append(waiting, e)
		}
	}
	for {
		before := len(waiting)
		if waiting = s.historyPass(waiting, false); len(waiting) == before {
			break
		}
	}
	s.historyPass(waiting, s.Config.FencingEnabled)
}

// historyPass reads what can be read now and returns the rest. all: also read
// nodes that were not seen.
func (s *State) historyPass(waiting []*xmltree.Element, all bool) (rest []*xmltree.Element) {
	for _, e := range waiting {
		n := s.nodeAny(e.ID(), e.Get("uname"))
		switch {
		case n == nil: // a removed connection may still bring the node back
			rest = append(rest, e)
		case n.Unpacked:
		case !all && !s.historyReadable(n):
			rest = append(rest, e)
		default:
			if n.Remote {
				s.remoteOnline(n)
				s.readRemoteState(n, e)
			}
			n.Unpacked = true
			s.readNodeHistory(n, e)
		}
	}
	return rest
}

// historyReadable tells whether a node's history may be read in a normal pass.
func (s *State) historyReadable(n *Node) bool {
	switch {
	case n.IsGuest():
		return n.Connection.OrigRole == RoleStarted && n.Connection.Launcher.OrigRole == RoleStarted
	case n.Remote:
		return n.Connection != nil && (s.Config.ShutdownLock || n.Connection.OrigRole == RoleStarted)
	}
	return n.Online || s.Config.FencingEnabled || s.Config.ShutdownLock
}

// readNodeHistory reads every lrm_resource of a node (02 §8.3).
func (s *State) readNodeHistory(n *Node, state *xmltree.Element) {
	list := state.Path("lrm", "lrm_resources")
	removedLaunched := false
	for e := range list.Elements("lrm_resource") {
		if r := s.readHistory(n, e); r != nil && r.Has(RscRemovedLaunched) {
			removedLaunched = true
		}
	}
	if removedLaunched {
		s.linkRemovedLaunched(list)
	}
}

// linkRemovedLaunched gives removed resources back the launcher that their
// history names, if that still exists.
func (s *State) linkRemovedLaunched(list *xmltree.Element) {
	for e := range list.Elements("lrm_resource") {
		container, ok := e.Attr("container")
		id, hasID := e.Attr("id")
		if !ok || !hasID {
			continue
		}
		launcher, r := s.findResource(container), s.findResource(id)
		if launcher == nil || r == nil || r.Launcher != nil || !r.Has(RscRemovedLaunched) {
			continue
		}
		r.Launcher = launcher
		launcher.Launched = append(launcher.Launched, r)
	}
}

// countInstances counts what the status report says about instances: all,
// disabled, blocked (02 §12).
func (s *State) countInstances() {
	for _, r := range s.Resources {
		s.countIn(r)
	}
}

func (s *State) countIn(r *Resource) {
	switch {
	case r.Kind == KindBundle:
		for _, rep := range r.bundle.Replicas {
			for _, part := range [...]*Resource{rep.IP, rep.Child, rep.Container, rep.Connection} {
				if part != nil {
					s.countIn(part)
				}
			}
		}
	case len(r.Children) > 0:
		for _, c := range r.Children {
			s.countIn(c)
		}
	case !r.Has(RscRemoved) || r.OrigRole > RoleStopped:
		s.NInstances++
		if r.disabled() {
			s.Disabled++
		}
		if r.Has(RscBlocked) {
			s.Blocked++
		}
	}
}

// disabled tells whether the user wants less than a running resource: stopped,
// or not promoted where it could be (02 §12).
func (r *Resource) disabled() bool {
	text, ok := r.Meta.Get("target-role")
	if !ok {
		return false
	}
	role, _ := ParseRole(text)
	return role == RoleStopped || (role == RoleUnpromoted && r.TopBelowBundle().Has(RscPromotable))
}
