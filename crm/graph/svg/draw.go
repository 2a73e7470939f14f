package svg

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"systole/crm/graph"
	"systole/lib/xmltree"
)

const (
	margin    = 16
	headRoom  = 112 // title, note, legend and the names of the lanes
	legendY   = 72
	gapMin    = 30 // between rows
	gapMax    = 90
	portStep  = 10 // between the ends of edges at one box
	pageMin   = 560
	arrowHigh = 6
)

// Text is what a picture says besides the graph.
type Text struct {
	Title string
	Note  string // a line below it
	// Why tells the reasons of an action, by its id, a line each; they are shown
	// when the reader points at the action. It may be nil.
	Why func(id int) []string
}

// Draw returns the picture of a graph as an SVG document of its own: light or
// dark as the reader's system is, without scripts or anything from elsewhere. A
// graph without actions is a picture that says so.
func Draw(g *graph.Graph, t Text) []byte {
	n := newNetwork(g)
	d := &drawing{why: t.Why}
	if len(n.vertices) == 0 {
		d.open(pageMin, headRoom+boxHeight, &t, n)
		d.text("note", margin, headRoom, "The transition is empty: there is nothing to do.")
		return append(d.buf, "</svg>\n"...)
	}
	d.layout = newLayout(n)
	d.heights()
	width := 2 * margin
	for _, lane := range d.lanes {
		width += lane.width
	}
	d.left = max(margin, (pageMin-width)/2+margin)
	height := d.tops[len(d.tops)-1] + boxHeight + 2*margin
	d.open(max(width, pageMin), height+margin, &t, n)
	d.drawLanes(height)
	ports := d.ports()
	for i := range d.bundles {
		d.bundle(&d.bundles[i], ports)
	}
	for _, e := range n.back {
		d.backEdge(d.of[e[0]], d.of[e[1]])
	}
	for v := range n.vertices {
		d.vertex(&n.vertices[v], &d.items[d.of[v]])
	}
	return append(d.buf, "</svg>\n"...)
}

type drawing struct {
	*layout
	buf  []byte
	why  func(id int) []string
	left int
	tops []int // of the rows
}

// heights gives rows more room between them where edges go far to the side.
func (d *drawing) heights() {
	gaps := make([]int, len(d.grid))
	for _, b := range d.bundles {
		for _, s := range b.segments {
			above, below := &d.items[s[0]], &d.items[s[1]]
			far := above.x - below.x
			gaps[above.row] = max(gaps[above.row], far/8, -far/8)
		}
	}
	y := headRoom + margin
	for _, gap := range gaps {
		d.tops = append(d.tops, y)
		y += boxHeight + min(max(gap, gapMin), gapMax)
	}
}

func (d *drawing) open(width, height int, t *Text, n *network) {
	d.add(`<svg xmlns="http://www.w3.org/2000/svg" width="`, width, `" height="`, height, `" viewBox="0 0 `, width, " ", height, "\" role=\"img\">\n<title>")
	d.escape(t.Title)
	d.add("</title>\n", style)
	d.text("title", margin, margin+14, t.Title)
	if t.Note != "" {
		d.text("note", margin, margin+31, t.Note)
	}

	var counts [numKinds]int
	for i := range n.vertices {
		counts[n.vertices[i].kind]++
	}
	words := [numKinds]string{"done by a node", "done by nobody, only orders others", "fencing", "waited for, but not in the transition"}
	d.add("<g class=\"legend\">\n")
	x := margin
	for k, count := range counts {
		if kind(k) >= fencing && count == 0 {
			continue
		}
		text := strconv.Itoa(count) + " " + words[k]
		d.add(`<g class="`, kindClass[k], `"><rect x="`, x, `" y="`, legendY-10, `" width="18" height="12" rx="`, corner(kind(k), 12), "\"/></g>")
		d.text("note", x+26, legendY, text)
		x += 26 + len(text)*charWidth + 18
	}
	d.add("</g>\n")
}

func (d *drawing) drawLanes(bottom int) {
	for i, lane := range d.lanes {
		class := "lane"
		if i%2 == 1 {
			class = "lane odd"
		}
		d.add(`<rect class="`, class, `" x="`, d.left+lane.left, `" y="`, headRoom-26, `" width="`, lane.width, `" height="`, bottom-headRoom+26, "\"/>\n")
		name := lane.name
		switch {
		case len(d.lanes) == 1 && name == "":
			name = "all nodes"
		case name == "":
			name = "no node"
		}
		d.text("name", d.left+lane.left+lane.width/2, headRoom-8, name)
	}
}

func corner(k kind, height int) int {
	if k == pseudo {
		return height / 2
	}
	return 3
}

