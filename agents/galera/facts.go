package galera

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// Servers is how database servers are reached; package mariadb of lib is it.
type Servers interface {
	// Status asks one server. An error is one of package wsrep's, or says that there
	// is no server that answers.
	Status(ctx context.Context, login wsrep.Login) (wsrep.Status, error)
	// Peers looks for other servers, all at once, until ctx ends.
	Peers(ctx context.Context, peers []wsrep.Peer) []wsrep.Presence
	// Within is ctx with a limit of its own.
	Within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc)
}

// facts is what the agent knows of the node and of the cluster.
type facts struct {
	Node     string // name of this node, as the attributes have it
	Explicit bool   // it has to be named to the tools of the cluster

	processes
	Status wsrep.Status
	Err    error // why Status is not known

	Record  record // of this node, as the file has it
	Written bool   // there is such a record
	Data    data
	Moved   int64  // bytes that processes of a state transfer have written
	Size    int64  // of the data, once the server is in sync
	LogTail string // the last error that the server has logged; only when it has ended
	Recover string // log of the recovery of this action, "" if there is none

	Looked   bool // the rest is known
	Cluster  cluster
	Missing  string // why the status of the cluster is not known
	States   map[string]record
	Problems []string
	Without  []string
	Decided  []string // nodes that hold a decision of the operator
	Starts   []GroupStart
	// StartsErr is why Starts are not known; nil also where they have not been looked for.
	StartsErr error
	Members   []Member
	NoTools   bool // no cluster answers
	Unheard   bool // the cluster does not have the report of this node yet
}

// recordFile is where the record of this node is. It is gone when the node boots.
func recordFile(r *ocf.Request) string { return r.StateFile(".state") }

// recoveryLog is where a server that recovers its position writes to.
func recoveryLog(r *ocf.Request) string { return r.StateFile(".recovery") }

func stateAttribute(r *ocf.Request) string { return resource(r) + "-state" }

// gatherer gathers facts through the servers s.
func gatherer(s Servers) func(context.Context, ocf.Input[params], ocf.Reader) (facts, error) {
	return func(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
		p := in.Params
		f.Node, f.Explicit = target(in.Request, sys.Hostname())
		if err := f.readRecord(in, sys); err != nil {
			return f, err
		}
		if f.processes, err = p.findServer(sys, in.Action != "monitor" || f.Written); err != nil {
			return f, err
		}
		ends := in.Action == "stop" || in.Action == "demote"
		if in.Action == "stop" && f.Server == nil || ends && f.Server != nil && (f.Recovering || len(in.Past) > 1) {
			return f, nil // whether a server answers that is to end is asked once
		}
		if in.Action == "validate-all" {
			return f, f.Data.look(ctx, in, sys)
		}
		var creds credentials
		if f.Server != nil && !f.Recovering {
			if creds, err = readCredentials(p, sys); err != nil {
				return f, err
			}
			if f.Record.Kind == kindJoining || in.Action == "promote" {
				f.Moved = moved(sys, append(f.Others, *f.Server))
			}
			if f.Server.Stopped {
				f.Err = errStopped
			} else {
				one, cancel := s.Within(ctx, statusLimit(in))
				f.Status, f.Err = s.Status(one, p.login(creds))
				cancel()
			}
			if ends {
				_ = f.Data.marks(p, sys) // of use, but no condition for ending a server
				return f, nil
			}
			if in.Action == "promote" && f.Err == nil && f.Status.Serves() {
				f.Size = diskUse(ctx, p.datadir, sys)
			}
			// The monitor of a server that is promoted needs nothing more, and that of one
			// that is joining only what the last monitor has seen.
			if in.Action == "monitor" && (f.Record.Kind != kindStopped || !f.Written) {
				if in.Probe() {
					return f, f.Data.states(p, sys)
				}
				if f.Written && !f.Status.Serves() {
					return f, f.readStates(ctx, in, sys)
				}
				return f, nil
			}
		} else if creds, err = readCredentials(p, sys); err != nil {
			return f, err
		}
		if f.Server == nil && !f.Written && in.Action == "monitor" {
			if !in.Probe() {
				f.LogTail = tail(ctx, p.log, sys)
			}
			return f, nil
		}
		if err := f.Data.look(ctx, in, sys); err != nil {
			return f, err
		}
		if f.Server == nil && (in.Action == "promote" || f.Record.Kind == kindJoining) {
			f.LogTail = tail(ctx, p.log, sys)
		}
		if data, found, err := sys.ReadFile(recoveryLog(in.Request), 1<<20); err == nil && found {
			f.Recover = string(data)
		}
		if !f.needsCluster(in) {
			return f, nil
		}
		return f, f.look(ctx, in, sys, s, creds)
	}
}

