package node

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"systole/ocf-tests/build"
)

// program is the folder with the program of the agents and its links, made once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "systole-node-")
	if err != nil {
		return "", err
	}
	return dir, build.Agents(dir)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := program(); err == nil {
		_ = os.RemoveAll(dir)
	}
	os.Exit(code)
}

// needs skips a test where it cannot run.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("the program %s is not installed", p)
		}
	}
}

// ownMounts gives the test a mount namespace. It must call everything from its own
// goroutine, whose thread ends with it.
func ownMounts(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	require.NoError(t, unix.Unshare(unix.CLONE_NEWNS))
	require.NoError(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
}

// resource is a resource as Pacemaker knows it.
type resource struct {
	t      *testing.T
	agent  string
	params []string
	tmp    string
}

func newResource(t *testing.T, agent string, params ...string) *resource {
	t.Helper()
	_, err := program()
	require.NoError(t, err)
	return &resource{t, agent, params, t.TempDir()}
}

// result is how a call ended.
type result struct {
	code   int
	reason string
	output string
	took   time.Duration
}

// call does an action. more are parameters, or variables in capitals.
func (r *resource) call(action string, more ...string) result {
	r.t.Helper()
	dir, _ := program()
	cmd := exec.Command(filepath.Join(dir, r.agent), action)
	cmd.Env = []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "OCF_ROOT=/usr/lib/ocf", "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
		"OCF_RESOURCE_INSTANCE=rsc", "OCF_RESOURCE_TYPE=" + r.agent, "HA_RSCTMP=" + r.tmp, "HA_LOGFACILITY=none",
		"OCF_RESKEY_CRM_meta_timeout=60000", "OCF_RESKEY_CRM_meta_interval=10000",
	}
	for _, v := range slices.Concat(r.params, more) {
		if name, _, _ := strings.Cut(v, "="); name != strings.ToUpper(name) { // CRM_meta_ is a parameter too
			v = "OCF_RESKEY_" + v
		}
		cmd.Env = append(cmd.Env, v)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	res := result{code: cmd.ProcessState.ExitCode(), output: out.String(), took: time.Since(began)}
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(r.t, err, &exit)
	}
	for line := range strings.Lines(res.output) {
		if _, reason, ok := strings.Cut(line, "ocf-exit-reason:"); ok {
			res.reason = strings.TrimSpace(reason)
		}
	}
	r.t.Logf("%s %s %v: %d %s (%s)", r.agent, action, more, res.code, res.reason, res.took.Round(time.Millisecond))
	return res
}

// must is call with the exit code that is wanted.
func (r *resource) must(code int, action string, more ...string) result {
	r.t.Helper()
	res := r.call(action, more...)
	require.Equal(r.t, code, res.code, res.output)
	return res
}

// run runs a program.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

// background starts a program that the test does not wait for, and ends it with the test.
func background(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	return cmd
}

// await waits for something that another process does, in the goroutine of the
// test: others may be in another mount namespace.
func await(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "it has not happened within a minute")
	}
}
