// Package suite is all agents in one program: which of them is meant is told by
// the name that the program is called by, or by its arguments.
package suite

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"systole/agents/clustercheck"
	"systole/agents/dummy"
	"systole/agents/filesystem"
	"systole/agents/haproxy"
	"systole/agents/ipaddr2"
	"systole/agents/memcached"
	"systole/agents/ocf"
	"systole/agents/ocf/host"
	"systole/agents/openstack"
	"systole/agents/stateful"
	"systole/lib/haproxy/client"
	"systole/lib/memcache"
	"systole/lib/mount"
	"systole/lib/netif"
)

// Program is the name of the program that holds the agents.
const Program = "systole-agents"

// agents is a table. Its functions make the agents: a call of one should not pay
// for all.
var agents = []struct {
	name string
	make func() ocf.Runnable
}{
	{"Dummy", dummy.Agent},
	{"Filesystem", func() ocf.Runnable { return filesystem.Agent(mount.Node{}, self()) }},
	{"IPaddr2", func() ocf.Runnable { return ipaddr2.Agent(netif.Node{}, self()) }},
	{"NovaCompute", func() ocf.Runnable { return openstack.NovaCompute(dialNova) }},
	{"NovaEvacuate", func() ocf.Runnable { return openstack.NovaEvacuate(self, dialNova) }},
	{"Stateful", stateful.Agent},
	{"cinder-volume", func() ocf.Runnable { return openstack.CinderVolume(dialCinder) }},
	{"clustercheck", func() ocf.Runnable { return clustercheck.Agent(self(), client.Client{}) }},
	{"galera", newGalera},
	{"haproxy", func() ocf.Runnable { return haproxy.Agent(client.Client{}) }},
	{"memcached", func() ocf.Runnable { return memcached.Agent(memcache.Client{}) }},
	{"nova-compute-wait", func() ocf.Runnable { return openstack.ComputeWait(self, dialNova) }},
}

// Names are the names of the agents.
func Names() []string {
	names := make([]string, len(agents))
	for i, a := range agents {
		names[i] = a.name
	}
	return names
}

// Agent returns the agent of a name; nil if there is none.
func Agent(name string) ocf.Runnable {
	for _, a := range agents {
		if a.name == name {
			return a.make()
		}
	}
	return nil
}

// self is the path of this program; "" if it is not known.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	return path
}

// Main does what the process p was called for and returns its exit code.
func Main(p host.Process) int {
	if p.Began.IsZero() {
		p.Began = time.Now()
	}
	name := filepath.Base(p.Args[0])
	if a := Agent(name); a != nil {
		return host.Main(a, p)
	}
	// Beside agents it is hidden, so that a cluster does not take it for one.
	// The program may stand among the agents, under a name that is none of one.
	if strings.HasPrefix(strings.TrimPrefix(name, "."), Program) {
		return command(p)
	}
	// A link that is older or newer than this program.
	reason := p.Args[0] + " is a link to " + Program + ", which has no agent of that name: remove the link, or install a version that has it"
	_, _ = p.Stderr.Write([]byte("ocf-exit-reason:" + reason + "\n"))
	return int(ocf.ErrInstalled)
}
