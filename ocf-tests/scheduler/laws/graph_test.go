package laws

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"systole/crm/graph"
	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// No action waits for itself, by whatever way, unless the configuration says
// so: orderings that go round in a circle, or something that a node depends on
// and that runs on that node.
//
// Pacemaker makes cycles of its own, all of them by one of these:
//
//   - Unfencing (testdata/cycle-unfencing). It waits for the stops of what needs
//     it, those wait for probes, and probes wait for the unfencing of their node.
//   - The start or stop of what a Pacemaker Remote node is made of: connection,
//     launcher, bundle (testdata/cycle-guest-fencing). Probes wait for the
//     connection to their node, starts and stops for the probes of the same
//     resource on all nodes, and the connection for fencings, for its launcher
//     and for what is ordered before that.
//   - A live migration in an ordering that names stops
//     (testdata/cycle-migration). Orderings of starts keep a resource from
//     migrating when what it depends on moves, those of stops do not.
//
// Where nodes have no connections, or all of these stay as they are, nothing is
// unfenced and nothing migrates, there are no cycles.
func TestNoCycle(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		if c.end == graph.Complete {
			return
		}
		cycle := c.cycle()
		if len(cycle) == 0 || c.askedForCycle() || slices.ContainsFunc(cycle, c.makesCycles) {
			return
		}
		var keys []string
		for _, o := range cycle {
			keys = append(keys, o.Key+" on "+o.Node)
		}
		t.Fatalf("these wait for each other: %s", strings.Join(keys, ", "))
	})
}

// makesCycles tells whether an action is one of those by which Pacemaker makes
// cycles.
func (c *cluster) makesCycles(o *op) bool {
	switch {
	case o.Task == "stonith":
		how, _ := o.Attr("CRM_meta_stonith_action")
		return how == "on" || o.node.IsGuest()
	case o.Task == "migrate_to":
		return c.orderedByStop(o.rsc)
	case o.rsc == nil:
		return false
	}
	return isAny(o.Task, "start", "stop") && makesNode(o.rsc)
}

// makesNode tells whether a Pacemaker Remote node needs the resource.
func makesNode(r *scheduler.Resource) bool {
	return r.Has(scheduler.RscRemoteConnection) || len(r.Launched) > 0 || r.Top().Kind == scheduler.KindBundle
}

// orderedByStop tells whether an ordering names the stop of a resource.
func (c *cluster) orderedByStop(r *scheduler.Resource) bool {
	for o := range c.root.Path("configuration", "constraints").Elements("rsc_order") {
		stops := isAny(o.Get("first-action"), "stop", "demote")
		named := slices.Contains(c.named(o.Get("first")), r.XMLID) || slices.Contains(c.named(o.Get("then")), r.XMLID)
		for set := range o.Elements("resource_set") {
			stops = stops || isAny(set.Get("action"), "stop", "demote")
			for ref := range set.Elements("resource_ref") {
				named = named || slices.Contains(c.named(ref.ID()), r.XMLID)
			}
		}
		if stops && named {
			return true
		}
	}
	return false
}

// cycle finds actions that wait for each other, nil when there are none.
func (c *cluster) cycle() []*op {
	state := map[*op]int{} // 1: on the path, 2: no cycle from here
	var path []*op
	var visit func(o *op) []*op
	visit = func(o *op) []*op {
		switch state[o] {
		case 1:
			return path[slices.Index(path, o):]
		case 2:
			return nil
		}
		state[o] = 1
		path = append(path, o)
		for _, in := range o.inputs {
			if found := visit(in); found != nil {
				return found
			}
		}
		path = path[:len(path)-1]
		state[o] = 2
		return nil
	}
	for i := range c.g.Synapses {
		for _, a := range c.g.Synapses[i].Actions {
			if found := visit(c.of[a.ID]); found != nil {
				return found
			}
		}
	}
	return nil
}

// What cannot be executed although nothing waits for itself waits, at the end,
// for something that cannot be done: that is how a transition
// blocks, and Pacemaker calls it invalid.
func TestOnlyTheImpossibleBlocks(t *testing.T) {
	check(t, func(t *rapid.T, c *cluster) {
		planned := map[int]*scheduler.Action{}
		for _, a := range c.plan.Actions {
			planned[a.ID] = a
		}
		for i := range c.g.Synapses {
			s := &c.g.Synapses[i]
			for _, in := range s.Inputs {
				if c.of[in.ID] != nil {
					continue
				}
				if a := planned[in.ID]; a == nil || !isImpossible(a) {
					t.Fatalf("%s waits for %s, which is not in the graph although it could be done", s.Actions[0].Key, in.Key)
				}
			}
		}
		if c.end != graph.Complete && len(c.cycle()) == 0 && !c.waitsForMissing() {
			t.Fatalf("%d of %d actions done, and nothing that the others wait for", len(c.ops), c.g.NumActions())
		}
	})
}

// isImpossible tells whether an action cannot be done: what it needs is missing,
// its resource is unmanaged, or its node cannot be reached or is not clean.
func isImpossible(a *scheduler.Action) bool {
	switch n := a.Node; {
	case !a.Runnable(), a.Rsc != nil && !a.Rsc.Managed():
		return true
	default:
		return !a.Pseudo() && (n == nil || !n.Online || n.Unclean)
	}
}

