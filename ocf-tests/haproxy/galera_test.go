//go:build linux

package haproxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/suite"
	"systole/lib/haproxy/client"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// example is the configuration of docs/agents/haproxy.md, with the addresses of
// a lab: what is shown to people is what is tested.
func example(t *testing.T, vip string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "agents", "haproxy.md"))
	require.NoError(t, err)
	begin := strings.Index(string(page), "    global\n")
	require.Positive(t, begin)
	var b strings.Builder
	for line := range strings.Lines(string(page)[begin:]) {
		if line != "\n" && !strings.HasPrefix(line, "    ") {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "    "))
	}
	text := strings.ReplaceAll(b.String(), "192.0.2.10:", vip+":")
	return regexp.MustCompile(`192\.0\.2\.(\d):`).ReplaceAllString(text, "10.77.0.$1:")
}

// farm is a bare lab: databases on three nodes, with clustercheck, and haproxy
// with the virtual address on the fourth.
type farm struct {
	*lab.Cluster
	t   *testing.T
	ctx context.Context
	vip string
}

const databases = 3

func (f *farm) proxy() *lab.Node { return f.Node(databases + 1) }

// agent runs an agent on a node, as a cluster would.
func (f *farm) agent(n *lab.Node, name, action string, params ...string) {
	f.t.Helper()
	argv := []string{"env", "OCF_ROOT=/usr/lib/ocf", "OCF_RESOURCE_INSTANCE=" + name, "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "OCF_RESKEY_CRM_meta_timeout=30000"}
	for _, x := range params {
		argv = append(argv, "OCF_RESKEY_"+x)
	}
	_, err := f.run(n, append(argv, agentPath+name, action)...)
	require.NoError(f.t, err)
}

func (f *farm) run(n *lab.Node, argv ...string) (string, error) {
	ctx, cancel := context.WithTimeout(f.ctx, time.Minute)
	defer cancel()
	return n.Run(ctx, argv...)
}

// database starts a server. It daemonizes by way of setsid.
func (f *farm) database(n *lab.Node, args string) {
	f.t.Helper()
	_, err := f.run(n, "sh", "-c", "install -d -o mysql -g mysql /run/mysqld && (setsid mariadbd --user=mysql "+args+" </dev/null >>/var/log/mysql/err.log 2>&1 &)")
	require.NoError(f.t, err)
}

// await asks again and again until ok says true. There is no cluster to be asked
// in a bare lab.
func (f *farm) await(what string, ok func() bool) {
	f.t.Helper()
	const patience = 90 * time.Second
	began := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Since(began) > patience || f.ctx.Err() != nil {
			for i := 1; i <= databases; i++ {
				code, reason := f.state(f.Node(i))
				f.t.Logf("%s: %d %s", f.Node(i).Name(), code, reason)
			}
			f.t.Logf("haproxy uses %v", f.up())
			require.FailNow(f.t, "waited "+patience.String()+" for "+what)
		}
		<-tick.C
	}
	f.t.Logf("after %.1f s: %s", time.Since(began).Seconds(), what)
}

// state is what clustercheck of a node answers.
func (f *farm) state(n *lab.Node) (code int, reason string) {
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: f.Dial, DisableKeepAlives: true}}
	resp, err := c.Get("http://" + n.Name() + ":9200/")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.TrimSpace(string(text))
}

func (f *farm) waitState(n *lab.Node, code int) (reason string) {
	f.t.Helper()
	f.await(fmt.Sprintf("clustercheck of %s to answer %d", n.Name(), code), func() bool {
		var got int
		got, reason = f.state(n)
		return got == code
	})
	return reason
}

// up are the servers that haproxy uses.
func (f *farm) up() []string {
	running, err := f.proxy().Processes("haproxy")
	if err != nil || len(running) == 0 {
		return []string{"no haproxy", fmt.Sprint(err)}
	}
	// Its socket is a file of the node, and reached through the eyes of its process.
	rows, err := client.Client{}.Stat(f.ctx, fmt.Sprintf("/proc/%d/root%s", running[0], service.HAProxySocket))
	if err != nil {
		return []string{err.Error()}
	}
	var names []string
	for _, r := range rows {
		if r.Proxy == "galera" && !r.Frontend() && !r.Backend() && r.Up() {
			names = append(names, r.Server)
		}
	}
	return names
}

