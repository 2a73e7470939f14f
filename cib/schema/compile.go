package schema

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// table is an element as the tables write it.
//
// Types lists "attribute:type" for the attributes that are not free text. A
// form lists attributes and children. After a name may stand ? (may be
// missing), for children also * (any number) and + (one or more), and then the
// versions: @2.6- (since), @-3.10 (until), @3.0-3.10. An attribute of an
// enumerated type may be bound to values: class=ocf, class=lsb|service. A child
// whose definition is not named like the element is written element=definition.
// Commas between children prescribe their order; without them they may come in
// any.
type table struct {
	name      string
	types     string
	forms     []tableForm
	exclusive []string
	pairs     pairRules
	free      bool
}

type tableForm struct {
	in    string // versions as after @; empty: all
	attrs string
	kids  string
	some  bool // at least one child, of whatever kind
}

// compile turns the tables into definitions and returns that of the root.
func compile(types []datatype, tables []table, root string) (*definition, error) {
	c := compiler{types: map[string]*datatype{}, defs: map[string]*definition{}}
	for i := range types {
		c.types[types[i].name] = &types[i]
	}
	for _, t := range tables {
		if c.defs[t.name] != nil {
			return nil, fmt.Errorf("grammar: element %q is in the tables twice", t.name)
		}
		c.defs[t.name] = &definition{name: t.name}
	}
	for _, t := range tables {
		if err := c.element(t); err != nil {
			return nil, fmt.Errorf("grammar: element %q: %w", t.name, err)
		}
	}
	if c.defs[root] == nil {
		return nil, fmt.Errorf("grammar: no element %q", root)
	}
	return c.defs[root], nil
}

type compiler struct {
	types map[string]*datatype
	defs  map[string]*definition
}

func (c *compiler) element(t table) error {
	d := c.defs[t.name]
	d.key = -1
	d.pairs, d.free = t.pairs, t.free
	typeOf := map[string]*datatype{}
	for _, word := range strings.Fields(t.types) {
		name, typ, _ := strings.Cut(word, ":")
		if typeOf[name] = c.types[typ]; typeOf[name] == nil {
			return fmt.Errorf("attribute %q: no type %q", name, typ)
		}
	}
	for _, f := range t.forms {
		if err := c.form(d, typeOf, f); err != nil {
			return err
		}
	}
	for _, group := range t.exclusive {
		mask := uint32(0)
		for _, name := range strings.Fields(group) {
			i := d.attr(name, 0)
			if i < 0 {
				return fmt.Errorf("no attribute %q to exclude", name)
			}
			mask |= 1 << i
		}
		d.exclusive = append(d.exclusive, mask)
	}
	if d.pairs != nil {
		d.idAttr, d.nameAttr, d.valueAttr = d.attr("id", 0), d.attr("name", 0), d.attr("value", 0)
	}
	if len(d.attrs) > 32 || len(d.kids) > 32 {
		return fmt.Errorf("%d attributes and %d children do not fit in masks", len(d.attrs), len(d.kids))
	}
	return nil
}

// item is one word of a form.
type item struct {
	name   string
	target string // after =: the definition of a child, the values of an attribute
	card   byte   // '?', '*', '+' or 0
	in     Set
	group  int // how many commas stand before it
}

