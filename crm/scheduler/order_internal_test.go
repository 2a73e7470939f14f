package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/lib/xmltree"
)

const (
	tifg = "then_implies_first_graphed"
	fitg = "first_implies_then_graphed"
	ufb  = "unrunnable_first_blocks"
	fit  = "first_implies_then"
)

func primitiveRelations(id string) []string {
	return []string{
		id + ".stop>" + id + ".start ordered|" + fit + "|intermediate_stop",
		id + ".lrm_delete>" + id + ".monitor then_cancels_first|if_on_same_node",
	}
}

func TestInternal_Group(t *testing.T) { // 06 §7.2
	s := testState(t, `<group id="g">`+dummies("a", "b", "c")+`</group>`, "")
	g := s.findResource("g")
	g.Children[2].Active = []*Node{s.Nodes[0]}
	s.addInternalConstraints()
	want := []string{"g.stop>g.stopped " + ufb, "g.stopped>g.start ordered", "g.start>g.running " + ufb}
	started := " " + RelationText(RelUnrunnableFirstBlocks|RelFirstImpliesThen|RelFirstImpliesThenGraphed)
	want = append(want, primitiveRelations("a")...)
	want = append(want, "g.stop>a.stop ordered|"+tifg, "a.stop>g.stopped "+fit, "g.start>a.start "+tifg, "a.start>g.running"+started)
	chain := " " + RelationText(RelFirstImpliesThen|RelUnrunnableFirstBlocks)
	want = append(want, primitiveRelations("b")...)
	want = append(want, "g.stop>b.stop "+tifg, "b.stop>g.stopped "+fitg, "g.start>b.start "+tifg, "b.start>g.running"+started,
		"a.start>b.start"+chain, "b.stop>a.stop ordered|intermediate_stop")
	want = append(want, primitiveRelations("c")...)
	want = append(want, "g.stop>c.stop "+tifg, "c.stop>g.stopped "+fitg, "g.start>c.start "+tifg, "c.start>g.running"+started,
		"b.start>c.start"+chain, "c.stop>b.stop ordered|intermediate_stop",
		"c.stop>b.start "+RelationText(RelThenImpliesFirst|RelUnrunnableFirstBlocks))
	require.Equal(t, want, recorded(s))
}

// RelationText is String, for readable tables.
func RelationText(r Relation) string { return r.String() }

func TestInternal_PartlyActiveGroup(t *testing.T) { // 06 §7.2 step 5
	s := testState(t, `<group id="g">`+dummies("a", "b", "c")+`</group>`, "")
	g := s.findResource("g")
	g.Children[0].Active = []*Node{s.Nodes[0]}
	g.Children[2].Active = []*Node{s.Nodes[0]}
	s.addInternalConstraints()
	list := recorded(s)
	require.Equal(t, "c.stop>a.stop ordered", list[len(list)-1])
}

func TestInternal_UnmanagedHasNone(t *testing.T) {
	s := testState(t, dummies("a"), "")
	s.findResource("a").unset(RscManaged)
	s.addInternalConstraints()
	require.Empty(t, s.orderings)
}

func TestInternal_PromotableOrderedClone(t *testing.T) { // 06 §7.3, §7.4
	s := testState(t, `<clone id="c"><meta_attributes id="m"><nvpair id="m1" name="ordered" value="true"/><nvpair id="m2" name="promotable" value="true"/></meta_attributes>`+
		dummies("p")+`</clone>`, "")
	c := s.findResource("c")
	c.Children[0], c.Children[1] = c.Children[1], c.Children[0]
	s.addInternalConstraints()
	require.Equal(t, "p:0", c.Children[0].ID, "sorted by instance number")
	list := recorded(s)
	require.Contains(t, list, "p:0 and later ordered")
	require.Equal(t, []string{
		"c.stopped>c.start ordered", "c.start>c.running " + ufb, "c.stop>c.stopped " + ufb,
		"c.demoted>c.stop ordered", "c.running>c.promote " + ufb, "p:0.stop>p:0.start ordered|" + fit + "|intermediate_stop",
		"p:0.demote>p:0.stop promoted_then_implies_first", "p:0.start>p:0.promote " + ufb,
	}, list[:8])
	text := strings.Join(list, "\n")
	require.Contains(t, text, "c.start>p:0.start "+RelationText(RelUnrunnableFirstBlocks|RelThenImpliesFirstGraphed)+
		"\np:0.start>c.running "+fitg+"\nc.stop>p:0.stop "+tifg+"\np:0.stop>c.stopped "+fitg)
	require.Equal(t, []string{
		"c.stopped>c.start ordered", "c.stopped>c.promote ordered", "c.demoted>c.stop ordered", "c.demoted>c.start ordered",
		"c.demoted>c.promote ordered", "c.running>c.promote ordered", "c.demote>c.demoted ordered",
		"p:0.demote>p:0.promote ordered", "c.promote>p:0.promote ordered", "p:0.promote>c.promoted ordered",
		"c.demote>p:0.demote " + tifg, "p:0.demote>c.demoted " + fitg,
		"p:1.demote>p:1.promote ordered", "c.promote>p:1.promote ordered", "p:1.promote>c.promoted ordered", "p:0.promote>p:1.promote ordered",
		"c.demote>p:1.demote " + tifg, "p:1.demote>c.demoted " + fitg, "p:1.demote>p:0.demote ordered",
	}, list[len(list)-19:])
}

