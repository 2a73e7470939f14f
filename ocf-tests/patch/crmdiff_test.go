package patch

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/cib/patch"
	"systole/lib/xmltree"
)

// crmDiff is Pacemaker's program.
type crmDiff struct {
	program string
	old     bool // of Pacemaker before 3
	loose   bool // its patch sets may be others
	dir     string
}

func findCrmDiff(t *testing.T) *crmDiff {
	t.Helper()
	c := &crmDiff{program: os.Getenv("CRM_DIFF"), dir: t.TempDir()}
	for _, candidate := range []string{"crm_diff", "/usr/sbin/crm_diff"} {
		if c.program != "" {
			break
		}
		if found, err := exec.LookPath(candidate); err == nil {
			c.program = found
		}
	}
	if c.program == "" {
		t.Skipf("there is no crm_diff to compare with: install Debian's package pacemaker-cli-utils, or set CRM_DIFF (CI=%q)", os.Getenv("CI"))
	}
	version, code := c.run(t, "--version")
	require.Zero(t, code, version)
	require.Contains(t, version, "Pacemaker ")
	c.old = strings.Contains(version, "Pacemaker 2.") || strings.Contains(version, "Pacemaker 1.")
	c.loose = c.old
	return c
}

// run returns what the program prints and its exit code.
func (c *crmDiff) run(t *testing.T, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program, args...)
	var out, errors2 bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors2
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	require.True(t, cmd.ProcessState.Exited(), "%s %s: %s", c.program, strings.Join(args, " "), cmd.ProcessState)
	if out.Len() == 0 {
		return errors2.String(), cmd.ProcessState.ExitCode()
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func (c *crmDiff) file(t *testing.T, name string, e *xmltree.Element) string {
	t.Helper()
	path := filepath.Join(c.dir, name)
	require.NoError(t, os.WriteFile(path, xmltree.AppendXML(nil, e, xmltree.PrintOptions{}), 0o600))
	return path
}

// make returns the patch set that the program makes, "" when nothing differs.
func (c *crmDiff) make(t *testing.T, old, new *xmltree.Element, flags ...string) string {
	t.Helper()
	out, code := c.run(t, append(flags, "-o", c.file(t, "old.xml", old), "-n", c.file(t, "new.xml", new))...)
	require.Contains(t, []int{0, 1}, code, out)
	if code == 0 {
		require.Empty(t, out)
	}
	return out
}

// apply returns what the program makes of a document, nil when it refuses.
func (c *crmDiff) apply(t *testing.T, old *xmltree.Element, set *patch.Set, flags ...string) *xmltree.Element {
	t.Helper()
	out, code := c.run(t, append(flags, "-o", c.file(t, "old.xml", old), "-p", c.file(t, "patch.xml", set.XML()))...)
	if code != 0 {
		t.Logf("crm_diff does not apply it: %s", out)
		return nil
	}
	return parse(t, []byte(out))
}

func parse(t *testing.T, data []byte) *xmltree.Element {
	t.Helper()
	root, err := xmltree.Parse(data, xmltree.Limits{})
	require.NoError(t, err, "%s", data)
	return root
}

func text(e *xmltree.Element) string {
	return string(xmltree.AppendXML(nil, e, xmltree.PrintOptions{}))
}
