package memcached

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "memcached", Version: "1.0.0",
		Short: "memcached, a cache in memory",
		Long: `Runs memcached, in OpenStack the cache of tokens and sessions. Usually a clone: each node
has a server of its own, and clients know all of them.

It takes the place of systemd:memcached: switch the unit off (systemctl disable --now
memcached), or both want the same port.`,
		Params: []ocf.Param{
			{Name: "binary", Default: "memcached", Short: "Program", Long: "The program memcached, a name or a path."},
			{Name: "user", Default: "memcache", Short: "User", Long: "The user that the server runs as: memcache in Debian, memcached in Red Hat's distributions."},
			{Name: "port", Type: ocf.Integer, Default: "11211", Limits: &ocf.Limits{Min: 1, Max: 65535}, UniqueGroup: "address", Short: "TCP port", Long: "The port that the server listens on."},
			{
				Name: "listen", Default: "127.0.0.1", UniqueGroup: "address", Short: "Addresses",
				Long: `The addresses that the server listens on, separated by commas; 0.0.0.0 and :: are all. A
monitor asks at the first one. A server that others can reach must be behind a firewall: memcached knows no
users, unless it is told to.`,
			},
			{Name: "memory", Type: ocf.Integer, Default: "64", Limits: &ocf.Limits{Min: 1, Max: 1 << 30}, Short: "Memory in MiB", Long: "The most memory for items."},
			{Name: "connections", Type: ocf.Integer, Default: "1024", Limits: &ocf.Limits{Min: 16, Max: 10_000_000}, Short: "Connections", Long: "The most connections at a time."},
			{
				Name: "options", Short: "More options",
				Long: `Further options of the program, separated by blanks, as in "-t 8 -I 4m". Not -d and -P: the
agent itself runs the server in the background. With -Z (TLS) a monitor asks only for a connection.`,
			},
			{Name: "pid", Default: "${HA_RSCTMP}/memcached-${OCF_RESOURCE_INSTANCE}.pid", UniqueGroup: "pid", Short: "PID file", Long: "The file with the number of the server's process."},
			{
				Name: "monitor_timeout", Type: ocf.Time, Default: "5", Limits: &ocf.Limits{Min: 1, Max: 3600}, Reloadable: true, Short: "Time for an answer",
				Long: "How long the server may take to answer a monitor.",
			},
			{
				Name: "drain_timeout", Type: ocf.Time, Default: "5", Reloadable: true, Short: "Time for requests in work at a stop",
				Long: `A stop asks the server to take no more connections, to finish what it is working on, and to end (SIGUSR1,
since memcached 1.5.18). After this time it is told to end at once. 0: at once.`,
			},
		},
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 60 * time.Second, Depth: 10},
			{Name: "reload-agent", Timeout: 10 * time.Second},
			{Name: "validate-all", Timeout: 5 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "Check levels of monitor", Text: `0: the process is there, and the server tells its version. One that has no connection
left is OCF_DEGRADED: a restart would empty the cache, and its clients would be back at once.

10: also, its statistics: it takes connections, and has fewer than nine tenths of what it may have.`},
		},
	}
}
