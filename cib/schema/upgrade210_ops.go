package schema

import (
	"fmt"

	"systole/lib/xmltree"
)

func (r *resource210) operations(e *xmltree.Element) *xmltree.Element {
	n := withAttrs(e)
	for _, c := range e.Children {
		if c.Name == "op" {
			n.Append(r.op(c))
		} else {
			r.child(n, c)
		}
	}
	return n
}

// op processes an operation: meta-attributes that stood among its instance
// attributes move to its meta-attributes.
func (r *resource210) op(op *xmltree.Element) *xmltree.Element {
	r.tellOp(op)
	n := withAttrs(op)
	n.Del("requires")
	var moved, ruled []*xmltree.Element // comments and pairs; new sets
	later := paramNames(op)
	for set := range op.Elements("instance_attributes") {
		pairs := r.movedPairs(op, set, later)
		if !hasRule(set) {
			moved = append(moved, pairs...)
		} else if len(pairs) > 0 {
			meta := r.metaLike(set)
			adopt(meta, append(meta.Children, pairs...))
			ruled = append(ruled, meta)
		}
	}
	for _, c := range op.Children {
		switch c.Name {
		case "instance_attributes":
			appendIf(n, r.remaining(c, opParams210, op, nil))
		case "meta_attributes":
			var more []*xmltree.Element
			if !hasRule(c) {
				more, moved = moved, nil
			}
			appendIf(n, r.remaining(c, op210, op, more))
		default:
			r.child(n, c)
		}
	}
	if len(moved) > 0 {
		meta := n.Add("meta_attributes", "id", made210+op.ID()+"-meta")
		adopt(meta, moved)
	}
	for _, meta := range ruled {
		n.Append(meta)
	}
	return n
}

// tellOp says what becomes of the pairs of an operation, those of instance
// attributes with a rule last.
func (r *resource210) tellOp(op *xmltree.Element) {
	for set := range op.Elements("instance_attributes") {
		if !hasRule(set) {
			r.tellSet(op, set, opParams210)
		}
	}
	for set := range op.Elements("meta_attributes") {
		r.tellSet(op, set, op210)
	}
	for set := range op.Elements("instance_attributes") {
		if hasRule(set) {
			r.tellSet(op, set, opParams210)
		}
	}
}

func (r *resource210) tellSet(op, set *xmltree.Element, rules *replacements) {
	for pair := range set.Elements("nvpair") {
		if rule := rules.find(pair.Get("name"), op.Get("name")); rule != nil {
			context := fmt.Sprintf("%s (rsc=%s, meta=%s)", op.ID(), r.old.ID(), set.ID())
			rules.tell(r.messages, context, rule)
		}
	}
}

// movedPairs returns the pairs of instance attributes that become
// meta-attributes of the operation, with the comments before them. A pair is
// lost if the resource has a meta-attribute of that name, or a later set
// without rule has the pair too. It takes those of this set off later.
func (r *resource210) movedPairs(op, set *xmltree.Element, later map[string]int) []*xmltree.Element {
	if !hasRule(set) {
		for pair := range set.Elements("nvpair") {
			later[pair.Get("name")]--
		}
	}
	n := xmltree.New("")
	for i, c := range set.Children {
		if !isPair(c) {
			continue
		}
		name := c.Get("name")
		rule := opParams210.find(name, op.Get("name"))
		if rule != nil && rule.where == inMeta && !r.names[name] && later[name] == 0 {
			addPair(n, set, i, withAttrs(c))
		}
	}
	return n.Children
}

// paramNames counts the names in the instance_attributes without rule of an
// operation.
func paramNames(op *xmltree.Element) map[string]int {
	names := map[string]int{}
	for set := range op.Elements("instance_attributes") {
		if hasRule(set) {
			continue
		}
		for pair := range set.Elements("nvpair") {
			names[pair.Get("name")]++
		}
	}
	return names
}

// remaining returns a set of an operation without the pairs that leave it and
// with more added, or nil if it has none.
func (r *resource210) remaining(set *xmltree.Element, rules *replacements, op *xmltree.Element, more []*xmltree.Element) *xmltree.Element {
	n, some := withAttrs(set), false
	for i, c := range set.Children {
		switch {
		case c.Kind == xmltree.KindComment:
		case !isPair(c):
			r.child(n, c)
		case rules.find(c.Get("name"), op.Get("name")) == nil:
			addPair(n, set, i, r.element(c))
			some = true
		}
	}
	if !some && len(more) == 0 {
		return nil
	}
	adopt(n, append(n.Children, more...))
	return n
}