// needsCluster says whether what is to be decided depends on other nodes. A start
// and a demote have to find the position of this node first.
func (f *facts) needsCluster(in ocf.Input[params]) bool {
	switch in.Action {
	case "start":
		return f.Server == nil && f.current() && !proposed(in)
	case "demote":
		return false
	case "promote":
		return true
	}
	return f.Record.Kind == kindStopped && f.Written
}

// current says that the record tells what the data hold now.
func (f *facts) current() bool {
	return f.Written && f.Record.Kind == kindStopped && f.Record.Print == f.Data.Print
}

// errStopped is why a server that is stopped is not asked: the others of the group
// wait for it, and soon go on without it.
var errStopped = errors.New("it is stopped by a signal (SIGSTOP, state T in ps)")

// statusLimit is how long a server may take to say how it is.
func statusLimit(in ocf.Input[params]) time.Duration {
	most := 10 * time.Second
	if in.Action == "stop" || in.Action == "demote" {
		most /= 2 // it is about to end in any case
	}
	if in.Meta.Timeout > 0 {
		return min(most, max(in.Meta.Timeout/3, time.Second))
	}
	return most
}

func (f *facts) readRecord(in ocf.Input[params], sys ocf.Reader) error {
	text, found, err := sys.ReadFile(recordFile(in.Request), maxRecord)
	if err != nil {
		return err
	}
	if !found {
		return nil
	}
	r, err := parseRecord(string(text))
	if err != nil {
		// It is written in one step, so that this is none of ours. Without a record
		// the node finds out anew.
		return nil
	}
	f.Record, f.Written = r, true
	return nil
}

// readCredentials reads the files that the stock agent reads too.
func readCredentials(p params, sys ocf.Reader) (credentials, error) {
	for _, file := range []string{"/etc/sysconfig/clustercheck", "/etc/default/clustercheck"} {
		text, found, err := sys.ReadFile(file, 64<<10)
		if err != nil {
			return credentials{}, fmt.Errorf("read %s: %w", file, err)
		}
		if found {
			return p.credentials(string(text)), nil
		}
	}
	return p.credentials(""), nil
}

// look asks the cluster, and looks for the other servers.
func (f *facts) look(ctx context.Context, in ocf.Input[params], sys ocf.Reader, s Servers, creds credentials) error {
	f.Looked = true
	rsc := resource(in.Request)
	if err := f.readStates(ctx, in, sys); err != nil {
		return err
	}
	// A start first waits until the cluster has its report, and a server that runs
	// needs no election.
	starting := f.Server != nil && in.Action == "promote"
	if in.Action == "start" && !f.NoTools && !f.told() {
		if at, done := reported(in); !done || sys.Now().Sub(at) < hearTime {
			f.Unheard = true
			return nil
		}
	}
	if !f.NoTools && (!starting || f.Status.Serves()) {
		values, err := sys.AttributeOfAll(ctx, withoutAttribute(rsc))
		if err == nil {
			var problems []string
			f.Without, problems = decision(values, sys.Now())
			f.Decided = sortedKeys(values)
			f.Problems = append(f.Problems, problems...)
		}
	}
	if !f.NoTools && (!starting || f.Status.Serves()) && len(in.Params.seats) > 1 {
		if err := f.readStarts(ctx, rsc, sys); err != nil {
			return err
		}
	}
	if !f.NoTools && !starting {
		var err error
		if f.Cluster, err = askCluster(ctx, in.Dirs.Sbin, rsc, sys); err != nil {
			if ctx.Err() != nil {
				return err
			}
			f.Missing = err.Error()
		}
	}
	peers, nodes := in.Params.peers(creds, f.Node)
	var seen []wsrep.Presence
	if !starting || !f.Status.Serves() {
		limit := peerLimit
		if starting {
			limit /= 4
		}
		within, cancel := s.Within(ctx, limit)
		seen = s.Peers(within, peers)
		cancel()
	}
	f.Members = f.members(in, sys.Now(), nodes, seen)
	return nil
}

// readStarts reads who has started the group, and when.
func (f *facts) readStarts(ctx context.Context, rsc string, sys ocf.Reader) error {
	values, err := sys.PersistentAttributeOfAll(ctx, rsc+attrGroupStart)
	if err == nil {
		f.Starts, err = parseStarts(values)
	}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		f.StartsErr = fmt.Errorf("the attributes %s: %w", rsc+attrGroupStart, err)
		f.Problems = append(f.Problems, f.StartsErr.Error())
	}
	return nil
}

