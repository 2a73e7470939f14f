package agentdoc

import "strings"

// XML writes the little XML that metadata needs.
type XML struct{ text strings.Builder }

// String is the document.
func (x *XML) String() string { return x.text.String() }

// Line is a line of markup.
func (x *XML) Line(text string) {
	x.text.WriteString(text)
	x.text.WriteByte('\n')
}

// Attr is an attribute with a space before it.
func Attr(name, value string) string { return ` ` + name + `="` + Escape(value) + `"` }

// Escape is text in an element or in an attribute in double quotes. Characters
// that XML cannot have become question marks.
func Escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < 0x20 && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