func (f *farm) waitUp(names ...string) {
	f.t.Helper()
	f.await("haproxy to use "+strings.Join(names, ", "), func() bool { return slices.Equal(f.up(), names) })
}

// write is a write that was acknowledged.
type write struct {
	id         int
	node       string
	state      string // of that node, in the session
	begun, end time.Time
}

// writer writes through the virtual address until it is stopped.
type writer struct {
	mu     sync.Mutex
	writes []write
	failed int
	stop   chan struct{}
	done   chan struct{}
}

func (f *farm) sql(statements string) (string, error) {
	return f.run(f.proxy(), "timeout", "20", "mariadb", "--host="+f.vip, "--port=3306", "--user="+service.DatabaseUser, "--password="+service.DatabasePassword,
		"--connect-timeout=5", "--batch", "--skip-column-names", "--execute="+statements)
}

func (f *farm) writer() *writer {
	w := &writer{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for id := 1; ; id++ {
			select {
			case <-w.stop:
				return
			default:
			}
			begun := time.Now()
			out, err := f.sql(fmt.Sprintf("SHOW STATUS LIKE 'wsrep_local_state_comment'; INSERT INTO d.t VALUES (%d, @@wsrep_node_name); SELECT @@wsrep_node_name", id))
			lines := strings.Split(strings.TrimSpace(out), "\n")
			w.mu.Lock()
			if err != nil || len(lines) != 2 {
				w.failed++
			} else {
				w.writes = append(w.writes, write{id, lines[1], strings.TrimPrefix(lines[0], "wsrep_local_state_comment\t"), begun, time.Now()})
			}
			w.mu.Unlock()
		}
	}()
	return w
}

func (w *writer) all() []write {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.writes)
}

// since are the writes that were begun after a time.
func (w *writer) since(at time.Time) []write {
	return slices.DeleteFunc(w.all(), func(x write) bool { return x.begun.Before(at) })
}

// TestGalera: a writer behind the documented configuration uses one server, is
// moved away from one that falls out of sync, is killed or cut off, and loses nothing.
func TestGalera(t *testing.T) {
	need(t, service.HAProxyProgram, service.MariaDBProgram)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	c := lab.New(t, lab.Options{Nodes: databases + 1, Bare: true, Private: slices.Concat(service.GaleraPrivate, service.HAProxyPrivate), OCF: []string{agents(t)}})
	f := &farm{c, t, ctx, lab.Address(0)}
	f.begin()
	w := f.writer()
	require.Equal(t, "node-1", f.settled(w).Name(), "the first of the list")

	t.Run("clustercheck under load", func(t *testing.T) { f.load(t) })
	t.Run("desynced", func(t *testing.T) { f.desync(t, w) })
	t.Run("killed", func(t *testing.T) { f.killed(t, w) })
	t.Run("cut off", func(t *testing.T) { f.cut(t, w) })
	t.Run("hangs", func(t *testing.T) { f.hang(t, w) })

	close(w.stop)
	<-w.done
	f.audit(w)
}

func (f *farm) begin() {
	t := f.t
	var g service.Galera
	require.NoError(t, g.SetUp(f.ctx, f.Cluster))
	for i := 1; i <= databases; i++ {
		require.NoError(t, f.Node(i).WriteFile("/etc/mysql/mariadb.conf.d/91-address.cnf", []byte("[mysqld]\nbind-address="+f.Node(i).Address()+"\n"), 0o644, ""))
		f.agent(f.Node(i), "clustercheck", "start", "user="+service.DatabaseUser, "password="+service.DatabasePassword)
		args := ""
		if i == 1 {
			args = "--wsrep-new-cluster"
		}
		f.database(f.Node(i), args)
		f.waitState(f.Node(i), 200)
	}
	_, err := service.SQL(f.ctx, f.Node(1), "CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, node VARCHAR(20))")
	require.NoError(t, err)
	_, err = f.run(f.proxy(), "ip", "address", "add", f.vip+"/24", "dev", "eth0")
	require.NoError(t, err)
	require.NoError(t, f.proxy().WriteFile(service.HAProxyConfig, []byte(example(t, f.vip)), 0o644, ""))
	f.agent(f.proxy(), "haproxy", "start", "backends=galera")
	f.waitUp("node-1", "node-2", "node-3")
}

