// Package oslo reads configuration files of OpenStack services, as the library
// oslo.config does as far as agents need it: sections, options, continued lines,
// several files of which a later one counts.
package oslo

import "strings"

// Config is the options of some files.
type Config struct {
	values map[[2]string]string // by section and option
}

// Parse reads the content of files, in the order in which the service reads them.
// Lines that are not understood are passed over: it is for the service to refuse
// its own configuration.
func Parse(files ...string) Config {
	c := Config{values: map[[2]string]string{}}
	for _, text := range files {
		c.add(text)
	}
	return c
}

func (c Config) add(text string) {
	section := ""
	var last [2]string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n\t ")
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "":
			last = [2]string{}
		case trimmed[0] == '#' || trimmed[0] == ';':
		case line[0] == ' ' || line[0] == '\t':
			if last[1] != "" {
				c.values[last] += "\n" + trimmed
			}
		case line[0] == '[':
			name, _, _ := strings.Cut(line[1:], "]")
			section, last = strings.TrimSpace(name), [2]string{}
		default:
			i := strings.IndexAny(line, "=:")
			if i < 0 {
				last = [2]string{}
				continue
			}
			last = [2]string{section, strings.TrimSpace(line[:i])}
			c.values[last] = unquote(strings.TrimSpace(line[i+1:]))
		}
	}
}

// unquote takes away quotes around a value.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == s[len(s)-1] && (s[0] == '"' || s[0] == '\'') {
		return s[1 : len(s)-1]
	}
	return s
}

// Get is the value of an option, "" if it is not set.
func (c Config) Get(section, option string) string { return c.values[[2]string{section, option}] }

// List is the value of an option that is a list with commas.
func (c Config) List(section, option string) []string {
	var list []string
	for item := range strings.SplitSeq(c.Get(section, option), ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
