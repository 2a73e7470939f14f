package haproxy

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "haproxy", Version: "1.0.0",
		Short: "Manages haproxy: checked configuration, reload without loss, drain on stop",
		Long: `Runs haproxy as master and worker. The configuration is checked before each start and
reload, and the addresses of its bind lines before each start. A monitor asks haproxy itself,
through the socket of its master or a stats socket, and can watch backends. A reload replaces the
worker without refusing a connection; a configuration that haproxy does not accept changes nothing.
A stop lets connections end for a while.

It takes the place of the agents named haproxy by Russki, zbhknight and Joe Khoobyar and of
ns_haproxy by Mirantis, and knows their parameters. haproxy 2.2 and later.`,
		Params:  parameters(),
		Actions: actions(),
		Notes:   notes(),
	}
}

func actions() []ocf.Action {
	return []ocf.Action{
		{Name: "start", Timeout: 60 * time.Second},
		{Name: "stop", Timeout: 60 * time.Second},
		{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
		{Name: "reload", Timeout: 60 * time.Second},
		{Name: "reload-agent", Timeout: 60 * time.Second},
		{Name: "validate-all", Timeout: 20 * time.Second},
	}
}

func parameters() []ocf.Param {
	list := []ocf.Param{
		{
			Name: "conffile", Default: "/etc/haproxy/haproxy.cfg", UniqueGroup: "conffile",
			Short: "Configuration file", Long: "Configuration file or folder, with full path.",
		},
		{
			Name: "extraconf", Short: "More configuration files",
			Long: "Further configuration files or folders with full paths, separated by blanks. haproxy reads them after conffile.",
		},
		{
			Name: "binpath", Default: "/usr/sbin/haproxy",
			Short: "The program haproxy", Long: "Program to run, with full path or by name.",
		},
		{
			Name: "pidfile", Default: "/var/run/haproxy.pid", UniqueGroup: "pidfile",
			Short: "Process number file", Long: "File that haproxy writes the number of its master process to.",
		},
		{
			Name: "options", Short: "More options of haproxy",
			Long: "Options for the command line of haproxy, separated by blanks, such as -n 4000 or -L NAME. Those that this agent gives itself (-c, -D, -W, -Ws, -S, -f, -p, -sf, -st, -x, -db, -V) are not allowed.",
		},
		{
			Name: "stats_socket", Reloadable: true, Short: "Socket to ask haproxy at",
			Long: "Path, or HOST:PORT, of a stats socket of the configuration. Without it haproxy is asked through the socket of its master process, and at the stats socket of the configuration if it was started by hand without one.",
		},
		{
			Name: "master_socket", UniqueGroup: "master_socket", Default: "${HA_RSCTMP}/haproxy-${OCF_RESOURCE_INSTANCE}.master",
			Short: "Socket of the master process", Long: "Unix socket of the master process, which start makes for root alone. A path of at most 107 bytes.",
		},
	}
	list = append(list, watchParameters()...)
	list = append(list, stopParameters()...)
	return append(list, namespaceParameters()...)
}

func watchParameters() []ocf.Param {
	return []ocf.Param{
		{
			Name: "statusurl", Reloadable: true, Short: "URL that must answer",
			Long: "http:// or https:// URL that start waits for and every monitor asks for. An answer of 200 to 399 is good. A listener with monitor-uri serves well.",
		},
		{
			Name: "backends", Reloadable: true, Short: "Backends that must have a server",
			Long: "Names of sections backend or listen, separated by blanks or commas. When one of them has no server that takes work for longer than backend_grace, the monitor ends as backend_failure says. Others may be down: that haproxy runs is enough for them.",
		},
		{
			Name: "backend_failure", Type: ocf.Select, Options: []string{"fail", "degraded"}, Default: "fail", Reloadable: true,
			Short: "What a listed backend that is down is",
			Long:  "With fail the monitor fails, and the cluster restarts haproxy or moves it: of use if another node may reach the servers when this one does not. Where they are down for all nodes, no restart helps, and a migration-threshold would take haproxy away everywhere: set a failure-timeout too, or degraded. With degraded the resource is shown as degraded and left alone.",
		},
		{
			Name: "backend_grace", Type: ocf.Time, Default: "30s", Reloadable: true, Short: "How long a listed backend may be down",
			Long: "The time that a listed backend must have been down, as haproxy counts it from its start, before that is a failure; until then the resource is degraded. It keeps a restart that does not help from following the other at once.",
		},
		{
			Name: "bind_check", Type: ocf.Boolean, Default: "yes", Short: "Try the bind lines before a start",
			Long: "Asks the kernel before a start whether every address of a bind line can be bound to, and says which line cannot and why. net.ipv4.ip_nonlocal_bind and the option transparent count.",
		},
		{
			Name: "bind_wait", Type: ocf.Time, Default: "10s", Short: "How long start waits for addresses",
			Long: "The time that start waits for addresses that are not there yet: a virtual IP address that is being added, or an IPv6 address that the kernel still checks for duplicates. An address in use by another process is not waited for.",
		},
		{
			Name: "verify_start", Type: ocf.Time, Short: "How long start waits for haproxy to serve",
			Long: "The longest time that haproxy may take to answer after its start; without it the timeout of the action alone counts.",
		},
		{
			Name: "config_version", Reloadable: true, Short: "Change it to have the configuration reloaded",
			Long: "Any text. It has no effect but this: when it is changed, the cluster calls reload-agent, and haproxy reads its configuration anew.",
		},
		{
			Name: "debug", Type: ocf.Boolean, Reloadable: true, Short: "Has no effect",
			Long: "Known for the sake of configurations of ns_haproxy.",
		},
	}
}

func stopParameters() []ocf.Param {
	return []ocf.Param{
		{
			Name: "drain_timeout", Type: ocf.Time, Default: "10s", Reloadable: true,
			Short: "How long a stop lets connections end",
			Long:  "From the beginning of a stop haproxy takes no new connections. Those that there are may go on for this time, cut short if the timeout of the stop does not suffice; then they are closed. 0 closes them at once.",
		},
		{
			Name: "verify_stop", Type: ocf.Time, Reloadable: true, Short: "How long SIGTERM is given",
			Long: "The time from SIGTERM, after the drain, to SIGKILL; without it 5 seconds, or less if the timeout of the stop is short.",
		},
		{
			Name: "renice", Type: ocf.Integer, Limits: &ocf.Limits{Min: -20, Max: 19}, Short: "Nice level",
			Long: "Nice level that haproxy is started with.",
		},
		{
			Name: "pid_owner", Reloadable: true, Short: "Owner of the pid file", Long: "User who gets the pid file after a start.",
		},
		{
			Name: "pid_group", Reloadable: true, Short: "Group of the pid file", Long: "Group that gets the pid file after a start.",
		},
		{Name: "config", ReplacedBy: "conffile", Short: "Configuration file", Long: "The older name of conffile."},
		{Name: "haproxy", ReplacedBy: "binpath", Short: "The program haproxy", Long: "The older name of binpath."},
		{Name: "pid", ReplacedBy: "pidfile", Short: "Process number file", Long: "The older name of pidfile."},
		{Name: "monitor_url", ReplacedBy: "statusurl", Reloadable: true, Short: "URL that must answer", Long: "The older name of statusurl."},
	}
}

func namespaceParameters() []ocf.Param {
	return []ocf.Param{
		{
			Name: "ns", Short: "Network namespace",
			Long: "Network namespace (ip-netns(8)) that haproxy runs in. It must exist, unless namespace_ip is set too: then start makes it if it is missing.",
		},
		{
			Name: "namespace_ip", Short: "Address within the namespace",
			Long: "IPv4 address of the namespace's end of a pair of interfaces that joins it to the node.",
		},
		{
			Name: "host_ip", Default: "240.0.0.1", Short: "Address of the node's end",
			Long: "IPv4 address of the node's end of the pair, which is the gateway of the namespace. Used if namespace_ip is set.",
		},
		{
			Name: "namespace_interface", Default: "hapr-ns", Short: "Interface within the namespace",
			Long: "Name of the namespace's end of the pair. Used if namespace_ip is set.",
		},
		{
			Name: "host_interface", Default: "hapr-host", Short: "Interface of the node",
			Long: "Name of the node's end of the pair. Used if namespace_ip is set.",
		},
		{
			Name: "network_mask", Type: ocf.Integer, Default: "30", Limits: &ocf.Limits{Min: 8, Max: 31},
			Short: "Prefix length of the pair's network", Long: "Prefix length of the network of host_ip and namespace_ip.",
		},
		{
			Name: "route_metric", Type: ocf.Integer, Default: "10000", Limits: &ocf.Limits{Min: 0, Max: 1<<32 - 1},
			Short: "Metric of the default route", Long: "Metric of the default route of the namespace, high so that another one wins.",
		},
		{
			Name: "other_networks", Short: "Networks reached through the node",
			Long: "Networks, ADDRESS/PREFIX separated by blanks or commas, that the namespace reaches through host_ip. Used if namespace_ip is set; false is none.",
		},
	}
}

func notes() []ocf.Note {
	return []ocf.Note{
		{Title: "Reload", Text: `The action reload-agent, and reload for a person, check the configuration with haproxy -c, send
SIGUSR2 to the master process, and wait until a new worker answers. The cluster calls reload-agent
when a parameter that can be reloaded is changed: to have a new configuration file read, change
config_version:

    pcs resource update haproxy config_version=2

A configuration that haproxy does not accept leaves the old worker at work. reload-agent then ends
with success, because a failure would make the cluster restart haproxy with the configuration that is
wrong; the reason is logged, and each monitor ends with OCF_DEGRADED and the reason, which crm_mon
shows, until a reload succeeds. The action reload ends with OCF_ERR_GENERIC.

What was ordered through a stats socket (servers in maintenance, weights) is lost with a reload
unless the configuration has load-server-state-from-file.`},
		{Title: "What belongs to the resource", Text: `A process is the resource's if it runs the program of binpath with the conffile or with the pidfile of the
resource. So one that was started by hand, or whose pid file is lost, is found; start takes it over and
writes the pid file, and stop ends it. A pid file that holds the number of any other process is
stale: that process is left alone. A haproxy that systemd starts again while the resource is stopped makes the stop
fail with that reason: systemctl disable --now haproxy.`},
		{Title: "Monitor", Text: `A monitor starts no process: it reads the pid file and the process table, and asks haproxy once. With
OCF_CHECK_LEVEL 10 it also checks the configuration files with haproxy -c, and ends with OCF_DEGRADED if
they are wrong, because the next start would fail.`},
		{Title: "In front of Galera", Text: galeraNote},
	}
}

const galeraNote = `A configuration for three nodes with clustercheck at port 9200 (see the agent clustercheck), where the servers
listen at the addresses of their nodes (bind-address), not at all, so that the virtual address is free for
haproxy. One server takes all connections, so that no two of them write the same rows; the others are
backup.

    global
      stats socket /run/haproxy/admin.sock mode 660 level admin
      user haproxy
      group haproxy
      maxconn 4096

    defaults
      mode tcp
      timeout connect 5s
      timeout client 90m
      timeout server 90m

    listen galera
      bind 192.0.2.10:3306
      option httpchk OPTIONS /
      option clitcpka
      option srvtcpka
      stick-table type ip size 1k
      stick on dst
      default-server port 9200 inter 1s fastinter 500ms fall 2 rise 2 on-marked-down shutdown-sessions backup
      server node-1 192.0.2.1:3306 check
      server node-2 192.0.2.2:3306 check
      server node-3 192.0.2.3:3306 check

on-marked-down shutdown-sessions ends connections to a server that is no longer in sync at once, instead of
letting them wait. All servers are backup, so that the first that is up takes the connections of a haproxy
that has just started; stick on dst keeps them at one server also when an earlier one of the list comes
back. It takes about 2 seconds until a server that falls out of sync is no longer used: half a second for
clustercheck, and two checks. In that time Galera itself refuses queries on a server without quorum.

A server that gives a state transfer is out of use meanwhile. Set wsrep_sst_donor so that it is rarely the one that
takes the connections, for example to node-3,node-2, with a comma at the end.

With the agent IPaddr2 for the address, either have haproxy run beside it alone (a group of the
address and haproxy), or as a clone everywhere with net.ipv4.ip_nonlocal_bind = 1, which fails over faster.`
