package schema

import (
	"fmt"
	"math/rand"
	"strings"

	"systole/lib/xmltree"
)

// mutator makes small changes to documents, most of which make them invalid
// and some of which do not.
type mutator struct{ *rand.Rand }

// mutate makes one to three changes and says what they are.
func (m mutator) mutate(root *xmltree.Element) string {
	var did []string
	for range 1 + m.Intn(4)/3*m.Intn(3) {
		did = append(did, m.change(root))
	}
	return strings.Join(did, "; ")
}

func (m mutator) change(root *xmltree.Element) string {
	e := m.pick(root)
	other := m.pick(root)
	switch m.Intn(16) {
	case 0:
		if len(e.Attrs) > 0 {
			a := e.Attrs[m.Intn(len(e.Attrs))].Name
			e.Del(a)
			return "delete " + e.Name + "/@" + a
		}
	case 1, 2, 3:
		if len(e.Attrs) > 0 {
			a := &e.Attrs[m.Intn(len(e.Attrs))]
			old := a.Value
			a.Value = m.value(old, e, root)
			return fmt.Sprintf("change %s/@%s from %q to %q", e.Name, a.Name, old, a.Value)
		}
	case 4, 5:
		name := m.attrName()
		e.Set(name, m.value("x", e, root))
		return fmt.Sprintf("set %s/@%s=%q", e.Name, name, e.Get(name))
	case 6:
		if len(e.Attrs) > 0 {
			a := &e.Attrs[m.Intn(len(e.Attrs))]
			if name := m.attrName(); !e.Has(name) {
				old := a.Name
				a.Name = name
				return "rename " + e.Name + "/@" + old + " to " + name
			}
		}
	case 7:
		if e.Parent != nil {
			e.Remove()
			return "remove " + e.Name
		}
	case 8:
		old := e.Name
		e.Name = m.elementName()
		return "rename " + old + " to " + e.Name
	case 9:
		if e.Parent != nil {
			c := e.Copy()
			if m.Intn(2) == 0 {
				freshIDs(c)
			}
			e.Parent.Append(c)
			return "duplicate " + e.Name
		}
	case 10:
		if n := len(e.Children); n > 1 {
			i, j := m.Intn(n), m.Intn(n)
			e.Children[i], e.Children[j] = e.Children[j], e.Children[i]
			return "swap children of " + e.Name
		}
	case 11:
		c := e.Copy()
		freshIDs(c)
		other.Append(c)
		return "copy " + e.Name + " into " + other.Name
	case 12:
		name := m.elementName()
		c := e.Add(name)
		for range m.Intn(4) {
			c.Set(m.attrName(), m.value("x", c, root))
		}
		return "add " + name + " to " + e.Name
	case 13:
		if home := m.pickNamed(root, e.Name); home != nil && home.Parent != nil && e.Has("id") {
			ref := xmltree.New(e.Name, "id-ref", e.ID())
			if e.Name == "nvpair" && m.Intn(3) == 0 {
				ref.Set("name", m.optionName())
			}
			home.Parent.Append(ref)
			return "add a reference to " + e.Name + " " + e.ID() + " to " + home.Parent.Name
		}
	case 14:
		if pair := m.pickNamed(root, "nvpair"); pair != nil {
			pair.Set("name", m.optionName())
			pair.Set("value", []string{"#default", "1", "poweroff", "port:x"}[m.Intn(4)])
			return "change pair " + pair.ID() + " to " + pair.Get("name") + "=" + pair.Get("value")
		}
	case 15:
		e.Append(&xmltree.Element{Kind: xmltree.KindComment, Text: " a remark "})
		i, j := m.Intn(len(e.Children)), len(e.Children)-1
		e.Children[i], e.Children[j] = e.Children[j], e.Children[i]
		return "comment in " + e.Name
	}
	return "nothing"
}

func (m mutator) pickNamed(root *xmltree.Element, name string) *xmltree.Element {
	var all []*xmltree.Element
	root.Walk(func(e *xmltree.Element) bool {
		if e.Name == name {
			all = append(all, e)
		}
		return true
	})
	if len(all) == 0 {
		return nil
	}
	return all[m.Intn(len(all))]
}

