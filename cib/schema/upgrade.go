package schema

import (
	"fmt"

	"systole/lib/xmltree"
)

// Result is what Upgrade did.
type Result struct {
	From Version // the schema the document claimed
	To   Version // the schema it is labelled with now

	// Transformed tells that the document was rewritten, not only relabelled.
	Transformed bool

	// Valid tells that the document is known to be valid in To. Otherwise (a
	// document that claims the latest schema is not looked at) the caller still
	// has to validate it (01 §2.6).
	Valid bool

	// Messages are the lines Pacemaker prints on the way, in order (01 §2.2, §2.5).
	Messages []string

	// Rejected tells why the document, or a transformed one, was not valid in
	// some schema on the way (01 §2.2.7).
	Rejected []Rejection
}

// Rejection is a schema in which a document was not valid.
type Rejection struct {
	Version  Version
	After    bool // after the transformation from the schema before
	Problems []Problem
}

const disabledMessage = `Schema validation of configuration is disabled (support for validate-with set to ` +
	`"none" is deprecated and will be removed in a future release)`

// UnknownSchemaError tells that validate-with is missing or names no schema.
// Pacemaker ends with status 78 (configuration error) and prints nothing.
type UnknownSchemaError struct {
	Name    string
	Missing bool
}

func (e *UnknownSchemaError) Error() string {
	const expected = `expected a schema from pacemaker-1.0 to pacemaker-4.0, or "none"`
	if e.Missing {
		return "cannot tell the schema of the CIB: cib has no validate-with; " + expected
	}
	names := []string{Disabled.String()}
	for v := Oldest; v <= Latest; v++ {
		names = append(names, v.String())
	}
	return fmt.Sprintf("validate-with=%q names no known schema; %s%s", clip(e.Name), expected, hint(e.Name, names))
}

// UpgradeError tells that the document could not be brought to the latest
// schema. Its text is Pacemaker's (01 §2.2.5), which ends with status 78.
type UpgradeError struct {
	From    Version
	Best    Version // the newest schema that was reached
	Reached bool    // whether any was
	Failed  bool    // the transformation from Best failed, or what it made was not valid
}

func (e *UpgradeError) Error() string {
	text := fmt.Sprintf("Cannot upgrade configuration (claiming %s schema) to at least %s because it ", e.From, Latest)
	if e.Reached && !e.Failed { // Pacemaker gives no better reason for a failed transformation
		return text + "would not upgrade past " + e.Best.String()
	}
	return text + fmt.Sprintf("does not validate with any schema from %s to the latest", e.From)
}

// transformation rewrites a document of one schema for the next. It may change
// the tree it is given as it likes, and appends its messages.
type transformation func(root *xmltree.Element, messages *[]string) error

// transformations are keyed by the schema they start from; all other steps only
// relabel (01 §2.1).
// It is a table: only read.
var transformations = map[Version]transformation{
	V1_3:  from13,
	V2_10: from210,
	V3_10: from310,
}

// Upgrade brings the document to the latest schema as Pacemaker does (01 §2.2):
// it walks the schemas from the claimed one upwards and rewrites the document
// only where the next schema would not take it as it is. Most documents are
// only relabelled.
//
// The document is changed when the upgrade succeeds, and not at all when it
// fails with an *UnknownSchemaError or *UpgradeError. A rewritten document
// replaces the old one below the same root element; pointers into the old one
// are stale then (Result.Transformed).
func Upgrade(root *xmltree.Element) (Result, error) {
	return upgrade(root, transformations)
}

func upgrade(root *xmltree.Element, steps map[Version]transformation) (Result, error) {
	name, ok := root.Attr("validate-with")
	if !ok {
		return Result{}, &UnknownSchemaError{Missing: true}
	}
	from, ok := ParseVersion(name)
	switch {
	case !ok:
		return Result{}, &UnknownSchemaError{Name: name}
	case from == Disabled:
		return Result{From: from, To: from, Valid: true, Messages: []string{disabledMessage}}, nil
	case from == Latest:
		return Result{From: from, To: from}, nil
	}
	w := walk{doc: root, steps: steps, result: Result{From: from, To: from}}
	best, reached := w.run(from)
	if !reached || best != Latest {
		return w.result, &UpgradeError{From: from, Best: best, Reached: reached, Failed: w.failed}
	}
	w.doc.Set("validate-with", Latest.String())
	if w.doc != root {
		replace(root, w.doc)
	}
	w.result.To, w.result.Valid = Latest, true
	return w.result, nil
}

// walk is an upgrade in progress.
type walk struct {
	doc    *xmltree.Element
	in     Set // the versions in which doc is valid
	steps  map[Version]transformation
	failed bool // the last transformation
	result Result
}

// run returns the newest schema reached.
func (w *walk) run(from Version) (best Version, reached bool) {
	in, stale := versionsAndStale(w.doc, span(from, Latest))
	if stale {
		// Pacemaker's XML library keeps a document's references from one
		// validation to the next: what an older schema of this walk took for
		// one and did not find stays an error in every later schema.
		in = 0
	}
	w.in = in
	for v := from; v <= Latest; v++ {
		if !w.in.Has(v) {
			w.reject(w.doc, v, false)
			if reached {
				break
			}
			continue
		}
		best, reached = v, true
		if v < Latest && !w.in.Has(v+1) {
			w.transform(v)
		}
	}
	return best, reached
}

// transform runs the transformation from v, if there is one. When it fails the
// walk goes on with the old document.
func (w *walk) transform(v Version) {
	step := w.steps[v]
	if step == nil {
		return
	}
	doc := w.doc.Copy()
	if err := step(doc, &w.result.Messages); err != nil {
		problem := Problem{Path: "/", Msg: fmt.Sprintf("the transformation to %s failed: %v", v+1, err)}
		w.result.Rejected = append(w.result.Rejected, Rejection{v + 1, true, []Problem{problem}})
		w.failed = true
		return
	}
	in := versionsOf(doc, span(v+1, Latest))
	if !in.Has(v + 1) {
		w.reject(doc, v+1, true)
		w.failed = true
		return
	}
	w.doc, w.in, w.result.Transformed = doc, in, true
}

func (w *walk) reject(doc *xmltree.Element, v Version, after bool) {
	w.result.Rejected = append(w.result.Rejected, Rejection{v, after, explain(doc, v)})
}

// replace gives root the attributes and children of doc.
func replace(root, doc *xmltree.Element) {
	root.Name, root.Attrs, root.Children = doc.Name, doc.Attrs, doc.Children
	for _, c := range root.Children {
		c.Parent = root
	}
}
