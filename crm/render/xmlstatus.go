package render

import (
	"strconv"

	"systole/crm/scheduler"
)

// Status writes a status block (08 §13.4).
func (x *XML) Status(kind StatusKind, s *scheduler.State, o StatusOptions) {
	name := "cluster_status"
	if kind == RevisedStatus {
		name = "revised_cluster_status"
	}
	b := xmlStatus{s: s, o: o, m: x.top().add(name)}
	nodes := b.m.add("nodes")
	for _, n := range s.Nodes {
		b.node(nodes, n)
	}
	b.resources()
	if o.Attributes {
		b.attributes()
	}
	if o.FailCounts {
		b.failCounts()
		b.failedActions()
	}
}

type xmlStatus struct {
	s *scheduler.State
	o StatusOptions
	m *markup
}

func (b *xmlStatus) node(list *markup, n *scheduler.Node) {
	m := list.add("node", "name", n.Name, "id", n.ID,
		"online", boolText(n.Online), "standby", boolText(n.Standby), "standby_onfail", boolText(n.FailStandby),
		"maintenance", boolText(n.Maintenance), "pending", boolText(n.Pending), "unclean", boolText(n.Unclean),
		"health", nodeHealth(b.s, n))
	if n.Online && n.ExpectedUp && n.IsCluster() {
		version, ok := n.Attr("#feature-set")
		if !ok {
			version = "<3.15.1"
		}
		m.set("feature_set", version)
	}
	kind := "member"
	if n.Remote {
		kind = "remote"
	}
	m.attrs = append(m.attrs, "shutdown", boolText(n.Shutdown), "expected_up", boolText(n.ExpectedUp),
		"is_dc", boolText(n == b.s.DC), "resources_running", itoa(len(n.Running)), "type", kind)
	if n.IsGuest() {
		m.set("id_as_resource", n.Connection.Launcher.ID)
	}
}

func (b *xmlStatus) resources() {
	var list *markup
	for _, r := range b.s.Resources {
		if r.Has(scheduler.RscRemoved) && !r.IsActive(true) {
			continue
		}
		if list == nil {
			list = b.m.add("resources")
		}
		b.resource(list, r)
	}
}

func (b *xmlStatus) resource(m *markup, r *scheduler.Resource) {
	switch r.Kind {
	case scheduler.KindGroup:
		if len(r.Children) == 0 {
			return
		}
		b.children(m.add("group", "id", r.ID, "number_resources", itoa(len(r.Children)),
			"maintenance", boolText(r.Has(scheduler.RscMaintenance)), "managed", boolText(r.Managed()),
			"disabled", boolText(r.UserDisabled())), r)
	case scheduler.KindClone:
		b.clone(m, r)
	case scheduler.KindBundle:
		b.bundle(m, r)
	default:
		b.primitive(m, r)
	}
}

func (b *xmlStatus) children(m *markup, r *scheduler.Resource) {
	for _, c := range r.Children {
		b.resource(m, c)
	}
}

func (b *xmlStatus) clone(m *markup, r *scheduler.Resource) {
	if len(r.Children) == 0 {
		return
	}
	c := m.add("clone", "id", r.ID, "multi_state", boolText(r.Has(scheduler.RscPromotable)),
		"unique", boolText(r.Has(scheduler.RscUnique)), "maintenance", boolText(r.Has(scheduler.RscMaintenance)),
		"managed", boolText(r.Managed()), "disabled", boolText(r.UserDisabled()),
		"failed", boolText(r.Has(scheduler.RscFailed)), "failure_ignored", boolText(r.Has(scheduler.RscIgnoreFailure)))
	role, ok := r.Meta.Get("target-role")
	if !ok {
		role, ok = r.Children[0].Meta.Get("target-role")
	}
	c.opt("target_role", role, ok)
	b.children(c, r)
}

