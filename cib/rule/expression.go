package rule

import (
	"strings"

	"systole/cib/value"
	"systole/lib/xmltree"
)

// comparison is the operation of an expression.
type comparison uint8

const (
	isDefined comparison = iota
	isNotDefined
	isEqual
	isNotEqual
	isLess
	isLessOrEqual
	isGreater
	isGreaterOrEqual
)

// comparisons are the names of the operations, in the order of the constants.
var comparisons = [...]string{"defined", "not_defined", "eq", "ne", "lt", "lte", "gt", "gte"}

// kind is how values are compared.
type kind uint8

const (
	asString kind = iota
	asInteger
	asNumber
	asVersion
	asLooks // number when one of them contains a point, else integer
)

// kinds are the names of the types, in the order of the constants.
var kinds = [...]string{"string", "integer", "number", "version"}

// source is where the value comes from that the attribute is compared with.
type source uint8

const (
	fromLiteral source = iota
	fromParam
	fromMeta
)

// sources are the names of the value sources, in the order of the constants.
var sources = [...]string{"literal", "param", "meta"}

// expression compares a node attribute with a value (01 §10.3).
type expression struct {
	xml       *xmltree.Element
	attribute string
	groups    bool // the attribute's name contains %0 to %9
	how       comparison
	as        kind
	from      source
	reference operand // the value, or for other sources its name
}

// operand is a text with what it is when read as a number, worked out once for
// values that stand in the rule.
type operand struct {
	text    string
	integer int64
	number  float64
	isInt   bool
	isNum   bool
	point   bool
}

func operandOf(text string, as kind) operand {
	o := operand{text: text}
	if as == asInteger || as == asLooks {
		o.integer, o.isInt = value.ParseInteger64(text)
	}
	if as == asNumber || as == asLooks {
		o.number, o.isNum = value.ParseNumber(text)
		o.point = strings.IndexByte(text, '.') >= 0
	}
	return o
}

// position returns the place of a name in a table, in any letter case.
func position(table []string, name string) (int, bool) {
	for i := range table {
		if value.EqualFold(table[i], name) {
			return i, true
		}
	}
	return 0, false
}

func compileExpression(e *xmltree.Element) (cond condition, uses Uses, wrong string) {
	x := &expression{xml: e}
	var ok bool
	if x.attribute, ok = e.Attr("attribute"); !ok {
		return nil, 0, "no attribute given"
	}
	op, _ := e.Attr("operation")
	i, ok := position(comparisons[:], op)
	if !ok {
		return nil, 0, "operation " + quote(op) + " is not one of " + strings.Join(comparisons[:], ", ")
	}
	x.how = comparison(i)
	uses = UsesNode
	if from, given := e.Attr("value-source"); given {
		if i, ok = position(sources[:], from); !ok {
			return nil, 0, "value-source " + quote(from) + " is not one of " + strings.Join(sources[:], ", ")
		}
		x.from = source(i)
		uses |= [...]Uses{0, UsesParams, UsesMeta}[i]
	}
	text, given := e.Attr("value")
	if given != (x.how >= isEqual) {
		return nil, 0, "operation " + op + " and value " + map[bool]string{true: "do not go together", false: "missing"}[given]
	}
	if typ, given := e.Attr("type"); !given && x.how >= isLess {
		x.as = asLooks
	} else if given {
		if i, ok = position(kinds[:], typ); !ok {
			return nil, 0, "type " + quote(typ) + " is not one of " + strings.Join(kinds[:], ", ")
		}
		x.as = kind(i)
	}
	x.reference = operandOf(text, x.as)
	if x.groups = hasGroups(x.attribute); x.groups {
		uses |= UsesMatches
	}
	return x, uses, ""
}

func (x *expression) element() *xmltree.Element { return x.xml }

func (x *expression) eval(in *Input) (pass bool, next int64) {
	name := x.attribute
	if x.groups && in.Matches != nil {
		name = ExpandGroups(name, in.Matches)
	}
	actual, defined := in.Node[name]
	if x.how <= isNotDefined {
		return defined == (x.how == isDefined), 0
	}
	reference, known := x.referenceFor(in)
	if !defined || !known {
		// Undefined is less than anything defined; two undefined are equal;
		// and no order is ever found between such.
		equal := defined == known
		return x.how == isEqual && equal || x.how == isNotEqual && !equal, 0
	}
	return x.how.holds(compare(actual, &reference, x.as)), 0
}

// referenceFor returns what the attribute is compared with.
func (x *expression) referenceFor(in *Input) (o operand, known bool) {
	lookup := in.Meta
	switch x.from {
	case fromLiteral:
		return x.reference, true
	case fromParam:
		lookup = in.Params
	}
	if lookup == nil {
		return operand{}, false
	}
	text, known := lookup(x.reference.text)
	return operandOf(text, x.as), known
}

// holds tells whether a comparison with this outcome passes.
func (c comparison) holds(order int) bool {
	switch c {
	case isEqual:
		return order == 0
	case isNotEqual:
		return order != 0
	case isLess:
		return order < 0
	case isLessOrEqual:
		return order <= 0
	case isGreater:
		return order > 0
	case isGreaterOrEqual:
		return order >= 0
	}
	return false
}

// compare compares two defined values. What is not valid for its type is
// compared as text.
func compare(actual string, reference *operand, as kind) int {
	if as == asLooks {
		as = asInteger
		if reference.point || strings.IndexByte(actual, '.') >= 0 {
			as = asNumber
		}
	}
	switch as {
	case asInteger:
		if n, ok := value.ParseInteger64(actual); ok && reference.isInt {
			return order(n, reference.integer)
		}
	case asNumber:
		if f, ok := value.ParseNumber(actual); ok && reference.isNum {
			return order(f, reference.number)
		}
	case asVersion:
		return value.CompareVersions(actual, reference.text)
	}
	return value.CompareFold(actual, reference.text)
}

// order compares two numbers. A number that is none equals everything, which
// is why cmp.Compare does not do.
func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
