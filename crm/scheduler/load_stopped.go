package scheduler

// loadStopped lets a primitive that uses something start on a node only after
// everything that leaves the node has stopped (05 §10.6). The pseudo-actions are
// made for all nodes that are in its table, banned ones too: their ids count.
func (s *State) loadStopped(r *Resource) {
	c := s.ruleCause("utilization", r.XMLID)
	for _, n := range r.Active {
		s.order(ordering{
			rsc1: r, task1: opKey{task: taskStop}, action2: s.loadStoppedAction(n),
			flags: RelIfOnSameNodeOrTarget, cause: c,
		})
	}
	if len(s.Nodes) > fewNodes {
		s.orderLoads(r, c)
		return
	}
	for _, n := range s.Nodes {
		if !r.Allowed.Has(n) {
			continue
		}
		a := s.loadStoppedAction(n)
		for _, task := range []string{taskStart, taskMigrateTo} {
			s.order(ordering{action1: a, rsc2: r, task2: opKey{task: task}, flags: RelIfOnSameNodeOrTarget, cause: c})
		}
	}
}

// fewNodes is up to how many nodes all relations with load_stopped are recorded,
// as Pacemaker does. Only those with the node where a resource will be ever
// count; the others are seen in pictures of what is not going to happen.
const fewNodes = 64

// orderLoads records the relations with the load of many nodes as one. Where it
// has the same nodes as the resource before it, there is nothing to make.
func (s *State) orderLoads(r *Resource, c Cause) {
	last := &s.placing.loads
	if last.shape.differs(&r.Allowed) || last.set == nil {
		set := nodeSet{}
		for _, n := range s.Nodes {
			if r.Allowed.Has(n) {
				s.loadStoppedAction(n)
				set.add(n)
			}
		}
		last.set = &set
	}
	s.recordOrdering(ordering{rsc2: r, loads: last.set, flags: RelIfOnSameNodeOrTarget, cause: c})
}

// loadNodes are the nodes of the table that was last ordered with load_stopped.
type loadNodes struct {
	shape tableShape
	set   *nodeSet
}

// applyLoads makes the edges that can count: a start waits for the load of its
// own node, a migration for that of the node where the resource will be.
func (s *State) applyLoads(o *ordering) {
	var buf [4]*Action
	for _, a := range s.actionsByKey(buf[:0], o.rsc2, opKey{task: taskStart}) {
		s.linkLoad(o, a.Node, a)
	}
	for _, a := range s.actionsByKey(buf[:0], o.rsc2, opKey{task: taskMigrateTo}) {
		s.linkLoad(o, o.rsc2.Assigned, a)
	}
}

func (s *State) linkLoad(o *ordering, n *Node, a *Action) {
	if n != nil && o.loads.has(n) {
		s.link(s.loadStoppedAction(n), a, o.flags, o.cause)
	}
}

func (s *State) loadStoppedAction(n *Node) *Action {
	a := s.clusterPseudo("load_stopped_" + n.Name)
	if a.Node == nil {
		a.Node = n
		a.unset(ActOptional)
	}
	return a
}
