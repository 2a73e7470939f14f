package patch

import (
	"strconv"

	"systole/cib"
	"systole/lib/xmltree"
)

// XML returns the set as the element that Parse reads, a tree of its own.
func (s *Set) XML() *xmltree.Element {
	if s.Format == 1 {
		return s.xml1()
	}
	e := xmltree.New("diff", "format", "2")
	if s.Digest != "" {
		e.Set("digest", s.Digest)
	}
	if s.Source != nil || s.Target != nil {
		version := e.Add("version")
		addVersion(version, "source", s.Source)
		addVersion(version, "target", s.Target)
	}
	for i := range s.Changes {
		e.Append(s.Changes[i].xml())
	}
	return e
}

func addVersion(parent *xmltree.Element, name string, v *cib.Version) {
	if v != nil {
		parent.Add(name, versionPairs(v)...)
	}
}

func versionPairs(v *cib.Version) []string {
	var pairs []string
	for i, n := range fields(v) {
		pairs = append(pairs, versionFields[i], strconv.Itoa(*n))
	}
	return pairs
}

func (c *Change) xml() *xmltree.Element {
	e := xmltree.New("change", "operation", c.Op.String(), "path", c.Path)
	if c.Position >= 0 {
		e.Set("position", strconv.Itoa(int(c.Position)))
	}
	switch c.Op {
	case OpCreate:
		e.Append(c.Node.Copy())
	case OpModify:
		list := e.Add("change-list")
		for _, a := range c.Attrs {
			if a.Unset {
				list.Add("change-attr", "name", a.Name, "operation", "unset")
			} else {
				list.Add("change-attr", "name", a.Name, "operation", "set", "value", a.Value)
			}
		}
		result := xmltree.New(c.Result.Name)
		result.Attrs = append(result.Attrs, c.Result.Attrs...)
		e.Add("change-result").Append(result)
	case OpMove, OpDelete:
	}
	return e
}

func (s *Set) xml1() *xmltree.Element {
	e := xmltree.New("diff")
	if s.FeatureSet != "" {
		e.Set("crm_feature_set", s.FeatureSet)
	}
	removed, added := e.Add("diff-removed"), e.Add("diff-added")
	for _, side := range [...]struct {
		part, tree *xmltree.Element
		version    *cib.Version
	}{{removed, s.Removed, s.Source}, {added, s.Added, s.Target}} {
		if side.version != nil {
			side.part.Attrs = xmltree.New("", versionPairs(side.version)...).Attrs
		}
		if side.tree != nil {
			side.part.Append(side.tree.Copy())
		}
	}
	e.Set("format", "1")
	if s.Digest != "" {
		e.Set("digest", s.Digest)
	}
	return e
}
