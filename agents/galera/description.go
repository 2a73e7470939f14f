package galera

import (
	"time"

	"systole/agents/ocf"
)

const defaultBinary = "/usr/bin/mysqld_safe"

func description() ocf.Description {
	return ocf.Description{
		Name: "galera", Version: "1.0.0",
		Short: "Database server as a member of a Galera group",
		Long: `A MariaDB, MySQL or Percona server as a member of a Galera group, as a promotable clone
with an instance on each node of the group.

An unpromoted instance is a server that is stopped, and a node that has reported what its
data hold. When all nodes have reported, the one with the most recent data starts the group
and becomes promoted; then the others join it. A promoted instance is a server in the Primary
component that holds all data. Set promoted-max to the number of nodes.

It takes the place of ocf:heartbeat:galera.`,
		Params:  append(serverParams(), groupParams()...),
		Actions: actions(),
		Notes:   notes(),
	}
}

func actions() []ocf.Action {
	return []ocf.Action{
		{Name: "start", Timeout: 120 * time.Second},
		{Name: "stop", Timeout: 120 * time.Second},
		{Name: "monitor", Timeout: 30 * time.Second, Interval: 20 * time.Second},
		{Name: "monitor", Timeout: 30 * time.Second, Interval: 10 * time.Second, Role: ocf.Promoted},
		{Name: "monitor", Timeout: 30 * time.Second, Interval: 30 * time.Second, Role: ocf.Unpromoted},
		{Name: "promote", Timeout: 300 * time.Second},
		{Name: "demote", Timeout: 120 * time.Second},
		{Name: "validate-all", Timeout: 20 * time.Second},
	}
}

func serverParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "binary", Default: defaultBinary, Short: "Program that starts the server",
			Long: `Program that starts the server: the wrapper mysqld_safe or mariadbd-safe, or the server itself.
At its default the names of other distributions are tried as well. With the server itself
(/usr/sbin/mariadbd) a start is faster, and what the section [mysqld_safe] of the
configuration says has no effect.`,
		},
		{
			Name: "client_binary", Default: "mysql", Short: "Database client",
			Long: "Accepted for compatibility and not used: the agent speaks to the server itself.",
		},
		{Name: "config", Default: "/etc/mysql/my.cnf", Short: "Configuration file", Long: "Configuration file of the server."},
		{Name: "datadir", Default: "/var/lib/mysql", UniqueGroup: "datadir", Short: "Data directory", Long: "Directory that holds the databases."},
		{Name: "user", Default: "mysql", Short: "User of the server", Long: "User that the server runs as."},
		{Name: "group", Default: "mysql", Short: "Group of the server", Long: "Group that log and directories of the server are given to."},
		{Name: "log", Default: "/var/log/mysql/error.log", Short: "Log of the server", Long: "File that the server logs errors to."},
		{Name: "pid", Default: "/var/run/mysqld/mysqld.pid", Short: "Pid file", Long: "File that the server writes the number of its process to."},
		{Name: "socket", Default: "/var/run/mysqld/mysqld.sock", Short: "Socket of the server", Long: "Unix socket of the server, through which the agent asks for its state."},
		{
			Name: "enable_creation", Type: ocf.Boolean, Default: "0", Short: "Create a database if there is none",
			Long: `Whether an empty database is created where the data directory has none. It is not needed on a
node that joins a group which has data.`,
		},
		{
			Name: "additional_parameters", Short: "Further arguments of the server",
			Long: "Further arguments of the server, separated by spaces; one that holds spaces stands in quotes.",
		},
	}
}

func groupParams() []ocf.Param {
	return []ocf.Param{
		{
			Name: "wsrep_cluster_address", Required: true, Short: "Members of the group",
			Long: `Members of the group, as gcomm://NODE,NODE,NODE. The resource starts on these nodes only. The
names are those of the cluster nodes; where Galera needs other names or addresses, see
cluster_host_map. A port may follow each name (NODE:PORT, 4567 if not given).`,
		},
		{
			Name: "cluster_host_map", Short: "Node names and the names that Galera has for them",
			Long: "Names of cluster nodes, each with the name that wsrep_cluster_address has for it: NODE:NAME;NODE:NAME.",
		},
		{
			Name: "check_user", Short: "User that asks for the state",
			Long: `Database user that asks for the state of the server; it needs no privileges. Without it, the
user in /etc/sysconfig/clustercheck or /etc/default/clustercheck (MYSQL_USERNAME), and without
that root. If the user can log in with a password from the other nodes, their servers are asked
as well, which makes recoveries faster.`,
		},
		{
			Name: "check_passwd", Secret: true, Short: "Password of check_user",
			Long: "Password of check_user. Without it, MYSQL_PASSWORD of the file named there.",
		},
		{
			Name: "check_passwd_use_empty", Type: ocf.Boolean, Default: "0", Short: "Use an empty password",
			Long: "Whether an empty password is used, whatever check_passwd and the file say.",
		},
		{
			Name: "two_node_mode", Type: ocf.Boolean, Default: "false", Short: "A node of two starts the group when the other is off",
			Long: `Whether, in a cluster of two nodes, the node that is left with quorum starts the group without
the report of the other one, when that was fenced or has left the cluster in order. It has no
effect where fencing is disabled: then a node that is not seen may be running.`,
		},
		{
			Name: "join_stall_timeout", Type: ocf.Time, Default: "5min", Limits: &ocf.Limits{Min: 10, Max: 86400}, Reloadable: false,
			Short: "How long a state transfer may not move",
			Long: `How long a server that joins may write nothing before the state transfer counts as failed. A
transfer that moves may take as long as it needs, whatever the timeout of promote is.`,
		},
	}
}

