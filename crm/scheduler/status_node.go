package scheduler

import (
	"systole/cib/value"
	"systole/lib/xmltree"
)

// readNodeState reads what a node_state says about its node itself, without
// the resource history (02 §6.2).
func (s *State) readNodeState(e *xmltree.Element) {
	id, ok := e.Attr("id")
	if !ok {
		s.configError(e, "ignoring a node_state without id")
		return
	}
	n := s.nodeAny(id, e.Get("uname"))
	if n == nil {
		return // a node that is configured no more
	}
	if n.Remote {
		n.RemoteFenced = parseMin(e.Get("node_fenced"), 0) != 0
		return
	}
	s.addNodeAttributes(n, e.Child("transient_attributes"), true)
	n.Standby = n.Standby || n.attrTrue("standby")
	n.Maintenance = n.Maintenance || n.attrTrue("maintenance")
	if v, ok := n.Attr("resource-discovery-enabled"); ok && !isTrue(v) {
		s.configWarning(e, "ignoring resource-discovery-enabled of node %s: cluster nodes are always probed", n.Name)
	}
	n.Unclean, n.Seen = false, true
	s.readOnline(n, e)
	if !s.Quorate && n.Online && s.Config.NoQuorumPolicy == QuorumFence {
		s.fenceNode(n, "cluster does not have quorum", false, s.cause("no-quorum-policy", "", nil))
	}
}

func (n *Node) attrTrue(name string) bool { return isTrue(n.Attrs[name]) }

// shutdownRequested tells whether the node was asked to leave (02 §5.3).
func (n *Node) shutdownRequested() bool {
	v, ok := n.Attr("shutdown")
	return ok && v != "0"
}

// presence is what a node_state says about a cluster node's membership
// (02 §6.3). Times are epoch seconds.
type presence struct {
	member      int64 // in_ccm: since when, 0 not, -1 never seen
	online      int64 // crmd: since when (or 1), 0 not
	join        string
	expected    string
	hasExpected bool
	xml         *xmltree.Element
}

func (s *State) readPresence(e *xmltree.Element) presence {
	p := presence{xml: e, join: e.Get("join")}
	p.expected, p.hasExpected = e.Attr("expected")
	text, ok := e.Attr("in_ccm")
	p.member = memberSince(text, ok, s.Now)
	text, ok = e.Attr("crmd")
	p.online = onlineSince(text, ok)
	return p
}

// memberSince reads in_ccm: a boolean first, so "1" means now (02 §6.3).
func memberSince(text string, given bool, now int64) int64 {
	if !given {
		return -1
	}
	if member, ok := parseBool(text); ok {
		if member {
			return now
		}
		return 0
	}
	if t, ok := value.ParseInteger64(text); ok && t >= 0 {
		return t
	}
	return -1
}

// onlineSince reads crmd: the old words, or a time.
func onlineSince(text string, given bool) int64 {
	switch {
	case !given, equalFold(text, "offline"):
		return 0
	case equalFold(text, "online"):
		return 1
	}
	if t, ok := value.ParseInteger64(text); ok && t >= 0 {
		return t
	}
	return 0
}

// readOnline decides whether a cluster node is online, and asks for it to be
// fenced where its state is not what it should be (02 §6.4, §6.5).
func (s *State) readOnline(n *Node, e *xmltree.Element) {
	p := s.readPresence(e)
	n.Shutdown = n.shutdownRequested()
	if !n.Shutdown && equalFold(p.expected, "member") {
		n.ExpectedUp = true
	}
	online := false
	if s.Config.FencingEnabled {
		online = s.onlineWithFencing(n, p)
	} else {
		online = s.onlineWithoutFencing(n, p)
	}
	if online {
		n.Online = true
	}
	if !online || n.Shutdown {
		s.setNodeScore(n, -Infinity, n.Mode)
	}
}

func (s *State) onlineWithoutFencing(n *Node, p presence) bool {
	switch {
	case p.member <= 0:
	case p.online > 0:
		return equalFold(p.join, "member")
	case n.ExpectedUp:
		s.blameState(n, p, "peer is unexpectedly down")
	}
	return false
}

