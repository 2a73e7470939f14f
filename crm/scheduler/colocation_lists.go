package scheduler

import (
	"slices"
	"strings"
)

// side selects the resource of a colocation by which a list is sorted: the
// other one, seen from whose list it is.
type side bool

const (
	byPrimary   side = false // of a "this with" list
	byDependent side = true  // of a "with this" list
)

func (d side) of(c *Colocation) *Resource {
	if d == byDependent {
		return c.Dependent
	}
	return c.Primary
}

// compareColocations orders colocations by the priority of their other
// resource, then by its kind, promotable clones first, then by id (04 §9.1).
func compareColocations(a, b *Colocation, d side) int {
	x, y := d.of(a), d.of(b)
	switch {
	case x == y:
		return 0
	case x.Priority != y.Priority:
		return before(x.Priority > y.Priority)
	case x.Kind != y.Kind:
		return before(x.Kind > y.Kind)
	case x.Kind == KindClone && x.Has(RscPromotable) != y.Has(RscPromotable):
		return before(x.Has(RscPromotable))
	}
	return strings.Compare(x.ID, y.ID)
}

// before turns "a comes first" into a comparison's result.
func before(first bool) int {
	if first {
		return -1
	}
	return 1
}

// insertSorted puts a colocation before the first that does not come before
// it: the newest of equals is first (04 §3.5, T2).
func insertSorted(list []*Colocation, c *Colocation, d side) []*Colocation {
	i := 0
	for i < len(list) && compareColocations(list[i], c, d) < 0 {
		i++
	}
	return slices.Insert(list, i, c)
}

// insertOwn is insertSorted for a resource's own list. Once resources are
// being assigned, somebody may be walking the list, who must not see it move.
func (s *State) insertOwn(list []*Colocation, c *Colocation, d side) []*Colocation {
	if s.placing.active {
		list = slices.Clip(list)
	}
	return insertSorted(list, c, d)
}

// addColocations adds a list to a result list. The first list that is added is
// taken as it is; of any further one the first element is inserted as often as
// the list is long and the others are left out (04 §9.2): a defect of
// Pacemaker that its decisions depend on.
func addColocations(list, addition []*Colocation, d side) []*Colocation {
	if len(list) == 0 {
		return slices.Clip(addition)
	}
	for range addition {
		list = insertSorted(list, addition[0], d)
	}
	return list
}

// addExplicit inserts those of the colocations that were configured.
func addExplicit(list, addition []*Colocation, d side) []*Colocation {
	for _, c := range addition {
		if c.Explicit {
			list = insertSorted(list, c, d)
		}
	}
	return list
}

// own returns the resource's own list for a direction.
func (r *Resource) own(d side) []*Colocation {
	if d == byDependent {
		return r.withThis
	}
	return r.thisWith
}

// thisWithList lists the colocations in which r, or something that r stands
// for, is the dependent (04 §9.4). orig is the resource that asks: r itself,
// or a part of r. The list must not be written to.
func (s *State) thisWithList(r, orig *Resource) []*Colocation {
	return s.colocationsOf(r, orig, byPrimary)
}

// withThisList lists the colocations in which r, or something that r stands
// for, is the primary (04 §9.3).
func (s *State) withThisList(r, orig *Resource) []*Colocation {
	return s.colocationsOf(r, orig, byDependent)
}

// colocationCache is a list that took work to make. It is good as long as no
// colocation was added and the priorities that it is sorted by are the same.
type colocationCache struct {
	lists      uint32
	list       []*Colocation
	priorities []Score
}

func (k *colocationCache) holds(lists uint32, d side) bool {
	if k.lists != lists {
		return false
	}
	for i, c := range k.list {
		if d.of(c).Priority != k.priorities[i] {
			return false
		}
	}
	return true
}

// colocationsOf makes the list of one direction, or finds that nothing has
// changed since it was made. What a bundle contributes depends on how far its
// assignment is, and is never kept.
func (s *State) colocationsOf(r, orig *Resource, d side) []*Colocation {
	switch {
	case r.Kind == KindGroup, r.Kind == KindBundle:
	case r.Parent == nil:
		return slices.Clip(r.own(d))
	case r.Parent.Kind == KindClone && r.Parent.Parent == nil && len(r.own(d)) == 0:
		return slices.Clip(r.Parent.own(d)) // an instance like the others
	}
	if r != orig || r.Kind == KindBundle || r.Bundled() || lateMember(r, d) {
		return slices.Clip(s.collectColocations(nil, r, orig, d))
	}
	i := 0
	if d == byDependent {
		i = 1
	}
	k := r.colocations[i]
	if k != nil && k.holds(s.placing.lists, d) {
		return k.list
	}
	k = &colocationCache{lists: s.placing.lists, list: slices.Clip(s.collectColocations(nil, r, orig, d))}
	k.priorities = make([]Score, len(k.list))
	for i, c := range k.list {
		k.priorities[i] = d.of(c).Priority
	}
	r.colocations[i] = k
	return k.list
}

// lateMember tells whether the list depends on which members before this one
// are managed, which may change (04 §9.4).
func lateMember(r *Resource, d side) bool {
	return d == byPrimary && r.Parent != nil && r.Parent.Kind == KindGroup && r.Parent.Children[0] != r
}

// collectColocations adds what r contributes for orig to a list.
func (s *State) collectColocations(list []*Colocation, r, orig *Resource, d side) []*Colocation {
	switch r.Kind {
	case KindPrimitive:
		if r != orig { // asked for by the group of r: others than r see configured ones only
			return addExplicit(list, r.own(d), d)
		}
	case KindGroup:
		return s.collectGroupColocations(list, r, orig, d)
	case KindBundle:
		if d == byDependent {
			return s.bundleWithThis(r, orig, list)
		}
		return s.bundleThisWith(r, orig, list)
	}
	list = addColocations(list, r.own(d), d)
	if r.Parent != nil {
		list = s.collectColocations(list, r.Parent, orig, d)
	}
	return list
}

// collectGroupColocations adds a group's part: for the group itself, and for
// the member that the others follow (the first one as dependent, the last one
// as primary).
func (s *State) collectGroupColocations(list []*Colocation, g, orig *Resource, d side) []*Colocation {
	if len(g.Children) == 0 {
		return list
	}
	end := g.Children[0]
	if d == byDependent {
		end = g.Children[len(g.Children)-1]
	}
	if orig != g && orig != end {
		if d == byPrimary {
			return addPastUnmanaged(list, g, orig)
		}
		return list
	}
	list = addColocations(list, g.own(d), d)
	if g.Parent != nil {
		list = s.collectColocations(list, g.Parent, orig, d)
	}
	if !g.group.colocated {
		return list
	}
	for _, member := range g.Children {
		if member != orig {
			list = s.collectColocations(list, member, orig, d)
		}
	}
	return list
}

// addPastUnmanaged gives a later member the group's mandatory colocations when
// a member before it is unmanaged: the chain from member to member is broken
// there.
func addPastUnmanaged(list []*Colocation, g, orig *Resource) []*Colocation {
	for _, member := range g.Children {
		if member == orig {
			return list
		}
		if member.Managed() {
			continue
		}
		for _, c := range g.thisWith {
			if c.Score == Infinity {
				list = insertSorted(list, c, byPrimary)
			}
		}
		return list
	}
	return list
}
