package openstack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	agents "systole/agents/openstack"
	"systole/agents/openstack/worker"
	"systole/lib/ocflog"
	"systole/lib/openstack"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
	fake "systole/ocf-tests/openstack"
)

// cluster is a machine whose tools know one attribute manager.
type cluster struct {
	*ocftest.Machine
	mu    *sync.Mutex
	marks map[string]string
}

func newCluster() *cluster {
	c := &cluster{Machine: ocftest.New(), mu: &sync.Mutex{}, marks: map[string]string{}}
	c.OnCommand = func(_ *ocftest.Machine, cmd ocf.Command) (ocf.Output, error) {
		node, value := "", ""
		for i, a := range cmd.Args {
			switch a {
			case "-N":
				node = cmd.Args[i+1]
			case "-U":
				value = cmd.Args[i+1]
			}
		}
		c.marks[node] = value
		return ocf.Output{}, nil
	}
	return c
}

// on is another machine of the cluster.
func (c *cluster) on() *cluster {
	n := newCluster()
	n.mu, n.marks = c.mu, c.marks
	return n
}

func (c *cluster) mark(node string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.marks[node]
}

func (c *cluster) set(node, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marks[node] = value
}

func (c *cluster) AttributeOfAll(context.Context, string) (map[string]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.marks), nil
}

func (c *cluster) Run(ctx context.Context, cmd ocf.Command) (ocf.Output, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Machine.Run(ctx, cmd)
}

func (c *cluster) ReadFile(path string, max int) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Machine.ReadFile(path, max)
}

func (c *cluster) WriteFile(path string, data []byte, mode uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Machine.WriteFile(path, data, mode)
}

// report is what a worker wrote last.
func (c *cluster) report(t *testing.T) (r agents.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.Files["/run/resource-agents/NovaEvacuate-rsc.report"]; ok {
		require.NoError(t, json.Unmarshal([]byte(f.Data), &r))
	}
	return r
}

