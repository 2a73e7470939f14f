package xmltree

// slabs hands out the nodes of a document from few, large allocations. What is
// handed out stays independent: every slice is capped at its length, so that an
// append copies instead of running into the neighbour.
type slabs struct {
	elems    []Element
	attrs    []Attr
	pointers []*Element

	elemChunk, attrChunk int
}

// newSlabs sizes the first allocations by the length of the document, so that
// a small one does not cost what a large one may.
func newSlabs(size int) slabs {
	return slabs{
		elemChunk: min(4+size/128, 512),
		attrChunk: min(8+size/32, 2048),
	}
}

func (b *slabs) element() *Element {
	if len(b.elems) == cap(b.elems) {
		b.elems = make([]Element, 0, b.elemChunk)
	}
	b.elems = b.elems[:len(b.elems)+1]
	return &b.elems[len(b.elems)-1]
}

// moreAttrs makes room for another attribute of the element whose attributes
// begin at base, and returns their new beginning.
func (b *slabs) moreAttrs(base int) int {
	have := b.attrs[base:]
	b.attrs = make([]Attr, len(have), max(b.attrChunk, 2*len(have)))
	copy(b.attrs, have)
	return 0
}

// copier copies a tree into three allocations of the right size. As with slabs,
// every slice is capped at its length.
type copier struct {
	nElems, nAttrs int

	elems    []Element
	attrs    []Attr
	pointers []*Element
}

func (c *copier) count(e *Element) {
	c.nElems++
	c.nAttrs += len(e.Attrs)
	for _, child := range e.Children {
		c.count(child)
	}
}

func (c *copier) copy(e, parent *Element) *Element {
	c.elems = append(c.elems, *e)
	n := &c.elems[len(c.elems)-1]
	n.Parent, n.Attrs, n.Children = parent, nil, nil
	if base := len(c.attrs); len(e.Attrs) > 0 {
		c.attrs = append(c.attrs, e.Attrs...)
		n.Attrs = c.attrs[base:len(c.attrs):len(c.attrs)]
	}
	if len(e.Children) > 0 {
		base := len(c.pointers)
		c.pointers = c.pointers[:base+len(e.Children)]
		n.Children = c.pointers[base:len(c.pointers):len(c.pointers)]
		for i, child := range e.Children {
			n.Children[i] = c.copy(child, n)
		}
	}
	return n
}

// children returns a copy of the list.
func (b *slabs) children(list []*Element) []*Element {
	n := len(list)
	if n == 0 {
		return nil
	}
	if cap(b.pointers)-len(b.pointers) < n {
		if n >= b.elemChunk {
			return append(make([]*Element, 0, n), list...)
		}
		b.pointers = make([]*Element, 0, b.elemChunk)
	}
	base := len(b.pointers)
	b.pointers = append(b.pointers, list...)
	return b.pointers[base : base+n : base+n]
}
