package rabbitmq

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
)

// facts is what the agent knows of the node and, where the action needs it, of others.
type facts struct {
	place
	Server   *ocf.Process  // the Erlang virtual machine; nil if there is none
	Wrappers []ocf.Process // shells that have started it, or are about to
	Self     Sight
	// Broker says why the broker does not take connections; "" if it does, or is not asked.
	Broker string
	// Denied says that the broker answers and does not let check_user in.
	Denied    bool
	Data      Data
	Beside    []string // files that belong to the data and stand beside its directory
	Unmounted string
	Records   Records
	Peers     []Peer
	// Standby is the content of the marker of an instance that is started and waits
	// for a cluster without a server; "" if there is none.
	Standby string
}

func (f facts) situation(phase string) Situation {
	return Situation{Self: f.Name, Phase: phase, Data: f.Data, Unmounted: f.Unmounted, Peers: f.Peers}
}

// lookTime is how long a node has to answer.
const lookTime = 5 * time.Second

type gatherer struct{ network Network }

func (g gatherer) gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	if f.place, err = findPlace(in.Params, sys.Hostname(), sys); err != nil {
		return f, err
	}
	if in.Action == "validate-all" {
		return f, nil
	}
	if err := f.findProcesses(in, sys); err != nil {
		return f, err
	}
	text, _, err := sys.ReadFile(marker(in), 1000)
	if err != nil {
		return f, err
	}
	f.Standby = strings.TrimSpace(string(text))
	secret, err := cookie(ctx, in.Params, sys)
	if err != nil {
		return f, err
	}
	if f.Server != nil {
		if err := g.lookAtSelf(ctx, in, sys, secret, &f); err != nil {
			return f, err
		}
	}
	if in.Action != "monitor" || in.Probe() || f.Server == nil || !f.Self.Running {
		if f.Data, err = readData(sys, f.Dir, f.Name); err != nil {
			return f, err
		}
		for _, p := range []string{f.Dir + "-feature_flags", journalFile(f.Dir), recordFile(f.Dir)} {
			info, err := sys.Stat(p)
			if err != nil {
				return f, err
			}
			if info.Kind != ocf.None {
				f.Beside = append(f.Beside, p)
			}
		}
		if f.Unmounted, err = unmounted(sys, f.Dir); err != nil {
			return f, err
		}
	}
	if !needsPeers(in, f) {
		return f, nil
	}
	if f.Records, err = records(ctx, in, sys); err != nil {
		return f, err
	}
	own := f.Data
	own.Members = slices.Concat(own.Members, f.Self.Members)
	f.Peers = f.Records.peers(f.Name, own)
	return f, g.lookAtPeers(ctx, in, secret, &f)
}

// needsPeers says whether the action depends on other nodes. A monitor of a node
// that runs with all its members does not: it is what costs little.
func needsPeers(in ocf.Input[params], f facts) bool {
	switch in.Action {
	case "start":
		return true
	case "notify":
		post := in.Meta.Notify.Type == "post" && f.Self.Running
		return post && (in.Meta.Notify.Operation == "stop" || len(f.Self.Connected) < len(f.Self.Members))
	case "monitor":
		waits := f.Server != nil && !f.Self.Running || f.Server == nil && f.Standby != ""
		alone := f.Self.Running && (len(f.Self.Connected) < len(f.Self.Members) || len(f.Self.Partitions) > 0)
		return !in.Probe() && (waits || alone || in.CheckLevel >= 10)
	}
	return false
}

func marker(in ocf.Input[params]) string {
	return in.Dirs.Tmp + "/" + in.Type + "-" + clone(in.Request) + ".standby"
}

