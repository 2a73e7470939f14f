package main

import (
	"strings"
	"testing"
)

const passing = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.01s\n"}
{"Action":"pass","Package":"p"}
`

const skipping = `{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: xmllint is not installed\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
`

const failing = `{"Action":"run","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: want 1, got 2\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.01s\n"}
{"Action":"fail","Package":"p"}
`

const broken = `{"ImportPath":"q","Action":"build-output","Output":"q.go:3:1: syntax error\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`

const panicking = `{"Action":"output","Package":"p","Output":"panic: in TestMain\n"}
{"Action":"fail","Package":"p"}
`

func TestReport(t *testing.T) {
	for _, c := range []struct {
		name, in string
		noSkip   bool
		status   int
		want     []string
	}{
		{"pass", passing, true, 0, []string{"ok  \tp\t0.01s\n", "\n1 passed, 0 failed, 0 skipped\n"}},
		{"skip allowed", passing + skipping, false, 0, []string{
			"skipped: p.TestB: xmllint is not installed\n", "\n1 passed, 0 failed, 1 skipped\n",
		}},
		{"skip in CI", passing + skipping, true, 1, []string{
			"skipped: p.TestB: xmllint is not installed\n", "\n1 passed, 1 failed, 1 skipped\n",
		}},
		{"fail", passing + failing, false, 1, []string{"want 1, got 2", "FAIL\tp\t0.01s\n", "\n1 passed, 1 failed, 0 skipped\n"}},
		{"build failure", passing + broken, false, 1, []string{"syntax error", "failed: q\n", "\n1 passed, 1 failed, 0 skipped\n"}},
		{"panic outside of a test", passing + panicking, false, 1, []string{"panic: in TestMain", "\n1 passed, 1 failed, 0 skipped\n"}},
		{"nothing ran", "", false, 1, []string{"no test ran"}},
		{"go's own words", "go: cannot find module\n" + passing, false, 0, []string{"go: cannot find module\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			sum, err := summarize(strings.NewReader(c.in), &out)
			if err != nil {
				t.Fatal(err)
			}
			if got := sum.report(&out, c.noSkip); got != c.status {
				t.Errorf("status %d, want %d", got, c.status)
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("output lacks %q:\n%s", w, out.String())
				}
			}
		})
	}
}
