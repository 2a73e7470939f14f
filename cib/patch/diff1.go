package patch

import (
	"errors"
	"slices"

	"systole/cib/digest"
	"systole/lib/xmltree"
)

// diff1 fills in a set of format 1.
func (s *Set) diff1(old, new *xmltree.Element, opt Options) error {
	s.FeatureSet = opt.FeatureSet
	if digest.XML(old) == digest.XML(new) {
		return nil
	}
	d := differ1{ignored: digest.Ignored}
	s.Removed = d.subtract(old, new, false)
	s.Added = d.subtract(new, old, true)
	if s.Empty() && digest.Filtered(old) == digest.Filtered(new) {
		return nil
	}
	config := s.Removed.Child("configuration") != nil || s.Added.Child("configuration") != nil
	if opt.Bump {
		p := &pair{old: old, new: new}
		if err := s.bump(p, opt); err != nil {
			return err
		}
		new = p.new
	}
	if opt.NoVersion {
		s.withoutVersion1(old, new)
	} else {
		s.complete1(old, new, config)
	}
	if opt.Digest || !opt.NoVersion {
		s.Digest = digest.ForFeatureSet(new, old.Get("crm_feature_set"))
	}
	// What the format cannot say shows here, such as another order.
	result, err := s.Apply(old, ApplyOptions{AnyVersion: true})
	if err != nil || digest.Filtered(result) != digest.Filtered(new) {
		return errors.New("format 1 cannot say what changes, such as the order of elements or a place other than the last; make a patch set of format 2")
	}
	return nil
}

// complete1 gives the roots of both trees what they always have.
func (s *Set) complete1(old, new *xmltree.Element, config bool) {
	if s.Removed == nil {
		s.Removed = xmltree.New(old.Name)
	}
	for i, name := range versionFields {
		if v, ok := old.Attr(name); ok && (config || i == 2) {
			s.Removed.Set(name, v)
		}
	}
	if s.Added == nil {
		s.Added = xmltree.New(new.Name)
	}
	s.Added.Attrs = slices.Clone(new.Attrs)
}

// withoutVersion1 takes the version out of a set that applies to any: it is
// there among the attributes of the new root, which are all there when one has
// changed, or something below.
func (s *Set) withoutVersion1(old, new *xmltree.Element) {
	if s.Added == nil {
		return
	}
	if slices.Equal(old.Attrs, new.Attrs) {
		s.Added.Attrs = s.Added.Attrs[:0]
		if id, ok := new.Attr("id"); ok {
			s.Added.Set("id", id)
		}
	}
	for _, name := range versionFields {
		s.Added.Del(name)
	}
}

// differ1 makes the trees of format 1.
type differ1 struct {
	ignored func(attr string) bool // attributes whose change is none
}

// subtract copies what of left is not the same in right: subtrees that are not
// there, marked; and of elements that are there but not the same, their path to
// the root, with all their attributes (full) or with those that differ. It
// returns nil when nothing is left.
func (d *differ1) subtract(left, right *xmltree.Element, full bool) *xmltree.Element {
	diff := &xmltree.Element{Name: left.Name}
	if len(left.Children) > 0 {
		d.subtractChildren(diff, left, right, full)
	}
	index := attrIndex(right.Attrs)
	changed := len(diff.Children) > 0
	for _, a := range left.Attrs {
		i := index(a.Name)
		switch differs := (i < 0 || right.Attrs[i].Value != a.Value) && !d.ignored(a.Name); {
		case a.Name == "id":
			diff.Attrs = append(diff.Attrs, a)
		case differs:
			changed = true
			diff.Attrs = append(diff.Attrs, a)
		}
	}
	if !changed {
		return nil
	}
	if full {
		diff.Attrs = slices.Clone(left.Attrs)
	}
	return diff
}

func (d *differ1) subtractChildren(diff, left, right *xmltree.Element, full bool) {
	mark := removedTop
	if full {
		mark = addedTop
	}
	index := newIndex1(right.Children)
	for _, c := range left.Children {
		switch other := index.find(c); {
		case other == nil:
			part := c.Copy()
			if c.Kind == xmltree.KindElement {
				part.Set(marker, mark)
			}
			diff.Append(part)
		case c.Kind == xmltree.KindElement:
			if part := d.subtract(c, other, full); part != nil {
				diff.Append(part)
			}
		}
	}
}
