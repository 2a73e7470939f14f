package scheduler

import (
	"systole/cib/value"
	"systole/lib/xmltree"
)

// readShutdownLock takes over a lock that the history holds, or has it cleared
// when it expired (02 §11.1).
func (s *State) readShutdownLock(r *Resource, n *Node, e *xmltree.Element) {
	t, ok := value.ParseInteger64(e.Get("shutdown-lock"))
	if !ok || t == 0 {
		return
	}
	if limit := s.Config.ShutdownLockLimitMs; limit > 0 && s.Now > t+secondsOf(limit) {
		s.action(r, taskLRMDelete, 0, n, false)
		return
	}
	r.LockNode, r.LockTime = n, t
}

// applyShutdownLocks keeps resources on the node that was shut down cleanly
// under them. Clones and bundles are never locked (02 §11.2).
func (s *State) applyShutdownLocks() {
	if !s.Config.ShutdownLock {
		return
	}
	for _, r := range s.Resources {
		switch r.Kind {
		case KindPrimitive:
			s.lock(r)
		case KindGroup:
			for _, member := range r.Children {
				s.lock(member)
			}
		}
	}
}

func (s *State) lock(r *Resource) {
	if r.Has(RscFenceDevice) || r.Has(RscRemoteConnection) {
		return
	}
	if r.LockNode != nil {
		if len(r.Active) > 0 {
			s.action(r, taskLRMDelete, 0, r.LockNode, false)
			r.LockNode, r.LockTime = nil, 0
		}
	} else if len(r.Active) == 1 {
		if n := r.Active[0]; n.Shutdown && !n.Unclean {
			r.LockNode, r.LockTime = n, s.shutdownTime(n)
		}
	}
	if r.LockNode == nil {
		return
	}
	if limit := s.Config.ShutdownLockLimitMs; limit > 0 {
		s.updateRecheck(r.LockTime + secondsOf(limit) + 1)
	}
	c := s.cause("shutdown-lock", r.ID, nil)
	for _, n := range s.Nodes {
		if n != r.LockNode {
			s.prefer(r, n, -Infinity, c)
		}
	}
}

// shutdownTime is when the node was asked to leave: its attribute, else now.
func (s *State) shutdownTime(n *Node) int64 {
	if t, ok := value.ParseInteger64(n.Attrs["shutdown"]); ok && t != 0 {
		return t
	}
	return s.Now
}
