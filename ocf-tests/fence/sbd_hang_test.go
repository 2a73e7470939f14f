package fence

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/sbd"
	"systole/ocf-tests/build"
)

// frozen moves a disk into a file system that is frozen then: whoever writes there hangs
// in the kernel, and cannot end.
func frozen(t *testing.T, path string) (moved string, thaw func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("freezing a file system needs root")
	}
	for _, p := range []string{"mkfs.ext4", "fsfreeze", "losetup"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("no program " + p)
		}
	}
	dir := filepath.Dir(path)
	image, mount := filepath.Join(dir, "image"), filepath.Join(dir, "mount")
	sh := func(args ...string) {
		t.Helper()
		out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
		require.NoError(t, err, "%s: %s", args, out)
	}
	require.NoError(t, os.WriteFile(image, make([]byte, 8<<20), 0o600))
	sh("mkfs.ext4", "-q", image)
	require.NoError(t, os.Mkdir(mount, 0o755))
	sh("mount", "-o", "loop", image, mount)
	moved = filepath.Join(mount, "disk")
	sh("cp", path, moved)
	sh("sync", "-f", moved)
	sh("fsfreeze", "-f", mount)
	thawed := false
	thaw = func() {
		if !thawed {
			thawed = true
			sh("fsfreeze", "-u", mount)
		}
	}
	t.Cleanup(func() {
		thaw()
		// What hung lets go of the file a moment later.
		require.Eventually(t, func() bool { return exec.Command("umount", mount).Run() == nil }, 20*time.Second, 50*time.Millisecond)
	})
	return moved, thaw
}

// TestSBD_Hang: a disk that hangs in the kernel keeps neither the answer nor the end of
// the agent, and a majority of such disks is a failure in time.
func TestSBD_Hang(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "fence_sbd")
	require.NoError(t, build.Program(program, "fence/cmd/systole-fence"))
	run := func(disks ...string) (int, string) {
		cmd := exec.Command(program)
		cmd.Stdin = strings.NewReader("action=off\nplug=node1\nlogin_timeout=2\nshell_timeout=2\npower_timeout=30\ndevices=" + strings.Join(disks, ",") + "\n")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		require.NoError(t, cmd.Start())
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
			return cmd.ProcessState.ExitCode(), out.String()
		case <-time.After(time.Minute):
			require.FailNow(t, "the agent does not end", out.String())
			return 0, ""
		}
	}
	one, two := sbdImage(t, 1, 2), sbdImage(t, 1, 2)
	bad, thawBad := frozen(t, sbdImage(t, 1, 2))
	code, text := run(one, bad, two)
	require.Zero(t, code, text)
	require.Contains(t, text, "Success: Powered OFF")
	for _, path := range []string{one, two} {
		m, _ := mail(t, path, "node1")
		require.Equal(t, sbd.Off, m)
	}
	worse, thawWorse := frozen(t, sbdImage(t, 1, 2))
	// A process that hangs in one holds the files of both.
	defer thawBad()
	defer thawWorse()
	code, text = run(one, bad, worse)
	require.Equal(t, 1, code, text)
	require.Contains(t, text, "1 of 3 disks work, 2 must")
}
