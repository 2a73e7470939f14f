package scheduler

// assignClone places a clone's instances (04 §15.1).
func (s *State) assignClone(c *Resource, prefer *Node, stopIfFail bool) *Node {
	if !c.Has(RscUnassigned) || c.Has(RscAssigning) {
		return nil
	}
	c.set(RscAssigning)
	if c.Has(RscPromotable) {
		s.addPromotionScores(c)
	}
	for _, k := range s.thisWithList(c, c) {
		s.assign(k.Primary, prefer, stopIfFail)
	}
	for _, k := range s.withThisList(c, c) {
		s.addDependentScores(k, c)
	}
	s.scoreLines("pcmk__clone_assign", c)
	s.sortInstances(c.Children)
	dropIndex(c)
	s.assignInstances(c, c.Children, c.clone.Max, c.clone.NodeMax)
	if c.Has(RscPromotable) {
		s.choosePromoted(c)
	}
	c.unset(RscUnassigned | RscAssigning)
	dropIndex(c)
	return nil
}
