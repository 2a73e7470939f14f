package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// act makes an action with exactly these flags.
func act(s *State, r *Resource, task string, n *Node, flags ActionFlags) *Action {
	a := &Action{ID: len(s.Actions) + 1, Task: task, Key: task, Rsc: r, Node: n, Flags: flags}
	s.Actions = append(s.Actions, a)
	if r != nil {
		a.Key = opID(r.ID, task, 0)
		r.Actions = append(r.Actions, a)
		if r.byKey == nil {
			r.byKey = map[string][]*Action{}
		}
		r.byKey[a.Key] = append(r.byKey[a.Key], a)
	}
	return a
}

func TestLink_DropsWhatSharesAFlag(t *testing.T) { // 06 §8.3
	for _, others := range []int{0, 2 * mapAfter} { // both ways of looking edges up
		s := testState(t, dummies("a"), "")
		r := s.findResource("a")
		x, y := act(s, r, "start", nil, 0), act(s, r, "monitor", nil, 0)
		for range others {
			require.True(t, s.link(x, act(s, nil, "other", nil, 0), RelOrdered, 0))
		}
		require.False(t, s.link(x, y, 0, 0), "no flags, no edge")
		require.False(t, s.link(x, nil, RelOrdered, 0))
		require.False(t, s.link(x, x, RelOrdered, 0), "nothing waits for itself")
		require.True(t, s.link(x, y, RelOrdered, 0))
		require.False(t, s.link(x, y, up, 0), "shares ordered: the other flags are lost")
		require.True(t, s.link(x, y, RelSerialize|RelFirstImpliesThen, 0))
		require.False(t, s.link(x, y, RelFirstImpliesThen|RelAsymmetric, 0))
		require.True(t, s.link(y, x, RelOrdered, 0), "the other direction is another pair")
		require.Len(t, y.before, 2)
		require.Equal(t, RelOrdered, y.before[0].flags)
		require.Equal(t, RelSerialize|RelFirstImpliesThen, y.before[1].flags)
	}
}

func TestApplyOrdering_CreatesTheMissingFirst(t *testing.T) { // 06 §8.2
	s := testState(t, dummies("a", "b"), "")
	a, b := s.findResource("a"), s.findResource("b")
	a.OrigRole = RoleStopped
	s.orderTasks(a, taskStop, b, taskStart, up, 0)
	s.orderTasks(a, taskStart, a, taskMonitor, up, 0)
	s.orderTasks(a, taskPromote, b, taskStart, up, 0)
	for _, o := range s.orderings {
		s.applyOrdering(o)
	}
	require.Len(t, s.Actions, 1, "not the stop of what is stopped, nor one for the same resource; but the promote, though nothing waits for it")
	x := s.Actions[0]
	require.Equal(t, "a_promote_0", x.Key)
	require.Nil(t, x.Node)
	require.True(t, x.Optional())
	require.False(t, x.Runnable())

	// The key of a parent finds the action of a member.
	y := act(s, b, taskStart, s.Nodes[0], ActRunnable)
	s.orderings = nil
	s.order(ordering{action1: x, rsc2: b, task2: opKey{key: "whole_start_0"}, flags: RelOrdered})
	s.applyOrdering(s.orderings[0])
	require.Len(t, y.before, 1)

	// A dangling migration's stop does not force the start.
	stop := act(s, b, taskStop, s.Nodes[0], ActRunnable|ActMigrationAbort)
	s.orderTasks(b, taskStop, b, taskStart, RelOrdered|RelFirstImpliesThen, 0)
	s.applyOrdering(s.orderings[len(s.orderings)-1])
	require.Equal(t, RelOrdered, y.before[1].flags)
	require.Same(t, stop, y.before[1].action)
}

// basicCase is one call of the basic update.
type basicCase struct {
	name        string
	typ         Relation
	flags       ActionFlags // of first for orderings; 0 with own set = first's own
	filter      ActionFlags
	first, then ActionFlags
	prepare     func(first, then *Action)
	wantFirst   ActionFlags
	wantThen    ActionFlags
	reason      string // of the one that changed
}

