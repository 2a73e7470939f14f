package rabbitmq

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"systole/agents/ocf"
)

// Kind is what stands in the data directory of a node.
type Kind int

// The kinds of data.
const (
	// Unknown: it could not be told, or nobody has said it.
	Unknown Kind = iota
	// None: there is no data, whatever there was before is gone.
	None
	// Alone: the node was never in a cluster with others.
	Alone
	// Clustered: the node was in a cluster with others.
	Clustered
)

// String is the word for the kind in the node attribute.
func (k Kind) String() string { return [...]string{"unknown", "none", "alone", "clustered"}[k] }

// Data is what a node knows by its own files.
type Data struct {
	Kind    Kind
	Members []string // of its cluster, with itself; sorted
	// Running are the members that ran when it was last running, with itself, as far
	// as it has seen. Nodes that are not in it had gone before.
	Running []string
	// Queues says that there are queues that may hold messages.
	Queues bool
	// Khepri says that the metadata is kept in Khepri, not in Mnesia.
	Khepri bool
	// Serial counts how often RabbitMQ had its tables on this node.
	Serial string
}

// any says whether there is data that may be the only copy of something.
func (d Data) any() bool { return d.Kind != None }

// The phases of an instance, which its node attribute tells.
const (
	idle     = "idle"     // not running and not being started
	starting = "starting" // a start action is at work
	founding = "founding" // it is about to start a new cluster
	joining  = "joining"  // it is about to join a running cluster
	forcing  = "forcing"  // it is being started without waiting for others
	waiting  = "waiting"  // the start action has ended; the server waits for others
	started  = "started"  // the start action has ended; RabbitMQ runs
)

// A Note is what an instance publishes in the node attribute rmq-node-data-NAME:
// its phase and its data.
type Note struct {
	Name  string // of the RabbitMQ node
	Phase string
	Data  Data
}

// String is the value of the attribute.
func (n Note) String() string {
	words := []string{"node=" + n.Name, "phase=" + n.Phase, "data=" + n.Data.Kind.String()}
	if len(n.Data.Members) > 0 {
		words = append(words, "members="+strings.Join(n.Data.Members, ","))
	}
	if len(n.Data.Running) > 0 {
		words = append(words, "running="+strings.Join(n.Data.Running, ","))
	}
	if n.Data.Queues {
		words = append(words, "queues=yes")
	}
	if n.Data.Khepri {
		words = append(words, "khepri=yes")
	}
	return strings.Join(words, " ")
}

// ReadNote reads the value of the attribute. What is not understood is unknown.
func ReadNote(text string) Note {
	var n Note
	for _, word := range strings.Fields(text) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "node":
			n.Name = value
		case "phase":
			n.Phase = value
		case "data":
			n.Data.Kind = Kind(max(0, slices.Index([]string{"unknown", "none", "alone", "clustered"}, value)))
		case "members":
			n.Data.Members = strings.Split(value, ",")
		case "running":
			n.Data.Running = strings.Split(value, ",")
		case "queues":
			n.Data.Queues = value == "yes"
		case "khepri":
			n.Data.Khepri = value == "yes"
		}
	}
	return n
}

// maxClusterFile limits the files of a node that are read.
const maxClusterFile = 1 << 16

