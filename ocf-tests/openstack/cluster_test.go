//go:build linux && outages

package openstack_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/ocf-tests/build"
	"systole/ocf-tests/lab"
	fake "systole/ocf-tests/openstack"
	"systole/ocf-tests/outage"
)

// compute is the node with nova-compute; the others are controllers.
const compute = "node-3"

// novaCompute stands for nova-compute: it reports to nova and runs.
const novaCompute = `#!/bin/sh
curl -sf "http://gateway:5000/test/report?host=$(uname -n)" || exit 1
trap 'exit 0' TERM
while :; do sleep 0.2; done
`

// resources are a NovaEvacuate among the controllers and a NovaCompute.
func resources() string {
	var login strings.Builder
	for i, nv := range [][2]string{
		{"auth_url", "http://gateway:5000/identity/v3"},
		{"username", fake.User},
		{"password", fake.Password},
		{"tenant_name", fake.Project},
		{"region_name", fake.Region},
	} {
		fmt.Fprintf(&login, `<nvpair id="ID-%d" name="%s" value="%s"/>`, i, nv[0], nv[1])
	}
	attributes := func(id string, more ...string) string {
		text := login.String()
		for i := 0; i+1 < len(more); i += 2 {
			text += fmt.Sprintf(`<nvpair id="ID-more-%d" name="%s" value="%s"/>`, i, more[i], more[i+1])
		}
		return `<instance_attributes id="` + id + `-params">` + strings.ReplaceAll(text, "ID", id) + `</instance_attributes>`
	}
	return `<primitive id="evacuate" class="ocf" provider="systole" type="NovaEvacuate">` + attributes("evacuate", "retry_delay", "1s", "attempts", "2") +
		`<operations><op id="evacuate-monitor" name="monitor" interval="2s" timeout="20s"/><op id="evacuate-start" name="start" interval="0" timeout="60s"/>
		<op id="evacuate-stop" name="stop" interval="0" timeout="60s"/></operations></primitive>
	<primitive id="compute" class="ocf" provider="systole" type="NovaCompute">` +
		attributes("compute", "binary", "/usr/sbin/fake-nova-compute", "user", "root", "evacuation_delay", "1s") +
		`<operations><op id="compute-monitor" name="monitor" interval="5s" timeout="20s"/><op id="compute-start" name="start" interval="0" timeout="120s"/></operations></primitive>
	<primitive id="fence-nova" class="stonith" type="fence_compute">` + attributes("fence-nova", "pcmk_host_list", compute) + `</primitive>`
}

const constraints = `<rsc_location id="l1" rsc="evacuate" node="` + compute + `" score="-INFINITY"/>
<rsc_location id="l2" rsc="compute" node="node-1" score="-INFINITY"/><rsc_location id="l3" rsc="compute" node="node-2" score="-INFINITY"/>
<rsc_location id="l4" rsc="fence-nova" node="` + compute + `" score="-INFINITY"/>`

// executables is a folder of scripts.
func executables(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "openstack-test-") // unlike t.TempDir, a folder that other users can look into
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	for name, text := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	return dir
}

// ours is a folder with our agents.
func ours(t *testing.T) string {
	t.Helper()
	dir := executables(t, nil)
	folder, err := outage.BuildAgents(dir)
	require.NoError(t, err)
	return folder
}

// fenceAgents is a folder with our fence agents, under the names of the stock ones.
func fenceAgents(t *testing.T) string {
	t.Helper()
	dir := executables(t, nil)
	require.NoError(t, build.FenceAgents(dir))
	return dir
}

// serveInLab serves a cloud to the nodes, and what their scripts report.
func serveInLab(ctx context.Context, t *testing.T, c *lab.Cluster, cloud *fake.Cloud) {
	t.Helper()
	l, err := c.Listen(ctx, "tcp", lab.Gateway+":5000")
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", cloud)
	mux.HandleFunc("/test/report", func(_ http.ResponseWriter, r *http.Request) { cloud.StartCompute(r.FormValue("host")) })
	s := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	t.Cleanup(func() { _ = s.Close() })
	go func() { _ = s.Serve(l) }()
}