// optionName is the name of a pair that means something to some transformation.
func (m mutator) optionName() string {
	names := append(rejectedNames(), "x", "y", "x", "resource-stickiness", "migration-threshold", "timeout", "target-role")
	return names[m.Intn(len(names))]
}

func (m mutator) pick(root *xmltree.Element) *xmltree.Element {
	var all []*xmltree.Element
	root.Walk(func(e *xmltree.Element) bool {
		all = append(all, e)
		return true
	})
	return all[m.Intn(len(all))]
}

func freshIDs(e *xmltree.Element) {
	e.Walk(func(c *xmltree.Element) bool {
		if id, ok := c.Attr("id"); ok {
			c.Set("id", id+"-copy")
		}
		return true
	})
}

// value makes a new value: a known word, a number, an id of the document, or
// the old one with white space or rubbish.
func (m mutator) value(old string, e *xmltree.Element, root *xmltree.Element) string {
	switch m.Intn(8) {
	case 0:
		return m.pick(root).ID()
	case 1:
		return []string{" " + old, old + " ", "\t" + old + "\n", " " + old + "  x", old + "ü", "1" + old, old + ":x", "-" + old}[m.Intn(8)]
	case 2:
		return []string{
			"", " ", "0", "00", "-0", "+0", "-1", "+7", "007", "1.0", "1e3", "10", "9", "+ 1", "0x10",
			"123456789012345678901234", "1234567890123456789012345", "0000000000000000000000000000001", "9223372036854775808",
		}[m.Intn(19)]
	case 3:
		return []string{
			"true", "false", "True", "yes", "1", "0", " true", "true ", "INFINITY", "-INFINITY", "+INFINITY", " INFINITY ",
			"infinity", "- INFINITY", "8000-8001", "-", "a,b", "a,,b", "a, b", ",", "a.b-c_d",
		}[m.Intn(21)]
	case 4:
		if names := rejectedNames(); len(names) > 0 {
			return names[m.Intn(len(names))]
		}
	case 5:
		// Another value of the same attribute elsewhere.
		other := m.pick(root)
		if len(other.Attrs) > 0 {
			return other.Attrs[m.Intn(len(other.Attrs))].Value
		}
	}
	t := datatypes[m.Intn(len(datatypes))]
	if t.kind != kindEnum {
		return m.pick(root).ID()
	}
	return t.values[m.Intn(len(t.values))].text
}

func rejectedNames() []string {
	var names []string
	for _, rules := range []pairRules{optionsRejected, primitiveMetaRejected, paramsRejected, opParamsRejected, opMetaRejected} {
		for name := range rules {
			names = append(names, name)
		}
	}
	// In order, for the sake of repeatable seeds.
	for i := range names {
		for j := range i {
			if names[i] < names[j] {
				names[i], names[j] = names[j], names[i]
			}
		}
	}
	return append(names, "heartbeat", "classic openais", "classic  openais", "cman", "poweroff", " poweroff")
}

func (m mutator) attrName() string {
	all := vocabulary(func(d *definition) []string {
		var names []string
		for _, a := range d.attrs {
			names = append(names, a.name)
		}
		return names
	})
	return all[m.Intn(len(all))]
}

func (m mutator) elementName() string {
	all := vocabulary(func(d *definition) []string {
		var names []string
		for _, k := range d.kids {
			names = append(names, k.name)
		}
		return names
	})
	return all[m.Intn(len(all))]
}

// vocabulary collects names of the whole grammar, each once, in its order.
func vocabulary(names func(*definition) []string) []string {
	var all []string
	seen := map[string]bool{}
	visited := map[*definition]bool{}
	var visit func(*definition)
	visit = func(d *definition) {
		if visited[d] {
			return
		}
		visited[d] = true
		for _, n := range names(d) {
			if !seen[n] {
				seen[n] = true
				all = append(all, n)
			}
		}
		for _, k := range d.kids {
			visit(k.def)
		}
	}
	visit(grammar)
	return append(all, "nonsense")
}