func TestBasicUpdate(t *testing.T) { // 06 §11.4, every step
	const o, r, m, p = ActOptional, ActRunnable, ActMigratable, ActPseudo
	cases := []basicCase{
		{name: "asymmetric: unrunnable first blocks and requires", typ: RelAsymmetric, first: 0, then: o | r, wantThen: 0, reason: "required a stop"},
		{name: "asymmetric: runnable first does nothing", typ: RelAsymmetric, first: r, then: o | r, wantFirst: r, wantThen: o | r},
		{name: "asymmetric: started where it should be", typ: RelAsymmetric, then: o | r, wantThen: o | r, prepare: func(_, then *Action) {
			then.Task, then.Rsc.OrigRole, then.Rsc.Active = taskStart, RoleStarted, []*Node{then.Node}
		}},
		{name: "asymmetric: stopped already", typ: RelAsymmetric, then: o | r, wantThen: o | r, prepare: func(_, then *Action) {
			then.Task, then.Rsc.OrigRole = taskStop, RoleStopped
		}},
		{name: "then_implies_first never requires first", typ: RelThenImpliesFirst, flags: o | r, filter: o, first: o | r, then: r, wantFirst: o | r, wantThen: r},
		{name: "then_implies_first takes migratable", typ: RelThenImpliesFirst, flags: o | r | m, filter: o, first: o | r | m, then: r, wantFirst: o | r, wantThen: r, reason: "unmigrateable b start"},
		{name: "then_implies_first: optional then does nothing", typ: RelThenImpliesFirst, flags: o | m, filter: o, first: o | m, then: o, wantFirst: o | m, wantThen: o},
		{
			name: "promoted_then_implies_first", typ: RelPromotedThenImpliesFirst, filter: o, first: o | m, then: r, wantFirst: 0, wantThen: r, reason: "required b start",
			prepare: func(_, then *Action) { then.Rsc.OrigRole = RolePromoted },
		},
		{name: "promoted_then_implies_first: not promoted", typ: RelPromotedThenImpliesFirst, filter: o, first: o, then: r, wantFirst: o, wantThen: r},
		{name: "unmigratable_then_blocks: then cannot migrate", typ: RelUnmigratableThenBlocks, filter: o, first: o | r, then: o | r, wantFirst: o, wantThen: o | r, reason: "unrunnable b start"},
		{name: "unmigratable_then_blocks: required then", typ: RelUnmigratableThenBlocks, filter: o, first: o | r, then: r | m, wantFirst: r, wantThen: r | m, reason: "required b start"},
		{name: "first_else_then", typ: RelFirstElseThen, filter: o, first: 0, then: r | m | p, wantThen: r, reason: "unmigrateable a stop"},
		{name: "first_else_then: first can run", typ: RelFirstElseThen, filter: o, first: r, then: r | m | p, wantFirst: r, wantThen: r | m | p},
		{name: "unrunnable_first_blocks", typ: RelUnrunnableFirstBlocks, filter: r, first: o, then: r | m, wantFirst: o, wantThen: 0, reason: "unrunnable a stop"},
		{name: "unrunnable_first_blocks looks at the ordering's flags", typ: RelUnrunnableFirstBlocks, flags: r, filter: r, first: 0, then: r | m, wantThen: r | m},
		{name: "first_implies_then", typ: RelFirstImpliesThen, filter: o, first: r, then: o | r, wantFirst: r, wantThen: r, reason: "required a stop"},
		{name: "first_implies_then: migratable first does not", typ: RelFirstImpliesThen, filter: o, first: r | m, then: o | r, wantFirst: r | m, wantThen: o | r},
		{name: "first_implies_then: optional for orderings", typ: RelFirstImpliesThen, flags: o, filter: o, first: 0, then: o | r, wantThen: o | r},
		{name: "intermediate_stop: restart", typ: RelIntermediateStop, filter: o | r, first: o | r | m, then: r, wantFirst: r, wantThen: r, reason: "required b start"},
		{name: "intermediate_stop: unrunnable first blocks", typ: RelIntermediateStop, filter: o | r, first: o, then: r | m, wantFirst: 0, wantThen: m, reason: "unrunnable a stop"},
		{name: "intermediate_stop: another resource's unrunnable start", typ: RelIntermediateStop, filter: o | r, first: o | r, then: o, wantFirst: o | r, wantThen: o},
		{name: "ordered, serialize, min_runnable never change anything", typ: RelOrdered, filter: r, first: 0, then: o | r | m, wantThen: o | r | m},
		{name: "min_runnable", typ: RelMinRunnable, filter: r, first: 0, then: o | r | m, wantThen: o | r | m},
	}
	for _, c := range cases {
		s := testState(t, dummies("a", "b"), "")
		x := act(s, s.findResource("a"), taskStop, s.Nodes[0], c.first)
		y := act(s, s.findResource("b"), taskStart, s.Nodes[0], c.then)
		if c.prepare != nil {
			c.prepare(x, y)
		}
		changed := s.updateBasic(&orderRow{first: x, then: y, node: y.Node, flags: c.flags, filter: c.filter, typ: c.typ})
		require.Equal(t, c.wantFirst, x.Flags, c.name)
		require.Equal(t, c.wantThen, y.Flags, c.name)
		var want updated
		if c.wantFirst != c.first {
			want |= firstChanged
		}
		if c.wantThen != c.then {
			want |= thenChanged
		}
		require.Equal(t, want, changed, c.name)
		reason := x.Reason
		if y.Reason != "" {
			reason = y.Reason
		}
		require.Equal(t, c.reason, reason, c.name)
	}
}

