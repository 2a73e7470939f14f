package openstack_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/fence/fencing"
	"systole/fence/fencing/host"
	fenceagents "systole/fence/openstack"
	"systole/lib/openstack"
	"systole/lib/openstack/api"
	"systole/ocf-tests/openstack/real"
)

// clusterMarks is the attribute of a cluster in memory, for fence agents.
type clusterMarks struct{ *cluster }

func (m clusterMarks) All(ctx context.Context) (map[string]string, bool, error) {
	all, err := m.AttributeOfAll(ctx, "evacuate")
	return all, true, err
}

func (m clusterMarks) Set(_ context.Context, node, value string) error {
	m.set(node, value)
	return nil
}

// realFencing takes a host of a real nova through fence_compute and fence_evacuate: off,
// every server moved, on, and servers again.
func realFencing(ctx context.Context, t *testing.T, l *real.Lab) {
	cr, c, name := l.Credentials(), newCluster(), real.Hosts[0]
	call := func(agent func(fenceagents.Tools) *fencing.Agent, lines ...string) (int, string) {
		a := agent(fenceagents.Tools{
			Dial:  func(ctx context.Context, c api.Credentials) (fenceagents.Nova, error) { return openstack.Dial(ctx, c) },
			Marks: clusterMarks{c}, Self: "controller-1",
		})
		var out bytes.Buffer
		input := append([]string{
			"auth_url=" + cr.AuthURL, "username=" + cr.Username, "password=" + string(cr.Password), "tenant_name=" + cr.Project,
			"region_name=" + cr.Region, "plug=" + name, "verbose=1",
		}, lines...)
		began := time.Now()
		code := host.Main(a, host.Process{Args: []string{a.Name}, Environ: os.Environ(), Stdin: strings.NewReader(strings.Join(input, "\n")), Stdout: &out, Stderr: &out, Quiet: true})
		t.Logf("%s %s: %d after %.1f s: %s", a.Name, lines[0], code, time.Since(began).Seconds(), out.String())
		return code, out.String()
	}
	user, err := openstack.Dial(ctx, cr)
	require.NoError(t, err)
	service := func() api.Service {
		list, err := user.ComputeServices(ctx, name)
		require.NoError(t, err)
		require.Len(t, list, 1)
		return list[0]
	}
	// From the tests before this one the host is fenced, and one server is left on it.
	old, err := user.Servers(ctx, name)
	require.NoError(t, err)
	for _, s := range old {
		require.NoError(t, l.DeleteServer(ctx, s.ID))
	}
	require.NoError(t, l.StartCompute(name))
	code, text := call(fenceagents.Compute, "action=on", "power_timeout=90")
	require.Zero(t, code, text)
	eventually(t, name+" to be up", func() bool { s := service(); return s.Up && s.Enabled && !s.ForcedDown })

	ids, err := l.Boot(ctx, name, "small", 5)
	require.NoError(t, err)
	code, text = call(fenceagents.Evacuate, "action=off")
	require.Equal(t, 1, code, text)
	l.StopCompute(name)
	code, text = call(fenceagents.Compute, "action=off")
	require.Zero(t, code, text)
	require.Equal(t, "yes", c.mark(name))
	code, text = call(fenceagents.Compute, "action=status")
	require.Equal(t, 2, code, text)
	code, text = call(fenceagents.Evacuate, "action=off")
	require.Zero(t, code, text)
	require.Contains(t, text, "Success: 5 servers of "+name+" evacuated, 0 left")
	require.Equal(t, "no", c.mark(name))
	require.Len(t, ids, 5)

	require.NoError(t, l.StartCompute(name))
	code, text = call(fenceagents.Compute, "action=on", "power_timeout=90")
	require.Zero(t, code, text)
	require.Contains(t, text, "Success: Powered ON")
	s := service()
	require.True(t, s.Up && s.Enabled && !s.ForcedDown, "%+v", s)
	_, err = l.Boot(ctx, name, "small", 1)
	require.NoError(t, err, "it gets servers again")
}
