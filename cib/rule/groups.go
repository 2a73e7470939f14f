package rule

import "strings"

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// hasGroups tells whether the text contains one of %0 to %9.
func hasGroups(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '%' && isDigit(text[i+1]) {
			return true
		}
	}
	return false
}

// ExpandGroups puts the groups of a match in the place of %0 to %9 in a text; a
// group that is missing leaves nothing (01 §10.3.1). Without a match, which is
// nil, the text stays as it is.
func ExpandGroups(text string, groups []string) string {
	if groups == nil || !hasGroups(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' || i+1 == len(text) || !isDigit(text[i+1]) {
			b.WriteByte(text[i])
			continue
		}
		i++
		if n := int(text[i] - '0'); n < len(groups) {
			b.WriteString(groups[n])
		}
	}
	return b.String()
}
