package generate

import (
	"strconv"

	"systole/lib/xmltree"
)

// nodeKind tells the kinds of nodes apart.
type nodeKind int

const (
	member nodeKind = iota
	remote
	guest
	bundleNode
)

// node is something that resources can run on.
type node struct {
	id, name string
	kind     nodeKind
	xml      *xmltree.Element // in the nodes section, nil when it is not there
	up       bool             // resources are active there
	state    string           // of a member: what its node_state says, see memberStates
	fresh    bool             // nothing was probed
	attrs    []attr           // transient
	ops      []*xmltree.Element
	calls    int
	rsc      map[string]*xmltree.Element // lrm_resource by id
	order    []*xmltree.Element
}

type attr struct{ name, value string }

// memberStates is a table: what a node_state says of a member. "up" counts as
// being there.
var memberStates = map[string]struct {
	in, online     bool
	join, expected string
	up             bool
}{
	"up":      {true, true, "member", "member", true},
	"lost":    {false, false, "down", "member", true}, // to be fenced: what it runs is not known to be stopped
	"down":    {false, false, "down", "down", false},
	"crashed": {true, false, "down", "member", true}, // the cluster's processes are gone
	"joining": {true, true, "pending", "member", false},
	"pending": {true, false, "down", "down", false},
	"banned":  {true, true, "banned", "member", true},
	"absent":  {}, // no node_state
}

func (m *maker) makeNodes() {
	count := 1 + m.src.IntN(4)
	for i := range count {
		n := &node{id: strconv.Itoa(i + 1), name: "n" + strconv.Itoa(i+1), state: "up"}
		if m.has.lostNodes && i > 0 && m.chance(3) {
			n.state = m.word("lost lost lost down crashed joining pending banned absent")
		}
		n.up = memberStates[n.state].up
		n.fresh = m.chance(8)
		n.xml = m.nodeList.Add("node", "id", n.id, "uname", n.name)
		m.addNode(n)
	}
}

func (m *maker) addNode(n *node) {
	n.rsc = map[string]*xmltree.Element{}
	m.nodes = append(m.nodes, n)
	m.nodeAttributes(n)
}

// modes is a table: what node attributes make of a node.
var modes = []pair{
	{"standby", "true on false"},
	{"maintenance", "true false"},
	{"shutdown", "1699999990 0"},
	{"terminate", "true"},
	{"resource-discovery-enabled", "false true"},
}

func (m *maker) nodeAttributes(n *node) {
	if m.has.rules || m.chance(8) {
		m.attribute(n, "site", m.word("a b"))
		m.attribute(n, "rank", m.word("10 5 100 -5 red"))
	}
	if m.has.nodeModes && m.chance(4) {
		p := pick(m, modes)
		m.attribute(n, p.name, m.word(p.values))
	}
	if m.has.health && m.chance(2) {
		m.attribute(n, "#health-disk", m.word("green yellow red 10 -10"))
	}
	if m.has.utilization && n.xml != nil {
		m.set(n.xml, "utilization", "cpu", m.word("4 1 2 8"))
		if m.chance(2) {
			m.set(n.xml, "utilization", "memory", m.word("100 50 200"))
		}
	}
	if n.xml != nil && m.chance(20) {
		n.xml.Set("score", m.word("10 -10 -INFINITY 100"))
	}
}

// attribute sets a node attribute, permanent or transient.
func (m *maker) attribute(n *node, name, value string) {
	if n.xml != nil && name != "shutdown" && name != "terminate" && m.chance(2) {
		m.set(n.xml, "instance_attributes", name, value)
		return
	}
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].value = value
			return
		}
	}
	n.attrs = append(n.attrs, attr{name, value})
}

// of lists the nodes of some kinds; up: only those that can have something
// active.
func (m *maker) of(up bool, kinds ...nodeKind) []*node {
	var list []*node
	for _, n := range m.nodes {
		for _, k := range kinds {
			if n.kind == k && (n.up || !up) {
				list = append(list, n)
			}
		}
	}
	return list
}

// named finds a node.
func (m *maker) named(name string) *node {
	for _, n := range m.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

func (m *maker) writeState(n *node) {
	if n.state == "absent" {
		return
	}
	e := m.status.Add("node_state", "id", n.id, "uname", n.name)
	if n.kind != member {
		e.Set("remote_node", "true")
		e.Set("in_ccm", "true")
		if m.chance(20) {
			e.Set("node_fenced", m.word("0 1"))
		}
		if m.chance(20) {
			e.Set("node_in_maintenance", m.word("0 1"))
		}
	} else {
		m.presence(e, n)
	}
	e.Set("crm-debug-origin", "generated")
	if len(n.attrs) > 0 {
		set := e.Add("transient_attributes", "id", n.id).Add("instance_attributes", "id", "status-"+n.id)
		for _, a := range n.attrs {
			set.Add("nvpair", "id", "status-"+n.id+"-"+xmltree.SanitizeID(a.name), "name", a.name, "value", a.value)
		}
	}
	if n.state == "down" && m.often(4) {
		return // it left in good order and nothing is known of it any more
	}
	list := e.Add("lrm", "id", n.id).Add("lrm_resources")
	for _, h := range n.order {
		list.Append(h)
	}
}

// presence writes what membership and controller say of a member.
func (m *maker) presence(e *xmltree.Element, n *node) {
	s := memberStates[n.state]
	in, online := "false", "offline"
	since := strconv.Itoa(Date - 5000)
	switch {
	case m.stamps:
		in, online = "0", "0"
		if s.in {
			in = since
		}
		if s.online {
			online = since
		}
	default:
		if s.in {
			in = "true"
		}
		if s.online {
			online = "online"
		}
	}
	e.Set("in_ccm", in)
	e.Set("crmd", online)
	e.Set("join", s.join)
	e.Set("expected", s.expected)
}
