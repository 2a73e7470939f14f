package rule

import (
	"fmt"

	"systole/cib/value"
	"systole/lib/xmltree"
)

// Lookup finds the element with that name and id, and nothing when there is not
// exactly one. (*xmltree.Index).Find is one; which document it looks in is up
// to the caller (01 §11.3).
type Lookup func(name, id string) *xmltree.Element

// Limits of a rule with everything that it refers to. Pacemaker has none, and
// ends in a loop of references with a stack overflow; a dozen rules that refer
// to each other twice are enough to keep it busy for hours.
const (
	maxDepth      = 64
	maxConditions = 10000
)

// Compile prepares a rule element. It never fails: what makes no sense becomes
// something that never passes, and is listed by Problems.
func Compile(e *xmltree.Element, find Lookup) *Rule {
	c := compiler{find: find}
	r := c.rule(e)
	r.problems = c.problems
	return r
}

type compiler struct {
	find     Lookup
	open     []*xmltree.Element // rules being compiled, outermost first
	count    int
	problems []Problem
}

// problem notes what is wrong with an element.
func (c *compiler) problem(e *xmltree.Element, format string, args ...any) {
	const enough = 100
	if len(c.problems) < enough {
		c.problems = append(c.problems, Problem{XML: e, Text: fmt.Sprintf(format, args...)})
	}
}

func (c *compiler) rule(e *xmltree.Element) *Rule {
	if ref, ok := e.Attr("id-ref"); ok {
		target := c.lookup(ref)
		if target == nil {
			c.problem(e, "id-ref %s: there is no rule with this id here, or more than one", quote(ref))
			return &Rule{XML: e, never: true}
		}
		e = target
	}
	r := &Rule{XML: e}
	if r.never = !c.enter(e, r); r.never {
		return r
	}
	for child := range e.Elements() {
		cond, uses := c.condition(child)
		r.conds = append(r.conds, cond)
		r.uses |= uses
	}
	c.open = c.open[:len(c.open)-1]
	return r
}

func (c *compiler) lookup(id string) *xmltree.Element {
	if c.find == nil {
		return nil
	}
	return c.find("rule", id)
}

// enter checks the rule element itself and opens it.
func (c *compiler) enter(e *xmltree.Element, r *Rule) bool {
	if e.ID() == "" {
		c.problem(e, "rule without id; give it one")
		return false
	}
	switch op, given := e.Attr("boolean-op"); {
	case value.EqualFold(op, "or"):
		r.or = true
	case given && !value.EqualFold(op, "and"):
		c.problem(e, "rule %s: boolean-op %s is not and or or", quote(e.ID()), quote(op))
		return false
	}
	for _, outer := range c.open {
		if outer == e {
			c.problem(e, "rule %s contains itself by way of id-ref", quote(e.ID()))
			return false
		}
	}
	if len(c.open) >= maxDepth {
		c.problem(e, "rule %s is nested more than %d deep", quote(e.ID()), maxDepth)
		return false
	}
	c.open = append(c.open, e)
	return true
}

// condition compiles a child of a rule.
func (c *compiler) condition(e *xmltree.Element) (condition, Uses) {
	if c.count++; c.count > maxConditions {
		if c.count == maxConditions+1 {
			c.problem(e, "more than %d conditions in one rule, those of id-ref included; from here on none passes", maxConditions)
		}
		return never{e}, 0
	}
	switch e.Name {
	case "rule":
		r := c.rule(e)
		return r, r.uses
	case "expression", "date_expression", "rsc_expression", "op_expression":
	default:
		c.problem(e, "%s is not a condition of a rule", e.Name)
		return never{e}, 0
	}
	if e.ID() == "" {
		c.problem(e, "%s without id; give it one", e.Name)
		return never{e}, 0
	}
	var cond condition
	var uses Uses
	var wrong string
	switch e.Name {
	case "expression":
		cond, uses, wrong = compileExpression(e)
	case "date_expression":
		cond, wrong = compileDate(e)
		uses = UsesTime
	case "rsc_expression":
		cond, uses = compileResource(e), UsesResource
	case "op_expression":
		cond, wrong = compileOperation(e)
		uses = UsesOperation
	}
	if wrong != "" {
		c.problem(e, "%s %s: %s", e.Name, quote(e.ID()), wrong)
		return never{e}, 0
	}
	return cond, uses
}

// never is a condition that makes no sense.
type never struct{ xml *xmltree.Element }

func (never) eval(*Input) (bool, int64)   { return false, 0 }
func (n never) element() *xmltree.Element { return n.xml }

// quote shows a text from the document, which may be of any length.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "…"
	}
	return fmt.Sprintf("%q", text)
}
