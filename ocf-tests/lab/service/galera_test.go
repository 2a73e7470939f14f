//go:build linux

package service

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
)

// need skips the test where the machine lacks programs.
func need(t *testing.T, programs ...string) {
	t.Helper()
	if err := Check(programs...); err != nil {
		t.Skipf("services are missing: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// TestGalera: three real MariaDB servers become one Galera cluster under the
// stock agent, with haproxy in front.
func TestGalera(t *testing.T) {
	need(t, MariaDBProgram)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := lab.New(t, lab.Options{Nodes: 3, Private: slices.Concat(GaleraPrivate, HAProxyPrivate)})
	var g Galera
	require.NoError(t, g.SetUp(ctx, c))
	require.NoError(t, c.Configure(ctx, "resources", g.Resource(c, "heartbeat")))
	require.NoError(t, c.Wait(ctx, "three promoted instances", func(s lab.Status) bool {
		return len(s.InRole("galera", "Promoted")) == 3
	}))

	_, err := SQL(ctx, c.Node(1), "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY); INSERT INTO d.t VALUES (7);")
	require.NoError(t, err)
	for _, n := range c.Nodes() {
		// wsrep_sync_wait: what another node has committed is seen.
		got, err := SQL(ctx, n, "SET wsrep_sync_wait=1; SELECT id FROM d.t; SELECT @@wsrep_node_name; SHOW STATUS LIKE 'wsrep_cluster_size';")
		require.NoError(t, err)
		require.Equal(t, "7\n"+n.Name()+"\nwsrep_cluster_size\t3\n", got)
	}

	h := HAProxy{Sections: Listen(c, "database", ":13306", 3306)}
	require.NoError(t, h.SetUp(ctx, c))
	require.NoError(t, StartHAProxy(ctx, c.Node(1)))
	got, err := c.Node(2).Run(ctx, "mariadb", "--host=node-1", "--port=13306", "--user="+DatabaseUser, "--password="+DatabasePassword,
		"--batch", "--skip-column-names", "--execute=SELECT id FROM d.t")
	require.NoError(t, err)
	require.Equal(t, "7\n", got)
}
