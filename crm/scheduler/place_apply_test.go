package scheduler

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/xmltree"
)

// 04 §10.5, coloc_fp_logic: the dependent's preference reaches the primary by
// half, then the primary's place counts for the dependent.
func TestMerge_10_5(t *testing.T) {
	s := placement{
		nodes:       "node1 node2",
		resources:   primitive("a", "resource-stickiness=100") + primitive("b", "resource-stickiness=100"),
		constraints: with("k", "a", "b", "500000"),
		active:      "a@node1 b@node2",
	}.place(t)
	require.Equal(t, "node1:50 node2:100", s.lines("pcmk__primitive_assign", "b"))
	require.Equal(t, "node1:100 node2:500000", s.lines("pcmk__primitive_assign", "a"))
}

// 04 §11.3, T12: an optional colocation with something that has no node is
// dropped where it would leave none.
func TestApply_11_3_Rollback(t *testing.T) {
	for score, want := range map[string]string{"100": "n1:-50 n2:50", "200": "n1:50 n2:150", "INFINITY": "n1:-INFINITY n2:-INFINITY"} {
		s := placement{
			nodes:       "n1 n2",
			resources:   primitive("x") + primitive("y", "target-role=Stopped"),
			constraints: prefers("l1", "x", "n1", "50") + prefers("l2", "x", "n2", "150") + with("k", "x", "y", score),
		}.place(t)
		require.Equal(t, want, s.lines("pcmk__primitive_assign", "x"), score)
	}
}

// 04 §11.3: many subtractions at once are the same as one after the other.
func TestSubtract_RunIsSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &State{}
		one, many := &Resource{}, &Resource{}
		for i := range rapid.IntRange(1, 4).Draw(t, "nodes") {
			n := &Node{Index: int32(i), Online: rapid.Bool().Draw(t, "online")}
			s.byIndex = append(s.byIndex, n)
			score := rapid.OneOf(rapid.SampledFrom([]int{-int(Infinity), 0, int(Infinity), int(Infinity) - 1}), rapid.IntRange(-2000, 2000)).Draw(t, "score")
			one.Allowed.Set(n, Score(score))
			many.Allowed.Set(n, Score(score))
		}
		c := &Colocation{Score: Score(rapid.OneOf(rapid.IntRange(1, 2000), rapid.SampledFrom([]int{int(Infinity), 999999, 500000})).Draw(t, "colocation"))}
		times := rapid.IntRange(1, 6).Draw(t, "times")
		for range times {
			stepwise(s, &one.Allowed, c.Score)
		}
		s.subtract(many, c, times)
		require.Equal(t, one.Allowed.scores, many.Allowed.scores)
	})
}

// stepwise is 04 §11.3 as it is written, for a primary without node.
func stepwise(s *State, t *Table, score Score) {
	work := t.Clone()
	usable := score >= Infinity
	for _, n := range s.byIndex {
		work.Add(n, -score)
		left, _ := work.Get(n)
		usable = usable || (n.Available() && left >= 0)
	}
	if usable {
		*t = work
	}
}

// T5: what was assigned to no node counts as assigned; what never was has no
// effect.
func TestApply_UnassignedInstancesDoNotCount(t *testing.T) {
	s := placement{
		nodes:       "n1 n2",
		resources:   wrap("clone", "c", primitive("p"), "clone-max=3") + primitive("x"),
		constraints: prefers("l", "x", "n1", "500") + with("k", "x", "c", "100"),
	}.place(t)
	require.Equal(t, "n1:500 n2:0", s.lines("pcmk__primitive_assign", "x"), "500+100-100 and 0+100-100 (04 §11.3)")
}

// T13: nodes without the attribute match each other.
func TestMatcher_AbsentValuesAreEqual(t *testing.T) {
	s := &State{byIndex: []*Node{
		{Index: 0, Attrs: map[string]string{"rack": "A"}}, {Index: 1, Attrs: map[string]string{"rack": "a"}}, {Index: 2}, {Index: 3},
	}}
	m := s.matcher("rack", nil)
	require.Equal(t, m.class(s.byIndex[0]), m.class(s.byIndex[1]), "case does not matter")
	require.Equal(t, m.class(s.byIndex[2]), m.class(s.byIndex[3]))
	require.Equal(t, m.class(nil), m.class(s.byIndex[3]))
	require.NotEqual(t, m.class(s.byIndex[0]), m.class(s.byIndex[2]))
	require.False(t, m.direct())
	require.True(t, s.matcher("none", nil).of[0] == 0 && !s.matcher("none", nil).direct())
}