// A resource's own stop is required when its start cannot run, without reason.
func TestBasicUpdate_StopOfTheSameResource(t *testing.T) {
	s := testState(t, dummies("a"), "")
	r := s.findResource("a")
	stop := act(s, r, taskStop, s.Nodes[0], ActOptional|ActRunnable)
	start := act(s, r, taskStart, s.Nodes[0], ActOptional)
	s.updateBasic(&orderRow{first: stop, then: start, filter: ActOptional | ActRunnable, typ: RelIntermediateStop})
	require.Equal(t, ActRunnable, stop.Flags)
	require.Empty(t, stop.Reason)
}

// Example C of 06 §19: a blocked stop at the end of a group holds up the
// restart of the members before it, with exactly these reasons.
func TestUpdate_BlockedMemberOfAGroup(t *testing.T) {
	s := testState(t, `<group id="g">`+dummies("r1", "r2", "r3", "r4")+`</group>`, "")
	g := s.findResource("g")
	n := s.Nodes[0]
	const o, r = ActOptional, ActRunnable
	for i, m := range g.Children {
		if i > 0 {
			m.Active, m.OrigRole = []*Node{n}, RoleStarted
		} else {
			m.OrigRole = RoleStopped
		}
		m.Assigned, m.NextRole = n, RoleStarted
	}
	last := g.Children[3]
	last.Flags = last.Flags&^RscManaged | RscBlocked
	s.addInternalConstraints()
	act(s, g.Children[0], taskStart, n, r)
	for _, m := range g.Children[1:] {
		stop := act(s, m, taskStop, n, o|r)
		if m == last {
			stop.Flags = o
		}
		act(s, m, taskStart, n, o|r)
	}
	for _, task := range []string{taskStart, taskRunning, taskStop, taskStopped} {
		act(s, g, task, nil, o|r|ActPseudo)
	}
	s.applyOrderings()
	find := func(key string) *Action { return find(t, s, key) }
	require.Equal(t, "required r1 start", find("r2_start_0").Reason)
	require.Equal(t, "unrunnable r2 stop", find("r1_start_0").Reason)
	require.False(t, find("r1_start_0").Runnable())
	require.False(t, find("r3_stop_0").Runnable())
	require.False(t, find("r3_stop_0").Optional())
	require.Equal(t, "required r2 stop", find("r3_stop_0").Reason)
	require.False(t, find("r2_stop_0").Runnable())
	require.Equal(t, "unrunnable r3 stop", find("r2_stop_0").Reason)
}

func find(t require.TestingT, s *State, key string) *Action {
	for _, a := range s.Actions {
		if a.Key == key {
			return a
		}
	}
	require.Fail(t, "no action "+key)
	return nil
}

func TestUpdate_ThenCancelsFirst(t *testing.T) {
	s := testState(t, dummies("a"), "")
	r := s.findResource("a")
	r.set(RscReload)
	reload := act(s, r, taskReload, s.Nodes[0], ActRunnable)
	stop := act(s, r, taskStop, s.Nodes[0], ActRunnable)
	s.link(reload, stop, RelOrdered|RelThenCancelsFirst, 0)
	s.freezeActions()
	s.update(stop)
	require.True(t, reload.Optional())
	require.False(t, r.Has(RscReload))
}

