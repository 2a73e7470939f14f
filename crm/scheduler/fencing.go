package scheduler

import (
	"strings"
)

// fenceOp returns the fencing action of a node, making it when needed; op ""
// is the cluster's fencing-action. The first reason stays (03 §18.1).
func (s *State) fenceOp(n *Node, op string, optional bool, reason string, delay bool) *Action {
	if op == "" {
		op = s.Config.FencingAction
	}
	key := "stonith-" + n.Name + "-" + op
	a := s.singletons[key]
	if a == nil {
		a = s.newAction(nil, key, taskFence, 0, n, true)
		a.Meta.Set("on_node", n.Name)
		a.Meta.Set("on_node_uuid", n.ID)
		a.Meta.Set("stonith_action", op)
		if s.unfencing && s.addDeviceDigests(a, n) {
			optional = false
		}
	}
	if s.Config.PriorityFencingDelay > 0 && (delay || a.Meta.Has("priority-fencing-delay")) {
		a.Meta.Set("priority-fencing-delay", itoa(int(s.priorityDelay(n))))
	}
	if !optional && s.canFence(n) {
		a.unset(ActOptional)
		a.setReason(reason, false)
	} else if reason != "" {
		a.setReason(reason, false)
	}
	return a
}

// fenceNode asks for a node to be fenced. Nothing is fenced yet: the action
// becomes required when fencing is scheduled (02 §7.1).
func (s *State) fenceNode(n *Node, reason string, delay bool, c Cause) {
	if n == nil {
		return
	}
	switch {
	case n.IsGuest():
		launcher := n.Connection.Launcher
		if launcher.Has(RscFailed) || !launcher.Managed() {
			return
		}
		n.RemoteReset = true
		launcher.markFailed(c)
	case n.Remote && n.Connection != nil && n.Connection.Launcher == nil && n.Connection.Has(RscRemovedLaunched):
		n.Connection.markFailed(c)
	case n.Remote:
		if n.Connection == nil || n.Connection.Managed() {
			n.RemoteReset = true
		}
		n.Unclean = true
		s.availabilityChanged(n)
		s.blame(s.fenceOp(n, "", true, reason, false), c)
	case n.Unclean:
	default:
		n.Unclean = true
		s.availabilityChanged(n)
		s.blame(s.fenceOp(n, "", true, reason, delay), c)
	}
}

// blame keeps the first cause of an action.
func (s *State) blame(a *Action, c Cause) {
	if a.Cause == 0 {
		a.Cause = c
	}
}

// canFence tells whether a node could be fenced now (02 §3.4).
//
// A guest node is fenced by stopping what it runs in, wherever that is; that may
// be a guest node again, and where histories say nonsense, itself.
func (s *State) canFence(n *Node) bool {
	if n == nil || !n.IsGuest() {
		return s.canFenceItself(n)
	}
	var seen nodeSet
	seen.add(n)
	for todo := []*Node{n}; len(todo) > 0; {
		guest := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, host := range guest.Connection.Launcher.Active {
			switch {
			case host.Online || seen.has(host):
			case host.IsGuest():
				seen.add(host)
				todo = append(todo, host)
			case !s.canFenceItself(host):
				return false
			}
		}
	}
	return true
}

// canFenceItself is canFence for nodes that a device has to fence.
func (s *State) canFenceItself(n *Node) bool {
	switch {
	case !s.Config.FencingEnabled, !s.haveFence:
		return false
	case s.Quorate, s.Config.NoQuorumPolicy == QuorumIgnore:
		return true
	case n == nil:
		return false
	case n.Online:
		return !n.Remote || s.Config.FenceRemoteNoQuorum || n.Connection == nil || !s.someHostOffline(n.Connection)
	}
	return false
}

// someHostOffline tells whether any node that may carry the connection is
// offline: without quorum it might run there.
func (s *State) someHostOffline(connection *Resource) bool {
	for _, n := range s.byIndex {
		if !n.Online && connection.Allowed.Has(n) {
			return true
		}
	}
	return false
}

// priorityRange caches what priority-fencing-delay compares.
type priorityRange struct {
	valid           bool
	members, online int
	least, most     int
}

