package host

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
)

// newHost is a Host whose tools of the cluster are a script that writes down
// how it was called.
func newHost(t *testing.T, environ ...string) (h *Host, calls func() string) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	script := "#!/bin/sh\necho \"${0##*/} $* for $OCF_RESOURCE_INSTANCE $OCF_RESKEY_pass\" >>" + log + "\necho value\n"
	for _, name := range []string{"crm_attribute", "crm_master"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	environ = append([]string{"OCF_RESOURCE_INSTANCE=rsc", "HA_SBIN_DIR=" + dir, "OCF_RESKEY_pass=secret", "PATH=" + os.Getenv("PATH")}, environ...)
	h = New(ocf.ReadRequest("X", "start", environ), environ, nil, nil)
	return h, func() string {
		text, _ := os.ReadFile(log)
		return string(text)
	}
}

func TestFiles(t *testing.T) {
	h, _ := newHost(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "sub", "state")

	_, found, err := h.ReadFile(file, 10)
	require.True(t, !found && err == nil)
	info, err := h.Stat(file)
	require.NoError(t, err)
	require.Equal(t, ocf.None, info.Kind)
	require.Error(t, h.WriteFile(file, nil, 0o600), "the directory is not there")
	require.NoError(t, h.Remove(file))
	names, err := h.List(filepath.Dir(file))
	require.True(t, names == nil && err == nil)
	require.False(t, h.Writable(file))

	require.NoError(t, h.MakeDir(filepath.Dir(file), 0o750))
	require.NoError(t, h.MakeDir(filepath.Dir(file), 0o700), "an existing one stays as it is")
	info, err = h.Stat(filepath.Dir(file))
	require.NoError(t, err)
	require.Equal(t, ocf.Directory, info.Kind)
	require.EqualValues(t, 0o750, info.Mode)

	require.NoError(t, h.WriteFile(file, []byte("one"), 0o640))
	require.NoError(t, h.WriteFile(file, []byte("two"), 0o644))
	data, found, err := h.ReadFile(file, 3)
	require.NoError(t, err)
	require.True(t, found && string(data) == "two")
	_, _, err = h.ReadFile(file, 2)
	require.ErrorContains(t, err, "more than 2 bytes")
	info, err = h.Stat(file)
	require.NoError(t, err)
	require.Equal(t, ocf.Regular, info.Kind)
	require.EqualValues(t, 0o644, info.Mode)
	require.EqualValues(t, 3, info.Size)
	names, err = h.List(filepath.Dir(file))
	require.NoError(t, err)
	require.Equal(t, []string{"state"}, names, "nothing else is left in the directory")
	require.True(t, h.Writable(file) && h.Writable(filepath.Dir(file)))

	data, found, err = h.ReadFile("/dev/zero", 4)
	require.NoError(t, err)
	require.True(t, found && len(data) == 4, "a device gives what was asked for")
	_, found, err = h.ReadFile(file+"/below", 4)
	require.True(t, !found && err == nil, "below a file there is nothing")

	require.Error(t, h.Remove(filepath.Dir(file)), "not empty")
	require.NoError(t, h.Remove(file))
	require.NoError(t, h.Remove(filepath.Dir(file)))
}

// What a killed agent left of a write is used up, and a link is no trap.
func TestWriteFileLeftovers(t *testing.T) {
	h, _ := newHost(t)
	dir := t.TempDir()
	file, victim := filepath.Join(dir, "f"), filepath.Join(dir, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("keep"), 0o600))
	require.NoError(t, os.Symlink(victim, newName(file)))
	require.NoError(t, h.WriteFile(file, []byte("new"), 0o600))
	text, err := os.ReadFile(victim)
	require.NoError(t, err)
	require.Equal(t, "keep", string(text))

	require.NoError(t, os.WriteFile(newName(file), nil, 0o600))
	require.NoError(t, h.Remove(file))
	names, err := h.List(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"victim"}, names)

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(victim, link))
	require.NoError(t, h.WriteFile(link, []byte("through"), 0o600))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink, "the link stays one")
	text, _ = os.ReadFile(victim)
	require.Equal(t, "through", string(text))
}

func TestProcesses(t *testing.T) {
	h, _ := newHost(t)
	child := exec.Command("sleep", "600")
	require.NoError(t, child.Start())
	pid := child.Process.Pid
	p, found, err := h.Process(pid)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, os.Getpid(), p.Parent)
	require.Equal(t, os.Getuid(), p.UID)
	list, err := h.Find(func(q ocf.Process) bool { return q.PID == pid })
	require.NoError(t, err)
	require.Len(t, list, 1)

	require.False(t, p.Stopped)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	require.Eventually(t, func() bool { q, _, _ := h.Process(pid); return q.Stopped }, 20*time.Second, time.Millisecond)

	other := p
	other.Start++
	require.NoError(t, h.Signal(other, ocf.SIGKILL), "another process of that number is left alone")
	_, found, _ = h.Process(pid)
	require.True(t, found)
	require.NoError(t, h.Signal(p, ocf.SIGKILL))
	require.Eventually(t, func() bool { _, found, _ := h.Process(pid); return !found }, 20*time.Second, time.Millisecond, "a zombie is dead")
	_ = child.Wait()
	require.NoError(t, h.Signal(p, ocf.SIGKILL))
	for _, pid := range []int{0, -1, 1 << 30} {
		_, found, err = h.Process(pid)
		require.True(t, !found && err == nil)
	}
}

