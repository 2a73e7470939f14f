// Package explain tells why: what spoke for and against each node where a
// resource could be, in the words of the configuration. It reads what the
// scheduler wrote down while it decided (scheduler.Options.Trail); it decides
// nothing itself.
package explain

import (
	"slices"

	"systole/crm/scheduler"
)

// Reason is one thing that counted for a node.
type Reason struct {
	Cause scheduler.CauseInfo
	// Delta is what it added; Set means that it replaced what was there.
	Delta  scheduler.Score
	Result scheduler.Score // the score from then on
	Set    bool
}

// Place is a node as a resource saw it.
type Place struct {
	Node    *scheduler.Node
	Score   scheduler.Score // at the end
	Known   bool            // false: the resource may not be there at all
	State   string          // why the node could not be used whatever the score, "" when it could
	Chosen  bool
	Current bool // the resource is active there now
	Reasons []Reason
}

// Placement is a resource with the nodes that there were to choose from: the
// chosen one first, then by score, best first.
type Placement struct {
	Rsc    *scheduler.Resource
	Places []Place
}

// Index finds what was written down about a resource.
type Index struct {
	s      *scheduler.State
	events map[int32][]scheduler.ScoreEvent // by resource
}

// New indexes a state that was planned with a trail.
func New(s *scheduler.State) *Index {
	x := &Index{s: s, events: map[int32][]scheduler.ScoreEvent{}}
	for _, e := range s.Trail {
		x.events[e.Rsc] = append(x.events[e.Rsc], e)
	}
	return x
}

// Of tells about a resource.
func (x *Index) Of(r *scheduler.Resource) Placement {
	p := Placement{Rsc: r}
	at := map[int32]int{}
	for _, n := range x.s.Nodes {
		score, known := r.Allowed.Get(n)
		if n == r.Assigned {
			score, known = r.AssignedScore, true // later changes do not count
		}
		at[n.Index] = len(p.Places)
		p.Places = append(p.Places, Place{
			Node: n, Score: score, Known: known, State: unusable(n), Chosen: n == r.Assigned,
			Current: slices.Contains(r.Active, n),
		})
	}
	for _, e := range x.events[r.Index] {
		i, ok := at[e.Node]
		if !ok {
			continue
		}
		place := &p.Places[i]
		place.Reasons = note(place.Reasons, Reason{Cause: x.s.CauseOf(e.Cause), Delta: e.Delta, Result: e.Result, Set: e.Set})
	}
	slices.SortStableFunc(p.Places, func(a, b Place) int {
		switch {
		case a.Chosen != b.Chosen:
			return before(a.Chosen)
		case a.Known != b.Known:
			return before(a.Known)
		}
		return int(b.Score) - int(a.Score)
	})
	return p
}

func before(yes bool) int {
	if yes {
		return -1
	}
	return 1
}

// note adds a reason. The same one again, as in the steps of a merge, takes the
// place of the last.
func note(list []Reason, r Reason) []Reason {
	if k := len(list) - 1; k >= 0 && list[k].Cause == r.Cause && list[k].Set == r.Set {
		if r.Set {
			list[k] = r
			return list
		}
		if list[k].Result == r.Result {
			return list
		}
	}
	return append(list, r)
}

// unusable says why nothing can be placed on a node, "" when it can.
func unusable(n *scheduler.Node) string {
	switch {
	case n.Unclean:
		return "unclean"
	case !n.Online:
		return "offline"
	case n.Shutdown:
		return "shutting down"
	case n.Standby, n.FailStandby:
		return "standby"
	case n.Maintenance:
		return "maintenance"
	case n.Pending:
		return "pending"
	}
	return ""
}
