package isotime

import (
	"cmp"
	"math"
	"time"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// Time is a date and time of day with an offset from UTC (01 §9.1). The zero
// Time is no date at all.
type Time struct {
	Year   int32 // from 1; Pacemaker's readers can also make years below 1
	Day    int32 // of the year, from 1
	Second int32 // of the day, 0 to 86400
	Offset int32 // seconds east of UTC
}

// epochSeconds is 1970-01-01, in seconds since the start of year 1.
const epochSeconds = 62135596800

// FromEpoch makes a Time of seconds since the epoch, in the given offset. The
// offset, in seconds, is cut to whole minutes towards zero as Pacemaker does.
// Times outside the years 1 to 2147483647 are clipped to their first and last
// day.
func FromEpoch(seconds int64, offset int) Time {
	t := Time{Year: 1, Day: 1, Offset: int32(offset / minute * minute)}
	const lowest = -epochSeconds
	highest := daysBefore(math.MaxInt32)*day + lowest
	total := max(lowest, min(highest, seconds)) + epochSeconds + int64(offset)
	if total < 0 {
		total = 0
	}
	t.Second = int32(total % day)
	t.addDays(total / day)
	return t
}

// FromTime makes a Time of a time.Time, in its own zone.
func FromTime(t time.Time) Time {
	_, offset := t.Zone()
	return FromEpoch(t.Unix(), offset)
}

// Epoch returns the seconds since the epoch.
func (t Time) Epoch() int64 {
	u := t.UTC()
	days := daysBefore(u.Year)
	if u.Day > 0 {
		days += int64(u.Day) - 1
	}
	return days*day + int64(u.Second) - epochSeconds
}

// UTC returns the same instant with the offset 0, by the rules of AddSeconds.
func (t Time) UTC() Time {
	if t.Offset != 0 {
		offset := t.Offset
		t.Offset = 0
		t.AddSeconds(-offset)
	}
	return t
}

// IsZero tells whether this is no date at all.
func (t Time) IsZero() bool { return t == Time{} }

// Compare returns -1, 0 or 1 as t is before, at or after u: both are brought
// to UTC, then year, day and second decide in this order (01 §9.1). 24:00:00 is
// before 00:00:00 of the next day.
func (t Time) Compare(u Time) int {
	t, u = t.UTC(), u.UTC()
	return cmp.Or(cmp.Compare(t.Year, u.Year), cmp.Compare(t.Day, u.Day), cmp.Compare(t.Second, u.Second))
}

// valid tells whether day and second are within their limits.
func (t Time) valid() bool {
	return t.Day > 0 && t.Day <= yearDays(t.Year) && t.Second >= 0 && t.Second < day
}
