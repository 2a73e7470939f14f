package svg

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/crm/graph"
	"systole/lib/xmltree"
)

// rewrite writes goldens anew. The differences are to be read before they are
// committed.
var rewrite = flag.Bool("rewrite", false, "write goldens anew")

// The drawing of testdata/move.xml is testdata/move.svg. -rewrite writes
// it anew: look at it in a browser, light and dark, before you commit it.
func TestDraw_Golden(t *testing.T) {
	data, err := os.ReadFile("testdata/move.xml")
	require.NoError(t, err)
	g, err := graph.Read(data, xmltree.Limits{})
	require.NoError(t, err)
	got := Draw(g, Text{Title: "web moves from n1 to n2", Note: "Failing node n1", Why: func(id int) []string {
		if id != 4 {
			return nil
		}
		return []string{"n1 is to be fenced", "<why> & so on"}
	}})
	if *rewrite {
		require.NoError(t, os.WriteFile("testdata/move.svg", got, 0o644))
	}
	want, err := os.ReadFile("testdata/move.svg")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func TestDraw_Empty(t *testing.T) {
	for _, g := range []*graph.Graph{nil, {}} {
		texts := texts(t, Draw(g, Text{Title: "calm"}))
		require.Contains(t, texts, "calm")
		require.Contains(t, texts, "The transition is empty: there is nothing to do.")
	}
}

func TestDraw_EscapesEverything(t *testing.T) {
	evil := "a<b>&\"'</text><script>\x01\xff]]>"
	shown := strings.NewReplacer("\x01", "\ufffd", "\xff", "\ufffd").Replace(evil)
	got := texts(t, Draw(chainOf(evil, 2), Text{Title: evil}))
	require.Contains(t, got, shown)
	require.Contains(t, got, shown+" on "+shown+" (action 1)")
}

// A key that is too long for a box loses its middle; the tip has all of it.
func TestDraw_LongKey(t *testing.T) {
	key := strings.Repeat("ä", 60) + "_monitor_10000"
	got := texts(t, Draw(chainOf(key, 1), Text{Title: ""}))
	require.Contains(t, got, strings.Repeat("ä", 22)+"…"+strings.Repeat("ä", 7)+"_monitor_10000")
	require.Contains(t, got, key+" on "+key+" (action 1)")
}

func TestDraw_CycleAndMissingInput(t *testing.T) {
	g := chainOf("a", 3)
	g.Synapses[0].Inputs = []*graph.Action{g.Synapses[2].Actions[0], {ID: 99, Key: "gone_stop_0"}}
	g.Synapses[1].Inputs = append(g.Synapses[1].Inputs, g.Synapses[1].Actions[0])
	out := string(Draw(g, Text{Title: "cycle"}))
	require.Equal(t, 2, strings.Count(out, `<g class="e back">`), "the edge that closes the cycle, and the action that waits for itself")
	require.Equal(t, 1, strings.Count(out, `<g class="v missing">`))
}

// Beyond the limits a graph is drawn without the niceties.
func TestDraw_Large(t *testing.T) {
	n := reduceMax + 1
	g := chainOf("a", n)
	for i := 2; i < n; i += 2 {
		g.Synapses[i].Inputs = append(g.Synapses[i].Inputs, g.Synapses[0].Actions[0])
	}
	out := string(Draw(g, Text{Title: "large"}))
	require.Equal(t, n, strings.Count(out, `<g class="v real">`))
}

func TestNatural(t *testing.T) {
	names := []string{"", "n", "n1", "n01", "n2", "n10", "n10a", "na", "o"}
	for i := range names {
		for k := range names {
			require.Equal(t, i < k, natural(names[i], names[k]) < 0, "%q %q", names[i], names[k])
		}
	}
}

// Whatever the graph: well-formed, the same bytes each time, every action once,
// boxes apart from each other and inside their lane, lines only from a row to
// the next, and who waits for whom can still be read from the lines.
func TestLaw_Drawing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		out := Draw(g, Text{Title: "law"})
		require.Equal(t, string(out), string(Draw(g, Text{Title: "law"})))
		texts(t, out)
		if g.NumActions() == 0 {
			return
		}
		n := newNetwork(g)
		before := reachable(n)
		l := newLayout(n)
		requireRoom(t, l)
		for _, b := range l.bundles {
			for _, s := range b.segments {
				require.Equal(t, 1, l.items[s[1]].row-l.items[s[0]].row)
			}
		}
		if len(n.back) == 0 {
			require.Equal(t, before, drawn(l))
		}
	})
}

