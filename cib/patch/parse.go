package patch

import (
	"errors"
	"fmt"

	"systole/cib"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// Error tells what is wrong with a patch set, or why it cannot be applied.
type Error struct {
	Line, Col int32 // where in the patch set; 0 when it was not read from a file
	Msg       string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("patch set, line %d, column %d: %s", e.Line, e.Col, e.Msg)
	}
	return "patch set: " + e.Msg
}

func fail(at *xmltree.Element, format string, args ...any) error {
	return &Error{Line: at.Line, Col: at.Col, Msg: fmt.Sprintf(format, args...)}
}

// Parse reads a patch set from its element, <diff>. Errors are of type *Error.
func Parse(e *xmltree.Element, lim Limits) (*Set, error) {
	lim = lim.withDefaults()
	if e == nil {
		return nil, &Error{Msg: "there is none; expected <diff>"}
	}
	if e.Kind != xmltree.KindElement || e.Name != "diff" {
		return nil, fail(e, "expected <diff>, found <%s>", clip(e.Name))
	}
	format, ok := e.Attr("format")
	switch {
	case !ok || format == "1":
		return parse1(e, lim)
	case format == "2":
		return parse2(e, lim)
	}
	return nil, fail(e, "the format %s is not known; make the patch set again in format 2", shown(format))
}

func parse2(e *xmltree.Element, lim Limits) (*Set, error) {
	s := &Set{Format: 2, Digest: e.Get("digest")}
	var err error
	version := e.Child("version")
	if s.Source, err = parseVersion(version.Child("source")); err != nil {
		return nil, err
	}
	if s.Target, err = parseVersion(version.Child("target")); err != nil {
		return nil, err
	}
	for c := range e.Elements() {
		op, ok := c.Attr("operation")
		if !ok {
			continue // as <version>
		}
		if len(s.Changes) == lim.Changes {
			return nil, fail(c, "more than %d changes, the limit Changes; split the patch set or raise the limit", lim.Changes)
		}
		change, err := parseChange(c, op, lim)
		if err != nil {
			return nil, err
		}
		s.Changes = append(s.Changes, change)
	}
	return s, nil
}

// parseVersion reads the version of an element that must have all of it.
func parseVersion(e *xmltree.Element) (*cib.Version, error) {
	if e == nil {
		return nil, nil
	}
	var v cib.Version
	for i, field := range fields(&v) {
		name := versionFields[i]
		text, ok := e.Attr(name)
		if !ok {
			return nil, fail(e, "<%s> has no %s; a version has all of admin_epoch, epoch and num_updates", clip(e.Name), name)
		}
		n, err := number(text)
		if err != nil {
			return nil, fail(e, "%s of <%s>: %v", name, clip(e.Name), err)
		}
		*field = int(n)
	}
	return &v, nil
}

const largest = 1<<31 - 1

// number reads a field of a version or a position.
func number(text string) (int32, error) {
	n, ok := value.ParseInteger64(text)
	if !ok || n < 0 || n > largest {
		return 0, fmt.Errorf("%s is not a number from 0 to %d", shown(text), largest)
	}
	return int32(n), nil
}

func parseChange(e *xmltree.Element, op string, lim Limits) (Change, error) {
	c := Change{Position: -1, Line: e.Line, Col: e.Col}
	var ok bool
	if c.Path, ok = e.Attr("path"); !ok {
		return c, fail(e, "the change %s has no path; add one, such as /cib/configuration/resources", shown(op))
	}
	if err := checkPath(c.Path, lim); err != nil {
		return c, fail(e, "%v", err)
	}
	if text, ok := e.Attr("position"); ok {
		n, err := number(text)
		if err != nil {
			return c, fail(e, "position: %v", err)
		}
		c.Position = n
	}
	var err error
	switch op {
	case "create":
		c.Op = OpCreate
		err = parseCreate(e, &c)
	case "modify":
		c.Op = OpModify
		err = parseModify(e, &c)
	case "move":
		c.Op = OpMove
	case "delete":
		c.Op = OpDelete
	default:
		err = fmt.Errorf("the operation %s is not known; there are create, modify, move and delete", shown(op))
	}
	if err != nil {
		return c, fail(e, "%v", err)
	}
	return c, nil
}

func parseCreate(e *xmltree.Element, c *Change) error {
	if len(e.Children) != 1 {
		return fmt.Errorf("what is created below %s must be one element or comment, found %d", shown(c.Path), len(e.Children))
	}
	c.Node = e.Children[0]
	return nil
}

func parseModify(e *xmltree.Element, c *Change) error {
	for a := range e.Child("change-list").Elements() {
		name, ok := a.Attr("name")
		if !ok {
			continue
		}
		v, set := a.Attr("value")
		c.Attrs = append(c.Attrs, AttrChange{Name: name, Value: v, Unset: !set || a.Get("operation") == "unset"})
		if last := &c.Attrs[len(c.Attrs)-1]; last.Unset {
			last.Value = ""
		}
	}
	for r := range e.Child("change-result").Elements() {
		c.Result = r
		return nil
	}
	return errors.New("the change modify has no element in <change-result>; add it with all the attributes that it has afterwards")
}

func parse1(e *xmltree.Element, lim Limits) (*Set, error) {
	s := &Set{Format: 1, Digest: e.Get("digest"), FeatureSet: e.Get("crm_feature_set")}
	for _, side := range [...]struct {
		name    string
		tree    **xmltree.Element
		version **cib.Version
	}{{"diff-removed", &s.Removed, &s.Source}, {"diff-added", &s.Added, &s.Target}} {
		part := e.Child(side.name)
		if part == nil {
			continue
		}
		for root := range part.Elements() {
			if *side.tree != nil {
				return nil, fail(root, "<%s> holds more than one tree; a patch set changes one document", side.name)
			}
			*side.tree = root
		}
		if depth := height(*side.tree); depth > lim.Depth {
			return nil, fail(part, "<%s> is %d elements deep, the limit Depth is %d; make it smaller or raise the limit", side.name, depth, lim.Depth)
		}
		v, err := version1(part, *side.tree)
		if err != nil {
			return nil, err
		}
		*side.version = v
	}
	return s, nil
}

// version1 reads the version of a part: its root has it, or the part itself.
// Trees of format 1 hold what is different, so a part of a version is none.
func version1(part, root *xmltree.Element) (*cib.Version, error) {
	both := &xmltree.Element{Name: part.Name, Line: part.Line, Col: part.Col}
	for _, name := range versionFields {
		if v, ok := root.Attr(name); ok {
			both.Attrs = append(both.Attrs, xmltree.Attr{Name: name, Value: v})
		} else if v, ok := part.Attr(name); ok {
			both.Attrs = append(both.Attrs, xmltree.Attr{Name: name, Value: v})
		}
	}
	if len(both.Attrs) < len(versionFields) {
		return nil, nil
	}
	return parseVersion(both)
}

// height counts the elements below each other.
func height(e *xmltree.Element) int {
	if e == nil {
		return 0
	}
	most := 0
	for _, c := range e.Children {
		most = max(most, height(c))
	}
	return 1 + most
}
