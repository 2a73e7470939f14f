package scheduler

import "systole/lib/xmltree"

func (s *State) addPromotionScores(clone *Resource) {}
func (s *State) choosePromoted(clone *Resource)     {}

// promotableColocation is the location effect of a promotable primary with a
// role on an unassigned dependent (05 §4.2).
func (s *State) promotableColocation(dependent, clone *Resource, c *Colocation) {}

// promotableRoleEffect is the effect of a promotable primary on the priority of
// an assigned dependent that is to be promoted (05 §4.1.4).
func (s *State) promotableRoleEffect(dependent, clone *Resource, c *Colocation) Score { return 0 }

// roleEffect is the effect on the dependent's promotion priority (05 §4.1.2).
func (s *State) roleEffect(dependent, primary *Resource, c *Colocation) Score { return 0 }

func (s *State) assignBundle(b *Resource, prefer *Node, stopIfFail bool) *Node { return nil }
func (s *State) bundleColocation(dependent, bundle *Resource, c *Colocation, forDependent bool) Score {
	return 0
}
func (s *State) bundleLocation(b *Resource, l *Location)                            {}
func (s *State) bundleThisWith(b, orig *Resource, list []*Colocation) []*Colocation { return list }
func (s *State) bundleWithThis(b, orig *Resource, list []*Colocation) []*Colocation { return list }
func (s *State) consumeUtilization(n *Node, r *Resource)                            {}
func (s *State) releaseUtilization(n *Node, r *Resource)                            {}
func (s *State) utilizationBans(r *Resource) (mostCapable *Node)                    { return nil }
func (s *State) sortForPlacement()                                                  {}
func (s *State) capacityLines(comment string)                                       {} // LineCapacity for every node, 05 §12.5
func (s *State) capacityCompare(a, b *Node) int                                     { return 0 }
func (s *State) loadStopped(r *Resource)                                            {}
func (s *State) unpackTicket(e *xmltree.Element)                                    {}
func (s *State) ticket(id string) *Ticket                                           { return nil } // find or create
func roleResource(r *Resource) *Resource                                            { return r }
func replicaOf(container *Resource) *Replica                                        { return nil }
