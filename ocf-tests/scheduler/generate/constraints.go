package generate

import (
	"slices"
	"strconv"

	"systole/lib/xmltree"
)

const (
	scores = "INFINITY -INFINITY 100 -100 1 -1 0 500000 10"
	roles  = "Started Promoted Unpromoted Stopped Promoted"
	tasks  = "start stop promote demote"
)

func (m *maker) makeTags() {
	if !m.has.tags || len(m.tops) == 0 {
		return
	}
	for range 1 + m.src.IntN(2) {
		t := m.config("tags").Add("tag", "id", m.id("tag"))
		seen := map[string]bool{}
		for range 1 + m.src.IntN(3) {
			if id := pick(m, m.tops).ID(); !seen[id] {
				seen[id] = true
				t.Add("obj_ref", "id", id)
			}
		}
		m.tags = append(m.tags, t.ID())
	}
}

// named is the id of something that a constraint may name: a resource, mostly
// of the top level, or a tag or template.
func (m *maker) namedResource() string {
	if len(m.tags) > 0 && m.chance(5) {
		return pick(m, m.tags)
	}
	e := pick(m, m.tops)
	if e == nil {
		return ""
	}
	if m.chance(6) {
		var inner []string
		e.Walk(func(c *xmltree.Element) bool {
			if c.Name == "primitive" || c.Name == "group" {
				inner = append(inner, c.ID())
			}
			return true
		})
		if len(inner) > 0 {
			return pick(m, inner)
		}
	}
	return e.ID()
}

func (m *maker) makeConstraints() {
	if len(m.tops) == 0 {
		return
	}
	m.repeat(m.has.locations, 3, m.location)
	m.repeat(m.has.colocations, 3, m.colocation)
	m.repeat(m.has.orders, 3, m.order)
	m.repeat(m.has.sets, 2, m.resourceSets)
	m.repeat(m.has.tickets, 2, m.ticket)
}

func (m *maker) repeat(feature bool, n int, what func()) {
	if !feature {
		return
	}
	for range 1 + m.src.IntN(n) {
		what()
	}
}

func (m *maker) location() {
	c := m.constraints.Add("rsc_location", "id", m.id("location"))
	if m.chance(10) {
		c.Set("rsc-pattern", m.word("r[12] ^g .*1$"))
	} else {
		c.Set("rsc", m.namedResource())
	}
	if m.has.rules && m.chance(2) {
		r := c.Add("rule", "id", m.id("rule"), "score", m.word(scores))
		if m.chance(5) {
			r.Del("score")
			r.Set("score-attribute", "rank")
		}
		if m.chance(5) {
			r.Set("role", m.word("Promoted Started Unpromoted"))
		}
		m.expressions(r)
	} else {
		c.Set("score", m.word(scores))
		c.Set("node", pick(m, m.nodes).name)
		if m.chance(6) {
			c.Set("role", m.word("Promoted Started Unpromoted"))
		}
	}
	if m.chance(6) {
		c.Set("resource-discovery", m.word("always never exclusive"))
	}
}

// expressions fills a rule.
func (m *maker) expressions(r *xmltree.Element) {
	m.nodeExpression(r)
	if m.chance(4) {
		r.Set("boolean-op", m.word("and or"))
		m.nodeExpression(r)
	}
	if m.chance(6) {
		m.dateExpression(r)
	}
}

func (m *maker) nodeExpression(r *xmltree.Element) {
	x := r.Add("expression", "id", m.id("x"), "attribute", m.word("site rank #uname #kind nothing"))
	x.Set("operation", m.word("eq ne defined not_defined lt gte"))
	if op := x.Get("operation"); op == "defined" || op == "not_defined" {
		return
	}
	switch x.Get("attribute") {
	case "#uname":
		x.Set("value", pick(m, m.nodes).name)
	case "#kind":
		x.Set("value", m.word("cluster remote container"))
	case "rank":
		x.Set("value", m.word("10 5 100"))
		x.Set("type", m.word("number integer string"))
	default:
		x.Set("value", m.word("a b"))
	}
}

func (m *maker) dateExpression(r *xmltree.Element) {
	switch m.src.IntN(3) {
	case 0:
		r.Add("date_expression", "id", m.id("x"), "operation", "gt", "start", m.word("2020-01-01 2040-01-01"))
	case 1:
		r.Add("date_expression", "id", m.id("x"), "operation", "in_range", "start", "2023-11-01", "end", m.word("2023-11-30 2023-11-02"))
	default:
		x := r.Add("date_expression", "id", m.id("x"), "operation", "date_spec")
		x.Add("date_spec", "id", m.id("x"), "hours", m.word("20-23 0-8"))
	}
}