// waitWrites waits for n writes that were begun after a time, and wants all of them on one node
// that was in sync. It returns the node.
func (f *farm) waitWrites(w *writer, since time.Time, n int) *lab.Node {
	f.t.Helper()
	f.await(fmt.Sprintf("%d writes", n), func() bool { return len(w.since(since)) >= n })
	list := w.since(since)
	for _, x := range list {
		require.Equal(f.t, list[0].node, x.node, "write %d begun at %s", x.id, x.begun)
		require.Equal(f.t, "Synced", x.state)
	}
	return f.NodeNamed(list[0].node)
}

// others are the databases besides one, as haproxy names them.
func (f *farm) others(n *lab.Node) []string {
	var names []string
	for i := 1; i <= databases; i++ {
		if f.Node(i) != n {
			names = append(names, f.Node(i).Name())
		}
	}
	return names
}

// settled is the node that the writer uses when all are good.
func (f *farm) settled(w *writer) *lab.Node {
	f.t.Helper()
	f.waitUp("node-1", "node-2", "node-3")
	return f.waitWrites(w, time.Now(), 20)
}

// leaves waits until the writer has left a node, and says how long it could not write.
func (f *farm) leaves(t *testing.T, w *writer, n *lab.Node, since time.Time) *lab.Node {
	t.Helper()
	f.waitUp(f.others(n)...)
	now := f.waitWrites(w, time.Now(), 20)
	require.NotEqual(t, n, now)
	t.Logf("from %s to %s; longest time without a write: %.1f s", n.Name(), now.Name(), gap(w, since).Seconds())
	return now
}

// gap is the longest time without an acknowledged write since a time.
func gap(w *writer, since time.Time) time.Duration {
	var longest time.Duration
	last := since
	for _, x := range w.all() {
		if x.end.Before(since) {
			continue
		}
		longest = max(longest, x.end.Sub(last))
		last = x.end
	}
	return longest
}

func (f *farm) questions(n *lab.Node) (count int) {
	out, err := service.SQL(f.ctx, n, "SHOW GLOBAL STATUS LIKE 'Questions'")
	require.NoError(f.t, err)
	count, err = strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(out, "Questions\t")))
	require.NoError(f.t, err)
	return count
}

