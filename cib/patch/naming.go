package patch

import "systole/lib/xmltree"

// naming knows which of an old element's children a path can name. Paths are
// looked up when all deletions, but no creations, have been made.
type naming struct {
	byName  map[string]int32
	bySteps map[step]int32

	comments       int
	commentElement bool // an element has the name that comments go by

	badNames map[string]bool // all children of the name are replaced
	badSteps map[step]bool   // all children of the name and id are
}

func nameChildren(list []*xmltree.Element) *naming {
	n := &naming{
		byName: make(map[string]int32), bySteps: make(map[step]int32, len(list)),
		badNames: map[string]bool{}, badSteps: map[step]bool{},
	}
	for _, e := range list {
		if e.Kind == xmltree.KindComment {
			n.comments++
			continue
		}
		n.commentElement = n.commentElement || e.Name == commentStep
		n.byName[e.Name]++
		if s := stepOf(e); s.id != "" {
			n.bySteps[s]++
		}
	}
	return n
}

// nameable tells whether a path can have a step for the child at all.
func (n *naming) nameable(e *xmltree.Element) bool {
	if e.Kind == xmltree.KindComment {
		return !n.commentElement
	}
	return e.Name != commentStep && stepOf(e).plain()
}

// weak tells whether the step of the child may find another one: a step without
// an id, or with an empty one, finds the first of that name. For a comment this
// is about moves, since its deletion is by position.
func (n *naming) weak(e *xmltree.Element) bool {
	if e.Kind == xmltree.KindComment {
		return n.comments > 1
	}
	if s := stepOf(e); s.id != "" {
		return n.bySteps[s] > 1
	}
	return n.byName[e.Name] > 1
}

// blame notes the children that must be replaced together with this one: when
// all that a step finds are deleted in their order, each finds its own.
func (n *naming) blame(e *xmltree.Element) {
	if e.Kind == xmltree.KindComment || !n.weak(e) {
		return
	}
	if s := stepOf(e); s.id != "" {
		n.badSteps[s] = true
	} else {
		n.badNames[e.Name] = true
	}
}

func (n *naming) blamed() bool { return len(n.badNames)+len(n.badSteps) > 0 }

// releaseBlamed replaces what was blamed.
func (n *naming) releaseBlamed(m *matching, d *differ) bool {
	for i, o := range m.old {
		if o.Kind == xmltree.KindComment || !n.badNames[o.Name] && !n.badSteps[stepOf(o)] {
			continue
		}
		if !n.nameable(o) {
			return d.lose(o)
		}
		m.release(i)
	}
	return true
}
