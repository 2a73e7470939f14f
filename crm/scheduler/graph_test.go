package scheduler

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsInput(t *testing.T) { // 06 §13.3, rule by rule
	const o, r, m, always = ActOptional, ActRunnable, ActMigratable, ActAlwaysInGraph
	const same, target = RelIfRequiredOnSameNode, RelIfOnSameNodeOrTarget
	for _, c := range []struct {
		name     string
		flags    Relation
		in       ActionFlags
		inTask   string
		elsw     bool // the input is on another node
		task     string
		assigned bool // x's resource is assigned to the input's node
		graphed  bool
		want     bool
		disabled bool
	}{
		{name: "1 already graphed", graphed: true, want: true},
		{name: "2 disabled", in: r},
		{name: "3 unrunnable and weak", flags: RelOrdered | RelFirstImpliesThenGraphed | RelThenImpliesFirstGraphed},
		{name: "3 unrunnable but strong", flags: up, want: true},
		{name: "3 serialize counts as strong", flags: RelSerialize, want: true},
		{name: "4 min_runnable", flags: RelMinRunnable},
		{name: "4 min_runnable and runnable", flags: RelMinRunnable, in: r, want: true},
		{name: "5 unmigratable_then_blocks", flags: RelOrdered | RelUnmigratableThenBlocks},
		{name: "6 if_first_unmigratable", flags: RelOrdered | RelIfFirstUnmigratable, in: r | m},
		{name: "6 unmigratable", flags: RelOrdered | RelIfFirstUnmigratable, in: r, want: true},
		{name: "7 ordered after a migratable stop", flags: RelOrdered, in: r | m, inTask: taskStop},
		{name: "7 not exactly ordered", flags: RelOrdered | RelSerialize, in: r | m, inTask: taskStop, want: true},
		{name: "8 other node", flags: target, in: r, elsw: true, disabled: true},
		{name: "8 optional", flags: target, in: r | o, disabled: true},
		{name: "8 required on the node", flags: target, in: r, want: true},
		{name: "8 migrate_to looks at the target", flags: target, in: r, elsw: true, task: taskMigrateTo, disabled: true},
		{name: "8 migrate_to, and optional does not matter", flags: target, in: r | o, elsw: true, task: taskMigrateTo, assigned: true, want: true},
		{name: "8 not exactly", flags: target | RelOrdered, in: r, elsw: true, want: true},
		{name: "9 other node", flags: same, in: r, elsw: true, disabled: true},
		{name: "9 optional", flags: same, in: r | o, disabled: true},
		{name: "9 required on the node", flags: same, in: r, want: true},
		{name: "11 optional", flags: up, in: r | o},
		{name: "11 always in the graph", flags: up, in: r | o | always, want: true},
		{name: "11 added", flags: up, in: r | o | ActAdded, want: true},
		{name: "12 unrunnable with a strong flag is written although it is not in the graph", flags: up, want: true},
	} {
		s := testState(t, dummies("a", "b"), "")
		n1, n2 := s.Nodes[0], s.Nodes[1]
		task, inTask, node := c.task, c.inTask, n1
		if task == "" {
			task = taskStart
		}
		if inTask == "" {
			inTask = taskMonitor
		}
		if c.elsw {
			node = n2
		}
		x := act(s, s.findResource("b"), task, n1, r)
		if c.assigned {
			x.Rsc.Assigned = node
		}
		e := &edge{action: act(s, s.findResource("a"), inTask, node, c.in), flags: c.flags, graphed: c.graphed}
		require.Equal(t, c.want, s.isInput(x, e), c.name)
		require.Equal(t, c.disabled, c.flags != 0 && e.flags == 0, c.name)
	}
}

// Rule 10: a failed unmanaged resource's stop cannot hold up a clone.
func TestIsInput_FailedUnmanaged(t *testing.T) {
	s := testState(t, dummies("a", "b")+`<clone id="c">`+dummies("p")+`</clone>`, "")
	a := s.findResource("a")
	a.Flags = a.Flags&^RscManaged | RscFailed
	e := &edge{action: act(s, a, taskStop, s.Nodes[0], ActRunnable), flags: up}
	require.False(t, s.isInput(act(s, s.findResource("c"), taskStopped, nil, ActRunnable), e))
	require.True(t, s.isInput(act(s, s.findResource("b"), taskStop, nil, ActRunnable), e))
}

