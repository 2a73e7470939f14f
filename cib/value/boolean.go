package value

// ParseBool reads a boolean (01 §8.1): true, on, yes, y, 1 and false, off, no,
// n, 0 in any case, without blanks around.
func ParseBool(text string) (v, ok bool) {
	switch len(text) {
	case 1:
		switch lower(text[0]) {
		case '1', 'y':
			return true, true
		case '0', 'n':
			return false, true
		}
	case 2:
		if EqualFold(text, "on") {
			return true, true
		}
		return false, EqualFold(text, "no")
	case 3:
		if EqualFold(text, "yes") {
			return true, true
		}
		return false, EqualFold(text, "off")
	case 4:
		v = EqualFold(text, "true")
		return v, v
	case 5:
		return false, EqualFold(text, "false")
	}
	return false, false
}

// IsTrue is the "is true" test: an invalid or absent value is false (01 §8.1).
func IsTrue(text string) bool {
	v, ok := ParseBool(text)
	return v && ok
}

// IsFalse is the "is set to false" test: an invalid or absent value is not
// set, so the answer is no (01 §8.1).
func IsFalse(text string) bool {
	v, ok := ParseBool(text)
	return ok && !v
}
