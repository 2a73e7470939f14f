package xmltree

import (
	"strings"
	"unicode/utf8"
)

// SanitizeID makes a text an XML name, as Pacemaker makes ids of texts: a first
// character that may not begin a name becomes "_", any other that may not be in
// one ".", a byte each. Bytes that are no UTF-8 end it unchanged.
func SanitizeID(id string) string {
	for i, r := range id {
		if !validAt(i, r) {
			return sanitize(id)
		}
	}
	return id
}

func validAt(i int, r rune) bool { return isNameStart(r) || (i > 0 && isNameChar(r)) }

func sanitize(id string) string {
	var b strings.Builder
	for i := 0; i < len(id); {
		r, size := utf8.DecodeRuneInString(id[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			b.WriteString(id[i:])
			return b.String()
		case validAt(i, r):
			b.WriteString(id[i : i+size])
		case i == 0:
			b.WriteByte('_')
			b.WriteString(strings.Repeat(".", size-1))
		default:
			b.WriteString(strings.Repeat(".", size))
		}
		i += size
	}
	return b.String()
}
