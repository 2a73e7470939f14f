package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// disk is a block device with a file system.
func disk(t *testing.T, label string) (device string) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(image)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(32<<20))
	require.NoError(t, f.Close())
	run(t, "mkfs.ext4", "-q", "-L", label, image)
	device = run(t, "losetup", "--find", "--show", image)
	t.Cleanup(func() { run(t, "losetup", "--detach", device) })
	return device
}

func mounted(t *testing.T, dir string) bool {
	t.Helper()
	table, err := os.ReadFile("/proc/thread-self/mountinfo")
	require.NoError(t, err)
	return strings.Contains(string(table), " "+dir+" ")
}

func TestFilesystem_Disk(t *testing.T) {
	needs(t, "mkfs.ext4", "losetup")
	t.Parallel()
	ownMounts(t)
	label := fmt.Sprintf("sys-%d", os.Getpid()) // others on this machine have theirs
	device, dir := disk(t, label), filepath.Join(t.TempDir(), "point")
	r := newResource(t, "Filesystem", "device="+device, "directory="+dir, "fstype=ext4", "signal_delay=100ms")
	r.must(7, "monitor")
	r.must(0, "stop")
	r.must(0, "start", "run_fsck=force")
	r.must(0, "start")
	require.True(t, mounted(t, dir))
	for _, level := range []string{"0", "10", "20"} {
		r.must(0, "monitor", "OCF_CHECK_LEVEL="+level)
	}
	require.FileExists(t, filepath.Join(dir, ".Filesystem_status", "rsc_"+run(t, "uname", "-n")))

	// The same disk in another place.
	elsewhere := newResource(t, "Filesystem", "device="+device, "directory="+dir+"-2", "fstype=ext4")
	require.Contains(t, elsewhere.must(1, "start").reason, "is mounted on "+dir)

	// Another disk in the same place.
	other := disk(t, "systole-other")
	require.Contains(t, r.must(1, "monitor", "device="+other).reason, device+" (ext4) is mounted on "+dir)
	r.must(7, "monitor", "device="+other, "CRM_meta_interval=0")
	r.must(1, "start", "device="+other)
	r.must(0, "stop", "device="+other)
	require.True(t, mounted(t, dir), "a stop of something else leaves it")

	// Read-only, as after an error.
	run(t, "mount", "-o", "remount,ro", dir)
	require.Contains(t, r.must(190, "monitor").reason, "read-only")
	require.Contains(t, r.must(1, "monitor", "OCF_CHECK_LEVEL=10").reason, "read-only")
	run(t, "mount", "-o", "remount,rw", dir)

	// In use: by the kernel, which no signal ends, and by processes.
	file := filepath.Join(dir, "inner")
	require.NoError(t, os.WriteFile(file, make([]byte, 1<<20), 0o600))
	inner := run(t, "losetup", "--find", "--show", file)
	user := background(t, dir, "sleep", "1000")
	stubborn := background(t, "/", "sh", "-c", "trap '' TERM; exec 3>"+dir+"/open; while :; do sleep 1; done")
	await(t, func() bool { _, err := os.Stat(dir + "/open"); return err == nil })
	res := r.must(1, "stop", "fast_stop=yes", "force_unmount=no")
	for _, who := range []string{"process ", "(sleep, cwd)", "(sh, fd 3)", "loop device " + filepath.Base(inner)} {
		require.Contains(t, res.reason, who)
	}
	run(t, "losetup", "--detach", inner)
	run(t, "mount", "-t", "tmpfs", "x", mkdir(t, dir, "below"))
	r.must(0, "stop", "fast_stop=yes")
	require.False(t, mounted(t, dir))
	require.Error(t, user.Wait(), "killed")
	require.Error(t, stubborn.Wait(), "killed")
	r.must(0, "stop")

	// By its label, and one that does not exist.
	r.must(0, "start", "device=-L "+label)
	r.must(0, "monitor", "device=LABEL="+label)
	r.must(0, "monitor")
	r.must(0, "stop", "device=LABEL="+label)
	require.Contains(t, r.must(5, "start", "device=LABEL=systole-none", "CRM_meta_timeout=4000").reason, "no device of this node has LABEL=systole-none")
}

func mkdir(t *testing.T, parts ...string) string {
	t.Helper()
	dir := filepath.Join(parts...)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	return dir
}

func TestFilesystem_Others(t *testing.T) {
	needs(t, "losetup", "mkfs.ext4")
	t.Parallel()
	ownMounts(t)
	base := t.TempDir()
	source := mkdir(t, base, "source dir")
	image := filepath.Join(base, "image")
	require.NoError(t, os.WriteFile(image, make([]byte, 16<<20), 0o600))
	run(t, "mkfs.ext4", "-q", image)
	for name, params := range map[string][]string{
		"memory":         {"device=x", "fstype=tmpfs", "options=size=1m"},
		"tree":           {"device=" + source, "fstype=none", "options=bind"},
		"read-only tree": {"device=" + source, "fstype=none", "options=bind,ro"},
		"file":           {"device=" + image, "fstype=ext4", "options=loop"},
	} {
		t.Run(name, func(t *testing.T) {
			ownMounts(t) // a subtest has a goroutine of its own
			dir := filepath.Join(base, name)
			r := newResource(t, "Filesystem", append(params, "directory="+dir)...)
			r.must(7, "monitor")
			r.must(0, "start")
			r.must(0, "start")
			for _, level := range []string{"0", "10", "20"} {
				r.must(0, "monitor", "OCF_CHECK_LEVEL="+level)
			}
			r.must(0, "stop")
			r.must(0, "stop")
			r.must(7, "monitor")
		})
	}
	require.NotContains(t, run(t, "losetup", "--all"), image)
}

// A server that does not answer: a monitor of level 0 does not notice, one of level
// 10 fails in time, and a stop ends within its time.
func TestFilesystem_DeadServer(t *testing.T) {
	needs(t)
	t.Parallel()
	ownMounts(t)
	dir := t.TempDir()
	s := serve(t, dir, "fuse.sshfs")
	r := newResource(t, "Filesystem", "device=server", "directory="+dir, "fstype=fuse.sshfs", "signal_delay=100ms")
	r.must(0, "monitor")
	r.must(0, "monitor", "OCF_CHECK_LEVEL=10")
	stuck := background(t, dir, "sh", "-c", "read line; stat .")
	s.dead.Store(true)
	victim := background(t, "/", "stat", "--file-system", dir)

	require.Less(t, r.must(0, "monitor").took, 5*time.Second, "the table of mounts is all that is asked")
	res := r.must(1, "monitor", "OCF_CHECK_LEVEL=10", "CRM_meta_timeout=6000")
	require.Contains(t, res.reason, dir+" does not answer")
	require.Less(t, res.took, 6*time.Second)
	res = r.must(1, "monitor", "OCF_CHECK_LEVEL=20", "CRM_meta_timeout=6000")
	require.Less(t, res.took, 6*time.Second)

	// In its second half a stop unmounts by force, which ends the waiting.
	res = r.must(0, "stop", "CRM_meta_timeout=20000")
	require.Less(t, res.took, 20*time.Second)
	require.False(t, mounted(t, dir))
	_ = victim.Wait()
	_ = stuck.Wait()
}