// lookAtSelf asks the node of this machine. A monitor does so again and again
// while there is time: that a busy node is slow to answer once means nothing.
func (g gatherer) lookAtSelf(ctx context.Context, in ocf.Input[params], sys ocf.Reader, secret ocf.Secret, f *facts) error {
	patience := sys.Now()
	if in.Action == "monitor" {
		patience = patience.Add(in.Meta.Timeout / 2)
	}
	for {
		f.Self = g.network.Look(ctx, []Target{{Name: f.Name, Epmd: in.Params.epmd, Cookie: secret, Timeout: lookTime}})[0]
		g.askBroker(ctx, in, f)
		slow := !f.Self.Alive && !f.Self.Refused || f.Self.Running && f.Broker != "" && !f.Denied && in.Params.checkUser != ""
		if !slow || !sys.Now().Before(patience) || ctx.Err() != nil {
			return nil
		}
		if err := sys.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (g gatherer) askBroker(ctx context.Context, in ocf.Input[params], f *facts) {
	f.Broker, f.Denied = "", false
	if f.Listen == "" || in.Action != "start" && in.Action != "monitor" {
		return
	}
	var err error
	a := Account{Address: f.Listen, User: in.Params.checkUser, Password: in.Params.checkPassword, VHost: in.Params.checkVHost}
	switch {
	case a.User == "" && !f.Self.Alive:
		// Nothing else tells whether the server does anything.
		err = g.network.Greets(ctx, f.Listen)
	case a.User == "" || in.Action == "start":
		err = g.network.Listens(ctx, f.Listen)
	case in.CheckLevel >= 10:
		err = g.network.RoundTrip(ctx, a)
	default:
		err = g.network.Probe(ctx, a)
	}
	if err != nil {
		f.Broker = err.Error()
		f.Denied = strings.Contains(f.Broker, "ACCESS_REFUSED") || strings.Contains(f.Broker, "username or password") || strings.Contains(f.Broker, "NOT_ALLOWED")
	}
}

func records(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (rec Records, err error) {
	if rec.Started, err = sys.AttributeOfAll(ctx, runningAttribute(in.Request)); err != nil {
		return rec, fmt.Errorf("asking which instances are started: %w", err)
	}
	if rec.Notes, err = sys.AttributeOfAll(ctx, noteAttribute(in.Request)); err != nil {
		return rec, fmt.Errorf("asking what the data of other nodes hold: %w", err)
	}
	rec.LastKnown, err = configuredNodes(ctx, in.Request, sys, lastKnownAttribute(in.Request))
	return rec, err
}

func (g gatherer) lookAtPeers(ctx context.Context, in ocf.Input[params], secret ocf.Secret, f *facts) error {
	var targets []Target
	var who []int
	for i, p := range f.Peers {
		// A running node asks those alone that should be there: to find out that a
		// node is off takes time.
		if in.Action == "monitor" && f.Self.Running && len(f.Self.Partitions) == 0 && !p.Started {
			continue
		}
		targets = append(targets, Target{Name: p.Name, Epmd: in.Params.epmd, Cookie: secret, Timeout: lookTime})
		who = append(who, i)
	}
	for i, s := range g.network.Look(ctx, targets) {
		f.Peers[who[i]].Sight = s
	}
	return ctx.Err()
}

// findProcesses looks for the server: first by its file, then in the process table.
func (f *facts) findProcesses(in ocf.Input[params], sys ocf.Reader) error {
	text, _, err := sys.ReadFile(in.Params.pidFile, 100)
	if err != nil {
		return err
	}
	pid := 0
	if _, err := fmt.Sscan(string(text), &pid); err == nil && pid > 0 {
		p, found, err := sys.Process(pid)
		if err != nil {
			return err
		}
		if found && isServer(p) {
			f.Server = &p
		}
	}
	if f.Server != nil && in.Action == "monitor" {
		return nil
	}
	// What is to be ended must be known better than by a file.
	f.Server = nil
	all, err := sys.Find(func(p ocf.Process) bool { return isServer(p) || isWrapper(p, in.Params.binary) })
	if err != nil {
		return err
	}
	for _, p := range all {
		ours, err := f.isOurs(p, in, sys)
		switch {
		case err != nil:
			return err
		case !ours:
		case !isServer(p):
			f.Wrappers = append(f.Wrappers, p)
		case f.Server == nil:
			f.Server = &p
		}
	}
	return nil
}

// isServer recognises the virtual machine that runs RabbitMQ.
func isServer(p ocf.Process) bool {
	if !strings.HasPrefix(p.Name, "beam") {
		return false
	}
	for i, a := range p.Args {
		if a == "-s" && i+2 < len(p.Args) && p.Args[i+1] == "rabbit" && p.Args[i+2] == "boot" {
			return true
		}
	}
	return false
}

// isWrapper recognises the shells between the agent and the virtual machine.
func isWrapper(p ocf.Process, binary string) bool {
	if p.Name != "sh" && p.Name != "su" && p.Name != "bash" && p.Name != "dash" && p.Name != path.Base(binary) && p.Name != "rabbitmq-server" {
		return false
	}
	return slices.ContainsFunc(p.Args, func(a string) bool {
		word, _, _ := strings.Cut(a, " ")
		return word == binary || path.Base(word) == "rabbitmq-server"
	})
}

// isOurs tells the processes of this node from those of other RabbitMQ nodes on
// the machine, by their environment.
func (f *facts) isOurs(p ocf.Process, in ocf.Input[params], sys ocf.Reader) (bool, error) {
	text, found, err := sys.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID), 1<<20)
	if err != nil || !found || len(text) == 0 {
		// It has just ended, or nothing is to be seen of it.
		return err == nil && !found, nil
	}
	name := ""
	for v := range strings.SplitSeq(string(text), "\x00") {
		if v == "RABBITMQ_PID_FILE="+in.Params.pidFile {
			return true, nil
		}
		if n, ok := strings.CutPrefix(v, "RABBITMQ_NODENAME="); ok {
			name = n
		}
	}
	// Without a name in the environment it is that of the configuration.
	if name == "" {
		return in.Params.node == "", nil
	}
	short, _, _ := strings.Cut(f.Name, "@")
	return name == f.Name || name == short, nil
}
