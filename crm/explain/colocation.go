package explain

import (
	"slices"

	"systole/crm/scheduler"
)

func sortedNames(m map[string]int32) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// colocationFact says with or away from what a resource has to be, and where
// that is.
func (x *Index) colocationFact(r *scheduler.Resource, e *scheduler.ScoreEvent, c scheduler.CauseInfo) Fact {
	k, dependent := x.bond(r, e.Cause)
	if k == nil {
		return fact(relationText(c), c)
	}
	if dependent {
		f := fact(x.dependentText(k), c)
		if g := r.Parent; c.Kind == "#group-members" && g != nil {
			return from("group", f.Text+", as members of group "+g.XMLID+" are", g.XML)
		}
		return f
	}
	name := k.Dependent.ID
	switch {
	case e.Delta <= -scheduler.Infinity && k.Score >= scheduler.Infinity:
		return fact(name+", which has to be with it, may not run here", c)
	case e.Delta <= -scheduler.Infinity:
		return fact(name+" keeps it away", c)
	case e.Delta < 0:
		return fact(name+", which wants to be with it, would rather not be here", c)
	case k.Score < 0:
		return fact(name+", which wants to be elsewhere than it, does not want to be here", c)
	}
	return fact(name+", which wants to be with it, prefers this node", c)
}

// bond finds the colocation behind a cause that concerns a resource, and tells
// whether the resource is the dependent in it.
func (x *Index) bond(r *scheduler.Resource, c scheduler.Cause) (k *scheduler.Colocation, dependent bool) {
	line := lineage(r)
	for _, k := range x.bonds[c] {
		if isIn(k.Dependent, line) && !isIn(k.Primary, line) {
			return k, true
		}
	}
	for _, k := range x.bonds[c] {
		if isIn(k.Primary, line) && !isIn(k.Dependent, line) {
			return k, false
		}
	}
	for _, k := range x.bonds[c] { // of a group's members
		if isIn(k.Dependent, line) {
			return k, true
		}
	}
	for _, k := range x.bonds[c] {
		if isIn(k.Primary, line) {
			return k, false
		}
	}
	return nil, false
}

// dependentText says with what the dependent of a colocation has to be.
func (x *Index) dependentText(k *scheduler.Colocation) string {
	what := k.Primary.ID
	switch k.PrimaryRole {
	case scheduler.RolePromoted:
		what = "the promoted " + what
	case scheduler.RoleUnpromoted:
		what = "the unpromoted " + what
	}
	verb := "prefers to be away from "
	switch {
	case k.Score >= scheduler.Infinity:
		verb = "has to be with "
	case k.Score <= -scheduler.Infinity:
		verb = "must not be with "
	case k.Score > 0:
		verb = "prefers to be with "
	}
	text := verb + what
	if k.DependentRole == scheduler.RolePromoted {
		text = "when promoted, it " + text
	}
	if k.NodeAttr != "" && k.NodeAttr != "#uname" {
		text += " by node attribute " + k.NodeAttr
	}
	return text + ", which is " + x.whereabouts(k.Primary, k.PrimaryRole)
}

// whereabouts says where a resource will be.
func (x *Index) whereabouts(r *scheduler.Resource, role scheduler.Role) string {
	key := whereKey{r, role}
	text, ok := x.where[key]
	if !ok {
		text = placement(r, role)
		x.where[key] = text
	}
	return text
}

func placement(r *scheduler.Resource, role scheduler.Role) string {
	var names []string
	for _, leaf := range leaves(r) {
		if leaf.Assigned == nil || (role > scheduler.RoleStarted && leaf.NextRole != role) {
			continue
		}
		names = append(names, leaf.Assigned.Name)
	}
	if len(names) == 0 {
		return "placed nowhere"
	}
	slices.SortFunc(names, scheduler.CompareNames)
	return "on " + some(slices.Compact(names))
}
