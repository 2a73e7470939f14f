package schema

import (
	"fmt"

	"systole/lib/xmltree"
)

const (
	copied210 = "_cibtr-2_" // begins the ids of copies of sets, as long as there are any
	made210   = "_2TO3_"    // begins the ids of new elements
)

// from210 is the transformation to pacemaker-3.0 (01 §5). References to sets
// are replaced by copies; then names are replaced, and pairs moved to where
// they belong now; then copies that are still the same as their originals
// become references again.
func from210(root *xmltree.Element, messages *[]string) error {
	if err := unfold210(root, messages); err != nil {
		return err
	}
	s := step210{messages}
	replace(root, s.element(root))
	relabel(root, V3_0)
	return fold210(root, messages)
}

// step210 builds the new document from the old one, which stays as it is: what
// becomes of a pair depends on others, before and after it.
type step210 struct{ messages *[]string }

// element returns what becomes of an element, nil for nothing.
func (s *step210) element(e *xmltree.Element) *xmltree.Element {
	switch e.Name {
	case "configuration":
		return s.configuration(e)
	case "cluster_property_set":
		return s.options(e)
	case "primitive", "template":
		return s.resource(e)
	}
	n := withAttrs(e)
	switch e.Name {
	case "node":
		s.attrs(node210, n, fmt.Sprintf("%s (id=%s)", e.Get("uname"), e.ID()))
	case "rsc_colocation":
		s.attrs(colocation210, n, e.ID())
	}
	s.children(n, e)
	return n
}

// children adds what becomes of the children of e, comments included.
func (s *step210) children(n, e *xmltree.Element) {
	for _, c := range e.Children {
		s.child(n, c)
	}
}

func (s *step210) child(n, c *xmltree.Element) {
	if c.Kind != xmltree.KindElement {
		n.Append(c.Copy())
	} else if c = s.element(c); c != nil {
		n.Append(c)
	}
}

// withAttrs copies an element without its children.
func withAttrs(e *xmltree.Element) *xmltree.Element {
	n := *e
	n.Parent, n.Children = nil, nil
	n.Attrs = append([]xmltree.Attr(nil), e.Attrs...)
	return &n
}

// attrs replaces attributes.
func (s *step210) attrs(rules *replacements, n *xmltree.Element, context string) {
	kept := n.Attrs[:0]
	for _, a := range n.Attrs {
		rule := rules.find(a.Name, a.Value)
		rules.tell(s.messages, context, rule)
		switch {
		case rule == nil:
		case rule.with == "":
			continue
		default:
			a = xmltree.Attr{Name: rule.with, Value: rule.redefined}
		}
		kept = append(kept, a)
	}
	n.Attrs = kept
}

func isPair(e *xmltree.Element) bool { return e.Kind == xmltree.KindElement && e.Name == "nvpair" }

func hasRule(set *xmltree.Element) bool { return set.Child("rule") != nil }

// addPair adds a pair and again the comments before it.
func addPair(n, set *xmltree.Element, place int, pair *xmltree.Element) {
	first := place
	for first > 0 && set.Children[first-1].Kind == xmltree.KindComment {
		first--
	}
	for _, c := range set.Children[first:place] {
		n.Append(c.Copy())
	}
	n.Append(pair)
}

// options processes a cluster_property_set. Pairs that belong elsewhere now
// leave it; without a pair it is dropped.
func (s *step210) options(set *xmltree.Element) *xmltree.Element {
	n, some := withAttrs(set), false
	for i, c := range set.Children {
		switch {
		case c.Kind == xmltree.KindComment: // only comments before a pair stay, with the pair
		case !isPair(c):
			s.child(n, c)
		default:
			rule := options210.find(c.Get("name"), c.Get("value"))
			options210.tell(s.messages, c.ID(), rule)
			if pair := s.inPlace(c, rule); pair != nil {
				addPair(n, set, i, pair)
				some = true
			}
		}
	}
	if !some {
		return nil
	}
	return n
}

// inPlace returns the pair that stays where the old one was, or nil.
func (s *step210) inPlace(pair *xmltree.Element, rule *replacement) *xmltree.Element {
	switch {
	case rule == nil:
		return s.element(pair)
	case rule.with == "" || rule.where != "":
		return nil
	}
	return rule.apply(pair)
}

// configuration moves options to the defaults of resources and operations.
func (s *step210) configuration(e *xmltree.Element) *xmltree.Element {
	n := withAttrs(e)
	for _, c := range e.Children {
		if c.Name == "op_defaults" || c.Name == "rsc_defaults" {
			n.Append(s.defaults(c, movedTo(e, c.Name)))
		} else {
			s.child(n, c)
		}
	}
	s.newDefaults(n, e, "op_defaults", "-op-defaults")
	s.newDefaults(n, e, "rsc_defaults", "-rsc-defaults")
	return n
}

// defaults adds the moved pairs to the first set without rule. Without such a
// set they are lost.
func (s *step210) defaults(section, moved *xmltree.Element) *xmltree.Element {
	n := withAttrs(section)
	for _, c := range section.Children {
		s.child(n, c)
		if c.Name == "meta_attributes" && !hasRule(c) && moved != nil {
			set := n.Children[len(n.Children)-1]
			adopt(set, append(set.Children, moved.Children...))
			moved = nil
		}
	}
	return n
}

// newDefaults makes a section for the moved pairs if there is none.
func (s *step210) newDefaults(n, configuration *xmltree.Element, name, id string) {
	if configuration.Child(name) != nil {
		return
	}
	if moved := movedTo(configuration, name); len(moved.Children) > 0 {
		moved.Set("id", made210+id)
		n.Add(name).Append(moved)
	}
}

// movedTo returns a meta_attributes that holds the options which belong to that
// section now, unless one of its sets without rule already has the name.
func movedTo(configuration *xmltree.Element, section string) *xmltree.Element {
	defined := pairNames(configuration.Child(section))
	moved := xmltree.New("meta_attributes")
	for set := range configuration.Child("crm_config").Elements("cluster_property_set") {
		if hasRule(set) {
			continue
		}
		for i, c := range set.Children {
			if !isPair(c) {
				continue
			}
			rule := options210.find(c.Get("name"), c.Get("value"))
			if rule != nil && rule.where == section && !defined[rule.with] {
				addPair(moved, set, i, rule.apply(c))
			}
		}
	}
	return moved
}

// pairNames returns the names in the meta_attributes without rule of an
// element.
func pairNames(e *xmltree.Element) map[string]bool {
	names := map[string]bool{}
	for set := range e.Elements("meta_attributes") {
		if hasRule(set) {
			continue
		}
		for pair := range set.Elements("nvpair") {
			if name, ok := pair.Attr("name"); ok {
				names[name] = true
			}
		}
	}
	return names
}
