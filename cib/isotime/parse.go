package isotime

import (
	"math"
	"strings"
)

// Parse reads a date, a date with time, or a time (01 §9.2). clock is what the
// clock says, in local time: a time without a date is of that day, and a time
// without an offset is in local time. See NeedsClock.
func Parse(text string, clock Time) (t Time, ok bool) {
	switch {
	case timeOnly(text):
		return parseTime(strings.TrimPrefix(text, "T"), clock, clock)
	case isEpoch(text):
		return Time{Year: 1970, Day: 1}, true
	}
	if t, ok = parseDate(text); !ok {
		return Time{}, false
	}
	if rest, ok := timePart(text); ok {
		return parseTime(rest, t, clock)
	}
	return t, t.valid()
}

// NeedsClock tells whether the text lacks a date or, having a time, an offset,
// so that what Parse makes of it depends on the clock.
func NeedsClock(text string) bool {
	if timeOnly(text) {
		return true
	}
	if isEpoch(text) {
		return false
	}
	rest, ok := timePart(text)
	return ok && !strings.ContainsAny(rest, "Z +-")
}

func timeOnly(text string) bool {
	return text != "" && text[0] == 'T' || len(text) > 2 && text[2] == ':'
}

// ParseEpoch is Parse for callers that count in seconds since the epoch: the
// clock is given that way together with the local offset in seconds.
func ParseEpoch(text string, localOffset int, clock int64) (seconds int64, ok bool) {
	t, ok := Parse(text, FromEpoch(clock, localOffset))
	if !ok {
		return 0, false
	}
	return t.Epoch(), true
}

func isEpoch(text string) bool {
	return len(text) >= 5 && strings.EqualFold(text[:5], "epoch") &&
		(len(text) == 5 || text[5] == '/' || isSpace(text[5]))
}

// timePart returns what follows the date, when that begins with a blank or T.
func timePart(text string) (string, bool) {
	rest := strings.TrimLeft(text, "0123456789-W")
	if rest != "" && (rest[0] == ' ' || rest[0] == 'T') {
		return rest[1:], true
	}
	return "", false
}

// parseDate tries the forms of a date in Pacemaker's order (01 §9.2.3).
func parseDate(text string) (Time, bool) {
	var y, m, d uint32
	n := numbers(text, [3]int{}, [2]string{"-", "-"}, &y, &m, &d)
	if n == 1 {
		n = numbers(text, [3]int{4, 2, 2}, [2]string{}, &y, &m, &d)
	}
	if n == 3 {
		return monthDate(y, m, d)
	}
	if numbers(text, [3]int{}, [2]string{"-"}, &y, &d) == 2 {
		if y < 1 || y > math.MaxInt32 || d < 1 || d > 366 || int32(d) > yearDays(int32(y)) {
			return Time{}, false
		}
		return Time{Year: int32(y), Day: int32(d)}, true
	}
	var w uint32
	if numbers(text, [3]int{}, [2]string{"-W", "-"}, &y, &w, &d) == 3 {
		return weekDate(int32(y), w, d)
	}
	return Time{}, false
}

func monthDate(y, m, d uint32) (Time, bool) {
	if m < 1 || m > 12 || y < 1 || y > math.MaxInt32 || d < 1 || d > 31 {
		return Time{}, false
	}
	year, month := int32(y), int32(m)
	if int32(d) > monthDays(month, year) {
		return Time{}, false
	}
	return Time{Year: year, Day: ordinal(year, month, int32(d))}, true
}

func weekDate(year int32, w, d uint32) (Time, bool) {
	if w < 1 || w > 53 || int32(w) > isoWeeks(year) || d < 1 || d > 7 {
		return Time{}, false
	}
	t := Time{Year: year}
	t.AddDays(int32(w-1) * 7)
	if jan1 := jan1Weekday(year); jan1 <= 4 {
		t.AddDays(1 - jan1)
	} else {
		t.AddDays(8 - jan1)
	}
	t.AddDays(int32(d))
	return t, true
}

// parseTime reads a time of day and its offset (01 §9.2.5 and 9.2.6) into the
// date.
func parseTime(text string, date, clock Time) (t Time, ok bool) {
	t = date
	if t.Second, ok = parseClock(text); !ok {
		return Time{}, false
	}
	if t.Offset, ok = parseOffset(text, clock); !ok {
		return Time{}, false
	}
	if t.Second == day {
		t.Second = 0
		t.AddDays(1)
	}
	return t, t.valid()
}

// parseClock reads H[:M[:S]], or [HH[MM[SS]]] when only one number can be read
// that way. 24:00:00 is 86400.
func parseClock(text string) (seconds int32, ok bool) {
	var h, m, s uint32
	n := numbers(text, [3]int{}, [2]string{":", ":"}, &h, &m, &s)
	if n == 1 {
		n = numbers(text, [3]int{2, 2, 2}, [2]string{}, &h, &m, &s)
	}
	if n < 1 || m > 59 || s > 59 || h > 24 || h == 24 && (m != 0 || s != 0) {
		return 0, false
	}
	return int32(h*hour + m*minute + s), true
}

// parseOffset finds and reads the offset in a time.
func parseOffset(text string, clock Time) (offset int32, ok bool) {
	if strings.IndexByte(text, 'Z') >= 0 {
		return 0, true
	}
	i := strings.IndexAny(text, " +-")
	if i < 0 {
		return localOffset(clock.Offset), true
	}
	text = strings.TrimLeft(text[i:], " \t\n\v\f\r")
	if text == "" {
		return 0, true
	}
	switch c := text[0]; {
	case c == '-':
		offset, ok = parseClock(text[1:])
		return -offset, ok
	case c == '+':
		return parseClock(text[1:])
	case isDigit(c):
		return parseClock(text)
	}
	return 0, true
}

// localOffset is the offset of a time that has none. West of Greenwich
// Pacemaker adds the minutes where it should subtract them: -03:30 is taken for
// -02:30.
func localOffset(clock int32) int32 {
	if clock < 0 {
		return clock/hour*hour - clock%hour/minute*minute
	}
	return clock / minute * minute
}
