package scheduler

import (
	"slices"
	"strings"
)

// notifyEntry is a primitive and a node where it is, or where something is done
// with it.
type notifyEntry struct {
	rsc  *Resource
	node *Node
}

// notifyLists says which instances are in which state and what happens to them
// (07 §9.4).
type notifyLists struct {
	inactive, active, unpromoted, promoted []notifyEntry
	start, stop, promote, demote           []notifyEntry
}

func (l *notifyLists) of(task string) []notifyEntry {
	switch task {
	case taskStart:
		return l.start
	case taskStop:
		return l.stop
	case taskPromote:
		return l.promote
	case taskDemote:
		return l.demote
	}
	return nil
}

// collectNotify walks the primitives of a clone.
func (s *State) collectNotify(c *Resource) *notifyLists {
	l := &notifyLists{}
	c.leaves(func(r *Resource) {
		e := notifyEntry{rsc: r}
		if len(r.Active) > 0 {
			e.node = r.Active[0]
		}
		switch r.OrigRole {
		case RoleStopped:
			l.inactive = append(l.inactive, e)
		case RoleStarted:
			l.active = append(l.active, e)
		case RoleUnpromoted:
			l.unpromoted = append(l.unpromoted, e)
			l.active = append(l.active, e)
		case RolePromoted:
			l.promoted = append(l.promoted, e)
			l.active = append(l.active, e)
		}
		l.addActions(r)
	})
	for _, list := range [...]*[]notifyEntry{
		&l.inactive, &l.active, &l.unpromoted, &l.promoted, &l.start, &l.stop, &l.promote, &l.demote,
	} {
		slices.SortStableFunc(*list, compareEntries)
	}
	return l
}

func (l *notifyLists) addActions(r *Resource) {
	for i := len(r.Actions) - 1; i >= 0; i-- {
		a := r.Actions[i]
		if a.Optional() || a.Node == nil || (!a.Runnable() && !(a.Task == taskStop && a.Node.Unclean)) {
			continue
		}
		e := notifyEntry{rsc: r, node: a.Node}
		switch a.Task {
		case taskStart:
			l.start = append(l.start, e)
		case taskStop:
			l.stop = append(l.stop, e)
		case taskPromote:
			l.promote = append(l.promote, e)
		case taskDemote:
			l.demote = append(l.demote, e)
		}
	}
}

func compareEntries(a, b notifyEntry) int {
	if c := strings.Compare(a.rsc.ID, b.rsc.ID); c != 0 {
		return c
	}
	switch {
	case a.node == b.node:
		return 0
	case a.node == nil:
		return 1
	case b.node == nil:
		return -1
	}
	return strings.Compare(a.node.ID, b.node.ID)
}

// text joins the ids and the node names of a list; one node an instance counts.
// With names, entries without a node are left out. An empty list is one blank.
func text(list []notifyEntry, names bool) (ids, nodes string) {
	var id, node []string
	last := ""
	for _, e := range list {
		if (names && e.node == nil) || (last != "" && e.rsc.ID == last) {
			continue
		}
		last = e.rsc.ID
		id = append(id, e.rsc.ID)
		if e.node != nil {
			node = append(node, e.node.Name)
		}
	}
	if ids = strings.Join(id, " "); ids == "" {
		ids = " "
	}
	if nodes = strings.Join(node, " "); nodes == "" {
		nodes = " "
	}
	return ids, nodes
}

// meta makes the meta-attributes that every instance is told.
func (l *notifyLists) meta(s *State, c *Resource) []pair {
	var m []pair
	add := func(names []string, list []notifyEntry) {
		ids, nodes := text(list, true)
		for _, name := range names {
			m = append(m, pair{name: "notify_" + name + "_resource", value: ids}, pair{name: "notify_" + name + "_uname", value: nodes})
		}
	}
	add([]string{"stop"}, l.stop)
	add([]string{"start"}, l.start)
	add([]string{"demote"}, l.demote)
	add([]string{"promote"}, l.promote)
	add([]string{"active"}, l.active)
	add([]string{"unpromoted", "slave"}, l.unpromoted)
	add([]string{"promoted", "master"}, l.promoted)
	ids, _ := text(l.inactive, false)
	m = append(m, pair{name: "notify_inactive_resource", value: ids})
	return append(m, s.notifyNodes(c)...)
}

// notifyNodes lists the nodes that a clone may use, and all there are.
func (s *State) notifyNodes(c *Resource) []pair {
	var available, all, hosts []string
	onHosts := c.Meta.Value("container-attribute-target") == "host"
	for _, n := range s.Nodes {
		if c.Allowed.Has(n) {
			available = append(available, n.Name)
		}
		all = append(all, n.Name)
		if !onHosts {
			continue
		}
		host := n
		if n.IsGuest() && len(n.Connection.Launcher.Active) > 0 {
			host = n.Connection.Launcher.Active[0]
		}
		hosts = append(hosts, host.Name)
	}
	join := func(list []string) string {
		if len(list) == 0 {
			return " "
		}
		return strings.Join(list, " ")
	}
	m := []pair{{name: "notify_available_uname", value: join(available)}, {name: "notify_all_uname", value: join(all)}}
	if onHosts {
		m = append(m, pair{name: "notify_all_hosts", value: join(hosts)})
	}
	return m
}
