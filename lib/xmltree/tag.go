package xmltree

// manyAttrs is the number of attributes from which names are looked up in a
// map to find duplicates.
const manyAttrs = 32

// startTag reads <name attribute="value" ...> or <name ... />.
func (p *parser) startTag() error {
	start := p.pos
	i := nameEnd(p.s, start+1)
	if i == start+1 {
		return p.fail(start, "expected an element name after '<', found %s; write &lt; for a plain '<'", p.found(i))
	}
	e, err := p.add(start)
	if err != nil {
		return err
	}
	if e.Name, err = p.name(start+1, i); err != nil {
		return err
	}
	if p.root == nil {
		p.root = e
	}
	if i, err = p.attributes(e, i); err != nil {
		return err
	}
	if p.s[i] == '>' {
		p.pos = i + 1
		return p.open(e, start)
	}
	if p.s[i+1] != '>' { // after a '/'
		return p.fail(i+1, "expected '>' after '/' in <%s>, found %s", clip(e.Name), p.found(i+1))
	}
	p.pos = i + len("/>")
	if len(p.frames) >= p.lim.Depth {
		return p.open(e, start) // for its error
	}
	return nil
}

// attributes reads the attributes of e from i and returns the place of the '>'
// or '/' that ends them.
func (p *parser) attributes(e *Element, i int) (int, error) {
	s, base := p.s, len(p.slabs.attrs)
	dups := duplicates{}
	for {
		blank := classes[s[i]]&clsSpace != 0
		if blank {
			i = p.skipSpace(i + 1)
		}
		if c := s[i]; c == '>' || c == '/' {
			break
		}
		end := nameEnd(s, i)
		if end == i || !blank {
			return 0, p.badAttribute(e, i, end)
		}
		name, err := p.name(i, end)
		if err != nil {
			return 0, err
		}
		have := p.slabs.attrs[base:]
		if dups.seen(have, name) {
			return 0, p.fail(i, "attribute %q is given twice in <%s>; remove one", clip(name), clip(e.Name))
		}
		if len(have) >= p.lim.AttrsPerElement {
			return 0, p.over(i, "AttrsPerElement", p.lim.AttrsPerElement, "<%s> has too many attributes", clip(e.Name))
		}
		value, next, err := p.attributeValue(e, name, end)
		if err != nil {
			return 0, err
		}
		if len(p.slabs.attrs) == cap(p.slabs.attrs) {
			base = p.slabs.moreAttrs(base)
		}
		p.slabs.attrs = append(p.slabs.attrs, Attr{name, value})
		i = next
	}
	if n := len(p.slabs.attrs); n > base {
		e.Attrs = p.slabs.attrs[base:n:n]
		if p.attrs += n - base; p.attrs > p.lim.Attrs {
			return 0, p.over(i, "Attrs", p.lim.Attrs, "the document has too many attributes")
		}
	}
	return i, nil
}

func (p *parser) badAttribute(e *Element, i, end int) error {
	name := clip(e.Name)
	switch {
	case p.s[i] == eof:
		return p.fail(i, "the document ends inside the tag <%s>; expected '>' or '/>'", name)
	case end > i && p.s[i-1] != '"' && p.s[i-1] != '\'':
		// unreachable from a name, which would have taken the character
		fallthrough
	case end == i:
		return p.fail(i, "expected an attribute name, '>' or '/>' in <%s>, found %s", name, p.found(i))
	default:
		return p.fail(i, "expected a blank before attribute %q in <%s>", clip(p.s[i:end]), name)
	}
}

// name returns s[i:end] when it is not too long.
func (p *parser) name(i, end int) (string, error) {
	if end-i > p.lim.NameLen {
		return "", p.over(i, "NameLen", p.lim.NameLen, "the name %s is too long", clip(p.s[i:end]))
	}
	return p.s[i:end], nil
}

// attributeValue reads ="value" from i, and returns the value and the offset
// after it.
func (p *parser) attributeValue(e *Element, name string, i int) (string, int, error) {
	s := p.s
	if s[i] != '=' {
		if i = p.skipSpace(i); s[i] != '=' {
			return "", 0, p.fail(i, "expected '=' after attribute %q in <%s>, found %s", clip(name), clip(e.Name), p.found(i))
		}
	}
	i++
	if classes[s[i]]&clsSpace != 0 {
		i = p.skipSpace(i)
	}
	start := i + 1
	stop := uint8(clsStopDouble)
	switch s[i] {
	case '"':
	case '\'':
		stop = clsStopSingle
	default:
		return "", 0, p.fail(i, "expected the value of attribute %q of <%s> in quotes, found %s", clip(name), clip(e.Name), p.found(i))
	}
	end := start
	for classes[s[end]]&stop == 0 {
		end++
	}
	value := s[start:end]
	if s[end] != s[i] {
		var err error
		if value, end, err = p.normalise(start, end, s[i]); err != nil {
			return "", 0, err
		}
	}
	if end-start > p.lim.ValueLen {
		return "", 0, p.over(i, "ValueLen", p.lim.ValueLen, "the value of attribute %q of <%s> is too long", clip(name), clip(e.Name))
	}
	return value, end + 1, nil
}

// duplicates finds attribute names given twice. Most elements have few and
// different ones: a word of bits, one per kind of name, then says so without a
// comparison.
type duplicates struct {
	bits  uint64
	names map[string]struct{}
}

// seen tells whether the name is among have, the attributes it was asked about
// before.
func (d *duplicates) seen(have []Attr, name string) bool {
	n := len(name)
	bit := uint64(1) << ((uint(name[0]) + 7*uint(name[n-1]) + 13*uint(n)) % 64)
	if len(have) < manyAttrs {
		if d.bits&bit == 0 {
			d.bits |= bit
			return false
		}
		for i := range have {
			if have[i].Name == name {
				return true
			}
		}
		return false
	}
	if d.names == nil {
		d.names = make(map[string]struct{}, 2*manyAttrs)
		for i := range have {
			d.names[have[i].Name] = struct{}{}
		}
	}
	before := len(d.names)
	d.names[name] = struct{}{}
	return len(d.names) == before
}
