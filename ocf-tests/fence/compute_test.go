package fence

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	"systole/fence/fencing/host"
	agents "systole/fence/openstack"
	"systole/lib/openstack"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
	fake "systole/ocf-tests/openstack"
)

// marks is the attribute of a cluster in memory.
type marks struct {
	mu     sync.Mutex
	values map[string]string
	none   bool // there is no cluster
	fail   error
	set    func(node, value string)
}

func (m *marks) All(context.Context) (map[string]string, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.values), !m.none, m.fail
}

func (m *marks) Set(_ context.Context, node, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if !m.none {
		m.values[node] = value
	}
	if m.set != nil {
		m.set(node, value)
	}
	return nil
}

func (m *marks) of(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[node]
}

// scene is a simulated OpenStack and a cluster.
type scene struct {
	t     *testing.T
	cloud *fake.Cloud
	url   string
	marks *marks
}

func newScene(t *testing.T, hosts int) *scene {
	s := &scene{t: t, cloud: fake.New(), marks: &marks{values: map[string]string{}}}
	// Only the first host has room for a large server.
	s.cloud.AddFlavor(fake.Flavor{ID: "large", Memory: 5000})
	for i := range hosts {
		memory := 30 * 64
		if i == 0 {
			memory += 5000
		}
		s.cloud.AddHost(fmt.Sprintf("host-%d", i), memory)
	}
	s.cloud.EvacuationTime, s.cloud.DownTime, s.cloud.CleanupTime = 200*time.Millisecond, 300*time.Millisecond, 200*time.Millisecond
	server := httptest.NewServer(s.cloud)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *scene) tools() agents.Tools {
	return agents.Tools{
		Dial:  func(ctx context.Context, c api.Credentials) (agents.Nova, error) { return openstack.Dial(ctx, c) },
		Marks: s.marks, Self: "controller-1",
	}
}

// call calls an agent as pacemaker-fenced does.
func (s *scene) call(agent func(agents.Tools) *fencing.Agent, lines ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	input := append([]string{
		"auth_url=" + s.url + "/identity/v3", "username=" + fake.User, "password=" + fake.Password, "tenant_name=" + fake.Project,
		"region_name=" + fake.Region, "endpoint_type=internalURL", "nodename=controller-1",
	}, lines...)
	a := agent(s.tools())
	code = host.Main(a, host.Process{
		Args: []string{a.Name}, Environ: os.Environ(), Stdin: strings.NewReader(strings.Join(input, "\n")), Stdout: &out, Stderr: &errs, Quiet: true,
	})
	require.NotContains(s.t, errs.String(), fake.Password)
	return code, out.String(), errs.String()
}

func (s *scene) compute(lines ...string) (int, string, string) {
	return s.call(agents.Compute, lines...)
}

func (s *scene) evacuate(lines ...string) (int, string, string) {
	return s.call(agents.Evacuate, lines...)
}

// TestCompute_Cycle: off, evacuation, on; the host gets servers again.
func TestCompute_Cycle(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3)
	for i := range 5 {
		s.cloud.Boot("host-0", fmt.Sprint("vm-", i), "1", "image-1")
	}
	code, out, errs := s.compute("action=status", "plug=host-0")
	require.Zero(t, code, errs)
	require.Equal(t, "Status: ON\n", out)
	code, _, errs = s.evacuate("action=off", "plug=host-0")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "its servers may run; fence the host", "nothing is evacuated from a host that is not fenced")
	require.Len(t, s.cloud.ServersOn("host-0"), 5)

	s.cloud.StopCompute("host-0")
	evidence := filepath.Join(t.TempDir(), "evidence")
	code, out, errs = s.compute("action=off", "plug=host-0", "evidence="+evidence)
	require.Zero(t, code, errs)
	require.Equal(t, "Success: Powered OFF\n", out)
	require.Equal(t, evacuation.Wanted, s.marks.of("host-0"))
	require.True(t, s.cloud.Service("host-0").Fenced())
	require.False(t, s.cloud.Service("host-0").Enabled)
	require.FileExists(t, evidence)
	code, out, _ = s.compute("action=status", "plug=host-0")
	require.Equal(t, 2, code)
	require.Equal(t, "Status: OFF\n", out)
	code, out, errs = s.compute("action=off", "plug=host-0")
	require.Zero(t, code, errs)
	require.Equal(t, "Success: Already OFF\n", out)

	code, out, errs = s.evacuate("action=off", "plug=host-0")
	require.Zero(t, code, errs)
	require.Equal(t, "Success: 5 servers of host-0 evacuated, 0 left, 0 not to be evacuated\n", out)
	require.Empty(t, s.cloud.ServersOn("host-0"))
	require.Equal(t, evacuation.Released, s.marks.of("host-0"))

	s.cloud.StartCompute("host-0")
	code, out, errs = s.compute("action=on", "plug=host-0")
	require.Zero(t, code, errs)
	require.Equal(t, "Success: Powered ON\n", out)
	require.True(t, s.cloud.Schedulable("host-0"))
}

