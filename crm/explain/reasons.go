package explain

import (
	"strings"

	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// reason puts a change of a resource's score for a node into words.
func (x *Index) reason(r *scheduler.Resource, n *scheduler.Node, e *scheduler.ScoreEvent) Reason {
	out := Reason{Delta: e.Delta, Set: e.Set, Result: e.Result}
	c := x.s.CauseOf(e.Cause)
	if len(x.bonds[e.Cause]) > 0 {
		out.Fact = x.colocationFact(r, e, c)
		return out
	}
	switch c.Kind {
	case "rsc_location":
		out.Fact = fact(locationText(n, e.Delta, c.XML), c)
	case "rsc_ticket":
		out.Fact = fact(x.ticketText(c.XML), c)
	case "stickiness":
		out.Fact = from(c.Kind, "resource-stickiness, it is active here", x.metaPair(r, "resource-stickiness"))
	case "migration-threshold":
		out.Fact = x.thresholdFact(r, n)
	case "hard-error", "fatal-error", "failed-stop", "failure", "on-fail", "masked-probe-failure":
		out.Fact = fact(failureText(c), c)
	case "resource-discovery":
		out.Fact = x.discoveryFact(r, n)
	case "node-health":
		out.Fact = x.healthFact(n)
	case "target-role":
		out.Fact = x.roleFact(r)
	case "collective-banned":
		out.Fact = x.collectiveFact(r, n)
	case "node-unavailable":
		out.Fact = x.nodeFact(n)
	case "promotion-score", "no-promotion-score":
		out.Fact = x.promotionFact(r, n, c)
	case "removed":
		out.Fact = fact("it is configured no more", c)
	case "utilization":
		out.Fact = plain(c.Kind, x.capacityText(r, n))
	default:
		out.Fact = fact(x.builtIn(r, n, c), c)
	}
	return out
}

// builtIn puts the rules into words that need nothing but the resource and the
// node.
func (x *Index) builtIn(r *scheduler.Resource, n *scheduler.Node, c scheduler.CauseInfo) string {
	switch c.Kind {
	case "no-remote-nodes":
		switch {
		case r.Has(scheduler.RscFenceDevice):
			return "fence devices run on cluster nodes only"
		case !r.Has(scheduler.RscRemoteConnection):
			return "it makes a guest node, which only runs on cluster nodes"
		}
		return "connections to Pacemaker Remote nodes are held by cluster nodes only"
	case "container":
		return "it runs in " + r.Meta.Value("container") + " only"
	case "instance-limit":
		top := r.TopBelowBundle()
		if r.Has(scheduler.RscReplicaContainer) {
			top = r.Parent
		}
		count := x.placedOn(top, n)
		what := "instances"
		if count == 1 {
			what = "instance"
		}
		return "the node has " + itoa(count) + " " + what + " of " + c.ID + ", as many as it may (" + itoa(top.PerNode()) + ")"
	case "instances-max":
		return "all instances that " + c.ID + " may have (" + x.instancesMax(r) + ") are placed"
	case "bundle-node":
		return "it runs in its own container only"
	case "is-managed":
		return "it is not managed and stays where it is"
	case "multiple-active":
		return "it is active on several nodes, and multiple-active=" + r.Meta.Value("multiple-active")
	case "shutdown-lock":
		return "shutdown-lock: it waits for the node where it was"
	case "next-role":
		return "it is not to be promoted"
	case "promotion-priority":
		return "promotion priorities of the instances here"
	case "reconnect_interval":
		return "reconnect_interval: the connection is not tried again yet"
	case "active":
		return c.ID + " is thought to be active in it, and its node is lost"
	case "guest-lost":
		return "guest node " + c.ID + " is lost"
	case "no-fence-device":
		return "fencing-enabled is true, but there is no fence device: nothing is done to resources"
	case "remote connection":
		return "the connection to " + c.ID + " cannot be recovered"
	case "no-quorum-policy":
		return "no quorum, and no-quorum-policy=" + x.s.Config.Values["no-quorum-policy"]
	}
	return c.Kind
}

func (x *Index) instancesMax(r *scheduler.Resource) string {
	for ; r != nil; r = r.Parent {
		switch r.Kind {
		case scheduler.KindClone:
			return "clone-max=" + itoa(r.CloneMax())
		case scheduler.KindBundle:
			return "replicas=" + itoa(len(r.Replicas()))
		}
	}
	return "0"
}

// placedOn counts the parts of a collective that are placed on a node.
func (x *Index) placedOn(collective *scheduler.Resource, n *scheduler.Node) int {
	counts := x.counts[collective]
	if counts == nil {
		counts = map[*scheduler.Node]int{}
		for _, part := range placedParts(collective) {
			var last *scheduler.Node
			for _, leaf := range leaves(part) {
				if leaf.Assigned != nil && leaf.Assigned != last {
					last = leaf.Assigned
					counts[last]++
				}
			}
		}
		x.counts[collective] = counts
	}
	return counts[n]
}

// placedParts are what a collective places: containers or instances.
func placedParts(r *scheduler.Resource) []*scheduler.Resource {
	if r.Kind != scheduler.KindBundle {
		return r.Children
	}
	var list []*scheduler.Resource
	for _, rep := range r.Replicas() {
		list = append(list, rep.Container)
	}
	return list
}

func leaves(r *scheduler.Resource) []*scheduler.Resource {
	if r.IsLeaf() {
		return []*scheduler.Resource{r}
	}
	var list []*scheduler.Resource
	for _, c := range r.Children {
		list = append(list, leaves(c)...)
	}
	return list
}

// locationText says what a location does to a node.
func locationText(n *scheduler.Node, delta scheduler.Score, e *xmltree.Element) string {
	verb := "avoids " + n.Name
	switch {
	case delta <= -scheduler.Infinity:
		verb = "keeps it away from " + n.Name
	case delta >= scheduler.Infinity:
		verb = "wants it on " + n.Name
	case delta == 0:
		verb = "allows " + n.Name
	case delta > 0:
		verb = "prefers " + n.Name
	}
	if text := ruleText(e.Child("rule")); text != "" {
		return "location " + verb + ", where " + text
	}
	return "location " + verb
}

func (x *Index) ticketText(e *xmltree.Element) string {
	name := e.Get("ticket")
	for t := range x.s.StatusXML().Child("tickets").Elements("ticket_state") {
		if t.ID() == name && strings.EqualFold(t.Get("standby"), "true") {
			return "ticket " + name + " is in standby"
		}
	}
	return "ticket " + name + " is not granted"
}

// thresholdFact tells of the failures that reached migration-threshold.
func (x *Index) thresholdFact(r *scheduler.Resource, n *scheduler.Node) Fact {
	list := []*scheduler.Resource{r}
	if top := r.TopBelowBundle(); !r.Has(scheduler.RscUnique) {
		list = leaves(top)
	}
	for _, leaf := range list {
		count, _ := x.s.FailCount(leaf, n)
		if count <= 0 || count < leaf.Threshold {
			continue
		}
		failures := " failures"
		if count == 1 {
			failures = " failure"
		}
		text := "it failed too often here: " + count.String() + failures + ", migration-threshold=" + leaf.Threshold.String()
		if last := x.lastFailure(leaf, n); last != nil {
			return from("migration-threshold", text+"; last: "+operation(last), last)
		}
		return plain("migration-threshold", text)
	}
	return plain("migration-threshold", "it failed too often here")
}

// lastFailure finds the newest failed operation of a resource on a node.
func (x *Index) lastFailure(r *scheduler.Resource, n *scheduler.Node) *xmltree.Element {
	var found *xmltree.Element
	newest := int64(-1)
	for _, f := range x.s.Failed {
		if f.Node == n && (f.Rsc == r || f.Rsc.XMLID == r.XMLID) && f.LastChange > newest {
			newest, found = f.LastChange, f.Op
		}
	}
	return found
}

func failureText(c scheduler.CauseInfo) string {
	text := c.ID
	if c.XML != nil {
		text = operation(c.XML)
	}
	switch c.Kind {
	case "hard-error":
		return text + ", which makes no sense to try again here"
	case "fatal-error":
		return text + ", which makes no sense to try again anywhere"
	case "failed-stop":
		return text + ", so it may still be active here"
	case "on-fail":
		return text + ", and on-fail keeps it from being started"
	case "masked-probe-failure":
		return text + ", so it cannot run here"
	}
	return text
}

// discoveryFact names the locations with exclusive discovery that do not list a
// node.
func (x *Index) discoveryFact(r *scheduler.Resource, n *scheduler.Node) Fact {
	if f, ok := x.exclusiveFact(r, n); ok {
		return f
	}
	return plain("resource-discovery", "a location with resource-discovery=exclusive does not name "+n.Name)
}

// exclusiveFact finds a location with exclusive discovery for a resource that
// does not name the node.
func (x *Index) exclusiveFact(r *scheduler.Resource, n *scheduler.Node) (Fact, bool) {
	list, ok := x.only[r]
	if !ok {
		line := lineage(r)
		for _, l := range x.s.Locations {
			if l.Discovery == scheduler.DiscoverExclusive && isIn(l.Rsc, line) {
				list = append(list, l)
			}
		}
		x.only[r] = list
	}
	for _, l := range list {
		if names(l, n) {
			continue
		}
		c := x.s.CauseOf(l.Cause)
		text := "location does not name " + n.Name + ", and has resource-discovery=exclusive"
		if rule := ruleText(c.XML.Child("rule")); rule != "" {
			text = "location with resource-discovery=exclusive is for nodes where " + rule + " only"
		}
		f := fact(text, c)
		f.Kind = "rsc_location"
		return f, true
	}
	return Fact{}, false
}

func names(l *scheduler.Location, n *scheduler.Node) bool {
	for i := range l.Nodes {
		if l.Nodes[i].Node == n {
			return true
		}
	}
	return false
}

// healthFact names the worst health attribute of a node.
func (x *Index) healthFact(n *scheduler.Node) Fact {
	worst, rank := "", -1
	for name, value := range n.Attrs {
		if !strings.HasPrefix(name, "#health") {
			continue
		}
		k := map[string]int{"green": 0, "yellow": 1, "red": 2}[x.s.HealthColor(value)]
		if k > rank || (k == rank && name < worst) {
			worst, rank = name, k
		}
	}
	text := "node-health-strategy=" + x.s.Config.HealthStrategy
	if worst == "" {
		return plain("node-health", text)
	}
	return from("node-health", "node health: "+worst+"="+n.Attrs[worst]+", "+text, x.nodeAttr(n, worst))
}

// stoppedKind is the kind of a ban that only follows from others.
const stoppedKind = "stopped"

// roleFact tells why a resource is not to be started.
func (x *Index) roleFact(r *scheduler.Resource) Fact {
	if c := r.Why().Role; c != 0 {
		info := x.s.CauseOf(c)
		if info.Kind == "reconnect_interval" {
			return fact(x.builtIn(r, nil, info), info)
		}
		return fact(failureText(info)+", and its on-fail asks for that", info)
	}
	if x.s.ConfiguredRole(r) == scheduler.RoleStopped {
		return from("target-role", "target-role="+r.Meta.Value("target-role"), x.metaPair(r, "target-role"))
	}
	return plain(stoppedKind, "it is to be stopped")
}

// collectiveFact tells why no instance of a clone may run on a node.
func (x *Index) collectiveFact(r *scheduler.Resource, n *scheduler.Node) Fact {
	for p := r.Parent; p != nil; p = p.Parent {
		if !p.IsCollective() {
			continue
		}
		for _, e := range x.events[p.Index] {
			if e.Node == n.Index && e.Result <= -scheduler.Infinity && !e.Promotion && e.Delta <= -scheduler.Infinity {
				return x.reason(p, n, &e).Fact
			}
		}
		if !p.Allowed.Has(n) {
			return x.notAllowed(p, n)
		}
		break
	}
	return plain("collective-banned", "no instance may run here")
}

func (x *Index) promotionFact(r *scheduler.Resource, n *scheduler.Node, c scheduler.CauseInfo) Fact {
	if c.Kind == "no-promotion-score" {
		return plain(c.Kind, "the agent has set no promotion score here, so it is not to be promoted")
	}
	for _, leaf := range leaves(r) {
		names := []string{"master-" + leaf.ID, "master-" + leaf.XMLID}
		if leaf.HistoryID != "" {
			names = append([]string{"master-" + leaf.HistoryID}, names...)
		}
		for _, name := range names {
			if v, ok := n.Attrs[name]; ok {
				return from(c.Kind, "promotion score: node attribute "+name+"="+v, x.nodeAttr(n, name))
			}
		}
	}
	return plain(c.Kind, "promotion score")
}

// capacityText compares what a resource needs with what the node has left.
func (x *Index) capacityText(r *scheduler.Resource, n *scheduler.Node) string {
	var short []string
	for _, name := range sortedNames(r.Utilization) {
		if left := n.Utilization[name]; left < r.Utilization[name] {
			short = append(short, name+"="+itoa(int(r.Utilization[name]))+", of which "+itoa(int(left))+" is left")
		}
	}
	if len(short) == 0 {
		return "the node has too little capacity left for it and what has to be with it"
	}
	return "needs " + strings.Join(short, " and ")
}
