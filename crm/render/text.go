// Package render puts the state of a cluster, the plans for it and what happens
// to it into words: Pacemaker's text and XML reports (08 §4–§8, §13). It builds
// bytes; writing them is up to the caller.
package render

import (
	"strconv"
	"strings"
)

// Text writes nested lists as Pacemaker's tools do (08 §4).
type Text struct {
	// Quiet keeps everything back but scores.
	Quiet bool
	// Plain leaves out headers and indentation (08 §4.3).
	Plain bool
	// Terse leaves out what is executed without doing anything, and lists with
	// nothing in them.
	Terse bool
	// Color marks what matters with the colours of a terminal.
	Color bool

	buf     []byte
	level   int
	waiting bool // the title of the executed actions waits for the first of them
}

// Take returns what was written since the last Take.
func (t *Text) Take() []byte {
	b := t.buf
	t.buf = nil
	if t.Color {
		b = paint(b)
	}
	return b
}

// begin opens a list.
func (t *Text) begin(parts ...string) {
	if !t.Plain {
		t.indent()
		t.raw(parts...)
		t.raw(":\n")
	}
	t.level++
}

func (t *Text) end() { t.level-- }

// item writes one line of a list.
func (t *Text) item(parts ...string) {
	if !t.Plain {
		t.indent()
	}
	t.raw(parts...)
	t.raw("\n")
}

func (t *Text) indent() {
	for i := 0; i < t.level; i++ {
		t.raw("  ")
	}
	if t.level > 0 {
		t.raw("* ")
	}
}

func (t *Text) raw(parts ...string) {
	for _, p := range parts {
		t.buf = append(t.buf, p...)
	}
}

// Info writes a line that is never indented.
func (t *Text) Info(line string) {
	if !t.Quiet {
		t.raw(line, "\n")
	}
}

// IsQuiet tells whether only what is essential is written.
func (t *Text) IsQuiet() bool { return t.Quiet }

// Finish has nothing to add: a text ends with its last line.
func (t *Text) Finish(int) {}

// Version writes the version of the program.
func (t *Text) Version(text string) { t.raw(text) }

// Error has no place in a text: errors go to another channel.
func (t *Text) Error(string) bool { return false }

// Maintenance writes that the cluster does nothing (08 §3.3).
func (t *Text) Maintenance() {
	t.raw("\n              *** Resource management is DISABLED ***\n",
		"  The cluster will not attempt to start, stop or recover services\n")
}

// TimingsBegin opens the list of timings (08 §12).
func (t *Text) TimingsBegin() { t.begin("Timings") }

// Timing writes how much processor time a file took.
func (t *Text) Timing(file string, seconds float64) {
	t.item("Testing ", file, " ... ", strconv.FormatFloat(seconds, 'f', 2, 64), " secs")
}

// TimingsEnd closes it.
func (t *Text) TimingsEnd() { t.end() }

// Spacer writes an empty line, quiet or not.
func (t *Text) Spacer() { t.raw("\n") }

// pad puts blanks behind a text until it is as wide as that.
func pad(text string, width int) string {
	if n := width - len(text); n > 0 {
		return text + strings.Repeat(" ", n)
	}
	return text
}

// padLeft puts blanks in front.
func padLeft(text string, width int) string {
	if n := width - len(text); n > 0 {
		return strings.Repeat(" ", n) + text
	}
	return text
}

func itoa(n int) string { return strconv.Itoa(n) }
