package generate

import (
	"strconv"

	"systole/lib/xmltree"
)

// prim is a primitive as histories need to know it.
type prim struct {
	id, class, provider, kind string
	params                    map[string]string
	monitors                  []monitor
}

// monitor is a configured recurring operation; interval and timeout in seconds.
type monitor struct {
	interval, timeout int
	role              string
}

// placed is what is put on nodes as a whole: a primitive, a group, or the
// instances of a clone of either.
type placed struct {
	prims      []*prim
	instances  int // 0: no clone
	unique     bool
	promotable bool
	kinds      []nodeKind // of nodes that it is put on
	movable    bool       // allow-migrate
	makes      *node      // the remote, guest or bundle node that is up where this is active
	beside     *placed    // what is always on the same node
	inside     *node      // the bundle node that it is always on
	on         []*node    // where it was put
}

// metas is a table: meta-attributes of resources and values to try.
var metas = []pair{
	{"priority", "1 5 100 -5 INFINITY"},
	{"target-role", "Stopped Started Unpromoted Promoted Stopped"},
	{"is-managed", "false true"},
	{"maintenance", "true false"},
	{"resource-stickiness", "1 100 INFINITY -1 0"},
	{"requires", "nothing quorum fencing unfencing"},
	{"critical", "false true"},
	{"allow-unhealthy-nodes", "true false"},
	{"container-attribute-target", "host node"},
}

// cloneMetas is a table: the same for clones.
var cloneMetas = []pair{
	{"interleave", "true false"},
	{"ordered", "true false"},
	{"notify", "true false"},
	{"clone-max", "2 1 0 3 5"},
	{"clone-node-max", "1 2 3"},
	{"clone-min", "1 2"},
	{"promoted-max", "1 2 0 3"},
	{"promoted-node-max", "1 2"},
}

func (m *maker) makeResources() {
	if m.has.fencing {
		for range 1 + m.src.IntN(2) {
			m.fenceDevice()
		}
	}
	if m.has.remote {
		for range 1 + m.src.IntN(2) {
			m.remoteConnection()
		}
	}
	for range m.upTo(6) {
		m.resource()
	}
	if m.has.guests {
		for range 1 + m.src.IntN(2) {
			m.guestContainer()
		}
	}
	if m.has.bundles {
		for range 1 + m.src.IntN(2) {
			m.bundle()
		}
	}
}

func (m *maker) resource() {
	switch m.src.IntN(4) {
	case 2:
		if m.has.groups {
			e := m.group(m.resourceList, false)
			m.tops = append(m.tops, e.xml)
			m.placed = append(m.placed, e.placed)
			return
		}
	case 3:
		if m.has.clones {
			m.clone()
			return
		}
	}
	p, e := m.primitive(m.resourceList, false)
	m.tops = append(m.tops, e)
	u := &placed{prims: []*prim{p}, kinds: []nodeKind{member, member, remote, guest}}
	if m.has.migration && m.chance(2) {
		m.set(e, "meta_attributes", "allow-migrate", "true")
		u.movable = true
	}
	if m.has.multiple && m.chance(2) {
		m.set(e, "meta_attributes", "multiple-active", m.word("stop_start stop_only block stop_unexpected"))
	}
	m.placed = append(m.placed, u)
}

type unit struct {
	xml *xmltree.Element
	*placed
}

func (m *maker) group(parent *xmltree.Element, promotable bool) unit {
	e := parent.Add("group", "id", m.id("g"))
	u := &placed{kinds: []nodeKind{member, member, remote, guest}}
	for range 1 + m.src.IntN(3) {
		p, _ := m.primitive(e, promotable)
		u.prims = append(u.prims, p)
	}
	m.metas(e)
	if m.has.multiple && m.chance(2) {
		m.set(e, "meta_attributes", "multiple-active", m.word("stop_start stop_only block stop_unexpected"))
	}
	if m.chance(12) {
		m.set(e, "meta_attributes", m.word("ordered collocated"), "false")
	}
	return unit{e, u}
}

func (m *maker) clone() {
	promotable := m.has.promotable && m.chance(2)
	e := m.resourceList.Add("clone", "id", m.id("c"))
	m.tops = append(m.tops, e)
	var u *placed
	if m.has.groups && m.chance(3) {
		u = m.group(e, promotable).placed
	} else {
		p, _ := m.primitive(e, promotable)
		u = &placed{prims: []*prim{p}, kinds: []nodeKind{member, member, remote, guest}}
	}
	u.instances, u.promotable = 3, promotable
	if promotable {
		m.set(e, "meta_attributes", "promotable", "true")
	}
	if m.chance(4) {
		m.set(e, "meta_attributes", "globally-unique", "true")
		u.unique = true
	}
	m.some(e, "meta_attributes", 3, cloneMetas)
	m.metas(e)
	if promotable {
		m.promotionScores(u.prims[0].id)
	}
	m.placed = append(m.placed, u)
}

// promotionScores sets the node attributes by which agents tell how fit their
// instances are to be promoted.
func (m *maker) promotionScores(id string) {
	for _, n := range m.nodes {
		if m.chance(2) {
			m.attribute(n, "master-"+id, m.word("10 5 100 -INFINITY INFINITY 0"))
		}
	}
}

// agents is a table: kinds of resources. Nothing depends on what they are but
// their standards.
var agents = [][3]string{
	{"ocf", "pacemaker", "Dummy"}, {"ocf", "pacemaker", "Dummy"}, {"ocf", "heartbeat", "IPaddr2"}, {"systemd", "", "httpd"}, {"lsb", "", "ntpd"},
}

