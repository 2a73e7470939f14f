package scheduler

// assignInstances places the instances of a clone, or the containers of a
// bundle: at most total of them, at most perNode on each node (04 §15.2). Those
// that can stay where they are go first, so that few are shuffled.
func (s *State) assignInstances(collective *Resource, list []*Resource, total, perNode int) {
	run := &instanceRun{s: s, collective: collective, limit: perNode, cause: s.ruleCause("instance-limit", collective.ID)}
	optimal := run.reset(total)
	assigned := 0
	for _, instance := range list {
		if assigned >= total {
			break
		}
		if !instance.Has(RscUnassigned) {
			continue
		}
		if n := run.stayNode(instance, optimal); n != nil && run.assignEarly(instance, n, total-assigned) {
			assigned++
		}
	}
	for _, instance := range list {
		switch {
		case !instance.Has(RscUnassigned):
		case assigned >= total:
			s.banFromAll(instance, s.ruleCause("instances-max", collective.ID))
		case run.assignOne(instance, nil, instance.Allowed.isShared()) != nil:
			assigned++
		}
	}
}

// instanceRun is one assignment of a collective's instances. How many are on a
// node is counted in the collective's own table.
type instanceRun struct {
	s          *State
	collective *Resource
	limit      int // instances per node
	cause      Cause
	memo       tableMemo // the last table with bans
	closed     []bool    // by node index: no instance can be added there
	changes    int       // what placing.changes was when memo and closed were made
}

// reset clears the counts and returns how many instances a node has when they
// are spread evenly. Banned nodes count as well (T8).
func (run *instanceRun) reset(total int) int {
	t := &run.collective.Allowed
	t.ResetCounts()
	run.s.placing.changes++
	available := 0
	for _, n := range run.s.byIndex {
		if t.Has(n) && n.Available() {
			available++
		}
	}
	if available == 0 {
		return 1
	}
	return max(1, total/available)
}

// stayNode returns the current node of an instance if the instance may be
// tried there first, else nil. The node's availability goes by its base score
// (T4).
func (run *instanceRun) stayNode(instance *Resource, optimal int) *Node {
	if len(instance.Active) == 0 || instance.Has(RscFailed) {
		return nil
	}
	n := instance.activeNode()
	if !n.Available() || n.Score < 0 || run.collective.Allowed.Count(n) >= optimal {
		return nil
	}
	return n
}

// count notes that an instance was placed on a node, or that it was not.
func (run *instanceRun) count(n *Node, delta int) {
	t := &run.collective.Allowed
	before := t.Count(n) >= run.limit
	t.AddCount(n, delta)
	after := t.Count(n) >= run.limit
	if before == after {
		return
	}
	known := run.closed != nil && run.changes == run.s.placing.changes
	run.s.placing.changes++
	if !known {
		return
	}
	run.changes = run.s.placing.changes
	run.memo.valid = false
	score, ok := t.Get(n)
	run.closed[n.Index] = !ok || score < 0 || !n.Available() || after
}

// assignOne places one instance; prefer is set in tentative assignments, which
// leave no trace when they fail (04 §15.5). shared tells whether other
// instances have the same table.
func (run *instanceRun) assignOne(instance *Resource, prefer *Node, shared bool) *Node {
	if instance.Has(RscAssigning) {
		return nil
	}
	run.ban(instance, shared)
	n := run.s.assign(instance, prefer, prefer == nil)
	if n != nil {
		run.count(n, 1)
	}
	return n
}

// assignEarly tries to keep an instance on its current node while at most
// remaining are still to be placed. Whenever another node is better, a slot is
// reserved there and the rest is tried again, so that only as many move as the
// preferences ask for (04 §15.6).
func (run *instanceRun) assignEarly(instance *Resource, current *Node, remaining int) bool {
	score, ok := instance.Allowed.Get(current)
	if !ok || score < 0 || !current.Available() {
		return false
	}
	shared := instance.Allowed.isShared()
	tables := saveTables(instance, nil)
	counts := run.keepCounts()
	mark := len(run.s.Trail)
	var chosen *Node
	for reserved := 0; reserved < remaining; reserved++ {
		chosen = run.assignOne(instance, current, shared)
		counts.placed(chosen)
		if chosen == current {
			break
		}
		restoreTables(instance, tables)
		run.s.dropTrail(mark, instance)
		if chosen == nil {
			instance.set(RscUnassigned) // the instance alone (T6)
			break
		}
		run.s.unassign(instance)
		chosen = nil
	}
	counts.restore()
	if chosen == nil {
		return false
	}
	run.count(chosen, 1)
	return true
}

