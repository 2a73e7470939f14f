package mutate

import "fmt"

const (
	scores = "INFINITY -INFINITY INFINITY -INFINITY 0 1 -1 10 100 -100 5000 500000 -500000 red"
	roles  = "Started Unpromoted Promoted Stopped Started Promoted"
	tasks  = "start stop promote demote start promote"
)

func addColocation(m *mutator) string {
	a, b := m.named(), m.named()
	if a == nil || a == b {
		return ""
	}
	c := m.section("constraints").Add("rsc_colocation", "id", m.id(), "rsc", a.ID(), "with-rsc", b.ID(), "score", m.word(scores))
	if m.rng.IntN(3) == 0 {
		c.Set("rsc-role", m.word(roles))
	}
	if m.rng.IntN(3) == 0 {
		c.Set("with-rsc-role", m.word(roles))
	}
	if m.rng.IntN(6) == 0 {
		c.Set("influence", m.word("true false"))
	}
	if m.rng.IntN(8) == 0 {
		c.Set("node-attribute", m.word("#kind #site-name pingd #uname nothing"))
	}
	return fmt.Sprintf("colocation %s with %s score %s", a.ID(), b.ID(), c.Get("score"))
}

func addOrder(m *mutator) string {
	a, b := m.named(), m.named()
	if a == nil || a == b {
		return ""
	}
	c := m.section("constraints").Add("rsc_order", "id", m.id(), "first", a.ID(), "then", b.ID())
	switch m.rng.IntN(4) {
	case 0:
		c.Set("score", m.word("0 1 INFINITY -1"))
	case 1, 2:
		c.Set("kind", m.word("Mandatory Optional Serialize"))
	}
	if m.rng.IntN(3) == 0 {
		c.Set("first-action", m.word(tasks))
	}
	if m.rng.IntN(3) == 0 {
		c.Set("then-action", m.word(tasks))
	}
	if m.rng.IntN(4) == 0 {
		c.Set("symmetrical", m.word("true false"))
	}
	if m.rng.IntN(4) == 0 {
		c.Set("require-all", m.word("true false"))
	}
	return fmt.Sprintf("order %s %s then %s %s (kind %s score %s)", c.Get("first-action"), a.ID(), c.Get("then-action"), b.ID(), c.Get("kind"), c.Get("score"))
}

func addLocation(m *mutator) string {
	r := m.named()
	if r == nil {
		return ""
	}
	c := m.section("constraints").Add("rsc_location", "id", m.id(), "rsc", r.ID())
	if m.rng.IntN(3) > 0 {
		c.Set("node", pick(m, m.nodeNames()))
		c.Set("score", m.word(scores))
		if m.rng.IntN(4) == 0 {
			c.Set("role", m.word(roles))
		}
	} else {
		rule := c.Add("rule", "id", m.id(), "score", m.word(scores))
		if m.rng.IntN(4) == 0 {
			rule.Set("role", m.word(roles))
		}
		x := rule.Add("expression", "id", m.id(), "attribute", m.word("#uname #kind pingd nothing"), "operation", m.word("eq ne defined not_defined lt gt"))
		if op := x.Get("operation"); op != "defined" && op != "not_defined" {
			x.Set("value", pick(m, append(m.nodeNames(), "cluster", "10")))
		}
	}
	if m.rng.IntN(5) == 0 {
		c.Set("resource-discovery", m.word("always never exclusive"))
	}
	return fmt.Sprintf("location %s on %s score %s", r.ID(), c.Get("node"), c.Get("score"))
}

// addSet adds a colocation, ordering or ticket of one or two sets.
func addSet(m *mutator) string {
	kind := m.word("rsc_colocation rsc_order rsc_ticket")
	c := m.section("constraints").Add(kind, "id", m.id())
	switch kind {
	case "rsc_ticket":
		c.Set("ticket", "mutation")
		c.Set("loss-policy", m.word("stop demote fence freeze"))
	case "rsc_colocation":
		c.Set("score", m.word(scores))
	}
	for range 1 + m.rng.IntN(2) {
		set := c.Add("resource_set", "id", m.id())
		if m.rng.IntN(2) == 0 {
			set.Set("sequential", m.word("true false"))
		}
		if m.rng.IntN(4) == 0 && kind == "rsc_order" {
			set.Set("require-all", m.word("true false"))
		}
		if m.rng.IntN(4) == 0 && kind == "rsc_order" {
			set.Set("action", m.word(tasks))
		}
		if m.rng.IntN(4) == 0 && kind != "rsc_order" {
			set.Set("role", m.word(roles))
		}
		for range 1 + m.rng.IntN(3) {
			if r := m.named(); r != nil {
				set.Add("resource_ref", "id", r.ID())
			}
		}
		if len(set.Children) == 0 {
			c.Remove()
			return ""
		}
	}
	return kind + " of sets"
}

func addTicket(m *mutator) string {
	r := m.named()
	if r == nil {
		return ""
	}
	c := m.section("constraints").Add("rsc_ticket", "id", m.id(), "rsc", r.ID(), "ticket", "mutation", "loss-policy", m.word("stop demote fence freeze"))
	if m.rng.IntN(3) == 0 {
		c.Set("rsc-role", m.word(roles))
	}
	if m.rng.IntN(2) == 0 {
		t := need(m.status(), "tickets")
		if t.ChildByID("ticket_state", "mutation") == nil {
			t.Add("ticket_state", "id", "mutation", "granted", m.word("true false"), "standby", m.word("true false"))
		}
	}
	return fmt.Sprintf("ticket for %s, %s", r.ID(), c.Get("loss-policy"))
}

func changeConstraint(m *mutator) string {
	c := pick(m, m.all(m.section("constraints"), "rsc_colocation", "rsc_order", "rsc_location"))
	if c == nil {
		return ""
	}
	switch {
	case c.Has("score"):
		c.Set("score", m.word(scores))
	case c.Has("kind"):
		c.Set("kind", m.word("Mandatory Optional Serialize"))
	default:
		return ""
	}
	return fmt.Sprintf("constraint %s: score %s kind %s", c.ID(), c.Get("score"), c.Get("kind"))
}

func dropConstraint(m *mutator) string {
	c := pick(m, m.all(m.section("constraints"), "rsc_colocation", "rsc_order", "rsc_location", "rsc_ticket"))
	if c == nil {
		return ""
	}
	c.Remove()
	return "constraint " + c.ID() + " removed"
}
