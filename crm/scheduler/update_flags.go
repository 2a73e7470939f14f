package scheduler

import "strings"

// freezeActions starts the update: from here on no action is created, gets a node or
// another task, so look-ups can be remembered, and every change of flags is
// counted, so that evaluations can be skipped when nothing they read changed
// (06 §20).
func (s *State) freezeActions() {
	s.ord.frozen = true
	s.ord.clock = 1
	s.ord.epoch = 0
	s.ord.pairs = map[pairKey]*pairList{}
}

func (s *State) thawActions() {
	s.ord.frozen = false
	s.ord.pairs = nil
	for _, a := range s.Actions {
		a.summary = nil
	}
	for _, r := range s.Resources {
		r.forgetTasks()
	}
}

func (r *Resource) forgetTasks() {
	r.tasks = nil
	for _, c := range r.Children {
		c.forgetTasks()
	}
}

// touchAction notes that the action's flags changed: whatever reads them, or those of
// a collective above, is out of date.
func (s *State) touchAction(a *Action) {
	s.ord.clock++
	a.version = s.ord.clock
	if a.Rsc == nil {
		return
	}
	for r := a.Rsc.Parent; r != nil; r = r.Parent {
		r.version = s.ord.clock
	}
}

func (s *State) clearFlag(a *Action, f ActionFlags) bool {
	if a.Flags&f == 0 {
		return false
	}
	a.unset(f)
	s.touchAction(a)
	return true
}

func (s *State) raiseFlag(a *Action, f ActionFlags) bool {
	if a.Has(f) {
		return false
	}
	a.set(f)
	s.touchAction(a)
	return true
}

func (s *State) clearFlagFor(a *Action, f ActionFlags, because *Action, c Cause) {
	if a.clearBecause(f, because, c) {
		s.touchAction(a)
	}
}

// readVersion is the clock of the last change of anything that the flags of an
// action depend on.
func (a *Action) readVersion() uint32 {
	if a.Rsc == nil || a.Rsc.IsLeaf() {
		return a.version
	}
	return max(a.version, a.Rsc.version)
}

// flagSummary remembers what an evaluation of a collective's action gave.
type flagSummary struct {
	valid   bool
	version uint32      // of the resource at that time
	flags   ActionFlags // the result
	clears  ActionFlags // what the evaluation takes from the action itself
	index   *taskIndex
}

// actionFlags are the flags of an action as its resource's variant sees them:
// those of a group, clone or bundle come from its members. The evaluation also
// changes the action (06 §11.3).
func (s *State) actionFlags(a *Action, n *Node) ActionFlags {
	if a.Rsc == nil || a.Rsc.IsLeaf() {
		return a.Flags
	}
	if n != nil || !s.ord.frozen {
		f, clears, _ := s.evalFlags(a, n)
		s.clearFlag(a, clears)
		return f
	}
	m := a.summary
	if m == nil {
		m = &flagSummary{}
		a.summary = m
	}
	if !m.valid || m.version != a.Rsc.version {
		m.flags, m.clears, m.index = s.evalFlags(a, nil)
		m.valid, m.version = true, a.Rsc.version
	}
	s.clearFlag(a, m.clears)
	return m.flags
}

// orderingFlags are the flags that count in an ordering with an action on node
// n: for a clone, whether it can run does not depend on the node.
func (s *State) orderingFlags(a *Action, n *Node) ActionFlags {
	f := s.actionFlags(a, nil)
	if n == nil || a.Rsc == nil || a.Rsc.Kind != KindClone {
		return f
	}
	return s.actionFlags(a, n) | f&ActRunnable
}

func (s *State) evalFlags(a *Action, n *Node) (f, clears ActionFlags, index *taskIndex) {
	if a.Rsc.Kind == KindGroup {
		f, clears = groupFlags(a, n)
		return f, clears, nil
	}
	return s.collectiveFlags(a, n)
}

