package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadme: what README.md shows of the programs is what they write. A line [...] stands for
// any lines, and "2>&1 | grep WORD" at the end of a command for that.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	dir := t.TempDir()
	unpackFiles(t, dir, "")
	sessions := regexp.MustCompile(`(?m)^    \$ bin/((?:systole|crm_simulate) .*)\n((?:    .*\n|\n)+)`).FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(sessions), 4)
	for _, s := range sessions {
		command, word, filtered := strings.Cut(s[1], " | grep ")
		command = strings.TrimSuffix(command, " 2>&1")
		var got strings.Builder
		for line := range strings.Lines(runLine(t, dir, command)) {
			line = strings.TrimPrefix(line, "2> ")
			if !filtered || strings.Contains(line, word) {
				got.WriteString(strings.TrimRight(line, " \n") + "\n")
			}
		}
		var want []string
		for line := range strings.Lines(s[2]) {
			want = append(want, strings.TrimRight(strings.TrimPrefix(line, "    "), " \n"))
		}
		pattern := regexp.QuoteMeta(strings.TrimSpace(strings.Join(want, "\n")))
		pattern = regexp.MustCompile(`(?m)^.*\\\[\\\.\\\.\\\.\\\]$`).ReplaceAllString(pattern, `(?:.*\n)*?.*`)
		require.Regexp(t, "^"+pattern+"$", strings.TrimSpace(got.String()), s[1])
	}
}
