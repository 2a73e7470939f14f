package suite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing/host"
	"systole/fence/suite"
)

func call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = suite.Main(host.Process{Args: args, Environ: os.Environ(), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Quiet: true})
	return code, out.String(), errs.String()
}

func TestMain_Names(t *testing.T) {
	file := filepath.Join(t.TempDir(), "status")
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"help":             {[]string{"systole-fence"}, 0, "usage: systole-fence", ""},
		"list":             {[]string{"systole-fence", "list"}, 0, "fence_redfish\n", ""},
		"stock name":       {[]string{"/usr/sbin/fence_dummy", "-o", "metadata"}, 0, `<resource-agent name="fence_dummy"`, ""},
		"our name":         {[]string{"/usr/sbin/fence_systole_dummy", "-o", "metadata"}, 0, `<resource-agent name="fence_systole_dummy"`, ""},
		"run":              {[]string{"systole-fence", "run", "fence_dummy", "-o", "status", "--status-file=" + file}, 2, "Status: OFF", ""},
		"metadata":         {[]string{"systole-fence", "metadata", "dummy"}, 0, `<resource-agent name="fence_dummy"`, ""},
		"man":              {[]string{"systole-fence", "man", "fence_dummy"}, 0, ".TH", ""},
		"no agent":         {[]string{"systole-fence", "run", "fence_x"}, 1, "", `no agent "fence_x"`},
		"link to no agent": {[]string{"/usr/sbin/fence_systole_x"}, 1, "", "has no agent of that name"},
		"unknown command":  {[]string{"systole-fence", "x"}, 2, "", "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := call(c.args...)
			require.Equal(t, c.code, code, stderr)
			require.Contains(t, stdout, c.stdout)
			require.Contains(t, stderr, c.stderr)
		})
	}
}

func TestInstall(t *testing.T) {
	root := t.TempDir()
	sbin := filepath.Join(root, "usr/sbin")
	require.NoError(t, os.MkdirAll(sbin, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(sbin, "fence_dummy"), []byte("theirs"), 0o755))
	code, stdout, stderr := call("systole-fence", "install", "--root", root, "--binary", "/bin/systole-fence", "--agents", "fence_dummy")
	require.Zero(t, code, stderr)
	require.Equal(t, "linked "+filepath.Join(sbin, "fence_systole_dummy")+" -> /bin/systole-fence\n", stdout)
	code, _, stderr = call("systole-fence", "install", "--replace", "--root", root, "--binary", "/bin/systole-fence", "--agents", "fence_dummy")
	require.Zero(t, code, stderr)
	target, err := os.Readlink(filepath.Join(sbin, "fence_dummy"))
	require.NoError(t, err)
	require.Equal(t, "/bin/systole-fence", target)
	code, _, stderr = call("systole-fence", "uninstall", "--replace", "--root", root)
	require.Zero(t, code, stderr)
	text, err := os.ReadFile(filepath.Join(sbin, "fence_dummy"))
	require.NoError(t, err)
	require.Equal(t, "theirs", string(text))
}

// TestPages holds the pages in docs/fence against the descriptions. REWRITE=yes
// writes them.
func TestPages(t *testing.T) {
	require.Nil(t, suite.Agent("x"))
	count := 1 // differences.md
	for _, name := range suite.Names() {
		a := suite.Agent(name)
		require.Equal(t, name, a.Name)
		require.Empty(t, a.Problems(), name)
		page := "../../docs/fence/" + name + ".md"
		if os.Getenv("REWRITE") == "yes" {
			require.NoError(t, os.WriteFile(page, []byte(a.Page(name)), 0o644))
		}
		have, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, a.Page(name), string(have), "the page is not that of the description: run REWRITE=yes go test ./fence/suite")
		count++
	}
	files, err := filepath.Glob("../../docs/fence/*.md")
	require.NoError(t, err)
	require.Len(t, files, count)
}
