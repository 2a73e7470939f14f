package scheduler

// assignGroup places a group's members in order (04 §14).
func (s *State) assignGroup(g *Resource, prefer *Node, stopIfFail bool) *Node {
	if !g.Has(RscUnassigned) {
		return g.Assigned
	}
	if g.Has(RscAssigning) {
		return nil
	}
	if len(g.Children) == 0 {
		g.unset(RscUnassigned)
		return nil
	}
	g.set(RscAssigning)
	g.OrigRole = g.Children[0].OrigRole
	s.scoreLines("pcmk__group_assign", g)
	var first *Node
	for _, member := range g.Children {
		if n := s.assign(member, prefer, stopIfFail); first == nil {
			first = n
		}
	}
	g.NextRole = g.Children[0].NextRole
	g.unset(RscAssigning | RscUnassigned)
	if !g.group.colocated {
		return nil
	}
	return first
}
