package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An event is one line of "go test -json" (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail
	Test        string
	Output      string
	FailedBuild string
}

type testKey struct{ pkg, test string }

func (k testKey) String() string {
	if k.test == "" {
		return k.pkg
	}
	return k.pkg + "." + k.test
}

// A skip is a test that did not run, with what it printed about why.
type skip struct {
	test   testKey
	reason string
}

// Summary is what a run of tests came to.
type Summary struct {
	passed, failed int
	skipped        []skip
	failedPackages []string // whose build or whose test binary as a whole failed

	output map[testKey][]string
	parent map[testKey]bool // has subtests: counted through them where they skip
}

// summarize reads events to the end. It prints package lines and the output of
// failures as they come, so that a long run shows where it stands.
func summarize(in io.Reader, out io.Writer) (*Summary, error) {
	s := &Summary{output: map[testKey][]string{}, parent: map[testKey]bool{}}
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil || e.Action == "" {
				// Not an event: go itself speaking, for example of a missing module.
				fmt.Fprintf(out, "%s\n", strings.TrimRight(string(line), "\n"))
			} else {
				s.add(e, out)
			}
		}
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
	}
}

func (s *Summary) add(e event, out io.Writer) {
	key := testKey{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "run":
		if i := strings.LastIndexByte(e.Test, '/'); i > 0 {
			s.parent[testKey{e.Package, e.Test[:i]}] = true
		}
	case "output":
		s.keep(key, e.Output, out)
	case "pass":
		if e.Test != "" {
			s.passed++
		}
		delete(s.output, key)
	case "skip":
		if e.Test != "" {
			s.skipped = append(s.skipped, skip{key, reason(s.output[key])})
		}
		delete(s.output, key)
	case "fail":
		s.fail(key, e.FailedBuild != "", out)
	}
}

// keep stores what a test says until it is known whether anybody needs it. A
// package's own closing line ("ok systole/lib 0.2s") is for everybody.
func (s *Summary) keep(key testKey, text string, out io.Writer) {
	if key.test == "" {
		for _, p := range []string{"ok  \t", "FAIL\t", "?   \t"} {
			if strings.HasPrefix(text, p) {
				fmt.Fprint(out, text)
				return
			}
		}
		switch text {
		case "PASS\n", "FAIL\n":
			return
		}
	}
	s.output[key] = append(s.output[key], text)
}

func (s *Summary) fail(key testKey, build bool, out io.Writer) {
	if key.test == "" {
		// What the binary printed outside of any test: a panic, a data race.
		fmt.Fprint(out, strings.Join(s.output[key], ""))
		s.failedPackages = append(s.failedPackages, key.pkg)
	} else {
		s.failed++
		if !s.parent[key] || len(s.output[key]) > 3 {
			fmt.Fprintf(out, "\n%s\n%s", key, strings.Join(s.output[key], ""))
		}
	}
	if build {
		s.failed++
	}
	delete(s.output, key)
}

// reason is the text of t.Skip: what stands after "file.go:12: ".
func reason(output []string) string {
	var parts []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, rest, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok := strings.Cut(rest, ": "); ok {
				line = text
			}
		}
		parts = append(parts, line)
	}
	if len(parts) == 0 {
		return "no reason given"
	}
	return strings.Join(parts, " ")
}

// report prints the closing lines and returns the exit status.
func (s *Summary) report(out io.Writer, noSkip bool) int {
	fmt.Fprintln(out)
	for _, k := range s.skipped {
		fmt.Fprintf(out, "skipped: %s: %s\n", k.test, k.reason)
	}
	// A package may fail without a failed test (a build error counts above, a
	// panic between tests does not): then the package itself is the failure.
	failed := max(s.failed, len(s.failedPackages))
	for _, p := range s.failedPackages {
		fmt.Fprintf(out, "failed: %s\n", p)
	}
	status := 0
	switch {
	case failed > 0:
		status = 1
	case s.passed == 0:
		fmt.Fprintln(out, "no test ran: that is a failure too")
		status = 1
	case noSkip && len(s.skipped) > 0:
		fmt.Fprintln(out, "skipped tests count as failures here (CI=true): install what they ask for, see tools/deps.sh")
		failed += len(s.skipped)
		status = 1
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", s.passed, failed, len(s.skipped))
	return status
}
