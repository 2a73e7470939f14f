package nvset

import (
	"cmp"
	"slices"

	"systole/cib/rule"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// bootstrapID is the id of the set of cluster options that comes before all
// others, whatever its score (01 §11.1.2).
const bootstrapID = "cib-bootstrap-options"

// Options say where references lead and what scores mean.
type Options struct {
	// Find finds sets and rules by id-ref. For a resource Pacemaker looks only
	// within that resource (01 §11.3).
	Find rule.Lookup
	// FindPair finds pairs by id-ref, always in the whole document; nil: Find.
	FindPair rule.Lookup
	// Health is what red, yellow and green are worth in the score of a set.
	Health value.HealthScores
}

// List is the sets of one kind below one element, best first. It is never
// changed, so it may be evaluated by several goroutines.
type List struct {
	sets []set
	uses rule.Uses
	size int // pairs in all sets
}

type set struct {
	xml   *xmltree.Element
	first bool // comes before all others
	score value.Score
	rule  *rule.Rule // nil: none
	pairs []pair
}

// pair is an nvpair, or the one it refers to.
type pair struct {
	xml         *xmltree.Element
	name, value string
	unset       bool // the value is #default
}

// Compile prepares the sets of one kind that are children of owner, which may
// be nil. References are followed with find.
func Compile(owner *xmltree.Element, kind string, find rule.Lookup) *List {
	return CompileWith(owner, kind, Options{Find: find})
}

// CompileWith is Compile with everything that can be said about references
// and scores.
func CompileWith(owner *xmltree.Element, kind string, opt Options) *List {
	if opt.FindPair == nil {
		opt.FindPair = opt.Find
	}
	l := &List{}
	for e := range owner.Elements(kind) {
		if e = resolve(e, opt.Find); e == nil {
			continue
		}
		s := set{xml: e, first: kind == "cluster_property_set" && e.ID() == bootstrapID}
		s.score, _ = value.ParseScore(e.Get("score"), opt.Health)
		if r := e.Child("rule"); r != nil {
			s.rule = rule.Compile(r, opt.Find)
			l.uses |= s.rule.Uses()
		}
		s.pairs = pairs(e, opt.FindPair)
		l.size += len(s.pairs)
		l.sets = append(l.sets, s)
	}
	// Of equals the last in the document comes first.
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

// resolve returns the element that e refers to, e itself when it refers to
// none, nil when the reference leads nowhere. References are not followed any
// further.
func resolve(e *xmltree.Element, find rule.Lookup) *xmltree.Element {
	ref, ok := e.Attr("id-ref")
	if !ok {
		return e
	}
	if find == nil {
		return nil
	}
	return find(e.Name, ref)
}

// pairs returns the pairs of a set that have a name and a value.
func pairs(e *xmltree.Element, find rule.Lookup) []pair {
	if len(e.Children) > 0 && e.Children[0].Kind == xmltree.KindElement && e.Children[0].Name == "attributes" {
		e = e.Children[0] // the form of long ago
	}
	var list []pair
	for nvpair := range e.Elements("nvpair") {
		if nvpair = resolve(nvpair, find); nvpair == nil {
			continue
		}
		name, named := nvpair.Attr("name")
		text, valued := nvpair.Attr("value")
		if named && valued {
			list = append(list, pair{nvpair, name, text, value.EqualFold(text, "#default")})
		}
	}
	return list
}