// work runs a worker; stop ends it.
func work(t *testing.T, c *cluster, cr api.Credentials, change func(*worker.Worker)) (stop func()) {
	t.Helper()
	yes := true
	w := &worker.Worker{
		System: c, Request: ocf.ReadRequest("NovaEvacuate", "work", ocftest.Env()),
		Params: agents.EvacuateParams{Credentials: cr, Tag: "evacuable", Shared: &yes, Evacuation: evacuation.Config{
			MaxParallel: 8, Attempts: 2, RetryDelay: time.Second, ServerTimeout: time.Minute, Threshold: 50,
		}},
		Log:  func(l ocflog.Level, text string) { t.Log(l, text) },
		Dial: func(ctx context.Context) (worker.Cloud, error) { return openstack.Dial(ctx, cr) },
		Idle: 20 * time.Millisecond, Busy: 10 * time.Millisecond,
	}
	if change != nil {
		change(w)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// fence does what power-off and the fence agents of a host do.
func fence(t *testing.T, c *cluster, cloud *fake.Cloud, cr api.Credentials, host string) {
	t.Helper()
	cloud.StopCompute(host)
	user, err := openstack.Dial(t.Context(), cr)
	require.NoError(t, err)
	defer user.Close()
	require.NoError(t, user.FenceService(t.Context(), cloud.Service(host).ID, "fenced"))
	c.set(host, "yes")
}

// twentyFour is a cloud of four hosts, the first of which has 24 servers, one of
// them too large for any other.
func twentyFour() (cloud *fake.Cloud, large string) {
	cloud, _ = hosts(4)
	for i := range 23 {
		cloud.Boot("host-0", fmt.Sprint("vm-", i), "1", "image-1")
	}
	return cloud, cloud.Boot("host-0", "large-vm", "large", "image-1")
}

// asked counts the requests for evacuations.
func asked(cloud *fake.Cloud) int {
	n := 0
	for _, r := range cloud.Requests() {
		if strings.HasPrefix(r, "POST") && strings.HasSuffix(r, "/action") {
			n++
		}
	}
	return n
}

func TestEvacuation(t *testing.T) {
	cloud, large := twentyFour()
	cloud.EvacuationTime = 100 * time.Millisecond
	cr := serve(t, cloud)
	c := newCluster()
	work(t, c, cr, nil)
	fence(t, c, cloud, cr, "host-0")
	eventually(t, "host-0 to be released", func() bool { return c.mark("host-0") == "no" })

	left := cloud.ServersOn("host-0")
	require.Len(t, left, 1)
	require.Equal(t, large, left[0].ID)
	require.Equal(t, 23+2, asked(cloud), "each server once, the one that fits nowhere twice")
	eventually(t, "the report", func() bool { return len(c.report(t).Trouble()) == 1 })
	r := c.report(t)
	require.Contains(t, r.Trouble()[0], "server large-vm ("+large+") of host-0: not evacuated after 2 attempts: No valid host was found.")
	require.Equal(t, 23, r.Status.Hosts[0].Moved)
	require.Contains(t, cloud.Service("host-0").DisabledReason, ": 23 moved, 1 left")

	// Space is made, and the host is marked once more.
	cloud.AddHost("host-9", 10_000)
	c.set("host-0", "yes")
	eventually(t, "host-0 to be released", func() bool { return c.mark("host-0") == "no" })
	require.Empty(t, cloud.ServersOn("host-0"))
	eventually(t, "the report", func() bool { return len(c.report(t).Trouble()) == 0 })
	require.Equal(t, 23+3, asked(cloud))
}

// A worker that ends gives its evacuation to the next one, on whatever node, and no
// server is asked for by both.
func TestEvacuation_Successor(t *testing.T) {
	cloud, large := twentyFour()
	cloud.EvacuationTime = 300 * time.Millisecond
	cr := serve(t, cloud)
	c := newCluster()
	stop := work(t, c, cr, nil)
	fence(t, c, cloud, cr, "host-0")
	for i := range 6 {
		eventually(t, "servers to be asked for", func() bool { return asked(cloud) > 3*i || c.mark("host-0") == "no" })
		stop()
		require.Contains(t, []string{"yes", "no"}, c.mark("host-0"))
		c = c.on()
		stop = work(t, c, cr, nil)
	}
	eventually(t, "host-0 to be released", func() bool { return c.mark("host-0") == "no" })
	require.Len(t, cloud.ServersOn("host-0"), 1)
	byServer := map[string]int{}
	for _, m := range cloud.Migrations() {
		byServer[m.Server]++
	}
	for id, n := range byServer {
		if id != large {
			require.Equal(t, 1, n, id)
		}
	}
}

// What nova answers with, and whether it answers.
func TestEvacuation_Faults(t *testing.T) {
	for name, c := range map[string]struct {
		hook    func(n int, r *http.Request) fake.Fault
		trouble string
	}{
		"the token expires": {hook: func(n int, r *http.Request) fake.Fault {
			if n == 20 {
				return fake.Fault{Status: 401, Body: "{}"}
			}
			return fake.Fault{}
		}},
		"a service answers with errors for a while": {hook: func(n int, r *http.Request) fake.Fault {
			// Of a request for an evacuation with such an answer nobody knows whether it
			// was done, and nothing is asked for a minute: see the tests of the planner.
			if n > 15 && n < 40 && r.Method != "POST" {
				return fake.Fault{Status: 503, Body: "<html>no server is available</html>"}
			}
			return fake.Fault{}
		}},
		"too many requests": {hook: func(n int, r *http.Request) fake.Fault {
			if r.Method == "POST" && strings.HasSuffix(r.URL.Path, "/action") && n%3 == 0 {
				return fake.Fault{Status: 429, Body: `{"overLimit": {"message": "slow down"}}`}
			}
			return fake.Fault{}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, _ := twentyFour()
			var mu sync.Mutex
			n := 0
			cloud.Hook = func(r *http.Request) fake.Fault {
				mu.Lock()
				defer mu.Unlock()
				n++
				return c.hook(n, r)
			}
			cr := serve(t, cloud)
			cl := newCluster()
			fence(t, cl, cloud, cr, "host-0")
			work(t, cl, cr, nil)
			eventually(t, "host-0 to be released", func() bool { return cl.mark("host-0") == "no" })
			require.Len(t, cloud.ServersOn("host-0"), 1)
			byServer := map[string]int{}
			for _, m := range cloud.Migrations() {
				byServer[m.Server]++
				require.LessOrEqual(t, byServer[m.Server], 2)
			}
		})
	}
}

// Nothing is evacuated without proof, or in a storm.
func TestEvacuation_Refusals(t *testing.T) {
	cloud, _ := twentyFour()
	cr := serve(t, cloud)
	c := newCluster()
	work(t, c, cr, nil)
	cloud.StopCompute("host-0")
	c.set("host-0", "yes")
	c.set("nobody", "yes")
	c.set("host-1", "perhaps")
	eventually(t, "the report", func() bool { return len(c.report(t).Trouble()) == 3 })
	text := strings.Join(c.report(t).Trouble(), "\n")
	require.Contains(t, text, "host-0 is marked for evacuation, but nova does not have its host as forced down and down")
	require.Contains(t, text, "node nobody: nova has no nova-compute on a host of that name")
	require.Contains(t, text, `node host-1: the attribute evacuate is "perhaps", not understood`)

	c.set("nobody", "no")
	c.set("host-1", "no")
	cloud.StopCompute("host-2")
	cloud.StopCompute("host-3")
	fence(t, c, cloud, cr, "host-0")
	eventually(t, "the report", func() bool {
		return strings.Contains(strings.Join(c.report(t).Trouble(), "\n"), "3 of 4 hosts have failed (host-0, host-2, host-3), which is more than the threshold of 50%")
	})
	require.Zero(t, asked(cloud))
	cloud.StartCompute("host-2")
	eventually(t, "host-0 to be released", func() bool { return c.mark("host-0") == "no" })
}

func TestEvacuation_Tags(t *testing.T) {
	cloud, _ := hosts(3)
	cloud.AddFlavor(fake.Flavor{ID: "ha", Memory: 64, Specs: map[string]string{"evacuable": "True"}})
	cloud.AddImage(fake.Image{ID: "tagged", Tags: []string{"evacuable"}})
	cloud.AddImage(fake.Image{ID: "property", Properties: map[string]string{"evacuable": "true"}})
	want := map[string]bool{
		cloud.Boot("host-0", "plain", "1", "image-1"): false, cloud.Boot("host-0", "from volume", "1", ""): false,
		cloud.Boot("host-0", "flavor", "ha", ""): true, cloud.Boot("host-0", "tag", "1", "tagged"): true,
		cloud.Boot("host-0", "property", "1", "property"): true,
	}
	cr := serve(t, cloud)
	c := newCluster()
	fence(t, c, cloud, cr, "host-0")
	work(t, c, cr, nil)
	eventually(t, "host-0 to be released", func() bool { return c.mark("host-0") == "no" })
	for id, moved := range want {
		s, _ := cloud.Server(id)
		require.Equal(t, moved, s.Host != "host-0", s.Name)
	}
}