// 04 §15.6, clone-recover-no-shuffle-4: a slot is reserved on the better node
// before an instance may stay, and every attempt shows its scores (T7).
func TestAssignEarly_15_6(t *testing.T) {
	s := placement{
		nodes:       "node1 node2 node3",
		resources:   wrap("clone", "c", primitive("d"), "clone-max=3"),
		constraints: prefers("l", "c", "node1", "100"),
		active:      "d:0@node2 d:1@node3",
	}.place(t)
	require.Equal(t, "node1:100 node2:1 node3:0 node1:-INFINITY node2:1 node3:0", s.lines("pcmk__primitive_assign", "d:0"))
	require.Equal(t, "node1:100 node2:-INFINITY node3:1 node1:-INFINITY node2:-INFINITY node3:1", s.lines("pcmk__primitive_assign", "d:1"))
	require.Equal(t, "node1:100 node2:-INFINITY node3:-INFINITY", s.lines("pcmk__primitive_assign", "d:2"))
	require.Equal(t, "d:0@node2 d:1@node3 d:2@node1", s.where())
	require.Equal(t, 1, s.findResource("c").Allowed.Count(s.nodeByName("node1")))

	s = placement{
		nodes:       "node1 node2 node3",
		resources:   wrap("clone", "c", primitive("d"), "clone-max=2"),
		constraints: prefers("l", "c", "node1", "100"),
		active:      "d:0@node2 d:1@node3",
	}.place(t)
	require.Equal(t, "d:0@node2 d:1@node1", s.where(), "with only as many instances, the preferences win")
}

// 04 §15.3, in the order of the criteria.
func TestCompareInstances_15_3(t *testing.T) {
	s := &State{}
	n1, n2 := &Node{Index: 0, Name: "n1", Online: true}, &Node{Index: 1, Name: "n2", Online: true}
	s.byIndex, s.Nodes = []*Node{n1, n2}, []*Node{n1, n2}
	parent := &Resource{ID: "c", Kind: KindClone}
	parent.Allowed.Set(n1, 0)
	parent.Allowed.Set(n2, 0)
	make := func(id string, active ...*Node) *Resource {
		r := &Resource{ID: id, Parent: parent, Active: active}
		r.Allowed.Set(n1, 0)
		r.Allowed.Set(n2, 0)
		return r
	}
	first := func(a, b *Resource, why string) {
		t.Helper()
		require.Negative(t, s.compareInstances(a, b), why)
		require.Positive(t, s.compareInstances(b, a), why)
	}
	one := make("p:1", n1)
	first(one, make("p:0", n1, n2), "fewer active nodes")
	banned := make("p:0", n2)
	banned.Allowed.Set(n2, -1)
	first(one, banned, "not on a disallowed node")
	first(make("p:1"), banned, "inactive before disallowed")
	wanted := make("p:2")
	wanted.Priority = 1
	first(wanted, one, "priority before being active")
	require.Zero(t, s.compareInstances(make("p:1"), make("p:0")), "inactive ones are equal, whatever their number")
	first(one, make("p:0"), "active first")
	failed := make("p:0", n1)
	failed.set(RscFailed)
	first(one, failed, "not failed first")
	first(make("p:9", n1), make("p:10", n1), "lower number, as a number")
	parent.Allowed.AddCount(n1, 1)
	first(make("p:3", n2), one, "fewer instances on the node")
	parent.Allowed.Delete(n1)
	first(make("p:3", n2), one, "the parent is allowed there")
	n1.Standby = true
	first(make("p:3", n2), one, "available node")
}

// Instances that had one table still have one after a location and a limit:
// what is the same for all costs one table.
func TestInstancesShareTables(t *testing.T) {
	nodes := ""
	for i := range 20 {
		nodes += fmt.Sprintf("n%d ", i)
	}
	p := placement{
		nodes:       nodes,
		resources:   wrap("clone", "c", primitive("p"), "clone-max=20"),
		constraints: prefers("l", "c", "n3", "-INFINITY") + prefers("m", "c", "n4", "7"),
	}
	s := p.state(t)
	s.prepare()
	c := s.findResource("c")
	for _, r := range c.Children[1:] {
		require.True(t, r.Allowed.SameScores(&c.Children[0].Allowed))
	}
	s.assignResources()
	require.Nil(t, c.Children[19].Assigned, "19 nodes for 20 instances")

	p.resources = wrap("clone", "c", primitive("p"), "clone-max=20", "clone-node-max=1")
	p.options = "symmetric-cluster=false"
	s = p.place(t)
	c = s.findResource("c")
	require.Equal(t, "n4", c.Children[0].Assigned.Name)
	require.True(t, c.Children[2].Allowed.SameScores(&c.Children[19].Allowed), "those that got no node")
}

