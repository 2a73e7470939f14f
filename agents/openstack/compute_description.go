package openstack

import (
	"time"

	"systole/agents/ocf"
)

func computeDescription() ocf.Description {
	return ocf.Description{
		Name: "NovaCompute", Version: "1.0.0",
		Short: "Runs nova-compute, and brings its host back after an evacuation",
		Long: `Runs nova-compute on a compute node whose servers are evacuated when it fails (see
NovaEvacuate). After a fencing the start waits until the evacuation is over, starts
nova-compute, has nova take back that the host is forced down, waits until nova sees the
service as up, and enables it.`,
		Params: append(append(credentialParams(), serviceParams("nova-compute", "/usr/bin/nova-compute", "nova", "/etc/nova/nova.conf")...), computeOnlyParams()...),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 600 * time.Second},
			{Name: "stop", Timeout: 300 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "monitor", Timeout: 30 * time.Second, Interval: 61 * time.Second, Depth: 10},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Order of a start", Text: `1. Wait as long as the node attribute evacuate is something else than no, or nova has
evacuations from this host under way. 2. After an evacuation, wait evacuation_delay. 3.
Start nova-compute. 4. Take back that the service is forced down; nova refuses that until
nova-compute has taken notice of the evacuations. 5. Wait until the service is up. 6.
Enable it, unless an administrator has disabled it with a reason. 7. Delete the attribute.

The stock agent takes back and enables before it starts nova-compute. Nova refuses the
former then, and the latter leaves a host that is enabled and yet gets no servers.`},
			{Title: "Monitor", Text: `Depth 0 looks for the process. Depth 10 asks nova as well: it fails if nova has no service of
this host, sees no report of it, or has it as forced down.`},
			{Title: "Hand-over", Text: `A nova-compute that does not start on a node that lives leaves its servers running and
unmanaged. With handover=yes the node is fenced in that case, and its servers are evacuated.
This is done if nova answers, servers run on the node, and more than half of the other hosts
are up; otherwise the start fails and says why the node was not handed over.`},
			{Title: "Stop", Text: `nova-compute gets SIGTERM, and SIGKILL four seconds before the timeout of the stop. A stop that
fails would have the node fenced, with all servers on it.`},
		},
	}
}

// hostParams are those of the agents that bring a host back.
func hostParams() []ocf.Param {
	return []ocf.Param{
		{Name: "domain", Short: "Domain of hosts", Long: "What nova's names of hosts have behind the names of nodes, without the dot."},
		{Name: "host", Short: "Name of the host", Long: "What nova calls this host; without it, it is what the option host of nova's configuration says, or the name of the machine. It must be the name of the node, with the domain behind it if there is one."},
		{Name: "no_shared_storage", Type: ocf.Boolean, Default: "no", Short: "Has no effect", Long: "A parameter of the stock agent, without effect: see NovaEvacuate."},
		{
			Name: "evacuation_delay", Type: ocf.Time, Default: "120s", Limits: &ocf.Limits{Min: 0, Max: 86400}, Short: "Time after an evacuation",
			Long: "How long to wait after an evacuation before nova-compute starts. NovaEvacuate of this provider follows every server to the end, and nova is asked whether any evacuation is under way: 0 is safe with it. The timeout of start must be longer than this.",
		},
	}
}

func computeOnlyParams() []ocf.Param {
	return append(hostParams(), []ocf.Param{
		{Name: "attempts", Type: ocf.Integer, Default: "3", Limits: &ocf.Limits{Min: 1, Max: 100}, Short: "Starts within one action", Long: "How often nova-compute is started within one start before that fails."},
		{Name: "handover", Type: ocf.Boolean, Default: "no", Short: "Have this node fenced if nova-compute does not start", Long: "Have this node fenced, and its servers evacuated, if nova-compute does not start although the node lives and servers run on it. See the section on the hand-over."},
	}...)
}
