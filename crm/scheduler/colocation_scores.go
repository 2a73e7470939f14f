package scheduler

// applyToScores is the location effect of a colocation with an assigned
// primitive on a dependent that is being placed (04 §11.3).
func (s *State) applyToScores(dependent, primary *Resource, c *Colocation) {
	n := primary.Assigned
	switch {
	case s.hopeless(dependent):
	case n == nil && c.Score < 0:
	case n == nil:
		s.subtract(dependent, c, 1)
	case c.Score >= Infinity:
		s.banElsewhere(dependent, primary, c)
	default:
		s.addMatches(dependent, primary, c)
	}
}

// subtract takes the score away from every node, times times, for primaries
// that have no node. An optional score is taken away only as often as a node
// remains; a mandatory one bans from everywhere.
func (s *State) subtract(dependent *Resource, c *Colocation, times int) {
	t := &dependent.Allowed
	if c.Score < Infinity {
		best := Score(-1)
		for _, n := range s.byIndex {
			if score, ok := t.Get(n); ok && score > best && n.Available() {
				best = score
			}
		}
		switch {
		case best < 0:
			return
		case best < Infinity:
			times = min(times, int(best/c.Score))
		}
	}
	if times == 0 {
		return
	}
	for _, n := range s.byIndex {
		score, ok := t.Get(n)
		if !ok || score <= -Infinity || (score >= Infinity && c.Score < Infinity) {
			continue // an infinite score stays, however often something finite is taken away
		}
		left := max(-int64(Infinity), int64(score)-int64(times)*int64(c.Score))
		if c.Score >= Infinity {
			left = -int64(Infinity)
		}
		t.Set(n, Score(left))
		s.trailSum(dependent, n, score, Score(left), c.Cause)
	}
}

// banElsewhere bans the dependent from the nodes that do not match the
// primary's; the others get nothing added (T11).
func (s *State) banElsewhere(dependent, primary *Resource, c *Colocation) {
	mine := s.matcher(c.NodeAttr, dependent)
	want := s.matcher(c.NodeAttr, primary).class(primary.Assigned)
	if mine.direct() && mine.of[primary.Assigned.Index] == want && !s.trailed(dependent) {
		dependent.Allowed.banExcept(primary.Assigned)
		return
	}
	for _, n := range s.byIndex {
		score, ok := dependent.Allowed.Get(n)
		if ok && mine.class(n) != want && (score != -Infinity || s.trailed(dependent)) {
			s.setScore(dependent, n, -Infinity, c.Cause)
		}
	}
}

// addMatches adds a score below INFINITY to the nodes that match the
// primary's. A finite one is dropped if it leaves no node (rollback).
func (s *State) addMatches(dependent, primary *Resource, c *Colocation) {
	mine := s.matcher(c.NodeAttr, dependent)
	want := s.matcher(c.NodeAttr, primary).class(primary.Assigned)
	t := &dependent.Allowed
	var only *Node // the only node that can match
	if mine.direct() && mine.of[primary.Assigned.Index] == want {
		only = primary.Assigned
	}
	matches := func(n *Node) bool {
		if only != nil {
			return n == only
		}
		return mine.class(n) == want
	}
	if c.Score > -Infinity && !s.leavesNode(t, c.Score, matches) {
		return
	}
	if only != nil {
		s.addScore(dependent, only, c.Score, c.Cause)
		return
	}
	for _, n := range s.byIndex {
		if t.Has(n) && matches(n) {
			s.addScore(dependent, n, c.Score, c.Cause)
		}
	}
}

// leavesNode tells whether some available node would have a score of 0 or more
// if the matching ones got this score added.
func (s *State) leavesNode(t *Table, add Score, matches func(*Node) bool) bool {
	leaves := func(n *Node) bool {
		score, ok := t.Get(n)
		if !ok || (score < 0 && add < 0) || !n.Available() {
			return false
		}
		if matches(n) {
			score = AddScores(add, score)
		}
		return score >= 0
	}
	if n := s.placing.lastLeft; n != nil && leaves(n) {
		return true // most often it is the same node as last time
	}
	for _, n := range s.byIndex {
		if leaves(n) {
			s.placing.lastLeft = n
			return true
		}
	}
	return false
}
