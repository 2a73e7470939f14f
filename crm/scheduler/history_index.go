package scheduler

import "systole/lib/xmltree"

// statusData is what is known about the status section beside the model.
type statusData struct {
	ops      opList
	states   map[string][]*stateIndex // node_state by exact uname, built on first use
	slots    map[*Resource]*cloneSlots
	blocking map[*xmltree.Element][]blockOp // by primitive, see blocking failures
	expired  map[*xmltree.Element]*xmltree.Element
	masked   maskedIndex
}

// stateIndex is one node_state with its histories by resource id, read on
// first use: only migrations and blocking failures look across nodes.
type stateIndex struct {
	xml   *xmltree.Element
	byRsc map[string][]*xmltree.Element
}

func (x *stateIndex) history(rsc string) []*xmltree.Element {
	if x.byRsc == nil {
		x.byRsc = map[string][]*xmltree.Element{}
		for lrm := range x.xml.Elements("lrm") {
			for list := range lrm.Elements("lrm_resources") {
				for e := range list.Elements("lrm_resource") {
					if id, ok := e.Attr("id"); ok {
						x.byRsc[id] = append(x.byRsc[id], e)
					}
				}
			}
		}
	}
	return x.byRsc[rsc]
}

// nodeStates returns the node_state elements with exactly this uname.
func (s *State) nodeStates(uname string) []*stateIndex {
	if s.hist.states == nil {
		s.hist.states = map[string][]*stateIndex{}
		for e := range s.single("status").Elements("node_state") {
			if name, ok := e.Attr("uname"); ok {
				s.hist.states[name] = append(s.hist.states[name], &stateIndex{xml: e})
			}
		}
	}
	return s.hist.states[uname]
}

// histories returns every lrm_resource with exactly this id on the node.
func (s *State) histories(rsc, node string) []*xmltree.Element {
	states := s.nodeStates(node)
	if len(states) == 1 {
		return states[0].history(rsc)
	}
	var all []*xmltree.Element
	for _, x := range states {
		all = append(all, x.history(rsc)...)
	}
	return all
}

// opQuery describes the one entry that findEntry looks for.
type opQuery struct {
	task  string
	other string // migrate_target of a migrate_to, migrate_source of a migrate_from; "" = any
	rc    int32  // result that a done operation must have; -1 = any
}

// findEntry finds an operation of the resource in a node's history, only if
// exactly one matches (02 §9.10).
func (s *State) findEntry(rsc, node string, q opQuery) *opEntry {
	var found *xmltree.Element
	for _, h := range s.histories(rsc, node) {
		for op := range h.Elements("lrm_rsc_op") {
			if op.Get("operation") != q.task || !q.sameOther(op) {
				continue
			}
			if found != nil {
				return nil
			}
			found = op
		}
	}
	if found == nil {
		return nil
	}
	e := &opEntry{}
	e.read(found)
	if q.rc >= 0 && !(e.hasRC && e.rc == q.rc && e.hasStatus && e.status == execDone) {
		return nil
	}
	return e
}

func (q *opQuery) sameOther(op *xmltree.Element) bool {
	if q.other == "" {
		return true
	}
	switch q.task {
	case taskMigrateTo:
		return op.Get("migrate_target") == q.other
	case taskMigrateFrom:
		return op.Get("migrate_source") == q.other
	}
	return true
}