// TestCompute_OnWithout: nova-compute does not run.
func TestCompute_OnWithout(t *testing.T) {
	s := newScene(t, 2)
	s.cloud.StopCompute("host-0")
	code, _, errs := s.compute("action=off", "plug=host-0")
	require.Zero(t, code, errs)
	require.NoError(t, s.marks.Set(t.Context(), "host-0", evacuation.Released))
	code, out, errs := s.compute("action=on", "plug=host-0", "power_timeout=1")
	require.Zero(t, code, errs)
	require.Contains(t, out, "as far as possible without nova-compute")
	require.False(t, s.cloud.Service("host-0").Enabled, "a host that is enabled before it is up may get no servers for ever")
	s.cloud.StartCompute("host-0")
	code, out, errs = s.compute("action=on", "plug=host-0")
	require.Zero(t, code, errs)
	require.Equal(t, "Success: Powered ON\n", out)
	require.True(t, s.cloud.Schedulable("host-0"))
}

func TestCompute_Refusals(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		text  string
	}{
		"wrong password, monitor": {[]string{"action=monitor", "password=falsch"}, "Unable to connect/login to fencing device"},
		"wrong password, status":  {[]string{"action=status", "plug=host-0", "password=falsch"}, "Unable to connect/login"},
		"wrong password, off":     {[]string{"action=off", "plug=host-0", "password=falsch"}, "Unable to connect/login"},
		"unknown host, status":    {[]string{"action=status", "plug=nobody"}, "nova has no nova-compute on a host named nobody: set domain"},
		"unknown host, off":       {[]string{"action=off", "plug=nobody"}, "nova has no nova-compute on a host named nobody"},
		"unknown host, on":        {[]string{"action=on", "plug=nobody"}, "nova has no nova-compute on a host named nobody"},
		"no plug":                 {[]string{"action=off"}, "plug is missing"},
		"no keystone":             {[]string{"action=monitor", "auth_url=http://127.0.0.1:1/v3"}, "connection refused"},
		"no URL":                  {[]string{"action=monitor", "auth_url=x"}, "which is no URL"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, 2)
			code, out, errs := s.compute(c.lines...)
			require.Equal(t, 1, code, out)
			require.Contains(t, errs, c.text)
			require.Empty(t, s.marks.values)
			require.False(t, s.cloud.Service("host-0").ForcedDown)
		})
	}
}

// TestCompute_Mark: that the node could not be marked is a failure; without a cluster
// there is nothing to mark, and nova remembers.
func TestCompute_Mark(t *testing.T) {
	s := newScene(t, 2)
	s.cloud.StopCompute("host-0")
	s.marks.fail = fmt.Errorf("attrd_updater hangs")
	code, _, errs := s.compute("action=off", "plug=host-0", "power_timeout=1")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "could not be marked for evacuation: attrd_updater hangs")
	s.marks.fail, s.marks.none = nil, true
	code, _, errs = s.compute("action=off", "plug=host-0")
	require.Zero(t, code, errs)
	require.True(t, evacuation.Remembered(s.cloud.Service("host-0").DisabledReason))
}

func TestCompute_Others(t *testing.T) {
	s := newScene(t, 2)
	s.cloud.AddHost("long-1.example.com", 1024)
	code, out, _ := s.compute("action=list")
	require.Zero(t, code)
	require.Equal(t, "host-0,\nhost-1,\nlong-1,\nlong-1.example.com,\n", out)
	code, _, errs := s.compute("action=monitor")
	require.Zero(t, code, errs)
	for _, plug := range []string{"long-1", "long-1.example.com"} {
		code, _, errs = s.compute("action=status", "plug="+plug)
		require.Zero(t, code, errs)
	}
	code, _, errs = s.compute("action=off", "plug=host-0", "record_only=Disabled")
	require.Zero(t, code, errs)
	require.Contains(t, errs, "switched off by record_only=Disabled: nothing was done")
	require.False(t, s.cloud.Service("host-0").ForcedDown)
}

// TestEvacuate_Left: one server cannot be placed; all others are moved, and it is
// reported with nova's reason.
func TestEvacuate_Left(t *testing.T) {
	t.Parallel()
	s := newScene(t, 3)
	for i := range 23 {
		s.cloud.Boot("host-0", fmt.Sprint("vm-", i), "1", "image-1")
	}
	large := s.cloud.Boot("host-0", "large-vm", "large", "image-1")
	s.cloud.StopCompute("host-0")
	code, _, errs := s.compute("action=off", "plug=host-0")
	require.Zero(t, code, errs)
	began := time.Now()
	code, out, errs := s.evacuate("action=off", "plug=host-0", "attempts=1")
	t.Logf("24 servers in %s", time.Since(began).Round(100*time.Millisecond))
	require.Zero(t, code, errs)
	require.Equal(t, "Success: 23 servers of host-0 evacuated, 1 left, 0 not to be evacuated\n", out)
	require.Contains(t, errs, "server large-vm ("+large+") of host-0 was not moved")
	require.Len(t, s.cloud.ServersOn("host-0"), 1)
	require.NoError(t, s.marks.Set(t.Context(), "host-0", evacuation.Wanted))
	code, _, errs = s.evacuate("action=off", "plug=host-0", "attempts=1", "left=fail")
	require.Equal(t, 1, code)
	require.Contains(t, errs, "large-vm")
}
