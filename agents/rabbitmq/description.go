package rabbitmq

import (
	"time"

	"systole/agents/ocf"
)

func description() ocf.Description {
	return ocf.Description{
		Name: "rabbitmq-cluster", Version: "1.0.0",
		Short: "RabbitMQ cluster, one instance of a clone on each node",
		Long: `Runs RabbitMQ as a clone: the instances form one cluster, and form it again after any
outage, with the messages in durable classic queues and in quorum queues. RabbitMQ 3.8 to 4.x, with its metadata in Mnesia or in Khepri.

It takes the place of ocf:heartbeat:rabbitmq-cluster, with the same parameter and node attributes.`,
		Params: parameters(),
		Actions: []ocf.Action{
			{Name: "start", Timeout: 180 * time.Second},
			{Name: "stop", Timeout: 120 * time.Second},
			{Name: "monitor", Timeout: 40 * time.Second, Interval: 10 * time.Second},
			{Name: "monitor", Timeout: 60 * time.Second, Interval: 103 * time.Second, Depth: 10},
			{Name: "notify", Timeout: 60 * time.Second},
			{Name: "validate-all", Timeout: 20 * time.Second},
		},
		Notes: notes(),
	}
}

func parameters() []ocf.Param {
	return []ocf.Param{
		{
			Name: "set_policy", Short: "Policy that a new cluster gets",
			Long: `Arguments of "rabbitmqctl set_policy", separated by white space. They are given once, when a cluster is founded: from then on policies are part of its data.`,
		},
		{
			Name: "binary", Default: "/usr/sbin/rabbitmq-server", Short: "Server program",
			Long: "The program that starts RabbitMQ in the foreground.",
		},
		{
			Name: "ctl", Default: "/usr/sbin/rabbitmqctl", Short: "Control program",
			Long: "The program rabbitmqctl. rabbitmq-queues and rabbitmq-upgrade are expected beside it.",
		},
		{
			Name: "username", Default: "rabbitmq", Short: "User that RabbitMQ runs as",
			Long: "The server program is run by this user, and the directories that the agent makes belong to it.",
		},
		{Name: "groupname", Default: "rabbitmq", Short: "Group that RabbitMQ runs as", Long: "The group of the directories that the agent makes."},
		{
			Name: "node_name", Short: "Name of the Erlang node",
			Long: "NAME or NAME@HOST. If not set, it is NODENAME of the environment file, else rabbit@ and the host name.",
		},
		{
			Name: "use_longname", Type: ocf.Boolean, Default: "no", Short: "Fully qualified host names in node names",
			Long: "Must be set alike on all nodes. USE_LONGNAME=true in the environment file has the same effect.",
		},
		{
			Name: "env_file", Default: "/etc/rabbitmq/rabbitmq-env.conf", Short: "Environment file of RabbitMQ",
			Long: "Plain assignments in it are read for names, ports and directories.",
		},
		{
			Name: "mnesia_base", Short: "Directory above the data directory",
			Long: "If not set, it is MNESIA_BASE of the environment file, else /var/lib/rabbitmq/mnesia.",
		},
		{Name: "log_dir", Default: "/var/log/rabbitmq", Short: "Log directory", Long: "Where the output of the server program goes to, in the file startup_log."},
		{
			Name: "pid_file", Default: "/var/run/rabbitmq/rmq.pid", Short: "Process ID file",
			Long: "RabbitMQ writes its process ID into it.",
		},
		{
			Name: "erlang_cookie_file", Default: "/var/lib/rabbitmq/.erlang.cookie", Short: "File with the Erlang cookie",
			Long: `With the cookie the agent asks the Erlang nodes directly, in milliseconds. Without it, or if nodes speak TLS among each other, it can only see whether they are there.`,
		},
		{Name: "epmd_port", Type: ocf.Integer, Default: "4369", Limits: &ocf.Limits{Min: 1, Max: 65535}, Short: "Port of the Erlang port mapper", Long: "The port of epmd on all nodes."},
		{Name: "host_ip", Short: "Address at which the broker is asked", Long: "If not set, it is that of the first TCP listener in rabbitmq.conf, else the loopback address."},
		{
			Name: "node_port", Type: ocf.Integer, Limits: &ocf.Limits{Min: 1, Max: 65535}, Short: "Port at which the broker is asked",
			Long: "If not set, it is that of the first TCP listener in rabbitmq.conf, else 5672. The agent does not change the listeners.",
		},
		{
			Name: "check_user", Short: "User that monitor logs in with",
			Long: "If set, each monitor logs in over AMQP and opens a channel, and one with a check level of 10 and more sends a message through a queue of its own.",
		},
		{Name: "check_passwd", Secret: true, Short: "Password of check_user", Long: "The password of check_user."},
		{Name: "check_vhost", Default: "/", Short: "Virtual host of check_user", Long: "The virtual host that monitor logs in to."},
		{
			Name: "await_quorum", Type: ocf.Time, Default: "20s", Short: "How long stop waits for quorum queues",
			Long: `If the others keep a majority, stop first waits until all quorum queues can do without this node, at most that long and a third of its timeout. 0: it does not wait.`,
		},
	}
}

