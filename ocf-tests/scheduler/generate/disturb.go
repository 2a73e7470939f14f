package generate

import (
	"strconv"

	"systole/lib/xmltree"
)

// where picks a primitive of something that was placed, and a node that has its
// history.
func (m *maker) where() (u *placed, p *prim, n *node, h *xmltree.Element) {
	if u = pick(m, m.placed); u == nil {
		return nil, nil, nil, nil
	}
	p = pick(m, u.prims)
	var nodes []*node
	for _, x := range m.nodes {
		if x.rsc[p.id] != nil {
			nodes = append(nodes, x)
		}
	}
	if n = pick(m, nodes); n == nil {
		return nil, nil, nil, nil
	}
	return u, p, n, n.rsc[p.id]
}

// failure adds a failed operation, and mostly the counter that goes with it.
func (m *maker) failure() {
	u, p, n, h := m.where()
	if u == nil {
		return
	}
	o := outcome{failed: true, rc: 1}
	tasks := "monitor monitor start stop"
	if u.promotable {
		tasks = "monitor monitor promote promote start stop demote"
	}
	o.task = m.word(tasks)
	if o.task == "monitor" && m.often(4) {
		o.interval, o.timeout = 10, 20
		if len(p.monitors) > 0 {
			o.interval, o.timeout = p.monitors[0].interval, p.monitors[0].timeout
		}
	}
	switch m.src.IntN(4) {
	case 2:
		o.rc, o.status = 198, 2 // timed out
	case 3:
		o.rc, _ = strconv.Atoi(m.word("7 5 2 3 8 9 190 193"))
	}
	n.result(h, p, "", o)
	if m.chance(2) {
		o.failed = false
		n.result(h, p, "", o) // the last one has not been repeated with success
	}
	if m.often(3) {
		name := p.id + "#" + o.task + "_" + strconv.Itoa(o.interval*1000)
		n.attrs = append(n.attrs,
			attr{"fail-count-" + name, m.word("1 2 INFINITY")},
			attr{"last-failure-" + name, strconv.Itoa(Date - 500)})
	}
}

// pending lets an operation be in flight.
func (m *maker) pending() {
	u, p, n, h := m.where()
	if u == nil {
		return
	}
	o := outcome{pending: true, task: m.word("start stop monitor monitor")}
	if u.promotable && m.chance(2) {
		o.task = m.word("promote demote")
	}
	if o.task == "monitor" {
		o.want = 7
		if m.chance(2) {
			o.want, o.interval, o.timeout = 0, 10, 20
		}
	}
	n.result(h, p, "", o)
}

// migration lets something be on its way from one node to another, or have been.
func (m *maker) migration() {
	members := m.of(true, member)
	for _, u := range m.placed {
		if !u.movable || len(u.on) != 1 || m.chance(2) {
			continue
		}
		from, to := u.on[0], pick(m, members)
		if from == to || from.kind != member {
			continue
		}
		for _, p := range u.prims {
			o := outcome{task: "migrate_to", source: from.name, target: to.name}
			switch m.src.IntN(4) {
			case 1:
				o.pending = true
			case 2:
				o.rc = 1
			}
			from.result(from.history(p, ""), p, "", o)
			if o.pending || o.rc != 0 || m.chance(3) {
				continue // partial
			}
			o.task = "migrate_from"
			switch m.src.IntN(4) {
			case 1:
				o.pending = true
			case 2:
				o.rc = 1
			}
			to.result(to.history(p, ""), p, "", o)
			if o.rc == 0 && !o.pending && m.often(3) {
				from.result(from.history(p, ""), p, "", outcome{task: "stop"})
			}
		}
	}
}

// otherDigest changes what an operation is said to have been called with.
func (m *maker) otherDigest() {
	_, _, _, h := m.where()
	if h == nil {
		return
	}
	for op := range h.Elements("lrm_rsc_op") {
		switch m.src.IntN(4) {
		case 1:
			op.Set("op-digest", "0123456789abcdef0123456789abcdef")
		case 2:
			op.Set("op-digest", "0123456789abcdef0123456789abcdef")
			op.Set("op-force-restart", " state ")
			op.Set("op-restart-digest", "f2317cad3d54cec5d7d7aa7d0bf35cf8") // of no parameters
		case 3:
			op.Del("op-digest")
		}
	}
}

// removed leaves histories of what is configured no more.
func (m *maker) removed() {
	p := &prim{id: m.id("gone"), class: "ocf", provider: "pacemaker", kind: "Dummy", params: map[string]string{}}
	for _, n := range m.of(true, member) {
		if m.chance(2) {
			n.result(n.history(p, ""), p, "", outcome{task: m.word("start stop")})
		}
	}
}