func (m *maker) primitive(parent *xmltree.Element, promotable bool) (*prim, *xmltree.Element) {
	a := pick(m, agents)
	if promotable {
		a = [3]string{"ocf", "pacemaker", "Stateful"}
	}
	p := &prim{id: m.id("r"), class: a[0], provider: a[1], kind: a[2], params: map[string]string{}}
	e := parent.Add("primitive", "id", p.id)
	if m.has.templates && m.chance(3) {
		m.fromTemplate(e, p)
	} else {
		describe(e, p)
	}
	if m.often(3) {
		p.params["config"] = m.word("a b")
		m.set(e, "instance_attributes", "config", p.params["config"])
	}
	if m.chance(8) {
		p.params["password"] = "secret"
		m.set(e, "instance_attributes", "password", "secret")
	}
	m.metas(e)
	if m.has.thresholds && m.chance(2) {
		m.set(e, "meta_attributes", "migration-threshold", m.word("1 2 3 INFINITY 0"))
	}
	if m.has.thresholds && m.chance(3) {
		m.set(e, "meta_attributes", "failure-timeout", m.word("10s 1000000h"))
	}
	if m.has.utilization && m.chance(2) {
		m.set(e, "utilization", "cpu", m.word("1 2 3 0"))
		if m.chance(3) {
			m.set(e, "utilization", "memory", m.word("50 100 10"))
		}
	}
	m.operations(e, p, promotable)
	return p, e
}

func describe(e *xmltree.Element, p *prim) {
	e.Set("class", p.class)
	if p.provider != "" {
		e.Set("provider", p.provider)
	}
	e.Set("type", p.kind)
}

func (m *maker) fromTemplate(e *xmltree.Element, p *prim) {
	t := xmltree.New("template", "id", m.id("t"))
	t.Parent = m.resourceList
	m.resourceList.Children = append([]*xmltree.Element{t}, m.resourceList.Children...)
	describe(t, p)
	p.params["fake"] = "template"
	m.set(t, "instance_attributes", "fake", "template")
	m.metas(t)
	e.Set("template", t.ID())
	m.tags = append(m.tags, t.ID())
}

func (m *maker) metas(e *xmltree.Element) {
	if !m.has.metas {
		return
	}
	m.some(e, "meta_attributes", 1, metas)
	if m.has.rules && m.chance(6) {
		m.ruledSet(e, "meta_attributes", "resource-stickiness", m.word("50 INFINITY"), false)
	}
}

// ruledSet adds a set that counts where a rule holds.
func (m *maker) ruledSet(e *xmltree.Element, kind, name, value string, onNode bool) {
	s := xmltree.New(kind, "id", m.id("set"), "score", m.word("1 2 10"))
	s.Parent = e
	e.Children = append([]*xmltree.Element{s}, e.Children...)
	r := s.Add("rule", "id", m.id("rule"))
	if onNode {
		m.nodeExpression(r)
	} else {
		m.dateExpression(r)
	}
	s.Add("nvpair", "id", s.ID()+"-"+name, "name", name, "value", value)
}

const onFails = "restart ignore block stop standby fence demote"

func (m *maker) operations(e *xmltree.Element, p *prim, promotable bool) {
	ops := xmltree.New("operations")
	add := func(name string, interval int) *xmltree.Element {
		return ops.Add("op", "id", p.id+"-"+name+"-"+strconv.Itoa(interval), "name", name, "interval", strconv.Itoa(interval)+"s")
	}
	monitors := []monitor{{interval: 10, timeout: 20}}
	if promotable {
		monitors = []monitor{{10, 20, "Promoted"}, {11, 20, "Unpromoted"}}
	}
	if m.chance(6) {
		monitors = append(monitors, monitor{30, 20, "Stopped"})
	}
	if m.often(4) {
		p.monitors = monitors
	}
	for _, o := range p.monitors {
		op := add("monitor", o.interval)
		op.Set("timeout", strconv.Itoa(o.timeout)+"s")
		if o.role != "" {
			op.Set("role", o.role)
		}
		if m.has.failures && m.chance(3) {
			op.Set("on-fail", m.word(onFails))
		}
		if m.chance(20) {
			op.Set("enabled", "false")
		}
	}
	if m.has.failures && m.chance(3) {
		add(m.word("start stop"), 0).Set("on-fail", m.word(onFails+" ignore block"))
	}
	if promotable && m.has.failures && m.chance(3) {
		add("promote", 0).Set("on-fail", m.word(onFails+" demote"))
	}
	if len(ops.Children) > 0 {
		e.Append(ops)
	}
}

func (m *maker) fenceDevice() {
	p := &prim{id: m.id("fence"), class: "stonith", kind: "fence_xvm", params: map[string]string{"pcmk_host_list": "n1 n2 n3 n4"}}
	e := m.resourceList.Add("primitive", "id", p.id)
	describe(e, p)
	m.set(e, "instance_attributes", "pcmk_host_list", p.params["pcmk_host_list"])
	if m.has.unfencing {
		m.set(e, "meta_attributes", "provides", "unfencing")
	}
	if m.often(3) {
		p.monitors = []monitor{{60, 20, ""}}
		e.Add("operations").Add("op", "id", p.id+"-monitor", "name", "monitor", "interval", "60s", "timeout", "20s")
	}
	m.tops = append(m.tops, e)
	m.placed = append(m.placed, &placed{prims: []*prim{p}, kinds: []nodeKind{member}})
}
