package schema

import (
	"fmt"
	"strings"

	"systole/lib/xmltree"
)

func isReferableSet(e *xmltree.Element) bool {
	return isOneOf(e.Name, "cluster_property_set", "instance_attributes", "meta_attributes")
}

// unfold210 replaces references to sets by copies with ids of their own
// (01 §5.1). It is an error, which Pacemaker tells in a message of its own, if
// the reference is not to exactly one set of the same kind.
func unfold210(root *xmltree.Element, messages *[]string) error {
	index := xmltree.NewIndex(root)
	var references []*xmltree.Element
	root.Walk(func(e *xmltree.Element) bool {
		if isReferableSet(e) && e.Has("id-ref") {
			references = append(references, e)
		}
		return true
	})
	made := 0
	for _, e := range references {
		id := e.Get("id-ref")
		original := index.Find(e.Name, id)
		if original == nil || original.Has("id-ref") {
			found := "no such @id"
			if index.Several(e.Name, id) {
				found = "more than one @id"
			}
			*messages = append(*messages, fmt.Sprintf(
				"INTERNAL ERROR:%s: dangling @id-ref (%s): %s found within the same element class", e.Name, id, found))
			return fmt.Errorf("%s with id-ref=%q: expected exactly one %s with that id", e.Name, clip(id), e.Name)
		}
		size, height := extent(original)
		made += size
		if made > maxResolved || depthOf(e)+height > maxResolvedDepth {
			return errTooManyReferences // sets nested in sets: only status can have them
		}
		n := original.Copy()
		e.Attrs = []xmltree.Attr{{Name: "id", Value: copied210 + id}}
		for _, a := range n.Attrs {
			if a.Name != "id" {
				e.Attrs = append(e.Attrs, a)
			}
		}
		adopt(e, n.Children)
		for c := range e.Elements() {
			c.Walk(func(below *xmltree.Element) bool {
				if old, ok := below.Attr("id"); ok && below.Name != "resource_ref" {
					below.Set("id", "_"+copied210+id+"__"+old)
				}
				return true
			})
		}
	}
	return nil
}

// depthOf counts the elements from the root to e, both included.
func depthOf(e *xmltree.Element) int {
	n := 0
	for ; e != nil; e = e.Parent {
		n++
	}
	return n
}

// extent counts the elements below e, and those on the longest way down.
func extent(e *xmltree.Element) (size, height int) {
	for c := range e.Elements() {
		below, down := extent(c)
		size += 1 + below
		height = max(height, 1+down)
	}
	return size, height
}

// fold210 turns copies that are still the same as their originals into
// references again (01 §5.1).
func fold210(root *xmltree.Element, messages *[]string) error {
	index := xmltree.NewIndex(root)
	same := map[*xmltree.Element]string{}
	var err error
	root.Walk(func(e *xmltree.Element) bool {
		id, isCopy := strings.CutPrefix(e.ID(), copied210)
		if err != nil || !isCopy || !isReferableSet(e) {
			return err == nil
		}
		original := index.Find(e.Name, id)
		switch {
		case index.Several(e.Name, id):
			err = fmt.Errorf("several elements %s have the id %q", e.Name, id)
		case original == nil:
			*messages = append(*messages, fmt.Sprintf(
				"DEBUG: %s: original element pointed to with @id-ref (%s) disappeared during upgrade", e.Name, id))
		case sameContent(original, e):
			same[e] = id
		}
		return true
	})
	for e, id := range same {
		e.Attrs = []xmltree.Attr{{Name: "id-ref", Value: id}}
		e.Children = nil
	}
	return err
}

// sameContent compares two elements but for the ids.
func sameContent(a, b *xmltree.Element) bool {
	if a.Kind != b.Kind || a.Name != b.Name || a.Text != b.Text || len(a.Children) != len(b.Children) {
		return false
	}
	if !sameAttrs(a.Attrs, b.Attrs) {
		return false
	}
	for i := range a.Children {
		if !sameContent(a.Children[i], b.Children[i]) {
			return false
		}
	}
	return true
}

func sameAttrs(a, b []xmltree.Attr) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i].Name == "id" {
			i++
		}
		for j < len(b) && b[j].Name == "id" {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i, j = i+1, j+1
	}
}
