package mutate

import (
	"fmt"
	"strconv"

	"systole/lib/xmltree"
)

func (m *mutator) status() *xmltree.Element { return need(m.root, "status") }

func (m *mutator) nodeStates() []*xmltree.Element { return m.all(m.status(), "node_state") }

func nodeState(m *mutator) string {
	e := pick(m, m.nodeStates())
	if e == nil {
		return ""
	}
	name := m.word("in_ccm crmd join expected")
	value := map[string]string{
		"in_ccm": m.word("true false 0 1 1600000000"), "crmd": m.word("online offline 0 1600000000"),
		"join": m.word("member pending down banned"), "expected": m.word("member down"),
	}[name]
	if m.rng.IntN(3) == 0 { // the node is gone
		e.Set("in_ccm", "false")
		e.Set("crmd", "offline")
		e.Set("join", "down")
		return "node " + e.Get("uname") + " lost"
	}
	e.Set(name, value)
	return fmt.Sprintf("node_state %s: %s=%s", e.Get("uname"), name, value)
}

func dropNodeState(m *mutator) string {
	e := pick(m, m.nodeStates())
	if e == nil || m.rng.IntN(3) > 0 {
		return ""
	}
	e.Remove()
	return "node_state " + e.Get("uname") + " removed"
}

func nodeAttribute(m *mutator) string {
	name := m.word("standby maintenance shutdown terminate resource-discovery-enabled #health-x master-" + pick(m, m.primitives()).ID())
	value := m.word("true false 0 1 1600000000 red yellow INFINITY -5 10")
	if n := pick(m, m.all(m.section("nodes"), "node")); n != nil && m.rng.IntN(2) == 0 {
		m.setPair(n, "instance_attributes", name, value)
		return fmt.Sprintf("node %s: %s=%s", n.Get("uname"), name, value)
	}
	e := pick(m, m.nodeStates())
	if e == nil {
		return ""
	}
	m.setPair(need(e, "transient_attributes", "id", e.ID()), "instance_attributes", name, value)
	return fmt.Sprintf("node_state %s: %s=%s", e.Get("uname"), name, value)
}

func (m *mutator) operations() []*xmltree.Element { return m.all(m.status(), "lrm_rsc_op") }

func failOperation(m *mutator) string {
	op := pick(m, m.operations())
	if op == nil {
		return ""
	}
	rc := m.word("0 1 2 3 4 5 6 7 7 8 8 9 14 190 191")
	status := m.word("0 0 0 4 4 2 7 5 9")
	op.Set("rc-code", rc)
	op.Set("op-status", status)
	if m.rng.IntN(3) == 0 {
		op.Set("call-id", strconv.Itoa(m.rng.IntN(1000)))
	}
	return fmt.Sprintf("%s on %s: rc %s status %s", op.Get("operation_key"), owner(op), rc, status)
}

func pendingOperation(m *mutator) string {
	op := pick(m, m.operations())
	if op == nil {
		return ""
	}
	op.Set("op-status", "-1")
	op.Set("rc-code", "193")
	op.Set("call-id", "-1")
	return fmt.Sprintf("%s on %s: pending", op.Get("operation_key"), owner(op))
}

// owner names the node of an entry.
func owner(e *xmltree.Element) string {
	for e != nil && e.Name != "node_state" {
		e = e.Parent
	}
	return e.Get("uname")
}

func dropOperation(m *mutator) string {
	op := pick(m, m.operations())
	if op == nil {
		return ""
	}
	where := owner(op)
	op.Remove()
	return fmt.Sprintf("%s on %s removed", op.Get("operation_key"), where)
}

func dropHistory(m *mutator) string {
	e := pick(m, m.all(m.status(), "lrm_resource"))
	if e == nil {
		return ""
	}
	where := owner(e)
	e.Remove()
	return fmt.Sprintf("history of %s on %s removed", e.ID(), where)
}

// copyHistory makes a resource active (or known) on a second node.
func copyHistory(m *mutator) string {
	e := pick(m, m.all(m.status(), "lrm_resource"))
	to := pick(m, m.all(m.status(), "lrm_resources"))
	if e == nil || to == nil {
		return ""
	}
	if old := to.ChildByID("lrm_resource", e.ID()); old != nil {
		old.Remove()
	}
	c := to.Append(e.Copy())
	if m.rng.IntN(6) == 0 {
		c.Set("id", e.ID()+"-removed")
	}
	for op := range c.Elements("lrm_rsc_op") {
		if op.Has("on_node") {
			op.Set("on_node", owner(to))
		}
	}
	return fmt.Sprintf("history of %s copied to %s", e.ID(), owner(to))
}

func changeDigest(m *mutator) string {
	op := pick(m, m.operations())
	name := m.word("op-digest op-restart-digest op-secure-digest")
	if op == nil {
		return ""
	}
	if m.rng.IntN(2) == 0 {
		op.Del(name)
		return fmt.Sprintf("%s on %s: no %s", op.Get("operation_key"), owner(op), name)
	}
	op.Set(name, "0123456789abcdef0123456789abcdef")
	return fmt.Sprintf("%s on %s: other %s", op.Get("operation_key"), owner(op), name)
}

func failCount(m *mutator) string {
	e := pick(m, m.nodeStates())
	r := pick(m, m.primitives())
	if e == nil || r == nil {
		return ""
	}
	name := "fail-count-" + r.ID() + "#" + m.word("start_0 monitor_10000 stop_0 promote_0")
	value := m.word("1 2 5 INFINITY")
	ta := need(e, "transient_attributes", "id", e.ID())
	m.setPair(ta, "instance_attributes", name, value)
	if m.rng.IntN(2) == 0 {
		m.setPair(ta, "instance_attributes", "last-failure-"+name[len("fail-count-"):], m.word("1 1500000000 1700000000"))
	}
	return fmt.Sprintf("%s=%s on %s", name, value, e.Get("uname"))
}

func quorum(m *mutator) string {
	v := m.word("0 1 true false")
	m.root.Set("have-quorum", v)
	return "have-quorum=" + v
}