// The compute node is a full member of the cluster here, because a lab has no remote
// nodes. Its attribute manager forgets the attribute when it joins again, so that
// this is also the test of what nova remembers.

// TestCluster is the whole design under a real Pacemaker: a compute node loses its
// power, is fenced by a level of a power device and fence_compute, its servers are evacuated, it comes back and serves again. Then
// the same while the node that evacuates loses its power too.
func TestCluster(t *testing.T) {
	opt := lab.Options{
		Nodes: 3, Resources: resources(), Constraints: constraints, Timeout: 3 * time.Minute,
		Sbin: []string{executables(t, map[string]string{"fake-nova-compute": novaCompute}), fenceAgents(t)},
	}
	if err := lab.Check(opt); err != nil {
		t.Skipf("this machine cannot run a lab: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("the scripts of the test need curl: install the package curl")
	}
	opt.OCF = []string{ours(t)}
	// Each wait has its own limit, Options.Timeout, and says what it waited for. One for all
	// would be used up by whatever else the machine does, and say nothing.
	ctx := t.Context()
	cloud, large := twentyFour()
	cloud.EvacuationTime = time.Second
	cloud.RenameHost("host-0", compute)
	c := lab.New(t, opt)
	serveInLab(ctx, t, c, cloud)
	require.NoError(t, c.Configure(ctx, "fencing-topology", `<fencing-level id="level" target="`+compute+`" index="1" devices="fence,fence-nova"/>`))
	running := func(s lab.Status) bool { return s.RunsOn("compute") == compute && s.RunsOn("evacuate") != "" }
	require.NoError(t, c.Wait(ctx, "the resources to run", running))

	t.Log("power-off of the compute node")
	require.NoError(t, c.NodeNamed(compute).PowerOff(ctx))
	cloud.StopCompute(compute)
	begin := time.Now()
	eventually(t, "the servers to be gone", func() bool { return len(cloud.ServersOn(compute)) == 1 })
	t.Logf("23 servers moved %.1f s after the power-off", time.Since(begin).Seconds())
	require.Equal(t, large, cloud.ServersOn(compute)[0].ID)
	require.NoError(t, c.Wait(ctx, "nova-compute to run again", running))
	t.Logf("nova-compute is back %.1f s after the power-off", time.Since(begin).Seconds())
	svc := cloud.Service(compute)
	require.True(t, svc.Up && svc.Enabled && cloud.Schedulable(compute), "%+v", svc)
	requireOnce(t, cloud, large)

	t.Log("power-off of the compute node, and of the node that evacuates")
	for i := range 20 {
		cloud.Boot(compute, fmt.Sprint("second-", i), "1", "image-1")
	}
	s, err := c.Status(ctx)
	require.NoError(t, err)
	evacuator := s.RunsOn("evacuate")
	before := asked(cloud)
	require.NoError(t, c.NodeNamed(compute).PowerOff(ctx))
	cloud.StopCompute(compute)
	eventually(t, "servers to be asked for", func() bool { return asked(cloud) > before })
	require.NoError(t, c.NodeNamed(evacuator).PowerOff(ctx))
	eventually(t, "the servers to be gone", func() bool { return len(cloud.ServersOn(compute)) == 1 })
	require.NoError(t, c.Wait(ctx, "all to be well again", running))
	requireOnce(t, cloud, large)
}

// requireOnce makes sure that no server but one was asked for twice from one host
// without a failure in between.
func requireOnce(t *testing.T, cloud *fake.Cloud, except string) {
	t.Helper()
	n := map[string]int{}
	for _, m := range cloud.Migrations() {
		n[m.Server]++
	}
	for id, times := range n {
		if id != except {
			require.Equal(t, 1, times, id)
		}
	}
}
