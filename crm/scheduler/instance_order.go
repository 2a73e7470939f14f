package scheduler

import (
	"strconv"
	"strings"
)

// instanceKey is what the order of instances looks at (04 §15.3). It is read
// once per instance: nothing of it changes while instances are sorted.
type instanceKey struct {
	r         *Resource
	nodes     int   // active on so many
	current   *Node // nil also when that node is not allowed
	allowed   bool  // not active on a node that is not allowed
	available bool  // the current node can run resources
	inParent  bool  // the current node is in the parent's table
	count     int   // instances there so far
	failed    bool

	colocated  Score // computed on first use
	hasColoc   bool
	number     int64
	haveNumber bool
}

func instanceKeyOf(r *Resource) *instanceKey {
	k := &instanceKey{r: r, allowed: true}
	k.current, k.nodes, _ = r.activeCounts()
	if k.current == nil {
		return k
	}
	if score, ok := r.Allowed.Get(k.current); !ok || score < 0 {
		k.current, k.allowed = nil, false
		return k
	}
	k.available = k.current.Available()
	parent := r
	if r.Parent != nil {
		parent = r.Parent
	}
	k.inParent = parent.Allowed.Has(k.current)
	k.count = parent.Allowed.Count(k.current)
	k.failed = r.anyFlag(RscFailed)
	return k
}

// sortInstances sorts instances into the order in which they are assigned. The
// comparison is not transitive, so that the very sort counts (04 §3.5). Who
// sorts the children of a clone calls dropIndex as well.
func (s *State) sortInstances(list []*Resource) {
	keys := make([]*instanceKey, len(list))
	for i, r := range list {
		keys[i] = instanceKeyOf(r)
	}
	mergeSort(keys, s.compareInstanceKeys)
	for i, k := range keys {
		list[i] = k.r
	}
}

// compareInstances compares two instances as sortInstances does. For sorting,
// keys are cheaper (instanceKeyOf, compareInstanceKeys).
func (s *State) compareInstances(a, b *Resource) int {
	return s.compareInstanceKeys(instanceKeyOf(a), instanceKeyOf(b))
}

// compareInstanceKeys is 04 §15.3.
func (s *State) compareInstanceKeys(a, b *instanceKey) int {
	switch {
	case a.nodes > 0 && b.nodes > 0 && a.nodes != b.nodes:
		return before(a.nodes < b.nodes)
	case a.allowed != b.allowed:
		return before(a.allowed)
	case a.r.Priority != b.r.Priority:
		return before(a.r.Priority > b.r.Priority)
	case a.current == nil && b.current == nil:
		return 0
	case a.current == nil || b.current == nil:
		return before(b.current == nil)
	case a.available != b.available:
		return before(a.available)
	case !a.inParent && !b.inParent:
		return 0
	case a.inParent != b.inParent:
		return before(a.inParent)
	case a.count != b.count:
		return before(a.count < b.count)
	case a.failed != b.failed:
		return before(b.failed)
	}
	if x, y := s.colocatedScore(a), s.colocatedScore(b); x != y {
		return before(x > y)
	}
	if x, y := a.instanceNumber(), b.instanceNumber(); x != y {
		return before(x < y)
	}
	return 0
}

// instanceNumber reads the number at the end of the id: after the last colon,
// or after the last dash in a bundle.
func (k *instanceKey) instanceNumber() int64 {
	if !k.haveNumber {
		k.haveNumber = true
		k.number = numberOf(k.r.ID)
	}
	return k.number
}

func numberOf(id string) int64 {
	i := strings.LastIndexByte(id, ':')
	if i < 0 {
		i = strings.LastIndexByte(id, '-')
	}
	digits := id[i+1:]
	for j := range len(digits) {
		if !isDigit(digits[j]) {
			digits = digits[:j]
			break
		}
	}
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// colocatedScore is what the instance's colocations make of its current node
// (04 §15.4).
func (s *State) colocatedScore(k *instanceKey) Score {
	if k.hasColoc {
		return k.colocated
	}
	k.hasColoc, k.colocated = true, k.current.Score
	r := k.r
	thisWith, withThis := s.thisWithList(r, r), s.withThisList(r, r)
	if len(thisWith) == 0 && len(withThis) == 0 {
		return k.colocated
	}
	w := s.borrowWork()
	defer s.returnWork(w)
	w.only(k.current, k.current.Score)
	for _, c := range thisWith {
		s.merge(w, c.Primary, r, c, attenuation(c.Score), 0)
	}
	for _, c := range withThis {
		if s.hasInfluence(c, r) {
			s.merge(w, c.Dependent, r, c, attenuation(c.Score), mergeNonNegative)
		}
	}
	k.colocated = w.scores[k.current.Index]
	return k.colocated
}
