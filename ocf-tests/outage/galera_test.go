//go:build linux && outages

package outage_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

// provider is that of the agents under test. OUTAGE_PROVIDER=heartbeat lets the
// stock agent show what it does.
func provider() string { return cmp.Or(os.Getenv("OUTAGE_PROVIDER"), outage.Ours) }

// number is an environment variable, for longer runs than everyday ones.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// logFolder is where the logs of failed rounds go.
func logFolder() string { return cmp.Or(os.Getenv("SYSTOLE_LAB_LOGS"), os.TempDir()) }

func need(t testing.TB, opt lab.Options, programs ...string) {
	t.Helper()
	for _, err := range []error{lab.Check(opt), service.Check(programs...)} {
		if err != nil {
			t.Skipf("this machine cannot run a lab with the services: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
}

// agents is a folder with our agents for the nodes.
func agents(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "outage-test-") // unlike t.TempDir, a folder that other users can look into
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	folder, err := outage.BuildAgents(dir)
	require.NoError(t, err)
	return folder
}

// TestGalera_Campaign is the campaign in short. OUTAGE_ROUNDS, OUTAGE_SEED and
// OUTAGE_FAULTS make it another; the command outage is the better way to long ones.
func TestGalera_Campaign(t *testing.T) {
	opt := lab.Options{Nodes: 3, Private: service.GaleraPrivate}
	need(t, opt, service.MariaDBProgram)
	opt.OCF = []string{agents(t)}
	kinds := strings.Split(cmp.Or(os.Getenv("OUTAGE_FAULTS"), "kill-all,lost-kill-rest"), ",")
	r := run(t, outage.Campaign{
		Service: func() outage.Service { return &outage.Galera{Provider: provider()} },
		Lab:     opt, Timeout: 4 * time.Minute,
	}, 2, kinds...)
	require.Positive(t, r.Acknowledged)
}

// TestGalera_MostAdvancedWins: three databases that end at really different
// points. The one that got furthest must be the one that the others fetch their
// data from, although it alone was not stopped cleanly, so that only a recovery
// of its log tells how far it is, and although in the second part it is the last
// to come back. Every commit that was acknowledged is there afterwards.
func TestGalera_MostAdvancedWins(t *testing.T) {
	opt := lab.Options{Nodes: 3, Private: service.GaleraPrivate, Properties: map[string]string{"cluster-recheck-interval": "30s"}}
	need(t, opt, service.MariaDBProgram)
	opt.OCF = []string{agents(t)}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	c := lab.New(t, opt)
	g := &outage.Galera{Provider: provider()}
	require.NoError(t, g.SetUp(ctx, c))
	whole := func(what string) {
		require.NoError(t, c.Wait(ctx, what, func(s lab.Status) bool {
			return g.Whole(ctx, s, []string{"node-1", "node-2", "node-3"}) == nil
		}))
	}
	whole("the first start")
	var next outage.ID

	for _, late := range []bool{false, true} {
		require.NoError(t, c.SetProperty(ctx, "maintenance-mode", "true"))
		// node-1 stops first, then node-2, node-3 last and by force.
		order := c.Nodes()
		for i, n := range order {
			write(ctx, t, g, n.Name(), &next, 40)
			if i < 2 {
				_, err := n.Run(ctx, "mariadb-admin", "--user=root", "shutdown")
				require.NoError(t, err)
				require.NoError(t, waitEnd(ctx, n, "mariadbd"))
				continue
			}
			_, err := n.Kill9("mariadbd")
			require.NoError(t, err)
		}
		positions := make([]int, len(order))
		for i, n := range order {
			positions[i] = position(ctx, t, n)
		}
		t.Logf("sequence numbers that the databases have reached: %v", positions)
		require.Less(t, positions[0]+30, positions[1])
		require.Less(t, positions[1]+30, positions[2])

		last := order[2]
		if late {
			last.Break(true)
			require.NoError(t, last.PowerOff(ctx))
		}
		require.NoError(t, c.SetProperty(ctx, "maintenance-mode", "false"))
		if late {
			require.NoError(t, c.Wait(ctx, "the other two to be started, and no more than started", func(s lab.Status) bool {
				return len(s.InRole("galera", "Unpromoted")) == 2 && !s.Node(last.Name()).Online
			}))
			last.Break(false)
			require.NoError(t, last.PowerOn(ctx))
		}
		began := time.Now()
		whole("the election and its result")
		t.Logf("whole after %.1f s, late %v", time.Since(began).Seconds(), late)
		for _, n := range order {
			have, err := g.Stored(ctx, n.Name())
			require.NoError(t, err)
			require.Len(t, have.IDs, int(next), "%s: everything acknowledged and nothing else", n.Name())
		}
	}
}

func write(ctx context.Context, t *testing.T, g *outage.Galera, node string, next *outage.ID, count int) {
	t.Helper()
	s, err := g.Session(ctx, node)
	require.NoError(t, err)
	defer s.Close()
	for range count {
		require.NoError(t, s.Write(ctx, *next))
		*next++
	}
}

func waitEnd(ctx context.Context, n *lab.Node, program string) error {
	for {
		pids, err := n.Processes(program)
		if err != nil || len(pids) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the end of %s on %s: %w", program, n.Name(), context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

var recovered = regexp.MustCompile(`WSREP: Recovered position: [0-9a-f-]+:(-?\d+)`)

// position asks the database itself, as an election must where grastate.dat has none.
func position(ctx context.Context, t *testing.T, n *lab.Node) int {
	t.Helper()
	out, err := n.Run(ctx, "sh", "-c", "mariadbd --user=mysql --wsrep-recover --log-error=/dev/stderr 2>&1")
	require.NoError(t, err)
	m := recovered.FindStringSubmatch(out)
	require.NotNil(t, m, out)
	k, err := strconv.Atoi(m[1])
	require.NoError(t, err)
	return k
}
