package scheduler

import "systole/lib/xmltree"

// expandOrderTags returns the constraint with tags and templates replaced by
// what they stand for: the element itself where there are none, else a copy
// (06 §6.4). ok is false when the constraint is to be ignored.
func (s *State) expandOrderTags(e *xmltree.Element) (expanded *xmltree.Element, ok bool) {
	if e.Child("resource_set") != nil {
		if x := s.expandRefsInSets(e); x != nil {
			return x, true
		}
	}
	first, okFirst := e.Attr("first")
	then, okThen := e.Attr("then")
	if !okFirst || !okThen {
		return e, true
	}
	firstKind, firstIDs := s.orderName(e, first)
	thenKind, thenIDs := s.orderName(e, then)
	if firstKind == refNone || thenKind == refNone {
		return nil, false
	}
	if firstKind == refResource && thenKind == refResource {
		return e, true
	}
	x := e.Copy()
	sideToSet(x, "first", "first-action", first, firstKind, firstIDs)
	sideToSet(x, "then", "then-action", then, thenKind, thenIDs)
	return x, true
}

// orderName says what a name stands for, and complains when it is nothing.
func (s *State) orderName(e *xmltree.Element, name string) (refKind, []string) {
	if s.resourceNamed(name) != nil {
		return refResource, nil
	}
	kind, ids := s.expandName(name)
	if kind == refTemplate || kind == refTag {
		return kind, ids
	}
	s.configError(e, "ignoring order constraint %s: %q is neither a resource nor a template or tag in use", e.ID(), name)
	return refNone, nil
}

// sideToSet turns one side of a constraint into a set at its end. The action
// moves with it only if there is one: a then-action that is left out means
// start from now on, not the first action.
func sideToSet(x *xmltree.Element, attr, actionAttr, name string, kind refKind, ids []string) {
	set := x.Add("resource_set", "id", name)
	set.Line, set.Col = x.Line, x.Col
	if kind == refResource {
		ids = []string{name}
	}
	for _, id := range ids {
		set.Add("resource_ref", "id", id)
	}
	if kind != refResource {
		set.Set("sequential", "false")
	}
	if action, ok := x.Attr(actionAttr); ok {
		set.Set("action", action)
		x.Del(actionAttr)
	}
	x.Del(attr)
}

// expandRefsInSets replaces references to tags and templates in sets. It
// returns nil when there are none, or when a name is unknown.
func (s *State) expandRefsInSets(e *xmltree.Element) *xmltree.Element {
	found := false
	for set := range e.Elements("resource_set") {
		for ref := range set.Elements("resource_ref") {
			if s.resourceNamed(ref.ID()) != nil {
				continue
			}
			kind, _ := s.expandName(ref.ID())
			if kind != refTemplate && kind != refTag {
				s.configError(ref, "order constraint %s: %q is neither a resource nor a template or tag in use", e.ID(), ref.ID())
				return nil
			}
			found = true
		}
	}
	if !found {
		return nil
	}
	x := e.Copy()
	for set := range x.Elements("resource_set") {
		var refs []*xmltree.Element
		for _, c := range set.Children {
			if c.Name != "resource_ref" || s.resourceNamed(c.ID()) != nil {
				refs = append(refs, c)
				continue
			}
			_, ids := s.expandName(c.ID())
			for _, id := range ids {
				ref := xmltree.New("resource_ref", "id", id)
				ref.Parent, ref.Line, ref.Col = set, c.Line, c.Col
				refs = append(refs, ref)
			}
		}
		set.Children = refs
	}
	return x
}

// orderSet is a resource set of a constraint, its references resolved.
type orderSet struct {
	e          *xmltree.Element
	rscs       []*Resource
	task       string
	sequential bool // explicitly: what counts between sets (06 §6.7)
}

// unpackOrderSets reads the sets of a constraint in document order, each with
// the one before it (06 §6.5).
func (s *State) unpackOrderSets(e *xmltree.Element, src orderSource) {
	text, given := e.Attr("symmetrical")
	var last *orderSet
	seen := map[*xmltree.Element]bool{}
	for raw := e.Child("resource_set"); raw != nil; {
		target := s.resolveRef(raw)
		// A reference is followed by the sets that follow its target, as in
		// Pacemaker; going in a circle would never end there.
		if target == nil || seen[target] {
			return
		}
		seen[target] = true
		set, ok := s.readOrderSet(target)
		if !ok {
			return
		}
		s.orderInsideSet(set, src, text, given)
		if last != nil {
			if !s.orderBetweenSets(last, set, src, src.sym) {
				return
			}
			if src.sym == symmetric && !s.orderBetweenSets(set, last, src, inverse) {
				return
			}
		}
		last = set
		raw = nextSet(target)
	}
}

