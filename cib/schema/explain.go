package schema

import (
	"fmt"
	"math/bits"
	"strings"

	"systole/lib/xmltree"
)

// maxProblems bounds the report: a document with more is better repaired from
// the top.
const maxProblems = 100

// explainer finds out why a document is not valid in one version. It walks like
// the matcher, but goes on after a problem.
type explainer struct {
	v        Version
	path     []*xmltree.Element
	ids      map[string]*xmltree.Element
	pending  []pendingRef
	problems []Problem
	full     bool
}

type pendingRef struct {
	path []*xmltree.Element
	attr string
	to   string
}

// explain returns the problems of a document that is known not to be valid in
// version v.
func explain(root *xmltree.Element, v Version) []Problem {
	x := &explainer{v: v, ids: map[string]*xmltree.Element{}}
	switch {
	case grammarErr != nil:
		return []Problem{{Path: "/", Msg: grammarErr.Error()}}
	case root == nil || root.Kind != xmltree.KindElement:
		return []Problem{{Path: "/", Msg: "there is no document; expected an element cib"}}
	case root.Name != grammar.name:
		x.path = []*xmltree.Element{root}
		x.report("found element %q, expected cib", clip(root.Name))
		return x.problems
	}
	x.element(root, grammar)
	x.references()
	if len(x.problems) == 0 { // would be a mistake in here, but must not pass for valid
		x.path = []*xmltree.Element{root}
		x.report("the document is not valid in %s", v)
	}
	return x.problems
}

func (x *explainer) report(format string, args ...any) { x.reportAt(x.path, format, args...) }

func (x *explainer) reportAt(path []*xmltree.Element, format string, args ...any) {
	if len(x.problems) >= maxProblems {
		if !x.full {
			x.full = true
			x.problems = append(x.problems, Problem{Path: "/", Msg: "there are more problems; repair these first"})
		}
		return
	}
	e := path[len(path)-1]
	x.problems = append(x.problems, Problem{
		Line: int(e.Line),
		Col:  int(e.Col),
		Path: pathString(path),
		Msg:  fmt.Sprintf(format, args...),
	})
}

// pathString writes a path like XPath, with the ids that tell siblings apart.
func pathString(path []*xmltree.Element) string {
	var b strings.Builder
	for i, e := range path {
		b.WriteString("/")
		b.WriteString(clip(e.Name))
		if id, ok := e.Attr("id"); ok && (i == len(path)-1 || i > 2) {
			fmt.Fprintf(&b, "[@id=%q]", clip(id))
		}
	}
	return b.String()
}

