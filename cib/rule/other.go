package rule

import (
	"systole/cib/value"
	"systole/lib/xmltree"
)

// resource compares class, provider and type (01 §10.7).
type resource struct {
	xml                            *xmltree.Element
	class, provider, kind          string
	hasClass, hasProvider, hasKind bool
}

func compileResource(e *xmltree.Element) condition {
	x := &resource{xml: e}
	x.class, x.hasClass = e.Attr("class")
	x.provider, x.hasProvider = e.Attr("provider")
	x.kind, x.hasKind = e.Attr("type")
	return x
}

func (x *resource) element() *xmltree.Element { return x.xml }

func (x *resource) eval(in *Input) (pass bool, next int64) {
	return same(x.hasClass, x.class, in.HasResource, in.Class) &&
		same(x.hasProvider, x.provider, in.HasResource, in.Provider) &&
		same(x.hasKind, x.kind, in.HasResource, in.Type), 0
}

// same tells whether what a rule wants, if anything, is what there is. An
// undefined value is never what it wants.
func same(given bool, want string, has bool, have string) bool {
	return !given || has && have != "" && want == have
}

// operation compares name and interval of an operation (01 §10.7).
type operation struct {
	xml         *xmltree.Element
	name        string
	intervalMs  int64
	hasInterval bool
}

func compileOperation(e *xmltree.Element) (cond condition, wrong string) {
	x := &operation{xml: e}
	var text string
	var ok bool
	if x.name, ok = e.Attr("name"); !ok {
		return nil, "no name given"
	}
	if text, x.hasInterval = e.Attr("interval"); x.hasInterval {
		if x.intervalMs, ok = value.ParseInterval(text); !ok {
			return nil, "interval " + quote(text) + ` is not a length of time such as "10s"`
		}
	}
	return x, ""
}

func (x *operation) element() *xmltree.Element { return x.xml }

func (x *operation) eval(in *Input) (pass bool, next int64) {
	return in.HasOperation && x.name == in.Operation && (!x.hasInterval || x.intervalMs == int64(in.IntervalMs)), 0
}
