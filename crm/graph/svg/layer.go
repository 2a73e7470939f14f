package svg

import (
	"cmp"
	"slices"
)

// reduceMax is the largest number of actions for which the orderings that
// follow from others are looked for: it takes a bit per pair of actions.
const reduceMax = 4096

// layers gives each vertex its layer, by the longest path that leads to it. It
// takes the edges that close a cycle out of the network first, and then those
// that follow from others.
func (n *network) layers() {
	order := n.sorted()
	position := make([]int, len(order))
	for p, v := range order {
		position[v] = p
	}
	for v := range n.in {
		slices.SortFunc(n.in[v], func(a, b int) int { return cmp.Compare(position[b], position[a]) })
		n.in[v] = slices.Compact(n.in[v])
		forward := n.in[v][:0]
		for _, u := range n.in[v] {
			if position[u] < position[v] {
				forward = append(forward, u)
			} else {
				n.back = append(n.back, [2]int{u, v})
			}
		}
		n.in[v] = forward
	}
	if len(order) <= reduceMax {
		n.reduce(order)
	}
	for _, v := range order {
		for _, u := range n.in[v] {
			n.vertices[v].layer = max(n.vertices[v].layer, n.vertices[u].layer+1)
		}
	}
}

// sorted returns the vertices so that each comes after what it waits for. Where
// a cycle makes that impossible, the first vertex in the graph's order breaks it.
func (n *network) sorted() []int {
	out := n.outputs()
	waits := make([]int, len(n.in))
	var order []int
	for v := range n.in {
		if waits[v] = len(n.in[v]); waits[v] == 0 {
			order = append(order, v)
		}
	}
	const taken = -1
	for next, first := 0, 0; len(order) < len(n.in) || next < len(order); next++ {
		if next == len(order) {
			for waits[first] <= 0 {
				first++
			}
			waits[first] = taken
			order = append(order, first)
		}
		for _, v := range out[order[next]] {
			if waits[v] > 0 {
				if waits[v]--; waits[v] == 0 {
					order = append(order, v)
				}
			}
		}
	}
	return order
}

// outputs is the reverse of in, in ascending order.
func (n *network) outputs() [][]int {
	out := make([][]int, len(n.in))
	for v, in := range n.in {
		for _, u := range in {
			out[u] = append(out[u], v)
		}
	}
	return out
}

// reduce drops each edge for which there is a longer way. The inputs of a vertex
// are sorted latest first, so whatever leads to one of them comes after it.
func (n *network) reduce(order []int) {
	words := (len(order) + 63) / 64
	bits := make([]uint64, words*len(order))
	for _, v := range order {
		before := bits[v*words : (v+1)*words]
		kept := n.in[v][:0]
		for _, u := range n.in[v] {
			if before[u/64]>>(u%64)&1 == 1 {
				continue
			}
			kept = append(kept, u)
			before[u/64] |= 1 << (u % 64)
			for i, w := range bits[u*words : (u+1)*words] {
				before[i] |= w
			}
		}
		n.in[v] = kept
	}
}