func requireRoom(t require.TestingT, l *layout) {
	count := 0
	for _, row := range l.grid {
		for i, ids := range row {
			edge := l.lanes[i].left
			for _, id := range ids {
				it := &l.items[id]
				require.GreaterOrEqual(t, it.x-it.width/2, edge)
				edge = it.x - it.width/2 + it.width
				if it.vertex >= 0 {
					count++
				}
			}
			require.LessOrEqual(t, edge, l.lanes[i].left+l.lanes[i].width)
		}
	}
	require.Equal(t, len(l.net.vertices), count)
}

// reachable says for each pair of vertices whether the second waits for the
// first, by one step or several. The graph has no cycle, or it does not matter.
func reachable(n *network) map[[2]int]bool {
	pairs := map[[2]int]bool{}
	out := n.outputs()
	for v := range n.vertices {
		spread(pairs, v, out[v], func(w int) []int { return out[w] })
	}
	return pairs
}

// drawn is the same as the lines show it, bundle by bundle: what is joined
// inside of one is not what waits.
func drawn(l *layout) map[[2]int]bool {
	direct := make([][]int, len(l.net.vertices))
	for _, b := range l.bundles {
		next := map[int][]int{}
		for _, s := range b.segments {
			next[s[0]] = append(next[s[0]], s[1])
		}
		for from := range next {
			if v := l.items[from].vertex; v >= 0 {
				for todo := next[from]; len(todo) > 0; {
					it := todo[0]
					todo = todo[1:]
					if w := l.items[it].vertex; w >= 0 {
						direct[v] = append(direct[v], w)
					} else {
						todo = append(todo, next[it]...)
					}
				}
			}
		}
	}
	pairs := map[[2]int]bool{}
	for v := range direct {
		spread(pairs, v, direct[v], func(w int) []int { return direct[w] })
	}
	return pairs
}

func spread(pairs map[[2]int]bool, from int, todo []int, next func(int) []int) {
	for len(todo) > 0 {
		v := todo[0]
		todo = todo[1:]
		if !pairs[[2]int{from, v}] {
			pairs[[2]int{from, v}] = true
			todo = append(todo[:len(todo):len(todo)], next(v)...)
		}
	}
}

func drawGraph(t *rapid.T) *graph.Graph {
	count := rapid.IntRange(0, 40).Draw(t, "actions")
	cycles := rapid.Bool().Draw(t, "cycles")
	nodes := rapid.IntRange(1, lanesMax+3).Draw(t, "nodes")
	g := &graph.Graph{}
	for i := range count {
		a := &graph.Action{ID: i + 1, Task: "start", Key: rapid.StringN(0, 60, -1).Draw(t, "key")}
		a.Kind = graph.Kind(rapid.IntRange(0, 2).Draw(t, "kind"))
		if n := rapid.IntRange(0, nodes-1).Draw(t, "node"); n > 0 {
			a.Node = "n" + strconv.Itoa(n)
		}
		g.Synapses = append(g.Synapses, graph.Synapse{ID: i, Actions: []*graph.Action{a}})
	}
	for i := range count {
		for range rapid.IntRange(0, 4).Draw(t, "inputs") {
			limit := i - 1
			if cycles {
				limit = count - 1
			}
			if limit >= 0 {
				from := g.Synapses[rapid.IntRange(0, limit).Draw(t, "input")].Actions[0]
				g.Synapses[i].Inputs = append(g.Synapses[i].Inputs, from)
			}
		}
	}
	return g
}

// chainOf is n actions, each waiting for the one before.
func chainOf(name string, n int) *graph.Graph {
	g := &graph.Graph{}
	for i := range n {
		s := graph.Synapse{ID: i, Actions: []*graph.Action{{ID: i + 1, Task: "start", Key: name, Node: name}}}
		if i > 0 {
			s.Inputs = []*graph.Action{g.Synapses[i-1].Actions[0]}
		}
		g.Synapses = append(g.Synapses, s)
	}
	return g
}

// texts reads a drawing with the standard library and returns its character
// data; only elements that a drawing may have are let through.
func texts(t require.TestingT, data []byte) []string {
	allowed := map[string]bool{"svg": true, "title": true, "style": true, "g": true, "rect": true, "path": true, "text": true}
	d := xml.NewDecoder(strings.NewReader(string(data)))
	var all []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			require.True(t, allowed[x.Name.Local], x.Name.Local)
		case xml.CharData:
			all = append(all, string(x))
		}
	}
}