// clip keeps strange names and values from flooding a message.
func clip(s string) string {
	const limit = 80
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

func (x *explainer) element(e *xmltree.Element, d *definition) {
	if d.free || x.full {
		return
	}
	x.path = append(x.path, e)
	defer func() { x.path = x.path[:len(x.path)-1] }()
	if len(x.path) > maxDepth {
		x.report("elements are nested more than %d deep", maxDepth)
		return
	}
	var has given
	attrsOK := x.attributes(e, d, &has)
	kidsOK := x.children(e, d, &has)
	x.exclusives(d, &has)
	if attrsOK && kidsOK && !d.fits(&has).Has(x.v) {
		x.form(e, d, &has)
	}
}

// attributes reports what is wrong with each attribute alone. It returns false
// when it is moot to ask which form the element has.
func (x *explainer) attributes(e *xmltree.Element, d *definition, has *given) bool {
	ok := true
	for _, a := range e.Attrs {
		k := d.attr(a.Name, 0)
		if k < 0 || d.attrIn(k)&x.v.set() == 0 {
			if !isDeclaration(a.Name) {
				x.unknownAttr(e, d, a.Name, k)
			}
			continue
		}
		if has.attrs>>k&1 != 0 {
			x.report("attribute %q is given twice", a.Name)
			ok = false
			continue
		}
		has.attrs |= 1 << k
		if !x.value(d, k, a, has) {
			ok = ok && k != d.key
		}
	}
	x.pair(e, d, has)
	return ok
}

// attrIn returns the versions that have the attribute in some form.
func (d *definition) attrIn(k int) Set {
	in := Set(0)
	for _, f := range d.forms {
		if f.allow>>k&1 != 0 {
			in |= f.in
		}
	}
	return in
}

// kidIn returns the versions that have the child in some form.
func (d *definition) kidIn(k int) Set {
	in := Set(0)
	for _, f := range d.forms {
		if f.kidAllow>>k&1 != 0 {
			in |= f.in
		}
	}
	return in
}

func (x *explainer) unknownAttr(e *xmltree.Element, d *definition, name string, k int) {
	if k >= 0 {
		x.report("%s has attribute %q, which exists %s, not in %s", e.Name, name, d.attrIn(k), x.v)
		return
	}
	var known []string
	for i := range d.attrs {
		if d.attrIn(i).Has(x.v) {
			known = append(known, d.attrs[i].name)
		}
	}
	x.report("%s has an unknown attribute %q%s", e.Name, clip(name), hint(name, known))
}

// value reports a value that is not of its type, and a duplicate ID.
func (x *explainer) value(d *definition, k int, a xmltree.Attr, has *given) bool {
	typ := d.attrs[k].typ
	in, place := typ.check(a.Value)
	if in.Has(x.v) {
		if k == d.key {
			has.keys = 1 << place
		}
		x.identity(typ.kind, a)
		return true
	}
	switch {
	case typ.kind != kindEnum:
		x.report("%s=%q: expected %s", a.Name, clip(a.Value), typ.what)
	case in != 0:
		x.report("%s=%q exists %s, not in %s; expected %s", a.Name, clip(a.Value), in, x.v, alternatives(typ.valuesIn(x.v)))
	default:
		values := typ.valuesIn(x.v)
		x.report("%s=%q: expected %s%s", a.Name, clip(a.Value), alternatives(values), hint(a.Value, values))
	}
	return false
}

func (t *datatype) valuesIn(v Version) []string {
	var values []string
	for _, c := range t.values {
		if c.in.Has(v) {
			values = append(values, c.text)
		}
	}
	return values
}

func (x *explainer) identity(k kind, a xmltree.Attr) {
	value := trim(a.Value)
	switch {
	case k == kindID:
		if first, ok := x.ids[value]; ok {
			x.report("%s=%q is already the id of %s%s; every id must be unique", a.Name, clip(value), first.Name, place(first))
			return
		}
		x.ids[value] = x.path[len(x.path)-1]
	case k == kindIDREF, k == kindOldRef && x.v <= V3_2:
		x.pending = append(x.pending, pendingRef{append([]*xmltree.Element(nil), x.path...), a.Name, value})
	}
}

func place(e *xmltree.Element) string {
	if e.Line == 0 {
		return ""
	}
	return fmt.Sprintf(" in line %d, column %d", e.Line, e.Col)
}

// pair reports a name/value pair that the version rejects.
func (x *explainer) pair(e *xmltree.Element, d *definition, has *given) {
	if !d.hasPair(has) {
		return
	}
	name := e.Get("name")
	value, ok := e.Attr("value")
	if d.pairs.check(name, value, ok).Has(x.v) {
		return
	}
	rule := d.pairs[collapse(name)]
	what, hint := fmt.Sprintf("the name %q", clip(name)), rule.hint
	switch {
	case rule.exact && collapse(name) != name:
		hint = "remove the white space"
	case rule.values != nil && !ok:
		what += " without a value"
	case rule.values != nil:
		what += fmt.Sprintf(" with the value %q", clip(value))
	}
	x.report("%s is rejected by %s; %s", what, x.v, hint)
}

// children reports children that cannot be there, and descends into the others.
func (x *explainer) children(e *xmltree.Element, d *definition, has *given) bool {
	ok := true
	for _, c := range e.Children {
		if c == nil || c.Kind != xmltree.KindElement {
			continue
		}
		k := d.kid(c.Name, 0)
		if k < 0 || !d.kidIn(k).Has(x.v) {
			x.unknownKid(e, c, d, k)
			ok = false
			continue
		}
		has.child(k)
		x.element(c, d.kids[k].def)
	}
	return ok
}

func (x *explainer) unknownKid(e, c *xmltree.Element, d *definition, k int) {
	path := append(append([]*xmltree.Element(nil), x.path...), c)
	if k >= 0 {
		x.reportAt(path, "%s exists in %s %s, not in %s", c.Name, e.Name, d.kidIn(k), x.v)
		return
	}
	var known []string
	for i := range d.kids {
		if d.kidIn(i).Has(x.v) {
			known = append(known, d.kids[i].name)
		}
	}
	if len(known) == 0 {
		x.reportAt(path, "found element %q in %s, which has no children", clip(c.Name), e.Name)
		return
	}
	x.reportAt(path, "found element %q in %s, expected %s%s", clip(c.Name), e.Name, alternatives(known), hint(c.Name, known))
}

func (x *explainer) exclusives(d *definition, has *given) {
	for _, group := range d.exclusive {
		if both := has.attrs & group; bits.OnesCount32(both) > 1 {
			x.report("of %s only one may be given", conjunction(d.attrNames(both)))
		}
	}
}

func (d *definition) attrNames(mask uint32) []string {
	var names []string
	for ; mask != 0; mask &= mask - 1 {
		names = append(names, d.attrs[bits.TrailingZeros32(mask)].name)
	}
	return names
}

func (d *definition) kidNames(mask uint32) []string {
	var names []string
	for ; mask != 0; mask &= mask - 1 {
		names = append(names, d.kids[bits.TrailingZeros32(mask)].name)
	}
	return names
}

// references reports the references to ids that do not exist.
func (x *explainer) references() {
	var known []string
	for _, r := range x.pending {
		if _, ok := x.ids[r.to]; ok || x.full {
			continue
		}
		if known == nil {
			for id := range x.ids {
				known = append(known, id)
			}
		}
		x.reportAt(r.path, "%s=%q: there is no element with this id%s", r.attr, clip(r.to), hint(r.to, known))
	}
}
