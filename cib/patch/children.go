package patch

import "systole/lib/xmltree"

// sameChild tells whether a child of the old element and one of the new are the
// same, comments provided that they are in the same place.
func sameChild(a, b *xmltree.Element) bool {
	if a.Kind != b.Kind {
		return false
	}
	if a.Kind == xmltree.KindComment {
		return a.Text == b.Text
	}
	return a.Name == b.Name && stepOf(a) == stepOf(b)
}

// matching says which children of an old and a new element are the same.
type matching struct {
	old, new     []*xmltree.Element
	toNew, toOld []int32 // the place of the same child on the other side, or -1
	pairs        []*pair // how an old child changed, nil when it did not
	moved        []bool  // which new children have another place
}

// children compares the children of two elements; nil when they are the same.
// It returns false when a change cannot be named.
func (d *differ) children(old, new []*xmltree.Element) (*matching, bool) {
	prefix := 0
	for prefix < len(old) && prefix < len(new) && sameChild(old[prefix], new[prefix]) {
		prefix++
	}
	straight := prefix == len(old) && prefix == len(new)
	var m *matching
	if !straight {
		m = match(old, new, prefix)
	}
	for i, o := range old {
		j := i
		if !straight {
			j = int(m.toNew[i])
		}
		if j < 0 || o.Kind == xmltree.KindComment {
			continue
		}
		q, ok := d.compare(o, new[j])
		if q == nil && ok {
			continue
		}
		if m == nil {
			m = match(old, new, prefix)
		}
		if m.pairs == nil {
			m.pairs = make([]*pair, len(old))
		}
		if m.pairs[i] = q; !ok {
			m.release(i)
		}
	}
	return m, m == nil || m.settle(d)
}

// match finds the same children: of several that are alike, the first is the
// first. Those in front of prefix are the same already.
func match(old, new []*xmltree.Element, prefix int) *matching {
	m := &matching{old: old, new: new, toNew: make([]int32, len(old)), toOld: make([]int32, len(new))}
	first := make(map[step]int32) // 1 + the place of the first of those alike
	next := make([]int32, len(m.new))
	for j := len(m.new) - 1; j >= prefix; j-- {
		m.toOld[j] = -1
		if e := m.new[j]; e.Kind == xmltree.KindElement {
			s := stepOf(e)
			next[j], first[s] = first[s], int32(j)+1
		}
	}
	for i, o := range m.old {
		if i < prefix {
			m.toNew[i], m.toOld[i] = int32(i), int32(i)
			continue
		}
		m.toNew[i] = -1
		if o.Kind == xmltree.KindComment {
			if i < len(m.new) && sameChild(o, m.new[i]) {
				m.toNew[i], m.toOld[i] = int32(i), int32(i)
			}
			continue
		}
		s := stepOf(o)
		if j := first[s] - 1; j >= 0 {
			first[s] = next[j]
			m.toNew[i], m.toOld[j] = j, int32(i)
		}
	}
	return m
}

// release makes an old child, and its new counterpart, a deleted and a created
// one.
func (m *matching) release(i int) {
	if j := m.toNew[i]; j >= 0 {
		m.toNew[i], m.toOld[j] = -1, -1
	}
	if m.pairs != nil {
		m.pairs[i] = nil
	}
}

// settle finds what has moved, and sees to it that a path can name every child
// that changes in any way. It returns false when none can.
func (m *matching) settle(d *differ) bool {
	n := nameChildren(m.old)
	for i, o := range m.old {
		if m.toNew[i] >= 0 && (m.pairs == nil || m.pairs[i] == nil) {
			continue
		}
		if !n.nameable(o) {
			return d.lose(o)
		}
		n.blame(o)
	}
	if n.blamed() && !n.releaseBlamed(m, d) {
		return false
	}
	m.findMoves()
	again := false
	for j, moved := range m.moved {
		if !moved {
			continue
		}
		o := m.old[m.toOld[j]]
		if !n.nameable(o) {
			return d.lose(o)
		}
		again = again || n.weak(o)
	}
	if !again {
		return true
	}
	// Once is enough: afterwards everything that is left has a name of its own.
	for i, o := range m.old {
		if n.weak(o) {
			n.blame(o)
			if o.Kind == xmltree.KindComment {
				m.release(i)
			}
		}
	}
	if !n.releaseBlamed(m, d) {
		return false
	}
	m.findMoves()
	for j, moved := range m.moved {
		if o := m.toOld[j]; moved && !n.nameable(m.old[o]) {
			return d.lose(m.old[o])
		}
	}
	return true
}

func (d *differ) lose(e *xmltree.Element) bool {
	if d.lost == nil {
		d.lost = e
	}
	return false
}

// findMoves finds the new children whose place is another one. Places are
// counted without deleted and created children and without those that were
// found to have moved: on the old side those that moved to the front, on the
// new side the others. Those that have not moved keep their order.
func (m *matching) findMoves() {
	m.moved = make([]bool, len(m.new))
	left := newCounter(len(m.old))
	for i, j := range m.toNew {
		if j < 0 {
			left.drop(i)
		}
	}
	to := 0
	for j, i := range m.toOld {
		if i < 0 {
			continue
		}
		switch from := left.before(int(i)); {
		case from == to:
			to++
		case from > to:
			m.moved[j] = true
			left.drop(int(i))
			to++
		default:
			m.moved[j] = true
		}
	}
}

// list writes down what happens to the children.
func (m *matching) list(p *pair) {
	deleted := 0
	for i, o := range m.old {
		switch {
		case m.toNew[i] < 0:
			p.olds = append(p.olds, oldChild{e: o, position: int32(i - deleted)})
			deleted++
		case m.pairs != nil && m.pairs[i] != nil:
			p.olds = append(p.olds, oldChild{e: o, pair: m.pairs[i]})
		}
	}
	for j, e := range m.new {
		c := newChild{e: e, position: int32(j), created: m.toOld[j] < 0, moved: m.moved[j]}
		if !c.created && m.pairs != nil {
			c.pair = m.pairs[m.toOld[j]]
		}
		if c.created || c.moved || c.pair != nil {
			p.news = append(p.news, c)
		}
	}
}
