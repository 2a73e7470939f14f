package schema

// definition is what the tables say about an element, in the form the matcher
// uses. An element is valid in a version if each attribute's value is of its
// type there, at most one attribute of each exclusive group is given, and one
// of its forms fits what is given.
type definition struct {
	name  string // the key of the tables: an element name, or name/context
	attrs []attribute
	kids  []child
	forms []form

	exclusive []uint32 // groups of attributes of which at most one is given
	key       int      // the attribute that selects the form, or -1
	pairs     pairRules
	idAttr    int // of pairs: the attributes id, name and value
	nameAttr  int
	valueAttr int
	free      bool // anything goes, here and below
}

type attribute struct {
	name string
	typ  *datatype
}

type child struct {
	name string
	def  *definition
}

// form is one way to write an element.
type form struct {
	in Set
	masks
	before []uint32 // for each child: those that may not come before it; nil: any order
}

// masks have a bit for each entry of definition.attrs, definition.kids or the
// values of the key attribute.
type masks struct {
	need     uint32 // attributes that must be given
	allow    uint32 // attributes that may be given, need included
	keys     uint32 // values of the key attribute this form is for; 0: any
	kidNeed  uint32 // children of which there must be at least one
	kidAllow uint32 // children there may be, kidNeed included
	kidOne   uint32 // children of which there may be only one
	some     bool   // there must be at least one child
}

// pairRule says in which versions a name/value pair is rejected.
type pairRule struct {
	in     Set
	values []string // nil: whatever the value; else these and a missing one
	exact  bool     // with white space around the name the value does not matter
	hint   string   // what to do instead
}

// pairRules are keyed by the name of the pair.
type pairRules map[string]pairRule

// hasPair tells whether the element is a pair whose name can be rejected. That
// of a reference to a pair, which has another id, never is.
func (d *definition) hasPair(has *given) bool {
	return d.pairs != nil && has.attrs>>d.nameAttr&1 != 0 && has.attrs>>d.idAttr&1 != 0
}

// check returns the versions in which the pair is accepted.
func (p pairRules) check(name, value string, hasValue bool) Set {
	clean := collapse(name)
	rule, ok := p[clean]
	if !ok {
		return allVersions
	}
	if rule.values == nil || !hasValue || rule.exact && clean != name {
		return allVersions &^ rule.in
	}
	value = collapse(value)
	for _, v := range rule.values {
		if v == value {
			return allVersions &^ rule.in
		}
	}
	return allVersions
}

// attr returns the place of the attribute in the definition, or -1. Attributes
// mostly come in the order of the tables, so the search starts at hint.
func (d *definition) attr(name string, hint int) int {
	for i := hint; i < len(d.attrs); i++ {
		if d.attrs[i].name == name {
			return i
		}
	}
	for i := range min(hint, len(d.attrs)) {
		if d.attrs[i].name == name {
			return i
		}
	}
	return -1
}

func (d *definition) kid(name string, hint int) int {
	if hint < len(d.kids) && d.kids[hint].name == name {
		return hint
	}
	for i := range d.kids {
		if d.kids[i].name == name {
			return i
		}
	}
	return -1
}
