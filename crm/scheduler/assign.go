package scheduler

import (
	"sort"
	"strconv"
	"strings"
)

// assignResources gives every resource a node, or none (04 §7.2).
func (s *State) assignResources() {
	s.placing.active = true
	s.rankNodes()
	if s.Config.Placement != PlaceDefault {
		s.sortForPlacement()
	}
	s.capacityLines("Original")
	if s.haveRemote {
		for _, r := range s.Resources {
			if r.Has(RscRemoteConnection) {
				s.assign(r, r.PartialTarget, true)
			}
		}
	}
	for _, r := range s.Resources {
		if !r.Has(RscRemoteConnection) {
			s.assign(r, nil, true)
		}
	}
	s.capacityLines("Remaining")
}

// assign finds a node for a resource and everything below it. prefer is taken
// where no node is better; with stopIfFail, what gets no node will be stopped,
// without it a failure leaves no trace. The result is the node, nil for
// resources that are not placed as a whole.
func (s *State) assign(r *Resource, prefer *Node, stopIfFail bool) *Node {
	switch r.Kind {
	case KindGroup:
		return s.assignGroup(r, prefer, stopIfFail)
	case KindClone:
		return s.assignClone(r, prefer, stopIfFail)
	case KindBundle:
		return s.assignBundle(r, prefer, stopIfFail)
	}
	return s.assignPrimitive(r, prefer, stopIfFail)
}

// assignTo assigns every primitive of a resource to a node, or to none (nil).
// Unless it is forced, a node that is not available or has a negative score
// will not do. It tells whether an assignment changed (04 §16.1).
func (s *State) assignTo(r *Resource, n *Node, force, stopIfFail bool) bool {
	if len(r.Children) > 0 {
		changed := false
		for _, child := range r.Children {
			changed = s.assignTo(child, n, force, stopIfFail) || changed
		}
		return changed
	}
	score := Score(0)
	switch {
	case n == nil:
	case force:
		score = n.Score // of the node itself, not of the resource's table
	default:
		score, _ = r.Allowed.Get(n)
		if score < 0 || (!n.Available() && !n.IsGuest()) {
			if stopIfFail {
				r.NextRole = RoleStopped
			}
			n = nil
		}
	}
	changed := r.Assigned != n
	s.unassign(r)
	r.unset(RscUnassigned)
	if n == nil {
		if stopIfFail {
			s.stopActions(r)
		}
		return changed
	}
	r.Assigned, r.AssignedScore = n, score
	n.assigned++
	s.placing.assignments++
	n.assignedRsc = append(n.assignedRsc, r)
	s.consumeUtilization(n, r)
	if s.opt.Utilization {
		s.Lines = append(s.Lines, Line{
			Kind: LineUtilization, Func: "pcmk__assign_resource",
			Rsc: r.ID, Node: n.Name, Text: utilizationText(r.Utilization),
		})
	}
	return changed
}

// utilizationText lists values for people, in the order of a hash table that
// they were put into by name (05 §12.5).
func utilizationText(values map[string]int32) string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	texts := make([]string, len(names))
	for i, k := range hashOrder(names) {
		texts[i] = names[k] + "=" + strconv.Itoa(int(values[names[k]]))
	}
	return strings.Join(texts, " ")
}

// stopActions makes a primitive without a node stop: its stops are required,
// what would start or watch it cannot run.
func (s *State) stopActions(r *Resource) {
	r.NextRole = RoleStopped
	for _, a := range r.Actions {
		switch {
		case a.Task == taskStop:
			a.unset(ActOptional)
		case a.Task == taskStart:
			a.unset(ActRunnable)
		case a.IntervalMs != 0 && a.Meta.Value("op_target_rc") != "7":
			a.unset(ActRunnable)
		}
	}
}

// unassign takes back the assignments of a resource and everything below it;
// counts in tables stay (04 §16.3).
func (s *State) unassign(r *Resource) {
	dropIndex(r)
	s.unassignTree(r)
}

func (s *State) unassignTree(r *Resource) {
	r.set(RscUnassigned)
	if len(r.Children) > 0 {
		r.instances = nil
		for _, child := range r.Children {
			s.unassignTree(child)
		}
		return
	}
	n := r.Assigned
	if n == nil {
		return
	}
	r.Assigned = nil
	n.assigned--
	s.placing.assignments++
	for i := len(n.assignedRsc) - 1; i >= 0; i-- {
		if n.assignedRsc[i] == r {
			n.assignedRsc = append(n.assignedRsc[:i], n.assignedRsc[i+1:]...)
			break
		}
	}
	s.releaseUtilization(n, r)
}
