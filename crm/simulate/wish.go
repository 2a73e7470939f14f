package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// This file is about what people ask for and Pacemaker's program has no option
// for, and about Pacemaker Remote nodes, for which its options do nothing.

func (w *World) injectWishes(s *scheduler.State, in *Injection, now int64, emit func(Event)) error {
	for _, n := range in.NodesStandby {
		emit(Event{Kind: EventNodeStandby, Node: n})
		w.setStandby(n, true)
	}
	for _, n := range in.NodesUnstandby {
		emit(Event{Kind: EventNodeUnstandby, Node: n})
		w.setStandby(n, false)
	}
	for _, n := range in.NodesLeave {
		emit(Event{Kind: EventNodeLeave, Node: n})
		st, err := w.state(n, "")
		if err != nil {
			return err
		}
		w.edit(st)
		setPair(childOrNew(st.xml, "transient_attributes", st.xml.ID()), "instance_attributes", "status-"+st.xml.ID(), "shutdown",
			strconv.FormatInt(now, 10))
		w.commit(st)
	}
	for _, id := range in.RscStop {
		emit(Event{Kind: EventRscStop, Name: id})
		w.setMeta(id, "target-role", "Stopped")
	}
	for _, id := range in.RscStart {
		emit(Event{Kind: EventRscStart, Name: id})
		w.setMeta(id, "target-role", "Started")
	}
	for _, spec := range in.RscFail {
		rsc, node, _ := strings.Cut(spec, "@")
		emit(Event{Kind: EventRscFail, Name: rsc, Node: node})
		if err := w.failMonitor(s, rsc, node, notRunning, now); err != nil {
			return err
		}
	}
	return nil
}

// setStandby sets the node attribute standby in the configuration; a transient
// one that says otherwise goes.
func (w *World) setStandby(name string, standby bool) {
	value := "off"
	if standby {
		value = "on"
	}
	nodes := w.configuration("nodes")
	var e *xmltree.Element
	for n := range nodes.Elements("node") {
		if strings.EqualFold(n.Get("uname"), name) {
			e = n
			break
		}
	}
	if e == nil {
		e = nodes.Add("node", "id", name, "uname", name, "type", "remote")
	}
	setPair(e, "instance_attributes", "nodes-"+e.ID(), "standby", value)
	w.noteConfig()
	if st, err := w.state(name, ""); err == nil {
		w.dropTransient(st, "standby")
	}
}

// setMeta sets a meta-attribute of a resource in the configuration.
func (w *World) setMeta(id, name, value string) {
	resources := w.configuration("resources")
	var found *xmltree.Element
	resources.Walk(func(e *xmltree.Element) bool {
		if found == nil && e.ID() == id && isResource(e.Name) {
			found = e
		}
		return found == nil
	})
	if found == nil {
		return
	}
	setPair(found, "meta_attributes", id+"-meta_attributes", name, value)
	w.noteConfig()
}

func isResource(name string) bool {
	switch name {
	case "primitive", "group", "clone", "master", "bundle":
		return true
	}
	return false
}

// setPair sets an nvpair: in the set that has it, else in the first one without
// a rule, else in a new one.
func setPair(e *xmltree.Element, set, setID, name, value string) {
	var target *xmltree.Element
	for s := range e.Elements(set) {
		for p := range s.Elements("nvpair") {
			if p.Get("name") == name {
				p.Set("value", value)
				return
			}
		}
		if target == nil && s.Child("rule") == nil && !s.Has("id-ref") {
			target = s
		}
	}
	if target == nil {
		target = e.Add(set, "id", xmltree.SanitizeID(setID))
	}
	target.Add("nvpair", "id", xmltree.SanitizeID(target.ID()+"-"+name), "name", name, "value", value)
}

// dropTransient removes transient attributes of a node.
func (w *World) dropTransient(st *nodeState, prefixes ...string) {
	e := w.edit(st)
	e.Walk(func(p *xmltree.Element) bool {
		if p.Name != "instance_attributes" {
			return true
		}
		p.Children = slices.DeleteFunc(p.Children, func(c *xmltree.Element) bool {
			return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(c.Get("name"), prefix) })
		})
		return false
	})
	w.commit(st)
}

