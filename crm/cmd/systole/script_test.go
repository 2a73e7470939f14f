package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The scripts in testdata are sessions of a shell, with files behind them:
//
//	# a comment
//	$ systole explain web cib.xml
//	what it writes
//	2> what it writes to standard error
//	exit 105
//	-- cib.xml --
//	a file that is there
//
// Every command runs in a folder of its own with the files and the examples.
// "go test ./crm/cmd/systole -rewrite" writes what comes out into the scripts:
// read the difference before you commit it.
var rewrite = flag.Bool("rewrite", false, "write what comes out into the scripts")

// runAs makes the test program be the program that is tested.
const runAs = "SYSTOLE_TEST_RUN_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(runAs) {
	case "systole":
		os.Exit(systole(os.Args[1:]))
	case "crm_simulate":
		os.Exit(crmSimulate(os.Args))
	}
	os.Exit(m.Run())
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			commands, archive := split(string(data))
			dir := t.TempDir()
			unpackFiles(t, dir, archive)
			got := session(t, dir, commands) + archive
			if *rewrite {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o644)) //nolint:gosec // not a secret
				return
			}
			if got != string(data) {
				t.Errorf("%s\n(go test ./crm/cmd/systole -rewrite writes what comes out into %s)", firstDifference(string(data), got), file)
			}
		})
	}
}

// firstDifference shows where two texts begin to differ.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	part := func(lines []string, sign string) (text string) {
		for _, l := range lines[min(i, len(lines)):min(i+8, len(lines))] {
			text += sign + l + "\n"
		}
		return text
	}
	return fmt.Sprintf("line %d:\n", i+1) + part(a, "-") + part(b, "+")
}

// split takes the commands of a script and the files behind them apart.
func split(script string) (commands, archive string) {
	if i := strings.Index(script, "\n-- "); i >= 0 {
		return script[:i+1], script[i+1:]
	}
	return script, ""
}

func unpackFiles(t *testing.T, dir, archive string) {
	examples, err := filepath.Abs("../../../examples")
	require.NoError(t, err)
	require.NoError(t, os.Symlink(examples, filepath.Join(dir, "examples")))
	for part := range strings.SplitSeq("\n"+archive, "\n-- ") {
		if name, body, ok := strings.Cut(part, " --\n"); ok {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(body+"\n"), 0o600))
		}
	}
}

// session runs the commands of a script, and returns it with what comes out in
// place of what was there.
func session(t *testing.T, dir, commands string) string {
	var out strings.Builder
	output := false
	for line := range strings.Lines(commands) {
		switch {
		case strings.HasPrefix(line, "$ "):
			out.WriteString(line)
			out.WriteString(runLine(t, dir, strings.TrimSpace(line[2:])))
			output = true
		case strings.HasPrefix(line, "#") || (strings.TrimSpace(line) == "" && !output):
			out.WriteString(line)
			output = false
		}
	}
	return out.String()
}

// runLine runs one command and returns what it writes, how it ends if it fails,
// and an empty line.
func runLine(t *testing.T, dir, line string) string {
	exe, err := os.Executable()
	require.NoError(t, err)
	words := shellWords(line)
	var stdin []byte
	if k := len(words) - 2; k > 0 && words[k] == "<" {
		stdin, err = os.ReadFile(filepath.Join(dir, words[k+1]))
		require.NoError(t, err)
		words = words[:k]
	}
	cmd := exec.Command(exe, words[1:]...) //nolint:gosec // the test itself
	cmd.Args[0] = words[0]
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), runAs+"="+words[0], "TZ=UTC", "CIB_file=")
	cmd.Stdin = bytes.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	text := stdout.String()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n\\ no newline\n"
	}
	for l := range strings.Lines(stderr.String()) {
		text += "2> " + strings.TrimSuffix(l, "\n") + "\n"
	}
	if exit != nil {
		text += fmt.Sprintf("exit %d\n", exit.ExitCode())
	}
	return text + "\n"
}

// shellWords splits a command line at blanks, outside of single quotes.
func shellWords(line string) []string {
	var words []string
	word, quoted, any := "", false, false
	for _, c := range line {
		switch {
		case c == '\'':
			quoted, any = !quoted, true
		case c == ' ' && !quoted:
			if any {
				words = append(words, word)
			}
			word, any = "", false
		default:
			word, any = word+string(c), true
		}
	}
	if any {
		words = append(words, word)
	}
	return words
}
