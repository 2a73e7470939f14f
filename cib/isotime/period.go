package isotime

import "strings"

// Period is a span of time between two dates.
type Period struct {
	Start, End Time
}

// ParsePeriod reads start/end, start/duration, duration/end, or a duration
// alone, which starts now. Both ends must be within the years 1 to 9999. clock
// is as in Parse.
func ParsePeriod(text string, clock Time) (p Period, ok bool) {
	first, second, two := strings.Cut(text, "/")
	var length Duration
	startIsLength := strings.HasPrefix(first, "P")
	if startIsLength {
		length, ok = ParseDuration(text)
	} else {
		p.Start, ok = Parse(text, clock)
	}
	switch {
	case !ok:
		return Period{}, false
	case !two && !startIsLength:
		return Period{}, false
	case !two:
		p.Start = clock
		p.End = p.Start.Add(length)
	case strings.HasPrefix(second, "P"):
		if startIsLength {
			return Period{}, false
		}
		if length, ok = ParseDuration(second); !ok {
			return Period{}, false
		}
		p.End = p.Start.Add(length)
	default:
		if p.End, ok = Parse(second, clock); !ok {
			return Period{}, false
		}
		if startIsLength {
			p.Start = p.End.Subtract(length)
		}
	}
	return p, p.Start.inPeriod() && p.End.inPeriod()
}

func (t Time) inPeriod() bool { return t.Year >= 1 && t.Year <= 9999 && t.valid() }

// Add returns the time plus the duration: years, months, days and seconds in
// this order.
func (t Time) Add(d Duration) Time {
	t.AddYears(d.Years)
	t.AddMonths(d.Months)
	t.AddDays(d.Days)
	t.AddSeconds(d.Seconds)
	return t
}

// Subtract returns the time minus the duration, in the same order.
func (t Time) Subtract(d Duration) Time {
	t.AddYears(-d.Years)
	t.AddMonths(-d.Months)
	t.AddDays(-d.Days)
	t.AddSeconds(-d.Seconds)
	return t
}
