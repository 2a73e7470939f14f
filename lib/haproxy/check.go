package haproxy

import "strings"

// Complaint is the first error in the output of haproxy, without the stamps before
// it: "parsing [/etc/haproxy/haproxy.cfg:12] : unknown keyword 'foo' in 'listen'
// section". It is "" if there is none.
func Complaint(output string) string {
	last := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" {
			last = line
		}
		_, text, ok := strings.Cut(line, "[ALERT]")
		if !ok {
			continue
		}
		// "    (123) : config : TEXT", before 2.4 " 329/120000 (123) : TEXT".
		if _, after, found := strings.Cut(text, ") : "); found {
			text = after
		}
		return limit(strings.TrimPrefix(text, "config : "))
	}
	return limit(last)
}

func limit(text string) string {
	const most = 400
	text = strings.TrimSpace(text)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