func nextSet(set *xmltree.Element) *xmltree.Element {
	if set.Parent == nil {
		return nil
	}
	found := false
	for e := range set.Parent.Elements("resource_set") {
		if found {
			return e
		}
		found = e == set
	}
	return nil
}

func (s *State) readOrderSet(e *xmltree.Element) (*orderSet, bool) {
	set := &orderSet{e: e, task: taskStart, sequential: isTrue(e.Get("sequential"))}
	if task, ok := e.Attr("action"); ok {
		set.task = task
	}
	for ref := range e.Elements("resource_ref") {
		r := s.resourceNamed(ref.ID())
		if r == nil {
			s.configError(ref, "resource set %s: resource %q does not exist", e.ID(), ref.ID())
			return nil, false
		}
		set.rscs = append(set.rscs, r)
	}
	return set, true
}

// orderInsideSet orders the members of a set. Here an absent sequential means
// true (06 §6.6).
func (s *State) orderInsideSet(set *orderSet, src orderSource, text string, given bool) {
	kind := src.kind
	if set.e.Has("kind") {
		kind = s.orderKind(set.e)
	}
	sequential := set.sequential || !set.e.Has("sequential")
	sym := s.orderSymmetry(set.e, src.kind, text, given)
	if len(set.rscs) == 1 {
		return
	}
	flags := relationFlags(kind, set.task, sym)
	for i, r := range set.rscs {
		switch {
		case kind == kindSerialize:
			for _, later := range set.rscs[i+1:] {
				s.orderTasks(r, set.task, later, set.task, flags, src.cause)
			}
		case sequential && i > 0:
			s.orderTasks(set.rscs[i-1], set.task, r, set.task, flags, src.cause)
		}
	}
	if sym == asymmetric || !sequential {
		return
	}
	down := s.invertTask(set.e, set.task)
	if down == "" {
		return
	}
	flags = relationFlags(kind, down, inverse)
	for i := 1; i < len(set.rscs); i++ {
		s.orderTasks(set.rscs[i], down, set.rscs[i-1], down, flags, src.cause)
	}
}

// orderBetweenSets orders set a before set b; for the inverse, a is the later
// set of the constraint (06 §6.7). It returns false when the rest of the
// constraint is to be ignored.
func (s *State) orderBetweenSets(a, b *orderSet, src orderSource, sym symmetry) bool {
	taskA, taskB := a.task, b.task
	if sym == inverse {
		if taskA, taskB = s.invertTask(a.e, taskA), s.invertTask(b.e, taskB); taskA == "" || taskB == "" {
			return true
		}
	}
	requireAll := true
	if all, ok := parseBool(a.e.Get("require-all")); ok {
		requireAll = all
	}
	flags := relationFlags(src.kind, taskA, sym)
	if !requireAll && taskA != taskStop && taskA != taskDemote {
		s.orderOneOrMore(a, taskA, b, taskB, flags, src.cause)
		return true
	}
	listA, ok := representatives(a, sym != inverse)
	if !ok {
		s.configError(a.e, "order constraint %s: resource set %s is empty", src.id, a.e.ID())
		return false
	}
	listB, ok := representatives(b, sym == inverse)
	if !ok {
		s.configError(b.e, "order constraint %s: resource set %s is empty", src.id, b.e.ID())
		return false
	}
	for _, first := range listA {
		for _, then := range listB {
			s.orderTasks(first, taskA, then, taskB, flags, src.cause)
		}
	}
	return true
}

// representatives lists the members of a set that take part in relations with
// another set: the last or first of a sequential one, else all. Only asking for
// the last of an empty sequential set is an error.
func representatives(set *orderSet, last bool) ([]*Resource, bool) {
	n := len(set.rscs)
	switch {
	case !set.sequential:
		return set.rscs, true
	case n == 0:
		return nil, !last
	case last:
		return set.rscs[n-1:], true
	}
	return set.rscs[:1], true
}

// orderOneOrMore orders the members of b after a pseudo-action that becomes
// runnable when any member of a can do its action.
func (s *State) orderOneOrMore(a *orderSet, taskA string, b *orderSet, taskB string, flags Relation, c Cause) {
	met := s.clusterPseudo("one-or-more:" + a.e.ID())
	met.requiredRunnableBefore = 1
	for _, r := range a.rscs {
		s.order(ordering{
			rsc1: r, task1: opKey{task: taskA}, action2: met,
			flags: RelMinRunnable | RelFirstImpliesThenGraphed, cause: c,
		})
	}
	for _, r := range b.rscs {
		s.order(ordering{
			action1: met, rsc2: r, task2: opKey{task: taskB},
			flags: flags | RelUnrunnableFirstBlocks, cause: c,
		})
	}
}