func TestMergeInputs(t *testing.T) { // 06 §13.2
	s := testState(t, dummies("a"), "")
	r := s.findResource("a")
	x, y, z := act(s, r, "start", nil, 0), act(s, r, "stop", nil, 0), act(s, r, "monitor", nil, 0)
	s.link(y, z, RelOrdered, 0)
	s.link(x, z, RelOrdered, 0)
	s.link(y, z, RelSerialize, 0)
	s.mergeInputs(z)
	require.Len(t, z.before, 2)
	require.Same(t, x, z.input(0).action)
	require.Same(t, y, z.input(1).action)
	require.Equal(t, RelOrdered|RelSerialize, z.input(1).flags)
	// Later edges are in front, the newest first.
	w := act(s, r, "promote", nil, 0)
	s.link(x, z, RelAsymmetric, 0)
	s.link(w, z, RelOrdered, 0)
	s.mergeInputs(z)
	var ids []int
	for i := range z.before {
		ids = append(ids, z.input(i).action.ID)
	}
	require.Equal(t, []int{w.ID, x.ID, x.ID, y.ID}, ids)
}

// Example D of 06 §19: a live migration.
func TestGraph_Migration(t *testing.T) {
	s := testState(t, `<primitive id="r" class="ocf" provider="heartbeat" type="apache"><meta_attributes id="m"><nvpair id="m1" name="allow-migrate" value="true"/></meta_attributes>`+
		`<instance_attributes id="i"><nvpair id="i1" name="allow_migrate" value="on"/><nvpair id="i2" name="7up" value="x"/></instance_attributes></primitive>`, "")
	r := s.findResource("r")
	n1, n2 := s.Nodes[0], s.Nodes[1]
	n1.Online, n2.Online, n1.Unclean, n2.Unclean = true, true, false, false
	r.Active, r.OrigRole, r.Assigned, r.NextRole = []*Node{n1}, RoleStarted, n2, RoleStarted
	s.addInternalConstraints()
	const o, run, m, p = ActOptional, ActRunnable, ActMigratable, ActPseudo
	act(s, r, taskMonitor, n2, run)
	act(s, r, taskStop, n1, run|m)
	act(s, r, taskStart, n2, run|m|p)
	to := act(s, r, taskMigrateTo, n1, o|run|m)
	act(s, r, taskMigrateFrom, n2, o|run|m)
	to.Meta.Set("migrate_source", "n1")
	to.Meta.Set("timeout", "20000")
	to.Meta.Set("secret#1", "hidden")
	s.orderTasks(r, taskMonitor, r, taskMigrateTo, RelOrdered, 0)
	s.orderTasks(r, taskMigrateTo, r, taskMigrateFrom, RelOrdered|RelUnmigratableThenBlocks, 0)
	s.orderTasks(r, taskMigrateFrom, r, taskStop, RelOrdered|RelUnmigratableThenBlocks, 0)
	s.orderTasks(r, taskMigrateFrom, r, taskStart, RelOrdered|RelUnmigratableThenBlocks|RelFirstElseThen, 0)
	s.orderTasks(r, taskMonitor, r, taskStart, RelOrdered, 0)
	s.applyOrderings()
	s.buildGraph()
	g := s.Graph()
	var order []int
	for i, syn := range g.Synapses {
		require.Equal(t, i, syn.ID)
		order = append(order, syn.Actions[0].ID)
	}
	require.Equal(t, []int{5, 4, 3, 2, 1}, order)
	var inputs []int
	for _, in := range g.Synapses[2].Inputs {
		inputs = append(inputs, in.ID)
	}
	require.Equal(t, []int{1, 2, 5}, inputs, "the start waits for the probe, the stop and migrate_from")
	text := string(g.AppendXML(nil))
	require.Contains(t, text, `<pseudo_event id="3" operation="start" operation_key="r_start_0">`)
	require.Contains(t, text, `      <rsc_op id="4" operation="migrate_to" operation_key="r_migrate_to_0" on_node="n1" on_node_uuid="1">
        <primitive id="r" class="ocf" provider="heartbeat" type="apache"/>
        <attributes CRM_meta_migrate_source="n1" CRM_meta_on_node="n1" CRM_meta_on_node_uuid="1" CRM_meta_timeout="20000" allow_migrate="on" crm_feature_set="3.20.5">
          <param name="7up" value="x"/>
        </attributes>
      </rsc_op>
`)
	require.Contains(t, text, `<transition_graph cluster-delay="60s" fencing-timeout="60s" failed-stop-offset="INFINITY" failed-start-offset="INFINITY" batch-limit="0" transition_id="1">`)

	picture := string(s.DOT(false, false))
	require.True(t, strings.HasPrefix(picture, " digraph \"g\" {\n"))
	require.Contains(t, picture, `"r_start_0 n2" [ style=bold color="green" fontcolor="orange"]`+"\n")
	require.Contains(t, picture, `"r_migrate_from_0 n2" -> "r_stop_0 n1" [ style = bold]`+"\n")
	require.NotContains(t, picture, "dashed")
	require.Contains(t, string(s.DOT(true, true)), `"r_monitor_0 n2 (1)" -> "r_start_0 n2 (3)" [ style = bold]`)
}

