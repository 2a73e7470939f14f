package haproxy

import "strings"

// words splits a line of a configuration file: words stand between blanks, quotes
// hold them together, a backslash takes the meaning from the next character, and
// # begins a comment. Variables are left as they are written.
func words(line string) []string {
	var list []string
	var word strings.Builder
	inWord := false
	quote := byte(0)
	end := func() {
		if inWord {
			list = append(list, word.String())
			word.Reset()
			inWord = false
		}
	}
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && quote != '\'' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			inWord = true
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, inWord = c, true
		case c == '#':
			end()
			return list
		case c == ' ' || c == '\t' || c == '\r':
			end()
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	end()
	return list
}