func notes() []ocf.Note {
	return []ocf.Note{
		{Title: "How a cluster starts", Text: `Each instance tells in the node attribute rmq-node-data-NAME what its data directory holds. From that, and
from what running nodes answer, each start decides:

- The cluster runs and knows this node: it rejoins with its data. The cluster has forgotten it: its
  data directory is moved aside (.aside-DATE is appended to its name) and it joins anew.
- The cluster runs, and this node has no data: it joins. If the cluster still has it as a member,
  its replicas of quorum queues are removed and the member is forgotten first; quorum queues that have an even
  number of members afterwards get one on it.
- Nothing runs, and this node has the data of a cluster: it starts with it. Members that ran
  longer are waited for by RabbitMQ itself. If the others have to be started for that by the cluster manager, start ends with
  success while RabbitMQ waits, and monitor ends with OCF_DEGRADED until it runs: so neither
  ordered=true nor ordered=false keeps a cluster from starting.
- Mnesia waits for every member when several ended at once. Where one is not there, and it is known
  that nothing newer can come from it (it has told that its data is gone, its node was removed, or it had gone before the others
  ended), one node alone of those that ran last starts by rabbitmqctl force_boot.
- Nobody has data: the first by name of those that are being started founds the cluster.
- A node without data does not found a cluster beside data that may be the only copy: it waits, and
  says for whom. Queues of two clusters, a file system that is not mounted, and two machines
  of one name are refused.

Data is never deleted. Remove directories with .aside- in their names when you have seen that they are not needed.`},
		{Title: "Nodes that leave", Text: `A node that is stopped, fenced or in standby stays a member: its durable queues are on its disk,
and forgetting it would give them up. The stock agent forgets it. A node that was removed from the
configuration (crm_node --remove) is forgotten by the next notification of a start or stop, if it
does not answer; the clone needs notify=true for that.`},
		{Title: "Partitions", Text: `A node that sees itself parted from others while both ran (RabbitMQ 3 and 4.0 to 4.2 with Mnesia) fails its monitor,
and so is restarted, if it is not on the side that stays: the larger one, of two equal ones that with the first node by name. All sides decide so by the
same rule. With cluster_partition_handling in rabbitmq.conf RabbitMQ does it itself, and earlier.`},
		{Title: "Monitoring", Text: `A monitor looks at the process, the port mapper and the node itself by the Erlang distribution protocol, and at the
AMQP listener. It does not call rabbitmqctl. A node that does not answer is asked again until two thirds of the timeout are over.`},
		{Title: "Differences to the stock agent", Text: `The data directory is never emptied, so users, permissions, policies, queues and messages stay. Nodes that stop are not forgotten. Stop kills a server that does not
end. A resource that was started by ocf:heartbeat:rabbitmq-cluster can be taken over while it runs.`},
	}
}
