//go:build linux

package galera_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/build"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// agents builds the program and returns a folder with systole/galera in it.
func agents(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, build.Agents(filepath.Join(dir, "systole")))
	return dir
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
	resources := set.Resource(g.Cluster, provider, params...)
	if t.Name() == "TestLongTransfer" {
		resources = strings.Replace(resources, `timeout="300s"`, `timeout="20s"`, 1)
	}
	require.NoError(t, g.Configure(ctx, "resources", resources))
	g.promoted(3)
	t.Logf("%s: first start: %.1f s", provider, time.Since(began).Seconds())
	return g
}

// promoted waits until n instances are promoted, and nothing has another server
// than a synced one.
func (g group) promoted(n int) {
	g.t.Helper()
	require.NoError(g.t, g.waitPromoted(n))
}

func (g group) waitPromoted(n int) error {
	ctx, cancel := context.WithTimeout(g.ctx, 4*time.Minute)
	defer cancel()
	return g.Wait(ctx, fmt.Sprintf("%d promoted instances that are in sync", n), func(s lab.Status) bool {
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
	})
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

// TestKilled kills every server. GALERA_COMPARE=ROUNDS does it that many times, and
// the same with the stock agent, which may never recover: it takes records of
// dead servers for a group.
func TestKilled(t *testing.T) {
	rounds, providers := 1, []string{"systole"}
	if n, err := strconv.Atoi(os.Getenv("GALERA_COMPARE")); err == nil {
		rounds, providers = n, []string{"systole", "heartbeat"}
	}
	for _, provider := range providers {
		t.Run(provider, func(t *testing.T) {
			g := begin(t, provider)
			g.sql(1, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)")
			for round := range rounds {
				g.sql(1+round%3, fmt.Sprintf("INSERT INTO d.t (v) VALUES (%d)", round))
				began := time.Now()
				g.killAll()
				err := g.Wait(g.ctx, "the news", func(s lab.Status) bool { return len(s.InRole("galera", "Promoted")) < 3 })
				require.NoError(t, err)
				if err := g.waitPromoted(3); err != nil {
					if provider == "heartbeat" {
						t.Skipf("%s: stuck after %.0f s: %v", provider, time.Since(began).Seconds(), err)
					}
					t.Fatal(err)
				}
				t.Logf("%s: all killed: %.1f s", provider, time.Since(began).Seconds())
				require.Equal(t, fmt.Sprint(round+1)+"\n", g.sql(2, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM d.t"))
			}
		})
	}
}

// log is what the agents of a node have logged.
func (g group) log(node int) string {
	g.t.Helper()
	text, err := os.ReadFile(g.Node(node).Path("/var/log/pacemaker/pacemaker.log"))
	require.NoError(g.t, err)
	return string(text)
}

// each does something with all nodes.
func (g group) each(do func(n *lab.Node) error) {
	g.t.Helper()
	for _, n := range g.Nodes() {
		require.NoError(g.t, do(n))
	}
}

// count is the number of rows that a node sees when it has caught up.
func (g group) count(node int) string {
	g.t.Helper()
	return strings.TrimSpace(g.sql(node, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM d.t"))
}

func (g group) maintenance(on bool) {
	g.t.Helper()
	require.NoError(g.t, g.SetProperty(g.ctx, "maintenance-mode", fmt.Sprint(on)))
}

// shutdown ends the server of a node in order, unseen by the cluster.
func (g group) shutdown(node int) {
	g.t.Helper()
	g.sql(node, "SHUTDOWN")
	require.NoError(g.t, g.Wait(g.ctx, "the server of "+g.Node(node).Name()+" to end", func(lab.Status) bool {
		pids, err := g.Node(node).Processes("mariadbd")
		return err == nil && len(pids) == 0
	}))
}

// TestRecoveries takes a group through outages of whole nodes.
func TestRecoveries(t *testing.T) {
	g := begin(t, "systole", "enable_creation=1")
	g.sql(1, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT); INSERT INTO d.t (v) VALUES (1)")

	t.Run("the most recent data win", func(t *testing.T) {
		g.t = t
		// The servers end one after the other, each with other data: 2, 3 and 4 rows.
		g.maintenance(true)
		g.sql(2, "INSERT INTO d.t (v) VALUES (2)")
		require.Equal(t, "2", g.count(1))
		g.shutdown(1)
		g.sql(2, "INSERT INTO d.t (v) VALUES (3)")
		require.Equal(t, "3", g.count(3))
		g.shutdown(3)
		g.sql(2, "INSERT INTO d.t (v) VALUES (4)")
		g.each(func(n *lab.Node) error { return n.PowerOff(g.ctx) })
		before := g.log(2)
		began := time.Now()
		// The one that is ahead comes last.
		require.NoError(t, g.Node(1).PowerOn(g.ctx))
		require.NoError(t, g.Node(3).PowerOn(g.ctx))
		require.NoError(t, g.WaitOnline(g.ctx, "node-1", "node-3"))
		g.maintenance(false)
		require.NoError(t, g.Wait(g.ctx, "a node that waits", func(lab.Status) bool {
			return strings.Contains(g.log(1)+g.log(3), "waiting for what the data hold on node-2") || g.Node(2).On()
		}))
		if !g.Node(2).On() {
			require.NoError(t, g.Node(2).PowerOn(g.ctx))
		}
		g.promoted(3)
		t.Logf("%.1f s after power", time.Since(began).Seconds())
		for i := range 3 {
			require.Equal(t, "4", g.count(i+1))
		}
		require.Contains(t, strings.TrimPrefix(g.log(2), before), "starting the group: node-2 has the most recent data")
	})

	t.Run("power off", func(t *testing.T) {
		g.t = t
		g.sql(3, "INSERT INTO d.t (v) VALUES (5)")
		g.each(func(n *lab.Node) error { return n.PowerOff(g.ctx) })
		began := time.Now()
		g.each(func(n *lab.Node) error { return n.PowerOn(g.ctx) })
		g.promoted(3)
		t.Logf("all off and on: %.1f s", time.Since(began).Seconds())
		require.Equal(t, "5", g.count(1))
	})

	t.Run("power off, and one disk is lost", func(t *testing.T) {
		g.t = t
		g.sql(1, "INSERT INTO d.t (v) VALUES (6)")
		g.each(func(n *lab.Node) error { return n.PowerOff(g.ctx) })
		entries, err := os.ReadDir(g.Node(3).Path("/var/lib/mysql"))
		require.NoError(t, err)
		for _, e := range entries {
			require.NoError(t, os.RemoveAll(filepath.Join(g.Node(3).Path("/var/lib/mysql"), e.Name())))
		}
		began := time.Now()
		g.each(func(n *lab.Node) error { return n.PowerOn(g.ctx) })
		g.promoted(3)
		t.Logf("all off and on, one wiped: %.1f s", time.Since(began).Seconds())
		require.Equal(t, "6", g.count(3))
	})

	t.Run("a server is killed in its state transfer", func(t *testing.T) {
		g.t = t
		g.sql(1, "CREATE TABLE d.big (v LONGBLOB); INSERT INTO d.big VALUES (REPEAT('x', 15000000)); INSERT INTO d.big SELECT v FROM d.big; INSERT INTO d.big SELECT v FROM d.big; INSERT INTO d.big SELECT v FROM d.big")
		require.NoError(t, g.Node(3).PowerOff(g.ctx))
		entries, err := os.ReadDir(g.Node(3).Path("/var/lib/mysql"))
		require.NoError(t, err)
		for _, e := range entries {
			require.NoError(t, os.RemoveAll(filepath.Join(g.Node(3).Path("/var/lib/mysql"), e.Name())))
		}
		began := time.Now()
		if !g.Node(3).On() {
			require.NoError(t, g.Node(3).PowerOn(g.ctx))
		}
		require.NoError(t, g.Wait(g.ctx, "the transfer", func(lab.Status) bool {
			pids, err := g.Node(3).Processes("rsync")
			return err == nil && len(pids) > 0
		}))
		_, err = g.Node(3).Kill9("mariadbd")
		require.NoError(t, err)
		g.promoted(3)
		t.Logf("wiped, and killed in the transfer: %.1f s after power", time.Since(began).Seconds())
		require.Equal(t, "8", strings.TrimSpace(g.sql(3, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM d.big")))
	})

	t.Run("a node is lost for good, then the others are killed", func(t *testing.T) {
		g.t = t
		// Fencing takes its power away, and nobody gives it back.
		require.NoError(t, g.SetProperty(g.ctx, "stonith-action", "off"))
		require.NoError(t, g.Node(1).PowerOff(g.ctx))
		require.NoError(t, g.Wait(g.ctx, "node-1 to be fenced", func(s lab.Status) bool {
			n := s.Node("node-1")
			return !n.Online && !n.Unclean
		}))
		g.promoted(2)
		g.sql(2, "INSERT INTO d.t (v) VALUES (7)")
		began := time.Now()
		for _, i := range []int{2, 3} {
			_, err := g.Node(i).Kill9("mariadbd")
			require.NoError(t, err)
		}
		require.NoError(t, g.Wait(g.ctx, "the news", func(s lab.Status) bool { return len(s.InRole("galera", "Promoted")) == 0 }))
		g.promoted(2)
		t.Logf("two of two left, killed: %.1f s", time.Since(began).Seconds())
		require.Contains(t, g.log(2)+g.log(3), "all servers of the last Primary component have reported")
		require.Equal(t, "7", g.count(2))

		// Off in the very outage: then it may have what the others do not.
		require.NoError(t, g.Node(1).PowerOn(g.ctx))
		g.promoted(3)
		require.Equal(t, "7", g.count(1))
	})
}

// TestLongTransfer: a state transfer takes longer than the timeout of promote,
// which is 20 s here. The transfer is held up until the cluster has let go of it.
func TestLongTransfer(t *testing.T) {
	g := begin(t, "systole", "enable_creation=1")
	g.sql(1, "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v INT); INSERT INTO d.t (v) VALUES (1)")
	require.NoError(t, g.Node(3).PowerOff(g.ctx))
	entries, err := os.ReadDir(g.Node(3).Path("/var/lib/mysql"))
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, os.RemoveAll(filepath.Join(g.Node(3).Path("/var/lib/mysql"), e.Name())))
	}
	require.NoError(t, g.Wait(g.ctx, "node-3 to be off or on again", func(s lab.Status) bool { return !s.Node("node-3").Online }))
	if !g.Node(3).On() {
		require.NoError(t, g.Node(3).PowerOn(g.ctx))
	}
	signal := func(name string) bool {
		_, err := g.Node(3).Run(g.ctx, "sh", "-c", "for p in $(pidof rsync); do kill -"+name+" $p; done; pidof rsync")
		return err == nil
	}
	require.NoError(t, g.Wait(g.ctx, "the transfer", func(lab.Status) bool { return g.Node(3).On() && signal("STOP") }))
	require.NoError(t, g.Wait(g.ctx, "the promote to leave it", func(lab.Status) bool {
		signal("STOP")
		return strings.Contains(g.log(3), "takes longer than this promote may")
	}))
	require.NoError(t, g.Wait(g.ctx, "an unpromoted instance that is joining", func(s lab.Status) bool {
		return len(s.InRole("galera", "Unpromoted")) == 1 && strings.Contains(g.log(3), "joining: ")
	}))
	signal("CONT")
	g.promoted(3)
	require.Equal(t, "1", g.count(3))
	s, err := g.Status(g.ctx)
	require.NoError(t, err)
	require.Empty(t, s.Failures, "nothing has failed")
}

// TestMonitorCost says what a monitor of a promoted instance costs, of both agents
// on one server. The figures decide nothing: they depend on the machine.
func TestMonitorCost(t *testing.T) {
	g := begin(t, "systole")
	g.maintenance(true) // no other monitor meanwhile
	const times = 20
	for _, provider := range []string{"systole", "heartbeat", "systole", "heartbeat"} {
		script := fmt.Sprintf(`export OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1 OCF_RESOURCE_INSTANCE=galera OCF_RESOURCE_TYPE=galera \
  OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_CRM_meta_timeout=30000 OCF_RESKEY_CRM_meta_on_node=node-1 OCF_RESKEY_crm_feature_set=3.16.1 \
  OCF_RESKEY_CRM_meta_clone_max=3 OCF_RESKEY_CRM_meta_promoted_max=3 OCF_RESKEY_check_user=root OCF_RESKEY_wsrep_cluster_address=gcomm://node-1,node-2,node-3
TIMEFORMAT='%%R %%U %%S'
time for i in $(seq %d); do /usr/lib/ocf/resource.d/%s/galera monitor >/dev/null 2>&1; [ $? = 8 ] || exit 1; done`, times, provider)
		cmd := g.Node(1).Command(g.ctx, "bash", "-c", script)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		var real, user, sys float64
		_, err = fmt.Sscan(string(out), &real, &user, &sys)
		require.NoError(t, err, "%s", out)
		t.Logf("%s: one monitor: %.1f ms CPU, %.1f ms elapsed", provider, (user+sys)*1000/times, real*1000/times)
	}
}
