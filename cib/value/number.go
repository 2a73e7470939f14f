package value

import (
	"math"
	"strconv"
)

// smallest is the smallest normal number. Pacemaker takes anything that is not
// larger, but was not written with zeros alone, for an underflow.
const smallest = 0x1p-1022

// ParseNumber reads a floating-point number as C's strtod does in the C locale:
// blanks, sign, decimal or hexadecimal digits, exponent, inf, nan; trailing
// garbage is ignored. Overflow and underflow are invalid (01 §8.7), and so is a
// zero written with anything but "0", ".", "e" and "E": Pacemaker takes "-0"
// for an underflow.
func ParseNumber(text string) (f float64, ok bool) {
	f, rest, ok := scanNumber(text)
	if !ok {
		return 0, false
	}
	if math.Abs(f) <= smallest {
		for _, c := range []byte(text[:len(text)-len(rest)]) {
			if c != '0' && c != '.' && c != 'e' && c != 'E' {
				return 0, false
			}
		}
	}
	return f, true
}

// scanNumber returns the number and what follows it; ok is false when nothing
// was read or the number is too large.
func scanNumber(text string) (f float64, rest string, ok bool) {
	s := skipSpace(text)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	if f, rest, ok = scanWord(s); ok {
		if sign == "-" {
			f = -f
		}
		return f, rest, true
	}
	n, hex, exponent := numberEnd(s)
	if n == 0 {
		return 0, text, false
	}
	literal := sign + s[:n]
	if hex && !exponent {
		literal += "p0" // which Go demands
	}
	f, err := strconv.ParseFloat(literal, 64)
	return f, s[n:], err == nil
}

// scanWord reads inf, infinity, nan and nan(...).
func scanWord(s string) (f float64, rest string, ok bool) {
	switch {
	case hasPrefixFold(s, "infinity"):
		return math.Inf(1), s[8:], true
	case hasPrefixFold(s, "inf"):
		return math.Inf(1), s[3:], true
	case hasPrefixFold(s, "nan"):
		return math.NaN(), s[3:], true // whatever is in brackets makes no difference
	}
	return 0, s, false
}

// numberEnd returns the length of the longest number that s begins with, and
// its form.
func numberEnd(s string) (n int, hex, exponent bool) {
	if hasPrefixFold(s, "0x") {
		if n = digitsEnd(s, 2, isHexDigit); n > 0 {
			end := exponentEnd(s, n, 'p')
			return end, true, end > n
		}
	}
	if n = digitsEnd(s, 0, isDigit); n > 0 {
		n = exponentEnd(s, n, 'e')
	}
	return n, false, false
}

// digitsEnd returns the end of digits with at most one point among them, which
// begin at i, or 0 when there is no digit.
func digitsEnd(s string, i int, digit func(byte) bool) int {
	digits, point := 0, false
	for ; i < len(s); i++ {
		switch {
		case digit(s[i]):
			digits++
			continue
		case s[i] == '.' && !point:
			point = true
			continue
		}
		break
	}
	if digits == 0 {
		return 0
	}
	return i
}

// exponentEnd returns the end of the exponent at i, or i when there is none.
func exponentEnd(s string, i int, letter byte) int {
	if i >= len(s) || lower(s[i]) != letter {
		return i
	}
	j := i + 1
	if j < len(s) && (s[j] == '-' || s[j] == '+') {
		j++
	}
	if j >= len(s) || !isDigit(s[j]) {
		return i
	}
	return len(s) - len(skipDigits(s[j:]))
}

func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= lower(c) && lower(c) <= 'f'
}

// IsPercentage tells whether the text is a percentage, as load-threshold
// wants it: a number that is not negative, directly followed by "%" (01 §15.1).
// As in Pacemaker "%" alone is 0%.
func IsPercentage(text string) bool {
	f, rest, _ := scanNumber(text)
	return rest != "" && rest[0] == '%' && float32(f) >= 0
}
