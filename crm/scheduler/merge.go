package scheduler

// mergeFlags change how preferences of colocated resources are merged
// (04 §10.2).
type mergeFlags uint8

const (
	mergeThisWith    mergeFlags = 1 << iota // follow "this with" colocations
	mergeNonNegative                        // never make a score negative
	mergeActive                             // give up where no node is left
)

// unusable marks a node whose score would have become negative although only
// positive preferences count. The mark is never seen outside (04 §10.3).
const unusable Score = -100 * Infinity

// attenuation is the weight of a colocation, in single precision (04 §2.4).
func attenuation(score Score) float32 { return float32(score) / float32(Infinity) }

// attenuate is the weight of a colocation that is reached by way of another.
func attenuate(factor float32, score Score) float32 {
	return float32(factor*float32(score)) / float32(Infinity)
}

// attenuated multiplies a score by a weight. What is not 0 does not become 0:
// the result is then 1 with the sign of the weight alone, even for a negative
// score (T17).
func attenuated(factor float32, score Score) Score {
	product := float32(factor * float32(score))
	half := 0.5
	if product < 0 {
		half = -0.5
	}
	delta := Score(float64(product) + half)
	if delta == 0 && score != 0 {
		switch {
		case factor > 0:
			return 1
		case factor < 0:
			return -1
		}
	}
	return delta
}

// workTable is a table that scores are merged into: like a Table, the scores by
// node index, absent where a node is not in it.
type workTable struct {
	scores []Score
}

// load fills the work table from a table.
func (w *workTable) load(t *Table) { w.scores = append(w.scores[:0], t.scores...) }

// only makes the work table one of a single node.
func (w *workTable) only(n *Node, score Score) {
	w.scores = w.scores[:0]
	for range n.Index {
		w.scores = append(w.scores, absent)
	}
	w.scores = append(w.scores, score)
}

// usable tells whether a resource could still be placed somewhere.
func (s *State) usable(scores []Score) bool {
	available := s.available()
	for i, score := range scores {
		if score >= 0 && available[i] {
			return true
		}
	}
	return false
}

// mergeScores adds the preferences of a colocated resource (source) and of
// what is colocated with it to a table, on behalf of the target (04 §10). c is
// the colocation by which the source was reached. Without one, the table is
// started from the source's own, whose target it is then too (04 §7.3).
func (s *State) mergeScores(source, target *Resource, nodes *Table, c *Colocation, factor float32, flags mergeFlags) {
	w := s.borrowWork()
	defer s.returnWork(w)
	if c != nil {
		w.load(nodes)
	}
	s.merge(w, source, target, c, factor, flags)
	for i, score := range w.scores {
		if score != absent && (i >= len(nodes.scores) || nodes.scores[i] != score) {
			nodes.Set(s.byIndex[i], score)
		}
	}
}

// addDependentScores merges the preferences of a colocation's dependent into
// the table of the primary that is being assigned (04 §10.4 row 1).
func (s *State) addDependentScores(k *Colocation, primary *Resource) {
	if !s.hasInfluence(k, nil) || s.hopeless(primary) {
		return
	}
	flags := mergeActive
	if primary.Kind == KindClone {
		flags |= mergeNonNegative
	}
	w := s.borrowWork()
	defer s.returnWork(w)
	w.load(&primary.Allowed)
	s.merge(w, k.Dependent, primary, k, attenuation(k.Score), flags)
	for i, score := range w.scores {
		if old := primary.Allowed.scores[i]; old != score {
			n := s.byIndex[i]
			primary.Allowed.Set(n, score)
			s.trailSum(primary, n, old, score, k.Cause)
		}
	}
}

// merge is 04 §10.2. The recursion follows paths: a resource that is reached
// on two of them counts twice; only a resource that is on the path already is
// left out.
func (s *State) merge(w *workTable, source, target *Resource, c *Colocation, factor float32, flags mergeFlags) {
	if source.Flags&(RscMerging|RscUpdatingNodes) != 0 {
		return
	}
	source.set(RscMerging)
	defer source.unset(RscMerging)
	if source.Kind == KindGroup {
		if len(source.Children) == 0 {
			return
		}
		member := source.Children[0]
		if c == nil {
			member = source.Children[len(source.Children)-1]
		}
		s.merge(w, member, target, c, factor, flags)
		return
	}
	undo := s.borrowScores(w)
	defer s.returnScores(undo)
	if c == nil {
		w.load(&source.Allowed)
		target = source
	} else {
		s.addMatching(w, source, target, c, factor, flags&mergeNonNegative != 0)
	}
	if s.usable(w.scores) {
		s.mergeOthers(w, source, target, factor, flags|mergeActive)
	} else if flags&mergeActive != 0 {
		copy(w.scores, undo)
		return
	}
	if flags&mergeNonNegative == 0 {
		return
	}
	for i, score := range w.scores {
		if score == unusable {
			w.scores[i] = 1 // T18
		}
	}
}

