package rule

import (
	"strconv"
	"strings"

	"systole/cib/value"
	"systole/lib/xmltree"
)

type operator uint8

const (
	opDefined operator = iota
	opNotDefined
	opEq
	opNe
	opLt
	opLte
	opGt
	opGte
)

type valueType uint8

const (
	typeDefault valueType = iota
	typeString
	typeInteger
	typeNumber
	typeVersion
)

type source uint8

const (
	fromLiteral source = iota
	fromParam
	fromMeta
)

// expression compares a node attribute (01 §10.3).
type expression struct {
	attribute string
	groups    bool // the name holds %0…%9
	op        operator
	value     string
	hasValue  bool
	from      source
	kind      valueType
}

func compileExpression(e *xmltree.Element) part {
	x := &expression{attribute: e.Get("attribute"), value: e.Get("value"), hasValue: e.Has("value")}
	x.groups = strings.Contains(x.attribute, "%")
	var ok bool
	if x.op, ok = parseOperator(e.Get("operation")); !ok || x.attribute == "" {
		return never{}
	}
	if x.hasValue != (x.op >= opEq) {
		return never{}
	}
	if x.from, ok = parseSource(e.Get("value-source")); !ok {
		return never{}
	}
	if x.kind, ok = parseType(e.Get("type")); !ok {
		return never{}
	}
	return x
}

func parseOperator(text string) (operator, bool) {
	switch strings.ToLower(text) {
	case "defined":
		return opDefined, true
	case "not_defined":
		return opNotDefined, true
	case "eq":
		return opEq, true
	case "ne":
		return opNe, true
	case "lt":
		return opLt, true
	case "lte":
		return opLte, true
	case "gt":
		return opGt, true
	case "gte":
		return opGte, true
	}
	return 0, false
}

func parseSource(text string) (source, bool) {
	switch strings.ToLower(text) {
	case "", "literal":
		return fromLiteral, true
	case "param":
		return fromParam, true
	case "meta":
		return fromMeta, true
	}
	return 0, false
}

func parseType(text string) (valueType, bool) {
	switch strings.ToLower(text) {
	case "":
		return typeDefault, true
	case "string":
		return typeString, true
	case "integer":
		return typeInteger, true
	case "number":
		return typeNumber, true
	case "version":
		return typeVersion, true
	}
	return 0, false
}

func (x *expression) eval(in *Input) (bool, int64) {
	name := x.attribute
	if x.groups && in.Matches != nil {
		name = ExpandGroups(name, in.Matches)
	}
	actual, has := in.Node[name]
	switch x.op {
	case opDefined:
		return has, 0
	case opNotDefined:
		return !has, 0
	}
	want, wanted := x.reference(in)
	c := x.compare(actual, has, want, wanted)
	switch x.op {
	case opEq:
		return c == 0, 0
	case opNe:
		return c != 0, 0
	}
	if !has || !wanted {
		return false, 0
	}
	switch x.op {
	case opLt:
		return c < 0, 0
	case opLte:
		return c <= 0, 0
	case opGt:
		return c > 0, 0
	}
	return c >= 0, 0
}

func (x *expression) reference(in *Input) (string, bool) {
	var lookup func(string) (string, bool)
	switch x.from {
	case fromLiteral:
		return x.value, true
	case fromParam:
		lookup = in.Params
	case fromMeta:
		lookup = in.Meta
	}
	if lookup == nil {
		return "", false
	}
	return lookup(x.value)
}

func (x *expression) compare(a string, hasA bool, b string, hasB bool) int {
	switch {
	case !hasA && !hasB:
		return 0
	case !hasA:
		return -1
	case !hasB:
		return 1
	}
	switch x.typeFor(a, b) {
	case typeInteger:
		na, oka := value.ParseInteger64(a)
		nb, okb := value.ParseInteger64(b)
		if oka && okb {
			return order(na, nb)
		}
	case typeNumber:
		na, oka := value.ParseNumber(a)
		nb, okb := value.ParseNumber(b)
		if oka && okb {
			return order(na, nb)
		}
	case typeVersion:
		return value.CompareVersions(a, b)
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func (x *expression) typeFor(a, b string) valueType {
	if x.kind != typeDefault {
		return x.kind
	}
	if x.op == opEq || x.op == opNe {
		return typeString
	}
	if strings.Contains(a, ".") || strings.Contains(b, ".") {
		return typeNumber
	}
	return typeInteger
}

func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ExpandGroups replaces %0…%9 by the groups of a regular expression match;
// missing groups are removed (01 §10.3.1).
func ExpandGroups(text string, groups []string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
			if g, _ := strconv.Atoi(text[i+1 : i+2]); g < len(groups) {
				out.WriteString(groups[g])
			}
			i++
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
