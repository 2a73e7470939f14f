package schema

import "systole/lib/xmltree"

// liftLifetimes removes the lifetimes of constraints (01 §4.2 D), wherever they
// are: the stylesheets do not ask, and status may contain anything.
func (d *draft) liftLifetimes() {
	type home struct{ constraints, shelter *xmltree.Element }
	var homes []home
	d.root.Walk(func(e *xmltree.Element) bool {
		if e.Name == "constraints" {
			if shelter := d.shelter(d.liveRules(e)); shelter != nil {
				homes = append(homes, home{e, shelter})
			}
		}
		return true
	})
	d.root.Walk(func(e *xmltree.Element) bool {
		d.liftLifetime(e)
		return true
	})
	for _, h := range homes {
		h.constraints.Append(h.shelter)
	}
}

func (d *draft) liftLifetime(e *xmltree.Element) {
	if e.Child("lifetime") == nil {
		return
	}
	switch e.Name {
	case "rsc_location":
		d.locationLifetime(e)
	case "rsc_colocation", "rsc_order":
		d.warn("Dropping lifetime element from constraint %s because lifetime elements are no longer supported. "+
			"Any rules contained there will no longer apply to the constraint", e.ID())
		keepIf(e, func(c *xmltree.Element) bool { return c.Name != "lifetime" })
	}
}

// locationLifetime makes the rules of a lifetime a condition of the rule of the
// constraint. The new rule on top has no score.
func (d *draft) locationLifetime(e *xmltree.Element) {
	top := d.create("rule", "id", prefix310+e.ID()+"-lifetime-and-rule", "boolean-op", "and")
	var children []*xmltree.Element
	for set := range e.Elements("resource_set") {
		children = append(children, set)
	}
	if e.Child("rule") == nil {
		top.Append(d.nodeRule(e))
	}
	for rule := range e.Elements("rule") {
		top.Append(rule)
	}
	for lifetime := range e.Elements("lifetime") {
		d.lifetimeRules(e, lifetime, top)
	}
	e.Del("node")
	e.Del("score")
	adopt(e, append(children, top))
}

// lifetimeRules adds the rules of a lifetime to the top rule.
func (d *draft) lifetimeRules(location, lifetime, top *xmltree.Element) {
	switch count(lifetime, "rule") {
	case 0: // references to something else: nothing valid can come of it
		top.Append(lifetime)
		return
	case 1:
		top.Append(lifetime.Child("rule"))
		return
	}
	either := d.create("rule", "id", prefix310+location.ID()+"-lifetime-or-rule", "boolean-op", "or")
	for rule := range lifetime.Elements("rule") {
		either.Append(rule)
	}
	top.Append(either)
}

// nodeRule says with a rule what a constraint said with node and score.
func (d *draft) nodeRule(e *xmltree.Element) *xmltree.Element {
	id := prefix310 + e.ID() + "-node-score-rule"
	rule := d.create("rule", "id", id)
	if score, ok := e.Attr("score"); ok {
		rule.Set("score", score)
	}
	rule.Append(d.create("expression",
		"id", id+"-expr", "attribute", "#uname", "operation", "eq", "value", e.Get("node")))
	return rule
}

// liveRules returns the rules that are defined in a lifetime of a colocation or
// order and also needed elsewhere.
func (d *draft) liveRules(constraints *xmltree.Element) []*xmltree.Element {
	var defined []*xmltree.Element
	for c := range constraints.Elements("rsc_colocation", "rsc_order") {
		for lifetime := range c.Elements("lifetime") {
			for rule := range lifetime.Elements("rule") {
				if !d.spare[rule] {
					defined = append(defined, rule)
				}
			}
		}
	}
	if len(defined) == 0 {
		return nil
	}
	rules := indexByID(d.root, "rule")
	var live []*xmltree.Element
	for _, rule := range defined {
		same := rules[rule.ID()]
		// Two rules with that id in one lifetime also count as one use outside:
		// the rule is then kept without need, as Pacemaker keeps it.
		homes := map[*xmltree.Element]bool{}
		for _, r := range same {
			addLifetimes(homes, r)
		}
		if len(homes) != len(same) {
			live = append(live, rule)
		}
	}
	return live
}

// addLifetimes adds the lifetimes of colocations and orders around the element.
func addLifetimes(homes map[*xmltree.Element]bool, e *xmltree.Element) {
	for p := e.Parent; p != nil && p.Parent != nil; p = p.Parent {
		if p.Name == "lifetime" && isOneOf(p.Parent.Name, "rsc_colocation", "rsc_order") {
			homes[p] = true
		}
	}
}

// shelter is a constraint without effect that holds rules whose place is gone.
func (d *draft) shelter(rules []*xmltree.Element) *xmltree.Element {
	if len(rules) == 0 {
		return nil
	}
	const id = prefix310 + "coloc-order-lifetime-rules"
	top := d.create("rule", "id", id+"-rule", "score", "-INFINITY")
	for _, rule := range rules {
		top.Append(d.copy(rule, false))
	}
	location := d.create("rsc_location", "id", id, "rsc-pattern", "a^")
	location.Append(top)
	return location
}
