package schema

import "systole/lib/xmltree"

// resolve replaces every reference by a copy of what it refers to (01 §4.2 A),
// so that the other steps need not think of references.
func (d *draft) resolve() error {
	r := resolver{draft: d, byID: indexByID(d.root), open: map[*xmltree.Element]bool{}}
	children, err := r.children(d.root, false, 1)
	if err != nil {
		return err
	}
	adopt(d.root, children)
	return nil
}

func adopt(e *xmltree.Element, children []*xmltree.Element) {
	e.Children = children
	for _, c := range children {
		c.Parent = e
	}
}

type resolver struct {
	*draft
	byID index
	open map[*xmltree.Element]bool // references being resolved
	made int
}

// children returns the children of an element with all references resolved.
// Outside of copies the elements stay the same.
func (r *resolver) children(e *xmltree.Element, spare bool, depth int) ([]*xmltree.Element, error) {
	if depth > maxResolvedDepth {
		return nil, errTooManyReferences
	}
	var all []*xmltree.Element
	for _, c := range e.Children {
		resolved, err := r.element(c, spare, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, resolved...)
	}
	return all, nil
}

// element returns what stands for an element: itself or, inside a copy, its
// copy; or the elements it refers to.
func (r *resolver) element(e *xmltree.Element, spare bool, depth int) ([]*xmltree.Element, error) {
	ref, isRef := e.Attr("id-ref")
	switch {
	case !isRef:
		return r.definition(e, spare, depth)
	case e.Name == "nvpair" && e.Has("name"):
		return []*xmltree.Element{r.namedPair(e, ref)}, nil
	case r.open[e]:
		return nil, errTooManyReferences
	}
	r.open[e] = true
	defer delete(r.open, e)
	var all []*xmltree.Element
	for _, target := range r.byID[ref] {
		resolved, err := r.element(target, true, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, resolved...)
	}
	return all, nil
}

func (r *resolver) definition(e *xmltree.Element, spare bool, depth int) ([]*xmltree.Element, error) {
	children, err := r.children(e, spare, depth+1)
	if err != nil {
		return nil, err
	}
	d := e
	if spare {
		if r.made++; r.made > maxResolved {
			return nil, errTooManyReferences
		}
		c := *e
		d = &c
		d.Attrs = append([]xmltree.Attr(nil), e.Attrs...)
		r.spare[d] = true
	} else if len(e.Children) == 0 {
		return []*xmltree.Element{e}, nil
	}
	adopt(d, children)
	return []*xmltree.Element{d}, nil
}

// namedPair makes a pair of its own from a reference to a pair under another
// name.
func (r *resolver) namedPair(e *xmltree.Element, ref string) *xmltree.Element {
	pair := r.create("nvpair")
	pair.Line, pair.Col = e.Line, e.Col
	id := ""
	for _, target := range r.byID[ref] {
		if id == "" {
			id = target.ID()
		}
		for _, a := range target.Attrs {
			pair.Set(a.Name, a.Value)
		}
	}
	name := e.Get("name")
	pair.Set("id", prefix310+id+"-"+name)
	pair.Set("name", name)
	for _, c := range e.Children {
		pair.Append(r.copy(c, false))
	}
	return pair
}

// backToReferences turns copies whose definition exists into references again
// and removes what was only needed meanwhile (01 §4.2 F).
func (d *draft) backToReferences() {
	byID := indexByID(d.root)
	d.warnOfACLs()
	original := map[string]bool{}
	for id, elements := range byID {
		for _, e := range elements {
			original[id] = original[id] || !d.spare[e]
		}
	}
	// An id is seen when an element that has it came earlier in the document.
	seen := map[string]bool{}
	d.root.Walk(func(e *xmltree.Element) bool {
		if ref, ok := e.Attr("reference"); ok && e.Name == "acl_permission" && len(byID[ref]) == 0 {
			e.Set("reference", "/*[false()]")
			rename(e, "reference", "xpath")
		}
		id, ok := e.Attr("id")
		if !ok {
			return true
		}
		redundant := d.spare[e] && (original[id] || seen[id])
		e.Walk(func(below *xmltree.Element) bool {
			if id, ok := below.Attr("id"); ok && (redundant || below == e) {
				seen[id] = true
			}
			return redundant
		})
		if redundant {
			e.Attrs = []xmltree.Attr{{Name: "id-ref", Value: id}}
			e.Children = nil
		}
		return !redundant
	})
}

// warnOfACLs tells that ACLs that select by XPath may miss what was changed.
func (d *draft) warnOfACLs() {
	changed, xpath := false, false
	d.root.Walk(func(e *xmltree.Element) bool {
		changed = changed || d.changed[e]
		xpath = xpath || e.Name == "acl_permission" && e.Has("xpath")
		return !changed || !xpath
	})
	if changed && xpath {
		d.warn(`CIB syntax changes may invalidate ACLs that use "xpath". It is strongly recommended to run "cibadmin ` +
			`--upgrade" and then examine the updated CIB carefully to ensure ACLs still match the desired intent.`)
	}
}
