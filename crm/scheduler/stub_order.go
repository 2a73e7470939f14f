package scheduler

import "systole/lib/xmltree"

func (s *State) unpackOrder(e *xmltree.Element)                                                   {}
func (s *State) addInternalConstraints()                                                          {}
func (s *State) link(first, then *Action, f Relation, c Cause) bool                               { return false }
func (s *State) order(o ordering)                                                                 {}
func (s *State) orderTasks(r1 *Resource, t1 string, r2 *Resource, t2 string, f Relation, c Cause) {}
func (s *State) orderActions(first, then *Action, f Relation, c Cause)                            {}
func (s *State) applyOrderings()                                                                  {}
func (s *State) update(a *Action)                                                                 {}
func (s *State) actionFlags(a *Action, n *Node) ActionFlags                                       { return 0 }
func (s *State) blockColocationDependents(a *Action)                                              {}
func (s *State) buildGraph()                                                                      {}
