package value

import (
	"math"
	"strconv"

	"systole/cib/isotime"
)

// MaxInterval is the longest interval, in milliseconds; longer ones are
// clipped to it (01 §8.4).
const MaxInterval = math.MaxUint32

// MaxTimeout is the longest timeout, in milliseconds (01 §8.5).
const MaxTimeout = math.MaxInt32

// DefaultTimeout is the timeout of an operation without a valid one, in
// milliseconds (01 §8.5).
const DefaultTimeout = 20000

// unit is what one of the number stands for: ms = number * times / parts.
type unit struct{ times, parts int64 }

// unitOf reads a unit by its beginning, whatever follows, which is why "10
// seconds" and "3minutes" work (01 §8.4.2). The order matters.
func unitOf(s string) (u unit, ok bool) {
	switch {
	case s == "" || hasPrefixFold(s, "s"):
		return unit{1000, 1}, true
	case hasPrefixFold(s, "ms"):
		return unit{1, 1}, true
	case hasPrefixFold(s, "us"):
		return unit{1, 1000}, true
	case hasPrefixFold(s, "m"):
		return unit{60 * 1000, 1}, true
	case hasPrefixFold(s, "h"):
		return unit{60 * 60 * 1000, 1}, true
	}
	return unit{}, false
}

// scanMilliseconds reads a number with an optional unit, clipped to 64 bits.
// A number that is clipped is outOfRange but still has its value, one without
// digits or with an unknown unit is noDigits.
func scanMilliseconds(text string) (ms int64, how outcome) {
	n, rest, how := scanInteger(text)
	if how == noDigits {
		return 0, noDigits
	}
	for rest != "" && (isDigit(rest[0]) || rest[0] == '.') {
		rest = rest[1:]
	}
	u, ok := unitOf(skipSpace(rest))
	if !ok {
		return 0, noDigits
	}
	switch {
	case n > math.MaxInt64/u.times:
		return math.MaxInt64, how
	case n < math.MinInt64/u.times:
		return math.MinInt64, how
	}
	return n * u.times / u.parts, how
}

// ParseInterval reads an interval or duration, in milliseconds (01 §8.4): a
// number with an optional unit, or an ISO 8601 duration. The result is 0 to
// MaxInterval, also when the text is invalid: a negative one gives 0, one
// beyond 64 bits MaxInterval, any other 0. Most callers use the result and do
// not ask whether it was valid. An absent interval is 0 and valid, which is the
// caller's business.
func ParseInterval(text string) (ms int64, ok bool) {
	if text != "" && text[0] == 'P' {
		d, ok := isotime.ParseDuration(text)
		if !ok {
			return 0, false
		}
		ms = min(d.TotalSeconds(), MaxInterval/1000) * 1000
		if ms < 0 {
			return 0, false
		}
		return ms, true
	}
	ms, how := scanMilliseconds(text)
	if ms < 0 {
		return 0, false
	}
	return min(ms, MaxInterval), how == inRange
}

// ParseTimeout reads a number with an optional unit, in milliseconds, without
// the ISO durations that intervals have (01 §8.5). A valid result may be
// negative and is not capped; see Timeout and StartDelay for what it comes to.
func ParseTimeout(text string) (ms int64, ok bool) {
	ms, how := scanMilliseconds(text)
	return ms, how == inRange
}

// Timeout is an operation's timeout in milliseconds: 20000 when the text is
// absent, invalid or not positive, at most MaxTimeout (01 §8.5).
func Timeout(text string) int64 {
	ms, ok := ParseTimeout(text)
	if !ok || ms <= 0 {
		return DefaultTimeout
	}
	return min(ms, MaxTimeout)
}

// StartDelay is an operation's start-delay in milliseconds: 0 when the text is
// invalid or negative, at most MaxTimeout (01 §8.5). Pacemaker turns a number
// beyond 64 bits into -1; that is not copied.
func StartDelay(text string) int64 {
	ms, ok := ParseTimeout(text)
	if !ok {
		return 0
	}
	return max(0, min(ms, MaxTimeout))
}

// FormatInterval prints an interval of 0 to MaxInterval milliseconds as
// Pacemaker does in logs and messages: "0s", "503ms", "3.333s", "1m1s",
// "49d17h2m47.295s".
func FormatInterval(ms int64) string {
	if ms <= 0 {
		return "0s"
	}
	var b []byte
	for _, p := range [...]struct {
		size int64
		name byte
	}{{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}} {
		if ms >= p.size {
			b = append(strconv.AppendInt(b, ms/p.size, 10), p.name)
			ms %= p.size
		}
	}
	switch {
	case ms >= 1000:
		b = strconv.AppendInt(b, ms/1000, 10)
		if ms %= 1000; ms > 0 {
			b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
		}
		b = append(b, 's')
	case ms > 0:
		b = append(strconv.AppendInt(b, ms, 10), "ms"...)
	}
	return string(b)
}
