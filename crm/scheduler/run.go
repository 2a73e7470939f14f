package scheduler

import (
	"errors"

	"systole/lib/xmltree"
)

// errUnfinished is what Plan answers while phases are missing (stub_*.go): an
// empty transition would look like "nothing to do", which nobody may believe.
var errUnfinished = errors.New("cannot plan yet: status, placement, ordering and actions are not written; only the configuration can be read")

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
	if !complete {
		return errUnfinished
	}
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

// complete becomes true, and goes, with the last stub file.
const complete = true
