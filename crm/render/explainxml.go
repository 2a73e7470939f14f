package render

import (
	"strings"

	"systole/crm/explain"
	"systole/crm/scheduler"
)

// Reasons writes a list of changes, each with why it is made.
func (x *XML) Reasons(index *explain.Index) {
	list := index.Changes()
	x.begin("reasons")
	for _, n := range index.Fenced() {
		addFacts(x.top().add("node_change", "action", n.Fate, "node", n.Node.Name), "fact", n.Why)
	}
	for i := range list {
		addChange(x.top(), &list[i])
	}
	for _, r := range index.Unrecovered() {
		addFacts(x.top().add("unrecovered", "resource", r.Rsc.ID), "fact", r.Conditions)
	}
	x.end()
}

func addChange(m *markup, c *explain.Change) {
	e := m.add("change", "action", strings.ToLower(c.Row.Verb), "resource", c.Row.Rsc.ID)
	e.opt("source", nodeName(c.Row.Origin), c.Row.Origin != nil)
	e.opt("dest", nodeName(c.Row.Destination), c.Row.Destination != nil)
	e.set("role", c.Row.Role.String())
	e.set("next-role", c.Row.Next.String())
	e.opt("reason", c.Row.Reason, c.Row.Reason != "")
	e.opt("blocked", "true", c.Row.Blocked)
	addFacts(e, "fact", c.Why)
}

func nodeName(n *scheduler.Node) string {
	if n == nil {
		return ""
	}
	return n.Name
}

func addFacts(m *markup, name string, list []explain.Fact) {
	for _, f := range list {
		setFact(m.add(name), f)
	}
}

func setFact(e *markup, f explain.Fact) {
	e.set("kind", f.Kind)
	e.opt("element", f.Elem, f.Elem != "")
	e.opt("id", f.ID, f.ID != "")
	e.opt("line", itoa(f.Line), f.Line > 0)
	e.set("text", f.Text)
}

// Resource writes what there is to say about a resource.
func (x *XML) Resource(_ *scheduler.State, r *explain.Report, only *scheduler.Node) {
	addReport(x.top(), "resource_report", r, only)
}

func addReport(m *markup, name string, r *explain.Report, only *scheduler.Node) {
	e := m.add(name, "id", r.Rsc.ID, "agent", agentOf(r.Rsc))
	e.opt("line", itoa(r.Line), r.Line > 0)
	e.set("managed", boolText(r.Rsc.Managed()))
	e.set("failed", boolText(r.Rsc.Has(scheduler.RscFailed)))
	if r.Rsc.IsLeaf() {
		e.set("role", r.Rsc.OrigRole.String())
		e.set("next-role", r.Rsc.NextRole.String())
		e.opt("assigned", nodeName(r.Rsc.Assigned), r.Rsc.Assigned != nil)
	}
	if r.Rsc.IsLeaf() {
		for _, n := range r.Rsc.Active {
			e.add("active_node", "name", n.Name)
		}
	}
	addFacts(e, "condition", r.Conditions)
	addFacts(e, "absent", r.Absent)
	for i := range r.Changes {
		addChange(e, &r.Changes[i])
	}
	for i := range r.Places {
		if only == nil || r.Places[i].Node == only {
			addPlace(e, &r.Places[i])
		}
	}
	for _, p := range r.Parts {
		addReport(e, "part", p, only)
	}
}

func addPlace(m *markup, p *explain.Place) {
	e := m.add("place", "node", p.Node.Name)
	e.opt("score", p.Score.String(), p.Allowed)
	e.set("allowed", boolText(p.Allowed))
	e.set("chosen", boolText(p.Chosen))
	e.set("active", boolText(p.Current))
	addFacts(e, "fact", p.Why)
	addReasons(e, "reason", p.Reasons)
	addReasons(e, "promotion_reason", p.Promotion)
}

func addReasons(m *markup, name string, list []explain.Reason) {
	for i := range list {
		r := &list[i]
		e := m.add(name, "score", r.Delta.String(), "replaces", boolText(r.Set), "result", r.Result.String())
		setFact(e, r.Fact)
	}
}

// Node writes what there is to say about a node.
func (x *XML) Node(_ *scheduler.State, n *explain.NodeReport) {
	e := x.top().add("node_report", "name", n.Node.Name, "kind", nodeWord(n.Node))
	e.opt("line", itoa(n.Line), n.Line > 0)
	e.set("state", nodeState(n.Node))
	e.opt("action", n.Fate, n.Fate != "")
	addFacts(e, "condition", n.State)
	addFacts(e, "fact", n.Why)
	for i := range n.Changes {
		addChange(e, &n.Changes[i])
	}
	for _, r := range n.Stays {
		e.add("stay", "resource", r.ID)
	}
}
