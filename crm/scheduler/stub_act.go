package scheduler

type cloneNotify struct{}

func (s *State) createProbes()                       {}
func (s *State) createResourceActions()              {}
func (s *State) createActions(r *Resource)           {}
func (s *State) orderRemoteActions()                 {}
func (s *State) scheduleFencingAndShutdown()         {}
func (s *State) createNotifications(clone *Resource) {}
func (s *State) cancelAction(r *Resource, task string, intervalMs uint32, n *Node, callID string) *Action {
	return nil
}
func (s *State) clearFailcountAction(r *Resource, n *Node, reason string) *Action  { return nil }
func (s *State) deleteAction(r *Resource, n *Node, optional bool)                  {}
func (s *State) reloadAction(r *Resource, n *Node, c Cause)                        {}
func (s *State) forceRestart(r *Resource, task string, intervalMs uint32, n *Node) {}
func (s *State) orderUnfencing(r *Resource, n *Node, a *Action, f Relation)        {}