func TestParseStat(t *testing.T) {
	p, state, err := parseStat([]byte("12 (a ) (b) S 1 12 12 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"))
	require.NoError(t, err)
	require.Equal(t, byte('S'), state)
	require.Equal(t, ocf.Process{PID: 12, Parent: 1, Start: 4711, Name: "a ) (b"}, p)
	for _, bad := range []string{"", "12", "12 (a", "12 (a) S 1", "x (a) S 1 12 12 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"} {
		_, _, err := parseStat([]byte(bad))
		require.Error(t, err, bad)
	}
	require.Equal(t, []string{"a", "", "b"}, parseCmdline([]byte("a\x00\x00b\x00")))
	require.Nil(t, parseCmdline(nil))
}

func TestCommands(t *testing.T) {
	h, _ := newHost(t, "OCF_RESKEY_CRM_meta_on_node=n1", "LC_ALL=tr_TR")
	out, err := h.Query(t.Context(), ocf.Command{Path: "sh", Args: []string{"-c", "cat; echo $LC_ALL $OCF_RESOURCE_INSTANCE $OCF_RESKEY_CRM_meta_on_node $X; exit 4"}, Stdin: "in ", Env: []string{"X=y"}})
	require.NoError(t, err, "an exit code is no error")
	require.Equal(t, ocf.Output{Code: 4, Stdout: "in C rsc n1 y\n"}, out)
	out, err = h.Run(t.Context(), ocf.Command{Path: "env"})
	require.NoError(t, err)
	require.NotContains(t, out.Stdout, "secret", "children do not get the parameters")

	_, err = h.Run(t.Context(), ocf.Command{Path: "no-such-program"})
	var f *ocf.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, ocf.ErrInstalled, f.Code)
	_, err = h.Run(t.Context(), ocf.Command{Path: "sleep", Args: []string{"600"}, Timeout: 20 * time.Millisecond})
	require.ErrorContains(t, err, "sleep took more than 20ms")
	_, err = h.Run(t.Context(), ocf.Command{Path: "true", User: "no-such-user"})
	require.ErrorContains(t, err, "user no-such-user is not known")
	if os.Getuid() == 0 {
		out, err = h.Run(t.Context(), ocf.Command{Path: "id", Args: []string{"-un"}, User: "nobody"})
		require.NoError(t, err)
		require.Equal(t, "nobody\n", out.Stdout)
	}
	path, found := h.LookPath("sh")
	require.True(t, found && strings.HasSuffix(path, "/sh"))
	_, found = h.LookPath("no-such-program")
	require.False(t, found)
}

func TestStartDaemon(t *testing.T) {
	h, _ := newHost(t)
	pid, err := h.Start(ocf.Daemon{Path: "sleep", Args: []string{"600"}})
	require.NoError(t, err)
	p, found, err := h.Process(pid)
	require.NoError(t, err)
	require.True(t, found)
	require.NoError(t, h.Signal(p, ocf.SIGKILL))
	_, err = h.Start(ocf.Daemon{Path: "no-such-program"})
	require.ErrorContains(t, err, "is not installed")
	_, err = h.Start(ocf.Daemon{Path: "true", User: "no-such-user"})
	require.Error(t, err)
}

func TestCluster(t *testing.T) {
	h, calls := newHost(t)
	ctx := t.Context()
	require.NoError(t, h.Publish(ctx, ocf.SetPromotionScore(10)))
	require.NoError(t, h.Publish(ctx, ocf.DeletePromotionScore()))
	require.NoError(t, h.Publish(ctx, ocf.SetAttribute("a", "b c")))
	require.NoError(t, h.Publish(ctx, ocf.Publication{Attribute: "a", Node: "n", Delete: true}))
	require.NoError(t, h.Publish(ctx, ocf.Publication{Attribute: "a", Value: "1", Persistent: true}))
	require.NoError(t, h.Publish(ctx, ocf.Publication{Node: "n", Value: "100"}))
	value, found, err := h.Attribute(ctx, "a", "n2")
	require.NoError(t, err)
	require.True(t, found && value == "value")
	value, found, err = h.PersistentAttribute(ctx, "a", "n2")
	require.NoError(t, err)
	require.True(t, found && value == "value")
	require.Equal(t, `crm_attribute --promotion -v 10 for rsc 
crm_attribute --promotion -D for rsc 
crm_attribute -l reboot -n a -v b c for rsc 
crm_attribute -l reboot -n a -N n -D for rsc 
crm_attribute -l forever -n a -v 1 for rsc 
crm_attribute --promotion -v 100 -N n for rsc 
crm_attribute -l reboot -n a -N n2 -G -q for rsc 
crm_attribute -l forever -n a -N n2 -G -q for rsc 
`, calls())

	h, calls = newHost(t, "OCF_RESKEY_crm_feature_set=3.9.0")
	require.NoError(t, h.Publish(ctx, ocf.SetPromotionScore(10)))
	require.Equal(t, "crm_master -l reboot -v 10 for rsc \n", calls())
}

