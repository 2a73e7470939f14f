//go:build linux

package galera_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// agents builds the program and returns a folder with systole/galera in it.
func agents(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "systole")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "galera"), "systole/agents/cmd/systole-agents")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Dir(dir)
}

// group is a lab with a Galera group in it.
type group struct {
	*lab.Cluster
	t   *testing.T
	ctx context.Context
}

// begin starts three nodes with the agent of a provider, and waits for the first start.
func begin(t *testing.T, provider string, params ...string) group {
	t.Helper()
	if err := service.Check(service.MariaDBProgram); err != nil {
		t.Skipf("services are missing: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	t.Cleanup(cancel)
	o := lab.Options{Nodes: 3, Private: service.GaleraPrivate}
	if provider == "systole" {
		o.OCF = []string{agents(t)}
	}
	g := group{lab.New(t, o), t, ctx}
	var set service.Galera
	require.NoError(t, set.SetUp(ctx, g.Cluster))
	began := time.Now()
	require.NoError(t, g.Configure(ctx, "resources", set.Resource(g.Cluster, provider, params...)))
	g.promoted(3)
	t.Logf("%s: first start: %.1f s", provider, time.Since(began).Seconds())
	return g
}

// promoted waits until n instances are promoted, and nothing has another server
// than a synced one.
func (g group) promoted(n int) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.ctx, 3*time.Minute)
	defer cancel()
	require.NoError(g.t, g.Wait(ctx, fmt.Sprintf("%d promoted instances that are in sync", n), func(s lab.Status) bool {
		nodes := s.InRole("galera", "Promoted")
		if len(nodes) != n {
			return false
		}
		for _, name := range nodes {
			out, err := service.SQL(ctx, g.NodeNamed(name), "SHOW STATUS LIKE 'wsrep_local_state'; SHOW STATUS LIKE 'wsrep_cluster_size'")
			if err != nil || out != fmt.Sprintf("wsrep_local_state\t4\nwsrep_cluster_size\t%d\n", n) {
				return false
			}
		}
		return true
	}))
}

func (g group) sql(node int, statements string) string {
	g.t.Helper()
	out, err := service.SQL(g.ctx, g.Node(node), statements)
	require.NoError(g.t, err)
	return out
}

func (g group) killAll() {
	for _, n := range g.Nodes() {
		_, err := n.Kill9("mariadbd")
		require.NoError(g.t, err)
	}
}

// TestKilled compares how long the agents take when every server is killed.
func TestKilled(t *testing.T) {
	for _, provider := range []string{"systole", "heartbeat"} {
		t.Run(provider, func(t *testing.T) {
			g := begin(t, provider)
			g.sql(1, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
			for round := range 3 {
				g.sql(1+round, fmt.Sprintf("INSERT INTO d.t (v) VALUES (%d)", round))
				began := time.Now()
				g.killAll()
				require.NoError(t, g.Wait(g.ctx, "the news", func(s lab.Status) bool { return len(s.InRole("galera", "Promoted")) == 0 }))
				g.promoted(3)
				t.Logf("%s: all killed: %.1f s", provider, time.Since(began).Seconds())
				require.Equal(t, fmt.Sprint(round+1)+"\n", g.sql(2, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM d.t"))
			}
		})
	}
}
