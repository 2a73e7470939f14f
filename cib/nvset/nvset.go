// Package nvset evaluates sets of name/value pairs: which of several sets
// counts, and which pair in a set (docs/scheduler/01 §11).
package nvset

import (
	"cmp"
	"slices"
	"strings"

	"systole/cib/rule"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// bootstrapID names the set of cluster options that beats every score.
const bootstrapID = "cib-bootstrap-options"

// List is the sets of one kind below one element, in the order in which they
// are looked at.
type List struct {
	sets   []set
	onNode bool
}

type set struct {
	first bool // beats every score
	score value.Score
	rule  *rule.Rule
	pairs []pair
}

type pair struct {
	name, value string
	drop        bool // the value is #default
}

// Compile prepares the sets named kind that are children of the element,
// following references by the lookup.
func Compile(owner *xmltree.Element, kind string, find rule.Lookup) *List {
	l := &List{}
	for e := range owner.Elements(kind) {
		if ref, ok := e.Attr("id-ref"); ok {
			if e = find(kind, ref); e == nil {
				continue
			}
		}
		s := set{first: kind == "cluster_property_set" && e.ID() == bootstrapID}
		s.score, _ = value.ParseScore(e.Get("score"), value.HealthScores{})
		if r := e.Child("rule"); r != nil {
			s.rule = rule.Compile(r, find)
			l.onNode = l.onNode || s.rule.DependsOnNode()
		}
		s.pairs = compilePairs(e, find)
		l.sets = append(l.sets, s)
	}
	// Of equal scores the last in the document comes first.
	slices.Reverse(l.sets)
	slices.SortStableFunc(l.sets, func(a, b set) int {
		if a.first != b.first {
			if a.first {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.score, a.score)
	})
	return l
}

func compilePairs(e *xmltree.Element, find rule.Lookup) []pair {
	for c := range e.Elements() {
		if c.Name == "attributes" { // the form before 1.0
			e = c
		}
		break
	}
	var pairs []pair
	for nv := range e.Elements("nvpair") {
		if ref, ok := nv.Attr("id-ref"); ok {
			if nv = find("nvpair", ref); nv == nil {
				continue
			}
		}
		name, v := nv.Get("name"), nv.Get("value")
		if name == "" || !nv.Has("value") {
			continue
		}
		pairs = append(pairs, pair{name: name, value: v, drop: strings.EqualFold(v, "#default")})
	}
	return pairs
}

// DependsOnNode tells whether any rule looks at node attributes.
func (l *List) DependsOnNode() bool { return l.onNode }

// Eval adds the values to a table that may hold some already: what is there
// stays, but for "#default", which removes it whoever put it there (01 §11.1).
// next is the epoch second at which the answer may change by itself, 0 = never.
func (l *List) Eval(in *rule.Input, table map[string]string) (next int64) {
	for i := range l.sets {
		s := &l.sets[i]
		if s.rule != nil {
			ok, change := s.rule.Eval(in)
			if change != 0 && (next == 0 || change < next) {
				next = change
			}
			if !ok {
				continue
			}
		}
		for _, p := range s.pairs {
			if p.drop {
				delete(table, p.name)
			} else if _, ok := table[p.name]; !ok {
				table[p.name] = p.value
			}
		}
	}
	return next
}
