package scheduler

type instanceIndex struct{}

type mergeFlags uint8

type effect uint8

const (
	affectsNothing effect = iota
	affectsLocation
	affectsRole
)

func (s *State) applyHealth()                                               {}
func (s *State) unpackConstraints()                                         {}
func (s *State) applyLocations()                                            {}
func (s *State) applyStickiness()                                           {}
func (s *State) applyThresholdsAndDiscovery()                               {}
func (s *State) assignResources()                                           {}
func (s *State) internalColocations(r *Resource)                            {}
func (s *State) groupColocations(g *Resource)                               {}
func (s *State) assign(r *Resource, prefer *Node, stopIfFail bool) *Node    { return nil }
func (s *State) assignTo(r *Resource, n *Node, force, stopIfFail bool) bool { return false }
func (s *State) unassign(r *Resource)                                       {}
func (s *State) newColocation(c Colocation) *Colocation                     { return nil }
func (s *State) thisWithList(r, orig *Resource) []*Colocation               { return nil }
func (s *State) withThisList(r, orig *Resource) []*Colocation               { return nil }
func (s *State) mergeScores(source, target *Resource, nodes *Table, c *Colocation, factor float32, flags mergeFlags) {
}
func (s *State) applyColocation(dependent, primary *Resource, c *Colocation, forDependent bool) Score {
	return 0
}
func (s *State) applyLocation(r *Resource, l *Location) {}
func (s *State) affects(dependent, primary *Resource, c *Colocation, preview bool) effect {
	return affectsNothing
}
func (s *State) hasInfluence(c *Colocation, x *Resource) bool { return true }
func (s *State) sortedNodes(t *Table, current *Node) []*Node  { return nil }
func (s *State) compatibleInstance(dependent, primary *Resource, role Role, current bool) *Resource {
	return nil
}
func (s *State) compareInstances(a, b *Resource) int                                        { return 0 }
func (s *State) sortInstances(list []*Resource)                                             {}
func (s *State) assignInstances(collective *Resource, list []*Resource, total, perNode int) {}
func (s *State) scoreLines(fn string, r *Resource)                                          {}
