package value

// versionPart cuts the next number off a version; no number is 0. A dot is
// only part of a version when a digit follows it.
func versionPart(s string) (n int64, rest string) {
	if s == "" {
		return 0, ""
	}
	n, rest, _ = scanInteger(s)
	if len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
		return n, rest[1:]
	}
	return n, ""
}

// versionText drops what is in front of a version; without one the result is
// empty.
func versionText(s string) string {
	s = skipSpace(s)
	if s == "" || !isDigit(s[0]) {
		return ""
	}
	return s
}

// CompareVersions compares two versions part by part as numbers, missing parts
// being 0; blanks in front and anything behind are ignored, and a text that is
// no version is empty, which is 0 (01 §8.6). It returns -1, 0 or 1.
func CompareVersions(a, b string) int {
	if a == b {
		return 0
	}
	a, b = versionText(a), versionText(b)
	for a != "" || b != "" {
		var x, y int64
		x, a = versionPart(a)
		y, b = versionPart(b)
		if c := order(x, y); c != 0 {
			return c
		}
	}
	return 0
}
