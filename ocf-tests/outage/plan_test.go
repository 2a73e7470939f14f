package outage

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func nodeNames(k int) []string {
	return []string{"node-1", "node-2", "node-3", "node-4", "node-5"}[:k]
}

// TestPlanLaws: whatever the seed, a plan is the same each time, every fault
// makes sense and leaves no node down, and no kind comes again before all came.
func TestPlanLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rounds := rapid.IntRange(1, 70).Draw(t, "rounds")
		nodes := nodeNames(rapid.IntRange(3, 5).Draw(t, "nodes"))
		every := append(Kinds(), FailoverKinds()...)
		only := rapid.SliceOfDistinct(rapid.SampledFrom(every), rapid.ID[string]).Draw(t, "only")
		plan, err := Plan(seed, rounds, nodes, only...)
		require.NoError(t, err)
		again, err := Plan(seed, rounds, nodes, only...)
		require.NoError(t, err)
		require.Equal(t, plan, again)
		require.Len(t, plan, rounds)
		size := len(only)
		if size == 0 {
			size = len(Kinds())
		}
		for pack := range slices.Chunk(plan, size) {
			seen := map[string]bool{}
			for _, f := range pack {
				require.Empty(t, f.Problem(nodes), f.String())
				require.False(t, seen[f.Kind], f.Kind)
				seen[f.Kind] = true
				if len(only) > 0 {
					require.Contains(t, only, f.Kind)
				}
			}
		}
	})
}

// TestSeedsDiffer: the seed is used.
func TestSeedsDiffer(t *testing.T) {
	one, err := Plan(1, 30, nodeNames(3))
	require.NoError(t, err)
	two, err := Plan(2, 30, nodeNames(3))
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func TestPlanErrors(t *testing.T) {
	_, err := Plan(1, 0, nodeNames(3))
	require.ErrorContains(t, err, "at least one round")
	_, err = Plan(1, 1, nodeNames(2))
	require.ErrorContains(t, err, "three nodes")
	_, err = Plan(1, 1, nodeNames(3), "kill-all", "earthquake")
	require.ErrorContains(t, err, `no kind of fault "earthquake": there are kill-all,`)
}

func TestDice(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(1, 2)), nodeNames(3)}
	for range 1000 {
		got := d.between(time.Second, 3*time.Second)
		require.GreaterOrEqual(t, got, time.Second)
		require.LessOrEqual(t, got, 3*time.Second)
	}
	require.ElementsMatch(t, d.nodes, d.some(3))
	require.Equal(t, nodeNames(3), d.nodes, "drawing must not change the order of the nodes")
}

// TestProblem: each fault is wrong in one way.
func TestProblem(t *testing.T) {
	one, two := []string{"node-1"}, []string{"node-1", "node-2"}
	for _, c := range []struct {
		steps []Step
		want  string
	}{
		{[]Step{kill(ServiceProgram, "node-1"), kill("corosync", DC)}, ""},
		{[]Step{{Verb: Kill, Nodes: one}}, "kill node-1: kill, freeze and wait for need the name of a program"},
		{[]Step{{Verb: Off, Program: "x", Nodes: one}}, "need the name of a program"},
		{[]Step{{Verb: Off, After: -1, Nodes: one}}, "below zero"},
		{[]Step{{Verb: Off}}, "no node"},
		{[]Step{kill("x", "node-9")}, "no node node-9"},
		{[]Step{{Verb: Standby, Nodes: []string{DC}}}, "in the end DC is left"},
		{[]Step{{Verb: Off, Nodes: []string{DC}}}, ""},
		{[]Step{{Verb: Off, Nodes: []string{DC, "node-1"}}}, "in the end node-1 is left"},
		{[]Step{{Verb: "paint", Nodes: one}}, "no verb paint"},
		{[]Step{{Verb: Off, Nodes: one}}, ""},
		{[]Step{{Verb: Off, Nodes: two}}, "in the end node-1 is left"},
		{[]Step{{Verb: Off, Nodes: two}, {Verb: On, Nodes: one}}, ""},
		{[]Step{{Verb: Off, Nodes: one}, kill("x", "node-1")}, "node-1 is off"},
		{[]Step{{Verb: Off, Nodes: one}, {Verb: Stop, Nodes: one}}, "node-1 is off"},
		{[]Step{{Verb: Off, Nodes: one}, {Verb: Wipe, Nodes: one}}, "may boot meanwhile"},
		{[]Step{{Verb: Break, Nodes: one}, {Verb: Wipe, Nodes: one}}, "may boot meanwhile"},
		{[]Step{{Verb: Break, Nodes: one}, {Verb: Off, Nodes: one}, {Verb: On, Nodes: one}}, "node-1 is broken"},
		{[]Step{{Verb: Break, Nodes: one}, {Verb: Off, Nodes: one}, {Verb: Mend, Nodes: one}}, "in the end node-1 is left"},
		{[]Step{{Verb: Break, Nodes: one}, {Verb: Off, Nodes: one}, {Verb: Wipe, Nodes: one}, {Verb: Mend, Nodes: one}, {Verb: On, Nodes: one}}, ""},
		{[]Step{{Verb: Whole, Nodes: one}}, "node-1 is whole itself"},
		{[]Step{{Verb: Whole}}, ""},
		{[]Step{{Verb: Cut, Nodes: one}}, "in the end node-1 is left"},
		{[]Step{{Verb: Cut, Nodes: one}, {Verb: Heal, Nodes: one}}, ""},
		{[]Step{{Verb: Isolate, Nodes: one}}, "in the end node-1 is left"},
		{[]Step{{Verb: Standby, Nodes: one}}, "in the end node-1 is left"},
		{[]Step{{Verb: Stop, Nodes: one}}, "in the end node-1 is left"},
		{[]Step{{Verb: Stop, Nodes: two}, {Verb: Start, Nodes: two}}, ""},
	} {
		got := Fault{Steps: c.steps}.Problem(nodeNames(3))
		if c.want == "" {
			require.Empty(t, got, "%v", c.steps)
			continue
		}
		require.Contains(t, got, c.want, "%v", c.steps)
	}
}

func TestStepString(t *testing.T) {
	f := Fault{"x", []Step{kill("corosync", "node-1", "node-2"), {After: 1300 * time.Millisecond, Verb: Off, Nodes: []string{DC}}}}
	require.Equal(t, "x: kill corosync node-1 node-2; +1.3s off DC", f.String())
}
