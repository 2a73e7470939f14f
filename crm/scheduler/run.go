package scheduler

import "systole/lib/xmltree"

// Unpack reads a validated CIB of the newest schema into a State: options,
// nodes, resources, status (02 §2). The document is not changed.
func Unpack(cib *xmltree.Element, opt Options) (*State, error) {
	s := newState(cib, opt)
	if s.newerFeatureSet() {
		return s, nil
	}
	s.unpackOptions()
	s.unpackNodes()
	s.unpackRemoteNodes()
	s.unpackResources()
	s.unpackTags()
	s.unpackStatus()
	s.countInstances()
	return s, s.err()
}

// Plan decides everything: the phases of a run in Pacemaker's order (04 §1).
// Nothing is repeated until it settles but the update of the actions. It is to
// be called once.
func (s *State) Plan() error {
	s.applyHealth()
	s.unpackConstraints()

	s.applyShutdownLocks()
	s.applyLocations()
	s.applyStickiness()
	s.applyThresholdsAndDiscovery()

	s.addInternalConstraints()
	s.checkConfigurationChanges()

	s.assignResources()

	s.runDeferredChecks()
	s.createProbes()
	s.clearRemovedFailcounts()
	s.createResourceActions()

	s.orderRemoteActions()
	s.scheduleFencingAndShutdown()
	s.applyOrderings()
	s.settleSummary()
	s.buildGraph()
	return s.err()
}
