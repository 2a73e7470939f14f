package fence

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/sbd"
	"systole/lib/sbd/disk"
)

// diskFile is a path without commas, which are in the names of tests.
func diskFile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "systole-sbd")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "disk")
}

// sbdImage makes a disk with slots for node1 and node2.
func sbdImage(t *testing.T, watchdog, msgwait int) string {
	t.Helper()
	const sector = 512
	h := &sbd.Header{Slots: 8, SectorSize: sector, Watchdog: time.Duration(watchdog) * time.Second, Allocate: time.Second, Loop: time.Second, MsgWait: time.Duration(msgwait) * time.Second}
	b := make([]byte, max(h.Size(), 1<<16))
	copy(b, sbd.EncodeHeader(h))
	for i, node := range []string{"node1", "node2"} {
		copy(b[int(h.Mailbox(i))-sector:], sbd.EncodeNode(sector, node))
	}
	path := diskFile(t)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

// mail is the message for a node, and who has left it.
func mail(t *testing.T, path, node string) (sbd.Message, string) {
	t.Helper()
	d, err := disk.Open(t.Context(), path)
	require.NoError(t, err)
	defer d.Close()
	all, err := d.Read(t.Context())
	require.NoError(t, err)
	s := all.Find(node)
	require.NotNil(t, s)
	return s.Message, s.From
}

func leave(t *testing.T, path, node string, m sbd.Message, from string) {
	t.Helper()
	d, err := disk.Open(t.Context(), path)
	require.NoError(t, err)
	defer d.Close()
	require.NoError(t, d.Send(t.Context(), node, m, from))
}

// TestSBD_Majority: more than half of the disks must have the message.
func TestSBD_Majority(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		good, bad int
		code      int
		says      string
	}{
		"one":          {1, 0, 0, ""},
		"three":        {3, 0, 0, ""},
		"two of three": {2, 1, 0, "it is no SBD device"},
		"one of three": {1, 2, 1, "1 of 3 disks work, 2 must"},
		"one of two":   {1, 1, 1, "1 of 2 disks work, 2 must"},
		"none":         {0, 1, 1, "0 of 1 disks work, 1 must"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var good, all []string
			for range c.good {
				good = append(good, sbdImage(t, 1, 2))
			}
			all = append(all, good...)
			for range c.bad {
				path := sbdImage(t, 1, 2)
				require.NoError(t, os.WriteFile(path, make([]byte, 1<<16), 0o600))
				all = append(all, path)
			}
			began := time.Now()
			o := call(t, "fence_sbd", "devices="+strings.Join(all, ","), "plug=NODE2", "action=off", "power_timeout=60")
			took := time.Since(began)
			require.Equal(t, c.code, o.code, o.stderr)
			require.Contains(t, o.stderr, c.says)
			for _, path := range good {
				want := sbd.Clear
				if c.code == 0 {
					want = sbd.Off
				}
				have, _ := mail(t, path, "node2")
				require.Equal(t, want, have)
				have, _ = mail(t, path, "node1")
				require.Equal(t, sbd.Clear, have)
			}
			if c.code == 0 {
				require.GreaterOrEqual(t, took, 2*time.Second, "off before msgwait was over")
			}
		})
	}
}

// TestSBD_Actions: each, with one disk.
func TestSBD_Actions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  sbd.Message
		options []string
		code    int
		stdout  string
		stderr  string
		after   sbd.Message
	}{
		"status":         {sbd.Clear, []string{"action=status"}, 0, "Status: ON\n", "", sbd.Clear},
		"status, test":   {sbd.Test, []string{"action=status"}, 0, "Status: ON\n", "", sbd.Test},
		"status, off":    {sbd.Off, []string{"action=status"}, 2, "Status: OFF\n", "", sbd.Off},
		"status, reset":  {sbd.Reset, []string{"action=status"}, 2, "Status: OFF\n", "", sbd.Reset},
		"status, other":  {sbd.Message(77), []string{"action=status"}, 1, "", "message 77", sbd.Message(77)},
		"off":            {sbd.Clear, []string{"action=off"}, 0, "Success: Powered OFF\n", "", sbd.Off},
		"off again":      {sbd.Reset, []string{"action=off"}, 0, "Success: Powered OFF\n", "", sbd.Off},
		"reboot":         {sbd.Clear, nil, 0, "Success: Rebooted\n", "", sbd.Reset},
		"reboot, onoff":  {sbd.Clear, []string{"method=onoff"}, 0, "Success: Rebooted\n", "", sbd.Reset},
		"crashdump":      {sbd.Clear, []string{"crashdump=1"}, 0, "Success: Rebooted\n", "", sbd.CrashDump},
		"on":             {sbd.Off, []string{"action=on"}, 0, "Success: Powered ON\n", "", sbd.Clear},
		"list":           {sbd.Off, []string{"action=list-status"}, 0, "node1,node1,OFF\nnode2,node2,ON\n", "", sbd.Off},
		"monitor":        {sbd.Off, []string{"action=monitor"}, 0, "", "", sbd.Off},
		"no such node":   {sbd.Clear, []string{"action=off", "plug=node9"}, 1, "", "no slot for the node node9", sbd.Clear},
		"short timeout":  {sbd.Clear, []string{"action=off", "power_timeout=2"}, 1, "", "set it to 12s or more", sbd.Clear},
		"relative path":  {sbd.Clear, []string{"action=off", "devices=disk"}, 1, "", "must be paths", sbd.Clear},
		"too many disks": {sbd.Clear, []string{"action=off", "devices=/a,/b,/c,/d"}, 1, "", "one to three", sbd.Clear},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := sbdImage(t, 1, 2)
			leave(t, path, "node1", c.before, "somebody")
			began := time.Now()
			o := call(t, "fence_sbd", append([]string{"devices=" + path, "plug=node1", "power_timeout=60"}, c.options...)...)
			require.Equal(t, c.code, o.code, o.stderr)
			require.Equal(t, c.stdout, o.stdout)
			require.Contains(t, o.stderr, c.stderr)
			after, _ := mail(t, path, "node1")
			require.Equal(t, c.after, after)
			if c.code == 0 && c.before != c.after && c.after != sbd.Clear {
				require.GreaterOrEqual(t, time.Since(began), 2*time.Second, "off before msgwait was over")
			}
		})
	}
}

