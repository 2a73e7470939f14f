package scheduler

import "systole/lib/xmltree"

// setMember is a reference in a resource set with what it names; nil when that
// does not exist.
type setMember struct {
	id string
	r  *Resource
}

func (s *State) setMembers(set *xmltree.Element) []setMember {
	var list []setMember
	for ref := range set.Elements("resource_ref") {
		list = append(list, setMember{ref.ID(), s.constraintResource(ref.ID())})
	}
	return list
}

// setRole reads a set's role. An invalid one makes all its colocations void.
func (s *State) setRole(set *xmltree.Element) (Role, bool) {
	text, given := set.Attr("role")
	role, ok := constraintRole(text, given)
	if !ok {
		s.configError(set, "ignoring colocations of set %q because %q is not a role", set.ID(), text)
	}
	return role, ok
}

// sequential is the default; only a valid "false" switches it off.
func sequential(set *xmltree.Element) bool { return !isFalse(set.Get("sequential")) }

// colocateWithinSet colocates the members of one set: each with the one before
// it, or, for a negative score, each with all before it (04 §8.4 a).
func (s *State) colocateWithinSet(in *colocationInput, set *xmltree.Element) {
	score := in.score
	if set.Has("score") {
		var ok bool
		if score, ok = s.constraintScore(set); !ok {
			return
		}
	}
	if score == 0 || !sequential(set) {
		return
	}
	role, roleOK := s.setRole(set)
	ordering, given := set.Attr("ordering")
	forward := given && !equalFold(ordering, "group")
	members := s.setMembers(set)
	for i, m := range members {
		if m.r == nil {
			s.configError(set, "ignoring %q and what follows it in set %q because there is no such resource", m.id, set.ID())
			return
		}
		if !roleOK {
			continue
		}
		c := Colocation{
			ID: set.ID(), DependentRole: role, PrimaryRole: role, Score: score,
			Influence: s.influence(in, m.r), Explicit: true, Cause: in.cause,
		}
		if score < 0 {
			s.separate(c, m.r, members)
			continue
		}
		if i == 0 {
			continue
		}
		c.Dependent, c.Primary = m.r, members[i-1].r
		if forward { // the deprecated meaning
			c.Dependent, c.Primary = c.Primary, c.Dependent
		}
		s.newColocation(c)
	}
}

// separate keeps a member away from all members before it; the walk ends at
// the reference that spells the member's own id, which a member named by its
// history only never meets.
func (s *State) separate(c Colocation, r *Resource, members []setMember) {
	for _, other := range members {
		if other.id == r.ID || other.r == nil {
			return
		}
		c.Dependent, c.Primary = r, other.r
		s.newColocation(c)
	}
}

// colocateSets colocates a set with the one after it, whose members are the
// primaries; the score is always the constraint's (04 §8.4 b, T26).
func (s *State) colocateSets(in *colocationInput, one, two *xmltree.Element) {
	if in.score == 0 {
		return
	}
	dependents, primaries := s.setMembers(one), s.setMembers(two)
	if len(dependents) == 0 || len(primaries) == 0 {
		return
	}
	oneRole, ok1 := s.setRole(one)
	twoRole, ok2 := s.setRole(two)
	if !ok1 || !ok2 {
		return
	}
	if sequential(one) {
		dependents = dependents[:1]
		if dependents[0].r == nil {
			s.configError(one, "ignoring the colocation of sets %q and %q because resource %q does not exist",
				one.ID(), two.ID(), dependents[0].id)
			return
		}
	}
	if sequential(two) {
		primaries = primaries[len(primaries)-1:]
		if primaries[0].r == nil {
			s.configError(two, "ignoring the colocation of sets %q and %q because resource %q does not exist",
				one.ID(), two.ID(), primaries[0].id)
			return
		}
	}
	for _, d := range dependents {
		if d.r == nil {
			s.configError(one, "ignoring the colocations of %q in set %q because there is no such resource", d.id, one.ID())
			continue
		}
		c := Colocation{
			ID: in.xml.ID(), Dependent: d.r, DependentRole: oneRole, PrimaryRole: twoRole, Score: in.score,
			Influence: s.influence(in, d.r), Explicit: true, Cause: in.cause,
		}
		for _, p := range primaries {
			if p.r == nil {
				s.configError(two, "ignoring the colocations with %q in set %q because there is no such resource", p.id, two.ID())
				continue
			}
			c.Primary = p.r
			s.newColocation(c)
		}
	}
}