// The short form for ordered clones gives the same edges and actions as the
// relations that it stands for.
func TestInternal_OrderedCloneShortForm(t *testing.T) {
	build := func(short bool) *State {
		s := testState(t, `<clone id="c"><meta_attributes id="m"><nvpair id="m1" name="clone-max" value="4"/></meta_attributes>`+dummies("p")+`</clone>`, "")
		c := s.findResource("c")
		for i, r := range c.Children {
			r.OrigRole = Role(i % 3)
			if i%2 == 0 {
				act(s, r, taskStop, s.Nodes[0], ActRunnable)
			}
			if i != 1 {
				act(s, r, taskStart, s.Nodes[0], ActRunnable)
			}
			act(s, r, taskMonitor, s.Nodes[1], ActRunnable)
		}
		for i, r := range c.Children {
			s.orderLater(r, c.Children[i+1:], !short, 0)
		}
		s.applyOrderings()
		return s
	}
	long, short := build(false), build(true)
	require.Less(t, len(short.orderings), len(long.orderings))
	require.Equal(t, picture(long), picture(short))
}

// BenchmarkOrderings orders clones in a chain: on a cluster that has only just
// formed, everything probed and started; and on one where the first clone
// restarts, and so everything.
func BenchmarkOrderings(b *testing.B) {
	for _, size := range [][2]int{{100, 10}, {400, 10}, {1000, 30}} {
		for name, build := range map[string]func(require.TestingT, int, int) *State{"start": freshCluster, "restart": restartingCluster} {
			b.Run(fmt.Sprintf("%s,nodes=%d,clones=%d", name, size[0], size[1]), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					s := build(b, size[0], size[1])
					b.StartTimer()
					s.addInternalConstraints()
					s.applyOrderings()
					s.buildGraph()
				}
			})
		}
	}
}

// chainedClones unpacks clones of which each is ordered after the one before.
func chainedClones(t require.TestingT, nodes, clones int) *State {
	var text strings.Builder
	text.WriteString(`<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" epoch="1" num_updates="0" admin_epoch="0" have-quorum="1"><configuration><crm_config/><nodes>`)
	for i := range nodes {
		fmt.Fprintf(&text, `<node id="%d" uname="node%d"/>`, i+1, i+1)
	}
	text.WriteString(`</nodes><resources>`)
	for i := range clones {
		fmt.Fprintf(&text, `<clone id="c%d"><primitive id="p%d" class="ocf" provider="pacemaker" type="Dummy"/></clone>`, i, i)
	}
	text.WriteString(`</resources><constraints/></configuration></cib>`)
	root, err := xmltree.Parse([]byte(text.String()), xmltree.Limits{})
	require.NoError(t, err)
	s, err := Unpack(root, Options{RealNow: 1})
	require.NoError(t, err)
	for k, c := range s.Resources {
		if k > 0 {
			s.orderTasks(s.Resources[k-1], taskStart, c, taskStart, up, 0)
			s.orderTasks(c, taskStop, s.Resources[k-1], taskStop, back, 0)
		}
		for i, r := range c.Children {
			n := s.Nodes[i]
			n.Online, n.Unclean = true, false
			r.OrigRole, r.NextRole, r.Assigned = RoleStopped, RoleStarted, n
		}
	}
	return s
}

func freshCluster(t require.TestingT, nodes, clones int) *State {
	s := chainedClones(t, nodes, clones)
	for _, c := range s.Resources {
		for i, r := range c.Children {
			probe := s.action(r, taskMonitor, 0, s.Nodes[i], false)
			s.order(ordering{action1: probe, rsc2: c, task2: opKey{task: taskStart}, flags: RelOrdered})
		}
	}
	for _, c := range s.Resources {
		for i, r := range c.Children {
			s.action(r, taskStart, 0, s.Nodes[i], false).set(ActRunnable)
		}
		for _, task := range []string{taskStart, taskRunning, taskStop, taskStopped} {
			s.pseudoAction(c, task, task == taskStop || task == taskStopped, true)
		}
	}
	return s
}

func restartingCluster(t require.TestingT, nodes, clones int) *State {
	s := chainedClones(t, nodes, clones)
	for k, c := range s.Resources {
		for i, r := range c.Children {
			r.OrigRole, r.Active = RoleStarted, []*Node{s.Nodes[i]}
			s.action(r, taskStop, 0, s.Nodes[i], true).set(ActRunnable)
			s.action(r, taskStart, 0, s.Nodes[i], k > 0).set(ActRunnable)
		}
		for _, task := range []string{taskStart, taskRunning, taskStop, taskStopped} {
			s.pseudoAction(c, task, true, true)
		}
	}
	return s
}

// What the benchmark measures does happen.
func TestUpdate_RestartGoesDownAChainOfClones(t *testing.T) {
	s := restartingCluster(t, 3, 3)
	s.addInternalConstraints()
	s.applyOrderings()
	last := find(t, s, "p2:2_stop_0")
	require.False(t, last.Optional())
	require.Equal(t, "required c1 running", find(t, s, "p2:2_start_0").Reason)
	require.False(t, find(t, s, "c2_stop_0").Optional())
}