// 04 §5.4, T23: rsc-pattern looks at top-level ids anywhere in the text, and
// its groups reach the score attribute.
func TestLocation_Pattern(t *testing.T) {
	p := placement{
		nodes:     "n1 n2",
		resources: primitive("ip-db") + primitive("vip-x") + wrap("group", "g", primitive("ip-in")),
		constraints: `<rsc_location id="l" rsc-pattern="ip-([a-z]*)"><rule id="r" score-attribute="loc-%1">
			<expression id="e" attribute="#uname" operation="defined"/></rule></rsc_location>
			<rsc_location id="m" rsc-pattern="!ip" node="n2" score="3"/><rsc_location id="bad" rsc-pattern="(" node="n2" score="9"/>`,
	}
	s := p.state(t)
	s.nodeByName("n1").Attrs["loc-db"] = "11"
	s.nodeByName("n2").Attrs["loc-x"] = "22"
	s.prepare()
	require.Equal(t, Score(11), scoreOn(s, "ip-db", "n1"))
	require.Equal(t, Score(0), scoreOn(s, "ip-db", "n2"))
	require.Equal(t, Score(22), scoreOn(s, "vip-x", "n2"), "the search is not anchored")
	require.Equal(t, Score(3), scoreOn(s, "g", "n2"))
	require.Equal(t, Score(3), scoreOn(s, "ip-in", "n2"))
	require.NotEmpty(t, s.Problems, "the broken pattern is reported")
}

func scoreOn(s *State, rsc, node string) Score {
	score, _ := s.findResource(rsc).Allowed.Get(s.nodeByName(node))
	return score
}

// 04 §5.5, T21: a group's location counts once, and enables all members in an
// asymmetric cluster.
func TestLocation_GroupCountsOnce(t *testing.T) {
	s := placement{
		nodes: "n1 n2", options: "symmetric-cluster=false",
		resources:   wrap("group", "g", primitive("a")+primitive("b")),
		constraints: prefers("l", "g", "n1", "50"),
	}.place(t)
	require.Equal(t, "n1:50", s.lines("pcmk__group_assign", "a"))
	require.Equal(t, "n1:0", s.lines("pcmk__group_assign", "b"))
	require.Equal(t, "a@n1 b@n1", s.where())
}

// 04 §5.4, §6.4: exclusive discovery bans from what it does not name.
func TestDiscovery_Exclusive(t *testing.T) {
	s := placement{
		nodes:       "n1 n2 n3",
		resources:   wrap("clone", "c", primitive("p")),
		constraints: `<rsc_location id="l" rsc="c" node="n2" score="5" resource-discovery="exclusive"/>`,
	}.place(t)
	require.Equal(t, "n1:-INFINITY n2:5 n3:-INFINITY", s.lines("pcmk__clone_assign", "c"))
	require.Equal(t, "n1:-INFINITY n2:5 n3:-INFINITY", s.lines("pcmk__clone_assign", "p:2"))
	require.True(t, s.findResource("p:1").Has(RscExclusiveProbes))
	require.Equal(t, DiscoverExclusive, s.findResource("p:1").Allowed.Mode(s.nodeByName("n2")))
}

