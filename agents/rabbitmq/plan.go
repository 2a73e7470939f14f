package rabbitmq

import (
	"cmp"
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
		return Plan{Move: Wait, For: []string{v.Name}, Why: v.Name + " runs and has not said which nodes are members: " + cmp.Or(v.Err, "asking again")}
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

// recover is the plan for a node with the data of a cluster that nowhere runs.
func (s Situation) recover() Plan {
	if unseen := s.filter(func(p Peer) bool { return p.Started && p.unseen() }); len(unseen) > 0 {
		return Plan{
			Move: Wait, For: namesOf(unseen), Blocked: true,
			Why: fmt.Sprintf("%s is started, as the cluster has it, and does not answer over the network: it may run, and this node must not start a second cluster beside it: mend the network between the nodes", enumerate(namesOf(unseen))),
		}
	}
	if s.Data.Khepri || s.Data.Kind == Unknown {
		return s.recoverMajority()
	}
	return s.recoverLast()
}

// after starts with the own data; Khepri or Mnesia then waits for others.
func (s Situation) after(names []string, why string) Plan {
	p := Plan{Move: Recover, Why: "starting with the data of this node: " + why}
	for _, n := range names {
		if peer := s.peer(n); !peer.Alive {
			p.For = append(p.For, n)
			p.Blocked = p.Blocked || !peer.coming()
		}
	}
	if len(p.For) > 0 {
		p.Why += ", and may have to wait for " + enumerate(p.For)
	}
	return p
}

// recoverMajority is recover for Khepri: a majority of the members is enough,
// whoever was the last to run, and nothing must be forced.
func (s Situation) recoverMajority() Plan {
	members := s.Data.Members
	if len(members) == 0 {
		members = append(namesOf(s.Peers), s.Self)
	}
	alive := 1
	var others []string
	for _, n := range members {
		if n == s.Self {
			continue
		}
		others = append(others, n)
		if s.peer(n).Alive {
			alive++
		}
	}
	if alive*2 > len(members) {
		return s.after(nil, "a majority of the members is there")
	}
	return s.after(others, "it needs a majority of the members")
}

// recoverLast is recover for Mnesia: the members that were the last to run have what
// counts, and the others take it from them. All are started, in any order and at once.
// Mnesia itself finds the last: a member that has seen all others go loads its
// tables at once; others wait for it; and if several ended at once, these wait until
// every member of the cluster is there, also one that had gone long before. Where
// one will not come, and it is known that nothing newer can come from it, one
// alone of the last is started by force.
func (s Situation) recoverLast() Plan {
	holders := []Note{{Name: s.Self, Data: s.Data}}
	var gone, silent []string
	for _, name := range s.allMembers() {
		p := s.peer(name)
		switch {
		case name == s.Self:
		case p.Note.Phase == forcing && !p.gone():
			return s.after([]string{name}, name+" is being started by force, as one of the last to run")
		case p.gone():
			gone = append(gone, name)
		case p.present() && p.Note.Data.Kind == Clustered && p.Note.Phase != joining:
			holders = append(holders, p.Note)
		default:
			silent = append(silent, name)
		}
	}
	last := lastRunning(holders)
	if !slices.Contains(last, s.Self) && len(last) > 0 {
		return s.after(last, "it was not the last to run")
	}
	// A member that has told nothing may have run longer than this node, unless this
	// node has seen it go.
	unknown := slices.DeleteFunc(slices.Clone(silent), func(n string) bool {
		// One that was joining may have been seen by another one alone.
		joined := s.peer(n).Note.Phase == joining && slices.ContainsFunc(holders, func(h Note) bool { return slices.Contains(h.Data.Running, n) })
		return !joined && !slices.Contains(s.Data.Running, n)
	})
	switch {
	case len(unknown) > 0:
		return s.after(unknown, "it does not know who was the last to run")
	case len(s.Data.Running) == 1 || len(last) == 0:
		return s.after(nil, "it was the last to run")
	case len(gone)+len(silent) == 0:
		return s.after(without(s.allMembers(), s.Self), "all members have told of their data")
	}
	chosen := s.Self
	for _, n := range last {
		// One that runs already, without force, cannot be told to use it.
		if n < chosen && !s.peer(n).Alive {
			chosen = n
		}
	}
	absent := enumerate(slices.Concat(gone, silent))
	if chosen != s.Self {
		return s.after([]string{chosen}, fmt.Sprintf("%s is to start first, by force, because %s is not there", chosen, absent))
	}
	return Plan{Move: ForceBoot, Why: fmt.Sprintf("no member ran longer than this node, and nothing newer can come from %s: starting without waiting for it", absent)}
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// allMembers are the members that this node or any present one knows of.
func (s Situation) allMembers() []string {
	all := append(slices.Clone(s.Data.Members), s.Data.Running...)
	for _, p := range s.Peers {
		if p.present() && slices.Contains(p.Note.Data.Members, s.Self) {
			all = append(all, p.Note.Data.Members...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lastRunning are the nodes that no other one has seen go, sorted. None is left if
// each was seen to go by another one, as after a partition.
func lastRunning(holders []Note) []string {
	var last []string
	for _, h := range holders {
		outlived := slices.ContainsFunc(holders, func(o Note) bool {
			return o.Name != h.Name && !slices.Contains(o.Data.Running, h.Name)
		})
		if !outlived {
			last = append(last, h.Name)
		}
	}
	slices.Sort(last)
	return last
}

// elsewhere finds nodes that have, or may have, data of a cluster.
func (s Situation) elsewhere() (with, silent []Peer) {
	for _, p := range s.Peers {
		switch {
		case p.Removed:
		case p.Alive, p.Note.Phase == joining, p.Note.Phase == started:
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
