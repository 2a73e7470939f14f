package isotime

import "math"

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// scanner reads numbers as C's sscanf does with %u: blanks, a sign, digits;
// numbers are clipped to 64 bits and then cut to 32.
type scanner struct {
	s string
}

// number reads a number of at most width characters, sign included, 0 for any
// width.
func (sc *scanner) number(width int) (n uint32, ok bool) {
	s := sc.s
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	if width == 0 || width > len(s) {
		width = len(s)
	}
	i, negative := 0, false
	if i < width && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	first := i
	var u uint64
	for over := false; i < width && isDigit(s[i]); i++ {
		d := uint64(s[i] - '0')
		if over = over || u > (math.MaxUint64-d)/10; over {
			u = math.MaxUint64
			negative = false
			continue
		}
		u = u*10 + d
	}
	if i == first {
		return 0, false
	}
	sc.s = s[i:]
	if negative {
		u = -u
	}
	return uint32(u), true
}

// text reads exactly this text.
func (sc *scanner) text(want string) bool {
	if len(sc.s) < len(want) || sc.s[:len(want)] != want {
		return false
	}
	sc.s = sc.s[len(want):]
	return true
}

// numbers reads numbers with separators between them, and returns how many it
// could read. A width of 0 is any.
func numbers(s string, width [3]int, between [2]string, into ...*uint32) int {
	sc := scanner{s}
	for i, p := range into {
		if i > 0 && !sc.text(between[i-1]) {
			return i
		}
		n, ok := sc.number(width[i])
		if !ok {
			return i
		}
		*p = n
	}
	return len(into)
}