// 04 §8.4 b, T26: later sets are placed first.
func TestSets_8_4(t *testing.T) {
	set := func(id, attrs string, refs ...string) string {
		out := fmt.Sprintf(`<resource_set id="%s" %s>`, id, attrs)
		for _, r := range refs {
			out += fmt.Sprintf(`<resource_ref id="%s"/>`, r)
		}
		return out + `</resource_set>`
	}
	colocations := func(constraint string) []string {
		s := placement{
			nodes: "n1", resources: primitive("a") + primitive("b") + primitive("c") + primitive("d"), constraints: constraint,
			tags: `<tag id="t"><obj_ref id="c"/><obj_ref id="d"/></tag><tag id="loop"><obj_ref id="loop"/></tag>`,
		}.state(t)
		s.unpackConstraints()
		var out []string
		for _, k := range s.Colocations {
			out = append(out, fmt.Sprintf("%s-%s@%s", k.Dependent.ID, k.Primary.ID, k.Score))
		}
		return out
	}
	sets := func(score string, inner ...string) string {
		out := fmt.Sprintf(`<rsc_colocation id="k" score="%s">`, score)
		for _, i := range inner {
			out += i
		}
		return out + `</rsc_colocation>`
	}
	require.Equal(t, []string{"b-a@5", "d-c@5", "a-d@5"}, colocations(sets("5", set("s1", "", "a", "b"), set("s2", "", "c", "d"))))
	require.Equal(t, []string{"b-a@5", "a-c@5", "a-d@5"}, colocations(sets("5", set("s1", "", "a", "b"), set("s2", `sequential="false"`, "c", "d"))))
	require.Equal(t, []string{"d-c@7", "a-d@5", "b-d@5"}, colocations(sets("5", set("s1", `sequential="false"`, "a", "b"), set("s2", `score="7"`, "c", "d"))))
	require.Equal(t, []string{"b-a@-5", "c-a@-5", "c-b@-5"}, colocations(sets("-5", set("s1", "", "a", "b", "c"))))
	require.Equal(t, []string{"a-c@5", "a-d@5"}, colocations(with("k", "a", "t", "5")), "a tag is a set that is not sequential (04 §8.2)")
	require.Equal(t, []string{"d-c@5"}, colocations(sets("5", set("s1", "", "t"))))
	require.Empty(t, colocations(sets("5", set("s1", "", "a", "loop"))), "a tag in itself comes to an end")
	require.Empty(t, colocations(with("k", "a", "b", "0")))
}

// 01 §14.5: a walk over sets that refer to each other in circles ends.
func TestSets_CircularReference(t *testing.T) {
	s := placement{nodes: "n1", resources: primitive("a") + primitive("b"), constraints: `
		<rsc_colocation id="k1" score="1"><resource_set id="x"><resource_ref id="a"/></resource_set><resource_set id-ref="y"/></rsc_colocation>
		<rsc_colocation id="k2" score="1"><resource_set id="y"><resource_ref id="b"/></resource_set><resource_set id-ref="x"/></rsc_colocation>`}.state(t)
	s.unpackConstraints()
	require.NotEmpty(t, s.Colocations)
	require.NotEmpty(t, s.Problems)
}

// 01 §14.5: after a reference the walk goes on behind the set referred to.
func TestSets_ReferenceGoesOnThere(t *testing.T) {
	s := placement{nodes: "n1", resources: primitive("a"), constraints: `
		<rsc_location id="l1" node="n1" score="1"><resource_set id-ref="x"/><resource_set id="never"><resource_ref id="a"/></resource_set></rsc_location>
		<rsc_location id="l2" node="n1" score="1"><resource_set id="x"><resource_ref id="a"/></resource_set><resource_set id="y"><resource_ref id="a"/></resource_set></rsc_location>`}.state(t)
	var ids []string
	s.eachSet(s.CIB.Path("configuration", "constraints").Child("rsc_location"), func(set *xmltree.Element) bool {
		ids = append(ids, set.ID())
		return true
	})
	require.Equal(t, []string{"x", "y"}, ids)
}

// 04 §11.4: an instance is paired with the partner on its own best node.
func TestInterleave_PairsByNode(t *testing.T) {
	s := placement{
		nodes:       "n1 n2 n3",
		resources:   wrap("clone", "c", primitive("p"), "clone-max=2") + wrap("clone", "d", primitive("q"), "interleave=true"),
		constraints: prefers("l", "c", "n3", "9") + prefers("m", "c", "n1", "8") + with("k", "d", "c", "INFINITY"),
	}.place(t)
	require.Equal(t, "p:0@n3 p:1@n1 q:0@n1 q:1@n3 q:2@-", s.where())
	require.Same(t, s.findResource("p:0"), s.compatibleInstance(s.findResource("q:1"), s.findResource("c"), RoleUnknown, false))
	s.unassign(s.findResource("p:0"))
	require.Nil(t, s.compatibleInstance(s.findResource("q:1"), s.findResource("c"), RoleUnknown, false), "the index follows")
}
