package rule

import (
	"testing"

	"github.com/stretchr/testify/require"

	"systole/cib/isotime"
	"systole/lib/xmltree"
)

func dateRule(attrs string, children ...*xmltree.Element) *xmltree.Element {
	return and(el("date_expression id='d' "+attrs, children...))
}

func TestInRange_01_10_4(t *testing.T) {
	const both = "operation='in_range' start='2030-01-01T12:00:00Z' end='2030-01-02T12:00:00Z'"
	for _, c := range []struct {
		attrs, now string
		want       bool
		next       string // "" none
	}{
		{both, "2030-01-01T11:59:59Z", false, "2030-01-01T12:00:00Z"},
		{both, "2030-01-01T12:00:00Z", true, "2030-01-02T12:00:01Z"},
		{both, "2030-01-02T12:00:00Z", true, "2030-01-02T12:00:01Z"},
		{both, "2030-01-02T12:00:01Z", false, ""},
		{both, "2030-01-01T13:00:00+01:00", true, "2030-01-02T12:00:01Z"},
		{"start='2030-01-01'", "2029-12-31T23:59:59Z", false, "2030-01-01"},
		{"start='2030-01-01'", "2030-01-01", true, ""},
		{"end='2030-01-01'", "2030-01-01", true, "2030-01-01T00:00:01Z"},
		{"end='2030-01-01'", "2030-01-01T00:00:01Z", false, ""},
		{"operation='IN_RANGE' end='2030-01-01'", "2030-01-01", true, "2030-01-01T00:00:01Z"},
		{"", "2030-01-01", false, ""},
		{"operation='' start='2030-01-01'", "2030-01-01", false, ""},
		{"operation='within' start='2030-01-01'", "2030-01-01", false, ""},
		{"start='soon'", "2030-01-01", false, ""},
		{"start='2030-01-01' end='later'", "2029-01-01", false, ""},
		{"start='2030-01-01' end='2029-01-01'", "2029-06-01", false, "2030-01-01"},
		{"operation='gt' start='2030-01-01'", "2030-01-01", false, "2030-01-01T00:00:01Z"},
		{"operation='gt' start='2030-01-01'", "2030-01-01T00:00:01Z", true, ""},
		{"operation='GT' end='2030-01-01'", "2031-01-01", false, ""},
		{"operation='gt' start='x'", "2031-01-01", false, ""},
		{"operation='lt' end='2030-01-01'", "2029-12-31T23:59:59Z", true, "2030-01-01"},
		{"operation='lt' end='2030-01-01'", "2030-01-01", false, ""},
		{"operation='lt' start='2030-01-01'", "2029-01-01", false, ""},
		{"operation='lt' end='x'", "2029-01-01", false, ""},
	} {
		in := at(t, c.now)
		pass, next := Compile(dateRule(c.attrs), nil).Eval(in)
		require.Equal(t, c.want, pass, "%s at %s", c.attrs, c.now)
		var want int64
		if c.next != "" {
			want = at(t, c.next).Now
		}
		require.Equal(t, want, next, "%s at %s", c.attrs, c.now)
		in.Date = isotime.Time{}
		pass, _ = Compile(dateRule(c.attrs), nil).Eval(in)
		require.Equal(t, c.want, pass, "%s at %s, in epoch seconds", c.attrs, c.now)
	}
	require.False(t, passes(t, and(el("date_expression start='2030-01-01'")), at(t, "2031-01-01")), "no id")
}

func TestDuration_01_10_4_1(t *testing.T) {
	for _, c := range []struct {
		start, duration, now string
		want                 bool
	}{
		{"2030-01-01", "hours='12'", "2030-01-01T12:00:00Z", true},
		{"2030-01-01", "hours='12'", "2030-01-01T12:00:01Z", false},
		{"2030-01-31", "months='1'", "2030-02-28", true},
		{"2030-01-31", "months='1'", "2030-02-28T00:00:01Z", false},
		{"2024-03-01", "years='1'", "2025-03-02", true},
		{"2024-03-01", "years='1'", "2025-03-02T00:00:01Z", false},
		{"2024-12-31", "years='1'", "2025-12-31T23:00:00Z", true},
		{"2024-12-31", "years='1'", "2026-01-01", false}, // day 366 of 2025 is before day 1 of 2026
		{"2030-01-01", "years='0' months='0' weeks='1' days='1' hours='1' minutes='1' seconds='1'", "2030-01-09T01:01:01Z", true},
		{"2030-01-01", "years='0' months='0' weeks='1' days='1' hours='1' minutes='1' seconds='1'", "2030-01-09T01:01:02Z", false},
		{"2030-01-31", "months='1' days='1'", "2030-03-01", true},
		{"2030-01-01", "", "2030-01-01", true},
		{"2030-01-01", "", "2030-01-01T00:00:01Z", false},
		{"2030-01-01", "hours='1x'", "2030-01-01T01:00:00Z", true},
		{"2030-01-01", "hours='x'", "2030-01-01", false},
		{"2030-01-01", "hours=''", "2030-01-01", false},
		{"2030-01-01", "seconds='2147483648'", "2030-01-01", false},
		{"2030-01-01", "seconds='99999999999999999999'", "2030-01-01", false},
		{"2030-01-01", "seconds='2147483647'", "2090-01-01", true},
		{"2030-01-02", "days='-1'", "2030-01-02", false},
		// A duration that ends at midnight ends a second early.
		{"2030-01-01T22:00:00Z", "hours='2'", "2030-01-01T23:59:59Z", true},
		{"2030-01-01T22:00:00Z", "hours='2'", "2030-01-02T00:00:00Z", false},
	} {
		e := dateRule("start='"+c.start+"'", el("duration id='l' "+c.duration))
		require.Equal(t, c.want, passes(t, e, at(t, c.now)), "%s + %s at %s", c.start, c.duration, c.now)
	}
	require.True(t, passes(t, dateRule("start='2030-01-01T22:00:00Z' end='2030-01-02'"), at(t, "2030-01-02")), "an end at midnight does not")
	require.False(t, passes(t, dateRule("start='2030-01-01'", el("duration hours='1'")), at(t, "2030-01-01")), "no id")
	require.False(t, passes(t, dateRule("", el("duration id='l' hours='1'")), at(t, "2030-01-01")), "no start")
	require.True(t, passes(t, dateRule("start='2030-01-01' end='2031-01-01'", el("duration id='l' hours='x'")), at(t, "2030-06-01")), "an end makes the duration irrelevant")
	require.True(t, passes(t, dateRule("start='2030-01-01'", el("duration id='l' days='2'"), el("duration id='m' hours='x'")), at(t, "2030-01-02")), "only the first counts")
	_, next := Compile(dateRule("start='2030-01-01T22:00:00Z'", el("duration id='l' hours='2'")), nil).Eval(at(t, "2030-01-01T23:00:00Z"))
	require.Equal(t, at(t, "2030-01-02T00:00:01Z").Now, next)
}

