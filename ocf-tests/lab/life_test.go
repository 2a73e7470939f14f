//go:build linux

package lab

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBare_SideBySide: two labs have the same names and addresses and see nothing
// of each other, and the machine sees nothing of them.
func TestBare_SideBySide(t *testing.T) {
	ctx := t.Context()
	before := interfaces(t)
	a := New(t, Options{Nodes: 2, Bare: true})
	b := New(t, Options{Nodes: 2, Bare: true})
	require.NotEqual(t, a.Dir(), b.Dir())
	require.Equal(t, before, interfaces(t), "a lab made a network interface on the machine")

	for _, c := range []*Cluster{a, b} {
		_, err := c.Node(1).Run(ctx, "sh", "-c", "echo "+c.Dir()+" >/etc/marker; echo x >/var/marker; echo x >/tmp/marker; echo x >/run/marker; echo x >/dev/shm/marker")
		require.NoError(t, err)
		got, err := c.Node(2).Run(ctx, "sh", "-c", "cat /etc/hostname; ls /etc/marker /var/marker /tmp/marker /run/marker /dev/shm/marker 2>/dev/null || true")
		require.NoError(t, err)
		require.Equal(t, "node-2\n", got)
	}
	for _, c := range []*Cluster{a, b} {
		got, err := c.Node(1).Run(ctx, "cat", "/etc/marker")
		require.NoError(t, err)
		require.Equal(t, c.Dir()+"\n", got)
	}
	for _, name := range []string{"/etc/marker", "/var/marker", "/tmp/marker", "/run/marker", "/dev/shm/marker"} {
		require.NoFileExists(t, name)
	}
	require.NoError(t, a.Close())
	require.NoDirExists(t, a.Dir())
	_, err := b.Node(1).Run(ctx, "cat", "/etc/marker")
	require.NoError(t, err, "closing one lab reached into the other")
}

func interfaces(t *testing.T) []string {
	list, err := net.Interfaces()
	require.NoError(t, err)
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	return names
}

// TestBare_PowerAndFiles: what survives a power-off and what does not, and what a
// node may not write to.
func TestBare_PowerAndFiles(t *testing.T) {
	ctx := t.Context()
	like := []string{"/var/tmp", "/var/log/rabbitmq"}
	c := New(t, Options{Nodes: 1, Bare: true, BootDelay: 100 * time.Millisecond, Private: append([]string{"/var/lib/own"}, like...)})
	n := c.Node(1)
	for _, path := range like {
		want, err := exec.Command("stat", "--format=%a %U:%G", path).Output()
		if err != nil {
			continue // the package is not installed
		}
		got, err := n.Run(ctx, "stat", "--format=%a %U:%G", path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, path)
	}
	_, err := n.Run(ctx, "sh", "-c", "echo x >/etc/kept; echo x >/var/lib/own/kept; echo x >/run/lost; ip addr add 10.77.0.99/24 dev eth0; (sleep 1000 &)")
	require.NoError(t, err)
	require.FileExists(t, n.Path("/var/lib/own/kept"))
	sleepers, err := n.Processes("sleep")
	require.NoError(t, err)
	require.Len(t, sleepers, 1)

	for _, path := range []string{"/usr/marker", "/usr/sbin/marker", "/proc/sys/kernel/hostname"} {
		_, err = n.Run(ctx, "sh", "-c", "echo x >"+path)
		require.ErrorContains(t, err, "Read-only file system", path)
	}

	require.NoError(t, n.PowerOff(ctx))
	require.NoError(t, n.PowerOff(ctx), "off twice")
	require.True(t, isDead(sleepers[0]))
	n.Break(true)
	require.ErrorContains(t, n.PowerOn(ctx), "booting node-1: it is broken")
	_, err = c.request([]string{"reboot", "node-1", "node-2"})
	require.NoError(t, err, "fencing a broken node succeeds: it is off")
	c.work.Wait()
	require.False(t, n.On())
	n.Break(false)
	began := time.Now()
	_, err = c.request([]string{"reboot", "node-1", "node-2"})
	require.NoError(t, err)
	c.work.Wait()
	require.GreaterOrEqual(t, time.Since(began), c.opt.BootDelay)
	require.True(t, n.On())
	require.NoError(t, n.PowerOff(ctx))
	require.NoError(t, n.PowerOn(ctx))
	require.NoError(t, n.PowerOn(ctx), "on twice")
	got, err := n.Run(ctx, "sh", "-c", "ls /etc/kept /var/lib/own/kept; test ! -e /run/lost; ip -brief addr show dev eth0")
	require.NoError(t, err)
	require.Contains(t, got, "/etc/kept\n/var/lib/own/kept\n")
	require.NotContains(t, got, "10.77.0.99")
}