// failMonitor writes down that the recurring monitor of a resource failed.
func (w *World) failMonitor(s *scheduler.State, rsc, node string, rc int, now int64) error {
	r := s.FindResource(rsc)
	if r == nil {
		return fmt.Errorf("cannot let %s fail: there is no such resource", rsc)
	}
	ms, ok := s.MonitorInterval(r, r.OrigRole)
	if !ok {
		ms = defaultMonitorMs
	}
	st, err := w.state(node, "")
	if err != nil {
		return err
	}
	op := opKey{rsc: rsc, task: "monitor", intervalMs: ms}
	quiet := func(Event) {}
	w.addFailure(st, op, rc, false, now, quiet)
	h, problem := w.history(st, rsc, rsc, agent{class: r.Class, provider: r.Provider, kind: r.Type})
	if h == nil {
		return fmt.Errorf("cannot let %s fail on %s: %s", rsc, node, problem)
	}
	h.load()
	good := h.entries[op.String()]
	h.record(result{key: op, node: node, rc: rc, reason: "simulated failure", now: now})
	failure := h.entries[rsc+"_last_failure_0"]
	for _, name := range [...]string{"crm_feature_set", "op-digest", "op-secure-params", "op-secure-digest"} {
		if v, ok := good.Attr(name); ok && failure != nil {
			failure.Set(name, v) // what failed has the parameters of what worked
		}
	}
	w.commit(st)
	return nil
}

// defaultMonitorMs is the interval of a monitor that is said to have failed
// where none is configured.
const defaultMonitorMs = 60000

// remoteNode finds a Pacemaker Remote node of that name, where such nodes are
// treated as people mean it; nil otherwise.
func (w *World) remoteNode(s *scheduler.State, name string) *scheduler.Node {
	if !w.Humane {
		return nil
	}
	for _, n := range s.Nodes {
		if n.Remote && n.Connection != nil && strings.EqualFold(n.Name, name) {
			return n
		}
	}
	return nil
}

// disconnect lets the cluster lose its connection to a Pacemaker Remote node.
func (w *World) disconnect(s *scheduler.State, n *scheduler.Node, now int64) error {
	host := n.Connection.ActiveNode()
	if host == nil {
		return nil // nothing to lose
	}
	const failed = 1
	return w.failMonitor(s, n.Connection.ID, host.Name, failed, now)
}

// reconnect forgets why a Pacemaker Remote node could not be used: failures of
// its connection, and that it was going down.
func (w *World) reconnect(n *scheduler.Node) error {
	id := n.Connection.ID
	w.ownStatus()
	for _, st := range slices.Clone(w.order) {
		w.dropTransient(st, "fail-count-"+id+"#", "last-failure-"+id+"#")
		if strings.EqualFold(st.xml.Get("uname"), n.Name) {
			w.dropTransient(st, "shutdown")
		}
		w.dropFailures(st, id)
	}
	return nil
}

// dropFailures removes the failures of a resource from a node's history.
func (w *World) dropFailures(st *nodeState, id string) {
	e := w.edit(st)
	e.Walk(func(h *xmltree.Element) bool {
		if h.Name != "lrm_resource" || h.ID() != id {
			return true
		}
		h.Children = slices.DeleteFunc(h.Children, func(c *xmltree.Element) bool {
			return c.ID() == id+"_last_failure_0"
		})
		return false
	})
	st.rsc = nil
	w.commit(st)
}

// clusterAction does what an action of the cluster itself does, which Pacemaker's
// program only reports: a node that is shut down is offline then, and cleared
// failures are forgotten.
func (e *executor) clusterAction(a *graph.Action) error {
	switch {
	case a.Task == "do_shutdown":
		return e.nodeDown(a.Node, origin)
	case a.Task == "clear_failcount" && a.Primitive != nil:
		st, err := e.state(a.Node, a.NodeID)
		if err != nil {
			return err
		}
		for _, id := range [...]string{a.Primitive.ID, a.Primitive.LongID} {
			if id != "" {
				e.dropTransient(st, "fail-count-"+id+"#", "last-failure-"+id+"#")
				e.dropFailures(st, id)
			}
		}
	}
	return nil
}

// setFenced notes whether a Pacemaker Remote node was fenced since its connection
// was lost.
func (w *World) setFenced(name, fenced string) error {
	st, err := w.state(name, name)
	if err != nil {
		return err
	}
	if setAll(w.edit(st), "node_fenced", fenced) {
		w.commit(st)
	}
	return nil
}
