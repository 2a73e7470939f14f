package cost_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"systole/ocf-tests/build"
	"systole/ocf-tests/cost"
)

// cases is a table. prepare makes what the resource needs in namespaces of the calling
// goroutine; it may be nil.
var cases = []struct {
	cost.Case
	prepare func(b testing.TB)
}{
	{cost.Case{Name: "Dummy", Stock: "heartbeat", Bar: "1/2"}, nil},
	{cost.Case{Name: "Dummy", Stock: "pacemaker", Bar: "1/2"}, nil},
	{cost.Case{Name: "Stateful", Stock: "pacemaker", Bar: "1/2"}, nil},
	{cost.Case{Name: "IPaddr2", Stock: "heartbeat", Params: []string{"ip=10.9.0.9", "arp_count=1"}, Bar: "1/10"}, network},
	{cost.Case{Name: "IPaddr2", Stock: "heartbeat", Params: []string{"ip=fd00::9", "arp_count=1", "nodad=true"}, Ours: []string{"collision_detection=no"}, Bar: "1/10"}, network},
	{cost.Case{Name: "Filesystem", Stock: "heartbeat", Params: []string{"device=x", "directory=/srv", "fstype=tmpfs"}, Bar: "1/10"}, mounts},
	{cost.Case{Name: "memcached", Params: []string{"user=nobody", "port=41212"}}, nil},
}

func network(b testing.TB) {
	isolate(b, unix.CLONE_NEWNET)
	for _, args := range []string{
		"link set lo up", "link add eth0 type veth peer name eth1", "link set eth0 up", "link set eth1 up",
		"address add 10.9.0.1/24 dev eth0", "-6 address add fd00::1/64 dev eth0 nodad",
	} {
		out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
		require.NoError(b, err, string(out))
	}
}

func mounts(b testing.TB) {
	isolate(b, unix.CLONE_NEWNS)
	require.NoError(b, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
}

// isolate gives the goroutine a namespace; its thread ends with it.
func isolate(b testing.TB, flags int) {
	if os.Geteuid() != 0 {
		b.Skip("namespaces need root")
	}
	runtime.LockOSThread()
	require.NoError(b, unix.Unshare(flags))
}

func installed(b testing.TB) (dir string) {
	b.Helper()
	dir = b.TempDir()
	require.NoError(b, os.Chmod(dir, 0o755))
	require.NoError(b, build.Agents(dir))
	return dir
}

// BenchmarkMonitor measures one monitor of a running resource.
func BenchmarkMonitor(b *testing.B) {
	dir := installed(b)
	for _, c := range cases {
		name := c.Name
		for _, p := range c.Params {
			if ip, ok := strings.CutPrefix(p, "ip="); ok {
				name += "-" + ip
			}
		}
		if c.Stock != "" {
			name += "/" + c.Stock
		}
		b.Run(name, func(b *testing.B) {
			if c.prepare != nil {
				c.prepare(b)
			}
			measure(b, c.Case, dir)
		})
	}
}

// measure starts the resource with our agent, which the stock one understands, and lets both
// look at it in turn.
func measure(b *testing.B, c cost.Case, links string) {
	ours, stock := c.Agents(links)
	tmp := b.TempDir()
	_, err := c.Do(ours, "start", tmp, 0)
	require.NoError(b, err)
	defer func() {
		_, err := c.Do(ours, "stop", tmp, 0)
		require.NoError(b, err)
	}()
	if c.Stock != "" && stock != "" && strings.Contains(c.Name+c.Stock, "Dummypacemaker") {
		// It has its state file elsewhere.
		_, err := c.Do(stock, "start", tmp, 0)
		require.NoError(b, err)
	}
	if stock != "" {
		if _, err := c.Do(stock, "monitor", tmp, 0, 8); err != nil {
			b.Logf("without the stock agent, which cannot be used here: %v", err)
			stock = ""
		}
	}
	var sum [2]cost.Call
	for b.Loop() {
		for i, agent := range []string{ours, stock} {
			if agent == "" {
				continue
			}
			call, err := c.Do(agent, "monitor", tmp, 0, 8)
			if err != nil {
				b.Fatal(err)
			}
			sum[i].CPU += call.CPU
			sum[i].Wall += call.Wall
		}
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(sum[0].CPU.Seconds()*1000/n, "cpu-ms")
	b.ReportMetric(sum[0].Wall.Seconds()*1000/n, "wall-ms")
	if stock != "" {
		b.ReportMetric(sum[1].CPU.Seconds()*1000/n, "stock-cpu-ms")
		b.ReportMetric(sum[1].Wall.Seconds()*1000/n, "stock-wall-ms")
		b.ReportMetric(sum[1].CPU.Seconds()/max(sum[0].CPU.Seconds(), 1e-9), "times-less-cpu")
		b.Logf("%s beside %s: the bar is %s of the stock agent's processor time", c.Name, stock, c.Bar)
	}
}

// BenchmarkStart measures a call that does nothing: starting the program.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(installed(b), build.Hidden)
	info, err := os.Stat(program)
	require.NoError(b, err)
	for b.Loop() {
		if err := exec.Command(program, "list").Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB")
}

// TestDo: a wrong exit code is an error, and so is an agent that is not there.
func TestDo(t *testing.T) {
	dir := t.TempDir()
	c := cost.Case{Name: "agent"}
	for code := range 3 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "agent"), fmt.Appendf(nil, "#!/bin/sh\necho here\nexit %d\n", code), 0o755))
		ours, stock := c.Agents(dir)
		require.Empty(t, stock)
		call, err := c.Do(ours, "monitor", dir, 0, 1)
		if code == 2 {
			require.ErrorContains(t, err, "exit code 2: here")
			continue
		}
		require.NoError(t, err)
		require.Positive(t, call.Wall)
	}
	_, err := c.Do(filepath.Join(dir, "none"), "monitor", dir, 0)
	require.Error(t, err)
}
