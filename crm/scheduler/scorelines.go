package scheduler

// scoreLines keeps a resource's scores, and those of everything below it, for
// people: one line per node of each table, nodes in output order. Removed
// resources and what is below them have none (04 §18).
func (s *State) scoreLines(fn string, r *Resource) {
	if !s.opt.Scores || r.Has(RscRemoved) {
		return
	}
	for _, n := range s.Nodes {
		if score, ok := r.Allowed.Get(n); ok {
			s.Lines = append(s.Lines, Line{Kind: LineScore, Func: fn, Rsc: r.ID, Node: n.Name, Score: score})
		}
	}
	for _, child := range r.Children {
		s.scoreLines(fn, child)
	}
}