// What is left out of a date is what the clock says, not what "now" is.
func TestClock_01_9_2(t *testing.T) {
	in := &Input{LocalOffset: 3600, RealNow: 1893499200} // 2030-01-01 12:00:00Z
	in.Now = 1893499200
	r := Compile(dateRule("operation='gt' start='2030-01-01T12:59:59'"), nil)
	require.True(t, r.must(in), "local time is an hour ahead")
	r = Compile(dateRule("operation='gt' start='T12:59:59'"), nil)
	require.True(t, r.must(in))
	in.RealNow += 86400
	require.False(t, r.must(in), "tomorrow is another day")
	r = Compile(dateRule("operation='lt' end='T25'"), nil)
	require.False(t, r.must(in))
	require.NotEmpty(t, r.Problems())
}

func TestDateSpec_01_10_5(t *testing.T) {
	// A Tuesday in week 1 of 2030.
	const now = "2030-01-01T13:14:15+05:30"
	for attrs, want := range map[string]bool{
		"": true, "moon='1'": true, "unknown='x'": true,
		"years='2030'": true, "years='2029-2031'": true, "years='2031-'": false, "years='-2029'": false,
		"months='1'": true, "months='2'": false, "monthdays='1'": true, "monthdays='2-31'": false,
		"hours='13'": true, "hours='7'": false, "hours='9-16'": true, "hours='14-9'": false,
		"minutes='14'": true, "minutes='0-13'": false, "seconds='15'": true, "seconds='16-'": false,
		"yeardays='1'": true, "yeardays='2-366'": false,
		"weekyears='2030'": true, "weekyears='2029'": false, "weeks='1'": true, "weeks='52-53'": false,
		"weekdays='2'": true, "weekdays='1-5'": true, "weekdays='6-7'": false,
		"years='2030' months='1' weekdays='2' hours='9-16'": true,
		"years='2030' months='1' weekdays='3' hours='9-16'": false,
		"years=''": false, "years='-'": false, "years='x'": false, "years='2030x'": false, "hours='1-2-3'": false, "weeks='1,2'": false,
		"years='1--1'": true,
	} {
		e := dateRule("operation='date_spec'", el("date_spec id='s' "+attrs))
		r := Compile(e, nil)
		pass, next := r.Eval(at(t, now))
		require.Equal(t, want, pass, attrs)
		require.Zero(t, next, attrs)
	}
	in := at(t, "2029-12-31T20:00:00Z")
	e := dateRule("operation='DATE_SPEC'", el("date_spec id='s' years='2030' hours='1'"))
	require.False(t, passes(t, e, in))
	in.Date, in.LocalOffset = isotime.Time{}, 5*3600
	require.True(t, passes(t, e, in), "epoch seconds are shown in local time")
	require.False(t, passes(t, dateRule("operation='date_spec'"), in), "no date_spec")
	require.False(t, passes(t, dateRule("operation='date_spec'", el("date_spec years='2030'")), in), "no id")
	require.False(t, passes(t, dateRule("operation='date_spec'", el("date_spec id='1' years='1'"), el("date_spec id='2'")), in), "the first counts")
}

// Conditions that are not looked at do not report their change.
func TestNextChange_01_10_6(t *testing.T) {
	gt := func(start string) *xmltree.Element {
		return el("date_expression id='d' operation='gt' start='" + start + "'")
	}
	in := at(t, "2030-01-01")
	for _, c := range []struct {
		name string
		rule *xmltree.Element
		want string
	}{
		{"the earliest", or(gt("2032-01-01"), gt("2031-01-01"), gt("2033-01-01")), "2031-01-01T00:00:01Z"},
		{"and stops at a failure", and(gt("2032-01-01"), gt("2031-01-01")), "2032-01-01T00:00:01Z"},
		{"or stops at a success", or(yes.Copy(), gt("2031-01-01")), ""},
		{"before a success", or(gt("2031-01-01"), yes.Copy()), "2031-01-01T00:00:01Z"},
		{"nested", and(or(gt("2032-01-01"), yes.Copy()), or(gt("2031-01-01"), yes.Copy())), "2031-01-01T00:00:01Z"},
		{"in a failing rule", and(or(gt("2031-01-01"), no.Copy()), gt("2030-06-01")), "2031-01-01T00:00:01Z"},
		{"nothing known", and(yes.Copy()), ""},
	} {
		_, next := Compile(c.rule, nil).Eval(in)
		var want int64
		if c.want != "" {
			want = at(t, c.want).Now
		}
		require.Equal(t, want, next, c.name)
	}
}
