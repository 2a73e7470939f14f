package patch

import (
	"slices"

	"systole/lib/xmltree"
)

// marker is the attribute that marks the roots of subtrees in format 1.
const (
	marker     = "__crm_diff_marker__"
	removedTop = "removed:top"
	addedTop   = "added:top"
)

// apply1 changes the tree: first everything removed goes, then everything added
// comes. On an error the tree is good for nothing.
func (s *Set) apply1(root *xmltree.Element, lim Limits) error {
	for _, tree := range [...]*xmltree.Element{s.Removed, s.Added} {
		if tree == nil {
			continue
		}
		if !sameChild(root, tree) {
			return fail(tree, "it changes %s, but the document begins with %s; apply it to the right document",
				shown(string(stepOf(tree).appendTo(nil))), shown(string(stepOf(root).appendTo(nil))))
		}
		if tree.Has(marker) {
			return fail(tree, "it replaces the root; replace the document instead")
		}
		if height(tree) > lim.Depth {
			return fail(tree, "elements would be too deep, the limit Depth is %d; make it smaller or raise the limit", lim.Depth)
		}
	}
	if s.Removed != nil {
		remove1(root, s.Removed)
	}
	if s.Added != nil {
		return add1(root, s.Added)
	}
	return nil
}

// remove1 removes the attributes that a tree names, and the subtrees that it
// marks. An id is never removed.
func remove1(e, tree *xmltree.Element) {
	index := attrIndex(tree.Attrs)
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a xmltree.Attr) bool { return a.Name != "id" && index(a.Name) >= 0 })
	if len(tree.Children) == 0 {
		return
	}
	parts := newIndex1(tree.Children)
	rest := e.Children[:0]
	for _, c := range e.Children {
		part := parts.find(c)
		switch {
		case part == nil:
		case c.Kind == xmltree.KindComment || part.Get(marker) == removedTop:
			continue
		default:
			remove1(c, part)
		}
		rest = append(rest, c)
	}
	clear(e.Children[len(rest):])
	e.Children = rest
}

// add1 gives an element the attributes of a tree, and its children the rest;
// marked subtrees that are not there go to the end.
func add1(e, tree *xmltree.Element) error {
	index := attrIndex(tree.Attrs)
	e.Attrs = slices.DeleteFunc(e.Attrs, func(a xmltree.Attr) bool { return index(a.Name) >= 0 })
	for _, a := range tree.Attrs {
		if a.Name != marker {
			e.Attrs = append(e.Attrs, a)
		}
	}
	if len(tree.Children) == 0 {
		return nil
	}
	have := newIndex1(e.Children)
	for _, part := range tree.Children {
		c := have.find(part)
		switch {
		case part.Kind == xmltree.KindComment || c == nil && part.Get(marker) == addedTop:
			c = unmarked(unplaced(part.Copy()))
			e.Append(c)
			have.add(c)
		case c == nil:
			return fail(part, "cannot change %s: there is no such element below %s; make the patch set again from the present document",
				shown(string(stepOf(part).appendTo(nil)[1:])), shown(e.Name))
		default:
			if err := add1(c, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func unmarked(e *xmltree.Element) *xmltree.Element {
	e.Del(marker)
	for _, c := range e.Children {
		unmarked(c)
	}
	return e
}

// index1 finds children as format 1 does: an element by its name and id, a
// comment by its text; the first of several.
type index1 struct {
	few      []*xmltree.Element
	steps    map[step]*xmltree.Element
	comments map[string]*xmltree.Element
}

func newIndex1(list []*xmltree.Element) *index1 {
	x := &index1{few: list[:len(list):len(list)]}
	if len(list) > fewChildren {
		x.many()
	}
	return x
}

func (x *index1) many() {
	x.steps, x.comments = make(map[step]*xmltree.Element, len(x.few)), map[string]*xmltree.Element{}
	for _, e := range x.few {
		x.note(e)
	}
}

func (x *index1) note(e *xmltree.Element) {
	if e.Kind == xmltree.KindComment {
		if x.comments[e.Text] == nil {
			x.comments[e.Text] = e
		}
	} else if s := stepOf(e); x.steps[s] == nil {
		x.steps[s] = e
	}
}

func (x *index1) add(e *xmltree.Element) {
	if x.steps != nil {
		x.note(e)
		return
	}
	if x.few = append(x.few, e); len(x.few) > fewChildren {
		x.many()
	}
}

func (x *index1) find(e *xmltree.Element) *xmltree.Element {
	if x.steps == nil {
		for _, c := range x.few {
			if sameChild(c, e) {
				return c
			}
		}
		return nil
	}
	if e.Kind == xmltree.KindComment {
		return x.comments[e.Text]
	}
	return x.steps[stepOf(e)]
}