// readData looks at the data directory of a node.
func readData(sys ocf.Files, dir, self string) (Data, error) {
	names, err := sys.List(dir)
	if err != nil {
		return Data{}, err
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "lost+found" })
	if len(names) == 0 {
		return Data{Kind: None}, nil
	}
	d := Data{}
	flags, _, err := sys.ReadFile(dir+"-feature_flags", maxClusterFile)
	if err != nil {
		return d, err
	}
	d.Khepri = slices.Contains(atoms(string(flags)), "khepri_db")
	files := []string{dir + "/cluster_nodes.config", dir + "/nodes_running_at_shutdown"}
	if d.Khepri || !slices.Contains(names, "cluster_nodes.config") {
		// Nodes with Khepri do not keep these files up to date: the agent's own record
		// stands beside the directory, so that it goes wherever the data goes.
		files = []string{recordFile(dir), recordFile(dir)}
	}
	for i, into := range []*[]string{&d.Members, &d.Running} {
		text, _, err := sys.ReadFile(files[i], maxClusterFile)
		if err != nil {
			return d, err
		}
		*into = firstList(string(text))
	}
	if d.Serial, err = serial(sys, dir); err != nil {
		return d, err
	}
	text, _, err := sys.ReadFile(journalFile(dir), maxClusterFile)
	if err != nil {
		return d, err
	}
	if before, ok := d.beforeBoot(string(text)); ok {
		d.Running = before
	}
	switch {
	case slices.ContainsFunc(d.Members, func(n string) bool { return n != self }):
		d.Kind = Clustered
	case d.Khepri && len(d.Members) == 0:
		d.Kind = Unknown
	default:
		d.Kind = Alone
	}
	d.Queues, err = hasQueues(sys, dir)
	return d, err
}

// recordFile is where the agent writes down the members of a cluster that keeps
// its metadata in Khepri.
func recordFile(dir string) string { return dir + "-systole-members" }

// record is the content of that file.
func record(members []string) string {
	quoted := make([]string, len(members))
	for i, m := range members {
		quoted[i] = "'" + m + "'"
	}
	return "[" + strings.Join(quoted, ",") + "].\n"
}

// serial reads the counter that RabbitMQ increases in each start as soon as it has
// its tables, and not before.
func serial(sys ocf.Files, dir string) (string, error) {
	text, _, err := sys.ReadFile(dir+"/rabbit_serial", 1000)
	return strings.Join(strings.Fields(string(text)), ""), err
}

// journalFile is where the agent writes down, before it starts a server, what the
// node knew. A server that waits for its tables says of itself at once that it is the
// only one that runs; if it ends before it has them, what it really knew of the
// others would be lost, and with it who was the last to run.
func journalFile(dir string) string { return dir + "-systole-before-boot" }

func (d Data) journal() string {
	return "serial=" + d.Serial + " running=" + strings.Join(d.Running, ",") + "\n"
}

// beforeBoot reads the journal. It counts only if RabbitMQ has not had its tables
// since it was written.
func (d Data) beforeBoot(text string) (running []string, ok bool) {
	for _, word := range strings.Fields(text) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "serial":
			if value != d.Serial {
				return nil, false
			}
			ok = true
		case "running":
			running = strings.Split(value, ",")
		}
	}
	return running, ok && len(running) > 0 && running[0] != ""
}

// hasQueues says whether there are files of durable classic queues or of replicas
// of quorum queues.
func hasQueues(sys ocf.Files, dir string) (bool, error) {
	vhosts, err := sys.List(dir + "/msg_stores/vhosts")
	if err != nil {
		return false, err
	}
	for _, v := range vhosts {
		queues, err := sys.List(path.Join(dir, "msg_stores/vhosts", v, "queues"))
		if err != nil || len(queues) > 0 {
			return len(queues) > 0, err
		}
	}
	replicas, err := sys.List(dir + "/quorum/" + path.Base(dir))
	if err != nil {
		return false, err
	}
	// Beside the files of the log, each replica has a directory.
	return slices.ContainsFunc(replicas, func(n string) bool {
		return !strings.Contains(n, ".")
	}), nil
}

// firstList returns the atoms of the first list in a text of Erlang terms, sorted.
func firstList(text string) []string {
	_, rest, ok := strings.Cut(text, "[")
	if !ok {
		return nil
	}
	inside, _, ok := strings.Cut(rest, "]")
	if !ok {
		return nil
	}
	list := atoms(inside)
	slices.Sort(list)
	return slices.Compact(list)
}

// atoms returns the atoms in a text of Erlang terms, quoted or not.
func atoms(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("[]{}(), \t\r\n", r) })
	var list []string
	for _, w := range words {
		w = strings.Trim(strings.TrimRight(w, "."), "'")
		if _, err := strconv.Atoi(w); w != "" && err != nil {
			list = append(list, w)
		}
	}
	return list
}
