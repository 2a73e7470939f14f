package rule

import (
	"systole/lib/xmltree"
)

// Rule is a compiled rule. It is never changed, so it may be evaluated by
// several goroutines.
type Rule struct {
	// XML is the rule element that is evaluated: where there is an id-ref the
	// one referred to, unless that leads nowhere.
	XML *xmltree.Element

	never    bool // makes no sense, never passes
	or       bool
	conds    []condition
	uses     Uses
	problems []Problem // of the outermost rule only
}

// condition is a part of a rule: a nested rule or an expression. next is the
// epoch second at which the answer changes by itself, 0 when it does not or
// when that is not known (01 §10.6).
type condition interface {
	eval(in *Input) (pass bool, next int64)
	element() *xmltree.Element
}

// Uses tells what the answer of a rule may depend on.
type Uses uint8

const (
	UsesNode      Uses = 1 << iota // node attributes
	UsesParams                     // the resource's instance attributes
	UsesMeta                       // the resource's meta-attributes
	UsesMatches                    // groups of an rsc-pattern match
	UsesResource                   // class, provider and type
	UsesOperation                  // name and interval of the operation
	UsesTime                       // now
)

// Problem is something that a rule gets wrong: the element does not pass,
// whatever the input.
type Problem struct {
	XML  *xmltree.Element
	Text string
}

// Uses tells what the answer depends on.
func (r *Rule) Uses() Uses { return r.uses }

// DependsOnNode tells whether the answer may differ between nodes.
func (r *Rule) DependsOnNode() bool { return r.uses&(UsesNode|UsesParams) != 0 }

// Valid tells whether the rule itself makes sense; its conditions may still
// not.
func (r *Rule) Valid() bool { return !r.never }

// Problems lists what the rule and everything in it get wrong, in document
// order.
func (r *Rule) Problems() []Problem { return r.problems }

// Eval tells whether the rule passes, and when the answer may change by itself:
// the earliest change, in epoch seconds, of the date expressions that were
// looked at, 0 when none is known (01 §10.6). Conditions are looked at in
// document order until one decides; a rule without conditions passes.
func (r *Rule) Eval(in *Input) (pass bool, next int64) { return r.eval(in) }

func (r *Rule) eval(in *Input) (pass bool, next int64) {
	pass, next, _ = r.decide(in)
	return pass, next
}

func (r *Rule) element() *xmltree.Element { return r.XML }

func (r *Rule) decide(in *Input) (pass bool, next int64, by condition) {
	if r.never {
		return false, 0, nil
	}
	for _, c := range r.conds {
		passed, change := c.eval(in)
		next = Earlier(next, change)
		if passed == r.or {
			return passed, next, c
		}
	}
	return !r.or || len(r.conds) == 0, next, nil
}

// Result is an evaluation with its reason.
type Result struct {
	Pass bool
	Next int64 // as Eval returns it
	// By is the condition that decided: of nested rules the innermost, or a
	// rule itself when it took all of its conditions, or none, to decide.
	By *xmltree.Element
}

// Decide is Eval for those who want to know why.
func (r *Rule) Decide(in *Input) Result {
	pass, next, by := r.decide(in)
	result := Result{Pass: pass, Next: next, By: r.XML}
	for by != nil {
		result.By = by.element()
		nested, ok := by.(*Rule)
		if !ok {
			break
		}
		_, _, by = nested.decide(in)
	}
	return result
}

// Earlier returns the earlier of two changes, in epoch seconds, where 0 is
// none.
func Earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
