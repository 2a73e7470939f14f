package scheduler

import "systole/lib/xmltree"

// orderKind is the kind of an order constraint (06 §6.1).
type orderKind uint8

const (
	kindMandatory orderKind = iota
	kindOptional
	kindSerialize
)

// symmetry says whether a constraint also orders the way down. The inverse
// direction itself has flags of its own (06 §6.2).
type symmetry uint8

const (
	asymmetric symmetry = iota
	symmetric
	inverse
)

// orderSource is the constraint that is being unpacked.
type orderSource struct {
	id    string
	kind  orderKind
	sym   symmetry
	cause Cause
}

// unpackOrder reads an rsc_order in any of its forms and records the relations
// it stands for (06 §6).
func (s *State) unpackOrder(e *xmltree.Element) {
	id := e.ID()
	if id == "" {
		s.configError(e, "ignoring an order constraint without id")
		return
	}
	src := orderSource{id: id, kind: s.orderKind(e), cause: s.cause("rsc_order", id, e)}
	src.sym = s.orderSymmetry(e, src.kind, "", false)
	expanded, ok := s.expandOrderTags(e)
	if !ok {
		return
	}
	if expanded.Child("resource_set") != nil {
		s.unpackOrderSets(expanded, src)
		return
	}
	s.unpackSimpleOrder(e, src)
}

// orderKind reads kind, or the score of old constraints.
func (s *State) orderKind(e *xmltree.Element) orderKind {
	kind, ok := e.Attr("kind")
	if !ok {
		if text, ok := e.Attr("score"); ok {
			if score, ok := s.parseScore(text); !ok || score == 0 {
				return kindOptional
			}
		}
		return kindMandatory
	}
	switch kind {
	case "Mandatory":
	case "Optional":
		return kindOptional
	case "Serialize":
		return kindSerialize
	default:
		s.configError(e, "resetting kind of %s to Mandatory because %q is none of Mandatory, Optional, Serialize", e.ID(), kind)
	}
	return kindMandatory
}

// orderSymmetry reads the symmetry of a constraint or of a set in it, for which
// parent is the constraint's own text (06 §6.1).
func (s *State) orderSymmetry(e *xmltree.Element, kind orderKind, parent string, haveParent bool) symmetry {
	if e.Has("kind") || e.Has("score") {
		kind = s.orderKind(e)
	}
	given := false
	var yes bool
	if text, ok := e.Attr("symmetrical"); ok {
		yes, given = parseBool(text)
	}
	if !given && haveParent {
		yes, given = isTrue(parent), true
	}
	switch {
	case given && yes && kind == kindSerialize:
		s.configWarning(e, "ignoring symmetrical of %s: constraints of kind Serialize have no direction", e.ID())
		return asymmetric
	case given && yes:
		return symmetric
	case given, kind == kindSerialize:
		return asymmetric
	}
	return symmetric
}

// relationFlags are the flags of one relation of a configured constraint
// (06 §6.2).
func relationFlags(kind orderKind, first string, sym symmetry) Relation {
	switch {
	case kind == kindOptional:
		return RelOrdered
	case kind == kindSerialize:
		return RelSerialize
	case sym == asymmetric:
		return RelOrdered | RelAsymmetric
	case sym == inverse:
		return RelOrdered | RelThenImpliesFirst
	case first == taskStart, first == taskPromote, first == taskMigrateFrom:
		return RelOrdered | RelFirstImpliesThen | RelUnrunnableFirstBlocks
	}
	return RelOrdered | RelFirstImpliesThen
}

// invertTask names the action that undoes another one; "" when there is none.
func (s *State) invertTask(e *xmltree.Element, task string) string {
	switch task {
	case taskStart:
		return taskStop
	case taskStop:
		return taskStart
	case taskPromote:
		return taskDemote
	case taskDemote:
		return taskPromote
	case taskPromoted:
		return taskDemoted
	case taskDemoted:
		return taskPromoted
	case taskRunning:
		return taskStopped
	case taskStopped:
		return taskRunning
	}
	s.configWarning(e, "action %q of order constraint %s has no inverse: configure the way down in a constraint of its own", task, e.ID())
	return ""
}

// unpackSimpleOrder reads the form first, then (06 §6.3).
func (s *State) unpackSimpleOrder(e *xmltree.Element, src orderSource) {
	first := s.orderedResource(e, "first")
	if first == nil {
		return
	}
	then := s.orderedResource(e, "then")
	if then == nil {
		return
	}
	firstTask, ok := e.Attr("first-action")
	if !ok {
		firstTask = taskStart
	}
	thenTask, ok := e.Attr("then-action")
	if !ok {
		thenTask = firstTask
	}
	flags := relationFlags(src.kind, firstTask, src.sym)
	if least := minimumInstances(first, e); least > 0 {
		s.orderMinimum(src, first, firstTask, then, thenTask, flags, least)
	} else {
		s.orderTasks(first, firstTask, then, thenTask, flags, src.cause)
	}
	if src.sym != symmetric {
		return
	}
	thenDown, firstDown := s.invertTask(e, thenTask), s.invertTask(e, firstTask)
	if thenDown != "" && firstDown != "" {
		s.orderTasks(then, thenDown, first, firstDown, relationFlags(src.kind, firstDown, inverse), src.cause)
	}
}

// orderedResource finds the resource that an attribute names.
func (s *State) orderedResource(e *xmltree.Element, attr string) *Resource {
	name, ok := e.Attr(attr)
	if !ok {
		s.configError(e, "ignoring order constraint %s: it has no %s", e.ID(), attr)
		return nil
	}
	r := s.resourceNamed(name)
	if r == nil {
		s.configError(e, "ignoring order constraint %s: resource %q does not exist", e.ID(), name)
	}
	return r
}

// resourceNamed finds what a name in a constraint means: an instance that
// is known by that name in the history stands for its clone (04 §8.1).
func (s *State) resourceNamed(name string) *Resource {
	r := s.findResource(name)
	if r != nil && r.ID != name {
		return r.TopBelowBundle()
	}
	return r
}

// minimumInstances is how many instances of a clone must be able to do the
// first action; 0 means all that are going to.
func minimumInstances(first *Resource, e *xmltree.Element) int {
	if first.Kind != KindClone {
		return 0
	}
	if text, ok := first.Meta.Get("clone-min"); ok {
		return parseMin(text, 0)
	}
	// A value that is no boolean counts as false, as it does in Pacemaker.
	if text, ok := e.Attr("require-all"); ok && !isTrue(text) {
		return 1
	}
	return 0
}

// orderMinimum orders the then action after a pseudo-action that becomes
// runnable when enough instances can do the first.
func (s *State) orderMinimum(src orderSource, first *Resource, firstTask string, then *Resource, thenTask string, flags Relation, least int) {
	met := s.clusterPseudo("clone-one-or-more:" + src.id)
	met.requiredRunnableBefore = least
	for _, child := range first.Children {
		s.order(ordering{
			rsc1: child, task1: opKey{task: firstTask}, action2: met,
			flags: RelMinRunnable | RelFirstImpliesThenGraphed, cause: src.cause,
		})
	}
	s.order(ordering{
		action1: met, rsc2: then, task2: opKey{task: thenTask},
		flags: flags | RelUnrunnableFirstBlocks, cause: src.cause,
	})
}
