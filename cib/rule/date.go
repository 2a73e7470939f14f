package rule

import (
	"math"
	"strings"

	"systole/cib/isotime"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// dateRange is in_range, gt and lt (01 §10.4). Texts are parsed when evaluated
// as times without an offset depend on the input.
type dateRange struct {
	kind       string
	start, end *string
	duration   *xmltree.Element
}

func compileDate(e *xmltree.Element) part {
	op := strings.ToLower(e.Get("operation"))
	switch op {
	case "", "in_range":
		return &dateRange{kind: "in_range", start: attrOf(e, "start"), end: attrOf(e, "end"), duration: e.Child("duration")}
	case "gt":
		return &dateRange{kind: op, start: attrOf(e, "start")}
	case "lt":
		return &dateRange{kind: op, end: attrOf(e, "end")}
	case "date_spec":
		spec := e.Child("date_spec")
		if spec == nil {
			return never{}
		}
		return compileSpec(spec)
	}
	return never{}
}

func parseTime(text *string, in *Input) (t isotime.Time, given, ok bool) {
	if text == nil {
		return t, false, true
	}
	t, ok = isotime.Parse(*text, isotime.FromEpoch(in.RealNow, in.LocalOffset))
	return t, true, ok
}

func (x *dateRange) eval(in *Input) (bool, int64) {
	start, hasStart, ok1 := parseTime(x.start, in)
	end, hasEnd, ok2 := parseTime(x.end, in)
	now := nowOf(in)
	if !ok1 || !ok2 {
		return false, 0
	}
	switch x.kind {
	case "gt":
		if !hasStart {
			return false, 0
		}
		if now.Compare(start) > 0 {
			return true, 0
		}
		return false, start.Epoch() + 1
	case "lt":
		if hasEnd && now.Compare(end) < 0 {
			return true, end.Epoch()
		}
		return false, 0
	}
	if !hasStart && !hasEnd {
		return false, 0
	}
	if !hasEnd && x.duration != nil {
		if end = start; !addDuration(&end, x.duration) {
			return false, 0
		}
		hasEnd = true
	}
	switch {
	case hasStart && now.Compare(start) < 0:
		return false, start.Epoch()
	case hasEnd && now.Compare(end) > 0:
		return false, 0
	case hasEnd:
		return true, end.Epoch() + 1
	}
	return true, 0
}

// addDuration adds a duration element, the biggest unit first.
func addDuration(t *isotime.Time, d *xmltree.Element) bool {
	ok := true
	get := func(name string) int32 {
		text, given := d.Attr(name)
		if !given {
			return 0
		}
		n, valid := value.ParseInteger64(text)
		if !valid || n > math.MaxInt32 || n < math.MinInt32 {
			ok = false
			return 0
		}
		return int32(n)
	}
	years, months, weeks, days := get("years"), get("months"), get("weeks"), get("days")
	hours, minutes, seconds := get("hours"), get("minutes"), get("seconds")
	if !ok {
		return false
	}
	t.AddYears(years)
	t.AddMonths(months)
	t.AddWeeks(weeks)
	t.AddDays(days)
	t.AddHours(hours)
	t.AddMinutes(minutes)
	t.AddSeconds(seconds)
	return true
}

// dateSpec compares fields of the date (01 §10.5).
type dateSpec struct{ checks []specCheck }

type specCheck struct {
	field int
	in    value.Range
}

// specFields is a table: the attributes in the order in which they are checked.
var specFields = [...]string{"years", "months", "monthdays", "hours", "minutes", "seconds", "yeardays", "weekyears", "weeks", "weekdays"}

func compileSpec(e *xmltree.Element) part {
	x := &dateSpec{}
	for i, name := range specFields {
		text, ok := e.Attr(name)
		if !ok {
			continue
		}
		r, ok := value.ParseRange(text)
		if !ok {
			return never{}
		}
		x.checks = append(x.checks, specCheck{field: i, in: r})
	}
	return x
}

func (x *dateSpec) eval(in *Input) (bool, int64) {
	now := nowOf(in)
	y, mo, d := now.Date()
	h, mi, s := now.Clock()
	wy, w, wd := now.ISOWeek()
	fields := [...]int32{y, mo, d, h, mi, s, now.Day, wy, w, wd}
	for _, c := range x.checks {
		if !c.in.Contains(int64(fields[c.field])) {
			return false, 0
		}
	}
	return true, 0
}
