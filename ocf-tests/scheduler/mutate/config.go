package mutate

import (
	"fmt"
	"strings"

	"systole/lib/xmltree"
)

// metas is a table: meta-attributes of resources and values to try.
var metas = [][2]string{
	{"priority", "0 1 5 100 -5 INFINITY"},
	{"target-role", "Stopped Started Unpromoted Promoted Stopped"},
	{"is-managed", "true false false"},
	{"maintenance", "true false"},
	{"resource-stickiness", "0 1 100 INFINITY -1 1000"},
	{"migration-threshold", "0 1 2 INFINITY"},
	{"multiple-active", "stop_start stop_only block stop_unexpected"},
	{"requires", "nothing quorum fencing unfencing"},
	{"allow-migrate", "true false true"},
	{"critical", "true false"},
	{"failure-timeout", "10s 1000000h 0"},
	{"allow-unhealthy-nodes", "true false"},
	{"container-attribute-target", "host node"},
}

// cloneMetas is a table: the same for clones.
var cloneMetas = [][2]string{
	{"interleave", "true false true"},
	{"ordered", "true false true"},
	{"notify", "true false true"},
	{"clone-max", "0 1 2 3 5"},
	{"clone-node-max", "1 2 3"},
	{"globally-unique", "true false"},
	{"promotable", "true false true"},
	{"promoted-max", "0 1 2 3"},
	{"promoted-node-max", "1 2"},
	{"clone-min", "1 2"},
}

// options is a table: cluster options.
var options = [][2]string{
	{"fencing-enabled", "true false"},
	{"stonith-enabled", "true false"},
	{"no-quorum-policy", "ignore stop freeze demote fence"},
	{"symmetric-cluster", "true false"},
	{"maintenance-mode", "true false"},
	{"start-failure-is-fatal", "true false"},
	{"enable-startup-probes", "true false"},
	{"stop-all-resources", "true false"},
	{"stop-removed-resources", "true false"},
	{"cancel-removed-actions", "true false"},
	{"startup-fencing", "true false"},
	{"concurrent-fencing", "true false"},
	{"placement-strategy", "default utilization minimal balanced"},
	{"have-watchdog", "true false"},
	{"node-health-strategy", "none migrate-on-red only-green progressive custom"},
	{"node-health-red", "-10 -INFINITY 5"},
	{"priority-fencing-delay", "10s 0"},
	{"shutdown-lock", "true false"},
	{"shutdown-lock-limit", "10s 1000000h"},
	{"fencing-action", "reboot off"},
	{"node-pending-timeout", "10s 0 1000000h"},
	{"fence-remote-without-quorum", "true false"},
}

func resourceMeta(m *mutator) string {
	r := pick(m, m.resources())
	if r == nil {
		return ""
	}
	return m.meta(r, pick(m, metas))
}

func cloneMeta(m *mutator) string {
	r := pick(m, m.all(m.section("resources"), "clone"))
	if r == nil {
		return ""
	}
	return m.meta(r, pick(m, cloneMetas))
}

func (m *mutator) meta(r *xmltree.Element, p [2]string) string {
	v := m.word(p[1])
	m.setPair(r, "meta_attributes", p[0], v)
	return fmt.Sprintf("%s: meta %s=%s", r.ID(), p[0], v)
}

func dropMeta(m *mutator) string {
	nv := pick(m, m.all(m.section("resources"), "nvpair"))
	if nv == nil || nv.Parent.Name != "meta_attributes" {
		return ""
	}
	nv.Remove()
	return "meta " + nv.Get("name") + " removed (" + nv.ID() + ")"
}

func clusterOption(m *mutator) string {
	p := pick(m, options)
	v := m.word(p[1])
	m.setPair(m.section("crm_config"), "cluster_property_set", p[0], v)
	return "option " + p[0] + "=" + v
}

