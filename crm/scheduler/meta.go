package scheduler

import "systole/lib/xmltree"

// buildMeta fills the meta table of a resource (03 §3.1). Resources made from
// the same element share the table as a base; only what is the instance's own
// differs.
func (s *State) buildMeta(r *Resource) {
	fresh := r.cfg.meta == nil || !s.sameMetaParents(r)
	if fresh {
		r.cfg.meta = s.metaTable(r)
		if r.Parent != nil {
			r.cfg.metaParent = r.Parent.cfg
		}
	}
	r.Meta = NewValues(r.cfg.meta)
	if r.Instance >= 0 {
		r.Meta.Set("clone", itoa(r.Instance))
	}
}

// sameMetaParents tells whether a table made earlier still holds: the parent
// is made from the same element and had nothing changed since (03 §4.3 a).
func (s *State) sameMetaParents(r *Resource) bool {
	for p := r.Parent; p != nil; p = p.Parent {
		if p.clone != nil && p.clone.forcedAnonymous {
			return false
		}
	}
	return r.Parent == nil || r.cfg.metaParent == r.Parent.cfg
}

func (s *State) metaTable(r *Resource) map[string]string {
	table := map[string]string{}
	for _, a := range r.XML.Attrs {
		if !equalFold(a.Value, "#default") {
			table[a.Name] = a.Value
		}
	}
	in := s.ruleInput()
	in.setResource(r)
	s.evalSets(r.XML, "meta_attributes", in, table)
	if r.Parent != nil {
		inherited := map[string]string{}
		for p := r.Parent; p != nil; p = p.Parent {
			s.evalSets(p.XML, "meta_attributes", in, inherited)
		}
		addMissing(table, inherited)
	}
	if d := s.single("rsc_defaults"); d != nil {
		s.evalSets(d, "meta_attributes", in, table)
	}
	if r.Parent != nil {
		r.Parent.Meta.Each(func(name, v string) {
			if _, ok := table[name]; !ok {
				table[name] = v
			}
		})
	}
	return table
}

func addMissing(table, from map[string]string) {
	for name, v := range from {
		if _, ok := table[name]; !ok {
			table[name] = v
		}
	}
}

// noNode is the key of parameters evaluated without a node.
const noNode int32 = -1

// paramsFor returns the instance attributes of a resource on a node, or
// without a node when n is nil (03 §11). The table is evaluated at first use
// and kept; it may be changed in place for addresses (03 §11.4).
func (s *State) paramsFor(r *Resource, n *Node) *Values {
	if r.cfg.nodeRules == 0 {
		r.cfg.nodeRules = -1
		for p := r; p != nil; p = p.Parent {
			if s.setsDependOnNode(p.XML, "instance_attributes") {
				r.cfg.nodeRules = 1
			}
		}
	}
	if r.cfg.nodeRules < 0 {
		if r.cfg.params == nil {
			r.cfg.params = s.evalParams(r, nil)
		}
		return r.cfg.params
	}
	key := noNode
	if n != nil {
		key = n.Index
	}
	if v, ok := r.params[key]; ok {
		return v
	}
	if r.params == nil {
		r.params = map[int32]*Values{}
	}
	v := s.evalParams(r, n)
	r.params[key] = v
	return v
}

func (s *State) evalParams(r *Resource, n *Node) *Values {
	table := map[string]string{}
	in := s.ruleInput()
	in.setNode(n)
	for p := r; p != nil; p = p.Parent {
		s.evalSets(p.XML, "instance_attributes", in, table)
	}
	v := NewValues(table)
	return &v
}

// paramsDependOnNode tells whether the parameters differ between nodes.
func (s *State) paramsDependOnNode(r *Resource) bool {
	s.paramsFor(r, nil)
	return r.cfg.nodeRules > 0
}

// opMetaTable returns the meta table of an operation of a resource before
// anything that depends on the node (03 §14.3); the map is shared and must not
// be written to.
func (s *State) opMetaTable(r *Resource, name string, intervalMs uint32, op *xmltree.Element) map[string]string {
	key := opKey{task: name, intervalMs: intervalMs}
	if op != nil {
		key.key = op.Get("name") // notifications borrow another operation
	}
	if m, ok := r.cfg.opMeta[key]; ok {
		return m
	}
	if r.cfg.opMeta == nil {
		r.cfg.opMeta = map[opKey]map[string]string{}
	}
	m := s.evalOpMeta(r, name, intervalMs, op)
	r.cfg.opMeta[key] = m
	return m
}

func (s *State) evalOpMeta(r *Resource, name string, intervalMs uint32, op *xmltree.Element) map[string]string {
	table := map[string]string{}
	in := s.ruleInput()
	in.setResource(r)
	in.setOperation(name, intervalMs)
	if op != nil {
		s.evalSets(op, "meta_attributes", in, table)
		for _, a := range op.Attrs {
			table[a.Name] = a.Value
		}
	}
	if _, ok := table["timeout"]; !ok && name == taskMonitor && intervalMs == 0 {
		if m := mostFrequentMonitor(r.cfg); m != nil {
			if v, ok := m.Attr("timeout"); ok {
				table["timeout"] = v
			}
		}
	}
	if d := s.single("op_defaults"); d != nil {
		s.evalSets(d, "meta_attributes", in, table)
	}
	delete(table, "id")
	if intervalMs > 0 {
		table["interval"] = utoa(intervalMs)
	} else {
		delete(table, "interval")
	}
	return table
}

// mostFrequentMonitor is the enabled recurring monitor with the smallest
// interval; a probe takes its timeout (03 §14.3 step 2).
func mostFrequentMonitor(cfg *rscConfig) *xmltree.Element {
	var best *opConfig
	for i := range cfg.ops {
		o := &cfg.ops[i]
		if o.name == taskMonitor && o.intervalMs > 0 && o.enabled && (best == nil || o.intervalMs < best.intervalMs) {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	return best.xml
}
