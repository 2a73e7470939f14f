package schema

import (
	"math/bits"
	"strings"

	"systole/lib/xmltree"
)

// form reports why no form of the element fits, by way of the form that comes
// closest.
func (x *explainer) form(e *xmltree.Element, d *definition, has *given) {
	forms := d.candidates(x.v, has)
	if len(forms) == 0 {
		x.report("%s does not exist in %s", e.Name, x.v)
		return
	}
	best := forms[0]
	for _, f := range forms[1:] {
		if f.distance(has) < best.distance(has) {
			best = f
		}
	}
	if best.fits(has) { // the exclusive groups have been reported already
		return
	}
	said := len(x.problems)
	x.formAttrs(e, d, best, has)
	x.formKids(e, d, best, has)
	if len(forms) > 1 && len(x.problems) == said+1 && !x.full {
		x.problems[said].Msg += "; expected " + d.describe(forms)
	}
}

// candidates returns the forms of the version that go with the value of the
// key attribute.
func (d *definition) candidates(v Version, has *given) []*form {
	var forms []*form
	for i := range d.forms {
		f := &d.forms[i]
		if f.in.Has(v) && (f.keys == 0 || has.keys == 0 || f.keys&has.keys != 0) {
			forms = append(forms, f)
		}
	}
	return forms
}

// distance counts what stands between the element and the form.
func (f *form) distance(has *given) int {
	n := bits.OnesCount32(f.need&^has.attrs) + bits.OnesCount32(has.attrs&^f.allow)
	n += bits.OnesCount32(f.kidNeed&^has.kids) + bits.OnesCount32(has.kids&^f.kidAllow)
	n += bits.OnesCount32(has.twice & f.kidOne)
	if f.some && has.kids == 0 {
		n++
	}
	return n
}

func (x *explainer) formAttrs(e *xmltree.Element, d *definition, f *form, has *given) {
	if missing := d.attrNames(f.need &^ has.attrs); len(missing) > 0 {
		x.report("%s has no %s", e.Name, conjunction(missing))
	}
	if extra := d.attrNames(has.attrs &^ f.allow); len(extra) > 0 {
		x.report("%s cannot have %s together with what else it has", e.Name, conjunction(extra))
	}
}

func (x *explainer) formKids(e *xmltree.Element, d *definition, f *form, has *given) {
	if missing := d.kidNames(f.kidNeed &^ has.kids); len(missing) > 0 {
		x.report("%s has no child element %s", e.Name, conjunction(missing))
	}
	if extra := d.kidNames(has.kids &^ f.kidAllow); len(extra) > 0 {
		x.report("%s cannot have child elements %s together with what else it has", e.Name, conjunction(extra))
	}
	if many := d.kidNames(has.twice & f.kidOne); len(many) > 0 {
		x.report("%s has more than one child element %s", e.Name, conjunction(many))
	}
	if f.some && has.kids == 0 {
		x.report("%s is empty; expected at least one of %s", e.Name, alternatives(d.kidNames(f.kidAllow)))
	}
	for i, wrong := range f.before {
		if late := d.kidNames(has.before[i] & wrong); len(late) > 0 {
			x.report("in %s, %s must come before %s", e.Name, d.kids[i].name, conjunction(late))
			return
		}
	}
}

// describe lists the forms by what each must have.
func (d *definition) describe(forms []*form) string {
	var all []string
	seen := map[string]bool{}
	for _, f := range forms {
		parts := d.attrNames(f.need)
		for _, k := range d.kidNames(f.kidNeed) {
			parts = append(parts, "a child "+k)
		}
		if text := conjunction(parts); text != "" && !seen[text] {
			seen[text] = true
			all = append(all, text)
		}
	}
	return strings.Join(all, ", or ")
}