func TestMoveAndOwn(t *testing.T) {
	h, _ := newHost(t)
	from := filepath.Join(t.TempDir(), "data")
	to := from + ".old"
	require.NoError(t, h.MakeDir(from, 0o750))
	require.NoError(t, h.Rename(from, to))
	require.NoError(t, h.Rename(from, to), "made already")
	require.NoError(t, h.MakeDir(from, 0o750))
	require.Error(t, h.Rename(from, to), "nothing is overwritten")
	require.NoError(t, h.SetMode(to, 0o700))
	info, err := h.Stat(to)
	require.NoError(t, err)
	require.EqualValues(t, 0o700, info.Mode)
	var f *ocf.Fault
	require.ErrorAs(t, h.SetOwner(to, "no-such-user", ""), &f)
	require.Equal(t, ocf.ErrInstalled, f.Code)
	require.ErrorAs(t, h.SetOwner(to, "", "no-such-group"), &f)
	if os.Geteuid() == 0 {
		require.NoError(t, h.SetOwner(to, "nobody", "nogroup"))
		info, err = h.Stat(to)
		require.NoError(t, err)
		require.EqualValues(t, 65534, info.UID)
	}
}

func TestClaim(t *testing.T) {
	h, _ := newHost(t)
	name := "test " + t.TempDir() + strings.Repeat("/long", 50)
	release, ok, err := h.Claim(name)
	require.True(t, ok && err == nil)
	_, again, err := h.Claim(name)
	require.True(t, !again && err == nil)
	_, other, err := h.Claim(name + "x")
	require.True(t, other && err == nil, "long names are told apart")
	release()
	release, ok, err = h.Claim(name)
	require.True(t, ok && err == nil)
	release()
}

func TestRefused(t *testing.T) {
	var f *ocf.Fault
	require.ErrorAs(t, refused(&os.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}), &f)
	require.Equal(t, ocf.ErrPerm, f.Code)
	require.ErrorAs(t, refused(&os.PathError{Op: "open", Path: "/x", Err: syscall.EROFS}), &f)
	require.False(t, errors.As(refused(&os.PathError{Op: "open", Path: "/x", Err: syscall.EIO}), &f))
	require.NotEmpty(t, (&Host{}).Hostname())
}

// attrd_updater is asked for all nodes without the variable that makes it answer
// for one.
func TestAttributeOfAll(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\nif [ -n \"$OCF_RESKEY_CRM_meta_on_node\" ]; then echo 'name=\"a\" host=\"n1\" value=\"\"'; exit; fi\n" +
		"echo 'name=\"a\" host=\"n1\" value=\"1\"'; echo 'name=\"a\" host=\"n2\" value=\"2\"'\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "attrd_updater"), []byte(script), 0o755))
	h, _ := newHost(t, "HA_SBIN_DIR="+dir, "OCF_RESKEY_CRM_meta_on_node=n1")
	got, err := h.AttributeOfAll(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"n1": "1", "n2": "2"}, got)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "attrd_updater"), []byte("#!/bin/sh\nexit 105\n"), 0o755))
	got, err = h.AttributeOfAll(t.Context(), "a")
	require.NoError(t, err)
	require.Empty(t, got)
	require.NoError(t, os.Remove(filepath.Join(dir, "attrd_updater")))
	_, err = h.AttributeOfAll(t.Context(), "a")
	require.Error(t, err)
}

// The configuration is asked for the persistent attributes, and a failure is told.
func TestPersistentAttributeOfAll(t *testing.T) {
	dir := t.TempDir()
	h, _ := newHost(t, "HA_SBIN_DIR="+dir)
	tool := func(script string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "cibadmin"), []byte("#!/bin/sh\n"+script), 0o755))
	}
	tool(`[ "$*" = "--query --scope nodes" ] && echo '<nodes><node uname="n2"><instance_attributes><nvpair name="a" value="2"/></instance_attributes></node></nodes>'`)
	got, err := h.PersistentAttributeOfAll(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"n2": "2"}, got)
	tool("echo no connection >&2; exit 102")
	_, err = h.PersistentAttributeOfAll(t.Context(), "a")
	require.ErrorContains(t, err, "no connection")
}
