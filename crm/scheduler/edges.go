package scheduler

// orderState is what ordering needs besides the model: arenas, and the clock of
// the update.
type orderState struct {
	edges   []edge     // arena
	records []ordering // arena

	clock  uint32 // counts changes during the update; the first is 1
	epoch  uint32 // clock of the last change of an assignment during the update
	frozen bool   // no action is created any more: indexes and versions may be used
	depth  int    // of recursive updates
	walk   uint32 // generation of walks, see Action.mark
	pairs  map[pairKey]*pairList
	walks  map[*Action]*restartWalk

	graph graphState
}

// mapAfter is how many edges an action has before they are indexed.
const mapAfter = 24

// link makes an edge, unless an edge between the two already shares a flag with
// it: then it is dropped as a whole (06 §8.3). It reports whether there is a new
// edge.
func (s *State) link(first, then *Action, f Relation, c Cause) bool {
	if f == 0 || first == nil || then == nil || first == then || first.linkedTo(then).any(f) {
		return false
	}
	a := s.newEdge()
	a.action, a.flags, a.cause = then, f, c
	first.after = append(first.after, a)
	b := s.newEdge()
	b.action, b.flags, b.cause = first, f, c
	then.before = append(then.before, b)
	switch {
	case first.linked != nil:
		first.linked[then] |= f
	case len(first.after) == mapAfter:
		first.linked = make(map[*Action]Relation, 2*mapAfter)
		for _, e := range first.after {
			first.linked[e.action] |= e.flags
		}
	}
	return true
}

// linkedTo is the union of the flags of all edges to then. The after side of an
// edge never changes, so the union stays exact.
func (first *Action) linkedTo(then *Action) Relation {
	if first.linked != nil {
		return first.linked[then]
	}
	var f Relation
	for _, e := range first.after {
		if e.action == then {
			f |= e.flags
		}
	}
	return f
}

func (s *State) newEdge() *edge {
	if len(s.ord.edges) == 0 {
		s.ord.edges = make([]edge, 512)
	}
	e := &s.ord.edges[0]
	s.ord.edges = s.ord.edges[1:]
	return e
}

// applyOrderings turns the recorded relations into edges, in creation order,
// and then lets the edges change the actions until nothing changes (06 §8.4).
func (s *State) applyOrderings() {
	for _, o := range s.orderings {
		s.applyOrdering(o)
	}
	s.freezeActions()
	for i := len(s.Actions) - 1; i >= 0; i-- {
		s.blockColocationDependents(s.Actions[i])
	}
	s.orderProbes()
	for i := len(s.Actions) - 1; i >= 0; i-- {
		s.update(s.Actions[i])
	}
	s.disableInvalidOrderings()
	s.thawActions()
}

// applyOrdering makes the edges of one relation. It can create the first
// action, which later relations then find (06 §8.2).
func (s *State) applyOrdering(o *ordering) {
	if o.later != nil {
		s.applyLater(o)
		return
	}
	if o.loads != nil {
		s.applyLoads(o)
		return
	}
	if o.rsc1 == nil {
		if o.rsc2 == nil {
			s.link(o.action1, o.action2, o.flags, o.cause)
		} else {
			s.orderAfter(o.action1, o.rsc2, o)
		}
		return
	}
	var buf [4]*Action
	firsts := buf[:0]
	if o.action1 != nil {
		firsts = append(firsts, o.action1)
	} else if firsts = s.actionsByKey(firsts, o.rsc1, o.task1); len(firsts) == 0 {
		if a := s.createFirst(o); a != nil {
			firsts = append(firsts, a)
		}
	}
	then := o.rsc2
	for _, first := range firsts {
		if then == nil {
			s.link(first, o.action2, o.flags, o.cause)
		} else {
			s.orderAfter(first, then, o)
		}
	}
}

// createFirst creates the missing first action of a relation, without node and
// so unrunnable, unless it cannot be needed.
func (s *State) createFirst(o *ordering) *Action {
	r := o.rsc1
	if r == o.rsc2 {
		return nil
	}
	task, ms := o.task1.task, o.task1.intervalMs
	if o.task1.key != "" {
		var ok bool
		if _, task, ms, ok = splitKey(o.task1.key); !ok {
			return nil
		}
	}
	if task == taskStop && r.Role(false) == RoleStopped || task == taskDemote && r.Role(false) == RoleUnpromoted {
		return nil
	}
	a := s.action(r, task, ms, nil, true)
	if a != nil && a.Cause == 0 {
		a.Cause = o.cause
	}
	return a
}

// orderAfter links the first action with every then action.
func (s *State) orderAfter(first *Action, then *Resource, o *ordering) {
	flags := o.flags
	if first.Rsc == then && first.Has(ActMigrationAbort) {
		flags &^= RelFirstImpliesThen
	}
	if o.action2 != nil {
		s.link(first, o.action2, flags, o.cause)
		return
	}
	var buf [4]*Action
	for _, a := range s.actionsByKey(buf[:0], then, o.task2) {
		s.link(first, a, flags, o.cause)
	}
}

// scanActions is up to how many actions of a resource are searched one by one.
const scanActions = 24

// actionsByKey appends a resource's actions with that key, oldest first; if
// there are none, those with the same task and interval under the resource's
// own id (06 §8.2).
func (s *State) actionsByKey(list []*Action, r *Resource, k opKey) []*Action {
	if k.key != "" {
		if found := r.findActions(k.key, nil); len(found) > 0 {
			return append(list, found...)
		}
		_, task, ms, ok := splitKey(k.key)
		if !ok {
			return list
		}
		k = opKey{task: task, intervalMs: ms}
	}
	if k.intervalMs != 0 || (len(r.Actions) > scanActions && k.task != taskLRMDelete) {
		return append(list, r.findActions(k.under(r), nil)...)
	}
	for _, a := range r.Actions {
		if keyIs(a.Key, r.ID, k.task) {
			list = append(list, a)
		}
	}
	if len(list) == 0 && k.task == taskLRMDelete {
		// A key that no action has is taken apart at its last underscores.
		return s.actionsByKey(list, r, opKey{task: taskDelete})
	}
	return list
}

// keyIs tells whether a key is ID_TASK_0, in any case.
func keyIs(key, id, task string) bool {
	n := len(id) + 1 + len(task)
	return len(key) == n+2 && key[n] == '_' && key[n+1] == '0' && key[len(id)] == '_' &&
		equalASCII(key[len(id)+1:n], task) && equalASCII(key[:len(id)], id)
}

// equalASCII compares without regard to the case of ASCII letters, as Pacemaker
// does.
func equalASCII(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// idle tells of a primitive that it neither runs nor has any action, as most
// instances of a clone that has a place on few nodes: there is nothing to order
// then, and no stop to create.
func (r *Resource) idle() bool {
	return len(r.Actions) == 0 && r.Kind == KindPrimitive && r.Role(false) == RoleStopped
}

// applyLater makes the edges of an instance of an ordered clone with all later
// instances.
func (s *State) applyLater(o *ordering) {
	r := o.rsc1
	up := ordering{rsc1: r, task1: opKey{task: taskStart}, task2: opKey{task: taskStart}, flags: o.flags, cause: o.cause}
	down := ordering{rsc2: r, task1: opKey{task: taskStop}, task2: opKey{task: taskStop}, flags: o.flags, cause: o.cause}
	for k, l := range o.later {
		if k > 0 && l.idle() {
			continue // only the first creates the start of r that is missing
		}
		up.rsc2, down.rsc1 = l, l
		s.applyOrdering(&up)
		s.applyOrdering(&down)
	}
}
