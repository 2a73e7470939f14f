package rule

import (
	"systole/cib/value"
	"systole/lib/xmltree"
)

// operation compares an operation's name and interval (01 §10.7).
type operation struct {
	name        string
	intervalMs  int64
	anyInterval bool
}

func compileOperation(e *xmltree.Element) part {
	name, ok := e.Attr("name")
	if !ok {
		return never{}
	}
	x := &operation{name: name, anyInterval: true}
	if text, ok := e.Attr("interval"); ok {
		ms, valid := value.ParseInterval(text)
		if !valid {
			return never{}
		}
		x.intervalMs, x.anyInterval = ms, false
	}
	return x
}

func (x *operation) eval(in *Input) (bool, int64) {
	return in.HasOperation && x.name == in.Operation && (x.anyInterval || x.intervalMs == int64(in.IntervalMs)), 0
}
