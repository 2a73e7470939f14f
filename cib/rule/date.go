package rule

import (
	"math"

	"systole/cib/isotime"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// moment is a date in a rule. It is read once, unless it leaves something out
// that the clock has to say.
type moment struct {
	given bool
	fixed bool
	text  string
	at    isotime.Time // when fixed
}

func compileMoment(e *xmltree.Element, name string) (m moment, wrong string) {
	m.text, m.given = e.Attr(name)
	if !m.given {
		return m, ""
	}
	at, ok := isotime.Parse(m.text, isotime.Time{Year: 1970, Day: 1})
	if !ok {
		return m, name + " " + quote(m.text) + ` is not a date; expected a form like "2030-01-31 13:00:00Z"`
	}
	if !isotime.NeedsClock(m.text) {
		m.fixed, m.at = true, at
	}
	return m, ""
}

func (m *moment) on(in *Input) isotime.Time {
	if m.fixed || !m.given {
		return m.at
	}
	at, _ := isotime.Parse(m.text, in.clock())
	return at
}

// amount is an element of a duration.
type amount struct {
	n   int32
	add func(*isotime.Time, int32)
}

// amounts is the table of a duration's elements, in the order in which they are
// added (01 §10.4.1).
var amounts = [...]struct {
	name string
	add  func(*isotime.Time, int32)
}{
	{"years", (*isotime.Time).AddYears},
	{"months", (*isotime.Time).AddMonths},
	{"weeks", (*isotime.Time).AddWeeks},
	{"days", (*isotime.Time).AddDays},
	{"hours", (*isotime.Time).AddHours},
	{"minutes", (*isotime.Time).AddMinutes},
	{"seconds", (*isotime.Time).AddSeconds},
}

func compileDuration(e *xmltree.Element) (list []amount, wrong string) {
	if e.ID() == "" {
		return nil, "duration without id; give it one"
	}
	for _, a := range amounts {
		text, given := e.Attr(a.name)
		if !given {
			continue
		}
		n, ok := value.ParseInteger64(text)
		if !ok || n < math.MinInt32 || n > math.MaxInt32 {
			return nil, "duration with " + a.name + "=" + quote(text) + ", which is not a number of at most 32 bits"
		}
		if n != 0 { // adding nothing is not the same: see isotime.AddMonths
			list = append(list, amount{int32(n), a.add})
		}
	}
	return list, ""
}

// inRange is a time between two dates, both included (01 §10.4.1).
type inRange struct {
	xml        *xmltree.Element
	start, end moment
	duration   []amount
	hasLength  bool // the end is to be worked out from the duration
}

// after is a time after a date, before one before it (01 §10.4.2).
type after struct {
	xml   *xmltree.Element
	start moment
}

type before struct {
	xml *xmltree.Element
	end moment
}

func compileDate(e *xmltree.Element) (cond condition, wrong string) {
	op, given := e.Attr("operation")
	switch {
	case !given || value.EqualFold(op, "in_range"):
		return compileInRange(e)
	case value.EqualFold(op, "gt"):
		x := &after{xml: e}
		if x.start, wrong = compileMoment(e, "start"); wrong == "" && !x.start.given {
			wrong = "operation gt without start"
		}
		return x, wrong
	case value.EqualFold(op, "lt"):
		x := &before{xml: e}
		if x.end, wrong = compileMoment(e, "end"); wrong == "" && !x.end.given {
			wrong = "operation lt without end"
		}
		return x, wrong
	case value.EqualFold(op, "date_spec"):
		return compileSpec(e)
	}
	return nil, "operation " + quote(op) + " is not one of in_range, gt, lt, date_spec"
}

func compileInRange(e *xmltree.Element) (cond condition, wrong string) {
	x := &inRange{xml: e}
	if x.start, wrong = compileMoment(e, "start"); wrong != "" {
		return nil, wrong
	}
	if x.end, wrong = compileMoment(e, "end"); wrong != "" {
		return nil, wrong
	}
	if !x.start.given && !x.end.given {
		return nil, "neither start nor end given"
	}
	if d := e.Child("duration"); d != nil && !x.end.given {
		x.hasLength = true
		x.duration, wrong = compileDuration(d)
		if x.start.fixed {
			x.end = moment{given: true, fixed: true, at: x.endAfter(x.start.at)}
			x.hasLength = false
		}
	}
	return x, wrong
}

// endAfter returns the end by the duration.
func (x *inRange) endAfter(start isotime.Time) isotime.Time {
	for _, a := range x.duration {
		a.add(&start, a.n)
	}
	return start
}

func (x *inRange) element() *xmltree.Element { return x.xml }

func (x *inRange) eval(in *Input) (pass bool, next int64) {
	now := in.now()
	start := x.start.on(in)
	if x.start.given && now.Compare(start) < 0 {
		return false, start.Epoch()
	}
	end := x.end.on(in)
	if x.hasLength {
		end = x.endAfter(start)
	} else if !x.end.given {
		return true, 0
	}
	if now.Compare(end) > 0 {
		return false, 0
	}
	return true, end.Epoch() + 1
}

func (x *after) element() *xmltree.Element { return x.xml }

func (x *after) eval(in *Input) (pass bool, next int64) {
	start := x.start.on(in)
	if in.now().Compare(start) > 0 {
		return true, 0
	}
	return false, start.Epoch() + 1
}

func (x *before) element() *xmltree.Element { return x.xml }

func (x *before) eval(in *Input) (pass bool, next int64) {
	end := x.end.on(in)
	if in.now().Compare(end) < 0 {
		return true, end.Epoch()
	}
	return false, 0
}

// spec compares parts of the date with ranges (01 §10.5).
type spec struct {
	xml    *xmltree.Element
	checks []check
}

type check struct {
	field  uint8
	within value.Range
}

// fields are the attributes of a date_spec, in the order of parts.
var fields = [...]string{"years", "months", "monthdays", "hours", "minutes", "seconds", "yeardays", "weekyears", "weeks", "weekdays"}

func parts(t isotime.Time) [len(fields)]int32 {
	year, month, monthday := t.Date()
	h, m, s := t.Clock()
	weekyear, week, weekday := t.ISOWeek()
	return [...]int32{year, month, monthday, h, m, s, t.Day, weekyear, week, weekday}
}

func compileSpec(e *xmltree.Element) (cond condition, wrong string) {
	d := e.Child("date_spec")
	switch {
	case d == nil:
		return nil, "operation date_spec without a date_spec element"
	case d.ID() == "":
		return nil, "date_spec without id; give it one"
	}
	x := &spec{xml: e}
	for i, name := range fields {
		text, given := d.Attr(name)
		if !given {
			continue
		}
		r, ok := value.ParseRange(text)
		if !ok {
			return nil, "date_spec with " + name + "=" + quote(text) + `; expected a range like "1-5", "1-" or "3"`
		}
		x.checks = append(x.checks, check{uint8(i), r})
	}
	return x, ""
}

func (x *spec) element() *xmltree.Element { return x.xml }

func (x *spec) eval(in *Input) (pass bool, next int64) {
	now := parts(in.now())
	for _, c := range x.checks {
		if !c.within.Contains(int64(now[c.field])) {
			return false, 0
		}
	}
	return true, 0
}
