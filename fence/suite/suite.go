// Package suite is all fence agents in one program: which of them is meant is told by
// the name that the program is called by, or by its arguments.
package suite

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"systole/fence/apcsnmp"
	"systole/fence/dummy"
	"systole/fence/fencing"
	"systole/fence/fencing/host"
	"systole/fence/ipmilan"
	"systole/fence/openstack"
	"systole/fence/redfish"
	"systole/fence/sbd"
	client "systole/lib/openstack"
	"systole/lib/openstack/api"
)

// Program is the name of the program that holds the agents.
const Program = "systole-fence"

// prefix is what the links have before the name of the device.
const prefix = "fence_systole_"

// agents is a table. Its functions make the agents: a call of one should not pay for
// all.
var agents = []struct {
	names []string // the agent and its links
	make  func() *fencing.Agent
}{
	{[]string{"fence_apc_snmp", "fence_tripplite_snmp"}, apcsnmp.Agent},
	{[]string{"fence_compute"}, func() *fencing.Agent { return openstack.Compute(tools()) }},
	{[]string{"fence_dummy"}, dummy.Agent},
	{[]string{"fence_evacuate"}, func() *fencing.Agent { return openstack.Evacuate(tools()) }},
	{[]string{"fence_ironic"}, func() *fencing.Agent {
		return openstack.Baremetal(func(ctx context.Context, c api.Credentials) (openstack.Ironic, error) { return client.Dial(ctx, c) })
	}},
	{[]string{"fence_ipmilan", "fence_ilo3", "fence_ilo4", "fence_ilo5", "fence_ipmilanplus", "fence_imm", "fence_idrac"}, ipmilan.Agent},
	{[]string{"fence_redfish"}, redfish.Agent},
	{[]string{"fence_sbd"}, sbd.Agent},
}

func tools() openstack.Tools {
	self, _ := os.Hostname()
	return openstack.Tools{
		Dial:  func(ctx context.Context, c api.Credentials) (openstack.Nova, error) { return client.Dial(ctx, c) },
		Marks: openstack.Cluster{Sbin: "/usr/sbin", Environ: os.Environ()}, Self: self,
	}
}

// Names are the names of the agents, links included, as stock agents are called.
func Names() []string {
	var names []string
	for _, a := range agents {
		names = append(names, a.names...)
	}
	return names
}

// Agent returns the agent of a name, stock or ours, under that name; nil if there is
// none.
func Agent(name string) *fencing.Agent {
	stock := name
	if rest, ours := strings.CutPrefix(name, prefix); ours {
		stock = "fence_" + rest
	}
	for _, e := range agents {
		for _, n := range e.names {
			if n == stock {
				a := e.make()
				a.Description = a.As(stock)
				a.Name = name
				return a
			}
		}
	}
	return nil
}

// LinkName is the name of the link of an agent that stands beside the stock one.
func LinkName(name string) string { return prefix + strings.TrimPrefix(name, "fence_") }

// Main does what the process was called for and returns its exit code.
func Main(p host.Process) int {
	name := filepath.Base(p.Args[0])
	if a := Agent(name); a != nil {
		return host.Main(a, p)
	}
	if strings.HasPrefix(strings.TrimPrefix(name, "."), Program) {
		return command(p)
	}
	_, _ = p.Stderr.Write([]byte(p.Args[0] + " is a link to " + Program + ", which has no agent of that name: remove the link, or install a version that has it\n"))
	return 1
}
