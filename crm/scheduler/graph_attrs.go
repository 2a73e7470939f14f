package scheduler

import (
	"slices"
	"strings"

	"systole/crm/graph"
)

// attrEntry is an attribute while attributes are collected. Of entries with the
// same name the one with the lowest rank is written, of these the first.
type attrEntry struct {
	name, value string
	rank        int
}

// Ranks of 06 §14.6: the resource's own facts overwrite, everything else is only
// written where the name is free.
const (
	rankResource = iota
	rankPlain
)

// graphAttributes collects what an action is executed with, sorted by name in
// byte order. Parameters whose names begin with a digit come separately.
func (s *State) graphAttributes(a *Action, g *graph.Action) (attrs, params []graph.Attr) {
	c := attrCollector{s: s, list: s.ord.graph.order[:0]}
	c.add("crm_feature_set", FeatureSet, rankPlain)
	c.all(&a.Extra)
	params = c.parameters(a)
	c.meta(a, g)
	for r := a.Rsc; r != nil; r = r.Parent {
		c.resource(r)
	}
	c.guest(a)
	slices.SortStableFunc(c.list, func(x, y attrEntry) int {
		if d := strings.Compare(x.name, y.name); d != 0 {
			return d
		}
		return x.rank - y.rank
	})
	attrs = make([]graph.Attr, 0, len(c.list))
	for _, e := range c.list {
		if k := len(attrs); k == 0 || attrs[k-1].Name != e.name {
			attrs = append(attrs, graph.Attr{Name: e.name, Value: e.value})
		}
	}
	s.ord.graph.order = c.list
	slices.SortFunc(params, func(x, y graph.Attr) int { return strings.Compare(x.Name, y.Name) })
	return attrs, params
}

type attrCollector struct {
	s    *State
	list []attrEntry
}

func (c *attrCollector) add(name, value string, rank int) {
	c.list = append(c.list, attrEntry{name, value, rank})
}

// set overwrites what is there, also what set wrote before.
func (c *attrCollector) set(name, value string) {
	for i := range c.list {
		if e := &c.list[i]; e.rank == rankResource && e.name == name {
			e.value = value
			return
		}
	}
	c.add(name, value, rankResource)
}

func (c *attrCollector) all(v *Values) {
	v.Each(func(name, value string) { c.add(name, value, rankPlain) })
}

// parameters adds the instance parameters: for the action's node, or without
// node for primitives only.
func (c *attrCollector) parameters(a *Action) (digits []graph.Attr) {
	if a.Rsc == nil || (a.Node == nil && !a.Rsc.IsLeaf()) {
		return nil
	}
	p := c.s.paramsFor(a.Rsc, a.Node)
	if p == nil {
		return nil
	}
	p.Each(func(name, value string) {
		switch {
		case name == "":
		case isDigit(name[0]):
			digits = append(digits, graph.Attr{Name: name, Value: value})
		case name == "addr" && value == "#uname" && a.Node != nil:
			if base := c.s.paramsFor(a.Rsc, nil); base != nil && base.Has("addr") {
				value = base.Value("addr")
			}
			fallthrough
		default:
			c.add(name, value, rankPlain)
		}
	})
	return digits
}

// meta adds the action's meta table; the node is part of it from now on.
func (c *attrCollector) meta(a *Action, g *graph.Action) {
	a.Meta.Each(func(name, value string) {
		if g.Node != "" && (name == "on_node" || name == "on_node_uuid") {
			return
		}
		c.metaPair(name, value)
	})
	if g.Node != "" {
		c.metaPair("on_node", g.Node)
		c.metaPair("on_node_uuid", g.NodeID)
	}
}

func (c *attrCollector) metaPair(name, value string) {
	if full := c.metaName(name); full != "" {
		c.add(full, value, rankPlain)
	}
}

// metaName is the attribute name of a meta-attribute, "" for what the cluster
// keeps to itself.
func (c *attrCollector) metaName(name string) string {
	known := c.s.ord.graph.meta
	if full, ok := known[name]; ok {
		return full
	}
	full := ""
	if !strings.ContainsAny(name, "#:") {
		full = "CRM_meta_" + strings.ReplaceAll(name, "-", "_")
	}
	known[name] = full
	return full
}

// resource adds what an action says about its resource and each ancestor.
func (c *attrCollector) resource(r *Resource) {
	switch r.Kind {
	case KindPrimitive:
		c.primitive(r)
	case KindClone:
		d := r.clone
		c.set("CRM_meta_globally_unique", boolText(r.Has(RscUnique)))
		c.set("CRM_meta_notify", boolText(r.Has(RscNotify)))
		c.set("CRM_meta_clone_max", itoa64(int64(d.Max)))
		c.set("CRM_meta_clone_node_max", itoa64(int64(d.NodeMax)))
		if r.Has(RscPromotable) {
			limit, nodeLimit := itoa64(int64(d.PromotedMax)), itoa64(int64(d.PromotedNodeMax))
			c.set("CRM_meta_promoted_max", limit)
			c.set("CRM_meta_promoted_node_max", nodeLimit)
			c.set("CRM_meta_master_max", limit)
			c.set("CRM_meta_master_node_max", nodeLimit)
		}
	}
}

func (c *attrCollector) primitive(r *Resource) {
	if v, ok := r.Meta.Get("clone"); ok {
		c.set("CRM_meta_clone", v)
	}
	if v, ok := r.Meta.Get("remote-node"); ok {
		c.set("CRM_meta_remote_node", v)
	}
	for p := r; p != nil; p = p.Parent {
		if p.Launcher != nil {
			c.set("CRM_meta_container", p.Launcher.ID) // the highest one stays
		}
	}
	if v, ok := r.Meta.Get("external-ip"); ok {
		c.set("pcmk_external_ip", v)
	}
}

// guest adds where the guest node of an action is: on the host it leaves for
// actions on the way down, on the one it gets for those on the way up.
func (c *attrCollector) guest(a *Action) {
	if a.Node == nil || a.Rsc == nil || !a.Node.IsGuest() {
		return
	}
	task := a.Task
	if task == taskNotify || task == taskNotified {
		task = a.Meta.Value("notify_operation")
	}
	launcher := a.Node.Connection.Launcher
	var host *Node
	switch task {
	case taskStop, taskStopped, taskDemote, taskDemoted:
		host = launcher.activeNode()
	case taskStart, taskRunning, taskMonitor, taskPromote, taskPromoted:
		host = launcher.Assigned
	}
	if host == nil {
		return
	}
	if v, ok := a.Rsc.Meta.Get("container-attribute-target"); ok {
		c.metaPair("container-attribute-target", v)
	}
	c.metaPair("physical-host", host.Name)
}