// priorityDelay is how many seconds the fencing of a node is to wait, so that
// of two halves the one with less to lose is fenced (02 §7.3).
func (s *State) priorityDelay(n *Node) int64 {
	if s.Config.PriorityFencingDelay == 0 || n.Remote || n.Online {
		return 0
	}
	p := priorityRange{}
	for _, m := range s.byIndex {
		if m.Remote {
			continue
		}
		if p.members == 0 {
			p.least, p.most = m.Priority, m.Priority
		}
		p.members++
		if m.Online {
			p.online++
		}
		p.least, p.most = min(p.least, m.Priority), max(p.most, m.Priority)
	}
	if p.online > p.members/2 || p.least == p.most || n.Priority < p.most {
		return 0
	}
	return secondsOf(s.Config.PriorityFencingDelay)
}

// unfenceDevices lists the fence devices that unfence nodes, in the order in
// which their digests are listed: last found first (03 §18.5).
func (s *State) unfenceDevices() []*Resource {
	if s.haveUnfencers {
		return s.unfencers
	}
	s.haveUnfencers = true
	for _, top := range s.Resources {
		top.leaves(func(r *Resource) {
			if r.Has(RscFenceDevice) && (r.Has(RscNeedsUnfencing) || equalFold(r.Meta.Value("provides"), "unfencing")) {
				s.unfencers = append(s.unfencers, r)
			}
		})
	}
	for i, j := 0, len(s.unfencers)-1; i < j; i, j = i+1, j-1 {
		s.unfencers[i], s.unfencers[j] = s.unfencers[j], s.unfencers[i]
	}
	return s.unfencers
}

// addDeviceDigests puts the digests of the unfencing devices' parameters into a
// fencing action, and tells whether one of them changed since the node was
// unfenced (03 §18.5, 01 §17.8).
func (s *State) addDeviceDigests(a *Action, n *Node) bool {
	var all, secure strings.Builder
	changed := false
	for _, r := range s.unfenceDevices() {
		d := s.digestsFor(r, "stonith-on", 0, n, nil)
		prefix := r.ID + ":" + r.Type + ":"
		all.WriteString(prefix + d.all + ",")
		secure.WriteString(prefix + d.secureDigest() + ",")
		known, ok := n.Attr("#digests-all")
		if !ok || strings.Contains(known, prefix+d.all) {
			continue
		}
		if strings.Contains(n.Attrs["#digests-secure"], prefix+d.secureDigest()) {
			s.note("Only 'private' parameters to " + r.ID + " for unfencing " + n.Name + " changed")
			continue
		}
		changed = true
		if s.opt.Sanitized {
			s.note("Parameters to " + r.ID + " for unfencing " + n.Name + " changed, try '" + prefix + d.secureDigest() + "'")
		}
		s.note("notice: Unfencing node " + n.Name + " because the definition of " + r.ID + " changed")
	}
	a.Meta.Set("digests-all", all.String())
	a.Meta.Set("digests-secure", secure.String())
	return changed
}

// note keeps a message for the output.
func (s *State) note(text string) { s.Notes = append(s.Notes, text) }

// triggerUnfencing asks for nodes to be unfenced because a device's definition
// changed, or (r nil) because the node never was (03 §18.7).
func (s *State) triggerUnfencing(r *Resource, n *Node, reason string, dependency *Action) {
	if !s.unfencing || (r != nil && !r.Has(RscFenceDevice)) {
		return
	}
	if n != nil && n.Online && !n.Unclean && !n.Shutdown {
		on := s.fenceOp(n, "on", false, reason, false)
		if dependency != nil {
			s.link(on, dependency, RelOrdered, 0)
		}
		return
	}
	if r == nil {
		return
	}
	for _, m := range s.Nodes {
		if r.Allowed.Has(m) && m.Online && !m.Unclean && !m.Shutdown {
			s.triggerUnfencing(r, m, reason, dependency)
		}
	}
}

// isUnfenced tells whether the node was unfenced since it came up.
func (s *State) isUnfenced(n *Node) bool {
	v, ok := n.Attr("#node-unfenced")
	return ok && v != "0"
}
