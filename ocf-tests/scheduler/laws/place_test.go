package laws

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// Nothing is started, promoted or migrated to a node that is not there or may
// not run anything.
//
// A Pacemaker Remote node is there as soon as its connection has been started,
// which may be in the same transition, also after it was fenced: a guest node
// is fenced by stopping what it runs in. One that startup-fencing holds for
// unclean only because nothing was ever heard of it is taken as clean when its
// connection is active: that tells more than a fencing would (04 §13 step 10).
func TestOnlyOnAvailableNodes(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		for _, o := range c.ops {
			if o.Kind != graph.RscOp || !isAny(o.Task, "start", "promote", "migrate_from") {
				continue
			}
			if o.node == nil {
				t.Fatalf("%s on %s, which is no node", o.Key, o.Node)
			}
			if why := c.unavailable(o); why != "" {
				t.Fatalf("%s on %s, which %s", o.Key, o.Node, why)
			}
		}
	})
}

// unavailable tells what keeps an action from being run on its node, "" when
// nothing does.
func (c *cluster) unavailable(o *op) string {
	n := o.node
	if n.IsCluster() {
		if why := unfit(c.root, n.Name); why != "" {
			return why
		}
	}
	connected := n.Remote && anyBefore(c.find("start", n.Connection, nil), o) || c.migratesTooSoon(o)
	last := c.isLastResort(o)
	switch {
	case connected, last && !n.Connection.Managed():
	case !n.Online:
		return "is offline"
	case n.Unclean && (n.Seen || !n.Remote):
		return "is unclean"
	}
	switch {
	case last:
	case n.Standby, n.FailStandby:
		return "is in standby"
	case n.Maintenance:
		return "is in maintenance"
	case n.Shutdown:
		return "shuts down"
	case n.Pending:
		return "is pending"
	}
	for _, f := range c.find("stonith", nil, n) {
		if how, _ := f.Attr("CRM_meta_stonith_action"); how != "on" && !(connected && (f.Kind == graph.PseudoEvent || f.before(o))) {
			return "is fenced"
		}
	}
	return ""
}

// isLastResort is Pacemaker's own fault: a guest or bundle node is not asked
// whether it is available when a resource is assigned to it, so that one in
// standby or maintenance, or one whose connection is unmanaged and so stays
// down, is taken where nothing else is left, as for what is inside a bundle (04 §16.1; testdata/bundle-node-standby, guest-last-resort).
func (c *cluster) isLastResort(o *op) bool {
	if !o.node.IsGuest() || o.rsc == nil {
		return false
	}
	allowed := &c.planned(o.rsc).Allowed
	for _, n := range c.was.Nodes {
		if score, ok := allowed.Get(n); ok && score >= 0 && n.Available() {
			return false
		}
	}
	return true
}

// migratesTooSoon is Pacemaker's own fault: what is migrated live to a node whose
// connection is (re)started in the same transition does not wait for the connection,
// only its monitor does (testdata/guest-migrate-too-soon), and goes there too
// when the connection cannot be started (testdata/guest-migrate-nowhere).
// Orderings for connections leave pseudo-actions out, which the start is in a
// migration; it stays out where the migration is given up later (07 §7.5).
func (c *cluster) migratesTooSoon(o *op) bool {
	return isAny(o.Task, "start", "migrate_from") && o.node.Remote &&
		(!o.node.Online || len(c.find("start", o.node.Connection, nil)) > 0) &&
		o.rsc != nil && o.rsc.Has(scheduler.RscMigratable) && len(o.rsc.Active) == 1
}

// unfit reads from the CIB itself whether a member takes part in the cluster.
func unfit(root *xmltree.Element, name string) string {
	for e := range root.Child("status").Elements("node_state") {
		if e.Get("uname") != name {
			continue
		}
		in, online := e.Get("in_ccm"), e.Get("crmd")
		if isAny(in, "", "0", "false") || isAny(online, "", "0", "offline") || e.Get("join") != "member" {
			return "is no member"
		}
		return attributesOf(root, e)
	}
	return "has no state"
}

// attributesOf reads the node attributes that keep a node from running
// anything. Transient ones count before permanent ones.
func attributesOf(root, state *xmltree.Element) string {
	values := map[string]string{}
	collect := func(e *xmltree.Element) {
		e.Walk(func(x *xmltree.Element) bool {
			if x.Name == "nvpair" && x.Parent.Name == "instance_attributes" {
				values[x.Get("name")] = x.Get("value")
			}
			return true
		})
	}
	for n := range root.Path("configuration", "nodes").Elements("node") {
		if n.Get("uname") == state.Get("uname") {
			collect(n)
		}
	}
	collect(state.Child("transient_attributes"))
	for _, name := range []string{"standby", "maintenance"} {
		if isAny(values[name], "true", "on", "1") {
			return "has " + name
		}
	}
	if v := values["shutdown"]; v != "" && v != "0" {
		return "has shutdown"
	}
	return ""
}

func isAny(s string, list ...string) bool {
	for _, x := range list {
		if strings.EqualFold(s, x) {
			return true
		}
	}
	return false
}

// Nothing is started or promoted where a location bans it: a score of
// -INFINITY stays what it is, whatever is added to it (04 §2.2).
//
// A bundle's locations are for its containers and addresses. Connections run on
// any node; what is inside runs on the bundle nodes. A location cannot name what
// is inside a globally unique clone (04 §5.1).
func TestNotWhereBanned(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		bans := c.bans()
		for _, o := range c.ops {
			if o.Kind != graph.RscOp || !isAny(o.Task, "start", "promote", "migrate_from") || o.rsc == nil {
				continue
			}
			for r := o.rsc; r != nil; r = r.Parent {
				if r.Kind == scheduler.KindBundle && !isPlacedByBundle(o.rsc) {
					break
				}
				if id := bans[ban{r, o.node}]; id != "" {
					t.Fatalf("%s on %s, which %s bans", o.Key, o.Node, id)
				}
			}
		}
	})
}

// isPlacedByBundle tells whether a part of a bundle is placed by the bundle's
// locations.
func isPlacedByBundle(r *scheduler.Resource) bool {
	return r.Parent != nil && r.Parent.Kind == scheduler.KindBundle && !r.Has(scheduler.RscRemoteConnection)
}

type ban struct {
	rsc  *scheduler.Resource
	node *scheduler.Node
}

// bans reads the plain bans of the CIB: by resource and node, the constraint.
func (c *cluster) bans() map[ban]string {
	bans := map[ban]string{}
	for l := range c.root.Path("configuration", "constraints").Elements("rsc_location") {
		if r := c.was.FindResource(l.Get("rsc")); r != nil && l.Get("score") == "-INFINITY" && l.Has("node") && !l.Has("role") {
			bans[ban{r, c.node(l.Get("node"))}] = l.ID()
		}
	}
	return bans
}
