package openstack_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/openstack/worker"
	"systole/lib/openstack"
	"systole/lib/openstack/api"
	"systole/ocf-tests/openstack/real"
)

// realDir names a folder for a real OpenStack, which is installed there: make
// test-openstack. Without it nothing is skipped: the tests of the simulated one are
// the everyday form of these.
var realDir = flag.String("real", "", "folder to install and run a real OpenStack in")

// large is a memory of which every host has room for one server only.
const large = 700_000

func TestReal(t *testing.T) {
	if *realDir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	l, err := real.Start(ctx, *realDir, t.Logf)
	if l != nil {
		t.Cleanup(l.Stop)
	}
	require.NoError(t, err)
	require.NoError(t, l.AddFlavor(ctx, "small", 64, nil))
	require.NoError(t, l.AddFlavor(ctx, "large", large, nil))
	for _, h := range real.Hosts[1:] {
		_, err := l.Boot(ctx, h, "large", 1)
		require.NoError(t, err)
	}
	if !t.Run("expectations", func(t *testing.T) { realExpectations(ctx, t, l) }) {
		return
	}
	t.Run("24 servers", func(t *testing.T) { realEvacuation(ctx, t, l) })
	t.Run("fence agents", func(t *testing.T) { realFencing(ctx, t, l) })
}

func realExpectations(ctx context.Context, t *testing.T, l *real.Lab) {
	expectations(t, world{
		credentials: l.Credentials(), hosts: real.Hosts, volumes: real.VolumeHost + "@fake",
		boot: func(t *testing.T, host string, n int, big bool) []string {
			flavor := "small"
			if big {
				flavor = "large"
			}
			ids, err := l.Boot(ctx, host, flavor, n)
			require.NoError(t, err)
			return ids
		},
		stopCompute:  func(_ *testing.T, host string) { l.StopCompute(host) },
		startCompute: func(t *testing.T, host string) { require.NoError(t, l.StartCompute(host)) },
	})
}

// realEvacuation is what NovaEvacuate is for.
func realEvacuation(ctx context.Context, t *testing.T, l *real.Lab) {
	cr := l.Credentials()
	user, err := openstack.Dial(ctx, cr)
	require.NoError(t, err)
	host := real.Hosts[0]
	old, err := user.Servers(ctx, host)
	require.NoError(t, err)
	for _, s := range old {
		require.NoError(t, l.DeleteServer(ctx, s.ID))
	}
	begin := user.Now()
	ids, err := l.Boot(ctx, host, "small", 23)
	require.NoError(t, err)
	stray, err := l.Boot(ctx, host, "large", 1)
	require.NoError(t, err)

	c := newCluster()
	work(t, c, cr, func(w *worker.Worker) {
		w.Params.Evacuation.MaxParallel = 16
		w.Idle, w.Busy = time.Second, time.Second
	})
	l.StopCompute(host)
	services, err := user.ComputeServices(ctx, host)
	require.NoError(t, err)
	require.NoError(t, user.FenceService(ctx, services[0].ID, "fenced"))
	marked := time.Now()
	c.set(host, "yes")
	var asked, moved time.Duration
	eventually(t, host+" to be released", func() bool {
		list, err := user.Migrations(ctx, host, begin)
		require.NoError(t, err)
		all, done := map[string]bool{}, map[string]bool{}
		for _, m := range list {
			all[m.Server] = true
			if m.Outcome() == api.Moved {
				done[m.Server] = true
			}
		}
		if asked == 0 && len(all) == 24 {
			asked = time.Since(marked)
		}
		if moved == 0 && len(done) == 23 {
			moved = time.Since(marked)
		}
		return c.mark(host) == "no"
	})
	t.Logf("24 servers asked for after %.1f s, 23 moved after %.1f s, released after %.1f s", asked.Seconds(), moved.Seconds(), time.Since(marked).Seconds())
	left, err := user.Servers(ctx, host)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, stray[0], left[0].ID)
	eventually(t, "the report", func() bool { return len(c.report(t).Trouble()) == 1 })
	t.Log(c.report(t).Trouble()[0])
	require.Contains(t, c.report(t).Trouble()[0], fmt.Sprintf("(%s) of %s: not evacuated after 2 attempts: No valid host was found", stray[0], host))
	there, err := user.Servers(ctx, real.Hosts[1])
	require.NoError(t, err)
	for _, s := range there {
		require.Equal(t, "active", s.State, "%+v", s)
	}
	require.Len(t, ids, 23)
}