func TestUpdate_MinimumRunnable(t *testing.T) { // 06 §11.9
	s := testState(t, dummies("a", "b", "c"), "")
	met := act(s, nil, "one-or-more:s", nil, ActPseudo|ActRunnable|ActOptional)
	met.requiredRunnableBefore = 2
	then := act(s, s.findResource("c"), taskStart, s.Nodes[0], ActRunnable)
	a := act(s, s.findResource("a"), taskStart, s.Nodes[0], ActRunnable)
	b := act(s, s.findResource("b"), taskStart, s.Nodes[0], ActRunnable)
	s.link(a, met, RelMinRunnable|RelFirstImpliesThenGraphed, 0)
	s.link(b, met, RelMinRunnable|RelFirstImpliesThenGraphed, 0)
	s.link(met, then, up, 0)
	s.freezeActions()
	s.update(met)
	require.True(t, met.Runnable())
	require.True(t, met.Optional())
	require.True(t, met.Has(ActAlwaysInGraph))
	require.True(t, then.Runnable())
	s.clearFlag(b, ActRunnable)
	s.update(met)
	require.False(t, met.Runnable())
	require.False(t, then.Runnable())
	require.Equal(t, "unrunnable one-or-more:s", then.Reason)
}

// A collective as first action stands for its done-form.
func TestUpdate_Remap(t *testing.T) { // 06 §11.2
	s := testState(t, `<group id="g">`+dummies("m")+`</group>`+dummies("a"), "")
	g, a := s.findResource("g"), s.findResource("a")
	start := act(s, g, taskStart, nil, ActRunnable)
	then := act(s, a, taskStart, s.Nodes[0], ActRunnable)
	require.Same(t, start, remapped(start, then), "nothing to stand for it")
	running := act(s, g, taskRunning, nil, ActRunnable)
	require.Same(t, running, remapped(start, then))
	require.Same(t, start, remapped(start, running), "the same resource")
	require.Same(t, start, remapped(start, act(s, g.Children[0], taskStart, nil, 0)), "a member")
	s.link(start, then, up, 0)
	s.freezeActions()
	s.update(then)
	require.Equal(t, Relation(0), then.before[0].flags)
	require.Equal(t, up, then.before[1].flags)
	require.Same(t, running, then.before[1].action)
}

// Skipping what cannot change anything gives the same flags, reasons and edges
// as evaluating everything every time.
func TestLaw_SkippingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		fast, slow := plan.build(t), plan.build(t)
		fast.freezeActions()
		run := func(s *State) {
			for i := len(s.Actions) - 1; i >= 0; i-- {
				s.update(s.Actions[i])
			}
		}
		slow.ord.frozen = false
		run(slow)
		if slow.err() != nil {
			t.Skip("made-up orderings that do not settle")
		}
		run(fast)
		require.NoError(t, fast.err())
		require.Equal(t, picture(slow), picture(fast))
	})
}

func picture(s *State) []string {
	var out []string
	for _, a := range s.Actions {
		line := fmt.Sprintf("%d %s flags=%x reason=%q before", a.ID, a.Key, a.Flags, a.Reason)
		for _, e := range a.before {
			line += fmt.Sprintf(" %d:%s", e.action.ID, e.flags)
		}
		out = append(out, line)
	}
	for _, r := range s.all {
		if r.IsLeaf() {
			out = append(out, fmt.Sprintf("%s assigned %v next %v", r.ID, r.Assigned != nil, r.NextRole))
		}
	}
	return out
}

// plan describes a random set of actions and edges, so that the same can be
// built twice.
type plan struct {
	resources string
	actions   []planAction
	edges     []planEdge
	blocked   []int // leaves that are unmanaged and blocked
	assigned  []int // node of each leaf, -1 = none
}

type planAction struct {
	rsc   int // index into State.all, -1 = none
	task  string
	node  int // -1 = none
	flags ActionFlags
	count int // requiredRunnableBefore
}

type planEdge struct {
	first, then int
	flags       Relation
}