// onlineWithFencing is the table of 02 §6.4, row by row.
func (s *State) onlineWithFencing(n *Node, p presence) bool {
	if n.Shutdown {
		return p.online > 0
	}
	if p.member < 0 {
		s.blameState(n, p, "peer has not been seen by the cluster")
		return false
	}
	switch {
	case p.join == "banned":
		s.blameState(n, p, "peer failed Pacemaker membership criteria")
	case n.terminationRequested():
		if p.member <= 0 && p.online <= 0 && p.join == "down" {
			return false // it was fenced as requested
		}
		s.blameState(n, p, "fencing was requested")
	case !p.hasExpected || p.expected == "down":
		switch {
		case s.pendingTooLong(p):
			s.blameState(n, p, "peer pending timed out on joining the process group")
		case p.member > 0 || p.online > 0:
			n.Standby, n.Pending = true, true
		}
	case p.member <= 0:
		s.fenceNode(n, "peer is no longer part of the cluster", true, s.cause("node_state", n.ID, p.xml))
	case p.online <= 0:
		s.blameState(n, p, "peer process is no longer available")
	case p.join == "member":
	case p.join == "pending" || p.join == "down":
		n.Standby, n.Pending = true, true
	default:
		s.blameState(n, p, "peer was in an unknown state")
	}
	return p.member > 0
}

func (s *State) blameState(n *Node, p presence, reason string) {
	s.fenceNode(n, reason, false, s.cause("node_state", n.ID, p.xml))
}

// terminationRequested reads the node attribute terminate: a boolean or a time.
func (n *Node) terminationRequested() bool {
	text, ok := n.Attr("terminate")
	if !ok {
		return false
	}
	if v, ok := parseBool(text); ok {
		return v
	}
	t, ok := value.ParseInteger64(text)
	return ok && t > 0
}

// pendingTooLong tells whether a member has taken longer than
// node-pending-timeout to join; else the time when it will have is noted.
func (s *State) pendingTooLong(p presence) bool {
	if s.Config.NodePendingTimeout <= 0 || p.member <= 0 || p.online > 0 {
		return false
	}
	limit := p.member + secondsOf(s.Config.NodePendingTimeout)
	if s.Now >= limit {
		return true
	}
	s.updateRecheck(limit)
	return false
}

// remoteOnline decides whether a remote, guest or bundle node is online, from
// the state of its connection and of what launched that (02 §8.4).
func (s *State) remoteOnline(n *Node) {
	c := n.Connection
	if c == nil {
		n.Online = false
		return
	}
	var host *Node
	l := c.Launcher
	if l != nil && len(c.Active) == 1 {
		host = c.Active[0]
	}
	if c.OrigRole == RoleStarted {
		n.Online = true
		if c.NextRole == RoleStopped {
			n.Shutdown = true
		}
	}
	switch {
	case l != nil && l.Has(RscFailed):
		n.Online, n.RemoteReset = false, true
	case c.Has(RscFailed):
		n.Online = false
	case c.OrigRole == RoleStopped, l != nil && l.OrigRole == RoleStopped:
		n.Online, n.RemoteReset = false, false
	case host != nil && !host.Online && host.Unclean:
		n.Online, n.RemoteReset = false, true
	}
}

// readRemoteState reads what a node_state says about a remote, guest or bundle
// node (02 §8.2).
func (s *State) readRemoteState(n *Node, e *xmltree.Element) {
	n.RemoteMaint = parseMin(e.Get("node_in_maintenance"), 0) != 0
	if !n.RemoteReset {
		n.Unclean, n.Seen = false, true
	}
	s.addNodeAttributes(n, e.Child("transient_attributes"), true)
	n.Shutdown = n.Shutdown || n.shutdownRequested()
	n.Standby = n.Standby || n.attrTrue("standby")
	if n.attrTrue("maintenance") || (n.Connection != nil && !n.Connection.Managed()) {
		n.Maintenance = true
	}
	if v, ok := n.Attr("resource-discovery-enabled"); ok && !isTrue(v) {
		if n.IsRemoteNode() && !s.Config.FencingEnabled {
			s.configWarning(e, "ignoring resource-discovery-enabled of remote node %s because fencing is disabled", n.Name)
		} else {
			n.ProbesAllowed = false
		}
	}
}

// settleRemoteNodes stops the connections of nodes that shut down and decides
// about the nodes without history (02 §8.1 b).
func (s *State) settleRemoteNodes() {
	for _, n := range s.Nodes {
		if !n.Remote {
			continue
		}
		if n.Shutdown && n.Connection != nil {
			n.Connection.NextRole = RoleStopped
		}
		if !n.Unpacked {
			s.remoteOnline(n)
		}
	}
}
