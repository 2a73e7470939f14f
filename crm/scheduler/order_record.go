package scheduler

// order records a relation; it becomes edges when all actions are known. What
// is left out on a side is taken from the side's action; a relation with nothing
// on a side is no relation. Those that honour it during live migration follow at
// once (06 §8.1).
func (s *State) order(o ordering) {
	if o.rsc1 == nil && o.action1 != nil {
		o.rsc1 = o.action1.Rsc
	}
	if o.rsc2 == nil && o.action2 != nil {
		o.rsc2 = o.action2.Rsc
	}
	if (o.rsc1 == nil && o.action1 == nil) || (o.rsc2 == nil && o.action2 == nil) {
		return
	}
	s.recordOrdering(o)
	s.orderMigration(&o)
}

func (s *State) recordOrdering(o ordering) {
	if len(s.ord.records) == 0 {
		s.ord.records = make([]ordering, 256)
	}
	p := &s.ord.records[0]
	s.ord.records = s.ord.records[1:]
	*p = o
	s.orderings = append(s.orderings, p)
}

// orderTasks records task t1 of r1 before task t2 of r2.
func (s *State) orderTasks(r1 *Resource, t1 string, r2 *Resource, t2 string, f Relation, c Cause) {
	s.order(ordering{rsc1: r1, task1: opKey{task: t1}, rsc2: r2, task2: opKey{task: t2}, flags: f, cause: c})
}

// orderMigration adds the migration equivalents of a relation (06 §8.1,
// 07 §4.5). The additions match none of the rows themselves.
func (s *State) orderMigration(o *ordering) {
	a, b := o.rsc1, o.rsc2
	if a == nil || b == nil || a == b || (!a.Has(RscMigratable) && !b.Has(RscMigratable)) {
		return
	}
	if a.isBelow(b) || b.isBelow(a) {
		return
	}
	first, then := o.firstTask(), o.thenTask()
	thenMoves := b.Has(RscMigratable)
	f := RelOrdered
	if a.Has(RscMigratable) && (first == taskStart || first == taskStop) {
		f |= RelIfFirstUnmigratable
	}
	switch {
	case first == taskStart && then == taskStart:
		if a.Has(RscMigratable) && thenMoves {
			s.orderTasks(a, taskMigrateFrom, b, taskMigrateTo, RelOrdered, o.cause)
		}
		if thenMoves {
			s.orderTasks(a, taskStart, b, taskMigrateTo, f, o.cause)
		}
	case !thenMoves:
	case first == taskStop && then == taskStop, first == taskDemote && then == taskStop:
		s.orderTasks(a, first, b, taskMigrateTo, f, o.cause)
		if b.PartialTarget != nil {
			s.orderTasks(a, first, b, taskMigrateFrom, f, o.cause)
		}
	case first == taskPromote && then == taskStart:
		s.orderTasks(a, taskPromote, b, taskMigrateTo, f, o.cause)
	}
}

// isBelow tells whether p is an ancestor of r.
func (r *Resource) isBelow(p *Resource) bool {
	for q := r.Parent; q != nil; q = q.Parent {
		if q == p {
			return true
		}
	}
	return false
}

// firstTask and thenTask name the tasks of a relation: an action's own task
// comes before the one in its key.
func (o *ordering) firstTask() string {
	if o.action1 != nil {
		return o.action1.Task
	}
	return o.task1.name()
}

func (o *ordering) thenTask() string {
	if o.action2 != nil {
		return o.action2.Task
	}
	return o.task2.name()
}

// firstIsStop and thenIsStop look at the end of the key where there is no
// action (06 §10.2).
func (o *ordering) firstIsStop() bool {
	if o.action1 != nil {
		return o.action1.Task == taskStop
	}
	return o.task1.isStop()
}

func (o *ordering) thenIsStop() bool {
	if o.action2 != nil {
		return o.action2.Task == taskStop
	}
	return o.task2.isStop()
}

func (k opKey) isStop() bool {
	if k.key != "" {
		return isStopKey(k.key)
	}
	return k.task == taskStop && k.intervalMs == 0
}

func isStopKey(key string) bool {
	const end = "_stop_0"
	return len(key) >= len(end) && key[len(key)-len(end):] == end
}

func (k opKey) name() string {
	if k.key == "" {
		return k.task
	}
	_, task, _, _ := splitKey(k.key)
	return task
}

func (k opKey) text() string {
	if k.key != "" {
		return k.key
	}
	return k.task
}

// under is the key as an action of r would have it.
func (k opKey) under(r *Resource) string {
	if k.key != "" {
		return k.key
	}
	return opID(r.ID, k.task, k.intervalMs)
}
