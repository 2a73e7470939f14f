package scheduler

import (
	"math"
	"sort"
)

// capacity numbers the names of everything that nodes have and resources use,
// so that capacities can be compared quickly while resources are placed.
type capacity struct {
	ready bool
	names []string
	used  bool // some resource uses something
}

// use is how much a resource uses of the capacity with that number.
type use struct {
	name  int32
	value int32
}

// readyCapacity numbers all names, once. Nobody gets new ones after the input
// was read.
func (s *State) readyCapacity() *capacity {
	c := &s.placing.capacity
	if c.ready {
		return c
	}
	c.ready = true
	numbers := map[string]int32{}
	note := func(values map[string]int32) {
		for name := range values {
			if _, ok := numbers[name]; !ok {
				numbers[name] = 0
				c.names = append(c.names, name)
			}
		}
	}
	for _, n := range s.byIndex {
		note(n.Utilization)
	}
	for _, r := range s.all {
		note(r.Utilization)
		c.used = c.used || len(r.Utilization) > 0
	}
	sort.Strings(c.names)
	for i, name := range c.names {
		numbers[name] = int32(i)
	}
	for _, n := range s.byIndex {
		n.left = make([]int32, len(c.names))
		for name, v := range n.Utilization {
			n.left[numbers[name]] = v
		}
	}
	for _, r := range s.all {
		for name, v := range r.Utilization {
			r.uses = append(r.uses, use{numbers[name], v})
		}
		sort.Slice(r.uses, func(i, j int) bool { return r.uses[i].name < r.uses[j].name })
	}
	return c
}

// consumeUtilization takes what a primitive uses from what a node has left. A
// name that the node does not have starts at 0. It is done for every placement
// strategy (05 §10.1.2).
func (s *State) consumeUtilization(n *Node, r *Resource) {
	if len(r.Utilization) == 0 {
		return
	}
	s.readyCapacity()
	for _, u := range r.uses {
		n.left[u.name] = clipCapacity(int64(n.left[u.name]) - int64(u.value))
	}
	n.keepNames(r)
}

// releaseUtilization gives back what consumeUtilization took.
func (s *State) releaseUtilization(n *Node, r *Resource) {
	if len(r.Utilization) == 0 {
		return
	}
	s.readyCapacity()
	for _, u := range r.uses {
		n.left[u.name] = clipCapacity(int64(n.left[u.name]) + int64(u.value))
	}
}

// keepNames notes names that the node did not have: they are shown from now on.
func (n *Node) keepNames(r *Resource) {
	for name := range r.Utilization {
		if _, ok := n.Utilization[name]; !ok {
			if n.Utilization == nil {
				n.Utilization = map[string]int32{}
			}
			n.Utilization[name] = 0
		}
	}
}

func clipCapacity(v int64) int32 { return int32(max(math.MinInt32, min(math.MaxInt32, v))) }

// capacityCompare tells which of two nodes has more left, negative for the
// first: it counts in how many values each has more, not how much. With more
// than one value that is not transitive (05 §10.3).
func (s *State) capacityCompare(a, b *Node) int {
	s.readyCapacity()
	result := 0
	for i, v := range a.left {
		switch w := b.left[i]; {
		case v > w:
			result--
		case v < w:
			result++
		}
	}
	return result
}

// demand is a sum of utilizations, in the order in which names came up.
type demand []use

func (d demand) add(uses []use) demand {
next:
	for _, u := range uses {
		for i := range d {
			if d[i].name == u.name {
				d[i].value = clipCapacity(int64(d[i].value) + int64(u.value))
				continue next
			}
		}
		d = append(d, u)
	}
	return d
}

// hasCapacity tells whether a node has enough left of everything that is
// required. Where something of value 0 is required, the node must not be
// overdrawn.
func (n *Node) hasCapacity(required demand) bool {
	for _, u := range required {
		if u.value > n.left[u.name] {
			return false
		}
	}
	return true
}

// capacityLines keeps what the nodes have left, for people: "Original" before
// anything is placed, "Remaining" after (05 §12.5). Bundle nodes have nothing.
func (s *State) capacityLines(comment string) {
	s.writeBackCapacity()
	if !s.opt.Utilization {
		return
	}
	for _, n := range s.Nodes {
		if !n.IsBundleNode() {
			s.Lines = append(s.Lines, Line{Kind: LineCapacity, Func: comment, Node: n.Name, Text: utilizationText(n.Utilization)})
		}
	}
}

// writeBackCapacity gives the nodes' tables the values that are left.
func (s *State) writeBackCapacity() {
	c := &s.placing.capacity
	if !c.ready {
		return
	}
	for _, n := range s.byIndex {
		for i, name := range c.names {
			if _, ok := n.Utilization[name]; ok {
				n.Utilization[name] = n.left[i]
			}
		}
	}
}
