package svg

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Measures in pixels.
const (
	charWidth  = 7 // of the labels' type, rounded up
	boxPadding = 9
	boxHeight  = 36
	boxMargin  = 9 // room kept at either side
	bendMargin = 4
	boxMin     = 96
	lanePad    = 10
)

// bendsMax is the largest number of bends: beyond it edges are straight lines
// that may pass behind boxes, because bends would be most of the work.
const bendsMax = 50000

// An item is what takes room in a row.
type item struct {
	vertex    int // -1: a bend
	bundle    int // of a bend
	row, lane int
	width     int // with its margins
	x         int // of its middle
	up, down  []int
}

// A bundle is edges that share their bends.
type bundle struct {
	fencing  bool     // all wait for fencing
	segments [][2]int // items: above, below
}

type layout struct {
	net     *network
	lanes   []lane
	items   []item
	of      []int     // item of a vertex
	grid    [][][]int // items by row and lane, left to right
	bundles []bundle
}

func newLayout(n *network) *layout {
	n.layers()
	l := &layout{net: n, lanes: n.lanes()}
	rows := n.rows(len(l.lanes))
	l.grid = make([][][]int, rows)
	for r := range l.grid {
		l.grid[r] = make([][]int, len(l.lanes))
	}
	for v := range n.vertices {
		x := &n.vertices[v]
		text := max(utf8.RuneCountInString(x.label()), utf8.RuneCountInString(x.node))
		width := max(boxMin, text*charWidth+2*boxPadding) + 2*boxMargin
		l.of = append(l.of, l.add(item{vertex: v, row: x.row, lane: x.lane, width: width}))
	}
	l.route()
	l.widths()
	l.order()
	l.place()
	return l
}

func (l *layout) add(it item) int {
	l.items = append(l.items, it)
	id := len(l.items) - 1
	l.grid[it.row][it.lane] = append(l.grid[it.row][it.lane], id)
	return id
}

// An edge with the bundle it belongs to: that of its target, or of its source.
type edge struct {
	from, to int
	atTarget bool
}

// route breaks edges that pass rows into segments from row to row. An edge
// shares its bends with the others of its target or of its source, whichever
// has more that are long.
func (l *layout) route() {
	v := l.net.vertices
	longIn, longOut := make([]int, len(v)), make([]int, len(v))
	bends := 0
	for to, in := range l.net.in {
		for _, from := range in {
			if span := v[to].row - v[from].row; span > 1 {
				longIn[to]++
				longOut[from]++
				bends += span - 1
			}
		}
	}
	var edges []edge
	for to, in := range l.net.in {
		for _, from := range in {
			edges = append(edges, edge{from, to, longIn[to] >= longOut[from]})
		}
	}
	// The longest first: its bends are those that the others of its bundle join.
	slices.SortStableFunc(edges, func(a, b edge) int {
		return cmp.Compare(v[b.to].row-v[b.from].row, v[a.to].row-v[a.from].row)
	})
	r := router{l: l, straight: bends > bendsMax, bundleOf: map[chain]int{}, bendAt: map[bend]int{}}
	for _, e := range edges {
		r.edge(e)
	}
}

type router struct {
	l        *layout
	straight bool
	bundleOf map[chain]int
	bendAt   map[bend]int
}

type chain struct {
	vertex   int
	atTarget bool
	lane     int // the bends run in this lane
}

type bend struct{ bundle, row int }

func (r *router) edge(e edge) {
	v := r.l.net.vertices
	first, last := v[e.from].row, v[e.to].row
	c := chain{e.to, true, v[e.to].lane}
	if !e.atTarget {
		c = chain{e.from, false, v[e.to].lane}
	}
	b, ok := r.bundleOf[c]
	if !ok || last-first == 1 {
		b = len(r.l.bundles)
		r.l.bundles = append(r.l.bundles, bundle{fencing: true})
		if last-first > 1 {
			r.bundleOf[c] = b
		}
	}
	if v[e.from].kind != fencing {
		r.l.bundles[b].fencing = false
	}
	if r.straight {
		r.segment(b, r.l.of[e.from], r.l.of[e.to])
		return
	}
	// From the shared end on, until the bends are those of another edge.
	if e.atTarget {
		r.walk(b, e, c.lane, last-1, first, -1)
	} else {
		r.walk(b, e, c.lane, first+1, last, 1)
	}
}

// walk makes the bends of an edge in the rows from row to end (without end).
func (r *router) walk(b int, e edge, lane, row, end, step int) {
	near, far := r.l.of[e.from], r.l.of[e.to]
	if step < 0 {
		near, far = far, near
	}
	for ; row != end; row += step {
		at, known := r.bendAt[bend{b, row}]
		if !known {
			at = r.l.add(item{vertex: -1, bundle: b, row: row, lane: lane, width: 2 * bendMargin})
			r.bendAt[bend{b, row}] = at
			r.link(b, near, at, step)
		}
		near = at
	}
	r.link(b, near, far, step)
}

func (r *router) link(b, near, far, step int) {
	if step < 0 {
		near, far = far, near
	}
	r.segment(b, near, far)
}

func (r *router) segment(b, above, below int) {
	l := r.l
	l.bundles[b].segments = append(l.bundles[b].segments, [2]int{above, below})
	l.items[above].down = append(l.items[above].down, below)
	l.items[below].up = append(l.items[below].up, above)
}
