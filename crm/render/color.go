package render

import (
	"bytes"
	"strings"
)

const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

// painted is the table of words that have a colour, longer ones before those
// that they begin with.
var painted = [...]struct{ word, color string }{ // table
	{"UNCLEAN", red},
	{"OFFLINE", red},
	{"RemoteOFFLINE", red},
	{"FAILED", red},
	{"ORPHANED", yellow},
	{"blocked", red},
	{"Fence", red},
	{"Fencing", red},
	{"Stopped", yellow},
	{"Stop", yellow},
	{"Recover", yellow},
	{"Restart", yellow},
	{"Move", yellow},
	{"Migrate", yellow},
	{"Demote", yellow},
	{"Re-promote", yellow},
	{"Reload", yellow},
	{"standby", yellow},
	{"maintenance", yellow},
	{"unmanaged", yellow},
	{"disabled", yellow},
	{"Online", green},
	{"RemoteOnline", green},
	{"GuestOnline", green},
	{"Started", green},
	{"Start", green},
	{"Promoted", green},
	{"Promote", green},
	{"Unpromoted", green},
	{"DISABLED", red},
	{"BLOCKED", red},
}

// paint adds colours to a text: titles of blocks are bold, and one word of a
// line, the first that has a colour, gets it.
func paint(text []byte) []byte {
	out := make([]byte, 0, len(text)+len(text)/4)
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		out = append(paintLine(out, string(line)), '\n')
	}
	return out
}

func paintLine(out []byte, line string) []byte {
	if line != "" && line[0] != ' ' && strings.HasSuffix(line, ":") {
		return append(append(append(out, bold...), line...), plain...)
	}
	if i, word, color := firstPainted(line); i >= 0 {
		out = append(append(out, line[:i]...), color...)
		out = append(append(out, word...), plain...)
		return append(out, line[i+len(word):]...)
	}
	return append(out, line...)
}

// firstPainted finds the first word of the line that has a colour.
func firstPainted(line string) (at int, word, color string) {
	for i := 0; i < len(line); i++ {
		if i > 0 && line[i-1] != ' ' && line[i-1] != '(' && line[i-1] != '\t' {
			continue
		}
		for _, p := range painted {
			if strings.HasPrefix(line[i:], p.word) && !wordGoesOn(line, i+len(p.word)) {
				return i, p.word, p.color
			}
		}
	}
	return -1, "", ""
}

func wordGoesOn(line string, i int) bool {
	if i >= len(line) {
		return false
	}
	c := line[i]
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
