package scheduler

import "systole/lib/xmltree"

// colocationInput is what all colocations made from one rsc_colocation have in
// common.
type colocationInput struct {
	xml   *xmltree.Element
	score Score
	cause Cause
}

// unpackColocation reads an rsc_colocation (04 §8).
func (s *State) unpackColocation(e *xmltree.Element) {
	if e.ID() == "" {
		s.configError(e, "ignoring rsc_colocation with an empty id")
		return
	}
	expanded := s.expandTagSets(e)
	if expanded == nil {
		var ok bool
		if expanded, ok = s.expandColocation(e); !ok {
			return
		}
	}
	in := &colocationInput{xml: e}
	if expanded != nil {
		in.xml = expanded
	}
	var ok bool
	if in.score, ok = s.constraintScore(in.xml); !ok {
		return
	}
	in.cause = s.cause("rsc_colocation", e.ID(), e)
	var last *xmltree.Element
	any := s.eachSet(in.xml, func(set *xmltree.Element) bool {
		if set.ID() == "" {
			s.configError(set, "ignoring a resource_set without id in colocation %q", e.ID())
			return true
		}
		s.colocateWithinSet(in, set)
		if last != nil {
			s.colocateSets(in, last, set)
		}
		last = set
		return true
	})
	if !any {
		in.xml = e
		s.unpackSimpleColocation(in)
	}
}

// expandColocation turns both sides of a colocation into sets when one of them
// is a template or tag (04 §8.2). The result is nil when there is nothing to
// expand; ok is false when the constraint is to be ignored.
func (s *State) expandColocation(e *xmltree.Element) (expanded *xmltree.Element, ok bool) {
	dependent, one := e.Attr("rsc")
	primary, two := e.Attr("with-rsc")
	if !one || !two {
		return nil, true
	}
	lists := 0
	for _, name := range []string{dependent, primary} {
		switch kind, _ := s.expandName(name); kind {
		case refNone:
			s.configError(e, "ignoring colocation %q because %q is no resource, template or tag", e.ID(), name)
			return nil, false
		case refTemplate, refTag:
			lists++
		}
	}
	switch lists {
	case 0:
		return nil, true
	case 2:
		s.configError(e, "ignoring colocation %q because two templates or tags cannot be colocated", e.ID())
		return nil, false
	}
	expanded = e.Copy()
	s.nameToSet(expanded, "rsc", "rsc-role", true)
	s.nameToSet(expanded, "with-rsc", "with-rsc-role", true)
	return expanded, true
}

// unpackSimpleColocation handles rsc with with-rsc.
func (s *State) unpackSimpleColocation(in *colocationInput) {
	e := in.xml
	dependent := s.constraintResource(e.Get("rsc"))
	primary := s.constraintResource(e.Get("with-rsc"))
	switch {
	case dependent == nil:
		s.configError(e, "ignoring colocation %q because resource %q does not exist", e.ID(), e.Get("rsc"))
		return
	case primary == nil:
		s.configError(e, "ignoring colocation %q because resource %q does not exist", e.ID(), e.Get("with-rsc"))
		return
	}
	text, given := e.Attr("rsc-role")
	dependentRole, ok1 := constraintRole(text, given)
	text, given = e.Attr("with-rsc-role")
	primaryRole, ok2 := constraintRole(text, given)
	if !ok1 || !ok2 {
		s.configError(e, "ignoring colocation %q because of an unknown role", e.ID())
		return
	}
	s.newColocation(Colocation{
		ID: e.ID(), Dependent: dependent, Primary: primary,
		DependentRole: dependentRole, PrimaryRole: primaryRole,
		NodeAttr: e.Get("node-attribute"), Score: in.score,
		Influence: s.influence(in, dependent), Explicit: true, Cause: in.cause,
	})
}

// influence tells whether the dependent's preferences count for the primary: as
// the constraint says, else by the critical meta-attribute of r (04 §8.5).
func (s *State) influence(in *colocationInput, r *Resource) bool {
	text, given := in.xml.Attr("influence")
	if given {
		if v, ok := parseBool(text); ok {
			return v
		}
		s.configError(in.xml, "influence of colocation %q is not used because %q is neither true nor false", in.xml.ID(), text)
	}
	return r.Has(RscCritical)
}

// newColocation records a colocation and the orderings that one of -INFINITY
// brings with it (04 §8.7). A score of 0 makes none, and nil is returned.
func (s *State) newColocation(c Colocation) *Colocation {
	if c.Score == 0 || c.Dependent == nil || c.Primary == nil {
		return nil
	}
	if c.NodeAttr == "" {
		c.NodeAttr = "#uname"
	}
	k := &c
	k.Dependent.thisWith = s.insertOwn(k.Dependent.thisWith, k, byPrimary)
	k.Primary.withThis = s.insertOwn(k.Primary.withThis, k, byDependent)
	s.Colocations = append(s.Colocations, k)
	s.placing.lists++
	if k.Score <= -Infinity {
		s.orderApart(k.Dependent, k.DependentRole, k.Primary, k.PrimaryRole, k.Cause)
		s.orderApart(k.Primary, k.PrimaryRole, k.Dependent, k.DependentRole, k.Cause)
	}
	return k
}

// orderApart orders what makes one resource lose its role before what makes
// the other gain its own, in case both are required on one node.
func (s *State) orderApart(first *Resource, firstRole Role, then *Resource, thenRole Role, c Cause) {
	down := []string{taskStop}
	switch firstRole {
	case RolePromoted:
		down = []string{taskDemote}
	case RoleUnpromoted:
		down = []string{taskStop, taskPromote}
	}
	up := []string{taskStart}
	switch thenRole {
	case RolePromoted:
		up = []string{taskPromote}
	case RoleUnpromoted:
		up = []string{taskStart, taskDemote}
	}
	for _, f := range down {
		for _, t := range up {
			s.orderTasks(first, f, then, t, RelIfRequiredOnSameNode, c)
		}
	}
}
