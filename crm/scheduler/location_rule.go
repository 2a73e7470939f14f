package scheduler

import (
	"systole/cib/rule"
	"systole/lib/xmltree"
)

// locationRule is the rule of a location, compiled once for all resources and
// nodes that it is evaluated for (04 §5.3).
type locationRule struct {
	xml       *xmltree.Element
	compiled  *rule.Rule
	role      Role
	attr      string // score-attribute
	score     Score
	fromAttr  bool
	malformed bool
}

// locateByRule makes a location whose nodes are those that the rule matches.
// The role and score of a set are ignored here (T23).
func (s *State) locateByRule(in *locationInput, r *Resource, match []string) {
	if in.rule == nil {
		in.rule = s.compileLocationRule(in.xml)
	}
	lr := in.rule
	if lr.malformed {
		return
	}
	attr := lr.attr
	if len(match) > 0 {
		attr = rule.ExpandGroups(attr, match)
	}
	l := s.newLocation(lr.xml.ID(), r, in.xml, in.cause)
	l.Role = lr.role
	input := rule.Input{
		Now: s.Now, RealNow: s.opt.RealNow, LocalOffset: s.opt.LocalOffset,
		Meta: r.Meta.Get, Matches: match,
	}
	for _, n := range s.Nodes {
		if !s.ruleMatches(lr.compiled, &input, r, n) {
			continue
		}
		score := lr.score
		if lr.fromAttr {
			var ok bool
			if score, ok = s.nodeScore(r, n, attr); !ok {
				continue
			}
		}
		l.Nodes = append(l.Nodes, LocationNode{n, score})
	}
}

// ruleMatches evaluates a rule for a resource on a node, and notes when the
// answer will change by itself. All knowledge of how rules are evaluated for
// locations is in here.
func (s *State) ruleMatches(compiled *rule.Rule, input *rule.Input, r *Resource, n *Node) bool {
	input.Node = n.Attrs
	input.Params = func(name string) (string, bool) { return s.paramsFor(r, n).Get(name) }
	pass, next := compiled.Eval(input)
	if next != 0 {
		s.updateRecheck(next)
	}
	return pass
}

// nodeScore reads a score from a node attribute; for a guest node whose
// resource asks for it, from the container's current host. ok is false when
// the node is to be skipped.
func (s *State) nodeScore(r *Resource, n *Node, attr string) (score Score, ok bool) {
	text, _ := s.attrFor(r, n, attr, false)
	if text == "" {
		return 0, false
	}
	return s.parseScore(text)
}

// compileLocationRule prepares the first rule of a location.
func (s *State) compileLocationRule(e *xmltree.Element) *locationRule {
	bad := &locationRule{malformed: true}
	x := e.Child("rule")
	if x == nil {
		s.configError(e, "ignoring location %q because it has neither node and score nor a rule", e.ID())
		return bad
	}
	if x = s.resolveRef(x); x == nil {
		return bad
	}
	if !x.Has("id") {
		s.configError(x, "ignoring location %q because its rule has no id", e.ID())
		return bad
	}
	lr := &locationRule{xml: x}
	text, given := x.Attr("role")
	var ok bool
	if lr.role, ok = locationRole(text, given); !ok {
		s.configError(x, "ignoring location %q because rule %q has role %q, which is none", e.ID(), x.ID(), text)
		return bad
	}
	if op, given := x.Attr("boolean-op"); given && !equalFold(op, "and") && !equalFold(op, "or") {
		s.configError(x, "ignoring location %q because rule %q has boolean-op %q instead of and, or", e.ID(), x.ID(), op)
		return bad
	}
	if lr.attr, lr.fromAttr = x.Attr("score-attribute"); !lr.fromAttr {
		text, given := x.Attr("score")
		if lr.score, ok = s.parseScore(text); !given || !ok {
			s.configError(x, "ignoring location %q because rule %q has neither score-attribute nor a valid score", e.ID(), x.ID())
			return bad
		}
	}
	lr.compiled = rule.Compile(x, func(name, id string) *xmltree.Element {
		return s.resolveRef(xmltree.New(name, "id-ref", id))
	})
	for _, p := range lr.compiled.Problems() {
		s.configError(p.XML, "rule %q of location %q never matches by this part: %s", x.ID(), e.ID(), p.Text)
	}
	return lr
}