// waitsForMissing tells whether anything waits for an action that is not in the
// graph.
func (c *cluster) waitsForMissing() bool {
	for i := range c.g.Synapses {
		for _, in := range c.g.Synapses[i].Inputs {
			if c.of[in.ID] == nil {
				return true
			}
		}
	}
	return false
}

// askedForCycle tells whether what depends on what, by the configuration and by
// where it runs, goes round in a circle. Instances of a clone are taken as one,
// as are the parts of a bundle.
func (c *cluster) askedForCycle() bool {
	then := map[string][]string{}
	add := func(a, b []string) {
		for _, x := range a {
			for _, y := range b {
				if x != y {
					then[x] = append(then[x], y)
				}
			}
		}
	}
	for _, pair := range c.orderings() {
		first, then := c.named(pair[0]), c.named(pair[1])
		for _, x := range first {
			if slices.Contains(then, x) {
				return true // something is ordered with a part of itself
			}
		}
		add(first, then)
	}
	for _, r := range c.plan.Resources {
		c.groupOrder(r, add)
	}
	for _, r := range leaves(c.plan.Resources) {
		for _, n := range append(r.CurrentNodes(), r.Assigned) {
			if n != nil && n.Connection != nil {
				add(unitIDs(n.Connection), unitIDs(r))
				if l := n.Connection.Launcher; l != nil {
					add(unitIDs(l), unitIDs(n.Connection))
				}
			}
		}
	}
	return cyclic(then)
}

// groupOrder adds that members of groups follow each other.
func (c *cluster) groupOrder(r *scheduler.Resource, add func(a, b []string)) {
	for i, child := range r.Children {
		if r.Kind == scheduler.KindGroup && i > 0 {
			add(unitIDs(r.Children[i-1]), unitIDs(child))
		}
		c.groupOrder(child, add)
	}
}

// unitIDs lists what a resource consists of: primitives, or a bundle.
func unitIDs(r *scheduler.Resource) (ids []string) {
	if top := r.Top(); top.Kind == scheduler.KindBundle {
		return []string{top.ID}
	}
	if r.IsLeaf() {
		return []string{r.XMLID}
	}
	for _, l := range leaves(r.Children) {
		if !slices.Contains(ids, l.XMLID) {
			ids = append(ids, l.XMLID)
		}
	}
	return ids
}

// cyclic tells whether a directed graph has a cycle.
func cyclic(then map[string][]string) bool {
	state := map[string]int{} // 1: being looked at, 2: no cycle from here
	var visit func(string) bool
	visit = func(x string) bool {
		if state[x] > 0 {
			return state[x] == 1
		}
		state[x] = 1
		for _, y := range then[x] {
			if visit(y) {
				return true
			}
		}
		state[x] = 2
		return false
	}
	for x := range then {
		if visit(x) {
			return true
		}
	}
	return false
}

// orderings lists what constraints order, as ids, in the order of starting.
// What is stopped first is started last; where one thing goes up when another
// goes down, the reverse ordering says the opposite, and both are listed.
func (c *cluster) orderings() (list [][2]string) {
	add := func(first, then, firstAction, thenAction string) {
		up := isAny(firstAction, "", "start", "promote")
		opposite := up != isAny(thenAction, "", "start", "promote")
		if opposite || up {
			list = append(list, [2]string{first, then})
		}
		if opposite || !up {
			list = append(list, [2]string{then, first})
		}
	}
	for o := range c.root.Path("configuration", "constraints").Elements("rsc_order") {
		if o.Has("first") {
			then := o.Get("then-action")
			if then == "" {
				then = o.Get("first-action")
			}
			add(o.Get("first"), o.Get("then"), o.Get("first-action"), then)
			for _, tag := range []string{o.Get("first"), o.Get("then")} { // a tag is like a set
				for i, members := 1, c.members(tag); i < len(members); i++ {
					add(members[i-1], members[i], o.Get("first-action"), then)
				}
			}
		}
		type member struct{ id, action string }
		var earlier []member
		for set := range o.Elements("resource_set") {
			var here []member
			for ref := range set.Elements("resource_ref") {
				m := member{ref.ID(), set.Get("action")}
				for _, e := range earlier {
					add(e.id, m.id, e.action, m.action)
				}
				if n := len(here); n > 0 && set.Get("sequential") != "false" {
					add(here[n-1].id, m.id, m.action, m.action)
				}
				here = append(here, m)
			}
			earlier = append(earlier, here...)
		}
	}
	return list
}

// named lists what an id in a constraint stands for, as unitIDs does.
func (c *cluster) named(id string) (list []string) {
	for _, m := range c.members(id) {
		list = append(list, c.named(m)...)
	}
	if r := c.plan.FindResource(id); r != nil {
		list = append(list, unitIDs(r)...)
	} else if r := c.plan.FindResource(id + ":0"); r != nil {
		list = append(list, unitIDs(r)...)
	}
	return list
}

// members lists what a tag or template stands for.
func (c *cluster) members(id string) (list []string) {
	config := c.root.Child("configuration")
	for t := range config.Child("tags").Elements("tag") {
		for ref := range t.Elements("obj_ref") {
			if t.ID() == id {
				list = append(list, ref.ID())
			}
		}
	}
	config.Child("resources").Walk(func(e *xmltree.Element) bool {
		if e.Name == "primitive" && e.Get("template") == id {
			list = append(list, e.ID())
		}
		return true
	})
	return list
}
