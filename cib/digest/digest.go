// Package digest calculates the MD5 digests by which Pacemaker recognises XML:
// of a CIB on disk, of what a patch set makes of a CIB, and of the parameters
// of an operation. All of them are over the text without line ends and
// indentation, in which attributes and children keep their order and values
// are escaped as in lib/xmltree.
//
// There are two forms. "v1" is that text with a blank before it and a line feed
// after it; "v2" is the text alone, and where it is said so without the
// attributes that tell who changed something and when. Digests are lower-case
// hexadecimal; Pacemaker compares them without regard to case.
//
// Pacemaker up to 2.1 escaped values differently (an apostrophe by name,
// characters outside ASCII by number, line ends and tabs with loss), so its
// digests of documents with such values are different. Here they are those of
// Pacemaker 3.
package digest

import (
	"crypto/md5"
	"encoding/hex"
	"slices"

	"systole/cib/value"
	"systole/lib/xmltree"
)

// OnDisk is the v1 digest of an element and everything below it, which
// Pacemaker keeps next to a CIB file to find out whether anybody else has
// changed it.
func OnDisk(e *xmltree.Element) string {
	sum := md5.New()
	// A hash does not fail to write.
	_, _ = sum.Write([]byte{' '})
	_ = xmltree.Write(sum, e, xmltree.PrintOptions{Compact: true})
	_, _ = sum.Write([]byte{'\n'})
	return hex.EncodeToString(sum.Sum(nil))
}

// XML is the v2 digest of an element and everything below it.
func XML(e *xmltree.Element) string { return v2(e, nil) }

// Filtered is the v2 digest without the attributes that Ignored names, as in
// the digest of a patch set.
func Filtered(e *xmltree.Element) string { return v2(e, Ignored) }

func v2(e *xmltree.Element, skip func(string) bool) string {
	sum := md5.New()
	_ = xmltree.Write(sum, e, xmltree.PrintOptions{Compact: true, Skip: skip})
	return hex.EncodeToString(sum.Sum(nil))
}

// filteredSince is the first feature set whose patch sets have v2 digests.
const filteredSince = "3.0.5"

// ForFeatureSet is the digest that a cluster with this feature set ("" when
// there is none) put in patch sets, until Pacemaker 3 kept only Filtered: v1
// below 3.0.5, and there of all attributes.
func ForFeatureSet(e *xmltree.Element, featureSet string) string {
	if featureSet == "" || value.CompareVersions(featureSet, filteredSince) < 0 {
		return OnDisk(e)
	}
	return Filtered(e)
}

// Ignored tells whether an attribute is left out of digests of patch sets: it
// says who wrote the CIB, when, and which part of the program last touched an
// element.
func Ignored(attr string) bool {
	switch attr {
	case "crm-debug-origin", "cib-last-written", "update-origin", "update-client", "update-user":
		return true
	}
	return false
}

// Parameters is the v1 digest of <parameters> with these attributes in the
// order of their names, the digest of an operation's parameters (01 §17.1).
func Parameters(table map[string]string) string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	text := []byte(" <parameters")
	for _, name := range names {
		text = append(text, ' ')
		text = append(text, name...)
		text = append(text, `="`...)
		text = xmltree.AppendEscaped(text, table[name])
		text = append(text, '"')
	}
	text = append(text, "/>\n"...)
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:])
}
