// Package agentdoc writes the forms that the description of an agent is printed
// in: the XML of metadata, the roff of manual pages, and Markdown. Resource agents
// and fence agents print theirs with it.
package agentdoc

import "strings"

// Paragraphs splits text at empty lines.
func Paragraphs(text string) []string {
	var list []string
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// Markdown is text without the characters that would be taken for markup, except
// the breaks <br> of a table.
func Markdown(text string) string {
	return strings.NewReplacer(`*`, `\*`, `_`, `\_`, `<br>`, `<br>`, `<`, `&lt;`).Replace(strings.TrimSpace(text))
}

// Cell is text of several paragraphs in a cell of a Markdown table.
func Cell(text string) string {
	what := strings.ReplaceAll(strings.Join(Paragraphs(text), "<br>"), "\n", " ")
	return strings.ReplaceAll(Markdown(what), "|", `\|`)
}
