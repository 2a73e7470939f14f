package rabbitmq

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"systole/agents/ocf"
)

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	v := state(in, f)
	running, note := runningAttribute(in.Request), noteAttribute(in.Request)
	switch {
	case v.Code == ocf.NotRunning:
		v.Publish = []ocf.Publication{ocf.DeleteAttribute(running), ocf.SetAttribute(note, Note{Name: f.Name, Phase: idle, Data: f.Data}.String())}
	case f.Server != nil && (in.Probe() || in.CheckLevel >= 10 && f.Records.Started[in.Meta.OnNode] != f.Name):
		// The attributes are gone when the node has left the cluster and come back.
		phase := waiting
		if f.Self.Running {
			phase = started
		}
		v.Publish = []ocf.Publication{ocf.SetAttribute(running, f.Name), ocf.SetAttribute(note, Note{Name: f.Name, Phase: phase, Data: f.Data}.String())}
	}
	return v
}

func degraded(format string, args ...any) ocf.Verdict {
	return ocf.Verdict{Code: ocf.Degraded, Reason: fmt.Sprintf(format, args...)}
}

func failed(format string, args ...any) ocf.Verdict {
	return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf(format, args...)}
}

// state says in which state the instance is.
func state(in ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case f.Server == nil && f.Standby != "" && !in.Probe():
		return standby(f)
	case f.Server == nil:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "RabbitMQ is not running"}
	case f.Self.Running:
		return health(in, f)
	case f.Self.Alive && f.Self.Booting:
		return booting(f)
	case f.Self.Alive:
		return failed("the Erlang node %s answers, but RabbitMQ does not run in it (stop_app, or it waits for a majority): it is restarted; to stop it, let the cluster do so", f.Name)
	case f.Self.Silent:
		return failed("the node %s hangs: it takes connections and does not answer: %s", f.Name, f.Self.Err)
	case f.Broker == "" && f.Listen != "":
		// Without the cookie, or with TLS between nodes, this is all that can be known.
		return degraded("the broker takes connections, but the Erlang node %s cannot be asked: %s", f.Name, f.Self.Err)
	}
	return failed("the server process is there, but the node %s does not answer: %s", f.Name, cmp.Or(f.Self.Err, "no answer"))
}

// standby is the state of an instance that waits for a cluster without a server.
func standby(f facts) ocf.Verdict {
	for _, p := range f.Peers {
		if p.Running {
			return failed("%s runs now: this instance is restarted to join it", p.Name)
		}
	}
	if plan := MakePlan(f.situation(idle)); plan.Move != Wait {
		return failed("this instance is restarted: %s", plan.Why)
	}
	return degraded("no server yet: %s", f.Standby)
}

// booting is the state of a server that is being started: it may wait for others.
func booting(f facts) ocf.Verdict {
	plan := MakePlan(f.situation(idle))
	if plan.Move == ForceBoot {
		return failed("this instance is restarted: %s", plan.Why)
	}
	return degraded("RabbitMQ is being started: %s", plan.Why)
}

// health is the state of a server that runs.
func health(in ocf.Input[params], f facts) ocf.Verdict {
	if loser, kept := Parted(f.Name, f.Self, f.Peers); loser {
		return failed("this node was parted from %s while both ran, and is restarted to join %s again", enumerate(f.Self.Partitions), enumerate(kept))
	}
	started := 0
	for _, p := range f.Peers {
		// One that waits for others, or whose end nobody has noticed yet, takes no side.
		if p.Started && (p.Running || p.unseen()) {
			started++
		}
	}
	switch running := len(f.Self.Connected); {
	case len(f.Peers) > 0 && running*2 < started+1:
		return failed("this node sees %d of the %d instances that are started: it is on the smaller side of a broken network", running, started+1)
	case f.Broker != "" && f.Denied:
		return degraded("RabbitMQ runs, but the account of check_user is not accepted: %s", f.Broker)
	case f.Broker != "" && in.Params.checkUser != "":
		return failed("the broker does not do what a client needs: %s", f.Broker)
	case f.Broker != "":
		return degraded("RabbitMQ runs, but takes no connections (maintenance mode?): %s", f.Broker)
	case f.Self.Err != "":
		return degraded("RabbitMQ runs, but not all could be asked: %s", f.Self.Err)
	case len(f.Self.Partitions) > 0:
		return degraded("%s was parted from this node while both ran: it is to be restarted", enumerate(f.Self.Partitions))
	}
	return ocf.Verdict{}
}

// Parted decides, when nodes have been parted while they ran, whether this one is
// to be restarted. kept are the nodes that stay. All nodes decide by the same
// rule and from the same answers: those stay that are parted from the fewest, then
// the first by name, as long as they are not parted from one another. A
// node that sees none of those that stay running does nothing: it could not rejoin.
func Parted(self string, own Sight, peers []Peer) (loser bool, kept []string) {
	if len(own.Partitions) == 0 {
		return false, nil
	}
	views := map[string][]string{self: own.Partitions}
	for _, p := range peers {
		if p.Running {
			views[p.Name] = p.Partitions
		}
	}
	parted := func(a, b string) bool { return slices.Contains(views[a], b) || slices.Contains(views[b], a) }
	names := make([]string, 0, len(views))
	for n := range views {
		names = append(names, n)
	}
	slices.Sort(names)
	count := map[string]int{}
	for _, a := range names {
		for _, b := range names {
			if a != b && parted(a, b) {
				count[a]++
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(count[a]-count[b], strings.Compare(a, b))
	})
	for _, n := range names {
		if !slices.ContainsFunc(kept, func(k string) bool { return parted(n, k) }) {
			kept = append(kept, n)
		}
	}
	slices.Sort(kept)
	return !slices.Contains(kept, self), kept
}

func validate(in ocf.Input[params], f facts) ocf.Verdict { return ocf.Verdict{} }
