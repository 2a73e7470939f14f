package schema

import (
	"fmt"

	"systole/lib/xmltree"
)

// Problem is one reason why a document is not valid.
type Problem struct {
	Line int    // 1-based; 0 when the element was not read from a file
	Col  int    // 1-based, in bytes
	Path string // where: /cib/configuration/resources/primitive[@id="web"]
	Msg  string // what was found and what was expected
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Msg
	}
	return fmt.Sprintf("line %d, column %d: %s: %s", p.Line, p.Col, p.Path, p.Msg)
}

// Versions returns the versions in which the document is valid (01 §3). It
// takes one walk over the document, whatever the answer.
func Versions(root *xmltree.Element) Set { return versionsOf(root, allVersions) }

// Validate returns what is wrong with the document in that version, nothing if
// it is valid. With Disabled everything is valid.
func Validate(root *xmltree.Element, v Version) []Problem {
	if v >= Disabled || versionsOf(root, v.set()) != 0 {
		return nil
	}
	return explain(root, v)
}
