package scheduler

// blockColocationDependents keeps what must be with a resource from coming up
// when the resource cannot: the dependents of mandatory colocations with it
// (06 §11.8, 04 §11.6).
func (s *State) blockColocationDependents(a *Action) {
	if a.Runnable() || (a.Task != taskStart && a.Task != taskPromote) || a.Rsc == nil {
		return
	}
	r := a.Rsc.TopBelowBundle()
	if r.Parent != nil {
		r = r.Parent // the bundle
	}
	if s.someCan(r, a.Task) {
		return
	}
	for _, c := range s.withThisList(r, r) {
		if c.Score < Infinity || (a.Task == taskPromote && c.PrimaryRole != RolePromoted) {
			continue
		}
		task := taskStart
		if c.DependentRole == RolePromoted {
			task = taskPromote
		}
		s.blockTask(c, c.Dependent, task, a)
	}
}

// someCan tells whether some part of a collective may do the task after all.
func (s *State) someCan(r *Resource, task string) bool {
	if r.Kind == KindClone {
		x := s.taskIndex(r, nil, task, false)
		if x.missing {
			return true
		}
		for _, m := range x.list {
			if m.Runnable() {
				return true
			}
		}
		return false
	}
	for _, c := range r.Children {
		if m := c.findFirst("", task, nil); m == nil || m.Runnable() {
			return true
		}
	}
	return false
}

// blockTask makes all actions of a task unrunnable, here and below, because the
// colocation's primary cannot come up.
func (s *State) blockTask(k *Colocation, r *Resource, task string, because *Action) {
	for i := len(r.Actions) - 1; i >= 0; i-- {
		a := r.Actions[i]
		if a.Task != task || !s.clearFlag(a, ActRunnable) {
			continue
		}
		a.setReason("colocation with "+because.Rsc.ID, false)
		a.noteWhy(ActRunnable, because, k.Cause)
		s.blockColocationDependents(a)
		s.update(a)
	}
	for _, c := range r.Children {
		s.blockTask(k, c, task, because)
	}
}
