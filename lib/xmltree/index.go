package xmltree

// Index finds elements by their id. It is built once for a tree and does not
// follow later changes of it.
type Index struct {
	first  map[string]*Element
	single map[nameID]*Element // nil: several
}

type nameID struct{ name, id string }

// NewIndex indexes the element and everything below it. Elements without an
// id, or with an empty one, are left out.
func NewIndex(root *Element) *Index {
	x := &Index{first: map[string]*Element{}, single: map[nameID]*Element{}}
	root.Walk(func(e *Element) bool {
		id := e.ID()
		if id == "" {
			return true
		}
		if _, ok := x.first[id]; !ok {
			x.first[id] = e
		}
		key := nameID{e.Name, id}
		if _, ok := x.single[key]; ok {
			x.single[key] = nil
		} else {
			x.single[key] = e
		}
		return true
	})
	return x
}

// First returns the first element in document order that has this id, of
// whatever name, or nil.
func (x *Index) First(id string) *Element { return x.first[id] }

// Find returns the element with this name and id, or nil when there is none or
// more than one: a reference that fits several elements resolves to nothing
// (01 §19.1).
func (x *Index) Find(name, id string) *Element { return x.single[nameID{name, id}] }

// Several tells whether more than one element has this name and id.
func (x *Index) Several(name, id string) bool {
	e, ok := x.single[nameID{name, id}]
	return ok && e == nil
}