// mergeOthers goes on with the colocations of the source.
func (s *State) mergeOthers(w *workTable, source, target *Resource, factor float32, flags mergeFlags) {
	if flags&mergeThisWith != 0 {
		for _, k := range s.thisWithList(source, source) {
			s.merge(w, k.Primary, target, k, attenuate(factor, k.Score), flags)
		}
		return
	}
	for _, k := range s.withThisList(source, source) {
		if s.hasInfluence(k, nil) {
			s.merge(w, k.Dependent, target, k, attenuate(factor, k.Score), flags)
		}
	}
}

// addMatching adds to each node the best of the source's scores among the
// available nodes that match it, times the factor (04 §10.3). Where no node
// matches, the best is -INFINITY.
func (s *State) addMatching(w *workTable, source, target *Resource, c *Colocation, factor float32, positive bool) {
	table := s.matchTable(source, c)
	mine := s.matcher(c.NodeAttr, target)
	classes := s.bestByClass(table, mine, s.matcher(c.NodeAttr, source))
	filter := negativeFilter{s: s, c: c}
	scores, available := table.scores, s.available()
	last, delta := Score(0), Score(0)
	for i, score := range w.scores {
		if score == absent || score == unusable {
			continue
		}
		best := -Infinity
		switch {
		case classes != nil:
			best = classes[mine.class(s.byIndex[i])]
		case i < len(scores) && available[i]:
			best = max(best, scores[i])
		}
		if best == 0 {
			continue // adds nothing
		}
		if factor < 0 && best < 0 && !filter.counts(best) {
			continue
		}
		if best != last { // most nodes have the same score
			last, delta = best, attenuated(factor, best)
		}
		sum := AddScores(delta, score)
		if positive && sum < 0 {
			if score > 0 {
				w.scores[i] = unusable
				continue
			}
			if score == 0 {
				continue
			}
		}
		w.scores[i] = sum
	}
}

// negativeFilter decides when the double negative of an anti-colocation counts,
// that is, when a primary prefers nodes that the dependent avoids: only where
// that may keep the dependent running (04 §10.3 step 2, T16).
type negativeFilter struct {
	s       *State
	c       *Colocation
	decided bool
	allowed bool
}

func (f *negativeFilter) counts(best Score) bool {
	if f.c.Primary.Stickiness >= -best {
		return false
	}
	if !f.decided {
		f.decided = true
		f.allowed = f.s.hasInfluence(f.c, nil) && allowedOnOne(&f.c.Dependent.Allowed)
	}
	return f.allowed
}

func allowedOnOne(t *Table) bool {
	count := 0
	for _, score := range t.scores {
		if score >= 0 {
			if count++; count > 1 {
				return false
			}
		}
	}
	return count == 1
}

// bestByClass returns the best score of a table on an available node of each
// class, or nil where every node matches itself alone. The result is good until
// the next call.
func (s *State) bestByClass(t *Table, mine, theirs nodeMatcher) []Score {
	if mine.direct() && theirs.direct() {
		return nil
	}
	classes := s.placing.byClass[:0]
	for range theirs.n {
		classes = append(classes, -Infinity)
	}
	available := s.available()
	for i, score := range t.scores {
		if score > -Infinity && available[i] {
			k := theirs.class(s.byIndex[i])
			classes[k] = max(classes[k], score)
		}
	}
	s.placing.byClass = classes
	return classes
}

// matchTable is the source's table; for a member of a group other than its
// first that was named as dependent, with the group's locations added, whose
// scores only the first member has (04 §10.3 step 1).
func (s *State) matchTable(source *Resource, c *Colocation) *Table {
	g := source.Parent
	if source != c.Dependent || !c.Explicit || g == nil || g.Kind != KindGroup || g.Children[0] == source {
		return &source.Allowed
	}
	if len(g.locations) == 0 {
		return &source.Allowed
	}
	t := source.Allowed.Clone()
	for i := len(g.locations) - 1; i >= 0; i-- {
		l := g.locations[i]
		if l.Role != RoleUnknown && l.Role != source.NextRole {
			continue
		}
		for _, x := range l.Nodes {
			if t.Has(x.Node) {
				t.Add(x.Node, x.Score)
			} else {
				t.Set(x.Node, x.Score)
			}
		}
	}
	return &t
}

// borrowWork and its kin keep buffers between merges, which are many.
func (s *State) borrowWork() *workTable {
	p := &s.placing
	if len(p.works) == 0 {
		return &workTable{}
	}
	w := p.works[len(p.works)-1]
	p.works = p.works[:len(p.works)-1]
	w.scores = w.scores[:0]
	return w
}

func (s *State) returnWork(w *workTable) { s.placing.works = append(s.placing.works, w) }

func (s *State) borrowScores(w *workTable) []Score {
	p := &s.placing
	var buf []Score
	if k := len(p.buffers); k > 0 {
		buf = p.buffers[k-1][:0]
		p.buffers = p.buffers[:k-1]
	}
	return append(buf, w.scores...)
}

func (s *State) returnScores(buf []Score) { s.placing.buffers = append(s.placing.buffers, buf) }
