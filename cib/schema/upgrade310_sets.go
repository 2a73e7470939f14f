package schema

import (
	"slices"
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

// sortSets puts the sets of each element behind its other children, in the
// order in which the scheduler uses them, and makes the renames and removals of
// single pairs and fencing levels (01 §4.2 B).
func (d *draft) sortSets(e *xmltree.Element) {
	var others, sets []*xmltree.Element
	for _, c := range e.Children {
		if isSet(c) {
			sets = append(sets, c)
		} else {
			others = append(others, c)
		}
	}
	slices.SortStableFunc(sets, bySetOrder)
	e.Children = append(others, sets...)
	keepIf(e, func(c *xmltree.Element) bool {
		if !d.keepInB(e, c) {
			return false
		}
		d.oneByOne(e, c)
		d.sortSets(c)
		return true
	})
}

func isSet(e *xmltree.Element) bool {
	switch e.Name {
	case "cluster_property_set", "instance_attributes", "meta_attributes", "utilization":
		return true
	}
	return false
}

// bySetOrder compares two sets by the place their scores give them.
func bySetOrder(a, b *xmltree.Element) int {
	classA, scoreA := setClass(a)
	classB, scoreB := setClass(b)
	bootA, bootB := isBootstrap(a), isBootstrap(b)
	switch {
	case bootA != bootB && bootA, bootA == bootB && classA < classB:
		return -1
	case bootA != bootB || classA != classB:
		return 1
	case scoreA > scoreB:
		return -1
	case scoreA < scoreB:
		return 1
	}
	return 0
}

func isBootstrap(e *xmltree.Element) bool {
	return e.Name == "cluster_property_set" && e.ID() == "cib-bootstrap-options"
}

// Classes of sets, first to last. What is a score to the scheduler but not to
// the transformation (+5) comes last.
const (
	classInfinity = iota
	classPositive
	classZero
	classNegative
	classMinusInfinity
	classOther
)

func setClass(e *xmltree.Element) (class int, score float64) {
	text, ok := e.Attr("score")
	switch {
	case !ok:
		return classZero, 0
	case text == "INFINITY" || text == "+INFINITY":
		return classInfinity, 0
	case text == "-INFINITY":
		return classMinusInfinity, 0
	}
	n, ok := xpathNumber(text)
	switch {
	case !ok:
		return classOther, 0
	case n > 0:
		return classPositive, n
	case n < 0:
		return classNegative, n
	}
	return classZero, 0
}

// xpathNumber reads a number as XPath 1.0 does: it knows no plus sign.
func xpathNumber(s string) (float64, bool) {
	s = trim(s)
	if strings.Trim(s, "-0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

var renamedOptions = map[string]string{
	"crmd-finalization-timeout": "join-finalization-timeout",
	"crmd-integration-timeout":  "join-integration-timeout",
	"crmd-transition-delay":     "transition-delay",
}

// oneByOne changes the attributes of c, a child of e.
func (d *draft) oneByOne(e, c *xmltree.Element) {
	if c.Name == "date_spec" && c.Has("moon") {
		d.warn("Dropping moon attribute from date spec %s because moon phase is no longer supported", c.ID())
		c.Del("moon")
		d.changed[c] = true
	}
	if c.Name != "nvpair" || e.Name != "cluster_property_set" {
		return
	}
	name := c.Get("name")
	if to, ok := renamedOptions[name]; ok {
		c.Set("name", to)
		d.changed[c] = true
	}
	if name == "stonith-action" && c.Get("value") == "poweroff" {
		c.Set("value", "off")
		d.changed[c] = true
	}
}

// keepInB tells whether c, a child of e, outlives step B.
func (d *draft) keepInB(e, c *xmltree.Element) bool {
	switch {
	case c.Name == "nvpair" && e.Name == "cluster_property_set" && c.Get("name") == "remove-after-stop":
		d.warn("Dropping nvpair %s because the remove-after-stop property is unsupported", c.ID())
		return false
	case c.Name == "nvpair":
		return c.Has("value")
	case c.Name == "fencing-level":
		index, ok := xpathNumber(c.Get("index"))
		return !ok || index <= 9
	}
	return true
}

// dropOverridden leaves at most one pair for each name in a set: the one the
// scheduler would use (01 §4.2 C1).
func dropOverridden(e *xmltree.Element) {
	if count(e, "nvpair") < 2 {
		return
	}
	later := map[string]int{} // elements with that name still to come
	resets := map[string]int{}
	for c := range e.Elements() {
		if c.Name != "nvpair" {
			if name, ok := c.Attr("name"); ok {
				later[name]++
			}
			continue
		}
		name := c.Get("name")
		later[name]++
		if isReset(c) {
			resets[name]++
		}
	}
	used := map[string]bool{} // a pair since the last reset
	keepIf(e, func(c *xmltree.Element) bool {
		name, ok := c.Attr("name")
		if !ok {
			return true
		}
		later[name]--
		switch {
		case c.Name != "nvpair":
			return true
		case isReset(c):
			resets[name]--
			used[name] = false
			return later[name] == 0
		}
		first := !used[name]
		used[name] = true
		return first && resets[name] == 0
	})
}

// isReset tells whether the pair unsets what pairs before it have set.
func isReset(pair *xmltree.Element) bool { return pair.Get("value") == "#default" }
