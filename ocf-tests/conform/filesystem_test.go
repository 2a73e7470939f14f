package conform_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"systole/ocf-tests/conform"
)

var filesystemConfig = config{
	Config: conform.Config{
		Params: []string{"device=conform", "fstype=tmpfs", "options=size=1m"},
		Bad:    []string{"directory=relative", "directory=/", "term_signals=NONE", "run_fsck=perhaps"},
		Odd:    []string{"options=size=1m,mode=0700", "statusfile_prefix=$(x) '"},
		Slow:   []string{"device=/dev/no-such-device", "fstype=ext4", "options="},
	},
	skipped: append([]string{"migrate", "secrets"}, promotion...),
	setUp:   mountPoint,
}

// mountPoint is a directory, with a blank and a quote in its name.
func mountPoint(t testing.TB) []string { return mountPointNamed(t, "a b'c") }

// plainMountPoint is for agents that know no quotes.
func plainMountPoint(t testing.TB) []string { return mountPointNamed(t, "point") }

func mountPointNamed(t testing.TB, name string) []string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	dir := filepath.Join(folder(t), name)
	// Beyond a test that fails nothing is mounted.
	t.Cleanup(func() { _ = exec.Command("umount", "-c", "--", dir).Run() })
	return []string{"directory=" + dir}
}