// groupFlags: a group's action is required when one member's is; the done-forms
// can run when all members can; starts and promotes need all members to have
// one.
func groupFlags(a *Action, n *Node) (f, clears ActionFlags) {
	f = ActOptional | ActRunnable | ActPseudo
	task := memberTask(a.Task)
	for _, member := range a.Rsc.Children {
		var m *Action
		if task != "" {
			m = member.findFirst("", task, n)
		}
		switch {
		case m != nil:
			if !m.Optional() {
				f &^= ActOptional
				clears |= ActOptional
			}
			if task != a.Task && !m.Runnable() {
				f &^= ActRunnable
				clears |= ActRunnable
			}
		case task != taskStop && task != taskDemote:
			f &^= ActRunnable
		}
	}
	return f, clears
}

// collectiveFlags: a clone's or bundle's action is required when one instance's
// is, and can run when one instance's can. Evaluation for one node never takes
// runnable from the action.
func (s *State) collectiveFlags(a *Action, n *Node) (f, clears ActionFlags, index *taskIndex) {
	f = ActOptional | ActRunnable | ActPseudo
	index = s.flagIndex(a)
	runnable := false
	list := index.list
	if n != nil {
		list = index.on(n)
		// Groups without any action on the node still count: they have nothing
		// to stop there.
		runnable = index.groups && len(list) < len(index.list) && index.downwards
	}
	for _, m := range list {
		mf := s.actionFlags(m, n)
		if mf&ActOptional == 0 {
			f &^= ActOptional
			clears |= ActOptional
		}
		if mf&ActRunnable != 0 {
			runnable = true
		}
	}
	if !runnable {
		f &^= ActRunnable
		if n == nil {
			clears |= ActRunnable
		}
	}
	return f, clears, index
}

// isKnownTask tells the tasks that Pacemaker has names for in orderings.
func isKnownTask(task string) bool {
	switch task {
	case taskStop, taskStopped, taskStart, taskRunning, taskShutdown, taskFence, taskMonitor,
		taskNotify, taskNotified, taskPromote, taskDemote, taskPromoted, taskDemoted:
		return true
	}
	return false
}

// memberTask is what a primitive does for a collective's task: done-forms are
// folded back. "" for tasks that are not known.
func memberTask(task string) string {
	switch task {
	case taskStopped:
		return taskStop
	case taskRunning:
		return taskStart
	case taskPromoted:
		return taskPromote
	case taskDemoted:
		return taskDemote
	}
	if isKnownTask(task) {
		return task
	}
	return ""
}

// instanceTask is what the instances do for an action of a clone or bundle: for
// notifications the task they are about.
func instanceTask(a *Action) string {
	task := a.Task
	if equalASCII(task, taskNotify) || equalASCII(task, taskNotified) {
		_, typ, _, ok := splitKey(a.Key)
		_, about, found := strings.Cut(typ, "_notify_")
		if !ok || !found {
			return ""
		}
		task = about
	}
	if len(a.Rsc.Children) == 0 || a.Rsc.Children[0].IsLeaf() {
		return memberTask(task)
	}
	if isKnownTask(task) {
		return task
	}
	return ""
}

// flagIndex finds the instances' actions that the flags of a collective's action
// come from. For a bundle these are the containers', or those of what is inside.
func (s *State) flagIndex(a *Action) *taskIndex {
	if a.summary != nil && a.summary.index != nil {
		return a.summary.index
	}
	task := instanceTask(a)
	if r := a.Rsc; r.Kind == KindBundle && r.bundle.Clone != nil {
		switch a.Task {
		case taskStop, taskStopped, taskStart, taskRunning, taskShutdown, taskFence, taskMonitor:
		default:
			return s.taskIndex(r, r.bundle.Clone.Children, task, true)
		}
	}
	return s.taskIndex(a.Rsc, nil, task, false)
}

// containsNotify looks for the word anywhere in a key, even in the resource's
// id, as Pacemaker does.
func containsNotify(key string) bool { return strings.Contains(key, taskNotify) }
