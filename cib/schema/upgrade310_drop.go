package schema

import (
	"strings"

	"systole/lib/xmltree"
)

// dropUnsupported removes resources that no longer exist, what refers to them,
// and meta-attributes without meaning (01 §4.2 E).
func (d *draft) dropUnsupported() {
	gone := d.findGone()
	d.dropIn(d.root, gone)
}

// gone is what step E removes, found before anything is removed.
type gone struct {
	class     map[*xmltree.Element]string // templates and primitives, with the class to blame
	resources map[string]bool             // ids of resources
	other     map[*xmltree.Element]bool   // groups, clones, bundles, sets of references
}

func (d *draft) findGone() *gone {
	g := &gone{class: map[*xmltree.Element]string{}, resources: map[string]bool{}, other: map[*xmltree.Element]bool{}}
	templates := indexByID(d.root, "template")
	d.root.Walk(func(e *xmltree.Element) bool {
		if e.Name == "template" && isUnsupported(e.Get("class")) {
			g.class[e] = e.Get("class")
		}
		return true
	})
	d.root.Walk(func(e *xmltree.Element) bool {
		if e.Name == "primitive" {
			g.primitive(e, templates)
		}
		return true
	})
	d.root.Walk(func(e *xmltree.Element) bool {
		if e.Name == "group" && g.allGone(e, false) || e.Name == "clone" && g.allGone(e, true) ||
			e.Name == "bundle" && e.Child("rkt") != nil {
			g.other[e] = true
			g.resources[e.ID()] = true
		}
		return true
	})
	return g
}

func isUnsupported(class string) bool {
	return strings.EqualFold(class, "nagios") || strings.EqualFold(class, "upstart")
}

// primitive finds out whether the class of the primitive, its own or its
// template's, is unsupported. One whose template is something else than a
// template is removed as well, as Pacemaker does.
func (g *gone) primitive(e *xmltree.Element, templates index) {
	class, isGone := e.Get("class"), isUnsupported(e.Get("class"))
	if name, ok := e.Attr("template"); ok && !isGone {
		isGone = true
		for _, t := range templates[name] {
			if class == "" {
				class = t.Get("class")
			}
			if _, ok := g.class[t]; !ok {
				isGone = false
			}
		}
	}
	if isGone {
		g.class[e] = class
		g.resources[e.ID()] = true
	}
}

// allGone tells whether all primitives of a group (or anywhere in a clone) are
// removed.
func (g *gone) allGone(e *xmltree.Element, deep bool) bool {
	all := true
	e.Walk(func(c *xmltree.Element) bool {
		if c.Name == "primitive" {
			if _, ok := g.class[c]; !ok {
				all = false
			}
		}
		return deep || c == e
	})
	return all
}

// dropIn removes what is gone below e, with the messages in document order.
func (d *draft) dropIn(e *xmltree.Element, g *gone) {
	keepIf(e, func(c *xmltree.Element) bool {
		if !d.keepInE(e, c, g) {
			return false
		}
		d.dropIn(c, g)
		return true
	})
}

func (d *draft) keepInE(e, c *xmltree.Element, g *gone) bool {
	switch c.Name {
	case "nvpair":
		return d.keepPair(e, c)
	case "template", "primitive":
		class, ok := g.class[c]
		if ok {
			what := map[string]string{"template": "template", "primitive": "resource"}[c.Name]
			d.warn("Dropping %s %s because %s resources are no longer supported", what, c.ID(), class)
		}
		return !ok
	case "group", "clone":
		if g.other[c] {
			d.info("Dropping %s %s because it would become empty", c.Name, c.ID())
		}
		return !g.other[c]
	case "bundle":
		if g.other[c] {
			d.warn("Dropping bundle resource %s because rkt containers are no longer supported", c.ID())
		}
		return !g.other[c]
	case "resource_ref":
		return !g.resources[c.ID()]
	case "resource_set":
		return !g.emptied(c)
	case "rsc_location", "rsc_ticket":
		return !g.names(c, "rsc") && !g.lostSets(c)
	case "rsc_colocation":
		return !g.names(c, "rsc") && !g.names(c, "with-rsc") && !g.lostSets(c)
	case "rsc_order":
		return !g.names(c, "first") && !g.names(c, "then") && !g.lostSets(c)
	}
	return true
}

func (g *gone) names(constraint *xmltree.Element, attr string) bool {
	id, ok := constraint.Attr(attr)
	return ok && g.resources[id]
}

// emptied tells whether a resource_set has no reference left.
func (g *gone) emptied(set *xmltree.Element) bool {
	for ref := range set.Elements("resource_ref") {
		if !g.resources[ref.ID()] {
			return false
		}
	}
	return true
}

// lostSets tells whether a constraint had resource_sets and has none left.
func (g *gone) lostSets(constraint *xmltree.Element) bool {
	some := false
	for set := range constraint.Elements("resource_set") {
		if some = true; !g.emptied(set) {
			return false
		}
	}
	return some
}

// keepPair tells whether a pair of the set e is still supported.
func (d *draft) keepPair(e, pair *xmltree.Element) bool {
	if e.Name != "meta_attributes" || e.Parent == nil {
		return true
	}
	advice := ""
	name := pair.Get("name")
	switch name {
	case "restart-type":
		if isOneOf(e.Parent.Name, "template", "primitive", "group", "clone", "bundle", "rsc_defaults") {
			advice = `Consider setting the "kind" attribute for relevant constraints`
		}
	case "can_fail", "role_after_failure":
		if isOneOf(e.Parent.Name, "op", "op_defaults") {
			advice = `Consider setting the "on-fail" operation attribute instead`
		}
	}
	if advice == "" {
		return true
	}
	d.warn("Dropping %s meta-attribute from %s because it is no longer supported. %s", name, e.ID(), advice)
	return false
}
