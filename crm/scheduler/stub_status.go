package scheduler

import "systole/lib/xmltree"

// FailedOp is an entry of the failed-operations list (02 §9.9).
type FailedOp struct{ Op *xmltree.Element }
type failedKey struct{ key, node string }
type failIndex struct{}
type deferredCheck struct{}

func (s *State) unpackStatus()              {}
func (s *State) countInstances()            {}
func (s *State) applyShutdownLocks()        {}
func (s *State) checkConfigurationChanges() {}
func (s *State) runDeferredChecks()         {}
func (s *State) clearRemovedFailcounts()    {}
func (s *State) failCount(r *Resource, n *Node, effective, launched bool, entry *xmltree.Element) (count Score, last int64) {
	return 0, 0
}
func (s *State) thresholdReached(r *Resource, n *Node) bool { return false }
