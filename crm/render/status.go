package render

import (
	"slices"
	"strings"

	"systole/crm/scheduler"
)

// StatusOptions choose what a status block shows.
type StatusOptions struct {
	Pending    bool // operations that are under way
	Attributes bool // node attributes (08 §5.7)
	FailCounts bool // fail counts and failed actions (08 §5.8, §5.9)
	// Zone gives the offset of local time at a moment, both in seconds; nil is
	// UTC.
	Zone func(epoch int64) int
}

// Status writes a status block (08 §5).
func (t *Text) Status(kind StatusKind, s *scheduler.State, o StatusOptions) {
	if t.Quiet {
		return
	}
	b := &textStatus{Text: t, s: s, o: o}
	t.begin(kind.title())
	b.nodes()
	b.resources()
	if o.Attributes {
		b.attributes()
	}
	if o.FailCounts {
		b.failCounts()
		b.failedActions()
	}
	t.end()
}

type textStatus struct {
	*Text
	s       *scheduler.State
	o       StatusOptions
	printed bool // a section was
}

// section opens a section, with an empty line between it and the one before.
func (b *textStatus) section(title string) {
	if b.printed {
		b.Spacer()
	}
	b.printed = true
	b.begin(title)
}

// nodes writes the node list (08 §5.1).
func (b *textStatus) nodes() {
	if len(b.s.Nodes) == 0 {
		return
	}
	b.section("Node List")
	const online, offline, remoteOnline, remoteOffline, guestOnline = 0, 1, 2, 3, 4
	var lists [5][]string
	for _, n := range b.s.Nodes {
		health := nodeHealth(b.s, n)
		if n.Unclean || n.Pending || (n.FailStandby && n.Online) || n.Standby || n.Maintenance || health != "green" {
			suffix := ""
			if health != "green" {
				suffix = " (health is " + strings.ToUpper(health) + ")"
			}
			b.item(nodeKind(n), " ", n.Name, ": ", nodeState(n), suffix)
			continue
		}
		list := -1
		switch {
		case n.Online && n.IsGuest():
			list = guestOnline
		case n.Online && n.Remote:
			list = remoteOnline
		case n.Online:
			list = online
		case n.IsGuest():
		case n.Remote:
			list = remoteOffline
		default:
			list = offline
		}
		if list >= 0 {
			lists[list] = append(lists[list], n.Name)
		}
	}
	for i, title := range [...]string{"Online", "OFFLINE", "RemoteOnline", "RemoteOFFLINE", "GuestOnline"} {
		if len(lists[i]) > 0 {
			b.list(title, lists[i])
		}
	}
	b.end()
}

func (b *textStatus) list(title string, names []string) {
	b.item(title, ": [ ", strings.Join(names, " "), " ]")
}

// resources writes the resource list (08 §5.2).
func (b *textStatus) resources() {
	open, any := false, false
	for _, r := range b.s.Resources {
		if r.Has(scheduler.RscRemoved) && !r.IsActive(true) {
			continue
		}
		if !open {
			b.section("Full List of Resources")
			open = true
		}
		if b.resource(r) {
			any = true
		}
	}
	if !any {
		if !open {
			b.section("Full List of Resources")
		}
		b.item("No resources")
	}
	b.end()
}

// resource writes one resource and tells whether there was anything to write.
func (b *textStatus) resource(r *scheduler.Resource) bool {
	switch r.Kind {
	case scheduler.KindGroup:
		return b.group(r)
	case scheduler.KindClone:
		return b.clone(r)
	case scheduler.KindBundle:
		return b.bundle(r)
	}
	n := r.ActiveNode()
	if n == nil {
		n = r.PendingNode
	}
	return b.primitive(r, r.DisplayID(), n)
}

func (b *textStatus) group(r *scheduler.Resource) bool {
	if len(r.Children) == 0 {
		return false
	}
	var attrs []string
	if r.UserDisabled() {
		attrs = append(attrs, "disabled")
	}
	b.begin("Resource Group: ", r.ID, attrList(append(attrs, managing(r)...)))
	for _, c := range r.Children {
		b.resource(c)
	}
	b.end()
	return true
}

// managing says what the cluster may not do.
func managing(r *scheduler.Resource) []string {
	switch {
	case r.Has(scheduler.RscMaintenance):
		return []string{"maintenance"}
	case !r.Managed():
		return []string{"unmanaged"}
	}
	return nil
}

func attrList(attrs []string) string {
	if len(attrs) == 0 {
		return ""
	}
	return " (" + strings.Join(attrs, ", ") + ")"
}

