package scheduler

// promotionView is what promotion scores of one clone depend on besides the
// instance itself. It is made anew for each use, since the order of the
// instances counts.
type promotionView struct {
	s      *State
	first  map[string][]*Resource // by XML id: by node, the first instance (or member of one) that is active there
	probed map[string]nodeSet     // by XML id: where any instance was probed
}

func (s *State) promotionViewOf(clone *Resource) *promotionView {
	v := &promotionView{s: s, first: map[string][]*Resource{}, probed: map[string]nodeSet{}}
	clone.leaves(func(r *Resource) {
		if r.Has(RscUnique) {
			return // unique instances are only asked about themselves
		}
		first := v.first[r.XMLID]
		for _, n := range r.Active {
			for len(first) <= int(n.Index) {
				first = append(first, nil)
			}
			if first[n.Index] == nil {
				first[n.Index] = r
			}
		}
		v.first[r.XMLID] = first
		v.probed[r.XMLID] = v.probed[r.XMLID].union(r.probed)
	})
	return v
}

// promotionRow asks for the promotion scores of one instance.
type promotionRow struct {
	members []promotionMember
	any     bool // some node may have a score
}

// promotionMember is a primitive of an instance, with what its anonymous
// siblings say about where it is known.
type promotionMember struct {
	promotionReader
	first   []*Resource
	probed  nodeSet
	nowhere bool // neither active nor probed anywhere
}

func (v *promotionView) rowOf(instance *Resource) *promotionRow {
	row := &promotionRow{}
	instance.leaves(func(r *Resource) {
		m := promotionMember{
			promotionReader: v.s.newPromotionReader(r),
			first:           v.first[r.XMLID], probed: v.probed[r.XMLID],
			nowhere: len(r.Active) == 0 && r.probed.empty(),
		}
		row.any = row.any || m.promotionReader.any()
		row.members = append(row.members, m)
	})
	return row
}

// applies tells whether a promotion score counts: only where the state of the
// instance is known, or nowhere at all, as when the cluster starts (05 §2.3.3).
func (m *promotionMember) applies(n *Node) bool {
	if score, ok := m.r.Allowed.Get(n); !ok || score < 0 {
		return false
	}
	if !m.r.Has(RscUnique) {
		var active *Resource
		if int(n.Index) < len(m.first) {
			active = m.first[n.Index]
		}
		if active == m.r || (active == nil && m.probed.has(n)) {
			return true
		}
	}
	return m.nowhere || m.r.probed.has(n) || m.r.isActiveOn(n)
}

// score is the sum of the members' promotion scores on a node; set is false
// when there is none, which is not the same as a score of 0 (05 §2.3).
func (row *promotionRow) score(n *Node) (sum Score, set bool) {
	if !row.any {
		return 0, false
	}
	for i := range row.members {
		m := &row.members[i]
		if !m.any() || !m.applies(n) {
			continue
		}
		if e := m.at(n); e != nil {
			sum += e.score
			set = true
		}
	}
	return sum, set
}

// reportInvalid tells about promotion scores on a node that are no scores.
func (row *promotionRow) reportInvalid(s *State, n *Node) {
	for i := range row.members {
		m := &row.members[i]
		if !m.any() || !m.applies(n) {
			continue
		}
		if e := m.at(n); e != nil && !e.valid {
			s.configWarning(nil, "taking 0 as promotion score of %s on %s because %q is not a score", m.r.ID, n.Name, e.text)
		}
	}
}

// addPromotionScores makes instances prefer the nodes where they would rather
// be promoted, and lends them their best promotion score as priority, so that
// the best are placed first. It is done once per clone (05 §2.4).
func (s *State) addPromotionScores(clone *Resource) {
	if clone.clone.scoresAdded {
		return
	}
	clone.clone.scoresAdded = true
	v := s.promotionViewOf(clone)
	for _, instance := range clone.Children {
		v.add(instance)
	}
}

func (v *promotionView) add(instance *Resource) {
	s, row := v.s, v.rowOf(instance)
	cause := s.ruleCause("promotion-score", instance.XMLID)
	best := instance.Priority
	for i, allowed := range instance.Allowed.scores {
		n := s.byIndex[i]
		if allowed == absent || !n.Available() {
			continue
		}
		score, _ := row.score(n)
		if score > 0 {
			s.addScore(instance, n, score, cause)
		}
		if best = max(best, score); !row.any && best >= 0 {
			break // no node has more than 0
		}
	}
	instance.Priority = best
}