// TestBare_Cable: a cut takes the link away, also over a power-off.
func TestBare_Cable(t *testing.T) {
	ctx := t.Context()
	c := New(t, Options{Nodes: 2, Bare: true})
	n := c.Node(1)
	carrier := func() string {
		got, err := n.Run(ctx, "cat", "/sys/class/net/eth0/carrier")
		require.NoError(t, err)
		return strings.TrimSpace(got)
	}
	require.Equal(t, "1", carrier())
	require.NoError(t, n.CutCable(ctx))
	require.Equal(t, "0", carrier())
	require.NoError(t, n.PowerOff(ctx))
	require.NoError(t, n.PowerOn(ctx))
	require.Equal(t, "0", carrier())
	require.NoError(t, n.HealCable(ctx))
	require.Equal(t, "1", carrier())
}

// TestBare_Run: how commands fail.
func TestBare_Run(t *testing.T) {
	ctx := t.Context()
	c := New(t, Options{Nodes: 1, Bare: true})
	n := c.Node(1)
	out, err := n.RunInput(ctx, strings.NewReader("in\n"), "sh", "-c", "cat; echo oops >&2; exit 3")
	require.Equal(t, "in\n", out)
	var e *RunError
	require.ErrorAs(t, err, &e)
	require.Equal(t, 3, e.Code)
	require.ErrorContains(t, err, "node-1: sh -c cat; echo oops >&2; exit 3: exit status 3: oops")

	short, cancel := context.WithCancel(ctx)
	cmd := n.Command(short, "sh", "-c", "echo started; sleep 1000")
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = bufio.NewReader(pipe).ReadString('\n')
	require.NoError(t, err)
	sleepers, err := n.Processes("sleep")
	require.NoError(t, err)
	cancel()
	require.Error(t, cmd.Wait())
	require.NoError(t, waitDead(sleepers, time.Now().Add(10*time.Second)))

	_, err = n.Kill9("nothing-of-that-name")
	require.ErrorContains(t, err, "no such process")
}

// TestBare_OwnerDies: whatever ends the test's process, no process and no folder
// of the lab is left.
func TestBare_OwnerDies(t *testing.T) {
	if dir := os.Getenv("SYSTOLE_LAB_TEST_DIR"); dir != "" {
		ownerToDie(t, dir)
		return
	}
	if err := Check(Options{Nodes: 1, Bare: true}); err != nil {
		t.Skipf("this machine cannot run a lab: %v", err)
	}
	for _, how := range []string{"panic", "SIGKILL", "SIGINT"} {
		t.Run(how, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "lab")
			cmd := exec.Command("/proc/self/exe", "-test.run=^TestBare_OwnerDies$")
			cmd.Env = append(os.Environ(), "SYSTOLE_LAB_TEST_DIR="+dir)
			stdin, err := cmd.StdinPipe()
			require.NoError(t, err)
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			var sleeper int
			_, err = fmt.Fscanf(bufio.NewReader(stdout), "sleeper %d\n", &sleeper)
			require.NoError(t, err)
			require.False(t, isDead(sleeper))
			switch how {
			case "panic":
				stdin.Close()
			case "SIGKILL":
				require.NoError(t, cmd.Process.Kill())
			case "SIGINT":
				require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
			}
			require.Error(t, cmd.Wait())
			require.NoError(t, waitDead([]int{sleeper}, time.Now().Add(20*time.Second)))
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			require.NoError(t, poll(ctx, time.Millisecond, 100*time.Millisecond, func() bool {
				_, err := os.Lstat(dir)
				return os.IsNotExist(err)
			}), "the folder of the lab stays")
		})
	}
}

