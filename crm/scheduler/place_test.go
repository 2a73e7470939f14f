package scheduler

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// placement builds a small cluster whose nodes are all online, with resources
// active where a test says so, and runs the phases that this part consists of.
type placement struct {
	nodes       string // names, separated by blanks
	options     string // name=value …
	resources   string // XML
	constraints string // XML
	tags        string // XML
	active      string // resource@node …
}

func (p placement) state(t testing.TB) *State {
	var nodes, options strings.Builder
	for _, n := range strings.Fields(p.nodes) {
		fmt.Fprintf(&nodes, `<node id="%s" uname="%s"/>`, n, n)
	}
	for _, o := range strings.Fields("fencing-enabled=false " + p.options) {
		name, v, _ := strings.Cut(o, "=")
		fmt.Fprintf(&options, `<nvpair id="o-%s" name="%s" value="%s"/>`, name, name, v)
	}
	tt, ok := t.(*testing.T)
	require.True(t, ok)
	s := unpackText(tt, `<cib crm_feature_set="3.19.0" validate-with="pacemaker-4.0" have-quorum="1"><configuration>
 <crm_config><cluster_property_set id="o">`+options.String()+`</cluster_property_set></crm_config><nodes>`+nodes.String()+`</nodes>
 <resources>`+p.resources+`</resources><constraints>`+p.constraints+`</constraints><tags>`+p.tags+`</tags></configuration></cib>`)
	s.opt.Scores = true
	for _, n := range s.Nodes {
		n.Online, n.Unclean, n.Seen = true, false, true
	}
	for _, a := range strings.Fields(p.active) {
		id, node, _ := strings.Cut(a, "@")
		r := s.findResourceExact(id)
		require.NotNil(t, r, id)
		r.OrigRole = RoleStarted
		s.addRunning(r, s.nodeByName(node), false)
	}
	return s
}

// place runs everything up to and including assignment.
func (p placement) place(t testing.TB) *State {
	s := p.state(t)
	s.prepare()
	s.assignResources()
	require.NoError(t, s.err())
	return s
}

func (s *State) prepare() {
	s.applyHealth()
	s.unpackConstraints()
	s.applyLocations()
	s.applyStickiness()
	s.applyThresholdsAndDiscovery()
	for _, r := range s.Resources {
		s.prepareInternal(r)
	}
}

func (s *State) prepareInternal(r *Resource) {
	if r.IsLeaf() {
		s.internalColocations(r)
		return
	}
	for _, c := range r.Children {
		s.prepareInternal(c)
	}
	if r.Kind == KindGroup {
		s.groupColocations(r)
	}
}

// where shows the placement of all primitives: "a@n1 b@-".
func (s *State) where() string {
	var out []string
	for _, top := range s.Resources {
		top.leaves(func(r *Resource) {
			node := "-"
			if r.Assigned != nil {
				node = r.Assigned.Name
			}
			out = append(out, r.ID+"@"+node)
		})
	}
	return strings.Join(out, " ")
}

// lines shows the score lines of one resource, in order: "n1:5 n2:0".
func (s *State) lines(fn, rsc string) string {
	var out []string
	for _, l := range s.Lines {
		if l.Func == fn && l.Rsc == rsc {
			out = append(out, l.Node+":"+l.Score.String())
		}
	}
	return strings.Join(out, " ")
}

func primitive(id string, meta ...string) string {
	return fmt.Sprintf(`<primitive id="%s" class="ocf" provider="pacemaker" type="Dummy">%s</primitive>`, id, metaXML(id, meta))
}