func utilization(m *mutator) string {
	m.setPair(m.section("crm_config"), "cluster_property_set", "placement-strategy", m.word("utilization minimal balanced"))
	for _, n := range m.all(m.section("nodes"), "node") {
		m.setPair(n, "utilization", "cpu", m.word("1 2 4 8"))
		if m.rng.IntN(2) == 0 {
			m.setPair(n, "utilization", "memory", m.word("100 200 400"))
		}
	}
	for _, p := range m.primitives() {
		if m.rng.IntN(2) == 0 {
			m.setPair(p, "utilization", "cpu", m.word("0 1 2 3"))
		}
		if m.rng.IntN(4) == 0 {
			m.setPair(p, "utilization", "memory", m.word("50 100 300 -10"))
		}
	}
	return "utilization everywhere"
}

func wrapInClone(m *mutator) string {
	r := pick(m, m.topResources())
	if r == nil || (r.Name != "primitive" && r.Name != "group") {
		return ""
	}
	p := r.Parent
	c := xmltree.New("clone", "id", m.id())
	for i, e := range p.Children {
		if e == r {
			p.Children[i] = c
		}
	}
	c.Parent = p
	c.Append(r)
	return r.ID() + " cloned as " + c.ID()
}

// dropResource removes a resource and the constraints that name it.
func dropResource(m *mutator) string {
	r := pick(m, m.topResources())
	if r == nil || m.rng.IntN(2) == 0 {
		return ""
	}
	gone := map[string]bool{}
	r.Walk(func(e *xmltree.Element) bool {
		gone[e.ID()] = true
		return true
	})
	r.Remove()
	for _, c := range m.all(m.section("constraints"), "rsc_colocation", "rsc_order", "rsc_location", "rsc_ticket") {
		names := false
		c.Walk(func(e *xmltree.Element) bool {
			for _, a := range e.Attrs {
				switch a.Name {
				case "rsc", "with-rsc", "first", "then":
					names = names || gone[a.Value]
				case "id":
					names = names || (e.Name == "resource_ref" && gone[a.Value])
				}
			}
			return true
		})
		if names {
			c.Remove()
		}
	}
	return r.ID() + " removed"
}

func operationAttr(m *mutator) string {
	op := pick(m, m.all(m.section("resources"), "op"))
	if op == nil {
		return ""
	}
	name := m.word("on-fail role enabled interval timeout start-delay")
	value := map[string]string{
		"on-fail": m.word("ignore block demote stop restart standby fence"), "role": m.word(roles), "enabled": m.word("true false"),
		"interval": m.word("0 10s 20s PT1M 30"), "timeout": m.word("10s 1min 0 PT5S"), "start-delay": m.word("5s 0"),
	}[name]
	op.Set(name, value)
	return fmt.Sprintf("op %s: %s=%s", op.ID(), name, value)
}

func addMonitor(m *mutator) string {
	r := pick(m, m.primitives())
	if r == nil {
		return ""
	}
	ops := need(r, "operations")
	if ops.Has("id-ref") {
		return ""
	}
	op := ops.Add("op", "id", m.id(), "name", "monitor", "interval", m.word("11s 13s 17s"))
	if m.rng.IntN(2) == 0 {
		op.Set("role", m.word(roles))
	}
	if m.rng.IntN(3) == 0 {
		op.Set("on-fail", m.word("ignore block demote stop restart standby fence"))
	}
	return fmt.Sprintf("%s: monitor %s %s", r.ID(), op.Get("interval"), op.Get("role"))
}

func bundleAttr(m *mutator) string {
	e := pick(m, m.all(m.section("resources"), "docker", "podman"))
	if e == nil {
		return ""
	}
	name := m.word("replicas replicas-per-host promoted-max options network run-command")
	value := map[string]string{
		"replicas": m.word("1 2 3 4"), "replicas-per-host": m.word("1 2"), "promoted-max": m.word("0 1 2"),
		"options": "--log-driver=journald", "network": m.word("host bridge"), "run-command": "/bin/true",
	}[name]
	e.Set(name, value)
	return fmt.Sprintf("bundle %s: %s=%s", e.Parent.ID(), name, strings.TrimSpace(value))
}
