package openstack

import (
	"time"

	"systole/agents/ocf"
)

func evacuateDescription() ocf.Description {
	d := ocf.Description{
		Name: "NovaEvacuate", Version: "1.0.0",
		Short: "Evacuates the servers of fenced compute nodes",
		Long: `Has nova evacuate the servers of compute nodes that were fenced. A fence agent sets the
node attribute evacuate of such a node to yes; this agent, once in the cluster, sees to
every server of its host until nova says that it has been moved or that it cannot be, and
sets the attribute to no. NovaCompute and nova-compute-wait wait for that.`,
		Params: append(credentialParams(), evacuateParams()...),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: evacuateNotes(),
	}
	return d
}

func evacuateParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "domain", Short: "Domain of hosts", Long: "What nova's names of hosts have behind the names of nodes, without the dot: example.com if the node compute-1 is the host compute-1.example.com.",
		},
		{
			Name: "no_shared_storage", Type: ocf.Boolean, Default: "no", Short: "Disks are not on shared storage",
			Long: "That the disks of servers are on storage of each host. A server is then rebuilt from its image, and what was on its disk is lost. This must be true: nova is told, and does not rebuild a server where it finds otherwise.",
		},
		{
			Name: "storage", Type: ocf.Select, Options: []string{"declared", "nova"}, Default: "declared", Short: "Who decides about storage",
			Long: "declared: nova is told what no_shared_storage says, and a server for which that is not true is not rebuilt: it ends in ERROR, its disk as it was. nova: nova looks for the disk of each server, and rebuilds the server from its image where it finds none; needed where some servers have volumes and others local disks, and dangerous where a shared file system may not be mounted.",
		},
		{
			Name: "evacuable_tag", Default: "evacuable", Short: "Tag of what is evacuated",
			Long: "If any flavor has this word with the value true in its extra specs, or any image has it as a tag or as a property with the value true, only servers of such flavors and images are evacuated; if none has, all are.",
		},
		{
			Name: "max_parallel", Type: ocf.Integer, Default: "16", Limits: &ocf.Limits{Min: 1, Max: 1000}, Short: "Evacuations at once",
			Long: "How many servers are evacuated at once, of all hosts together.",
		},
		{
			Name: "attempts", Type: ocf.Integer, Default: "3", Limits: &ocf.Limits{Min: 1, Max: 100}, Short: "Attempts for each server",
			Long: "How often a server is evacuated before it is given up and reported.",
		},
		{
			Name: "retry_delay", Type: ocf.Time, Default: "15s", Limits: &ocf.Limits{Min: 1, Max: 3600}, Short: "Time between attempts",
			Long: "How long after a failure the next attempt is made; twice as long after the next failure, and so on.",
		},
		{
			Name: "server_timeout", Type: ocf.Time, Default: "300s", Limits: &ocf.Limits{Min: 10, Max: 86400}, Short: "How long an evacuation may take",
			Long: "After this time an evacuation that has not ended is reported. It is not asked for again, and its node is not released: nova may still be at it.",
		},
		{
			Name: "threshold", Type: ocf.Integer, Default: "50", Limits: &ocf.Limits{Min: 1, Max: 100}, Short: "How many hosts may fail, in percent",
			Long: "If more than this part of all hosts is down at once, the cause is likely not the hosts, and nothing is evacuated until fewer are. Hosts that an administrator has disabled do not count. 100 switches it off.",
		},
		{
			Name: "verbose", Type: ocf.Boolean, Default: "no", Short: "Log every step", Long: "Log every request to nova.",
		},
	}
}

func evacuateNotes() []ocf.Note {
	return []ocf.Note{
		{Title: "How it works", Text: `start begins a process, the worker, that lives until stop. monitor looks whether it lives and
reads its report; it takes milliseconds, and a timeout of 600 seconds as for the stock
agent is not needed.

The worker looks at the attribute every few seconds. It evacuates a host only if nova has
it as forced down and as down; it asks for each server once and follows it in nova's list
of migrations until its end; it asks again for those that failed. It is safe to stop the
resource at any time: another worker goes on from what nova knows. If the node of the
worker has died, that is 60 seconds later, because a request may still be on its way.`},
		{Title: "What the attribute says", Text: `yes: the host is to be evacuated. NODE@TIME: it is being evacuated by the worker on NODE. no:
it is done. Setting it by hand:

    attrd_updater -p -n evacuate -N compute-1 -U yes    # evacuate once more
    attrd_updater -p -n evacuate -N compute-1 -U no     # leave it alone, let it start`},
		{Title: "Compute nodes", Text: `Compute nodes should be remote nodes (ocf:pacemaker:remote). A full member of the cluster
forgets the attribute when it joins again, which may be before anybody has read it. A fence
agent that disables nova's service with the reason "systole: fenced" makes up for that: then
nova remembers, and both this agent and NovaCompute read it there.`},
		{Title: "When something is wrong", Text: `The monitor ends with OCF_DEGRADED (190), which the cluster shows and does not act on, and a
reason: servers that could not be evacuated, by name; a node that is marked but not
fenced; too many hosts down; services that cannot be reached. The same is in the log.
What was left when a host was released is also in the reason for which nova's service is
disabled (openstack compute service list --long).`},
		{Title: "Servers that are left", Text: `Nova evacuates servers that are active, stopped or in error. A server that was paused,
suspended or rescued, or was being moved to another host, stays; so does one that fits
nowhere. When its host is back it can be started there.`},
		{Title: "Differences to the stock agent", Text: `No other program is called for a request, and the password is in no command line. The stock
agent sets the attribute to no when all requests were accepted, also if all of them failed
later. Servers in the midst of a live migration are not touched.`},
	}
}