func (d *drawing) vertex(v *vertex, it *item) {
	width := it.width - 2*boxMargin
	x, y := d.left+it.x, d.tops[it.row]
	d.add(`<g class="v `, kindClass[v.kind], `"><title>`)
	d.escape(v.key)
	if v.node != "" {
		d.escape(" on " + v.node)
	}
	d.add(` (action `, v.id, `)`)
	if d.why != nil {
		for _, line := range d.why(v.id) {
			d.add("&#10;")
			d.escape("• " + line)
		}
	}
	d.add(`</title><rect x="`, x-width/2, `" y="`, y, `" width="`, width, `" height="`, boxHeight, `" rx="`, corner(v.kind, boxHeight), `"/>`)
	if v.node == "" {
		d.text("", x, y+22, v.label())
	} else {
		d.text("", x, y+15, v.label())
		d.text("where", x, y+29, v.node)
	}
	d.add("</g>\n")
}

// ports spreads the ends of edges at a box, so that two can be told apart.
func (d *drawing) ports() map[[2]int][2]int {
	ports := map[[2]int][2]int{} // x of both ends of a segment
	ends := func(id int, others []int, end int, key func(int) [2]int) {
		sorted := slices.Clone(others)
		slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(d.items[a].x, d.items[b].x) })
		it := &d.items[id]
		step := 0
		if it.vertex >= 0 && len(sorted) > 1 {
			step = min(portStep, (it.width-2*boxMargin-16)/(len(sorted)-1))
		}
		for i, other := range sorted {
			p := ports[key(other)]
			p[end] = d.left + it.x + step*(2*i-len(sorted)+1)/2
			ports[key(other)] = p
		}
	}
	for id := range d.items {
		ends(id, d.items[id].down, 0, func(other int) [2]int { return [2]int{id, other} })
		ends(id, d.items[id].up, 1, func(other int) [2]int { return [2]int{other, id} })
	}
	return ports
}

func (d *drawing) bundle(b *bundle, ports map[[2]int][2]int) {
	class := "e"
	if b.fencing {
		class = "e f"
	}
	d.add(`<g class="`, class, `"><path d="`)
	var heads []byte
	for _, s := range b.segments {
		above, below := &d.items[s[0]], &d.items[s[1]]
		p := ports[s]
		y1, y2 := d.tops[above.row]+boxHeight, d.tops[below.row]
		start := y1
		if above.vertex < 0 {
			start -= boxHeight // the bend's own way through its row
		}
		end := y2
		if below.vertex >= 0 {
			end -= arrowHigh
			heads = fmt.Appendf(heads, "M%d,%dl-4,-8h8z", p[1], y2)
		}
		d.curve(p[0], start, y1, p[1], end)
	}
	d.add(`"/>`)
	if len(heads) > 0 {
		d.add(`<path class="head" d="`, string(heads), `"/>`)
	}
	d.add("</g>\n")
}

func (d *drawing) curve(x1, start, y1, x2, y2 int) {
	middle := (y1 + y2) / 2
	d.add("M", x1, ",", start)
	if start != y1 {
		d.add("V", y1)
	}
	if x1 == x2 {
		d.add("V", y2)
		return
	}
	d.add("C", x1, ",", middle, " ", x2, ",", middle, " ", x2, ",", y2)
}

// backEdge draws what closes a cycle, from box to box.
func (d *drawing) backEdge(from, to int) {
	a, b := &d.items[from], &d.items[to]
	y1, y2 := d.tops[a.row]+boxHeight, d.tops[b.row]
	d.add(`<g class="e back"><path d="M`, d.left+a.x, ",", y1, "C", d.left+a.x, ",", y1+60, " ", d.left+b.x, ",", y2-60, " ", d.left+b.x, ",", y2, "\"/></g>\n")
}

func (d *drawing) text(class string, x, y int, text string) {
	d.add("<text")
	if class != "" {
		d.add(` class="`, class, `"`)
	}
	d.add(` x="`, x, `" y="`, y, `">`)
	d.escape(text)
	d.add("</text>")
	if class == "title" || class == "note" || class == "name" {
		d.add("\n")
	}
}

// escape writes text from outside. What XML cannot hold becomes a sign that says
// so.
func (d *drawing) escape(text string) {
	var clean []byte
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			r = '\ufffd'
		}
		clean = utf8.AppendRune(clean, r)
	}
	d.buf = xmltree.AppendEscaped(d.buf, string(clean))
}

// add writes strings and numbers of our own.
func (d *drawing) add(parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			d.buf = append(d.buf, p...)
		case int:
			d.buf = strconv.AppendInt(d.buf, int64(p), 10)
		}
	}
}
