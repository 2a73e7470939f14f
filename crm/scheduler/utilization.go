package scheduler

import "math"

// consumeUtilization takes what a primitive uses from what a node has left. A
// name that the node does not have starts at 0. It is done for every placement
// strategy (05 §10.1.2).
func (s *State) consumeUtilization(n *Node, r *Resource) {
	for name, v := range r.Utilization {
		n.setCapacity(name, int64(n.Utilization[name])-int64(v))
	}
}

// releaseUtilization gives back what consumeUtilization took.
func (s *State) releaseUtilization(n *Node, r *Resource) {
	for name, v := range r.Utilization {
		n.setCapacity(name, int64(n.Utilization[name])+int64(v))
	}
}

func (n *Node) setCapacity(name string, v int64) {
	if n.Utilization == nil {
		n.Utilization = map[string]int32{}
	}
	n.Utilization[name] = clipCapacity(v)
}

func clipCapacity(v int64) int32 { return int32(max(math.MinInt32, min(math.MaxInt32, v))) }

// capacityCompare tells which of two nodes has more left, negative for the
// first: it counts in how many values each has more, not how much. With more
// than one value that is not transitive (05 §10.3).
func (s *State) capacityCompare(a, b *Node) int {
	result := 0
	for name, v := range a.Utilization {
		switch w := b.Utilization[name]; {
		case v > w:
			result--
		case v < w:
			result++
		}
	}
	for name, w := range b.Utilization {
		if _, ok := a.Utilization[name]; ok {
			continue
		}
		switch {
		case w < 0:
			result--
		case w > 0:
			result++
		}
	}
	return result
}

// hasCapacity tells whether a node has enough left of everything that is
// required. Where something of value 0 is required, the node must not be
// overdrawn.
func (n *Node) hasCapacity(required demand) bool {
	for _, d := range required {
		if int64(d.value) > int64(n.Utilization[d.name]) {
			return false
		}
	}
	return true
}

// demand is a sum of utilizations: few names, in the order they came up.
type demand []demandItem

type demandItem struct {
	name  string
	value int32
}

func (d demand) add(values map[string]int32) demand {
	for name, v := range values {
		found := false
		for i := range d {
			if d[i].name == name {
				d[i].value = clipCapacity(int64(d[i].value) + int64(v))
				found = true
				break
			}
		}
		if !found {
			d = append(d, demandItem{name, v})
		}
	}
	return d
}

// capacityLines keeps what the nodes have left, for people: "Original" before
// anything is placed, "Remaining" after (05 §12.5). Bundle nodes have nothing.
func (s *State) capacityLines(comment string) {
	if !s.opt.Utilization {
		return
	}
	for _, n := range s.Nodes {
		if !n.IsBundleNode() {
			s.Lines = append(s.Lines, Line{Kind: LineCapacity, Func: comment, Node: n.Name, Text: utilizationText(n.Utilization)})
		}
	}
}
