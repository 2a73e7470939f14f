package agentdoc

import "strings"

// Roff writes the macros of man(7).
type Roff struct{ text strings.Builder }

// String is the page.
func (m *Roff) String() string { return m.text.String() }

// Line is a line of text that is roff already: see EscapeRoff.
func (m *Roff) Line(text string) {
	// A line that begins with a dot or an apostrophe would be a macro.
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	m.text.WriteString(text + "\n")
}

// Macro is a macro with its arguments in plain text.
func (m *Roff) Macro(name string, args ...string) {
	m.text.WriteString("." + name)
	for _, a := range args {
		m.text.WriteString(` "` + strings.ReplaceAll(EscapeRoff(a), `"`, `\(dq`) + `"`)
	}
	m.text.WriteByte('\n')
}

// Paragraphs is plain text; empty lines in it become the macro between.
func (m *Roff) Paragraphs(text, between string) {
	for i, p := range Paragraphs(text) {
		if i > 0 {
			m.Macro(between)
		}
		for line := range strings.SplitSeq(p, "\n") {
			m.Line(EscapeRoff(strings.TrimSpace(line)))
		}
	}
}

// Item is a paragraph with a tag: what in bold, and more in plain after it.
func (m *Roff) Item(what, more, text string) {
	m.Macro("TP")
	if more != "" {
		more = " (" + EscapeRoff(more) + ")"
	}
	m.Line(`\fB` + EscapeRoff(what) + `\fR` + more)
	m.Paragraphs(text, "IP")
}

// Example is lines as they are.
func (m *Roff) Example(lines []string) {
	m.Macro("nf")
	for _, l := range lines {
		m.Line(EscapeRoff(l))
	}
	m.Macro("fi")
}

// EscapeRoff makes roff of plain text.
func EscapeRoff(text string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
}
