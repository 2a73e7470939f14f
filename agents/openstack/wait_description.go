package openstack

import (
	"time"

	"systole/agents/ocf"
)

func waitDescription() ocf.Description {
	own := []ocf.Param{
		{Name: "config", Default: "/etc/nova/nova.conf", Short: "Configuration of nova", Long: "Configuration file of nova-compute, for the option host. Files *.conf in the folder of that name with .d after it are read as well."},
		{Name: "unit", Default: "openstack-nova-compute.service", Short: "Unit of nova-compute", Long: "The unit of systemd that runs nova-compute (Debian: nova-compute.service). After its start it brings nova's service of this host back. The word none leaves all units as they are."},
	}
	return ocf.Description{
		Name: "nova-compute-wait", Version: "1.0.0",
		Short: "Keeps nova-compute from starting while its host is evacuated",
		Long: `For compute nodes where nova-compute is a resource of class systemd (or something else) that
is ordered after this one. The start waits until the evacuation of the host is over, and has
systemd bring nova's service back after each start of nova-compute: take back that it is
forced down, wait until it is up, enable it. Where nova-compute can be an OCF resource,
NovaCompute does all that by itself.`,
		Params: append(append(credentialParams(), own...), hostParams()...),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 600 * time.Second},
			{Name: "stop", Timeout: 300 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{{Title: "What it writes", Text: `A file unfence-20.conf in /run/systemd/system/UNIT.d, which names no secret, and in HA_RSCTMP a
file with its parameters that only root can read. Both are removed by stop. The stock agent
writes the password into the former, which everybody can read.

The unit is active only when nova's service is back. Its TimeoutStartSec (90 seconds by
default) must allow for that.`}},
	}
}
