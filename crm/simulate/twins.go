package simulate

import "systole/lib/xmltree"

// A node_state may hold twins: children of the same element with the same name
// and id, which no cluster writes but people do. Pacemaker changes a copy and
// merges that back by name and id, so that every change also writes the later
// twins over the first. Where there are twins, we do the same; elsewhere the
// element itself is changed.

// hasTwins tells whether there are twins anywhere below the element.
func hasTwins(e *xmltree.Element) bool {
	type key struct{ name, id string }
	var seen map[key]bool
	for c := range e.Elements() {
		k := key{c.Name, c.ID()}
		if seen[k] || hasTwins(c) {
			return true
		}
		if seen == nil {
			seen = map[key]bool{}
		}
		seen[k] = true
	}
	return false
}

// merge writes an element over another of the same name and id.
func merge(target, from *xmltree.Element) {
	for _, a := range from.Attrs {
		target.Set(a.Name, a.Value)
	}
	for c := range from.Elements() {
		if t := twin(target, c); t != nil {
			merge(t, c)
		} else {
			target.Append(c.Copy())
		}
	}
}

// twin is the first child of that name, and of that id if it has one.
func twin(parent, e *xmltree.Element) *xmltree.Element {
	if id, ok := e.Attr("id"); ok {
		return parent.ChildByID(e.Name, id)
	}
	return parent.Child(e.Name)
}
