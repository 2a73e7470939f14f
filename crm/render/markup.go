package render

import (
	"strings"
)

// markup is an element of a report. Unlike a CIB, a report has text in it.
type markup struct {
	name  string
	attrs []string // names and values in turn
	text  string
	kids  []*markup
}

// add makes a child. Pairs are names and values.
func (m *markup) add(name string, pairs ...string) *markup {
	c := &markup{name: name, attrs: pairs}
	m.kids = append(m.kids, c)
	return c
}

func (m *markup) set(name, value string) { m.attrs = append(m.attrs, name, value) }

// opt sets an attribute that is there only when ok.
func (m *markup) opt(name, value string, ok bool) {
	if ok {
		m.set(name, value)
	}
}

// append writes the element and everything in it, two blanks a level.
func (m *markup) append(dst []byte, level int) []byte {
	dst = append(dst, strings.Repeat("  ", level)...)
	dst = append(dst, '<')
	dst = append(dst, m.name...)
	for i := 0; i+1 < len(m.attrs); i += 2 {
		dst = append(dst, ' ')
		dst = append(dst, m.attrs[i]...)
		dst = append(dst, '=', '"')
		dst = appendEscaped(dst, m.attrs[i+1], true)
		dst = append(dst, '"')
	}
	switch {
	case m.text != "":
		dst = append(dst, '>')
		dst = appendEscaped(dst, m.text, false)
		dst = append(dst, "</"...)
	case len(m.kids) > 0:
		dst = append(dst, ">\n"...)
		for _, k := range m.kids {
			dst = k.append(dst, level+1)
		}
		dst = append(dst, strings.Repeat("  ", level)...)
		dst = append(dst, "</"...)
	default:
		return append(dst, "/>\n"...)
	}
	dst = append(dst, m.name...)
	return append(dst, ">\n"...)
}

// appendEscaped writes text as the XML library does that Pacemaker uses for
// reports; quotes and white space matter in attributes only.
func appendEscaped(dst []byte, text string, attr bool) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '"' && attr:
			dst = append(dst, "&quot;"...)
		case c == '\n' && attr:
			dst = append(dst, "&#10;"...)
		case c == '\t' && attr:
			dst = append(dst, "&#9;"...)
		case c == '\r':
			dst = append(dst, "&#13;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// commandLine joins the words of a command line, quoted where a shell would
// read them otherwise.
func commandLine(args []string) string {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = a
		if !oneWord(a) {
			words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// oneWord tells whether a shell reads the text as exactly one word.
func oneWord(text string) bool {
	words, inWord := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			inWord = false
			continue
		case c == '#' && !inWord: // a comment, to the end of the line
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end
				continue
			}
			return words == 1
		}
		if !inWord {
			inWord = true
			words++
		}
		switch c {
		case '\\':
			if i++; i == len(text) {
				return false
			}
		case '\'', '"':
			if i = closing(text, i); i < 0 {
				return false
			}
		}
	}
	return words == 1
}

// closing finds the quote that ends what begins at i, -1 when there is none.
func closing(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return i
		case text[i] == '\\' && quote == '"':
			i++
		}
	}
	return -1
}