// form adds a form for each range of versions in which it is the same.
func (c *compiler) form(d *definition, typeOf map[string]*datatype, t tableForm) error {
	in, err := parseSpan(t.in)
	if err != nil {
		return err
	}
	attrs, err := parseItems(t.attrs)
	if err != nil {
		return err
	}
	kids, err := parseItems(t.kids)
	if err != nil {
		return err
	}
	for _, a := range attrs {
		if d.attr(a.name, 0) < 0 {
			typ := typeOf[a.name]
			if typ == nil {
				typ = c.types["text"]
			}
			d.attrs = append(d.attrs, attribute{a.name, typ})
		}
	}
	for _, k := range kids {
		def := c.defs[k.target]
		if def == nil {
			return fmt.Errorf("child %q: no element %q in the tables", k.name, k.target)
		}
		if i := d.kid(k.name, 0); i < 0 {
			d.kids = append(d.kids, child{k.name, def})
		} else if d.kids[i].def != def {
			return fmt.Errorf("child %q has two definitions; make it one with forms", k.name)
		}
	}
	for v := Oldest; v <= Latest; v++ {
		if !in.Has(v) {
			continue
		}
		f, err := d.formFor(v, attrs, kids)
		if err != nil {
			return err
		}
		f.some = t.some
		d.addForm(f)
	}
	return nil
}

// addForm adds a form, or its version to an equal form already there.
func (d *definition) addForm(f form) {
	for i := range d.forms {
		if g := &d.forms[i]; g.masks == f.masks && slices.Equal(g.before, f.before) {
			g.in |= f.in
			return
		}
	}
	d.forms = append(d.forms, f)
}

func (d *definition) formFor(v Version, attrs, kids []item) (form, error) {
	f := form{in: v.set()}
	for _, a := range attrs {
		if !a.in.Has(v) {
			continue
		}
		i := d.attr(a.name, 0)
		f.allow |= 1 << i
		if a.card == 0 {
			f.need |= 1 << i
		}
		if a.target == a.name {
			continue
		}
		d.key = i
		for _, value := range strings.Split(a.target, "|") {
			in, place := d.attrs[i].typ.checkEnum(value)
			if in == 0 {
				return f, fmt.Errorf("attribute %q has no value %q", a.name, value)
			}
			f.keys |= 1 << place
		}
	}
	groups := [32]int{}
	for _, k := range kids {
		if !k.in.Has(v) {
			continue
		}
		i := d.kid(k.name, 0)
		groups[i] = k.group
		f.kidAllow |= 1 << i
		if k.card == 0 || k.card == '+' {
			f.kidNeed |= 1 << i
		}
		if k.card == 0 || k.card == '?' {
			f.kidOne |= 1 << i
		}
	}
	if len(kids) > 0 && kids[len(kids)-1].group > 0 {
		f.order(groups)
	}
	return f, nil
}

// order fills in which children may not come before which.
func (f *form) order(groups [32]int) {
	f.before = make([]uint32, bits.Len32(f.kidAllow))
	for i := range f.before {
		for j := range f.before {
			if f.kidAllow>>i&1 != 0 && f.kidAllow>>j&1 != 0 && groups[j] > groups[i] {
				f.before[i] |= 1 << j
			}
		}
	}
}

func parseItems(text string) ([]item, error) {
	var items []item
	group := 0
	for _, word := range strings.Fields(strings.ReplaceAll(text, ",", " , ")) {
		if word == "," {
			group++
			continue
		}
		name, versions, _ := strings.Cut(word, "@")
		in, err := parseSpan(versions)
		if err != nil {
			return nil, err
		}
		it := item{in: in, group: group}
		if n := len(name) - 1; strings.IndexByte("?*+", name[n]) >= 0 {
			name, it.card = name[:n], name[n]
		}
		it.name, it.target, _ = strings.Cut(name, "=")
		if it.target == "" {
			it.target = it.name
		}
		items = append(items, it)
	}
	return items, nil
}

// parseSpan reads "", "2.0-", "-3.10", "1.0-2.8" or "4.0".
func parseSpan(text string) (Set, error) {
	if text == "" {
		return allVersions, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	first, last := Oldest, Latest
	ok := true
	if from != "" {
		first, ok = versionOf(from)
	}
	if to != "" && ok {
		last, ok = versionOf(to)
	}
	if !isRange {
		last = first
	}
	if !ok {
		return 0, fmt.Errorf("versions %q: expected something like 2.6-, -3.10, 3.0-3.10 or 4.0", text)
	}
	return span(first, last), nil
}
