package patch

import (
	"fmt"
	"slices"

	"systole/lib/xmltree"
)

// fail tells why a change cannot be applied.
func (c *Change) fail(format string, args ...any) error {
	what := fmt.Sprintf("cannot %s %s: ", c.Op, shown(c.Path))
	if c.Op == OpCreate && c.Node != nil {
		what = fmt.Sprintf("cannot create %s in %s: ", shown(string(stepOf(c.Node).appendTo(nil)[1:])), shown(c.Path))
	}
	return &Error{Line: c.Line, Col: c.Col, Msg: what + fmt.Sprintf(format, args...)}
}

// applier applies changes of format 2 to a tree of its own.
type applier struct {
	root     *xmltree.Element
	lim      Limits
	families map[*xmltree.Element]*family
	order    []*family // as they were found
}

// apply2 changes the tree. On an error the tree is good for nothing.
func (s *Set) apply2(root *xmltree.Element, lim Limits) error {
	a := &applier{root: root, lim: lim, families: map[*xmltree.Element]*family{}}
	for i := range s.Changes {
		if err := a.change(&s.Changes[i]); err != nil {
			return err
		}
	}
	for _, f := range a.order {
		if len(f.items) > 0 && !a.attached(f.parent) {
			return f.items[0].change.fail("a later change deletes the parent; put deletions first")
		}
		if err := f.settle(); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) family(e *xmltree.Element) *family {
	f := a.families[e]
	if f == nil {
		f = &family{parent: e, base: e.Children}
		a.families[e] = f
		a.order = append(a.order, f)
	}
	return f
}

// found is where an element was found: at a place of a family, or the root.
type found struct {
	e     *xmltree.Element
	in    *family // nil for the root
	place int32
	depth int // of the element, 1 for the root
}

// moving tells whether the element is one that another change has moved.
func (f found) moving() bool { return f.place >= int32(len(f.in.base)) }

// find looks the path of a change up.
func (a *applier) find(c *Change) (found, error) {
	at := found{}
	for rest := c.Path; rest != "" && rest != "/"; {
		s, next, err := nextStep(rest)
		if err != nil {
			return at, c.fail("the path cannot be read: %v", err)
		}
		rest = next
		if at.depth++; at.depth == 1 {
			if a.root.Name != s.name || s.hasID && stepOf(a.root) != s {
				return found{}, nil
			}
			at.e = a.root
			continue
		}
		position := int32(-1)
		if c.Op == OpDelete && (rest == "" || rest == "/") {
			position = c.Position
		}
		at.in = a.family(at.e)
		if at.place = at.in.find(s, position); at.place < 0 {
			return found{}, nil
		}
		at.e = at.in.at(at.place)
	}
	return at, nil
}

func (a *applier) change(c *Change) error {
	at, err := a.find(c)
	switch {
	case err != nil:
		return err
	case at.e == nil && c.Op == OpDelete:
		return nil
	case at.e == nil:
		return c.fail("there is no such element; make the patch set again from the present document")
	}
	switch c.Op {
	case OpCreate:
		return a.create(c, at)
	case OpModify:
		if c.Result == nil || at.e.Kind != xmltree.KindElement || c.Result.Name != at.e.Name {
			return c.fail("its result must be a <%s>, since an element keeps its name", at.e.Name)
		}
		at.e.Attrs = slices.Clone(c.Result.Attrs)
		return nil
	case OpMove, OpDelete:
		if at.in == nil {
			return c.fail("it is the root; replace the document instead")
		}
		if at.moving() {
			return c.fail("a change before it moves the element; each element may be moved once, and deletions come first")
		}
		if c.Op == OpMove {
			at.in.move(at.place, c)
		} else {
			at.in.take(at.place).Parent = nil
		}
		return nil
	}
	return c.fail("such a change is not known")
}

func (a *applier) create(c *Change, at found) error {
	if c.Node == nil || at.e.Kind != xmltree.KindElement {
		return c.fail("only an element has children")
	}
	if depth := at.depth + height(c.Node); depth > a.lim.Depth {
		return c.fail("elements would be %d deep, the limit Depth is %d; make it smaller or raise the limit", depth, a.lim.Depth)
	}
	f := a.family(at.e)
	f.items = append(f.items, item{e: unplaced(c.Node.Copy()), change: c})
	return nil
}

// unplaced takes the places in the patch set off what becomes part of the
// document, where they would mislead.
func unplaced(e *xmltree.Element) *xmltree.Element {
	e.Line, e.Col = 0, 0
	for _, c := range e.Children {
		unplaced(c)
	}
	return e
}

// attached tells whether an element is still in the document.
func (a *applier) attached(e *xmltree.Element) bool {
	for e != nil && e != a.root {
		e = e.Parent
	}
	return e != nil
}
