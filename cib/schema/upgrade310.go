package schema

import (
	"fmt"
	"strings"

	"systole/lib/xmltree"
)

// prefix310 begins the ids the transformation to 4.0 makes up.
const prefix310 = "pcmk__3_10_upgrade-"

// from310 is the transformation to pacemaker-4.0 (01 §4.2), steps A to F.
func from310(root *xmltree.Element, messages *[]string) error {
	d := newDraft(root, messages)
	if err := d.resolve(); err != nil { // A
		return err
	}
	relabel(d.root, V4_0)
	d.sortSets(d.root) // B
	d.root.Walk(func(e *xmltree.Element) bool {
		dropOverridden(e) // C
		return true
	})
	d.pingNodes()
	d.masters()
	d.splitLocations()
	d.liftLifetimes()    // D
	d.dropUnsupported()  // E
	d.backToReferences() // F
	return nil
}

// pingNodes turns ping nodes into members that no resource may use (01 §4.2 C2).
func (d *draft) pingNodes() {
	var pings, homes []*xmltree.Element
	d.root.Walk(func(e *xmltree.Element) bool {
		switch {
		case e.Name == "constraints":
			homes = append(homes, e) // more than one if status has some
		case e.Name == "node" && e.Get("type") == "ping":
			e.Set("type", "member")
			d.changed[e] = true
			pings = append(pings, e)
		}
		return true
	})
	for _, constraints := range homes {
		for _, node := range pings {
			uname := node.Get("uname")
			constraints.Append(d.create("rsc_location",
				"id", prefix310+"ping-node-ban-"+uname, "rsc-pattern", ".*", "node", uname,
				"score", "-INFINITY", "resource-discovery", "never"))
		}
	}
}

// masters makes promotable clones of masters, and renames the attribute of
// bundles (01 §4.2 C3, C4).
func (d *draft) masters() {
	d.root.Walk(func(e *xmltree.Element) bool {
		if e.Has("masters") {
			rename(e, "masters", "promoted-max")
			d.changed[e] = true
		}
		if e.Name != "master" {
			return true
		}
		e.Name = "clone"
		d.changed[e] = true
		id := prefix310 + "promotable-legacy-" + e.ID() + "-meta_attributes"
		meta := d.create("meta_attributes", "id", id, "score", "INFINITY")
		meta.Append(d.create("nvpair", "id", id+"-promotable", "name", "promotable", "value", "true"))
		meta.Parent = e
		e.Children = append([]*xmltree.Element{meta}, e.Children...)
		return true
	})
}

// splitLocations makes a location constraint of each rule, where one had
// several, and points the ACLs to all of them (01 §4.2 C5, C6).
func (d *draft) splitLocations() {
	rules, split := map[string]int{}, map[string]bool{} // by the id of the constraint
	d.root.Walk(func(e *xmltree.Element) bool {
		var children []*xmltree.Element
		for _, c := range e.Children {
			if c.Kind != xmltree.KindElement || c.Name != "rsc_location" {
				children = append(children, c)
				continue
			}
			n, id := count(c, "rule"), c.ID()
			rules[id] += n // in status more constraints can have that id
			if n < 2 {
				children = append(children, c)
				continue
			}
			split[id] = true
			for _, p := range d.splitLocation(c) {
				p.Parent = e
				children = append(children, p)
			}
		}
		e.Children = children
		return true
	})
	if len(split) == 0 {
		return
	}
	d.root.Walk(func(e *xmltree.Element) bool {
		if ref, ok := e.Attr("reference"); ok && e.Name == "acl_permission" && split[ref] {
			e.Set("reference", anyOf(ref, rules[ref]))
			rename(e, "reference", "xpath")
			d.changed[e] = true
		}
		return true
	})
}

func partID(id string, k int) string { return fmt.Sprintf("%s%s-%d", prefix310, id, k) }

// anyOf is the XPath that selects the parts of a constraint.
func anyOf(id string, parts int) string {
	var tests []string
	for k := 1; k <= parts; k++ {
		tests = append(tests, "@id = '"+partID(id, k)+"'")
	}
	return "//*[" + strings.Join(tests, " or ") + "]"
}

// splitLocation returns a constraint for each rule. Of what they share the
// first one has the definitions.
func (d *draft) splitLocation(e *xmltree.Element) []*xmltree.Element {
	var parts []*xmltree.Element
	for rule := range e.Elements("rule") {
		spare := len(parts) > 0
		part := d.create("rsc_location")
		part.Line, part.Col = e.Line, e.Col
		part.Attrs = append([]xmltree.Attr(nil), e.Attrs...)
		part.Set("id", partID(e.ID(), len(parts)+1))
		if d.changed[e] {
			d.changed[part] = true
		}
		for set := range e.Elements("resource_set") {
			part.Append(d.copy(set, spare))
		}
		part.Append(rule)
		for lifetime := range e.Elements("lifetime") {
			part.Append(d.copy(lifetime, spare))
		}
		parts = append(parts, part)
	}
	return parts
}
