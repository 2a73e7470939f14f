package value

import "strings"

// Range is a range of numbers, both ends included, as date specifications have
// it. An end of -1 is open, also when it was written "-1".
type Range struct{ Low, High int64 }

// Contains tells whether the number is within the range.
func (r Range) Contains(n int64) bool {
	return (r.Low == -1 || n >= r.Low) && (r.High == -1 || n <= r.High)
}

// ParseRange reads X, X-Y, X- or -Y (01 §8.9), split at the first hyphen. An
// end must be a 64-bit integer and nothing else; blanks in front are accepted.
func ParseRange(text string) (r Range, ok bool) {
	low, high, two := strings.Cut(text, "-")
	if low == "" && high == "" {
		return Range{}, false
	}
	r = Range{-1, -1}
	if low != "" {
		if r.Low, ok = wholeInteger(low); !ok {
			return Range{}, false
		}
	}
	if !two {
		r.High = r.Low
		return r, true
	}
	if high != "" {
		if r.High, ok = wholeInteger(high); !ok {
			return Range{}, false
		}
	}
	return r, true
}

func wholeInteger(text string) (int64, bool) {
	n, rest, how := scanInteger(text)
	return n, how == inRange && rest == ""
}
