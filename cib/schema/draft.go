package schema

import (
	"errors"
	"fmt"

	"systole/lib/xmltree"
)

// draft is a document while it is being transformed, with what has to be
// remembered about its elements until the transformation is complete.
type draft struct {
	root     *xmltree.Element
	spare    map[*xmltree.Element]bool // not in the document that came in: copied or generated
	changed  map[*xmltree.Element]bool // attributes were changed
	messages *[]string
}

func newDraft(root *xmltree.Element, messages *[]string) *draft {
	return &draft{
		root:     root,
		spare:    map[*xmltree.Element]bool{},
		changed:  map[*xmltree.Element]bool{},
		messages: messages,
	}
}

func (d *draft) warn(format string, args ...any) { d.say("WARNING: ", format, args) }
func (d *draft) info(format string, args ...any) { d.say("INFO: ", format, args) }

func (d *draft) say(label, format string, args []any) {
	*d.messages = append(*d.messages, label+fmt.Sprintf(format, args...))
}

// create makes an element that was not in the document.
func (d *draft) create(name string, pairs ...string) *xmltree.Element {
	e := xmltree.New(name, pairs...)
	d.spare[e] = true
	return e
}

// copy makes a deep copy that remembers what is remembered of the original; as
// a spare one it is not part of the original document in any case.
func (d *draft) copy(e *xmltree.Element, spare bool) *xmltree.Element {
	c := *e
	c.Parent, c.Children = nil, nil
	c.Attrs = append([]xmltree.Attr(nil), e.Attrs...)
	d.inherit(&c, e, spare)
	for _, child := range e.Children {
		c.Append(d.copy(child, spare))
	}
	return &c
}

func (d *draft) inherit(c, e *xmltree.Element, spare bool) {
	if spare || d.spare[e] {
		d.spare[c] = true
	}
	if d.changed[e] {
		d.changed[c] = true
	}
}

// relabel sets the schema of every element cib: the stylesheets do not ask
// where it is, and status may contain anything.
func relabel(root *xmltree.Element, v Version) {
	root.Walk(func(e *xmltree.Element) bool {
		if e.Name == "cib" {
			e.Set("validate-with", v.String())
		}
		return true
	})
}

// rename gives an attribute another name, in its place.
func rename(e *xmltree.Element, from, to string) {
	for i := range e.Attrs {
		if e.Attrs[i].Name == from {
			e.Attrs[i].Name = to
		}
	}
}

// keepIf removes the children that keep refuses. Comments stay.
func keepIf(e *xmltree.Element, keep func(c *xmltree.Element) bool) {
	kept := e.Children[:0]
	for _, c := range e.Children {
		if c.Kind != xmltree.KindElement || keep(c) {
			kept = append(kept, c)
		}
	}
	e.Children = kept
}

// index finds all elements of a document by their id, in document order.
type index map[string][]*xmltree.Element

func indexByID(root *xmltree.Element, names ...string) index {
	x := index{}
	root.Walk(func(e *xmltree.Element) bool {
		if id, ok := e.Attr("id"); ok && (len(names) == 0 || isOneOf(e.Name, names...)) {
			x[id] = append(x[id], e)
		}
		return true
	})
	return x
}

func isOneOf(s string, words ...string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

// count returns how many child elements have the name.
func count(e *xmltree.Element, name string) int {
	n := 0
	for range e.Elements(name) {
		n++
	}
	return n
}

// A document in which every reference is resolved can be much larger than it
// was; one made to be so is refused.
const (
	maxResolved      = 500_000 // elements made
	maxResolvedDepth = 1000
)

var errTooManyReferences = errors.New("its references (id-ref) form a circle or refer to each other too often")
