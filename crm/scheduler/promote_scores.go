package scheduler

import "strings"

// promotionPrefix begins the names of the node attributes that hold promotion
// scores. It never got the new word for promoted (05 §2.1.1).
const promotionPrefix = "master-"

// promotionView is what promotion scores of one clone depend on besides the
// instance itself. It is made anew for each use, since the order of the
// instances counts.
type promotionView struct {
	s      *State
	first  map[string][]*Resource // by XML id: by node, the first instance (or member of one) that is active there
	probed map[string]nodeSet     // by XML id: where any instance was probed
	scored nodeSet                // nodes that may have a promotion score of any resource
	report bool                   // tell about invalid scores
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
	for _, n := range s.byIndex {
		if n.IsGuest() || hasPromotionScore(n) { // a guest may have those of its host
			v.scored.add(n)
		}
	}
	return v
}

func hasPromotionScore(n *Node) bool {
	for name := range n.Attrs {
		if strings.HasPrefix(name, promotionPrefix) {
			return true
		}
	}
	return false
}

// activeOn is the first instance of the clone, or the first member of one, that
// is the same resource as r but for its number and is active on the node.
func (v *promotionView) activeOn(r *Resource, n *Node) *Resource {
	if first := v.first[r.XMLID]; int(n.Index) < len(first) {
		return first[n.Index]
	}
	return nil
}

// applies tells whether a promotion score counts: only where the state of the
// instance is known, or nowhere at all, as when the cluster starts (05 §2.3.3).
func (v *promotionView) applies(r *Resource, n *Node) bool {
	if score, ok := r.Allowed.Get(n); !ok || score < 0 {
		return false
	}
	if !r.Has(RscUnique) {
		active := v.activeOn(r, n)
		if active == r || (active == nil && v.probed[r.XMLID].has(n)) {
			return true
		}
	}
	return (len(r.Active) == 0 && r.probed.empty()) || r.probed.has(n) || r.isActiveOn(n)
}

// score is the promotion score of an instance on a node; set is false when
// there is none, which is not the same as a score of 0 (05 §2.3).
func (v *promotionView) score(r *Resource, n *Node) (sum Score, set bool) {
	if len(r.Children) > 0 {
		for _, member := range r.Children {
			score, ok := v.score(member, n)
			sum += score
			set = set || ok
		}
		return sum, set
	}
	if !v.scored.has(n) || !v.applies(r, n) {
		return 0, false
	}
	text, ok := v.attr(r, n)
	if !ok {
		return 0, false
	}
	score, valid := v.s.parseScore(text)
	if !valid && v.report {
		v.s.configWarning(nil, "taking 0 as promotion score of %s on %s because %q is not a score", r.ID, n.Name, text)
	}
	return score, true
}

// attr reads the attribute: under the name that the resource has in the
// history, and for anonymous instances under the name without number
// (05 §2.1, §2.2).
func (v *promotionView) attr(r *Resource, n *Node) (string, bool) {
	name := r.ID
	if r.HistoryID != "" {
		name = r.HistoryID
	}
	assigned := !r.Has(RscUnassigned)
	if text, ok := v.s.attrFor(r, n, promotionPrefix+name, assigned); ok {
		return text, true
	}
	if base := baseName(r.ID); base != r.ID && base != name && !r.Has(RscUnique) {
		return v.s.attrFor(r, n, promotionPrefix+base, assigned)
	}
	return "", false
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
	best := instance.Priority
	for i, allowed := range instance.Allowed.scores {
		n := v.s.byIndex[i]
		if allowed == absent || !n.Available() {
			continue
		}
		score, _ := v.score(instance, n)
		if score > 0 {
			v.s.addScore(instance, n, score, v.s.ruleCause("promotion-score", instance.XMLID))
		}
		best = max(best, score)
	}
	instance.Priority = best
}
