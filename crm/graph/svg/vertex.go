package svg

import (
	"unicode/utf8"

	"systole/crm/graph"
)

type kind uint8

const (
	realAction kind = iota
	pseudo
	fencing
	missing // waited for, but in no synapse: never done
	numKinds
)

var kindClass = [numKinds]string{"real", "pseudo", "fencing", "missing"} // table

// labelMax is how many characters of a key a box shows; the rest is in its tip.
const labelMax = 44

// A vertex is an action as a box.
type vertex struct {
	id    int
	kind  kind
	key   string
	node  string // "" = none
	lane  int
	layer int
	row   int
}

// A network is the graph as indices: in[v] is what v waits for.
type network struct {
	vertices []vertex
	in       [][]int
	back     [][2]int // edges from, to that would close a cycle
}

func newNetwork(g *graph.Graph) *network {
	n := &network{}
	if g == nil {
		return n
	}
	index := make(map[int]int, g.NumActions())
	add := func(a *graph.Action, k kind) int {
		n.vertices = append(n.vertices, vertex{id: a.ID, kind: k, key: a.Key, node: a.Node})
		index[a.ID] = len(n.vertices) - 1
		return len(n.vertices) - 1
	}
	for i := range g.Synapses {
		for _, a := range g.Synapses[i].Actions {
			add(a, kindOf(a))
		}
	}
	n.in = make([][]int, len(n.vertices))
	for i := range g.Synapses {
		s := &g.Synapses[i]
		for _, input := range s.Inputs {
			from, ok := index[input.ID]
			if !ok {
				from = add(input, missing)
				n.in = append(n.in, nil)
			}
			for _, a := range s.Actions {
				n.in[index[a.ID]] = append(n.in[index[a.ID]], from)
			}
		}
	}
	return n
}

func kindOf(a *graph.Action) kind {
	switch {
	case a.Kind == graph.PseudoEvent:
		return pseudo
	case a.Kind == graph.CRMEvent && a.Task == "stonith":
		return fencing
	}
	return realAction
}

// label is the key, without its middle if it is long: its end says which
// operation it is.
func (v *vertex) label() string {
	key := v.key
	if key == "" {
		key = "(no key)"
	}
	if utf8.RuneCountInString(key) <= labelMax {
		return key
	}
	r := []rune(key)
	half := (labelMax - 1) / 2
	return string(r[:labelMax-1-half]) + "…" + string(r[len(r)-half:])
}
