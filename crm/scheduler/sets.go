package scheduler

import "systole/lib/xmltree"

// eachSet visits the resource sets of a constraint, following id-ref. After a
// reference the walk goes on with the sets that follow the referenced one in
// its own constraint, as Pacemaker's does (01 §14.5); a walk that comes back to
// a set it has seen would never end there and is stopped here. The result
// tells whether there was any set; visit returns false to stop.
func (s *State) eachSet(constraint *xmltree.Element, visit func(set *xmltree.Element) bool) (any bool) {
	seen := map[*xmltree.Element]bool{}
	for e := constraint.Child("resource_set"); e != nil; e = nextSibling(e) {
		any = true
		set := s.resolveRef(e)
		if set == nil {
			return true
		}
		if seen[set] {
			s.configError(e, "ignoring the rest of the sets of %q because their references go in circles at set %q",
				constraint.ID(), set.ID())
			return true
		}
		seen[set] = true
		if !visit(set) {
			return true
		}
		e = set
	}
	return any
}

// nextSibling returns the next element of the same name under the same parent.
func nextSibling(e *xmltree.Element) *xmltree.Element {
	if e.Parent == nil {
		return nil
	}
	found := false
	for _, c := range e.Parent.Children {
		if found && c.Kind == xmltree.KindElement && c.Name == e.Name {
			return c
		}
		found = found || c == e
	}
	return nil
}

// expandTagSets returns a copy of a constraint in whose sets references to
// templates and tags are replaced by references to what they stand for, or nil
// when there is nothing to replace. One unknown name, also inside a template or
// tag, disables the expansion for the whole constraint; whoever reads the sets
// then fails on it (04 §8.2). Sets given by id-ref are not looked into.
func (s *State) expandTagSets(constraint *xmltree.Element) *xmltree.Element {
	var expanded *xmltree.Element
	i := 0
	for set := range constraint.Elements("resource_set") {
		var ids []string
		changed := false
		for ref := range set.Elements("resource_ref") {
			var ok bool
			before := len(ids)
			if ids, ok = s.flattenName(ids, ref.ID(), 0); !ok {
				s.configError(ref, "ignoring the templates and tags in the sets of %q because not all that %q stands for exists",
					constraint.ID(), ref.ID())
				return nil
			}
			changed = changed || len(ids) != before+1 || ids[before] != ref.ID()
		}
		if changed {
			if expanded == nil {
				expanded = constraint.Copy()
			}
			replaceRefs(nthSet(expanded, i), ids)
		}
		i++
	}
	return expanded
}

// maxNesting and maxNames limit how deep tags may contain tags, and how many
// resources a set may stand for; Pacemaker never returns from a tag that
// contains itself.
const (
	maxNesting = 16
	maxNames   = 1 << 16
)

// flattenName adds the names of resources that a name stands for.
func (s *State) flattenName(ids []string, name string, depth int) ([]string, bool) {
	kind, members := s.expandName(name)
	switch {
	case kind == refNone || depth > maxNesting || len(ids) > maxNames:
		return nil, false
	case kind == refResource:
		return append(ids, name), true
	}
	ok := true
	for _, m := range members {
		if ids, ok = s.flattenName(ids, m, depth+1); !ok {
			return nil, false
		}
	}
	return ids, true
}

func nthSet(constraint *xmltree.Element, n int) *xmltree.Element {
	for set := range constraint.Elements("resource_set") {
		if n == 0 {
			return set
		}
		n--
	}
	return nil
}

func replaceRefs(set *xmltree.Element, ids []string) {
	set.Children = nil
	for _, id := range ids {
		set.Add("resource_ref", "id", id).Line = set.Line
	}
}

// nameToSet moves the name in an attribute of a (copied) constraint into a new
// resource set at its end: a template or tag becomes a set with
// sequential=false, a resource a set of one if resources is set. The role
// attribute, when there is one, moves into the set as its role (01 §14.4). The
// result is nil when nothing was moved.
func (s *State) nameToSet(constraint *xmltree.Element, attr, roleAttr string, resources bool) *xmltree.Element {
	name, ok := constraint.Attr(attr)
	if !ok {
		return nil
	}
	kind, ids := s.expandName(name)
	switch kind {
	case refNone:
		return nil
	case refResource:
		if !resources {
			return nil
		}
		ids = []string{name}
	}
	set := constraint.Add("resource_set", "id", name)
	set.Line = constraint.Line
	for _, id := range ids {
		set.Add("resource_ref", "id", id).Line = constraint.Line
	}
	if kind != refResource {
		set.Set("sequential", "false")
	}
	constraint.Del(attr)
	if role, ok := constraint.Attr(roleAttr); ok {
		set.Set("role", role)
		constraint.Del(roleAttr)
	}
	return set
}
