package scheduler

import (
	"systole/cib/nvset"
	"systole/cib/rule"
	"systole/lib/xmltree"
)

// ruleInput starts the input of a rule: the time of the run and nothing else
// (01 §10.2).
func (s *State) ruleInput() *evalInput {
	return &evalInput{rule.Input{Now: s.Now, LocalOffset: s.opt.LocalOffset}}
}

// evalInput is what a rule may look at.
type evalInput struct{ rule.Input }

func (in *evalInput) setNode(n *Node) {
	if n != nil {
		in.Node = n.Attrs
	}
}

func (in *evalInput) setResource(r *Resource) {
	in.HasResource = true
	in.Class, in.Provider, in.Type = r.Class, r.Provider, r.Type
}

func (in *evalInput) setOperation(name string, intervalMs uint32) {
	in.HasOperation = true
	in.Operation, in.IntervalMs = name, intervalMs
}

// evalSets adds the sets of one kind below an element to a table, best first,
// without overwriting (01 §11.1). Sets are compiled once per element.
func (s *State) evalSets(owner *xmltree.Element, kind string, in *evalInput, table map[string]string) {
	list := s.compiledSets(owner, kind)
	if list == nil {
		return
	}
	if next := list.Eval(&in.Input, table); next != 0 {
		s.updateRecheck(next)
	}
}

// setsDependOnNode tells whether any rule in the sets looks at node attributes.
func (s *State) setsDependOnNode(owner *xmltree.Element, kind string) bool {
	list := s.compiledSets(owner, kind)
	return list != nil && list.DependsOnNode()
}

type setKey struct {
	owner *xmltree.Element
	kind  string
}

func (s *State) compiledSets(owner *xmltree.Element, kind string) *nvset.List {
	if owner.Child(kind) == nil {
		return nil
	}
	key := setKey{owner, kind}
	if list, ok := s.sets[key]; ok {
		return list
	}
	if s.sets == nil {
		s.sets = map[setKey]*nvset.List{}
	}
	list := nvset.Compile(owner, kind, s.index().Find)
	s.sets[key] = list
	return list
}