// TestSBD_Msgwait: a msgwait that is too short for the watchdog is not believed.
func TestSBD_Msgwait(t *testing.T) {
	t.Parallel()
	path := sbdImage(t, 2, 1)
	began := time.Now()
	o := call(t, "fence_sbd", "devices="+path, "plug=node1", "action=off")
	require.Equal(t, 0, o.code, o.stderr)
	require.Contains(t, o.stderr, "less than twice the watchdog timeout")
	require.NotContains(t, o.stderr, "gracefully")
	require.GreaterOrEqual(t, time.Since(began), 4*time.Second)
}

// TestSBD_Cleared: a message that somebody takes away is left again; one that the node
// takes away as it starts again has done its work.
func TestSBD_Cleared(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action, from string
		left         sbd.Message // at the end
	}{
		"by somebody, off":    {"off", "admin", sbd.Off},
		"by somebody, reboot": {"reboot", "admin", sbd.Reset},
		"by itself, reboot":   {"reboot", "", sbd.Clear},
		"by itself, off":      {"off", "", sbd.Off},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := sbdImage(t, 1, 2)
			done := begin("fence_sbd", "devices="+path, "plug=node1", "action="+c.action, "power_timeout=60")
			// The agent reads what it has written; only what is cleared after that is news.
			seen := 0
			require.Eventually(t, func() bool {
				if m, _ := mail(t, path, "node1"); m.Deadly() {
					seen++
				}
				return seen >= 30
			}, time.Minute, 10*time.Millisecond)
			leave(t, path, "node1", sbd.Clear, c.from)
			o := end(t, done)
			require.Equal(t, 0, o.code, o.stderr)
			m, _ := mail(t, path, "node1")
			require.Equal(t, c.left, m)
		})
	}
}

// loop makes a block device of a file, and sbd a device for node1 of that.
func loop(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("loop devices need root")
	}
	for _, program := range []string{"/usr/sbin/sbd", "/usr/sbin/losetup"} {
		if _, err := os.Stat(program); err != nil {
			t.Skip("packages sbd and mount are not both installed: " + program + " is missing")
		}
	}
	path := diskFile(t)
	require.NoError(t, os.WriteFile(path, make([]byte, 1<<20), 0o600))
	out, err := exec.CommandContext(t.Context(), "/usr/sbin/losetup", "--find", "--show", path).CombinedOutput()
	if err != nil {
		t.Skip("no loop devices here: " + string(out))
	}
	device := strings.TrimSpace(string(out))
	t.Cleanup(func() { _ = exec.Command("/usr/sbin/losetup", "--detach", device).Run() })
	theirs(t, device, "-1", "1", "-4", "2", "-2", "0", "create")
	theirs(t, device, "allocate", "node1")
	return device
}

func theirs(t *testing.T, device string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "/usr/sbin/sbd", append([]string{"-d", device}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// TestSBD_Theirs: what we write Debian's sbd reads, and the other way round.
func TestSBD_Theirs(t *testing.T) {
	t.Parallel()
	device := loop(t)
	ours := func(action string) outcome {
		return call(t, "fence_sbd", "devices="+device, "plug=node1", "action="+action)
	}
	require.Equal(t, outcome{0, "Status: ON\n", ""}, ours("status"))
	require.Equal(t, outcome{0, "node1,node1,ON\n", ""}, ours("list-status"))
	host, err := os.Hostname()
	require.NoError(t, err)
	for _, c := range []struct{ action, message string }{{"off", "off"}, {"reboot", "reset"}, {"on", "clear"}} {
		require.Equal(t, 0, ours(c.action).code)
		require.Equal(t, fmt.Sprintf("0\tnode1\t%s\t%s\n", c.message, host), theirs(t, device, "list"))
	}
	for message, code := range map[string]int{"reset": 2, "off": 2, "crashdump": 2, "clear": 0, "exit": 0} {
		theirs(t, device, "message", "node1", message)
		require.Equal(t, code, ours("status").code, message)
		m, from := mail(t, device, "node1")
		require.Equal(t, message, m.String())
		require.Equal(t, host, from)
	}
	// A header of theirs, written again by us, is the same to the byte.
	text, err := os.ReadFile(device)
	require.NoError(t, err)
	h, err := sbd.ParseHeader(text)
	require.NoError(t, err)
	require.Equal(t, text[:512], sbd.EncodeHeader(h))
}