func (b *textStatus) bundle(r *scheduler.Resource) bool {
	replicas := r.Replicas()
	if len(replicas) == 0 {
		return false
	}
	set, unique, managed := "", "", ""
	if len(replicas) > 1 {
		set = " set"
	}
	if r.Has(scheduler.RscUnique) {
		unique = " (unique)"
	}
	if m := managing(r); m != nil {
		managed = " (" + m[0] + ")"
	}
	image, _ := r.BundleImage()
	b.begin("Container bundle", set, ": ", r.ID, " [", image, "]", unique, managed)
	for _, rep := range replicas {
		main, named := rep.Child, rep.Connection
		if main == nil {
			main = rep.Container
		}
		if named == nil {
			named = rep.Container
		}
		name := named.DisplayID()
		if rep.IPAddress != "" {
			name += " (" + rep.IPAddress + ")"
		}
		b.primitive(main, name, rep.Container.ActiveNode())
	}
	b.end()
	return true
}

// primitive writes the line of a primitive (08 §5.3).
func (b *textStatus) primitive(r *scheduler.Resource, name string, n *scheduler.Node) bool {
	if r.Internal() {
		return false
	}
	if n == nil {
		n = r.LockNode
	}
	several := len(r.Active) > 1
	if several {
		n = nil
	}
	line := name + "\t(" + agentName(r, strings.EqualFold(r.Class, "ocf")) + "):\t" + b.state(r)
	if n != nil {
		line += " " + n.Name
	}
	if displayRole(r) == scheduler.RoleStopped {
		if rc, ok := b.s.MaskedProbe(r, n); ok {
			line += " (" + ExitWord(rc) + ") "
		}
	}
	line += attrList(b.flags(r, n))
	if several {
		if desc, ok := r.XML.Attr("description"); ok {
			line += " (" + desc + ")"
		}
		line += " ["
		for _, m := range r.Active {
			line += " " + m.Name
		}
		line += " ]"
	}
	b.item(line)
	return true
}

// agentName is class, provider and type of a resource.
func agentName(r *scheduler.Resource, provider bool) string {
	name := r.Class
	if provider && r.Provider != "" {
		name += ":" + r.Provider
	}
	return name + ":" + r.Type
}

func (b *textStatus) state(r *scheduler.Resource) string {
	removed := ""
	if r.Has(scheduler.RscRemoved) {
		removed = " ORPHANED"
	}
	if !r.Has(scheduler.RscFailed) {
		return removed + " " + stateWord(r, b.o.Pending)
	}
	if role := displayRole(r); role > scheduler.RoleUnpromoted {
		return removed + " FAILED " + role.String()
	}
	return removed + " FAILED"
}

// flags lists what is to be said about a primitive beside its state
// (08 §5.3.4).
func (b *textStatus) flags(r *scheduler.Resource, n *scheduler.Node) []string {
	var flags []string
	if n != nil && !n.Online && n.Unclean {
		flags = append(flags, "UNCLEAN")
	}
	if n != nil && n == r.LockNode {
		flags = append(flags, "LOCKED")
	}
	if b.o.Pending && r.PendingTask == "monitor" {
		flags = append(flags, "Monitoring")
	}
	if text, ok := r.Meta.Get("target-role"); ok {
		switch role, _ := scheduler.ParseRole(text); {
		case role == scheduler.RoleStopped:
			flags = append(flags, "disabled")
		case role == scheduler.RoleUnpromoted && r.TopBelowBundle().Has(scheduler.RscPromotable):
			flags = append(flags, "target-role:"+text)
		}
	}
	switch {
	case r.Has(scheduler.RscBlocked):
		flags = append(flags, "blocked")
	case r.Has(scheduler.RscMaintenance):
		flags = append(flags, "maintenance")
	case !r.Managed():
		flags = append(flags, "unmanaged")
	}
	if r.Has(scheduler.RscIgnoreFailure) {
		flags = append(flags, "failure ignored")
	}
	return flags
}

