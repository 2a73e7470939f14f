package rabbitmq

import (
	"fmt"
	"slices"
	"strings"
)

// Move is what a node that is to be started does.
type Move int

// The moves.
const (
	// Refuse: nothing is safe; an operator has to decide.
	Refuse Move = iota
	// Wait: not now. Either what it waits for is coming, or see Plan.Blocked.
	Wait
	// Recover: start with the own data; no member runs yet.
	Recover
	// ForceBoot: as Recover, without waiting for members whose data is gone.
	ForceBoot
	// Rejoin: start with the own data; the running cluster knows this node.
	Rejoin
	// Claim: tell the others that this node is about to found the cluster, and look again.
	Claim
	// Found: start as the first node of a new cluster.
	Found
	// Join: start without data as a new member of the running cluster.
	Join
	// Forget: let the running cluster forget what this node was, then join.
	Forget
	// SetAside: put data out of the way that the running cluster does not want, then join.
	SetAside
)

// String is the name of the move.
func (m Move) String() string {
	return [...]string{"refuse", "wait", "recover", "force-boot", "rejoin", "claim", "found", "join", "forget", "set-aside"}[m]
}

// Plan is a move and its reason.
type Plan struct {
	Move Move
	Why  string
	// Via is the running member to speak with, for Join, Forget and SetAside.
	Via string
	// For are the nodes that Wait waits for, or that Recover needs besides this one.
	For []string
	// Blocked says of Wait, and of Recover with For, that what it waits for is not on
	// its way by itself: an action that waited on would keep the cluster from starting it.
	Blocked bool
}

// Situation is all that a plan depends on.
type Situation struct {
	Self  string
	Phase string // what this instance has published
	Data  Data
	// Unmounted is a mount point that should be mounted and is not; "" if none.
	Unmounted string
	Peers     []Peer
}

func (s Situation) filter(match func(Peer) bool) []Peer {
	var list []Peer
	for _, p := range s.Peers {
		if match(p) {
			list = append(list, p)
		}
	}
	return list
}

func (s Situation) peer(name string) Peer {
	for _, p := range s.Peers {
		if p.Name == name {
			return p
		}
	}
	return Peer{Name: name}
}

func namesOf(peers []Peer) []string {
	list := make([]string, len(peers))
	for i, p := range peers {
		list[i] = p.Name
	}
	return list
}

func enumerate(names []string) string { return strings.Join(names, ", ") }

// MakePlan decides who starts a cluster, who joins whom, who waits and who refuses.
// It is a pure function: nodes that see the same situation come to plans that fit.
func MakePlan(s Situation) Plan {
	if s.Unmounted != "" {
		return Plan{Why: fmt.Sprintf("the file system %s is not mounted, though /etc/fstab names it: what is in the data directory tells nothing: mount it", s.Unmounted)}
	}
	if running := s.filter(func(p Peer) bool { return p.Running }); len(running) > 0 {
		return s.withCluster(running)
	}
	switch s.Data.Kind {
	case Clustered, Unknown:
		return s.recover()
	case Alone:
		return s.alone()
	}
	return s.empty()
}

