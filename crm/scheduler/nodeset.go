package scheduler

// nodeSet is a set of nodes: a bit per node index. The zero set is empty.
type nodeSet []uint64

func (s nodeSet) has(n *Node) bool {
	w := int(n.Index >> 6)
	return w < len(s) && s[w]&(1<<(uint(n.Index)&63)) != 0
}

func (s *nodeSet) add(n *Node) {
	w := int(n.Index >> 6)
	for len(*s) <= w {
		*s = append(*s, 0)
	}
	(*s)[w] |= 1 << (uint(n.Index) & 63)
}

func (s nodeSet) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// union returns the nodes of both sets. Neither is changed, but the result may
// be s itself.
func (s nodeSet) union(o nodeSet) nodeSet {
	missing := false
	for i, w := range o {
		if i >= len(s) || w&^s[i] != 0 {
			missing = true
			break
		}
	}
	if !missing {
		return s
	}
	u := make(nodeSet, max(len(s), len(o)))
	copy(u, s)
	for i, w := range o {
		u[i] |= w
	}
	return u
}
