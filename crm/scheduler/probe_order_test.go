package scheduler

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// after lists the keys of the actions ordered after a, newest first.
func after(a *Action) []string {
	var keys []string
	for i := len(a.after) - 1; i >= 0; i-- {
		keys = append(keys, a.after[i].action.Key+" "+a.after[i].flags.String())
	}
	return keys
}

func TestOrderProbes_Restarts(t *testing.T) { // 06 §10.1 (b)
	s := testState(t, dummies("a", "b", "x")+`<group id="g">`+dummies("g1", "g2")+`</group><clone id="c">`+dummies("p")+`</clone>`, "")
	n := s.Nodes[0]
	const run = ActRunnable
	a, b, g, c := s.findResource("a"), s.findResource("b"), s.findResource("g"), s.findResource("c")
	probe := act(s, a, taskMonitor, n, run)
	aStart, bStart := act(s, a, taskStart, n, run), act(s, b, taskStart, n, run)
	act(s, a, taskStop, n, run)
	act(s, b, taskStop, n, run)
	gStart, cStart := act(s, g, taskStart, nil, run|ActPseudo), act(s, c, taskStart, nil, run|ActPseudo)
	g1, g2 := act(s, g.Children[0], taskStart, n, run), act(s, g.Children[1], taskStart, n, run)
	act(s, g.Children[0], taskStop, n, run|ActPseudo) // implied by fencing
	act(s, g.Children[1], taskStop, n, run)
	p0, p1 := act(s, c.Children[0], taskPromote, n, run), act(s, c.Children[1], taskPromote, n, run)
	act(s, c.Children[0], taskDemote, n, run)
	act(s, c.Children[1], taskStop, n, run) // no promote's business
	s.link(probe, aStart, RelOrdered, 0)
	s.link(aStart, bStart, up, 0)
	s.link(aStart, gStart, up, 0)
	s.link(gStart, g1, RelThenImpliesFirstGraphed, 0)
	s.link(gStart, g2, RelThenImpliesFirstGraphed, 0)
	s.link(bStart, cStart, RelFirstImpliesThen, 0)
	s.link(cStart, p0, RelUnrunnableFirstBlocks, 0)
	s.link(cStart, p1, RelUnrunnableFirstBlocks, 0)
	// Neither required nor a child: not followed.
	x := act(s, s.findResource("x"), taskStart, n, run)
	act(s, s.findResource("x"), taskStop, n, run)
	s.link(bStart, x, RelOrdered, 0)
	s.freezeActions()
	s.orderProbes()
	require.Equal(t, []string{"p:0_demote_0 ordered", "b_stop_0 ordered", "g2_stop_0 ordered", "a_start_0 ordered"}, after(probe))
}

func TestOrderProbes_UnrunnableProbe(t *testing.T) { // 06 §10.1 (a)
	s := testState(t, `<clone id="c">`+dummies("p")+`</clone>`, "")
	c := s.findResource("c")
	c.Children[1].Active = []*Node{s.Nodes[1]}
	probe := act(s, c.Children[0], taskMonitor, s.Nodes[0], 0)
	start := act(s, c, taskStart, nil, ActRunnable|ActPseudo)
	p0, p1 := act(s, c.Children[0], taskStart, s.Nodes[0], ActRunnable), act(s, c.Children[1], taskStart, s.Nodes[1], ActRunnable)
	s.link(probe, start, RelOrdered, 0)
	s.link(start, p0, RelUnrunnableFirstBlocks, 0)
	s.link(start, p1, RelUnrunnableFirstBlocks, 0)
	s.orderProbes()
	require.Equal(t, []string{"p:0_start_0 ordered|unrunnable_first_blocks", "c_start_0 ordered"}, after(probe), "the active instance stays as it is")
}

func TestOrderProbes_InPlaceOfStops(t *testing.T) { // 06 §10.2
	s := testState(t, dummies("a", "b", "l"), "")
	n1, n2 := s.Nodes[0], s.Nodes[1]
	a, b, l := s.findResource("a"), s.findResource("b"), s.findResource("l")
	a.Launcher = l
	probe := act(s, a, taskMonitor, n1, ActRunnable)
	act(s, a, taskStop, n1, ActRunnable)
	act(s, b, taskStart, n1, ActRunnable)
	act(s, b, taskMigrateTo, n1, ActRunnable)
	act(s, b, taskDemote, n1, ActRunnable)
	act(s, l, taskStop, n1, ActRunnable)
	here, there := act(s, nil, taskShutdown, n1, ActRunnable), act(s, nil, taskShutdown, n2, ActRunnable)
	here.Key, there.Key = "do_shutdown-n1", "do_shutdown-n2"
	unfence := act(s, nil, taskFence, n1, ActRunnable)
	unfence.Meta.Set("stonith_action", "on")
	stop := func(o ordering) {
		o.rsc1, o.task1 = a, opKey{task: taskStop}
		s.order(o)
	}
	stop(ordering{rsc2: b, task2: opKey{task: taskStart}, flags: RelFirstImpliesThen | RelIfOnSameNode})
	stop(ordering{rsc2: b, task2: opKey{task: taskMigrateTo}, flags: RelOrdered | RelIfFirstUnmigratable})
	stop(ordering{rsc2: b, task2: opKey{task: taskDemote}, flags: RelIfRequiredOnSameNode})
	stop(ordering{rsc2: a, task2: opKey{task: taskStart}, flags: RelOrdered}) // the same resource
	stop(ordering{rsc2: l, task2: opKey{task: taskStop}, flags: RelOrdered})  // what launches it
	stop(ordering{action2: here, flags: RelOrdered})
	stop(ordering{action2: there, flags: RelOrdered})
	stop(ordering{action2: unfence, flags: RelOrdered})
	s.order(ordering{rsc1: a, task1: opKey{task: taskStart}, rsc2: b, task2: opKey{task: taskStart}, flags: RelSerialize})
	s.orderProbes()
	require.Equal(t, []string{
		"do_shutdown-n1 ordered", "b_demote_0 if_required_on_same_node",
		"b_migrate_to_0 ordered|if_first_unmigratable", "b_start_0 ordered|if_on_same_node",
	}, after(probe))
}
