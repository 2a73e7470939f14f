//go:build linux

package haproxy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/agents/suite"
	"systole/ocf-tests/lab/service"
)

// need skips the test where the machine lacks programs.
func need(t *testing.T, programs ...string) {
	t.Helper()
	if err := service.Check(programs...); err != nil {
		t.Skipf("services are missing: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// agents builds the program and returns a folder with the agents of the provider
// systole in it, and the conformance suite as .ocf-conform beside them.
func agents(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "systole")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, source := range map[string]string{
		"." + suite.Program: "systole/agents/cmd/systole-agents", ".ocf-conform": "systole/ocf-tests/cmd/ocf-conform",
	} {
		cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, name), source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for _, name := range suite.Names() {
		require.NoError(t, os.Symlink("."+suite.Program, filepath.Join(dir, name)))
	}
	return filepath.Dir(dir)
}
