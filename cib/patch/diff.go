package patch

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"systole/cib"
	"systole/cib/digest"
	"systole/lib/xmltree"
)

// Options says how a patch set is made. The zero value is what Pacemaker's
// crm_diff does without options; with --cib it has Digest and IgnoreAttrOrder,
// with --no-version it has NoVersion.
type Options struct {
	// Format is 2, or 0 for that, or 1.
	Format int

	// Digest puts the digest of the result into the set, so that nobody applies
	// it to another document unnoticed. Format 1 always has it.
	Digest bool

	// NoVersion takes the versions of both documents for the same and says none
	// in the set, which then applies whatever the version of a CIB is.
	NoVersion bool

	// IgnoreAttrOrder takes attributes in another order for the same.
	IgnoreAttrOrder bool

	// Bump gives the result a version of its own, as the CIB manager does: the
	// next epoch of the new document and no updates when the configuration
	// changes, else its next number of updates.
	Bump bool

	// FeatureSet is what the program that makes the set supports, for format 1.
	FeatureSet string
}

// Diff makes the patch set that turns the old document into the new one, for
// which both must have the same root element. Neither is changed, and the set
// shares parts of the new one. Without a difference the set is empty.
//
// Of two children, those are the same element that have the same name and id;
// comments are the same that have the same text in the same place.
func Diff(old, new *xmltree.Element, opt Options) (*Set, error) {
	if err := sameRoot(old, new); err != nil {
		return nil, err
	}
	s := &Set{Format: 2}
	var err error
	if !opt.NoVersion {
		if s.Source, err = versionOf(old); err != nil {
			return nil, fmt.Errorf("the old document: %w", err)
		}
		if s.Target, err = versionOf(new); err != nil {
			return nil, fmt.Errorf("the new document: %w", err)
		}
	} else {
		new = withVersionOf(new, old)
	}
	switch opt.Format {
	case 0, 2:
		return s, s.diff2(old, new, opt)
	case 1:
		s.Format = 1
		return s, s.diff1(old, new, opt)
	}
	return nil, fmt.Errorf("patch sets have no format %d; make one of format 1 or 2", opt.Format)
}

func sameRoot(old, new *xmltree.Element) error {
	if old == nil || new == nil {
		return errors.New("there is no document to compare")
	}
	a, b := stepOf(old), stepOf(new)
	if old.Kind != xmltree.KindElement || new.Kind != xmltree.KindElement || a != b {
		return fmt.Errorf("the old document begins with %s, the new one with %s; a patch set cannot change that: replace the document",
			shown(string(a.appendTo(nil))), shown(string(b.appendTo(nil))))
	}
	return nil
}

// versionOf reads the version of a document. What is missing is 1, as in
// Pacemaker.
func versionOf(root *xmltree.Element) (*cib.Version, error) {
	v := cib.Version{AdminEpoch: 1, Epoch: 1, NumUpdates: 1}
	for i, field := range fields(&v) {
		text, ok := root.Attr(versionFields[i])
		if !ok {
			continue
		}
		n, err := number(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; correct it", versionFields[i], err)
		}
		*field = int(n)
	}
	return &v, nil
}

// shallow copies an element but shares its children.
func shallow(e *xmltree.Element) *xmltree.Element {
	c := *e
	c.Attrs = slices.Clone(e.Attrs)
	return &c
}

// withVersionOf returns the document with the version of the other one.
func withVersionOf(root, other *xmltree.Element) *xmltree.Element {
	root = shallow(root)
	for _, name := range versionFields {
		if v, ok := other.Attr(name); ok {
			root.Set(name, v)
		}
	}
	return root
}

// diff2 fills in a set of format 2.
func (s *Set) diff2(old, new *xmltree.Element, opt Options) error {
	d := differ{ignoreAttrOrder: opt.IgnoreAttrOrder}
	p, ok := d.compare(old, new)
	if !ok || p != nil && !stepOf(old).plain() {
		if d.lost == nil {
			d.lost = old
		}
		return fmt.Errorf("a change of or below %s cannot be written as a path, because of its id or name; replace the document, or give it another id",
			shown(string(stepOf(d.lost).appendTo(nil))))
	}
	if p == nil {
		return nil
	}
	w := writer{set: s}
	w.deletions(p)
	root := len(s.Changes)
	w.below(p)
	if opt.Bump {
		if err := s.bump(p, opt); err != nil {
			return err
		}
		new = p.new
	}
	if len(p.attrs) > 0 {
		s.Changes = slices.Insert(s.Changes, root, modification(string(stepOf(old).appendTo(nil)), p))
	}
	if !opt.Digest {
		return nil
	}
	return s.addDigest(old, new, d.reordered)
}

// bump gives the new document a version of its own, and compares again.
func (s *Set) bump(p *pair, opt Options) error {
	root := shallow(p.new)
	v, err := versionOf(root)
	if err != nil {
		return err
	}
	// Pacemaker counts from 0 here, other than above.
	field, n := "num_updates", &v.NumUpdates
	if s.ConfigChanged() {
		field, n = "epoch", &v.Epoch
		v.NumUpdates = 0
		root.Set("num_updates", "0")
	}
	if !root.Has(field) {
		*n = 0
	}
	if *n == largest {
		return fmt.Errorf("%s of the new document is %d and cannot grow; lower it and raise admin_epoch", field, *n)
	}
	*n++
	root.Set(field, strconv.Itoa(*n))
	if s.Target != nil {
		s.Target = v
	}
	p.new = root
	d := differ{ignoreAttrOrder: opt.IgnoreAttrOrder}
	p.attrs = d.attributes(p.old, root)
	return nil
}

func (s *Set) addDigest(old, new *xmltree.Element, reordered bool) error {
	if reordered {
		// Some attributes keep the order that they have in the old document.
		result, err := s.Apply(old, ApplyOptions{AnyVersion: true})
		if err != nil {
			return err
		}
		new = result
	}
	s.Digest = digest.Filtered(new)
	return nil
}
