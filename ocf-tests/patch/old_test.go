package patch

import (
	"strings"

	"systole/lib/xmltree"
)

// plain tells whether Pacemaker 2.1.5 prints all values of a document as they
// are, so that it can be compared: it writes line ends as \n, tabs as blanks,
// and stops escaping at the first character outside ASCII, and has apostrophes
// as &apos; in digests.
//
// Its other faults show in single patch sets, which the comparison counts: with
// comments and with several siblings alike it writes other, sometimes wrong,
// lists of changes; and applying format 1, it neither removes attributes nor
// takes comments in.
func plain(root *xmltree.Element) bool {
	ok := true
	root.Walk(func(e *xmltree.Element) bool {
		for _, a := range e.Attrs {
			ok = ok && strings.IndexFunc(a.Value, func(r rune) bool { return r < ' ' || r > '~' || r == '\'' }) < 0
		}
		return ok
	})
	return ok
}