// load: the database does not notice how often clustercheck is asked.
func (f *farm) load(t *testing.T) {
	n := f.Node(3)
	before, began := f.questions(n), time.Now()
	const clients, each = 8, 250
	var group sync.WaitGroup
	var good atomic.Int64
	for range clients {
		group.Go(func() {
			for range each {
				if code, _ := f.state(n); code == 200 {
					good.Add(1)
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	asked := f.questions(n) - before
	t.Logf("%d checks in %.1f s (%.0f a second), %d statements in the database", clients*each, took.Seconds(), clients*each/took.Seconds(), asked)
	require.EqualValues(t, clients*each, good.Load())
	require.LessOrEqual(t, asked, 4*int(took/(500*time.Millisecond)+3))
}

// desync: a server that is taken out of sync loses its clients, and those that
// were idle too; it gets them back only when the other fails.
func (f *farm) desync(t *testing.T, w *writer) {
	n := f.settled(w)
	idle := make(chan error, 1)
	go func() {
		_, err := f.sql("SELECT SLEEP(1000)")
		idle <- err
	}()
	f.await("the idle session", func() bool {
		out, err := service.SQL(f.ctx, n, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(1000)%'")
		return err == nil && strings.TrimSpace(out) == "1"
	})
	start := time.Now()
	_, err := service.SQL(f.ctx, n, "SET GLOBAL wsrep_desync=ON")
	require.NoError(t, err)
	require.Contains(t, f.waitState(n, 503), "Donor/Desynced")
	now := f.leaves(t, w, n, start)
	require.ErrorContains(t, <-idle, "Lost connection", "a session of a server that is out of use")
	_, err = service.SQL(f.ctx, n, "SET GLOBAL wsrep_desync=OFF")
	require.NoError(t, err)
	require.Equal(t, now, f.settled(w), "the writer went back without need")
}

func (f *farm) killed(t *testing.T, w *writer) {
	n, start := f.settled(w), time.Now()
	_, err := n.Kill9("mariadbd")
	require.NoError(t, err)
	f.waitState(n, 503)
	f.leaves(t, w, n, start)
	// Its donor is out of use for a while, which may be the one that is written to.
	f.database(n, "")
	f.waitState(n, 200)
}

// cut: a server that is cut off has no quorum. It is not used again before it is back in sync.
func (f *farm) cut(t *testing.T, w *writer) {
	n, start := f.settled(w), time.Now()
	require.NoError(t, n.CutCable(f.ctx))
	f.leaves(t, w, n, start)
	out, err := f.run(n, "env", "MYSQL_USERNAME="+service.DatabaseUser, "MYSQL_PASSWORD="+service.DatabasePassword, agentPath+"."+suite.Program, "clustercheck", "check")
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, out, "without quorum")
	require.NoError(t, n.HealCable(f.ctx))
}

// signal sends a signal to the server of a node.
func (f *farm) signal(n *lab.Node, s syscall.Signal) {
	f.t.Helper()
	running, err := n.Processes("mariadbd")
	require.NoError(f.t, err)
	require.Len(f.t, running, 1)
	require.NoError(f.t, syscall.Kill(running[0], s))
}

// hang: a server that accepts connections and does nothing else.
func (f *farm) hang(t *testing.T, w *writer) {
	n, start := f.settled(w), time.Now()
	f.signal(n, syscall.SIGSTOP)
	require.Contains(t, f.waitState(n, 503), "not answer")
	f.leaves(t, w, n, start)
	back := time.Now()
	f.signal(n, syscall.SIGCONT)
	f.waitState(n, 200)
	// It is a member again when it is said to be: it sees what was written without it.
	_, err := service.SQL(f.ctx, n, "SET wsrep_sync_wait=1; SELECT COUNT(*) FROM d.t")
	require.NoError(t, err)
	t.Logf("in use again after %.1f s", time.Since(back).Seconds())
}

// audit: everything that was acknowledged is on all servers, where it was written
// as the server said.
func (f *farm) audit(w *writer) {
	t := f.t
	f.waitUp("node-1", "node-2", "node-3")
	var want strings.Builder
	for _, x := range w.all() {
		fmt.Fprintf(&want, "%d\t%s\n", x.id, x.node)
	}
	states := map[string]int{}
	for _, x := range w.all() {
		states[x.node+" "+x.state]++
	}
	// A donor, and one that has just been (Joined), is a member that has everything; it
	// is used until it has been noticed.
	for state := range states {
		require.Regexp(t, " (Synced|Donor/Desynced|Joined)$", state)
	}
	t.Logf("%d writes acknowledged, %d failed, by node and its state: %v", len(w.all()), w.failed, states)
	for i := 1; i <= databases; i++ {
		out, err := service.SQL(f.ctx, f.Node(i), "SET wsrep_sync_wait=1; SELECT id, node FROM d.t ORDER BY id")
		require.NoError(t, err)
		have := map[string]bool{}
		for line := range strings.Lines(out) {
			have[line] = true
		}
		for line := range strings.Lines(want.String()) {
			require.True(t, have[line], "%s lacks the acknowledged write %q", f.Node(i).Name(), line)
		}
	}
}
