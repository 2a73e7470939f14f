package clustercheck

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "clustercheck", Version: "1.0.0",
		Short: "HTTP service that tells a load balancer whether the Galera server of this node may be used",
		Long: `Runs a small HTTP service for the checks of haproxy (option httpchk, port 9200). It answers 200 when
the MariaDB or MySQL server of this node is a synced member of a Galera cluster that has quorum, and 503
otherwise, with the reason as text.

One connection is kept to the server, and it is asked twice a second, however many checks there are. An
answer that is too old counts as none, so that a server that hangs is taken out of use.

The resource is the service, not the database: it runs also where the database does not. Run it as a clone on all
nodes with a database. On nodes without Pacemaker the systemd unit systole-clustercheck does the same.`,
		Params: parameters(),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 20 * time.Second},
			{Name: "stop", Timeout: 20 * time.Second},
			{Name: "monitor", Timeout: 20 * time.Second, Interval: 10 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: []ocf.Note{
			{Title: "What is answered", Text: `503 if, in this order: there is a maintenance file; the server does not answer; its last answer is older
than max_age; it is no member of a cluster, or of one without quorum (non-Primary); it is a donor or
desynced, unless available_when_donor; it is joining, joined or anything but synced; wsrep_ready is OFF;
wsrep_reject_queries is set; it is read-only, unless available_when_readonly; it was frozen for longer than max_age,
has not been seen to rejoin since, and has not answered well for the time hold (a server that was frozen believes
for some seconds that it is still a member). Else 200.

GET, HEAD and OPTIONS of any path are answered so. The text is one line; with /json or the header
Accept: application/json it is JSON with the state of the server. /alive is answered with 200 as long as the
service runs.`},
			{Title: "Settings", Text: `The file of settings is that of the well-known clustercheck script, /etc/sysconfig/clustercheck or
/etc/default/clustercheck:

    MYSQL_USERNAME="clustercheck"
    MYSQL_PASSWORD="secret"
    AVAILABLE_WHEN_DONOR=0
    AVAILABLE_WHEN_READONLY=1

and further MYSQL_SOCKET, MYSQL_HOST, MYSQL_PORT, DEFAULTS_EXTRA_FILE, and for the unit CLUSTERCHECK_LISTEN,
CLUSTERCHECK_INTERVAL, CLUSTERCHECK_MAX_AGE, CLUSTERCHECK_HOLD, CLUSTERCHECK_MAINTENANCE_FILE. Parameters of the resource come
first. The account needs no privilege: CREATE USER clustercheck@localhost IDENTIFIED BY 'secret'.`},
			{Title: "By hand", Text: `systole-agents clustercheck check prints what the service would answer, and ends with 0 or 1;
systole-agents clustercheck serve runs it. Both read the settings from the environment, or from a file with
--config FILE.`},
		},
	}
}

func parameters() []ocf.Param {
	return []ocf.Param{
		{
			Name: "port", Type: ocf.Integer, Default: "9200", Limits: &ocf.Limits{Min: 1, Max: 65535}, UniqueGroup: "port",
			Short: "Port", Long: "TCP port that checks are answered at.",
		},
		{Name: "address", Short: "Address to listen at", Long: "IP address that checks are answered at; without it all of the node."},
		{
			Name: "conffile", Short: "File of settings",
			Long: "File of settings in the form of the clustercheck script. Without it /etc/sysconfig/clustercheck is read, or else /etc/default/clustercheck, if there is one.",
		},
		{Name: "user", Short: "Account in the database", Long: "Name of the account that asks for the state. It needs no privilege."},
		{Name: "password", Secret: true, Short: "Password of the account", Long: "Password of the account that asks for the state."},
		{Name: "socket", Short: "Socket of the database", Long: "Unix socket of the server. Without socket and host the usual places are looked at, then 127.0.0.1:3306."},
		{Name: "host", Short: "Host of the database", Long: "Host name or address of the server, if it is to be asked over TCP."},
		{
			Name: "database_port", Type: ocf.Integer, Limits: &ocf.Limits{Min: 1, Max: 65535},
			Short: "Port of the database", Long: "TCP port of the server, 3306 if host is set alone.",
		},
		{Name: "available_when_donor", Type: ocf.Boolean, Short: "Whether a donor may be used", Long: "Whether a server may be used that gives a state transfer or is desynced. Without it what the file of settings says, or no."},
		{Name: "available_when_readonly", Type: ocf.Boolean, Short: "Whether a read-only server may be used", Long: "Whether a server may be used that is read-only. Without it what the file of settings says, or yes, as in the script."},
		{
			Name: "maintenance_file", Short: "File that takes the node out of use",
			Long: "While this file exists, the answer is 503. Without it what the file of settings says, or /var/tmp/clustercheck.disabled.",
		},
		{Name: "interval", Type: ocf.Time, Short: "How often the server is asked", Long: "Time between two questions, 500ms if not set, from 50ms to 10s."},
		{Name: "max_age", Type: ocf.Time, Short: "How old an answer may be", Long: "Age from which the last answer of the server counts no more, and the time that it has to answer; 3s if not set, from 500ms to 60s, longer than interval."},
		{Name: "hold", Type: ocf.Time, Short: "How long a frozen server must answer well again", Long: "A server that was frozen believes for some seconds that it is still a member. It is used again after this time, or as soon as it has been seen to rejoin; 10s if not set, at most 10min. Longer than evs.suspect_timeout of Galera, which is 5s."},
		{Name: "run_user", Default: "mysql", Short: "User that the service runs as", Long: "User of this node that the service runs as."},
		{
			Name: "pidfile", Default: "${HA_RSCTMP}/clustercheck-${OCF_RESOURCE_INSTANCE}.pid", UniqueGroup: "pidfile",
			Short: "Process number file", Long: "File for the number of the process.",
		},
	}
}
