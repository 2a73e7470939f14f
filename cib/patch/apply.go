package patch

import (
	"fmt"
	"strings"

	"systole/cib"
	"systole/cib/digest"
	"systole/lib/xmltree"
)

// ApplyOptions says how a patch set is applied.
type ApplyOptions struct {
	// AnyVersion applies a set whatever the version of the document is.
	AnyVersion bool

	Limits Limits
}

// VersionError tells that a patch set is for another version of the document.
type VersionError struct {
	Document       cib.Version
	Source, Target cib.Version // of the patch set
}

func (e *VersionError) Error() string {
	why := ", which is older: apply the patch sets in between first, or fetch the present document"
	switch c := e.Document.Compare(e.Source); {
	case c == 0:
		why = ", but the version of the result is not higher: make the patch set from a document whose epoch is higher, or apply it to any version"
	case c > 0:
		why = ", which is newer: make the patch set again from the present document, or apply it to any version"
	}
	return fmt.Sprintf("the patch set leads from version %s to %s, and the document has version %s%s", e.Source, e.Target, e.Document, why)
}

// DigestError tells that the result is not what the patch set promises.
type DigestError struct {
	Want, Got string
}

func (e *DigestError) Error() string {
	return fmt.Sprintf("the result of the patch set has the digest %s instead of %s: it was made for another document; fetch the whole document instead", e.Got, e.Want)
}

// Apply returns the document that the patch set makes of root, a tree of its
// own. Root stays as it is, also when there is an error.
//
// Unless any version will do, the document must have the source version of the
// set, and some field of the target version must be higher, as Pacemaker asks;
// a set without versions fits every document, and one without changes needs no
// higher version. When the set has a digest, it must be that of the result.
//
// As in Pacemaker, deleting what is not there is not an error, and a creation
// beyond the last sibling goes to the end. Errors are of type *Error,
// *VersionError or *DigestError.
func (s *Set) Apply(root *xmltree.Element, opt ApplyOptions) (*xmltree.Element, error) {
	if root == nil || root.Kind != xmltree.KindElement {
		return nil, &Error{Msg: "there is no document to apply it to"}
	}
	if !opt.AnyVersion {
		if err := s.checkVersion(root); err != nil {
			return nil, err
		}
	}
	lim := opt.Limits.withDefaults()
	result := root.Copy()
	var err error
	if s.Format == 1 {
		err = s.apply1(result, lim)
	} else {
		err = s.apply2(result, lim)
	}
	if err == nil {
		err = s.checkDigest(result)
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (s *Set) checkVersion(root *xmltree.Element) error {
	if s.Source == nil && s.Target == nil {
		return nil
	}
	var have cib.Version
	for i, field := range fields(&have) {
		text, ok := root.Attr(versionFields[i])
		if !ok {
			continue
		}
		n, err := number(text)
		if err != nil {
			return &Error{Msg: fmt.Sprintf("the document to apply it to has no version, since %s %v; correct it, or apply it to any version", versionFields[i], err)}
		}
		*field = int(n)
	}
	e := &VersionError{Document: have, Source: have, Target: have}
	if s.Source != nil {
		e.Source = *s.Source
	}
	if s.Target != nil {
		e.Target = *s.Target
	} else {
		return e.unless(have == e.Source)
	}
	higher := s.Empty() // then there is nothing to have a version for
	for i, target := range fields(&e.Target) {
		higher = higher || *target > *fields(&e.Source)[i]
	}
	return e.unless(have == e.Source && higher)
}

func (e *VersionError) unless(fits bool) error {
	if fits {
		return nil
	}
	return e
}

func (s *Set) checkDigest(result *xmltree.Element) error {
	if s.Digest == "" {
		return nil
	}
	got := digest.Filtered(result)
	if strings.EqualFold(got, s.Digest) {
		return nil
	}
	// Pacemaker up to 2.1 chose the form by the feature set.
	if old := digest.ForFeatureSet(result, result.Get("crm_feature_set")); strings.EqualFold(old, s.Digest) {
		return nil
	}
	return &DigestError{Want: s.Digest, Got: got}
}
