package scheduler

import "systole/lib/xmltree"

// unpackConstraints reads the constraints in document order, each completely
// before the next (04 §1 phase 3).
func (s *State) unpackConstraints() {
	for e := range s.CIB.Path("configuration", "constraints").Elements() {
		if !e.Has("id") {
			s.configError(e, "ignoring %s constraint without id", e.Name)
			continue
		}
		switch e.Name {
		case "rsc_order":
			s.unpackOrder(e)
		case "rsc_colocation":
			s.unpackColocation(e)
		case "rsc_location":
			s.unpackLocation(e)
		case "rsc_ticket":
			s.unpackTicket(e)
		default:
			s.configError(e, "ignoring constraint %q because %s is no type of constraint", e.ID(), e.Name)
		}
	}
}

// constraintResource looks up a resource that a constraint names. A name that
// only a history uses, the base name of a clone's instance, stands for the
// whole clone (04 §8.1).
func (s *State) constraintResource(id string) *Resource {
	r := s.findResource(id)
	if r != nil && r.ID != id {
		return r.TopBelowBundle()
	}
	return r
}

// constraintRole reads a role of a colocation: Started and an absent role mean
// any (04 §8.6). ok is false for a text that is no role.
func constraintRole(text string, given bool) (role Role, ok bool) {
	if !given {
		return RoleUnknown, true
	}
	role, ok = ParseRole(text)
	switch {
	case !ok || role == RoleUnknown:
		return RoleUnknown, false
	case role == RoleStarted:
		return RoleUnknown, true
	}
	return role, true
}

// locationRole reads a role filter of a location. Nothing can be promoted
// without having been unpromoted, so that Unpromoted means any role as well
// (04 §5.2, T22).
func locationRole(text string, given bool) (role Role, ok bool) {
	role, ok = constraintRole(text, given)
	if role == RoleUnpromoted {
		return RoleUnknown, ok
	}
	return role, ok
}

// constraintScore reads a score attribute: absent means 0.
func (s *State) constraintScore(e *xmltree.Element) (Score, bool) {
	text, ok := e.Attr("score")
	if !ok {
		return 0, true
	}
	score, ok := s.parseScore(text)
	if !ok {
		s.configError(e, "ignoring %s %q because %q is not a score", e.Name, e.ID(), text)
	}
	return score, ok
}
