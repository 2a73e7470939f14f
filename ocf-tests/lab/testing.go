//go:build linux

package lab

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// New starts a cluster for a test and, unless it is bare, waits until all nodes
// are online with quorum. The test is skipped where Check finds something
// missing. When the test ends, also by a panic, the cluster is closed; if it has
// failed, the logs of all nodes are kept in a folder and their ends printed.
//
// The folder is named by the environment variable SYSTOLE_LAB_LOGS, or is the
// test's artifact folder with -artifacts, else a new temporary one.
func New(t testing.TB, opt Options) *Cluster {
	t.Helper()
	if err := Check(opt); err != nil {
		t.Skipf("this machine cannot run a lab: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if opt.Log == nil {
		opt.Log = t.Logf
	}
	c, err := Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			c.report(t)
		}
		if err := c.Close(); err != nil {
			t.Errorf("closing the lab: %v", err)
		}
	})
	if !opt.Bare {
		if err := c.WaitOnline(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *Cluster) report(t testing.TB) {
	t.Logf("the ends of the logs:\n%s", c.LogSummary(30))
	dir, err := logDir(t)
	if err == nil {
		err = c.CollectLogs(dir)
	}
	if err != nil {
		t.Logf("keeping the logs: %v", err)
		return
	}
	t.Logf("the logs of all nodes are in %s", dir)
}

func logDir(t testing.TB) (string, error) {
	if f := flag.Lookup("test.artifacts"); f != nil && f.Value.String() == "true" {
		return t.ArtifactDir(), nil
	}
	parent := os.Getenv("SYSTOLE_LAB_LOGS")
	if parent == "" {
		return os.MkdirTemp("", "lab-logs-")
	}
	dir := filepath.Join(parent, strings.ReplaceAll(t.Name(), "/", "_"))
	return dir, os.MkdirAll(dir, 0o755)
}