func (m *maker) colocation() {
	a, b := m.namedResource(), m.namedResource()
	if a == b {
		return
	}
	c := m.constraints.Add("rsc_colocation", "id", m.id("colocation"), "rsc", a, "with-rsc", b, "score", m.word(scores))
	if m.chance(4) {
		c.Set("rsc-role", m.word(roles))
	}
	if m.chance(3) {
		c.Set("with-rsc-role", m.word(roles))
	}
	if m.chance(6) {
		c.Set("influence", m.word("false true"))
	}
	if m.chance(8) {
		c.Set("node-attribute", m.word("site rank #kind"))
	}
}

func (m *maker) order() {
	a, b := m.namedResource(), m.namedResource()
	if m.meet(a, b) {
		return
	}
	c := m.constraints.Add("rsc_order", "id", m.id("order"), "first", a, "then", b)
	switch m.src.IntN(5) {
	case 3:
		c.Set("score", m.word("INFINITY 0 1"))
	case 4:
		c.Set("kind", m.word("Mandatory Optional Serialize"))
	}
	if m.chance(4) {
		c.Set("first-action", m.word(tasks))
	}
	if m.chance(4) {
		c.Set("then-action", m.word(tasks))
	}
	if m.chance(6) {
		c.Set("symmetrical", m.word("false true"))
	}
	if m.chance(6) {
		c.Set("require-all", m.word("false true"))
	}
}

func (m *maker) resourceSets() {
	kind := m.word("rsc_order rsc_colocation rsc_ticket rsc_location")
	c := m.constraints.Add(kind, "id", m.id("set"))
	switch kind {
	case "rsc_ticket":
		c.Set("ticket", m.ticketName())
		c.Set("loss-policy", m.word("stop demote fence freeze"))
	case "rsc_colocation":
		c.Set("score", m.word(scores))
	case "rsc_location":
		c.Set("score", m.word(scores))
		c.Set("node", pick(m, m.nodes).name)
	default:
		if m.chance(3) {
			c.Set("kind", m.word("Mandatory Optional Serialize"))
		}
	}
	var named []string
	for range 1 + m.src.IntN(2) {
		s := c.Add("resource_set", "id", m.id("set"))
		if m.chance(2) {
			s.Set("sequential", m.word("false true"))
		}
		switch kind {
		case "rsc_order":
			if m.chance(4) {
				s.Set("require-all", "false")
			}
			if m.chance(4) {
				s.Set("action", m.word(tasks))
			}
		default:
			if m.chance(5) {
				s.Set("role", m.word("Promoted Started Unpromoted"))
			}
		}
		for range 1 + m.src.IntN(3) {
			id := m.namedResource()
			if slices.ContainsFunc(named, func(other string) bool { return m.meet(id, other) }) {
				continue
			}
			named = append(named, id)
			s.Add("resource_ref", "id", id)
		}
		if len(s.Children) == 0 {
			s.Remove()
		}
	}
}

// meet tells whether two ids stand for a common resource. Pacemaker stops with
// a failed assertion when something is ordered before itself.
func (m *maker) meet(a, b string) bool {
	if a == b {
		return true
	}
	in := m.expand(a)
	for _, x := range m.expand(b) {
		if slices.Contains(in, x) {
			return true
		}
	}
	return false
}

// expand lists the resources that an id stands for: collectives for what is in
// them.
func (m *maker) expand(id string) (list []string) {
	for t := range m.config("tags").Elements("tag") {
		if t.ID() == id {
			for ref := range t.Elements("obj_ref") {
				list = append(list, m.expand(ref.ID())...)
			}
			return list
		}
	}
	for _, top := range m.tops {
		top.Walk(func(e *xmltree.Element) bool {
			switch {
			case e.ID() != id && e.Get("template") != id:
			case top.Name == "group":
				list = append(list, e.ID())
			default:
				list = append(list, top.ID())
			}
			return true
		})
	}
	return list
}

func (m *maker) ticketName() string {
	if len(m.tickets) == 0 || (len(m.tickets) < 2 && m.chance(2)) {
		m.tickets = append(m.tickets, "ticket"+strconv.Itoa(len(m.tickets)+1))
	}
	return pick(m, m.tickets)
}

func (m *maker) ticket() {
	c := m.constraints.Add("rsc_ticket", "id", m.id("ticket-constraint"), "rsc", m.namedResource(), "ticket", m.ticketName())
	if m.often(4) {
		c.Set("loss-policy", m.word("stop demote fence freeze"))
	}
	if m.chance(3) {
		c.Set("rsc-role", m.word("Promoted Started Unpromoted"))
	}
}
