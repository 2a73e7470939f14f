package generate

import (
	"slices"
	"strconv"

	"systole/lib/xmltree"
)

// makeStatus puts the resources on nodes, writes the histories that say so, and
// disturbs some.
func (m *maker) makeStatus() {
	for _, hosts := range []bool{true, false} {
		for _, u := range m.placed {
			if (u.beside != nil || u.inside != nil || u.makes != nil || len(u.kinds) == 1) == hosts {
				m.place(u)
			}
		}
	}
	if m.has.removed {
		m.removed()
	}
	if m.has.failures {
		for range 1 + m.src.IntN(3) {
			m.failure()
		}
	}
	if m.has.pending {
		for range 1 + m.src.IntN(2) {
			m.pending()
		}
	}
	if m.has.migration {
		m.migration()
	}
	if m.has.digests {
		m.otherDigest()
	}
	for _, n := range m.nodes {
		if n.kind == member || n.up || m.chance(3) {
			m.writeState(n)
		}
	}
	for _, t := range m.tickets {
		if m.often(4) {
			e := m.statusSection("tickets").Add("ticket_state", "id", t, "granted", m.word("true false"))
			if m.chance(4) {
				e.Set("standby", m.word("true false"))
			}
		}
	}
}

// statusSection returns a section of the status.
func (m *maker) statusSection(name string) *xmltree.Element {
	if e := m.status.Child(name); e != nil {
		return e
	}
	return m.status.Add(name)
}

// place chooses where something is active, and writes the histories of all
// nodes where its state is known.
func (m *maker) place(u *placed) {
	candidates := m.of(true, u.kinds...)
	switch {
	case u.inside != nil:
		candidates = nil
		if u.inside.up {
			candidates = []*node{u.inside}
		}
	case u.beside != nil:
		candidates = u.beside.on
	}
	switch {
	case u.unique:
		for i := range u.instances {
			if n := pick(m, candidates); n != nil && m.chance(2) {
				m.active(u, n, ":"+strconv.Itoa(i), m.role(u))
			}
		}
	case u.instances > 0:
		for _, n := range distinct(candidates) {
			if m.often(3) {
				m.active(u, n, "", m.role(u))
				u.on = append(u.on, n)
			}
		}
	default:
		m.placeOne(u, candidates)
	}
	if u.unique {
		return // which instances are where nobody has looked for
	}
	for _, n := range m.nodes {
		if m.knows(u, n) {
			m.inactive(u, n)
		}
	}
}

func (m *maker) placeOne(u *placed, candidates []*node) {
	if len(candidates) == 0 || m.chance(4) {
		return
	}
	n := pick(m, candidates)
	m.active(u, n, "", "")
	u.on = append(u.on, n)
	if m.has.multiple && m.chance(4) {
		if other := pick(m, candidates); other != n {
			m.active(u, other, "", "")
			u.on = append(u.on, other)
		}
	}
	if u.makes != nil && m.often(5) {
		u.makes.up = true
	}
}

// knows tells whether it is known that the unit is not active on the node.
func (m *maker) knows(u *placed, n *node) bool {
	if n.fresh || (n.kind != member && !n.up) || (n.kind == member && n.state == "down") {
		return false
	}
	switch {
	case u.inside != nil:
		return n == u.inside
	case u.beside != nil:
		return n.kind == member && u.makes == nil // connections are not probed
	}
	for _, k := range u.kinds {
		if n.kind == k {
			return true
		}
	}
	return false
}

func distinct[T comparable](list []T) (out []T) {
	for _, x := range list {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

func (m *maker) role(u *placed) string {
	if u.promotable && m.chance(3) {
		return "Promoted"
	}
	return ""
}

// active writes the history of a unit that is active on a node; of a group,
// the first members.
func (m *maker) active(u *placed, n *node, suffix, role string) {
	count := len(u.prims)
	if count > 1 && m.chance(5) {
		count = 1 + m.src.IntN(count)
	}
	for _, p := range u.prims[:count] {
		h := n.history(p, suffix)
		switch {
		case role == "Promoted":
			n.result(h, p, suffix, outcome{task: "promote"})
		case m.chance(6):
			n.result(h, p, suffix, outcome{task: "monitor"}) // it was found
		default:
			n.result(h, p, suffix, outcome{task: "start"})
		}
		for _, o := range p.monitors {
			if runs(o, u.promotable, role) && m.often(8) {
				rc := 0
				if role == "Promoted" {
					rc = 8
				}
				n.result(h, p, suffix, outcome{task: "monitor", interval: o.interval, timeout: o.timeout, rc: rc, want: rc})
			}
		}
	}
}

// runs tells whether a monitor runs in that role.
func runs(o monitor, promotable bool, role string) bool {
	switch o.role {
	case "Stopped":
		return false
	case "Promoted":
		return role == "Promoted"
	case "Unpromoted":
		return promotable && role != "Promoted"
	}
	return true
}

// inactive writes the histories of what is not active on a node.
func (m *maker) inactive(u *placed, n *node) {
	for _, p := range u.prims {
		if n.rsc[p.id] != nil {
			continue
		}
		h := n.history(p, "")
		if m.chance(5) {
			n.result(h, p, "", outcome{task: "stop"})
		} else {
			n.result(h, p, "", outcome{task: "monitor", rc: 7, want: 7})
		}
	}
}
