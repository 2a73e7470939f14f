package xmltree

// Limits bounds what a document may cost. A zero field means its default; the
// defaults admit a CIB twenty times the size of a very large cluster's and keep
// the tree of a hostile document below about 2 GiB.
type Limits struct {
	Bytes           int // size of the document; default 256 MiB
	Depth           int // nested elements, the root being 1; default 256
	Elements        int // elements and comments together; default 4,000,000
	Attrs           int // attributes of all elements together; default 16,000,000
	AttrsPerElement int // default 4096
	NameLen         int // bytes of an element's or attribute's name; default 4096
	ValueLen        int // bytes of an attribute value or comment as written; default 10,000,000
}

// WithDefaults returns the limits with every field that is zero or negative
// replaced by its default.
func (l Limits) WithDefaults() Limits {
	set := func(field *int, def int) {
		if *field <= 0 {
			*field = def
		}
	}
	set(&l.Bytes, 256<<20)
	set(&l.Depth, 256)
	set(&l.Elements, 4_000_000)
	set(&l.Attrs, 16_000_000)
	set(&l.AttrsPerElement, 4096)
	set(&l.NameLen, 4096)
	set(&l.ValueLen, 10_000_000)
	return l
}
