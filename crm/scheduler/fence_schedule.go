package scheduler

// scheduleFencingAndShutdown makes fencing of unclean nodes required, and shuts
// nodes down (07 §6.3, 04 §1.1).
func (s *State) scheduleFencingAndShutdown() {
	managed := s.anyManaged()
	var dcDown *Action
	var fencings, shutdowns []*Action // newest last
	for _, n := range s.Nodes {
		switch {
		case n.IsGuest():
			if n.RemoteReset && managed && s.canFence(n) {
				s.fenceGuest(n)
			}
		case n.Unclean && managed && s.canFence(n):
			f := s.fenceOp(n, "", false, "node is unclean", false)
			s.orderVsFencing(f)
			if n == s.DC {
				dcDown = f
				continue
			}
			if !s.Config.ConcurrentFencing && len(fencings) > 0 {
				s.link(fencings[len(fencings)-1], f, RelOrdered, 0)
			}
			fencings = append(fencings, f)
		case n.Online && n.Shutdown && !n.Remote:
			down := s.shutdownAction(n)
			if n == s.DC {
				dcDown = down
			} else {
				shutdowns = append(shutdowns, down)
			}
		}
	}
	if dcDown != nil {
		s.orderDC(dcDown, fencings, shutdowns)
	}
}

// orderDC lets the DC go last.
func (s *State) orderDC(dc *Action, fencings, shutdowns []*Action) {
	if dc.Task == taskShutdown {
		for i := len(shutdowns) - 1; i >= 0; i-- {
			s.link(shutdowns[i], dc, RelOrdered, 0)
		}
	}
	for i := len(fencings) - 1; i >= 0; i-- {
		s.link(fencings[i], dc, RelOrdered, 0)
		if !s.Config.ConcurrentFencing {
			return // they are a chain
		}
	}
}

func (s *State) anyManaged() bool {
	for _, r := range s.Resources {
		if r.anyFlag(RscManaged) {
			return true
		}
	}
	return false
}

// orderVsFencing orders everything that has to wait for a node's fencing, and
// takes as done what the fencing implies (07 §6.4).
func (s *State) orderVsFencing(f *Action) {
	for _, top := range s.Resources {
		top.leaves(func(r *Resource) {
			if r.Managed() {
				s.orderStartsVsFencing(r, f)
				s.orderStopsVsFencing(r, f)
			}
		})
	}
}

func (s *State) orderStartsVsFencing(r *Resource, f *Action) {
	for i := len(r.Actions) - 1; i >= 0; i-- {
		a := r.Actions[i]
		switch a.Needs {
		case NeedsFencing:
			s.link(f, a, RelOrdered, 0)
		case NeedsQuorum:
			if a.Task == taskStart && r.Allowed.Has(f.Node) && !knownForFencing(r, f.Node) {
				s.link(f, a, RelOrdered|RelUnrunnableFirstBlocks, 0)
			}
		}
	}
}

// knownForFencing tells whether the state on the node is known: by the resource
// itself or, for an instance of an anonymous clone, by any instance.
func knownForFencing(r *Resource, n *Node) bool {
	if r.probed.has(n) {
		return true
	}
	p := r.Parent
	return r.Kind == KindPrimitive && p != nil && p.IsAnonymousClone() && p.probed.has(n)
}

// orderStopsVsFencing is 07 §6.6.
func (s *State) orderStopsVsFencing(r *Resource, f *Action) {
	implicit := r.Has(RscNeedsFencing) || f.Node.IsGuest()
	stops := r.findActions(opID(r.ID, taskStop, 0), f.Node)
	if len(stops) > 0 {
		top := r.TopBelowBundle()
		var topStop *Action
		if implicit {
			topStop = top.findFirst("", taskStop, nil)
		}
		for _, stop := range stops {
			stop.set(ActPseudo | ActRunnable)
			if implicit {
				if !r.Bundled() {
					s.link(f, stop, RelGuestAllowed, 0)
				}
				s.link(f, topStop, RelGuestAllowed, 0)
			}
			if r.Has(RscNotify) {
				s.notifyAfterFencing(stop, r, f)
			}
		}
	}
	for _, demote := range r.findActions(opID(r.ID, taskDemote, 0), f.Node) {
		if demote.Node.Online && !demote.Node.Unclean && !r.Has(RscFailed) {
			continue
		}
		demote.set(ActPseudo | ActRunnable)
		if !r.Bundled() && implicit {
			s.link(f, demote, RelGuestAllowed|RelOrdered, 0)
		}
	}
}

// fenceGuest describes, as a pseudo-action, the fencing of a guest that happens
// by the recovery of its container (07 §6.7).
func (s *State) fenceGuest(n *Node) {
	launcher := n.Connection.Launcher
	op := "off"
	if launcher.findFirst("", taskStart, nil) != nil {
		op = "reboot"
	}
	stop := launcher.findFirst("", taskStop, nil)
	f := s.fenceOp(n, op, false, "guest is unclean", false)
	f.set(ActPseudo | ActRunnable)
	const after = RelUnrunnableFirstBlocks | RelFirstImpliesThen
	switch {
	case stop != nil && stop.Pseudo():
		s.link(s.fenceOp(stop.Node, "", false, "", false), f, after, 0)
	case stop != nil:
		s.link(stop, f, after, 0)
	default:
		s.link(n.Connection.findFirst("", taskStop, nil), f, RelOrdered, 0)
	}
	s.orderVsFencing(f)
}

// orderUnfencing lets an action wait for the node's unfencing where the
// resource wants that; unfencing is only required if it was never done
// (07 §6.9).
func (s *State) orderUnfencing(r *Resource, n *Node, a *Action, f Relation) {
	if !r.Has(RscNeedsUnfencing) && !(r.Has(RscFenceDevice) && s.unfencing) {
		return
	}
	s.link(s.fenceOp(n, "on", true, "", false), a, f, 0)
	if !s.isUnfenced(n) {
		s.triggerUnfencing(nil, n, "required by "+r.ID+" "+a.Task, nil)
	}
}
