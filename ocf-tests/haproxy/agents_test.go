//go:build linux

package haproxy

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/build"
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
	require.NoError(t, build.Agents(dir))
	require.NoError(t, build.Program(filepath.Join(dir, ".ocf-conform"), "ocf-tests/cmd/ocf-conform"))
	return filepath.Dir(dir)
}