// via chooses the running member to speak with: of the largest part of the cluster,
// and there the first by name.
func via(running []Peer) Peer {
	return slices.MinFunc(running, func(a, b Peer) int {
		if n := len(b.Connected) - len(a.Connected); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// withCluster is the plan when other nodes run.
func (s Situation) withCluster(running []Peer) Plan {
	v := via(running)
	if len(v.Members) == 0 {
		return Plan{Move: Wait, For: []string{v.Name}, Why: v.Name + " runs and has not said which nodes are members: " + first(v.Err, "asking again")}
	}
	for _, p := range running {
		if len(p.Members) > 0 && !slices.ContainsFunc(p.Members, func(m string) bool { return slices.Contains(v.Members, m) }) {
			return Plan{Why: fmt.Sprintf("%s and %s run in different clusters: stop the one whose data is not wanted, and move its data directory away", v.Name, p.Name)}
		}
	}
	known := slices.Contains(v.Members, s.Self)
	switch {
	case s.Data.Kind == None && slices.ContainsFunc(running, func(p Peer) bool { return p.sees(s.Self) }):
		return Plan{Move: Wait, For: []string{v.Name}, Why: fmt.Sprintf("%s still counts %s, which has no data any more, as running: it has not noticed the end yet, or another machine has the same node name", v.Name, s.Self)}
	case s.Data.Kind == None && known:
		return Plan{Move: Forget, Via: v.Name, Why: fmt.Sprintf("this node has no data and is still a member for %s: what it had is gone; it becomes a new member", v.Name)}
	case s.Data.Kind == None:
		return Plan{Move: Join, Via: v.Name, Why: "joining " + v.Name}
	case s.Data.Kind != Alone && known:
		return Plan{Move: Rejoin, Via: v.Name, Why: "rejoining the cluster of " + v.Name}
	case s.Data.Kind == Alone && s.Data.Queues, s.Data.Kind == Unknown && s.Data.Queues:
		return Plan{Why: fmt.Sprintf("this node has queues of its own and is no member of the running cluster of %s: the messages in them are nowhere else: "+
			"take them out, or move the data directory away, then clean the resource up", v.Name)}
	case s.Data.Kind == Clustered && !slices.ContainsFunc(s.Data.Members, func(m string) bool { return slices.Contains(v.Members, m) }):
		return Plan{Why: fmt.Sprintf("the data of this node is that of another cluster (%s) than the running one (%s): move the data directory away if it is not wanted, then clean the resource up",
			enumerate(s.Data.Members), enumerate(v.Members))}
	case s.Data.Kind == Clustered:
		return Plan{Move: SetAside, Via: v.Name, Why: fmt.Sprintf("the running cluster of %s has forgotten this node: its data is put aside and it joins anew", v.Name)}
	}
	return Plan{Move: SetAside, Via: v.Name, Why: fmt.Sprintf("the data of this node has no queues and is not that of the running cluster of %s: it is put aside", v.Name)}
}

// blockers are the members without which a node cannot start from its data: those
// that ran when it was last running. Mnesia waits for them by itself, Khepri for a
// majority.
func blockers(s Situation) []string {
	need := s.Data.Running
	switch {
	case s.Data.Kind == Unknown:
		need = namesOf(s.Peers)
	case len(need) == 0, s.Data.Khepri:
		need = s.Data.Members
	}
	return slices.DeleteFunc(slices.Clone(need), func(n string) bool { return n == s.Self })
}

// recover is the plan for a node with the data of a cluster that nowhere runs. All
// members are started, in any order and at once, and settle among themselves who
// was the last to run: their data tells them, and each waits for the others.
func (s Situation) recover() Plan {
	if unseen := s.filter(func(p Peer) bool { return p.Started && p.unseen() }); len(unseen) > 0 {
		return Plan{
			Move: Wait, For: namesOf(unseen), Blocked: true,
			Why: fmt.Sprintf("%s is started, as the cluster has it, and does not answer over the network: it may run, and this node must not start a second cluster beside it: mend the network between the nodes", enumerate(namesOf(unseen))),
		}
	}
	var missing, blocked, gone []string
	for _, name := range blockers(s) {
		p := s.peer(name)
		switch {
		case p.Alive:
		case p.present() && p.Note.Data.Kind == None && p.Note.Phase != joining:
			gone = append(gone, name)
		default:
			missing = append(missing, name)
			if !p.coming() {
				blocked = append(blocked, name)
			}
		}
	}
	if len(gone) > 0 && !s.Data.Khepri {
		if plan, ok := s.without(gone); ok {
			return plan
		}
		missing = append(missing, gone...)
		blocked = append(blocked, gone...)
	}
	if len(missing) == 0 {
		return Plan{Move: Recover, Why: "starting with the data of this node; all that ran with it last are there"}
	}
	if members := len(s.Data.Members); s.Data.Khepri && (members-len(missing))*2 > members {
		return Plan{Move: Recover, Why: "starting with the data of this node; a majority of the members is there"}
	}
	return Plan{
		Move: Recover, For: missing, Blocked: len(blocked) > 0,
		Why: "starting with the data of this node, which may have to wait for " + enumerate(missing) + ": it ran when this node was last running",
	}
}

// without decides whether the members whose data is gone need not be waited for.
// Mnesia would wait for them for ever, because they ran last; but nothing can
// come from them any more. One node alone is to start without waiting, and that
// the one that has outlived all others: each other member that still has data
// must have told of it, so that it is known that none of them ran longer.
func (s Situation) without(gone []string) (Plan, bool) {
	holders := []Note{{Name: s.Self, Data: s.Data}}
	for _, name := range s.allMembers() {
		if name == s.Self || slices.Contains(gone, name) {
			continue
		}
		p := s.peer(name)
		switch {
		case p.present() && p.Note.Data.Kind == None:
		case p.present() && p.Note.Data.Kind == Clustered:
			holders = append(holders, p.Note)
		default:
			return Plan{}, false // it may have run last, and nobody knows what it has
		}
	}
	chosen, ok := lastRunning(holders)
	switch {
	case !ok:
		return Plan{}, false
	case chosen != s.Self:
		return Plan{
			Move: Recover, For: []string{chosen}, Blocked: !s.peer(chosen).coming(),
			Why: fmt.Sprintf("starting with the data of this node, after %s, which ran at least as long (the data of %s is gone)", chosen, enumerate(gone)),
		}, true
	}
	return Plan{Move: ForceBoot, Why: fmt.Sprintf("the data of %s is gone, and no other member ran longer than this node: starting without waiting for it", enumerate(gone))}, true
}

// allMembers are the members that this node or any present one knows of.
func (s Situation) allMembers() []string {
	all := slices.Clone(s.Data.Members)
	for _, p := range s.Peers {
		if p.present() && slices.Contains(p.Note.Data.Members, s.Self) {
			all = append(all, p.Note.Data.Members...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lastRunning is the node that no other one has seen go: the first by name of
// those that ran to the end. ok is false if each was seen to go by another one.
func lastRunning(holders []Note) (name string, ok bool) {
	var last []string
	for _, h := range holders {
		outlived := slices.ContainsFunc(holders, func(o Note) bool {
			return o.Name != h.Name && !slices.Contains(o.Data.Running, h.Name)
		})
		if !outlived {
			last = append(last, h.Name)
		}
	}
	if len(last) == 0 {
		return "", false
	}
	return slices.Min(last), true
}

// elsewhere finds nodes that have, or may have, data of a cluster.
func (s Situation) elsewhere() (with, silent []Peer) {
	for _, p := range s.Peers {
		switch {
		case p.Alive, p.Note.Phase == joining:
			with = append(with, p)
		case !p.present():
			silent = append(silent, p)
		case p.Note.Data.Kind == Clustered, p.Note.Data.Kind == Unknown:
			with = append(with, p)
		}
	}
	return with, silent
}

// waitFor waits for peers that a cluster will come from.
func waitFor(peers []Peer, why string) Plan {
	return Plan{Move: Wait, For: namesOf(peers), Why: why, Blocked: !slices.ContainsFunc(peers, Peer.coming)}
}

// silentNodes are waited for: an empty cluster beside the only copy of the data
// would be worse than none.
func silentNodes(silent []Peer) Plan {
	return waitFor(silent, fmt.Sprintf("%s was a member and has not told of its data, which may be the only copy: start its node; or, if it will not come back, remove it from the cluster (crm_node --remove)",
		enumerate(namesOf(silent))))
}

// empty is the plan for a node without data when no member runs.
func (s Situation) empty() Plan {
	with, silent := s.elsewhere()
	if len(with) > 0 {
		return waitFor(with, "this node has no data and waits to join "+enumerate(namesOf(with)))
	}
	if len(silent) > 0 {
		return silentNodes(silent)
	}
	if alone := s.filter(func(p Peer) bool { return p.Note.Data.Kind == Alone }); len(alone) > 0 {
		return waitFor(alone, "this node has no data and waits to join "+enumerate(namesOf(alone)))
	}
	return s.contest(None)
}

// alone is the plan for a node that was never in a cluster when no other one runs.
func (s Situation) alone() Plan {
	with, silent := s.elsewhere()
	if len(with) > 0 {
		return waitFor(with, "the data of this node was never that of a cluster; it waits to join "+enumerate(namesOf(with)))
	}
	if len(silent) > 0 {
		return silentNodes(silent)
	}
	queues := s.filter(func(p Peer) bool { return p.Note.Data.Kind == Alone && p.Note.Data.Queues })
	switch {
	case len(queues) > 0 && s.Data.Queues:
		return Plan{Why: fmt.Sprintf("this node and %s each have queues of their own, of no common cluster: decide which messages are wanted, and move the other data directories away",
			enumerate(namesOf(queues)))}
	case len(queues) > 0:
		return waitFor(queues, "the data of this node has no queues; it waits to join "+enumerate(namesOf(queues)))
	case s.Data.Queues:
		return Plan{Move: Found, Why: "the only data with queues is that of this node: it becomes the first of the cluster"}
	}
	return s.contest(Alone)
}

// contest decides among nodes that could all found the cluster and that are being
// started at once. kind is what they all have.
func (s Situation) contest(kind Kind) Plan {
	rivals := s.filter(func(p Peer) bool { return p.present() && p.Note.Data.Kind == kind })
	ahead := slices.DeleteFunc(slices.Clone(rivals), func(p Peer) bool {
		switch p.Note.Phase {
		case founding:
			// It said so before this node did, or at the same time.
			return s.Phase == founding && s.Self < p.Name
		case starting:
			return s.Phase == founding || s.Self < p.Name
		}
		return true
	})
	if len(ahead) > 0 {
		return waitFor(ahead, enumerate(namesOf(ahead))+" is about to found the cluster")
	}
	if s.Phase != founding && len(rivals) > 0 {
		return Plan{Move: Claim, Why: "no node has data of a cluster: this one is to found it"}
	}
	return Plan{Move: Found, Why: "no node has data of a cluster: this one founds it"}
}
