// Package galera is the agent galera: a promotable resource, the MariaDB, MySQL or
// Percona server of a node as a member of a Galera group. It has the parameters
// and node attributes of ocf:heartbeat:galera.
//
// Unpromoted means that the server is stopped and that the node has reported what
// its data hold: a record (report.go), kept in a file and published as a node
// attribute. From the reports of all nodes one is elected that starts the group
// (election.go); the others join it. Promoted means that the server is a member
// of the Primary component and holds all data.
//
// # What is believed
//
// A server of another node lives if its group port accepts connections, and is
// dead if its host refuses them. What the cluster has recorded of another node may
// be old: it is never taken as a sign of life, and only the agent of a node itself
// can say that the server there is stopped.
//
// The election takes place on any node, because the last one to report sees all
// reports. It is held again by the elected node itself, after it has taken back
// its report, before it starts the group: two nodes cannot both find that the
// other has reported.
//
// # Joining
//
// A state transfer takes as long as it takes, and Pacemaker cannot be asked to
// wait. So a promote that does not come to its end in time leaves the server
// running, says so in the record, deletes its promotion score, and succeeds:
// Pacemaker demotes an instance without a score, and demote leaves a server that
// is joining alone. The monitor of the then unpromoted instance watches the
// transfer, and sets the score when the server is synced. The second promote
// finds everything done. No operation fails, whatever its on-fail says, and none
// has to be given hours as a timeout. The same way a promote ends that finds nothing
// to join: not as a failure, but with a new election.
package galera

import (
	"strings"

	"systole/agents/ocf"
)

// Agent is the agent.
func Agent(s Servers) ocf.Runnable {
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse:       parse, Check: check,
		Gather: gatherer(s), Monitor: monitor, Validate: validate,
		Start: start, Stop: stop, Promote: promote, Demote: demote,
	}
}

// promotionScore is that of every instance that may be promoted, as that of the
// stock agent.
const promotionScore = 100

// attributes of the stock agent, after the name of the resource.
const (
	attrBootstrap  = "-bootstrap"
	attrCommitted  = "-last-committed"
	attrSafe       = "-safe-to-bootstrap"
	attrNoGrastate = "-no-grastate"
)

// attrWaiting holds why an unpromoted instance is not promoted, and what can be done:
// crm_mon -A shows it. The reason of an action that has succeeded is shown nowhere.
const attrWaiting = "-waiting"

// waiting publishes why no node can be promoted; "" is that one can.
func (f facts) waiting(in ocf.Input[params], why string) ocf.Publication {
	name := resource(in.Request) + attrWaiting
	if why == "" {
		return f.on(ocf.DeleteAttribute(name))
	}
	// Every change starts a transition of the cluster, and its tools end the value at a newline.
	return f.on(ocf.SetAttribute(name, strings.Join(strings.Fields(why), " ")))
}

// on makes a publication one of this instance: the node is named where it is not
// the node that the agent runs on.
func (f facts) on(p ocf.Publication) ocf.Publication {
	if f.Explicit && p.Node == "" {
		p.Node = f.Node
	}
	return p
}

// of makes a publication one of another node, or of this one.
func (f facts) of(node string, p ocf.Publication) ocf.Publication {
	if node != f.Node {
		p.Node = node
	}
	return f.on(p)
}

// try wraps publications: where no cluster listens, the resource works all the
// same, and the next monitor tells again.
func try(list ...ocf.Publication) []ocf.Step {
	steps := make([]ocf.Step, len(list))
	for i, p := range list {
		steps[i] = ocf.Try{Step: p}
	}
	return steps
}

// did says whether this action has taken a step already.
func did(in ocf.Input[params], s ocf.Step) bool {
	_, ok := in.Past.First(func(t ocf.Step) bool { return t == s })
	return ok
}

// started is when this action has started the server, if it has.
func started(in ocf.Input[params]) (ocf.Taken, bool) {
	return in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Start); return ok })
}
