package patch

import (
	"slices"

	"systole/lib/xmltree"
)

// differ compares two trees.
type differ struct {
	ignoreAttrOrder bool

	reordered bool             // attributes are in another order that was ignored
	lost      *xmltree.Element // the first element that cannot be named in a path
}

// pair is an element of both documents that is different in them.
type pair struct {
	old, new *xmltree.Element
	attrs    []AttrChange // as a modification lists them
	olds     []oldChild   // what happens to old children, in their order
	news     []newChild   // what happens to new children, in theirs
}

// oldChild is a child that is deleted or has changed.
type oldChild struct {
	e        *xmltree.Element
	pair     *pair // what changed; nil when it is deleted
	position int32 // of a comment at the time of its deletion
}

// newChild is a child that is created, moved or has changed.
type newChild struct {
	e              *xmltree.Element
	pair           *pair // what changed, if anything
	position       int32
	created, moved bool
}

// compare finds the difference of two elements that have the same name and id;
// nil when there is none. With ok false, there is one that no list of changes
// below the element can say: it must be replaced.
func (d *differ) compare(old, new *xmltree.Element) (_ *pair, ok bool) {
	if old == new {
		return nil, true
	}
	var attrs []AttrChange
	if !slices.Equal(old.Attrs, new.Attrs) {
		attrs = d.attributes(old, new)
	}
	m, ok := d.children(old.Children, new.Children)
	if !ok {
		return nil, false
	}
	if attrs == nil && m == nil {
		return nil, true
	}
	p := &pair{old: old, new: new, attrs: attrs}
	if m != nil {
		m.list(p)
	}
	return p, true
}

// attributes lists the attributes that changed, in the order in which
// Pacemaker lists them: new, changed and moved ones where they are in the new
// element, then removed ones where they were in the old.
func (d *differ) attributes(old, new *xmltree.Element) []AttrChange {
	indexOld, indexNew := attrIndex(old.Attrs), attrIndex(new.Attrs)
	changed := make([]bool, len(new.Attrs))
	removed := 0
	different := false
	for i := range new.Attrs {
		at := indexOld(new.Attrs[i].Name)
		changed[i] = at < 0 || old.Attrs[at].Value != new.Attrs[i].Value
		different = different || changed[i]
	}
	for i := range old.Attrs {
		if indexNew(old.Attrs[i].Name) < 0 {
			removed++
		}
	}
	if d.ignoreAttrOrder {
		// Where something else changes, the order of the new element is taken.
		d.reordered = d.reordered || !different && removed == 0 && !slices.Equal(old.Attrs, new.Attrs)
	} else {
		markMoved(changed, old.Attrs, new.Attrs, indexNew)
	}
	var list []AttrChange
	for i, a := range new.Attrs {
		if changed[i] {
			list = append(list, AttrChange{Name: a.Name, Value: a.Value})
		}
	}
	for i := range old.Attrs {
		if removed > 0 && indexNew(old.Attrs[i].Name) < 0 {
			list = append(list, AttrChange{Name: old.Attrs[i].Name, Unset: true})
		}
	}
	return list
}

// markMoved marks attributes with an old value and another place. Places are
// counted without the attributes that were already found to have moved: on the
// old side those that moved to the front, on the new side the others.
func markMoved(changed []bool, old, new []xmltree.Attr, indexNew func(string) int) {
	left, right := newCounter(len(old)), newCounter(len(new))
	for i := range old {
		j := indexNew(old[i].Name)
		if j < 0 || old[i].Value != new[j].Value {
			continue
		}
		from, to := left.before(i), right.before(j)
		if from == to {
			continue
		}
		changed[j] = true
		if from > to {
			left.drop(i)
		} else {
			right.drop(j)
		}
	}
}

// manyAttrs is the number of attributes from which a map finds them.
const manyAttrs = 24

// attrIndex returns a function that finds an attribute, -1 when there is none.
func attrIndex(list []xmltree.Attr) func(name string) int {
	if len(list) < manyAttrs {
		return func(name string) int {
			for i := range list {
				if list[i].Name == name {
					return i
				}
			}
			return -1
		}
	}
	index := make(map[string]int, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		index[list[i].Name] = i
	}
	return func(name string) int {
		if i, ok := index[name]; ok {
			return i
		}
		return -1
	}
}