func drawPlan(t *rapid.T) plan {
	const paired = `<meta_attributes id="pm"><nvpair id="pm1" name="interleave" value="true"/></meta_attributes>`
	p := plan{resources: dummies("a", "b") + `<group id="g">` + dummies("g1", "g2") + `</group>` +
		`<clone id="c">` + paired + dummies("cp") + `</clone><clone id="e">` + strings.ReplaceAll(paired, "pm", "qm") + dummies("ep") + `</clone><clone id="d"><group id="dg">` + dummies("d1", "d2") + `</group></clone>`}
	tasks := []string{taskStart, taskStop, taskRunning, taskStopped, taskPromote, taskDemote, taskMonitor}
	probe := p.build(t)
	p.blocked = rapid.SliceOfN(rapid.IntRange(0, len(probe.all)-1), 0, 2).Draw(t, "blocked")
	for range probe.all {
		p.assigned = append(p.assigned, rapid.IntRange(-1, 1).Draw(t, "assigned"))
	}
	var flags ActionFlags
	// Collectives have their usual actions, so that there is something to remap to.
	for i, r := range probe.all {
		for _, task := range tasks[:4] {
			n := -1
			if r.IsLeaf() {
				if task == taskRunning || task == taskStopped || rapid.IntRange(0, 3).Draw(t, "absent") == 0 {
					continue
				}
				n = rapid.IntRange(-1, 1).Draw(t, "node")
			}
			flags = ActionFlags(rapid.IntRange(0, 31).Draw(t, "flags")) & (ActPseudo | ActRunnable | ActOptional | ActMigratable)
			p.actions = append(p.actions, planAction{rsc: i, task: task, node: n, flags: flags})
		}
	}
	for range rapid.IntRange(0, 6).Draw(t, "more") {
		a := planAction{
			rsc: rapid.IntRange(-1, len(probe.all)-1).Draw(t, "rsc"), task: rapid.SampledFrom(tasks).Draw(t, "task"),
			node: rapid.IntRange(-1, 1).Draw(t, "node"), flags: ActionFlags(rapid.IntRange(0, 31).Draw(t, "flags")) & (ActPseudo | ActRunnable | ActOptional | ActMigratable),
		}
		if a.rsc < 0 {
			a.count = rapid.IntRange(0, 2).Draw(t, "count")
		}
		p.actions = append(p.actions, a)
	}
	for range rapid.IntRange(1, 40).Draw(t, "edges") {
		e := planEdge{first: rapid.IntRange(0, len(p.actions)-1).Draw(t, "first"), then: rapid.IntRange(0, len(p.actions)-1).Draw(t, "then")}
		for range rapid.IntRange(1, 3).Draw(t, "types") {
			e.flags |= 1 << rapid.IntRange(0, len(relationNames)-1).Draw(t, "type")
		}
		// It makes actions optional again, so that made-up orderings with it
		// need not settle.
		e.flags &^= RelThenCancelsFirst
		if e.first == e.then {
			continue
		}
		p.edges = append(p.edges, e)
	}
	return p
}

func (p plan) build(t require.TestingT) *State {
	s, err := unpackFor(p.resources)
	require.NoError(t, err)
	for _, i := range p.blocked {
		if r := s.all[i]; r.IsLeaf() {
			r.Flags = r.Flags&^RscManaged | RscBlocked
		}
	}
	for i, k := range p.assigned {
		r := s.all[i]
		s.Nodes[max(k, 0)].Online, s.Nodes[max(k, 0)].Unclean = true, false
		r.OrigRole = RoleStopped
		if r.IsLeaf() && k >= 0 {
			r.NextRole = RoleStarted
			s.assignTo(r, s.Nodes[k], true, false)
			if i%2 == 0 {
				r.Active = []*Node{s.Nodes[k]}
			}
		}
	}
	for _, a := range p.actions {
		var r *Resource
		var n *Node
		if a.rsc >= 0 {
			r = s.all[a.rsc]
		}
		if a.node >= 0 {
			n = s.Nodes[a.node]
		}
		act(s, r, a.task, n, a.flags).requiredRunnableBefore = a.count
	}
	for _, e := range p.edges {
		s.link(s.Actions[e.first], s.Actions[e.then], e.flags, 0)
	}
	return s
}