// clone writes a clone: instances in full where there is something to say about
// them, the others as lists of nodes (08 §5.4).
func (b *textStatus) clone(r *scheduler.Resource) bool {
	c := cloneView{b: b, r: r}
	for _, i := range r.Children {
		c.sort(i)
	}
	shown := len(c.promoted) + len(c.started)
	slices.SortStableFunc(c.promoted, byName)
	slices.SortStableFunc(c.started, byName)
	if len(c.promoted) > 0 {
		c.header()
		b.list("Promoted", nodeNames(c.promoted))
	}
	if len(c.started) > 0 {
		c.header()
		word := "Started"
		if r.Has(scheduler.RscPromotable) {
			word = "Unpromoted"
			if configuredRole(b.s, r) == scheduler.RoleUnpromoted {
				word = "Unpromoted (target-role)"
			}
		}
		b.list(word, nodeNames(c.started))
	}
	if !r.Has(scheduler.RscUnique) && r.CloneMax() > shown {
		c.stoppedNodes()
	}
	if len(c.stopped) > 0 {
		c.header()
		c.stoppedLists()
	} else if shown == 0 {
		c.header()
	}
	if c.open {
		b.end()
	}
	return c.open
}

func nodeNames(list []*scheduler.Node) []string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.Name
	}
	return names
}

// cloneView sorts the instances of a clone.
type cloneView struct {
	b                 *textStatus
	r                 *scheduler.Resource
	open              bool
	promoted, started []*scheduler.Node
	stopped           []stoppedEntry
}

// stoppedEntry is a node, or an instance, where nothing runs.
type stoppedEntry struct{ name, state string }

func (c *cloneView) header() {
	if c.open {
		return
	}
	c.open = true
	var attrs []string
	if c.r.Has(scheduler.RscPromotable) {
		attrs = append(attrs, "promotable")
	}
	if c.r.Has(scheduler.RscUnique) {
		attrs = append(attrs, "unique")
	}
	if c.r.UserDisabled() {
		attrs = append(attrs, "disabled")
	}
	c.b.begin("Clone Set: ", c.r.ID, " [", c.r.ClonedXML().ID(), "]", attrList(append(attrs, managing(c.r)...)))
}

// full writes an instance on its own.
func (c *cloneView) full(i *scheduler.Resource) {
	c.header()
	c.b.resource(i)
}

func (c *cloneView) sort(i *scheduler.Resource) {
	active := i.IsActive(false)
	switch {
	case c.r.Has(scheduler.RscUnique):
		if active || !c.r.Has(scheduler.RscRemoved) {
			c.full(i)
		}
	case c.b.o.Pending && i.PendingTask != "" && i.PendingTask != "probe":
		c.full(i)
	case !active:
		if !i.Has(scheduler.RscRemoved) {
			c.stopped = append(c.stopped, stoppedEntry{i.ID, "Stopped"})
		}
	case i.AnyFlag(scheduler.RscRemoved) || !allManaged(i) || i.AnyFlag(scheduler.RscFailed) || !i.IsActive(true):
		c.full(i)
	default:
		nodes := i.CurrentNodes()
		switch {
		case len(nodes) != 1 || (!nodes[0].Online && nodes[0].Unclean):
			c.full(i)
		case i.Role(false) > scheduler.RoleUnpromoted:
			c.promoted = append(c.promoted, nodes[0])
		default:
			c.started = append(c.started, nodes[0])
		}
	}
}

func allManaged(r *scheduler.Resource) bool {
	if !r.Managed() {
		return false
	}
	for _, c := range r.Children {
		if !allManaged(c) {
			return false
		}
	}
	return true
}

// stoppedNodes finds the nodes where an anonymous clone could run and does not
// (08 §5.4.9). They stand for the stopped instances.
func (c *cloneView) stoppedNodes() {
	c.stopped = nil
	state := "Stopped"
	if configuredRole(c.b.s, c.r) == scheduler.RoleStopped {
		state = "Stopped (disabled)"
	}
	active := make(map[*scheduler.Node]bool, len(c.r.Active))
	for _, n := range c.r.Active {
		active[n] = true
	}
	known := !c.r.Allowed.Empty()
	for _, n := range c.b.s.Nodes {
		if active[n] || (known && !c.r.Allowed.Has(n)) || (!known && !c.r.ProbedOn(n)) {
			continue
		}
		e := stoppedEntry{n.Name, state}
		if rc, ok := c.b.s.MaskedProbe(c.r, n); ok {
			e.state = "Stopped (" + ExitWord(rc) + ")"
		}
		c.stopped = append(c.stopped, e)
	}
}

// stoppedLists writes a list for every state.
func (c *cloneView) stoppedLists() {
	byState := map[string][]string{}
	var states []string
	for _, e := range c.stopped {
		if byState[e.state] == nil {
			states = append(states, e.state)
		}
		byState[e.state] = append(byState[e.state], e.name)
	}
	slices.Sort(states)
	for _, state := range states {
		names := byState[state]
		slices.SortStableFunc(names, scheduler.CompareNames)
		c.b.list(state, names)
	}
}
