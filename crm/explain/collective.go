package explain

import (
	"slices"

	"systole/crm/scheduler"
)

// collectivePlaces tells about every node, as a clone or bundle saw it: an
// instance that is there speaks for it, else one that could be.
func (x *Index) collectivePlaces(r *scheduler.Resource, reports []*Report) []Place {
	list := make([]Place, 0, len(x.s.Nodes))
	for _, n := range x.s.Nodes {
		p := x.partPlace(r, n, reports)
		if p == nil {
			continue
		}
		list = append(list, *p)
	}
	slices.SortStableFunc(list, comparePlaces)
	return list
}

// partPlace is a node as the part saw it that says most about it.
func (x *Index) partPlace(r *scheduler.Resource, n *scheduler.Node, reports []*Report) *Place {
	var spare, other *Place
	for _, rep := range reports {
		if r.Kind == scheduler.KindBundle && !rep.Rsc.Has(scheduler.RscReplicaContainer) {
			continue
		}
		p := firstPlace(rep, n)
		switch {
		case p == nil:
		case p.Chosen:
			return p
		case spare == nil && unplaced(rep.Rsc):
			spare = p
		case other == nil:
			other = p
		}
	}
	if spare == nil {
		spare = other
	}
	if spare != nil && n.Available() {
		x.collectiveVerdict(r, n, spare)
	}
	return spare
}

// collectiveVerdict replaces what is about the instance alone by what is about
// all of them.
func (x *Index) collectiveVerdict(r *scheduler.Resource, n *scheduler.Node, p *Place) {
	switch score, ok := r.Allowed.Get(n); {
	case !ok:
		p.Allowed = false
		p.Why = []Fact{x.notAllowed(r, n)}
	case score < 0:
		for _, leaf := range leaves(r) {
			p.Why = []Fact{x.collectiveFact(leaf, n)}
			return
		}
	}
}

// firstPlace finds a node in a report, in that of the first member of a group.
func firstPlace(rep *Report, n *scheduler.Node) *Place {
	for ; len(rep.Places) == 0; rep = rep.Parts[0] {
		if len(rep.Parts) == 0 {
			return nil
		}
	}
	for i := range rep.Places {
		if rep.Places[i].Node == n {
			p := rep.Places[i]
			return &p
		}
	}
	return nil
}

func unplaced(r *scheduler.Resource) bool {
	for _, leaf := range leaves(r) {
		if leaf.Assigned != nil {
			return false
		}
	}
	return true
}

// promotion says why an instance is promoted, or why not.
func (x *Index) promotion(r *scheduler.Resource) []Fact {
	clone := r.Parent
	for clone != nil && !clone.IsClone() {
		r, clone = clone, clone.Parent
	}
	if clone == nil || !clone.Has(scheduler.RscPromotable) {
		return nil
	}
	var reasons []Reason
	for _, leaf := range leaves(r) {
		for _, p := range x.places(leaf) {
			if p.Chosen {
				reasons = append(reasons, p.Promotion...)
			}
		}
	}
	most, perNode := clone.PromotionLimits()
	limit := "promoted-max=" + itoa(most)
	priority := r.PromotionPriority()
	text := "promotion priority " + priority.String()
	switch leaf := leaves(r)[0]; {
	case leaf.Assigned == nil:
		return []Fact{plain("promotion", "it is placed nowhere")}
	case leaf.NextRole == scheduler.RolePromoted:
		list := []Fact{plain("promotion", text+" is among the best, "+limit)}
		return append(list, counted(reasons, func(e *Reason) bool { return e.Delta > 0 })...)
	case priority < 0:
		list := counted(reasons, func(e *Reason) bool { return e.Delta < 0 || (e.Set && e.Result < 0) })
		return append([]Fact{plain("promotion", text+" is negative")}, list...)
	case !x.s.Quorate && x.s.Config.NoQuorumPolicy == scheduler.QuorumFreeze:
		return []Fact{from("no-quorum-policy", "no quorum, and no-quorum-policy=freeze", x.option("no-quorum-policy"))}
	case promotedCount(clone) >= most:
		list := []Fact{plain("promotion", text+" is not among the best, "+limit)}
		return append(list, counted(reasons, func(e *Reason) bool { return true })...)
	case !leaf.Assigned.Available():
		return []Fact{x.nodeFact(leaf.Assigned)}
	}
	return []Fact{plain("promotion", text+", but the node has as many promoted instances as it may ("+itoa(perNode)+")")}
}

// counted lists the reasons that are wanted.
func counted(reasons []Reason, wanted func(*Reason) bool) []Fact {
	var list []Fact
	for i := range reasons {
		if wanted(&reasons[i]) {
			list = append(list, withScore(reasons[i]))
		}
	}
	return list
}

func promotedCount(clone *scheduler.Resource) int {
	count := 0
	for _, part := range clone.Children {
		if list := leaves(part); len(list) > 0 && list[0].NextRole == scheduler.RolePromoted {
			count++
		}
	}
	return count
}