// told says that the cluster has the report of this node.
func (f *facts) told() bool {
	r, ok := f.States[f.Node]
	return ok && r.String() == f.Record.published().String()
}

// readStates reads the records of all nodes.
func (f *facts) readStates(ctx context.Context, in ocf.Input[params], sys ocf.Reader) error {
	f.States = map[string]record{}
	states, err := sys.AttributeOfAll(ctx, stateAttribute(in.Request))
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		f.NoTools, f.Missing = true, err.Error()
	}
	for _, node := range sortedKeys(states) {
		r, err := parseRecord(states[node])
		if err != nil {
			f.Problems = append(f.Problems, fmt.Sprintf("the attribute %s of %s is not understood: %v", stateAttribute(in.Request), node, err))
			continue
		}
		f.States[node] = r
	}
	return nil
}

// peerLimit is how long a host may take to accept a connection, or to refuse it.
// One that is taken for dead by mistake is waited for, and no harm comes of it.
const peerLimit = time.Second

// settleTime is after how long a report counts as settled: other nodes have had
// time to report as well, if they are going to.
const settleTime = 60 * time.Second

// members puts together what is known of each node of wsrep_cluster_address.
func (f *facts) members(in ocf.Input[params], now time.Time, nodes []string, seen []wsrep.Presence) []Member {
	var list []Member
	for _, s := range in.Params.seats {
		m := Member{Name: s.Node, Node: f.Cluster.Nodes[s.Node]}
		r, known := f.States[s.Node]
		if s.Node == f.Node {
			// What is known here is newer than what the cluster has been told.
			r, known = f.Record, f.Server == nil && f.current()
			m.Node = NodeOnline
			m.Presence = wsrep.Closed
			if f.Server != nil && !f.Recovering {
				m.Presence = wsrep.Listening
			}
		} else if i := slices.Index(nodes, s.Node); i >= 0 && i < len(seen) {
			m.Presence = seen[i]
		}
		if s.Node != f.Node && (m.Node == NodeUnclean || m.Node == NodeOff) {
			known = false // what it said was before it left
		}
		if known && r.unknown() {
			f.Problems = append(f.Problems, fmt.Sprintf("the data of %s are damaged, and what they hold cannot be told", s.Node))
			known = false
		}
		if known && r.Kind == kindStopped {
			m.Report = r.Report
			m.Settled = !r.Since.IsZero() && now.Sub(r.Since) > settleTime
		}
		list = append(list, m)
	}
	return list
}

// moved is how much the processes of a state transfer have written. Scripts that
// only wait do not count.
func moved(sys ocf.Reader, list []ocf.Process) (sum int64) {
	for _, q := range list {
		base := path.Base(first(q.Args))
		if !isServer(q) && !slices.Contains(helpers, base) || strings.Contains(base, "safe") {
			continue
		}
		text, found, err := sys.ReadFile(fmt.Sprintf("/proc/%d/io", q.PID), 4<<10)
		if err != nil || !found {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if value, ok := strings.CutPrefix(line, "wchar:"); ok {
				n, _ := wsrep.ParseSeqno(value)
				sum += max(n, 0)
			}
		}
	}
	return sum
}

// tail is the last error that the server has logged. The log may be large, so that
// another program reads its end.
func tail(ctx context.Context, log string, sys ocf.Reader) string {
	out, err := sys.Query(ctx, ocf.Command{Path: "tail", Args: []string{"-c", "20000", log}, Timeout: 2 * time.Second, MaxOutput: 64 << 10})
	if err != nil || out.Code != 0 {
		return ""
	}
	last := ""
	for line := range strings.Lines(out.Stdout) {
		if _, after, ok := strings.Cut(line, "[ERROR]"); ok {
			if after = strings.TrimSpace(after); !strings.HasPrefix(after, "Aborting") && after != "" {
				last = after
			}
		}
	}
	const limit = 200
	if len(last) > limit {
		last = strings.ToValidUTF8(last[:limit], "") + "..."
	}
	return last
}

// diskUse is what the data take; 0 if that is not known in time.
func diskUse(ctx context.Context, dir string, sys ocf.Reader) int64 {
	out, err := sys.Query(ctx, ocf.Command{Path: "du", Args: []string{"-s", "-B1", dir}, Timeout: 5 * time.Second})
	if err != nil {
		return 0
	}
	number, _, _ := strings.Cut(out.Stdout, "\t")
	n, err := wsrep.ParseSeqno(number)
	if err != nil {
		return 0
	}
	return max(n, 0)
}