func notes() []ocf.Note {
	return []ocf.Note{
		{Title: "The election", Text: `A node is elected to start the group when all nodes of wsrep_cluster_address have reported, no
server of the group runs anywhere, and all data are of one history (group UUID). It is the
node with the highest sequence number; of equals, one that has a sound grastate.dat. A node
without history, or whose grastate.dat says that its state is not sound, is never elected where
another has a history.

A node that has not reported is not waited for in these cases only:

* All servers of the last Primary component have reported (gvwstate.dat names them), and one of
  them has data of the newest start of the group. What was lost before the outage holds nothing
  newer.
* The elected node was the last to stop in order (safe_to_bootstrap), its data are of the newest
  start of the group, and the node that is missing is off or in standby, or has not reported for
  a minute after.
* two_node_mode is set, its conditions hold, and the data are of the newest start of the group;
  those of a server that was stopped while the other one went on are not.
* The operator has decided so.

It is always waited for while it is lost and not fenced. Otherwise the monitor of each
unpromoted instance says what is missing and what can be done: in the log, and in the node
attribute db-waiting for the resource db, which crm_mon -A shows.`},
		{Title: "Starts of the group are counted", Text: `The files of a database cannot tell whether another node has started the group since, and has
taken writes. So a node that starts the group first writes that down as a persistent attribute
of the node, db-group-start for the resource db: the number of the start, the position it
begins at, the time, and the nodes that an operator had decided to go on without. When a node has
all data of the group, it notes beside them, in group-start.dat in the data directory, of which
start they are. Data without that note, or of an older start, are no reason not to wait for
another node. In a group that another agent has started, counting begins with the first
instance that is promoted.

When a node comes back that an operator had decided to go on without, and its data have
writes that the group has not, its grastate.dat is renamed, so that its data are replaced.

If no node has any data of a group that has been started before, as when its file system is
not mounted anywhere, no new one is started in its place; the message says how the attributes
are deleted if that is what is wanted.`},
		{Title: "Empty nodes", Text: `A node whose data directory is empty takes part: it never starts the group, and gets all data when
it joins. Its server does that by rsync, mariabackup or the like; the way mysqldump needs a
database, see enable_creation. So does a node whose data are the rest of a state transfer that
was broken off. With enable_creation a database is created in an empty directory, and a group that
has never run can be started from that.`},
		{Title: "Deciding to go on without a node", Text: `When a node will not come back and the others wait for it, or when data of two histories are
found, an operator decides, for example for a resource db and against the data of node-3:

    crm_attribute -l reboot -N node-1 -n db-without -v "node-3@$(($(date +%s)+600))"

The number is the time at which the decision ends, in seconds since 1970, at most an hour ahead.
A decision is used once, and deleted then. What it may cost at worst is logged. If node-3 comes
back, its data are replaced by those of the group, or its server refuses to join if it is ahead.
No decision starts the group while a server runs, or while a node is lost and not fenced.`},
		{Title: "State transfers", Text: `A promote waits until the server holds all data. Shortly before its timeout it leaves the server
to the transfer, deletes its promotion score and succeeds, so that the cluster makes the
instance unpromoted. The monitor of the unpromoted instance logs the bytes written and an
estimate of the time left, and has the instance promoted when the server is in sync. So the
timeout of promote need not be that of the longest transfer; join_stall_timeout ends a transfer
that has stopped moving. Give the unpromoted role a monitor, or the instance stays unpromoted.`},
		{Title: "Node attributes", Text: `As those of the stock agent, for the resource db: db-last-committed, db-safe-to-bootstrap,
db-no-grastate, db-bootstrap. Besides them db-group-start counts the starts of the group, db-waiting
says why an instance is not promoted, and db-state holds all that a node reports, in one line:
"stopped uuid=... seqno=...", "joining bytes=..." or "promoted".`},
		{Title: "Differences to the stock agent", Text: `* Data of different histories are never compared by their sequence numbers, and sequence
  numbers are compared as integers.
* Other servers are looked for on the network (port 4567, from node to node). That the cluster has
  recorded an instance as promoted does not mean that there is a group to join.
* A promote that finds nothing to join ends with a new election, not as a failure.
* A server that does not let check_user in is not stopped for that. Its monitor logs it.
* A server that does not end in time is killed before the timeout of stop; a stop that leaves
  anything running fails.
* With prepared transactions, grastate.dat is moved aside instead of deleted.
* The client program is not needed, and there is no action "status".`},
	}
}