// A migration that cannot happen becomes a stop and a real start
// (06 §19 E).
func TestUpdate_MigrationThatCannotHappen(t *testing.T) {
	s := testState(t, dummies("r"), "")
	r := s.findResource("r")
	n1, n2 := s.Nodes[0], s.Nodes[1]
	s.addInternalConstraints()
	const o, run, m, p = ActOptional, ActRunnable, ActMigratable, ActPseudo
	act(s, r, taskStop, n2, run|ActMigrationAbort) // of a dangling migration: not migratable
	act(s, r, taskStop, n1, run|m)
	start := act(s, r, taskStart, n2, run|m|p)
	to := act(s, r, taskMigrateTo, n1, o|run|m)
	from := act(s, r, taskMigrateFrom, n2, o|run|m)
	s.orderTasks(r, taskMigrateTo, r, taskMigrateFrom, RelOrdered|RelUnmigratableThenBlocks, 0)
	s.orderTasks(r, taskMigrateFrom, r, taskStop, RelOrdered|RelUnmigratableThenBlocks, 0)
	s.orderTasks(r, taskMigrateFrom, r, taskStart, RelOrdered|RelUnmigratableThenBlocks|RelFirstElseThen, 0)
	s.applyOrderings()
	require.Equal(t, run, start.Flags)
	require.Zero(t, to.Flags&(run|o))
	require.Zero(t, from.Flags&(run|o))
}

// A loop through load_stopped is broken, in either direction of the search
// (06 §12).
func TestDisableInvalid_LoadStoppedLoop(t *testing.T) {
	s := testState(t, dummies("a", "b"), "")
	a, b := s.findResource("a"), s.findResource("b")
	n1, n2 := s.Nodes[0], s.Nodes[1]
	a.Assigned, b.Assigned = n2, n1
	load1, load2 := act(s, nil, "load_stopped_n1", n1, ActRunnable|ActPseudo), act(s, nil, "load_stopped_n2", n2, ActRunnable|ActPseudo)
	stopA, stopB := act(s, a, taskStop, n1, ActRunnable), act(s, b, taskStop, n2, ActRunnable)
	toA, toB := act(s, a, taskMigrateTo, n1, ActRunnable), act(s, b, taskMigrateTo, n2, ActRunnable)
	for _, l := range []struct {
		from, to *Action
		f        Relation
	}{
		{stopA, load1, RelIfOnSameNodeOrTarget},
		{stopB, load2, RelIfOnSameNodeOrTarget},
		{load2, toA, RelIfOnSameNodeOrTarget},
		{load1, toB, RelIfOnSameNodeOrTarget},
		{toA, stopA, up},
		{toB, stopB, up},
	} {
		require.True(t, s.link(l.from, l.to, l.f, 0))
	}
	s.disableInvalidOrderings()
	disabled := 0
	for _, x := range []*Action{toA, toB} {
		if x.before[0].flags == 0 {
			disabled++
		}
	}
	require.Equal(t, 1, disabled, "one is enough")
	require.Zero(t, toB.before[0].flags, "that of the newer action is looked at first")
}

func TestLabel(t *testing.T) { // 06 §16.3
	s := testState(t, dummies("a"), "")
	r := s.findResource("a")
	n := s.Nodes[0]
	require.Equal(t, "a_start_0 n1", act(s, r, taskStart, n, 0).Label())
	require.Equal(t, "a_start_0 <none>", act(s, r, taskStart, nil, 0).Label())
	require.Equal(t, "a_running_0", act(s, r, taskRunning, nil, ActPseudo).Label())
	fence := act(s, nil, taskFence, n, 0)
	fence.Meta.Set("stonith_action", "reboot")
	require.Equal(t, "stonith 'reboot' n1", fence.Label())
	require.Equal(t, "do_shutdown n1", act(s, nil, taskShutdown, n, 0).Label())
	r.HistoryID = "h"
	cancel := act(s, r, taskCancel, n, 0)
	cancel.CancelTask = taskMonitor
	cancel.Meta.Set("interval", "10000")
	require.Equal(t, "Cancel h_monitor_10000 n1", cancel.Label())
	notify := act(s, r, taskNotify, n, 0)
	notify.Meta.Set("notify_key_type", "post")
	notify.Meta.Set("notify_key_operation", "stonith")
	require.Equal(t, "h_post_notify_stonith_0 n1", notify.Label())
}
