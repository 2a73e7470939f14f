//go:build linux

package fence

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ipmi "systole/ocf-tests/bmc/ipmi"
	sim "systole/ocf-tests/bmc/redfish"
	"systole/ocf-tests/build"
	"systole/ocf-tests/lab"
)

// nodePower is the power of a node of a lab, behind its controller.
type nodePower struct {
	t    *testing.T
	node *lab.Node
	mu   sync.Mutex
	offs []time.Time
}

func (p *nodePower) On() bool { return p.node.On() }

func (p *nodePower) Set(on bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	p.mu.Lock()
	defer p.mu.Unlock()
	if on {
		if err := p.node.PowerOn(ctx); err != nil {
			p.t.Logf("%s: power on: %v", p.node.Name(), err)
		}
		return
	}
	p.offs = append(p.offs, time.Now())
	if err := p.node.PowerOff(ctx); err != nil {
		p.t.Logf("%s: power off: %v", p.node.Name(), err)
	}
}

// taken is how often the controller has taken the power away.
func (p *nodePower) taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.offs)
}

// Each node has two controllers, one for Redfish (TCP) and one for IPMI (UDP), at the same
// port.
const firstPort = 8001

// device is a fence_redfish for the node of a number.
func device(id string, node, port int, more ...string) string {
	return stonith(id, "fence_redfish", node, port, append([]string{"username=" + sim.User, "password=" + sim.Password, "ssl_insecure=1"}, more...))
}

// ipmiDevice is a fence_ipmilan for it.
func ipmiDevice(id string, node, port int, more ...string) string {
	return stonith(id, "fence_ipmilan", node, port, append([]string{"username=admin", "password=" + secret, "lanplus=1", "power_wait=0"}, more...))
}

func stonith(id, agent string, node, port int, options []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<primitive id="%s" class="stonith" type="%s"><instance_attributes id="%s-params">`, id, agent, id)
	for i, pair := range append([]string{"pcmk_host_list=node-" + fmt.Sprint(node), "ip=" + lab.Gateway, "ipport=" + fmt.Sprint(port)}, options...) {
		name, value, _ := strings.Cut(pair, "=")
		fmt.Fprintf(&b, `<nvpair id="%s-%d" name="%s" value="%s"/>`, id, i, name, value)
	}
	fmt.Fprintf(&b, `</instance_attributes><operations><op id="%s-monitor" name="monitor" interval="60s" timeout="20s"/></operations></primitive>`, id)
	return b.String()
}

// fencedLab is a real cluster whose nodes are fenced by our agents.
func fencedLab(t *testing.T, nodes int, resources string) (*lab.Cluster, []*nodePower) {
	t.Helper()
	dir, err := os.MkdirTemp("", "fence-test-") // unlike t.TempDir, a folder that other users can look into
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	opt := lab.Options{
		Nodes: nodes, NoFencing: true, Resources: resources, Sbin: []string{dir}, Timeout: 2 * time.Minute,
		Properties: map[string]string{"stonith-enabled": "true", "stonith-timeout": "40s"},
	}
	if err := lab.Check(opt); err != nil {
		t.Skipf("this machine cannot run a lab: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	require.NoError(t, build.FenceAgents(dir))
	c := lab.New(t, opt)
	var list []*nodePower
	for i, n := range c.Nodes() {
		l, err := c.Listen(t.Context(), "tcp", fmt.Sprintf("%s:%d", lab.Gateway, firstPort+i))
		require.NoError(t, err)
		p := &nodePower{t: t, node: n}
		s, err := sim.StartAt(l, p)
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		u, err := c.ListenPacket(t.Context(), "udp4", fmt.Sprintf("%s:%d", lab.Gateway, firstPort+i))
		require.NoError(t, err)
		b, err := ipmi.Start(ipmi.Config{User: "admin", Password: secret, Conn: u.(*net.UDPConn), Power: p})
		require.NoError(t, err)
		t.Cleanup(b.Close)
		list = append(list, p)
	}
	return c, list
}

// TestFenced lets the fencer of a real Pacemaker use fence_ipmilan and fence_redfish: list, off, on,
// reboot, and levels of which the first cannot.
func TestFenced(t *testing.T) {
	c, power := fencedLab(t, 3, device("f1", 1, firstPort)+ipmiDevice("f2", 2, firstPort+1)+ipmiDevice("f3", 3, firstPort+2)+
		device("dead", 3, 9, "login_timeout=2"))
	ctx := t.Context()
	// Without levels the fencer could choose either device.
	require.NoError(t, c.Configure(ctx, "fencing-topology", `<fencing-level id="l1" target="node-3" index="1" devices="f3"/>`))
	devices := []string{"f1", "f2", "f3"}
	require.NoError(t, c.Wait(ctx, "the fence devices to run", func(s lab.Status) bool {
		for _, d := range devices {
			if s.RunsOn(d) == "" {
				return false
			}
		}
		return true
	}))
	admin := func(args ...string) string {
		t.Helper()
		out, err := c.Node(1).Run(ctx, append([]string{"stonith_admin"}, args...)...)
		require.NoError(t, err, out)
		return out
	}
	require.Contains(t, admin("--list", "node-3"), "f3")
	require.Contains(t, admin("--list-registered"), "f1")
	require.Contains(t, admin("--metadata", "-a", "fence_ipmilan"), `<resource-agent name="fence_ipmilan"`)

	admin("--fence", "node-3", "--timeout", "30")
	require.False(t, c.Node(3).On())
	require.Equal(t, 1, power[2].taken())
	admin("--unfence", "node-3", "--timeout", "30")
	require.NoError(t, c.WaitOnline(ctx, "node-1", "node-2", "node-3"))

	admin("--reboot", "node-2", "--timeout", "30")
	require.Equal(t, 1, power[1].taken())
	require.NoError(t, c.WaitOnline(ctx, "node-1", "node-2", "node-3"))

	t.Log("a node loses its power; the first level cannot reach its controller")
	require.NoError(t, c.Configure(ctx, "fencing-topology",
		`<fencing-level id="l1" target="node-3" index="1" devices="dead"/><fencing-level id="l2" target="node-3" index="2" devices="f3"/>`))
	before := power[2].taken()
	require.NoError(t, c.Node(3).PowerOff(ctx))
	require.NoError(t, c.Wait(ctx, "the node to be fenced by the second level and to be back", func(s lab.Status) bool {
		return power[2].taken() > before && len(s.Online()) == 3
	}))
}