func (b *xmlStatus) bundle(m *markup, r *scheduler.Resource) {
	replicas := r.Replicas()
	if len(replicas) == 0 {
		return
	}
	image, technology := r.BundleImage()
	c := m.add("bundle", "id", r.ID, "type", technology, "image", image, "unique", boolText(r.Has(scheduler.RscUnique)),
		"maintenance", boolText(r.Has(scheduler.RscMaintenance)), "managed", boolText(r.Managed()),
		"failed", boolText(r.Has(scheduler.RscFailed)))
	for _, rep := range replicas {
		p := c.add("replica", "id", itoa(rep.Offset))
		for _, part := range [...]*scheduler.Resource{rep.IP, rep.Child, rep.Container, rep.Connection} {
			if part != nil {
				b.resource(p, part)
			}
		}
	}
}

func (b *xmlStatus) primitive(m *markup, r *scheduler.Resource) {
	c := m.add("resource", "id", r.DisplayID(), "resource_agent", agentName(r, true), "role", stateWord(r, b.o.Pending))
	role, ok := r.Meta.Get("target-role")
	c.opt("target_role", role, ok)
	removed := boolText(r.Has(scheduler.RscRemoved))
	c.attrs = append(c.attrs, "active", boolText(r.IsActive(true)), "orphaned", removed, "removed", removed,
		"blocked", boolText(r.Has(scheduler.RscBlocked)), "maintenance", boolText(r.Has(scheduler.RscMaintenance)),
		"managed", boolText(r.Managed()), "failed", boolText(r.Has(scheduler.RscFailed)),
		"failure_ignored", boolText(r.Has(scheduler.RscIgnoreFailure)), "nodes_running_on", itoa(len(r.Active)))
	c.opt("pending", "Monitoring", b.o.Pending && r.PendingTask == "monitor")
	if r.LockNode != nil {
		c.set("locked_to", r.LockNode.Name)
	}
	for _, n := range r.Active {
		c.add("node", "name", n.Name, "id", n.ID, "cached", boolText(n.Online))
	}
}

func (b *xmlStatus) attributes() {
	var list *markup
	for _, n := range b.s.Nodes {
		if !n.Online {
			continue
		}
		shown := shownAttrs(b.s, n)
		if len(shown) == 0 {
			continue
		}
		if list == nil {
			list = b.m.add("node_attributes")
		}
		m := list.add("node", "name", n.Name)
		for _, a := range shown {
			m.add("attribute", "name", a.name, "value", a.value).opt("expected", itoa(a.expected), a.checked)
		}
	}
}

func (b *xmlStatus) failCounts() {
	all := allFailures(b.s)
	if len(all) == 0 {
		return
	}
	list := b.m.add("node_history")
	for _, f := range all {
		if len(f.list) == 0 {
			continue
		}
		m := list.add("node", "name", f.node.Name)
		for _, r := range f.list {
			h := m.add("resource_history", "id", r.id, "orphan", "false", "removed", "false",
				"migration-threshold", thresholdText(r.rsc), "fail-count", itoa(int(r.count)))
			h.opt("last-failure", ctime(r.last, b.o.Zone), r.last > 0)
		}
	}
}

func (b *xmlStatus) failedActions() {
	shown := shownFailures(b.s)
	if len(shown) == 0 {
		return
	}
	list := b.m.add("failures")
	for _, f := range shown {
		key := "op_key"
		if !f.Op.Has("operation_key") {
			key = "id"
		}
		reason := "none"
		if text, ok := f.Op.Attr("exit-reason"); ok {
			reason = escapeTwice(text)
		}
		m := list.add("failure", key, f.Key, "node", f.Node.Name, "exitstatus", ExitWord(f.RC), "exitreason", reason,
			"exitcode", itoa(f.RC))
		m.opt("call", f.CallID, f.Op.Has("call-id"))
		m.set("status", execWord(f.Status))
		if f.LastChange > 0 {
			m.set("last-rc-change", local(f.LastChange, b.o.Zone))
			m.opt("queued", f.QueueTime, f.Op.Has("queue-time"))
			m.opt("exec", f.ExecTime, f.Op.Has("exec-time"))
			m.attrs = append(m.attrs, "interval", strconv.FormatUint(uint64(f.IntervalMs), 10), "task", f.Task)
		}
	}
}

// escapeTwice escapes a text that is escaped again when it is written: that is
// how the reason of a failure comes out of Pacemaker.
func escapeTwice(text string) string { return string(appendEscaped(nil, text, true)) }
