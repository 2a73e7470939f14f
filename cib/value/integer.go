package value

import "math"

// outcome of reading an integer.
type outcome uint8

const (
	noDigits   outcome = iota // nothing that looks like a number
	inRange                   // read as it stands
	outOfRange                // clipped to 64 bits
)

// scanInteger reads an integer as C's strtoll does in base 10: blanks, one
// sign, digits. It returns the number, clipped to 64 bits, and what follows.
// Without digits the rest is the whole text.
func scanInteger(text string) (n int64, rest string, how outcome) {
	s := skipSpace(text)
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if s == "" || !isDigit(s[0]) {
		return 0, text, noDigits
	}
	how = inRange
	var u uint64
	limit := uint64(math.MaxInt64)
	if negative {
		limit++
	}
	for s != "" && isDigit(s[0]) {
		d := uint64(s[0] - '0')
		if u > (limit-d)/10 {
			return clipped(negative), skipDigits(s), outOfRange
		}
		u = u*10 + d
		s = s[1:]
	}
	if negative {
		return -int64(u), s, how
	}
	return int64(u), s, how
}

func clipped(negative bool) int64 {
	if negative {
		return math.MinInt64
	}
	return math.MaxInt64
}

// ParseInteger reads an integer (01 §8.2). Trailing garbage is ignored, so
// "10abc" is 10 and "1.9" is 1. A number beyond 64 bits is clipped and valid;
// callers that must refuse one use ParseInteger64.
func ParseInteger(text string) (n int64, ok bool) {
	n, _, how := scanInteger(text)
	return n, how != noDigits
}

// ParseInteger64 is ParseInteger but refuses a number beyond 64 bits, while
// still returning it clipped (01 §8.2).
func ParseInteger64(text string) (n int64, ok bool) {
	n, _, how := scanInteger(text)
	return n, how == inRange
}
