package value

// isSpace is C's isspace in the C locale, on a byte.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func skipSpace(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

func skipDigits(s string) string {
	for len(s) > 0 && isDigit(s[0]) {
		s = s[1:]
	}
	return s
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// EqualFold tells whether two texts are equal apart from the case of ASCII
// letters. "Case-insensitive" in a CIB always means this and never Unicode
// folding (01 §8.8).
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// CompareFold compares two texts byte by byte with the case of ASCII letters
// ignored: negative when a sorts first, 0 when they are equal (01 §8.8).
func CompareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// hasPrefixFold is EqualFold on the beginning of s; prefix is in lower case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && EqualFold(s[:len(prefix)], prefix)
}

// CompareNames orders node names: case-insensitive, with runs of digits
// compared as numbers and, when equal as numbers, the shorter run first; a name
// that is the beginning of another sorts first (01 §8.8). It returns -1, 0 or 1.
func CompareNames(a, b string) int {
	for a != "" && b != "" {
		if isDigit(a[0]) && isDigit(b[0]) {
			x, restA, _ := scanInteger(a)
			y, restB, _ := scanInteger(b)
			if c := order(x, y); c != 0 {
				return c
			}
			if c := order(len(a)-len(restA), len(b)-len(restB)); c != 0 {
				return c
			}
			a, b = restA, restB
			continue
		}
		if c := order(int(lower(a[0])), int(lower(b[0]))); c != 0 {
			return c
		}
		a, b = a[1:], b[1:]
	}
	return order(min(len(a), 1), min(len(b), 1))
}

func order[T int | int8 | int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
