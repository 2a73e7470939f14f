package laws

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"systole/crm/graph"
	"systole/crm/simulate"
	"systole/lib/xmltree"
	"systole/ocf-tests/scheduler/generate"
)

// The cluster comes to rest: when a transition was executed to its end, nothing
// is left to do.
//
// A transition that makes another cluster (a node left or was fenced, failures
// were forgotten, the history of something removed was deleted, what a Pacemaker
// Remote node is made of was started or stopped) is followed by the next, of
// which the same is asked. For the rest, Pacemaker has these exceptions, each
// shown by a file in ocf-tests/scheduler/testdata:
//
//   - Without stickiness, nodes that are equal are told apart by how many
//     resources were placed before, which is not the same in the next transition
//     (rest-no-stickiness). So every resource gets some here.
//   - What is unmanaged keeps its expired failure, and its monitor is started
//     again every time (rest-unmanaged).
//   - What is active more than once, by its policy: with stop_only it is started
//     in the next transition (rest-stop-only).
//   - Monitors for stopped resources are started on all nodes but the one where
//     the resource would be, which changes (rest-stopped-monitor).
//   - An operation that had other parameters counts until it is run again; a
//     probe is not (rest-probe-parameters).
//   - Colocations that keep apart, or are for a role: what was started has
//     stickiness in the next transition, and with it more to say to what it was
//     placed after (rest-colocation). Two that contradict each other make
//     resources come and go for ever.
//   - Capacities: what is left depends on what is placed first, which is what
//     is active.
//   - An operation that is in flight does not end in the simulation.
func TestComesToRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		root := cibs().Draw(t, "cib").root
		sticky(root)
		keepCIB(t, root)
		c := read(t, root)
		for range 5 {
			if c.end != graph.Complete || c.restless() != "" {
				return
			}
			next := read(t, c.executed(t))
			if !c.unsettles() {
				for _, o := range next.ops {
					if o.Kind != graph.PseudoEvent {
						t.Fatalf("%s on %s is still to be done", o.Key, o.Node)
					}
				}
				return
			}
			c = next
		}
	})
}

// sticky gives every resource some stickiness, whatever it has.
func sticky(root *xmltree.Element) {
	config := root.Child("configuration")
	var gone []*xmltree.Element
	config.Walk(func(e *xmltree.Element) bool {
		if e.Name == "nvpair" && e.Get("name") == "resource-stickiness" {
			gone = append(gone, e)
		}
		return true
	})
	for _, e := range gone {
		e.Remove()
	}
	remove(config.Child("rsc_defaults"))
	config.Add("rsc_defaults").Add("meta_attributes", "id", "sticky").Add("nvpair", "id", "sticky-1", "name", "resource-stickiness", "value", "100")
}

// restless tells why the next transition may have something to do, "" when
// there is no reason.
func (c *cluster) restless() string {
	for _, r := range leaves(c.plan.Resources) {
		switch {
		case !r.Managed():
			return r.ID + " is unmanaged"
		case len(r.Active) > 1:
			return r.ID + " is multiply active"
		}
	}
	why := ""
	c.root.Walk(func(e *xmltree.Element) bool {
		switch e.Name {
		case "lrm_rsc_op":
			switch {
			case e.Get("op-status") == "-1":
				why = e.Get("operation_key") + " is in flight"
			case strings.HasPrefix(e.Get("op-digest"), "0123456789"):
				why = e.Get("operation_key") + " had other parameters"
			}
		case "nvpair":
			if e.Get("name") == "placement-strategy" && e.Get("value") != "default" {
				why = "capacities count"
			}
		case "op":
			if e.Get("role") == "Stopped" {
				why = "a monitor is for stopped resources"
			}
		case "rsc_colocation":
			if strings.HasPrefix(e.Get("score"), "-") || e.Has("rsc-role") || e.Has("with-rsc-role") {
				why = e.ID() + " keeps apart, or is for a role"
			}
		}
		return why == ""
	})
	return why
}

// executed is the CIB after the transition was executed. The simulation leaves
// out what only the cluster's daemons do; that is done here: histories that are
// deleted, monitors that are cancelled, failures that are forgotten, nodes that
// leave.
func (c *cluster) executed(t failer) *xmltree.Element {
	t.Helper()
	w := simulate.NewWorld(c.root)
	_, err := w.Execute(c.plan, c.g, simulate.Execution{Now: generate.Date - 10}, func(simulate.Event) {})
	if err != nil {
		t.Errorf("cannot execute the transition: %v", err)
		t.FailNow()
	}
	root := w.CIB().Copy()
	for i, o := range c.ops {
		state := nodeState(root, o.Node)
		if state == nil {
			continue
		}
		resources := state.Path("lrm", "lrm_resources")
		switch {
		case o.Task == "delete" && !again(c.ops[i+1:], o):
			remove(resources.ChildByID("lrm_resource", o.Primitive.ID))
		case o.Task == "cancel":
			forget(resources, o)
		case o.Task == "clear_failcount":
			clearFailures(state, o.Primitive.ID)
			remove(resources.ChildByID("lrm_resource", o.Primitive.ID).ChildByID("lrm_rsc_op", o.Primitive.ID+"_last_failure_0"))
		case o.Task == "do_shutdown":
			for name, v := range map[string]string{"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "down"} {
				state.Set(name, v)
			}
			remove(state.Child("lrm"))
			remove(state.Child("transient_attributes"))
		}
	}
	return root
}

func nodeState(root *xmltree.Element, name string) *xmltree.Element {
	for e := range root.Child("status").Elements("node_state") {
		if e.Get("uname") == name {
			return e
		}
	}
	return nil
}

func remove(e *xmltree.Element) {
	if e != nil {
		e.Remove()
	}
}

// again tells whether the resource of an action comes back on the same node.
func again(later []*op, o *op) bool {
	for _, x := range later {
		if x.Primitive != nil && x.Primitive.ID == o.Primitive.ID && x.Node == o.Node {
			return true
		}
	}
	return false
}

// forget takes a cancelled monitor out of a history, its failure too.
func forget(resources *xmltree.Element, o *op) {
	ms, _ := o.Attr("CRM_meta_interval")
	var gone []*xmltree.Element
	for h := range resources.Elements("lrm_resource") {
		for e := range h.Elements("lrm_rsc_op") {
			if isAny(h.ID(), o.Primitive.ID, o.Primitive.LongID) && isAny(e.Get("operation"), "monitor", "cancel") && e.Get("interval") == ms {
				gone = append(gone, e)
			}
		}
	}
	for _, e := range gone {
		e.Remove()
	}
}

// unsettles tells whether a transition makes a different cluster, in which
// something else may have to be done.
func (c *cluster) unsettles() bool {
	for _, o := range c.ops {
		if isAny(o.Task, "stonith", "do_shutdown", "clear_failcount", "delete") || (isAny(o.Task, "start", "stop") && o.rsc != nil && makesNode(o.rsc)) {
			return true
		}
	}
	return false
}

// clearFailures takes the counters of a resource out of a node_state.
func clearFailures(state *xmltree.Element, rsc string) {
	var gone []*xmltree.Element
	state.Child("transient_attributes").Walk(func(e *xmltree.Element) bool {
		name := e.Get("name")
		for _, prefix := range []string{"fail-count-", "last-failure-"} {
			if e.Name == "nvpair" && (name == prefix+rsc || strings.HasPrefix(name, prefix+rsc+"#")) {
				gone = append(gone, e)
			}
		}
		return true
	})
	for _, e := range gone {
		e.Remove()
	}
}
