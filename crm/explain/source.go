package explain

import (
	"strconv"
	"strings"

	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// This file finds the elements that something was read from, and puts them into
// words.

func fact(text string, c scheduler.CauseInfo) Fact {
	f := Fact{Text: text, Kind: c.Kind}
	if c.XML != nil {
		f.Elem, f.ID, f.Line = c.XML.Name, c.XML.ID(), c.Line
	}
	return f
}

// plain is a fact that rests on no element.
func plain(kind, text string) Fact { return Fact{Text: text, Kind: kind} }

// from is a fact that rests on an element; without one it is a plain fact.
func from(kind, text string, e *xmltree.Element) Fact {
	f := Fact{Text: text, Kind: kind}
	if e != nil {
		f.Elem, f.ID, f.Line = e.Name, e.ID(), int(e.Line)
	}
	return f
}

// pairIn finds the last nvpair with a name in the sets of an element; one with
// the wanted value goes before others.
func pairIn(e *xmltree.Element, set, name, value string) *xmltree.Element {
	var found *xmltree.Element
	if e == nil {
		return nil
	}
	for s := range e.Elements(set) {
		for p := range s.Elements("nvpair") {
			if p.Get("name") != name {
				continue
			}
			if p.Get("value") == value {
				return p
			}
			found = p
		}
	}
	return found
}

// metaPair finds the nvpair that a meta-attribute of a resource comes from.
func (x *Index) metaPair(r *scheduler.Resource, name string) *xmltree.Element {
	value := r.Meta.Value(name)
	for q := r; q != nil; q = q.Parent {
		if p := pairIn(q.XML, "meta_attributes", name, value); p != nil {
			return p
		}
	}
	if ref := r.XML.Get("template"); ref != "" {
		for t := range x.s.CIB.Path("configuration", "resources").Elements("template") {
			if p := pairIn(t, "meta_attributes", name, value); t.ID() == ref && p != nil {
				return p
			}
		}
	}
	return pairIn(x.s.CIB.Path("configuration", "rsc_defaults"), "meta_attributes", name, value)
}

// option finds the nvpair of a cluster option.
func (x *Index) option(names ...string) *xmltree.Element {
	config := x.s.CIB.Path("configuration", "crm_config")
	for _, name := range names {
		if p := pairIn(config, "cluster_property_set", name, ""); p != nil {
			return p
		}
	}
	return nil
}

// nodeAttr finds the nvpair that a node attribute comes from: transient ones go
// before configured ones.
func (x *Index) nodeAttr(n *scheduler.Node, name string) *xmltree.Element {
	value := n.Attrs[name]
	if p := pairIn(x.nodeState(n).Child("transient_attributes"), "instance_attributes", name, value); p != nil {
		return p
	}
	for e := range x.s.CIB.Path("configuration", "nodes").Elements("node") {
		if e.ID() == n.ID || e.Get("uname") == n.Name {
			return pairIn(e, "instance_attributes", name, value)
		}
	}
	return nil
}

// nodeState is what the status section has of a node, nil when it has nothing.
func (x *Index) nodeState(n *scheduler.Node) *xmltree.Element {
	for e := range x.s.StatusXML().Elements("node_state") {
		if e.ID() == n.ID || e.Get("uname") == n.Name {
			return e
		}
	}
	return nil
}

// resultWords is a table of what the results of agents mean.
var resultWords = [...]string{ // table
	"ok", "error", "invalid parameter", "unimplemented", "insufficient privileges", "not installed", "not configured",
	"not running", "promoted", "failed in promoted role",
}

// operation says what an entry of a history says: "web monitor every 10s on
// node1 returned 7 (not running)".
func operation(e *xmltree.Element) string {
	rsc, task, _, ok := scheduler.SplitKey(e.Get("operation_key"))
	if !ok {
		rsc, task = "", e.Get("operation")
	}
	if own := e.Get("operation"); own != "" {
		task = own
	}
	text := strings.TrimSpace(rsc + " " + task)
	if ms, err := strconv.ParseInt(e.Get("interval"), 10, 64); err == nil && ms > 0 {
		text += " every " + duration(ms)
	}
	if n := e.Get("on_node"); n != "" {
		text += " on " + n
	}
	rc, err := strconv.Atoi(e.Get("rc-code"))
	switch status := e.Get("op-status"); {
	case status == "2":
		text += " timed out"
	case status == "-1":
		text += " has no result yet"
	case err != nil:
		text += " failed"
	case rc >= 0 && rc < len(resultWords):
		text += " returned " + itoa(rc) + " (" + resultWords[rc] + ")"
	default:
		text += " returned " + itoa(rc)
	}
	if why := e.Get("exit-reason"); why != "" {
		text += ": " + why
	}
	return text
}

// duration is a time in the largest unit that fits.
func duration(ms int64) string {
	for _, u := range [...]struct {
		ms   int64
		name string
	}{{3600000, "h"}, {60000, "min"}, {1000, "s"}} {
		if ms%u.ms == 0 {
			return strconv.FormatInt(ms/u.ms, 10) + u.name
		}
	}
	return strconv.FormatInt(ms, 10) + "ms"
}

func itoa(n int) string { return strconv.Itoa(n) }

// some joins names, the first few of them.
func some(names []string) string {
	const most = 4
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}
