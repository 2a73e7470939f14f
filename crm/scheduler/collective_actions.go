package scheduler

// createGroupActions creates the members' actions and then the group's own
// (06 §7.2).
func (s *State) createGroupActions(g *Resource) {
	for _, m := range g.Children {
		s.createActions(m)
	}
	for _, task := range [...]string{taskStart, taskRunning, taskStop, taskStopped} {
		s.pseudoAction(g, task, true, true)
	}
	if isTrue(g.Meta.Value("promotable")) {
		for _, task := range [...]string{taskDemote, taskDemoted, taskPromote, taskPromoted} {
			s.pseudoAction(g, task, true, true)
		}
	}
}

// createCloneActions creates the actions of a clone (06 §7.3, §7.4).
func (s *State) createCloneActions(c *Resource) {
	s.createInstanceActions(c, c.Children)
	if c.Has(RscPromotable) {
		s.createPromotableActions(c)
	}
}

// instanceState is what the instances of a collective are about to do.
type instanceState struct{ active, starting, stopping, restarting bool }

func (st *instanceState) add(r *Resource) {
	if !r.IsLeaf() {
		for _, c := range r.Children {
			st.add(c)
		}
		return
	}
	var starting, stopping bool
	for _, a := range r.Actions {
		switch {
		case a.Optional():
		case a.Task == taskStart && a.Runnable():
			starting = true
		case a.Task == taskStop && (a.Pseudo() || a.Runnable()):
			stopping = true
		}
	}
	st.active = st.active || len(r.Active) > 0
	st.starting = st.starting || starting
	st.stopping = st.stopping || stopping
	st.restarting = st.restarting || (starting && stopping)
}

// createInstanceActions creates the actions of what a clone or bundle places,
// and the collective's own (03 §16.2).
func (s *State) createInstanceActions(c *Resource, instances []*Resource) {
	var st instanceState
	for _, i := range instances {
		s.createActions(i)
		st.add(i)
	}
	start := s.pseudoAction(c, taskStart, !st.starting, true)
	running := s.pseudoAction(c, taskRunning, !st.starting, st.active || st.starting)
	running.Priority = Infinity
	stop := s.pseudoAction(c, taskStop, !st.stopping, true)
	stopped := s.pseudoAction(c, taskStopped, !st.stopping, true)
	stopped.Priority = Infinity
	if !st.restarting {
		stop.set(ActMigratable)
	}
	if c.IsClone() && c.Has(RscNotify) {
		n := &c.clone.notify
		if n.start == nil {
			n.start = s.newNotifyData(c, taskStart, start, running)
		}
		if n.stop == nil {
			n.stop = s.newNotifyData(c, taskStop, stop, stopped)
			s.link(n.stop.postDone, n.start.pre, RelOrdered, 0)
		}
	}
}

// createPromotableActions adds what promotion needs. Instances are looked at a
// second time as they were created before the clone knew of roles (05 §5.1).
func (s *State) createPromotableActions(c *Resource) {
	promoting, demoting := false, false
	for _, i := range c.Children {
		s.createActions(i)
		i.leaves(func(r *Resource) {
			for _, a := range r.Actions {
				if !a.Optional() {
					promoting = promoting || a.Task == taskPromote
					demoting = demoting || a.Task == taskDemote
				}
			}
		})
	}
	n := &c.clone.notify
	promote := s.pseudoAction(c, taskPromote, !promoting, true)
	promoted := s.pseudoAction(c, taskPromoted, !promoting, true)
	promoted.Priority = Infinity
	if c.Has(RscNotify) && n.promote == nil {
		n.promote = s.newNotifyData(c, taskPromote, promote, promoted)
	}
	demote := s.pseudoAction(c, taskDemote, !demoting, true)
	demoted := s.pseudoAction(c, taskDemoted, !demoting, true)
	demoted.Priority = Infinity
	if c.Has(RscNotify) && n.demote == nil {
		n.demote = s.newNotifyData(c, taskDemote, demote, demoted)
		s.orderNotifications(n)
	}
	for _, i := range c.Children {
		i.Priority = c.Priority
	}
}

// orderNotifications keeps the notifications of different tasks apart
// (03 §16.3).
func (s *State) orderNotifications(n *cloneNotify) {
	s.link(n.stop.postDone, n.promote.pre, RelOrdered, 0)
	s.link(n.start.postDone, n.promote.pre, RelOrdered, 0)
	s.link(n.demote.postDone, n.promote.pre, RelOrdered, 0)
	s.link(n.demote.postDone, n.start.pre, RelOrdered, 0)
	s.link(n.demote.postDone, n.stop.pre, RelOrdered, 0)
}

// createBundleActions creates the actions of a bundle. The containers are asked
// twice, which changes nothing but repeats requests as Pacemaker does (05 §9.1).
func (s *State) createBundleActions(b *Resource) {
	for _, rep := range b.bundle.Replicas {
		if rep.IP != nil {
			s.createActions(rep.IP)
		}
		s.createActions(rep.Container)
		if rep.Connection != nil {
			s.createActions(rep.Connection)
		}
	}
	s.createInstanceActions(b, b.placed())
	c := b.bundle.Clone
	if c == nil {
		return
	}
	s.createActions(c)
	if c.Has(RscPromotable) {
		s.pseudoAction(b, taskPromote, true, true)
		s.pseudoAction(b, taskPromoted, true, true).Priority = Infinity
		s.pseudoAction(b, taskDemote, true, true)
		s.pseudoAction(b, taskDemoted, true, true).Priority = Infinity
	}
}
