package scheduler

import (
	"regexp"
	"strings"

	"systole/lib/xmltree"
)

// locationInput is what the unpacking of one rsc_location has in common for
// all its resources.
type locationInput struct {
	xml   *xmltree.Element
	cause Cause
	rule  *locationRule // compiled on first use
}

// unpackLocation reads an rsc_location (04 §5.1).
func (s *State) unpackLocation(e *xmltree.Element) {
	in := &locationInput{xml: e, cause: s.cause("rsc_location", e.ID(), e)}
	expanded := s.expandTagSets(e)
	if expanded == nil {
		var ok bool
		if expanded, ok = s.expandLocation(e); !ok {
			return
		}
	}
	if expanded != nil {
		in.xml = expanded
	}
	any := s.eachSet(in.xml, func(set *xmltree.Element) bool { return s.unpackLocationSet(in, set) })
	in.xml = e
	if !any {
		s.unpackSimpleLocation(in)
	}
}

// expandLocation turns a template or tag named by rsc into a set. The result
// is nil when nothing has to be expanded; ok is false when the constraint is to
// be ignored.
func (s *State) expandLocation(e *xmltree.Element) (expanded *xmltree.Element, ok bool) {
	name, given := e.Attr("rsc")
	if !given {
		return nil, true
	}
	switch kind, _ := s.expandName(name); kind {
	case refNone:
		s.configError(e, "ignoring location %q because %q is no resource, template or tag", e.ID(), name)
		return nil, false
	case refResource:
		return nil, true
	}
	expanded = e.Copy()
	s.nameToSet(expanded, "rsc", "role", false)
	return expanded, true
}

// unpackLocationSet applies the constraint to every resource of a set; the
// set's role and score go before the constraint's. It returns false when the
// constraint ends here.
func (s *State) unpackLocationSet(in *locationInput, set *xmltree.Element) bool {
	if !set.Has("id") {
		s.configError(set, "ignoring the rest of location %q because of a resource_set without id", in.xml.ID())
		return false
	}
	for ref := range set.Elements("resource_ref") {
		r := s.constraintResource(ref.ID())
		if r == nil {
			s.configError(ref, "ignoring the rest of location %q because resource %q in set %q does not exist",
				in.xml.ID(), ref.ID(), set.ID())
			return false
		}
		s.locate(in, r, set, nil)
	}
	return true
}

// unpackSimpleLocation handles rsc and rsc-pattern; both count when both are
// there.
func (s *State) unpackSimpleLocation(in *locationInput) {
	if name, ok := in.xml.Attr("rsc"); ok {
		if r := s.constraintResource(name); r != nil {
			s.locate(in, r, nil, nil)
		} else {
			s.configWarning(in.xml, "ignoring location %q because resource %q does not exist", in.xml.ID(), name)
		}
	}
	pattern, ok := in.xml.Attr("rsc-pattern")
	if !ok {
		return
	}
	text, invert := strings.CutPrefix(pattern, "!")
	re, err := compilePattern(text)
	if err != nil {
		s.configError(in.xml, "ignoring the rsc-pattern of location %q because %q is not a regular expression: %v",
			in.xml.ID(), text, err)
		return
	}
	for _, r := range s.Resources {
		match := re.FindStringSubmatch(r.ID)
		if (match != nil) == invert {
			continue
		}
		s.locate(in, r, nil, match)
	}
}

// compilePattern compiles a POSIX extended regular expression. Extensions that
// GNU's regcomp accepts besides (\w, \b, …) are read by the other syntax.
func compilePattern(text string) (*regexp.Regexp, error) {
	re, err := regexp.CompilePOSIX(text)
	if err == nil {
		return re, nil
	}
	re, second := regexp.Compile(text)
	if second != nil {
		return nil, err
	}
	re.Longest()
	return re, nil
}

// locate makes the location of one resource: in node form when the constraint
// names a node and there is a score, otherwise by its rule. set is the set
// that named the resource, match the groups of the pattern that matched it;
// both may be nil.
func (s *State) locate(in *locationInput, r *Resource, set *xmltree.Element, match []string) {
	node, hasNode := in.xml.Attr("node")
	text, hasScore := set.Attr("score")
	if !hasScore {
		text, hasScore = in.xml.Attr("score")
	}
	if !hasNode || !hasScore {
		s.locateByRule(in, r, match)
		return
	}
	n := s.nodeByName(node)
	if n == nil {
		return
	}
	score, ok := s.parseScore(text)
	if !ok {
		s.configError(in.xml, "ignoring location %q because %q is not a score", in.xml.ID(), text)
		return
	}
	roleText, given := set.Attr("role")
	if !given {
		roleText, given = in.xml.Attr("role")
	}
	role, ok := locationRole(roleText, given)
	if !ok {
		s.configError(in.xml, "ignoring location %q because %q is not a role", in.xml.ID(), roleText)
		return
	}
	l := s.newLocation(in.xml.ID(), r, in.xml, in.cause)
	l.Role = role
	l.Nodes = []LocationNode{{n, score}}
}

// newLocation records a location of a resource. Exclusive discovery marks the
// resource at once, whether or not a node will match (04 §5.4). e may be nil.
func (s *State) newLocation(id string, r *Resource, e *xmltree.Element, c Cause) *Location {
	l := &Location{ID: id, Rsc: r, Cause: c}
	if text, ok := e.Attr("resource-discovery"); ok {
		switch {
		case equalFold(text, "always"):
		case equalFold(text, "never"):
			l.Discovery = DiscoverNever
		case equalFold(text, "exclusive"):
			l.Discovery = DiscoverExclusive
			r.set(RscExclusiveProbes)
		default:
			s.configError(e, "resource-discovery of location %q is taken as always because %q is none of always, never, exclusive", id, text)
		}
	}
	s.Locations = append(s.Locations, l)
	r.locations = append(r.locations, l)
	return l
}
