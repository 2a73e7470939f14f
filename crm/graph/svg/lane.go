package svg

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// lanesMax is how many lanes a picture may have; with more nodes there is
	// one lane for all.
	lanesMax = 12
	// columns is how many boxes should stand side by side over all lanes.
	columns = 10
)

// A lane is the strip of one node.
type lane struct {
	name        string
	left, width int // pixels
}

// lanes puts every vertex into the lane of its node. What has no node comes
// first, then the nodes by name.
func (n *network) lanes() []lane {
	var names []string
	for i := range n.vertices {
		names = append(names, n.vertices[i].node)
	}
	slices.SortFunc(names, natural)
	names = slices.Compact(names)
	if len(names) > lanesMax {
		return []lane{{}}
	}
	lanes := make([]lane, len(names))
	index := make(map[string]int, len(names))
	for i, name := range names {
		lanes[i].name, index[name] = name, i
	}
	for i := range n.vertices {
		n.vertices[i].lane = index[n.vertices[i].node]
	}
	return lanes
}

// natural orders numbers in names by their value: node2 comes before node10.
func natural(a, b string) int {
	for i, k := 0, 0; i < len(a) && k < len(b); {
		x, y := digits(a[i:]), digits(b[k:])
		if x == "" || y == "" {
			if a[i] != b[k] {
				return cmp.Compare(a[i], b[k])
			}
			i, k = i+1, k+1
			continue
		}
		i, k = i+len(x), k+len(y)
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func digits(s string) string {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return s[:n]
}

// rows cuts the layers into rows that are not too wide and returns how many
// there are.
func (n *network) rows(lanes int) int {
	capacity := n.capacities(lanes)
	out := n.outputs()
	order := make([]int, len(n.vertices))
	for v := range order {
		order[v] = v
	}
	// In a layer that is cut, what many wait for goes down to them.
	weight := func(v int) int { return len(out[v]) - len(n.in[v]) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(n.vertices[a].layer, n.vertices[b].layer), cmp.Compare(weight(a), weight(b)))
	})
	row, layer := 0, 0
	used := make([]int, lanes)
	deepest := 0
	for _, v := range order {
		x := &n.vertices[v]
		if x.layer != layer {
			layer, row, deepest = x.layer, row+deepest+1, 0
			clear(used)
		}
		part := used[x.lane] / capacity[x.lane]
		used[x.lane]++
		x.row = row + part
		deepest = max(deepest, part)
	}
	return row + deepest + 1
}

// capacities is how many boxes may stand side by side in each lane: more where
// more happens.
func (n *network) capacities(lanes int) []int {
	capacity := make([]int, lanes)
	for i := range n.vertices {
		capacity[n.vertices[i].lane]++
	}
	for i, count := range capacity {
		capacity[i] = max(2, columns*count/len(n.vertices))
	}
	return capacity
}
