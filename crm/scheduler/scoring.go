package scheduler

// prefer adds a score for a node to a resource, its children first; a node
// that a table lacks is added to it (02 §1.5, 04 §4).
func (s *State) prefer(r *Resource, n *Node, sc Score, c Cause) {
	for _, child := range r.Children {
		s.prefer(child, n, sc, c)
	}
	if !r.Allowed.Has(n) {
		r.Allowed.Set(n, n.Score)
		r.Allowed.SetMode(n, n.Mode)
	}
	s.addScore(r, n, sc, c)
}

// preferAll does the same for every node. A ban from everywhere takes away the
// resource's own assignment, but not those of its children, without giving back
// what it counted (04 §16.4).
func (s *State) preferAll(r *Resource, sc Score, c Cause) {
	s.preferEverywhere(r, sc, c)
	if sc == -Infinity {
		r.Assigned = nil
	}
}

func (s *State) preferEverywhere(r *Resource, sc Score, c Cause) {
	for _, child := range r.Children {
		s.preferEverywhere(child, sc, c)
	}
	for _, n := range s.Nodes {
		if !r.Allowed.Has(n) {
			r.Allowed.Set(n, n.Score)
			r.Allowed.SetMode(n, n.Mode)
		}
		s.addScore(r, n, sc, c)
	}
}

// addScore adds to the score of a node that is in the resource's own table.
func (s *State) addScore(r *Resource, n *Node, sc Score, c Cause) {
	old, ok := r.Allowed.Get(n)
	if !ok {
		return
	}
	r.Allowed.Add(n, sc)
	s.trail(r, n, sc, old, false, c)
}

// setScore sets the score of a node in the resource's own table.
func (s *State) setScore(r *Resource, n *Node, sc Score, c Cause) {
	old, _ := r.Allowed.Get(n)
	if old != sc || !r.Allowed.Has(n) {
		r.Allowed.Set(n, sc)
	}
	s.trail(r, n, sc, old, true, c)
}