// keptCounts are the counts of a collective as they were before tentative
// assignments. A bundle may be assigned again from within itself, which resets
// its counts; a clone's only grow.
type keptCounts struct {
	run    *instanceRun
	counts []int32
	nodes  []*Node
}

func (run *instanceRun) keepCounts() *keptCounts {
	k := &keptCounts{run: run}
	if run.collective.Kind == KindBundle {
		k.counts = append([]int32{}, run.collective.Allowed.counts...)
	}
	return k
}

func (k *keptCounts) placed(n *Node) {
	if n != nil {
		k.nodes = append(k.nodes, n)
	}
}

func (k *keptCounts) restore() {
	if k.counts != nil {
		k.run.collective.Allowed.counts = k.counts
		k.run.s.placing.changes++
		return
	}
	for _, n := range k.nodes {
		k.run.count(n, -1)
	}
}

// saveTables copies the tables of a resource and everything below it.
func saveTables(r *Resource, list []Table) []Table {
	list = append(list, r.Allowed.Clone())
	for _, child := range r.Children {
		list = saveTables(child, list)
	}
	return list
}

func restoreTables(r *Resource, list []Table) []Table {
	r.Allowed, list = list[0].Clone(), list[1:]
	for _, child := range r.Children {
		list = restoreTables(child, list)
	}
	return list
}

// ban bans an instance from every node where it cannot run: removed instances
// from all, others from unavailable nodes, from those where the collective may
// not run, and from those that have as many instances as they may.
func (run *instanceRun) ban(instance *Resource, shared bool) {
	if !shared || len(instance.Children) > 0 || instance.Has(RscRemoved) || run.s.trailed(instance) {
		run.banNow(instance)
		return
	}
	run.refresh()
	if !run.memo.reuse(instance) {
		run.memo.compute(instance, func() { run.banNow(instance) })
	}
}

func (run *instanceRun) banNow(instance *Resource) {
	run.refresh()
	s := run.s
	all := instance.Has(RscRemoved)
	if !all && len(instance.Children) == 0 && !s.trailed(instance) {
		instance.Allowed.banWhere(run.closed)
		return
	}
	for i, score := range instance.Allowed.scores {
		if score == absent || (!all && !run.closed[i]) {
			continue
		}
		n := s.byIndex[i]
		c := run.why(instance, n)
		if score != -Infinity {
			s.setScore(instance, n, -Infinity, c)
		}
		for _, child := range instance.Children {
			if score, ok := child.Allowed.Get(n); ok && score != -Infinity {
				s.setScore(child, n, -Infinity, c)
			}
		}
	}
}

// why tells why no instance can be added on a node, where that is recorded.
func (run *instanceRun) why(instance *Resource, n *Node) Cause {
	if !run.s.opt.Trail {
		return run.cause
	}
	switch score, ok := run.collective.Allowed.Get(n); {
	case instance.Has(RscRemoved):
		return run.s.ruleCause("removed", instance.ID)
	case !n.Available():
		return run.s.ruleCause("node-unavailable", n.Name)
	case !ok || score < 0:
		return run.s.ruleCause("collective-banned", run.collective.ID)
	}
	return run.cause
}

// refresh finds the nodes anew where no instance can be added, if something has
// changed since.
func (run *instanceRun) refresh() {
	if run.closed != nil && run.changes == run.s.placing.changes {
		return
	}
	run.changes = run.s.placing.changes
	run.memo.valid = false
	if run.closed == nil {
		run.closed = make([]bool, len(run.s.byIndex))
	}
	t := &run.collective.Allowed
	for i, n := range run.s.byIndex {
		score, ok := t.Get(n)
		run.closed[i] = !ok || score < 0 || !n.Available() || t.Count(n) >= run.limit
	}
}

// banFromAll bans a resource from all nodes. Resources that share a table go
// on sharing it.
func (s *State) banFromAll(r *Resource, c Cause) {
	dropIndex(r)
	if len(r.Children) > 0 || s.trailed(r) {
		s.preferAll(r, -Infinity, c)
		return
	}
	if s.placing.banned.reuse(r) {
		r.Assigned = nil
		return
	}
	s.placing.banned.compute(r, func() { s.preferAll(r, -Infinity, c) })
}
