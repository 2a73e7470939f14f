package generate

import (
	"fmt"
	"strconv"
)

// This file makes what nodes are made of: connections to remote nodes,
// resources with a guest node inside, bundles.

func (m *maker) remoteConnection() {
	name := m.id("remote")
	p := &prim{id: name, class: "ocf", provider: "pacemaker", kind: "remote", params: map[string]string{"server": "192.0.2.1"}}
	e := m.resourceList.Add("primitive", "id", name)
	describe(e, p)
	m.set(e, "instance_attributes", "server", p.params["server"])
	if m.chance(4) {
		p.params["reconnect_interval"] = "60"
		m.set(e, "instance_attributes", "reconnect_interval", "60")
	}
	m.metas(e)
	p.monitors = []monitor{{20, 30, ""}}
	op := e.Add("operations").Add("op", "id", name+"-monitor", "name", "monitor", "interval", "20s", "timeout", "30s")
	if m.has.failures && m.chance(4) {
		op.Set("on-fail", m.word(onFails))
	}
	n := &node{id: name, name: name, kind: remote}
	if m.often(4) {
		n.xml = m.nodeList.Add("node", "id", name, "uname", name, "type", "remote")
	}
	m.addNode(n)
	m.tops = append(m.tops, e)
	m.placed = append(m.placed, &placed{prims: []*prim{p}, kinds: []nodeKind{member}, makes: n})
}

// connection is the implicit resource that connects to a guest or bundle node.
func connection(name string) *prim {
	return &prim{id: name, class: "ocf", provider: "pacemaker", kind: "remote", monitors: []monitor{{30, 30, ""}}}
}

func (m *maker) guestContainer() {
	name := m.id("guest")
	p, e := m.primitive(m.resourceList, false)
	m.set(e, "meta_attributes", "remote-node", name)
	container := &placed{prims: []*prim{p}, kinds: []nodeKind{member}}
	if m.has.migration && m.chance(2) {
		m.set(e, "meta_attributes", "allow-migrate", "true")
		container.movable = true
	}
	n := &node{id: name, name: name, kind: guest}
	if m.chance(4) {
		n.xml = m.nodeList.Add("node", "id", name, "uname", name, "type", "remote")
	}
	m.addNode(n)
	m.tops = append(m.tops, e)
	m.placed = append(m.placed, container, &placed{prims: []*prim{connection(name)}, beside: container, makes: n})
}

func (m *maker) bundle() {
	id := m.id("b")
	e := m.resourceList.Add("bundle", "id", id)
	m.tops = append(m.tops, e)
	technology := m.word("docker podman")
	replicas := 1 + m.src.IntN(3)
	c := e.Add(technology, "image", "registry.invalid/image:1", "replicas", strconv.Itoa(replicas))
	if m.chance(4) {
		c.Set("replicas-per-host", "2")
	}
	if m.chance(4) {
		c.Set("options", "--log-driver=journald")
	}
	network := e.Add("network")
	addresses := m.chance(2)
	if addresses {
		network.Set("ip-range-start", "192.0.2.100")
		network.Set("host-netmask", "24")
	}
	if m.chance(4) {
		network.Add("port-mapping", "id", id+"-port", "port", "80")
	}
	if m.chance(4) {
		e.Add("storage").Add("storage-mapping", "id", id+"-storage", "source-dir", "/srv", "target-dir", "/srv")
	}
	var inside *prim
	promotable := m.has.promotable && m.chance(2)
	if promotable {
		c.Set("promoted-max", m.word("1 2 0"))
	}
	withPrimitive := m.often(4)
	if withPrimitive {
		network.Set("control-port", "3121")
		inside, _ = m.primitive(e, promotable)
	}
	m.metas(e)
	for i := range replicas {
		m.replica(id, technology, i, addresses, inside, promotable)
	}
}

// replica places one container of a bundle with what belongs to it.
func (m *maker) replica(id, technology string, i int, address bool, inside *prim, promotable bool) {
	container := &placed{kinds: []nodeKind{member}, prims: []*prim{{
		id: fmt.Sprintf("%s-%s-%d", id, technology, i), class: "ocf", provider: "heartbeat", kind: technology, monitors: []monitor{{60, 20, ""}},
	}}}
	m.placed = append(m.placed, container)
	if address {
		ip := &prim{
			id: fmt.Sprintf("%s-ip-192.0.2.%d", id, 100+i), class: "ocf", provider: "heartbeat", kind: "IPaddr2", monitors: []monitor{{60, 20, ""}},
		}
		m.placed = append(m.placed, &placed{prims: []*prim{ip}, beside: container})
	}
	if inside == nil {
		return
	}
	name := fmt.Sprintf("%s-%d", id, i)
	n := &node{id: name, name: name, kind: bundleNode}
	m.addNode(n)
	if promotable && m.chance(2) {
		m.attribute(n, "master-"+inside.id, m.word("10 5 100"))
	}
	conn := &placed{prims: []*prim{connection(name)}, beside: container, makes: n}
	m.placed = append(m.placed, conn, &placed{prims: []*prim{inside}, promotable: promotable, instances: 1, inside: n})
}
