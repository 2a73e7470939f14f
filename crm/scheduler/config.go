package scheduler

import (
	"systole/lib/xmltree"
)

// rscConfig is what is the same for every resource made from one element of
// the resources section: the effective XML, its operations, its sets. The
// instances of a clone share one.
type rscConfig struct {
	xml        *xmltree.Element // template merged in
	template   string           // id of the template, "" when none
	operations *xmltree.Element // id-ref resolved, nil when none
	ops        []opConfig
	meta       map[string]string // finished meta table of the first resource made, shared as a base
	metaParent *rscConfig
	params     *Values // instance attributes when no rule looks at the node
	nodeRules  int8    // 0 unknown, 1 parameters depend on the node, -1 they do not
	opMeta     map[opKey]map[string]string
	digests    map[opKey]string // "all" digests where they do not depend on the node
}

// opConfig is one configured operation.
type opConfig struct {
	xml        *xmltree.Element
	name       string
	intervalMs uint32
	enabled    bool
}

// configFor returns the configuration made from the element, merging its
// template; nil when the template is unusable (03 §2.4).
func (s *State) configFor(e *xmltree.Element) *rscConfig {
	if cfg, ok := s.configs[e]; ok {
		return cfg
	}
	cfg := &rscConfig{xml: e}
	if template, ok := e.Attr("template"); ok {
		cfg.xml = s.mergeTemplate(e, template)
		cfg.template = template
		if cfg.xml == nil {
			cfg = nil
		}
	}
	if cfg != nil {
		cfg.operations = s.resolveRef(cfg.xml.Child("operations"))
		for op := range cfg.operations.Elements("op") {
			ms, _ := parseInterval(op.Get("interval"))
			cfg.ops = append(cfg.ops, opConfig{
				xml: op, name: op.Get("name"), intervalMs: uint32(ms), enabled: !isFalse(op.Get("enabled")),
			})
		}
	}
	s.configs[e] = cfg
	return cfg
}

// mergeTemplate builds the effective element of a resource that refers to a
// template: the template's content, then the resource's own (03 §2.4). The
// document is not changed.
func (s *State) mergeTemplate(e *xmltree.Element, id string) *xmltree.Element {
	var t *xmltree.Element
	for c := range s.configuration.Child("resources").Elements("template") {
		if c.ID() == id {
			t = c
			break
		}
	}
	if t == nil || id == e.ID() {
		s.configError(e, "ignoring resource %s because there is no template %q among the resources", e.ID(), id)
		return nil
	}
	m := t.Copy()
	m.Name = e.Name
	m.Line, m.Col = e.Line, e.Col
	m.Set("id", e.ID())
	var templateOps, ownOps *xmltree.Element
	templateOps = m.Child("operations")
	for c := range e.Elements() {
		own := m.Append(c.Copy())
		if own.Name == "operations" && ownOps == nil {
			ownOps = own
		}
	}
	if templateOps != nil && ownOps != nil {
		mergeOperations(ownOps, templateOps)
		templateOps.Remove()
	}
	return m
}

// mergeOperations appends the template's operations that the resource does not
// have itself, by name and kind of role; the interval does not count.
func mergeOperations(own, template *xmltree.Element) {
	type key struct{ name, role string }
	keyOf := func(op *xmltree.Element) key {
		role := op.Get("role")
		if r, ok := ParseRole(role); ok && (r == RoleStarted || r == RoleUnpromoted) {
			role = ""
		} else if ok {
			role = r.String()
		}
		return key{op.Get("name"), role}
	}
	have := map[key]bool{}
	for op := range own.Elements("op") {
		have[keyOf(op)] = true
	}
	var add []*xmltree.Element
	for op := range template.Elements("op") {
		if !have[keyOf(op)] {
			add = append(add, op)
		}
	}
	for _, op := range add {
		own.Append(op.Copy())
	}
}

// resolveRef follows an id-ref in the input document; an element without one
// stands for itself. nil when the reference leads nowhere.
func (s *State) resolveRef(e *xmltree.Element) *xmltree.Element {
	if e == nil {
		return nil
	}
	ref, ok := e.Attr("id-ref")
	if !ok {
		return e
	}
	t := s.index().Find(e.Name, ref)
	if t == nil {
		s.configError(e, "ignoring reference to %s %q, which is not there", e.Name, ref)
	}
	return t
}

func (s *State) index() *xmltree.Index {
	if s.ids == nil {
		s.ids = xmltree.NewIndex(s.CIB)
	}
	return s.ids
}
