package scheduler

// orderProbes adds edges from probes to what must wait for them beyond the
// start of the probed resource (06 §10, 07 §2.7).
func (s *State) orderProbes() {
	s.ord.walks = map[*Action]*restartWalk{}
	s.markRestartPaths()
	for _, r := range s.Resources {
		r.leaves(s.orderProbesOf)
	}
	s.ord.walks = nil
	for _, o := range s.orderings {
		s.orderProbesBeforeStops(o)
	}
}

// orderProbesOf handles the probes of one primitive: starts of other instances,
// and restarts of what is ordered after it.
func (s *State) orderProbesOf(r *Resource) {
	var buf [4]*Action
	for _, probe := range s.actionsByKey(buf[:0], r, opKey{task: taskMonitor}) {
		for i := len(probe.after) - 1; i >= 0; i-- {
			e := probe.after[i]
			s.orderUnrunnableProbe(probe, e)
			if probe.Task == taskMonitor && e.action.leads {
				s.ord.walk++
				s.orderRestarts(probe, e.action)
			}
		}
	}
}

// orderUnrunnableProbe keeps inactive instances of the probed clone from
// starting while the probe cannot run. Active ones are left alone.
func (s *State) orderUnrunnableProbe(probe *Action, e *edge) {
	x := e.action
	if x.Rsc == nil || x.Rsc.Kind <= KindGroup || probe.Runnable() || e.flags.any(RelUnrunnableFirstBlocks) ||
		x.Task != taskStart || probe.Rsc.TopBelowBundle() != x.Rsc {
		return
	}
	for i := len(x.after) - 1; i >= 0; i-- {
		y := x.after[i].action
		if y.Task == taskStart && y.Rsc != nil && len(y.Rsc.Active) == 0 && y.Rsc.TopBelowBundle() == x.Rsc {
			s.link(probe, y, RelOrdered|RelUnrunnableFirstBlocks, e.cause)
		}
	}
}

// orderRestarts orders the probe before stops and demotes of resources that
// would have to restart if the probe found its resource to be down. Each action
// is seen once per walk.
func (s *State) orderRestarts(probe, x *Action) {
	if x.mark == s.ord.walk {
		return
	}
	x.mark = s.ord.walk
	r := x.Rsc
	if r != nil && r.IsLeaf() && r != probe.Rsc {
		s.orderBeforeDown(probe, x)
	}
	w := s.followedEdges(x)
	children := w.children
	switch {
	case len(children) == 0:
	case probe.Rsc.Parent == r:
		children = nil
	case r.Kind > KindGroup && isTrue(r.Meta.Value("interleave")):
		children = nil
		if partner := s.compatibleInstance(probe.Rsc, r, RoleUnknown, false); partner != nil {
			children = w.byChild[partner]
		}
	}
	// Both lists are newest first: merge them.
	implied := w.implied
	for len(implied) > 0 || len(children) > 0 {
		var i int32
		if len(children) == 0 || (len(implied) > 0 && implied[0] > children[0]) {
			i, implied = implied[0], implied[1:]
		} else {
			i, children = children[0], children[1:]
		}
		s.orderRestarts(probe, x.after[i].action)
	}
}

func (s *State) orderBeforeDown(probe, x *Action) {
	down := taskStop
	switch x.Task {
	case taskStart:
	case taskPromote:
		down = taskDemote
	default:
		return
	}
	var buf [4]*Action
	for _, a := range s.actionsByKey(buf[:0], x.Rsc, opKey{task: down}) {
		if !a.Pseudo() {
			s.link(probe, a, RelOrdered, probe.Cause)
		}
	}
}

// markRestartPaths marks the actions from which a restart walk can come to
// something to order the probe before, so that walks leave all others out:
// when a cluster starts there are none, and thousands of probes.
func (s *State) markRestartPaths() {
	var queue []*Action
	for _, r := range s.all {
		if r.IsLeaf() {
			queue = r.appendRestartable(queue)
		}
	}
	for _, a := range queue {
		a.leads = true
	}
	for len(queue) > 0 {
		a := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range a.before {
			if p := e.action; !p.leads && follows(p, a) {
				p.leads = true
				queue = append(queue, p)
			}
		}
	}
}

