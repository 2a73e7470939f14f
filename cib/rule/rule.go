package rule

import (
	"strings"

	"systole/cib/isotime"
	"systole/lib/xmltree"
)

// Input is what a rule may look at (01 §10.2). What does not apply stays zero.
type Input struct {
	Now         int64 // epoch seconds
	LocalOffset int   // seconds east of UTC
	RealNow     int64 // epoch seconds; for times without a date

	Node    map[string]string                // node attributes; nil: every one is undefined
	Params  func(name string) (string, bool) // instance attributes of the resource
	Meta    func(name string) (string, bool) // its meta-attributes
	Matches []string                         // groups of an rsc-pattern match, [0] the whole match

	HasResource           bool
	Class, Provider, Type string
	HasOperation          bool
	Operation             string
	IntervalMs            uint32
}

// Rule is a compiled rule.
type Rule struct {
	XML     *xmltree.Element
	invalid bool
	or      bool
	parts   []part
	onNode  bool
}

// part is a condition of a rule. next is the epoch second at which the answer
// changes by itself, 0 when it does not.
type part interface {
	eval(in *Input) (ok bool, next int64)
}

// Lookup finds an element by name and id, nil when there is not exactly one.
type Lookup func(name, id string) *xmltree.Element

// maxDepth limits how deep rules may be nested, references included.
const maxDepth = 64

// Compile prepares a rule element, following id-ref by the lookup. A rule that
// makes no sense compiles to one that never passes, as in Pacemaker.
func Compile(e *xmltree.Element, find Lookup) *Rule { return compile(e, find, 0) }

func compile(e *xmltree.Element, find Lookup, depth int) *Rule {
	if ref, ok := e.Attr("id-ref"); ok {
		if e = find("rule", ref); e == nil {
			return &Rule{invalid: true}
		}
	}
	r := &Rule{XML: e}
	op := e.Get("boolean-op")
	r.or = strings.EqualFold(op, "or")
	if depth > maxDepth || !e.Has("id") || (op != "" && !r.or && !strings.EqualFold(op, "and")) {
		r.invalid = true
		return r
	}
	for c := range e.Elements() {
		p, onNode := compilePart(c, find, depth)
		r.parts = append(r.parts, p)
		r.onNode = r.onNode || onNode
	}
	return r
}

func compilePart(c *xmltree.Element, find Lookup, depth int) (p part, onNode bool) {
	switch c.Name {
	case "rule":
		nested := compile(c, find, depth+1)
		return nested, nested.onNode
	case "expression":
		return compileExpression(c), true
	case "date_expression":
		return compileDate(c), false
	case "rsc_expression":
		return &rscExpression{class: attrOf(c, "class"), provider: attrOf(c, "provider"), kind: attrOf(c, "type")}, false
	case "op_expression":
		return compileOperation(c), false
	}
	return never{}, false
}

// Valid tells whether the rule makes sense at all.
func (r *Rule) Valid() bool { return !r.invalid }

// DependsOnNode tells whether the answer may differ between nodes.
func (r *Rule) DependsOnNode() bool { return r.onNode }

// Eval tells whether the rule passes, and when the answer may change by itself
// (epoch seconds, 0 = never): the earliest change of the conditions that were
// looked at (01 §10.6).
func (r *Rule) Eval(in *Input) (ok bool, next int64) { return r.eval(in) }

func (r *Rule) eval(in *Input) (ok bool, next int64) {
	if r.invalid {
		return false, 0
	}
	for _, p := range r.parts {
		pass, change := p.eval(in)
		next = earlier(next, change)
		if pass == r.or {
			return pass, next
		}
	}
	return !r.or || len(r.parts) == 0, next
}

func earlier(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// never is a condition that cannot be read.
type never struct{}

func (never) eval(*Input) (bool, int64) { return false, 0 }

func attrOf(e *xmltree.Element, name string) *string {
	if v, ok := e.Attr(name); ok {
		return &v
	}
	return nil
}

// rscExpression compares class, provider and type (01 §10.7).
type rscExpression struct{ class, provider, kind *string }

func (x *rscExpression) eval(in *Input) (bool, int64) {
	same := func(want *string, have string) bool { return want == nil || (in.HasResource && *want == have) }
	return in.HasResource && same(x.class, in.Class) && same(x.provider, in.Provider) && same(x.kind, in.Type), 0
}

func nowOf(in *Input) isotime.Time { return isotime.FromEpoch(in.Now, 0) }
