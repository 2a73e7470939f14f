// Package xmltree is the XML document of the hot path: a strict parser for the
// attribute-only dialect in which CIBs and transition graphs are written, a
// small mutable tree, and a printer. It keeps attribute order, comments and the
// place (line and column) of every element, and it refuses what it does not
// understand instead of guessing (01 §1).
//
// Small documents that people edit by hand (agent metadata, generator output)
// use beevik/etree instead; see docs/ARCHITECTURE.md.
package xmltree

// Attr is one attribute of an element, with its value already unescaped.
type Attr struct {
	Name  string
	Value string
}

// Kind tells elements from comments. Text is not kept: a CIB has none that
// means anything (docs/scheduler/01 §1.2).
type Kind uint8

const (
	KindElement Kind = iota
	KindComment      // Name is empty, Text holds the comment
)

// Element is a node of the tree. The zero value is an unnamed, empty element.
type Element struct {
	Name     string
	Attrs    []Attr
	Children []*Element
	Parent   *Element
	Text     string // of a comment
	Line     int32  // 1-based, 0 when the element was not read from a file
	Col      int32  // 1-based, in bytes
	Kind     Kind
}

// New returns an element with the given name and name, value pairs.
func New(name string, pairs ...string) *Element {
	e := &Element{Name: name}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Attrs = append(e.Attrs, Attr{pairs[i], pairs[i+1]})
	}
	return e
}

// Get returns the value of the attribute, or "" when it is absent.
func (e *Element) Get(name string) string {
	v, _ := e.Attr(name)
	return v
}

// Attr returns the value of the attribute and whether it is there. A nil
// element has no attributes.
func (e *Element) Attr(name string) (string, bool) {
	if e == nil {
		return "", false
	}
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			return e.Attrs[i].Value, true
		}
	}
	return "", false
}

// Has tells whether the attribute is there.
func (e *Element) Has(name string) bool {
	_, ok := e.Attr(name)
	return ok
}

// Set gives the attribute a value, in its present place or at the end.
func (e *Element) Set(name, value string) {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs[i].Value = value
			return
		}
	}
	e.Attrs = append(e.Attrs, Attr{name, value})
}

// Del removes the attribute.
func (e *Element) Del(name string) {
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			e.Attrs = append(e.Attrs[:i:i], e.Attrs[i+1:]...)
			return
		}
	}
}

// ID returns the id attribute, or "".
func (e *Element) ID() string { return e.Get("id") }

// Child returns the first child element with that name, or nil. A nil element
// has no children, so calls can be chained.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Kind == KindElement && c.Name == name {
			return c
		}
	}
	return nil
}

// Path walks down by names: e.Path("configuration", "resources").
func (e *Element) Path(names ...string) *Element {
	for _, n := range names {
		e = e.Child(n)
	}
	return e
}

// ChildByID returns the child element with that name and id, or nil.
func (e *Element) ChildByID(name, id string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Kind == KindElement && c.Name == name && c.ID() == id {
			return c
		}
	}
	return nil
}

// Elements yields the child elements, comments left out; with names given,
// only those with one of these names.
func (e *Element) Elements(names ...string) func(yield func(*Element) bool) {
	return func(yield func(*Element) bool) {
		if e == nil {
			return
		}
		for _, c := range e.Children {
			if c.Kind != KindElement || !matches(c.Name, names) {
				continue
			}
			if !yield(c) {
				return
			}
		}
	}
}

func matches(name string, names []string) bool {
	if len(names) == 0 {
		return true
	}
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// Append adds a child at the end and returns it.
func (e *Element) Append(child *Element) *Element {
	child.Parent = e
	e.Children = append(e.Children, child)
	return child
}

// Add makes a new child at the end: Append(New(name, pairs...)).
func (e *Element) Add(name string, pairs ...string) *Element {
	return e.Append(New(name, pairs...))
}

// Remove takes the element out of its parent.
func (e *Element) Remove() {
	p := e.Parent
	if p == nil {
		return
	}
	for i, c := range p.Children {
		if c == e {
			p.Children = append(p.Children[:i:i], p.Children[i+1:]...)
			break
		}
	}
	e.Parent = nil
}

// Copy returns a deep copy without a parent. Strings are shared.
func (e *Element) Copy() *Element {
	var c copier
	c.count(e)
	c.elems, c.attrs = make([]Element, 0, c.nElems), make([]Attr, 0, c.nAttrs)
	c.pointers = make([]*Element, 0, c.nElems-1)
	return c.copy(e, nil)
}

// Walk visits the element and everything below it, comments left out, in
// document order. When visit returns false the children are not visited.
func (e *Element) Walk(visit func(*Element) bool) {
	if e == nil || e.Kind != KindElement || !visit(e) {
		return
	}
	for _, c := range e.Children {
		c.Walk(visit)
	}
}