// appendRestartable appends the starts of a primitive that has a stop, and the
// promotes of one that has a demote.
func (r *Resource) appendRestartable(list []*Action) []*Action {
	stop, demote := false, false
	for _, a := range r.Actions {
		if !a.Pseudo() {
			stop = stop || keyIs(a.Key, r.ID, taskStop)
			demote = demote || keyIs(a.Key, r.ID, taskDemote)
		}
	}
	for _, a := range r.Actions {
		if (stop && a.Task == taskStart) || (demote && a.Task == taskPromote) {
			list = append(list, a)
		}
	}
	return list
}

// follows tells whether some restart walk goes from x to y. The after side is
// asked: edges before an action may have changed already.
func follows(x, y *Action) bool {
	return isChildOf(y, x) || x.linkedTo(y).any(RelFirstImpliesThen)
}

// isChildOf tells whether y belongs to a direct child of x's resource: a group
// or primitive.
func isChildOf(y, x *Action) bool {
	return x.Rsc != nil && y.Rsc != nil && y.Rsc.Parent == x.Rsc && y.Rsc.Kind <= KindGroup
}

// restartWalk lists, for an action, which of its edges a restart walk follows,
// as positions in the after list, newest first. Only probes get more edges while
// probes are ordered, and they lead nowhere.
type restartWalk struct {
	implied  []int32               // always
	children []int32               // to children of the action's own collective
	byChild  map[*Resource][]int32 // the same by child
}

func (s *State) followedEdges(x *Action) *restartWalk {
	if w := s.ord.walks[x]; w != nil {
		return w
	}
	w := &restartWalk{}
	for i := len(x.after) - 1; i >= 0; i-- {
		e := x.after[i]
		switch {
		case !e.action.leads:
		case e.flags.any(RelFirstImpliesThen):
			w.implied = append(w.implied, int32(i))
		case isChildOf(e.action, x):
			w.children = append(w.children, int32(i))
			if x.Rsc.Kind > KindGroup {
				if w.byChild == nil {
					w.byChild = map[*Resource][]int32{}
				}
				w.byChild[e.action.Rsc] = append(w.byChild[e.action.Rsc], int32(i))
			}
		}
	}
	if x.Task != taskMonitor {
		s.ord.walks[x] = w
	}
	return w
}

// orderProbesBeforeStops lets a probe stand in for the stop that may follow
// from it: what waits for the stop waits for the probe (06 §10.2).
func (s *State) orderProbesBeforeStops(o *ordering) {
	if o.later != nil {
		down := ordering{rsc2: o.rsc1, task1: opKey{task: taskStop}, task2: opKey{task: taskStop}, flags: o.flags, cause: o.cause}
		for _, l := range o.later {
			if len(l.Actions) == 0 {
				continue // not even probed
			}
			down.rsc1 = l
			s.orderProbesBeforeStops(&down)
		}
		return
	}
	if o.flags == 0 || o.rsc1 == nil || o.rsc1 == o.rsc2 || !o.rsc1.IsLeaf() || !o.firstIsStop() {
		return
	}
	if o.rsc2 != nil && o.rsc1.Launcher == o.rsc2 && o.thenIsStop() {
		return
	}
	var buf, buf2 [4]*Action
	probes := s.actionsByKey(buf[:0], o.rsc1, opKey{task: taskMonitor})
	if len(probes) == 0 {
		return
	}
	thens := buf2[:0]
	switch {
	case o.action2 != nil:
		thens = append(thens, o.action2)
	case o.task2.key != "":
		thens = append(thens, o.rsc2.findActions(o.task2.key, nil)...)
	default:
		thens = s.actionsByKey(thens, o.rsc2, o.task2)
	}
	flags := RelOrdered | o.flags&(RelIfFirstUnmigratable|RelIfOnSameNode)
	if o.flags == RelIfRequiredOnSameNode || o.flags == RelIfOnSameNodeOrTarget {
		flags = o.flags
	}
	for _, probe := range probes {
		for _, then := range thens {
			if probeNeeded(probe, then) {
				s.link(probe, then, flags, o.cause)
			}
		}
	}
}

// probeNeeded is false where a probe has nothing to do with the then action:
// unfencing of the probe's own node, and shutdown of another node.
func probeNeeded(probe, then *Action) bool {
	if then.Task == taskFence && equalASCII(then.Meta.Value("stonith_action"), "on") && sameNode(probe.Node, then.Node) {
		return false
	}
	if then.Task == taskShutdown && probe.Node != nil && then.Node != nil && probe.Node != then.Node {
		return false
	}
	return true
}