func metaXML(id string, meta []string) string {
	if len(meta) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<meta_attributes id="%s-meta">`, id)
	for _, m := range meta {
		name, v, _ := strings.Cut(m, "=")
		fmt.Fprintf(&b, `<nvpair id="%s-%s" name="%s" value="%s"/>`, id, name, name, v)
	}
	b.WriteString(`</meta_attributes>`)
	return b.String()
}

func wrap(kind, id, inner string, meta ...string) string {
	return fmt.Sprintf(`<%s id="%s">%s%s</%s>`, kind, id, metaXML(id, meta), inner, kind)
}

func prefers(id, rsc, node, score string) string {
	return fmt.Sprintf(`<rsc_location id="%s" rsc="%s" node="%s" score="%s"/>`, id, rsc, node, score)
}

func with(id, rsc, primary, score string, more ...string) string {
	return fmt.Sprintf(`<rsc_colocation id="%s" rsc="%s" with-rsc="%s" score="%s" %s/>`, id, rsc, primary, score, strings.Join(more, " "))
}

// 04 §2.4, T17: single precision, and never 0 of something.
func TestAttenuated_2_4(t *testing.T) {
	for _, c := range []struct {
		factor float32
		score  Score
		want   Score
	}{
		{0.0001, 5, 1},
		{0.0001, -3, 1},
		{-0.0001, 3, -1},
		{-0.0001, -3, -1},
		{0.5, 0, 0},
		{0.5, 100, 50},
		{0.5, 3, 2},
		{0.5, -3, -2},
		{-0.5, 3, -2},
		{1, -Infinity, -Infinity},
		// Double precision would give one less for each of these.
		{attenuation(453982), 620138, 281532},
		{attenuation(847526), 255601, 216629},
		{attenuation(680358), 965147, 656646},
	} {
		require.Equal(t, c.want, attenuated(c.factor, c.score), "%v of %d", c.factor, c.score)
	}
	require.Equal(t, float32(0.25), attenuate(attenuation(500000), 500000))
}

// 04 §3.3: each criterion in turn, bytes of the name last (T1).
func TestCompareNodes_3_3(t *testing.T) {
	s := &State{}
	n9, n10 := &Node{Name: "n9", Online: true}, &Node{Name: "n10", Online: true}
	w := func(n *Node, score Score) nodeWeight { return nodeWeight{n, score} }
	require.Negative(t, s.compareNodes(w(n10, 0), w(n9, 0), nil), "name10 comes before name9 byte by byte")
	require.Negative(t, s.compareNodes(w(n9, 0), w(n10, 0), n9), "the current node comes before names")
	n9.assigned = 1
	require.Negative(t, s.compareNodes(w(n10, 0), w(n9, 0), n9), "fewer resources come before the current node")
	require.Negative(t, s.compareNodes(w(n9, 1), w(n10, 0), nil), "the score comes first")
	s.Config.Placement = PlaceMinimal
	n10.assigned = 5
	require.Negative(t, s.compareNodes(w(n10, 0), w(n9, 0), n9), "minimal knows score and name only (05 T16)")
	n9.Standby = true
	require.Negative(t, s.compareNodes(w(n10, -5), w(n9, 100), nil), "an unavailable node is worth -INFINITY")
	require.Positive(t, s.compareNodes(w(n9, 100), w(n10, -Infinity), nil), "and then the name decides")
}

// The linear search finds what the sort puts first.
func TestBestNode_IsFirstOfSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &State{}
		var table Table
		for i := range rapid.IntRange(0, 8).Draw(t, "nodes") {
			n := &Node{Index: int32(i), Name: fmt.Sprintf("n%d", i), Online: rapid.Bool().Draw(t, "online"), assigned: rapid.IntRange(0, 2).Draw(t, "assigned")}
			s.byIndex, s.Nodes = append(s.byIndex, n), append(s.Nodes, n)
			if rapid.Bool().Draw(t, "entry") {
				table.Set(n, rapid.SampledFrom([]Score{-Infinity, -1, 0, 1, Infinity}).Draw(t, "score"))
			}
		}
		s.Config.Placement = rapid.SampledFrom([]Placement{PlaceDefault, PlaceMinimal, PlaceUtilization}).Draw(t, "placement")
		var current *Node
		if len(s.Nodes) > 0 && rapid.Bool().Draw(t, "active") {
			current = rapid.SampledFrom(s.Nodes).Draw(t, "current")
		}
		sorted := s.sortedNodes(&table, current)
		best, _ := s.bestNode(&table, current, nil)
		if len(sorted) == 0 {
			require.Nil(t, best)
			return
		}
		require.Equal(t, sorted[0], best)
		last := sorted[len(sorted)-1]
		best, _ = s.bestNode(&table, current, func(n *Node) bool { return n == last })
		require.Equal(t, last, best)
	})
}

// 04 §9.1.
func TestCompareColocations_9_1(t *testing.T) {
	other := func(id string, k Kind, priority Score, f RscFlags) *Colocation {
		return &Colocation{Primary: &Resource{ID: id, Kind: k, Priority: priority, Flags: f}}
	}
	order := []*Colocation{
		other("z", KindPrimitive, 9, 0),
		other("z", KindBundle, 1, 0),
		other("z", KindClone, 1, RscPromotable),
		other("a", KindClone, 1, 0),
		other("b", KindClone, 1, 0),
		other("a", KindGroup, 1, 0),
		other("a", KindPrimitive, 1, 0),
	}
	for i := range order {
		for j := range order {
			got := compareColocations(order[i], order[j], byPrimary)
			require.Equal(t, i < j, got < 0, "%d %d", i, j)
			require.Equal(t, i == j, got == 0, "%d %d", i, j)
		}
	}
}

// T2: the newest of equals comes first.
func TestInsertSorted_NewestOfEqualsFirst(t *testing.T) {
	r := &Resource{ID: "r"}
	one, two := &Colocation{ID: "one", Primary: r}, &Colocation{ID: "two", Primary: r}
	list := insertSorted(insertSorted(nil, one, byPrimary), two, byPrimary)
	require.Equal(t, []*Colocation{two, one}, list)
}

// 04 §9.2 with its experiment (T3): the list of b is that of x, then the first
// of the group's list twice.
func TestAddColocations_9_2_Defect(t *testing.T) {
	p := placement{
		nodes:     "n1 n2",
		resources: wrap("group", "g", primitive("a")+primitive("b")) + primitive("x") + primitive("y") + primitive("z"),
		constraints: with("kx", "x", "b", "100000") + with("ky", "y", "g", "100000") + with("kz", "z", "g", "100000") +
			prefers("lx", "x", "n1", "1000") + prefers("ly", "y", "n1", "100") + prefers("lz", "z", "n1", "10"),
	}
	s := p.state(t)
	s.unpackConstraints()
	b := s.findResource("b")
	var ids []string
	for _, k := range s.withThisList(b, b) {
		ids = append(ids, k.ID)
	}
	require.Equal(t, []string{"kx", "ky", "ky"}, ids)
	s = p.place(t)
	require.Equal(t, "n1:120 n2:-INFINITY", s.lines("pcmk__primitive_assign", "b"))

	p.constraints = strings.Replace(p.constraints, with("kx", "x", "b", "100000"), "", 1)
	s = p.place(t)
	require.Equal(t, "n1:11 n2:-INFINITY", s.lines("pcmk__primitive_assign", "b"), "without a list before it, the group's counts in full")
}

// A list that was handed out does not change when colocations are added while
// resources are being assigned.
func TestColocationLists_StayWhileWalked(t *testing.T) {
	s := placement{nodes: "n1", resources: primitive("a") + primitive("b") + primitive("c"), constraints: with("k", "b", "a", "5")}.state(t)
	s.unpackConstraints()
	s.placing.active = true
	a := s.findResource("a")
	list := s.withThisList(a, a)
	for i := range 20 {
		s.newColocation(Colocation{ID: fmt.Sprint(i), Dependent: s.findResource("c"), Primary: a, Score: 1})
		require.Len(t, list, 1)
		require.Equal(t, "k", list[0].ID)
	}
	require.Len(t, s.withThisList(a, a), 21)
}