// ownerToDie has a lab with a process in it, says so, and panics when its
// standard input ends.
func ownerToDie(t *testing.T, dir string) {
	c := New(t, Options{Nodes: 1, Bare: true, Dir: dir})
	_, err := c.Node(1).Run(t.Context(), "sh", "-c", "(setsid sleep 1000 >/dev/null 2>&1 &)")
	require.NoError(t, err)
	sleepers, err := c.Node(1).Processes("sleep")
	require.NoError(t, err)
	require.Len(t, sleepers, 1)
	fmt.Printf("sleeper %d\n", sleepers[0])
	_, _ = os.Stdin.Read(make([]byte, 1))
	panic("the owner panics, as it was told to")
}

// TestBare_Reboot: a node that calls reboot(2) boots again.
func TestBare_Reboot(t *testing.T) {
	ctx := t.Context()
	c := New(t, Options{Nodes: 1, Bare: true})
	n := c.Node(1)
	first := n.pid()
	_, _ = n.Run(ctx, "/sbin/reboot", "--force", "--force")
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	require.NoError(t, poll(limited, time.Millisecond, 100*time.Millisecond, func() bool {
		pid := n.pid()
		if pid == 0 || pid == first {
			return false
		}
		_, err := n.Run(ctx, "true")
		return err == nil
	}))
}

// TestOptions: what a lab is refused for.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		opt  Options
		want string
	}{
		{Options{}, "lab of 0 nodes: want 1 to 16"},
		{Options{Nodes: 17}, "lab of 17 nodes"},
		{Options{Nodes: 1, OCF: []string{"/a:b"}}, "cannot be mounted"},
		{Options{Nodes: 1, Private: []string{"/srv/x"}}, "only folders below /var"},
	} {
		_, err := c.opt.withDefaults()
		require.ErrorContains(t, err, c.want)
	}
	require.ErrorContains(t, checkDir("/var/tmp/lab"), "nodes have their own /var")
	require.NoError(t, checkDir("/variable"))
}

// TestBare_Layers: folders of the test lie over the machine's, which stay visible
// beneath; links in them may lead to files of the machine.
func TestBare_Layers(t *testing.T) {
	ctx := t.Context()
	ocf, sbin := t.TempDir(), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(ocf, "systole"), 0o755))
	agent := filepath.Join(ocf, "systole", "hello")
	require.NoError(t, os.WriteFile(agent, []byte("#!/bin/sh\necho hello\n"), 0o755))
	require.NoError(t, os.Symlink("hello", filepath.Join(ocf, "systole", "linked")))
	require.NoError(t, os.WriteFile(filepath.Join(sbin, "fence_hello"), []byte("#!/bin/sh\necho fence\n"), 0o755))
	c := New(t, Options{Nodes: 1, Bare: true, OCF: []string{ocf}, Sbin: []string{sbin}})
	got, err := c.Node(1).Run(ctx, "sh", "-c", "/usr/lib/ocf/resource.d/systole/hello; /usr/lib/ocf/resource.d/systole/linked; fence_hello; command -v fence_lab")
	require.NoError(t, err)
	require.Equal(t, "hello\nhello\nfence\n/usr/sbin/fence_lab\n", got)
	machine, _ := os.ReadDir("/usr/lib/ocf/resource.d") // of a bare lab it need not be there
	for _, provider := range machine {
		_, err := c.Node(1).Run(ctx, "ls", filepath.Join("/usr/lib/ocf/resource.d", provider.Name()))
		require.NoError(t, err)
	}
	require.NoError(t, c.Node(1).WriteFile("/etc/new/file", []byte("x"), 0o600, "root:root"))
	got, err = c.Node(1).Run(ctx, "stat", "--format=%a %U", "/etc/new/file")
	require.NoError(t, err)
	require.Equal(t, "600 root\n", got)
}
