package nvset

import (
	"systole/cib/rule"
	"systole/lib/xmltree"
)

// Uses tells what the values may depend on; 0 when they are always the same.
func (l *List) Uses() rule.Uses {
	if l == nil {
		return 0
	}
	return l.uses
}

// DependsOnNode tells whether the values may differ between nodes.
func (l *List) DependsOnNode() bool {
	return l.Uses()&(rule.UsesNode|rule.UsesParams) != 0
}

// Empty tells whether there are no pairs, so that evaluating gives nothing. The
// rules may still report a change.
func (l *List) Empty() bool { return l == nil || l.size == 0 }

// Problems lists what the rules of the sets get wrong.
func (l *List) Problems() []rule.Problem {
	if l == nil {
		return nil
	}
	var all []rule.Problem
	for i := range l.sets {
		if r := l.sets[i].rule; r != nil {
			all = append(all, r.Problems()...)
		}
	}
	return all
}

// target is what values are put into.
type target interface {
	// add gives the name a value unless it has one.
	add(p *pair, from *set)
	// drop takes the name out.
	drop(name string)
}

func (l *List) eval(in *rule.Input, t target) (next int64) {
	if l == nil {
		return 0
	}
	for i := range l.sets {
		s := &l.sets[i]
		if s.rule != nil {
			pass, change := s.rule.Eval(in)
			next = rule.Earlier(next, change)
			if !pass {
				continue
			}
		}
		for j := range s.pairs {
			if p := &s.pairs[j]; p.unset {
				t.drop(p.name)
			} else {
				t.add(p, s)
			}
		}
	}
	return next
}

// Eval adds the values to a table that may hold some already. What is there
// stays, except that the value #default takes a name out, whoever put it there;
// a later pair may then give it a value again (01 §11.1). It returns when the
// answer may change by itself, in epoch seconds, 0 when that is not known.
func (l *List) Eval(in *rule.Input, table map[string]string) (next int64) {
	return l.eval(in, mapTarget(table))
}

// EvalTable is Eval for a table that remembers order and causes.
func (l *List) EvalTable(in *rule.Input, t *Table) (next int64) {
	return l.eval(in, t)
}

type mapTarget map[string]string

func (m mapTarget) add(p *pair, _ *set) {
	if _, ok := m[p.name]; !ok {
		m[p.name] = p.value
	}
}

func (m mapTarget) drop(name string) { delete(m, name) }

// Pair is a value with its cause.
type Pair struct {
	Name, Value string
	// From is the element that gave the value: an nvpair, or whatever the
	// caller said; Set is the set that the nvpair counted in, which is not its
	// parent when it was referred to.
	From, Set *xmltree.Element

	gone bool // a gap in a Table
}

// ID returns the id of the element that gave the value.
func (p *Pair) ID() string { return p.From.ID() }
