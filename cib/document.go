package cib

import (
	"fmt"
	"strings"

	"systole/cib/schema"
	"systole/lib/xmltree"
)

// Document is a CIB.
type Document struct {
	root  *xmltree.Element
	index *xmltree.Index // made on first use
}

// Loaded is what Load found out besides the document.
type Loaded struct {
	// Schema tells how the document was brought to the latest schema, with the
	// messages that Pacemaker prints about it.
	Schema schema.Result
}

// InvalidError is a document that its own schema does not allow.
type InvalidError struct {
	Schema   string // as in validate-with
	Problems []schema.Problem
}

func (e *InvalidError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the CIB is not valid by its schema (validate-with=%q)", e.Schema)
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n%v", p)
	}
	return b.String()
}

// RootError is a document that is no CIB at all.
type RootError struct {
	Name      string // of the root element
	Line, Col int32
}

func (e *RootError) Error() string {
	return fmt.Sprintf("%d:%d: the root element is <%s>: want <cib>, as written by cibadmin --query", e.Line, e.Col, e.Name)
}

// Load reads a CIB, brings it to the latest schema as Pacemaker does
// (01 §2.2) and checks it. A document without a status section, as a
// configuration that was saved alone, gets an empty one.
//
// The errors are *xmltree.SyntaxError, *xmltree.LimitError, *RootError,
// *schema.UnknownSchemaError, *schema.UpgradeError and *InvalidError; they name
// the line and column. Loaded is filled as far as loading came.
func Load(data []byte, limits xmltree.Limits) (*Document, Loaded, error) {
	root, err := xmltree.Parse(data, limits)
	if err != nil {
		return nil, Loaded{}, err
	}
	if root.Name != "cib" {
		return nil, Loaded{}, &RootError{Name: root.Name, Line: root.Line, Col: root.Col}
	}
	if root.Child("status") == nil {
		root.Add("status")
	}
	claimed := root.Get("validate-with")
	result, err := schema.Upgrade(root)
	loaded := Loaded{Schema: result}
	if err != nil {
		return nil, loaded, err
	}
	if !result.Valid {
		if problems := schema.Validate(root, result.To); len(problems) > 0 {
			return nil, loaded, &InvalidError{Schema: claimed, Problems: problems}
		}
	}
	return &Document{root: root}, loaded, nil
}

// New takes a tree that is a valid CIB.
func New(root *xmltree.Element) *Document { return &Document{root: root} }

// Root is the <cib> element.
func (d *Document) Root() *xmltree.Element { return d.root }

// Bytes is the document as XML.
func (d *Document) Bytes() []byte {
	return xmltree.AppendXML(nil, d.root, xmltree.PrintOptions{})
}

// Configuration returns a section of the configuration by its name, such as
// "resources", or nil.
func (d *Document) Configuration(section string) *xmltree.Element {
	return d.root.Path("configuration", section)
}

// Status is the status section.
func (d *Document) Status() *xmltree.Element { return d.root.Child("status") }

// Find returns the element with this name and id; nil when there is none, or
// more than one (01 §19.1). It is for documents that are only read.
func (d *Document) Find(element, id string) *xmltree.Element {
	if d.index == nil {
		d.index = xmltree.NewIndex(d.root)
	}
	return d.index.Find(element, id)
}
