package schema

import "systole/lib/xmltree"

// maxDepth bounds how deep elements may be nested. Only rules can be nested
// without end, and the XML library that Pacemaker uses stops at 256 as well.
const maxDepth = 256

// matcher finds the versions in which a document is valid.
type matcher struct {
	ids  map[string]struct{}
	refs []reference
}

// reference is an IDREF still to be resolved.
type reference struct {
	to string
	in Set // the versions in which it is an IDREF
}

// versionsOf returns the versions of want in which the document is valid. Its
// cost is linear in the size of the document; apart from the table of ids it
// allocates nothing.
func versionsOf(root *xmltree.Element, want Set) Set {
	in, _ := versionsAndStale(root, want)
	return in
}

// versionsAndStale also tells whether something refers to nothing that only the
// older ones of the wanted versions take for a reference.
func versionsAndStale(root *xmltree.Element, want Set) (in Set, stale bool) {
	if grammarErr != nil || root == nil || root.Kind != xmltree.KindElement || root.Name != grammar.name {
		return 0, false
	}
	m := matcher{ids: map[string]struct{}{}}
	in = m.element(root, grammar, want, 1)
	for _, r := range m.refs {
		if _, ok := m.ids[r.to]; !ok {
			in &^= r.in
			stale = stale || (r.in != allVersions && r.in&want != 0)
		}
	}
	return in, stale
}

// given is what an element has, as bits of its definition.
type given struct {
	attrs  uint32
	keys   uint32 // the bit of the key attribute's value
	kids   uint32
	twice  uint32     // kids that are there more than once
	before [32]uint32 // for each child: the others that came before one of its kind
}

// element returns the versions of want in which the element and all below it
// are valid.
func (m *matcher) element(e *xmltree.Element, d *definition, want Set, depth int) Set {
	if d.free {
		return want
	}
	if depth > maxDepth {
		return 0
	}
	var has given
	want = m.attributes(e, d, want, &has)
	hint := 0
	for _, c := range e.Children {
		if want == 0 {
			return 0
		}
		if c == nil || c.Kind != xmltree.KindElement {
			continue
		}
		k := d.kid(c.Name, hint)
		if k < 0 {
			return 0
		}
		hint = k
		has.child(k)
		want = m.element(c, d.kids[k].def, want, depth+1)
	}
	return want & d.fits(&has)
}

// child notes a child of kind k.
func (has *given) child(k int) {
	has.before[k] |= has.kids
	has.twice |= has.kids & (1 << k)
	has.kids |= 1 << k
}

func (m *matcher) attributes(e *xmltree.Element, d *definition, want Set, has *given) Set {
	hint := 0
	for i := range e.Attrs {
		a := &e.Attrs[i]
		k := d.attr(a.Name, hint)
		if k < 0 {
			if isDeclaration(a.Name) {
				continue
			}
			return 0
		}
		hint = k + 1
		if has.attrs>>k&1 != 0 {
			return 0
		}
		has.attrs |= 1 << k
		typ := d.attrs[k].typ
		if typ.kind == kindText {
			continue
		}
		in, place := typ.check(a.Value)
		if want &= in; want == 0 {
			return 0
		}
		if k == d.key {
			has.keys = 1 << place
		}
		if !m.identity(typ.kind, a.Value) {
			return 0
		}
	}
	if d.hasPair(has) {
		value, ok := e.Attr(d.attrs[d.valueAttr].name)
		want &= d.pairs.check(e.Get(d.attrs[d.nameAttr].name), value, ok)
	}
	return want
}

// isDeclaration tells whether the attribute declares a namespace prefix, which
// no grammar forbids.
func isDeclaration(name string) bool {
	return len(name) > 6 && name[:6] == "xmlns:"
}

// identity takes note of IDs and references. It returns false for a duplicate
// ID.
func (m *matcher) identity(k kind, value string) bool {
	switch k {
	case kindID:
		value = trim(value)
		n := len(m.ids)
		m.ids[value] = struct{}{}
		return len(m.ids) > n
	case kindIDREF:
		m.refs = append(m.refs, reference{trim(value), allVersions})
	case kindOldRef:
		m.refs = append(m.refs, reference{trim(value), span(Oldest, V3_2)})
	}
	return true
}

// fits returns the versions in which some form of the element fits.
func (d *definition) fits(has *given) Set {
	for _, group := range d.exclusive {
		if given := has.attrs & group; given&(given-1) != 0 {
			return 0
		}
	}
	in := Set(0)
	for i := range d.forms {
		if f := &d.forms[i]; f.fits(has) {
			in |= f.in
		}
	}
	return in
}

func (f *form) fits(has *given) bool {
	if f.need&^has.attrs != 0 || has.attrs&^f.allow != 0 || f.keys != 0 && f.keys&has.keys == 0 {
		return false
	}
	if f.kidNeed&^has.kids != 0 || has.kids&^f.kidAllow != 0 || has.twice&f.kidOne != 0 || f.some && has.kids == 0 {
		return false
	}
	for i, wrong := range f.before {
		if has.before[i]&wrong != 0 {
			return false
		}
	}
	return true
}
