package galera

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"systole/lib/wsrep"
)

// Report is what the agent of a node says while the server there is stopped: what
// the data of the node hold.
type Report struct {
	Position wsrep.Position // the last write; zero UUID: no history, or not a sound one
	Grastate bool           // grastate.dat was there
	Safe     bool           // its flag safe_to_bootstrap
	Prepared bool           // prepared transactions had to be rolled back
	// Other is a second history that the data claim to be of: grastate.dat and the
	// storage engine disagree. Zero if they do not.
	Other wsrep.UUID
	// Broken says that the files are not those of a server that can start by itself:
	// the rest of a state transfer, or damaged ones. With a zero position nothing in them
	// counts; with another one it cannot be told what they hold.
	Broken    bool
	Databases int        // databases besides those of the system
	Empty     bool       // there is no database at all: only a state transfer can make one
	Start     StartID    // start of the group of which the data are; zero: not known
	View      wsrep.View // last Primary component, if the server did not leave it in order
	Written   time.Time  // when the data were last written to
}

// Member is a node of wsrep_cluster_address, and what is known of it.
type Member struct {
	Name string // of the node in the cluster
	// Report is nil unless the agent of the node has said, since the server was
	// stopped there, that it is stopped.
	Report   *Report
	Presence wsrep.Presence // as seen from the deciding node
	Node     NodeState
	// Settled says that Report is there for so long that other nodes that are going to report have done so.
	Settled bool
}

// NodeState is what the cluster says of a node.
type NodeState int

// The states of nodes.
const (
	NodeUnknown NodeState = iota // the cluster does not say
	NodeOnline                   // the agent there is expected to report
	NodeIdle                     // online, but the resource is not to run there (standby, maintenance)
	NodeUnclean                  // lost, and not fenced yet: it may be running
	NodeOff                      // left in order, or was fenced
)

// ElectionOptions are what the operator and the cluster add to the members.
type ElectionOptions struct {
	// Without are nodes that the operator has decided to go on without.
	Without []string
	// Resource is the name of the resource, for the advice how to decide so.
	Resource string
	// Starts are the starts of the group that are known; nil if that is not known.
	Starts []GroupStart
	// LastOfTwo says that the rule for clusters of two nodes holds: two_node_mode is
	// set, and this partition has one node of two, quorum and working fencing.
	LastOfTwo bool
}

// Outcome is the result of an election. Exactly one of Elected, Waiting and
// Refused is true of it.
type Outcome struct {
	Node    string   // elected; "" if none is
	WaitFor []string // nodes that have to report, be fenced or be stopped first
	Why     string   // always there
	Advice  string   // what to do if it does not resolve itself; always there unless a node is elected
	Loss    string   // what may be lost by this election at worst; "" if nothing
}

// Elected says that a node may bootstrap.
func (o Outcome) Elected() bool { return o.Node != "" }

// Refused says that waiting does not help.
func (o Outcome) Refused() bool { return o.Node == "" && len(o.WaitFor) == 0 }

func wait(nodes []string, why, advice string) Outcome {
	return Outcome{WaitFor: nodes, Why: why, Advice: advice}
}

func refuse(why, advice string) Outcome { return Outcome{Why: why, Advice: advice} }

// Elect chooses the node that may bootstrap a group which no longer runs
// anywhere, or says why none may. Nothing is guessed: a node is elected only if no
// server can be in a Primary component, and no other node can have a write that it
// does not have, as far as the operator has not decided otherwise.
func Elect(members []Member, o ElectionOptions) Outcome {
	if len(members) == 0 {
		return refuse("wsrep_cluster_address names no node", "set the parameter wsrep_cluster_address to gcomm://NODE,NODE,...")
	}
	if out, stop := stillRunning(members); stop {
		return out
	}
	var voters []Member
	var missing []Member
	for _, m := range members {
		switch excluded := slices.Contains(o.Without, m.Name); {
		case excluded && m.Node != NodeUnclean:
		case m.Report == nil:
			missing = append(missing, m)
		default:
			voters = append(voters, m)
		}
	}
	if len(voters)+len(missing) == 0 {
		return refuse("the operator has decided to go on without every node", "decide for at least one node whose data are kept")
	}
	if len(voters) == 0 {
		return wait(names(missing), "no node has reported what its data hold", waitAdvice)
	}
	if out, stop := conflict(voters, o); stop {
		return out
	}
	if len(missing) > 0 && !slices.ContainsFunc(voters, hasHistory) {
		return waitForReports(missing, voters[0], o) // one of them may have one
	}
	best, out, stop := mostAdvanced(voters, o)
	if stop {
		return out
	}
	if left := notExcused(missing, voters, best, o); len(left) > 0 {
		return waitForReports(left, best, o)
	}
	if out, stop := starterEmptied(voters, o); stop {
		return out
	}
	return elected(best, members, missing, o)
}

func hasHistory(m Member) bool { return !m.Report.Position.UUID.IsZero() }

const waitAdvice = "it goes on by itself when they do"

// stillRunning finds servers: where one runs, a Primary component may be.
func stillRunning(members []Member) (Outcome, bool) {
	var running []Member
	for _, m := range members {
		if m.Presence.Lives() {
			running = append(running, m)
		}
	}
	if len(running) == 0 {
		return Outcome{}, false
	}
	var said []string
	for _, m := range running {
		said = append(said, m.Name+" ("+m.Presence.String()+")")
	}
	return wait(names(running), "a server runs on "+strings.Join(said, ", "),
		"if it is not to be joined, stop it there; a second group is never started beside a running server"), true
}

// conflict finds data of more than one history.
func conflict(voters []Member, o ElectionOptions) (Outcome, bool) {
	histories := map[wsrep.UUID][]string{}
	var order []wsrep.UUID
	add := func(u wsrep.UUID, m Member, seqno int64) {
		if u.IsZero() {
			return
		}
		if histories[u] == nil {
			order = append(order, u)
		}
		histories[u] = append(histories[u], fmt.Sprintf("%s at %s", m.Name, seqnoText(seqno)))
	}
	for _, m := range voters {
		add(m.Report.Position.UUID, m, m.Report.Position.Seqno)
		add(m.Report.Other, m, wsrep.Undefined)
	}
	if len(order) <= 1 {
		return Outcome{}, false
	}
	var parts []string
	for _, u := range order {
		parts = append(parts, string(u)+" ("+strings.Join(histories[u], ", ")+")")
	}
	return refuse("the nodes have data of different histories, whose sequence numbers cannot be compared: "+strings.Join(parts, "; "),
		"decide which data to keep, and name the nodes whose data may be overwritten: "+withoutCommand(o.Resource, voters[0].Name, "NODE,NODE")), true
}

// mostAdvanced is the voter with the last write. Between equals the order is:
// those without prepared transactions, those with a grastate.dat, those whose data are
// known to be of the newest start, those that stopped in order, the last in the address.
func mostAdvanced(voters []Member, o ElectionOptions) (best Member, out Outcome, stop bool) {
	candidates := slices.DeleteFunc(slices.Clone(voters), func(m Member) bool { return !hasHistory(m) })
	if len(candidates) == 0 {
		return firstStart(voters, o)
	}
	// What the group has gone on without is no candidate beside what it has gone on with.
	if up := slices.DeleteFunc(slices.Clone(candidates), func(m Member) bool { return overtaken(m.Name, m.Report, o.Starts) }); len(up) > 0 {
		candidates = up
	}
	best = candidates[0]
	for _, m := range candidates[1:] {
		if !before(m, best, o) {
			best = m
		}
	}
	return best, out, false
}

// before says that a is a worse choice than b of the same history.
func before(a, b Member, o ElectionOptions) bool {
	rank := func(m Member) (n int) {
		for _, good := range []bool{!m.Report.Prepared, m.Report.Grastate, isNewest(m, o), m.Report.Safe} {
			n *= 2
			if good {
				n++
			}
		}
		return n
	}
	if x, y := a.Report.Position.Seqno, b.Report.Position.Seqno; x != y {
		return x < y
	}
	return rank(a) < rank(b)
}

// firstStart is the election where no node has a history: the group has never
// run, or every node has lost its state. A node that has databases must not
// be overwritten by one that has none.
func firstStart(voters []Member, o ElectionOptions) (best Member, out Outcome, stop bool) {
	if len(o.Starts) > 0 {
		return best, refuse("no node has a position in the history of the group, which has been started before: "+startsText(o.Starts),
			"restore a backup together with its grastate.dat on one node; or, if what is there now is to be a new group, make the cluster forget the old one: "+forgetCommands(o)), true
	}
	var owners, sound []Member
	for _, m := range voters {
		if m.Report.Broken || m.Report.Empty {
			continue
		}
		sound = append(sound, m)
		if m.Report.Databases > 0 {
			owners = append(owners, m)
		}
	}
	switch {
	case len(sound) == 0:
		return best, refuse("no node has a sound database from which the group could be started",
			"create or restore one on one node, or set enable_creation=true to have empty ones created where the data directory is empty"), true
	case len(owners) == 0:
		return sound[len(sound)-1], out, false
	}
	if len(owners) == 1 {
		return owners[0], out, false
	}
	return best, refuse("no node has a position in a group's history, and there are databases on "+strings.Join(names(owners), ", ")+
		": which of them are the right ones cannot be told",
		"decide which data to keep, and name the nodes whose data may be overwritten: "+withoutCommand(o.Resource, voters[0].Name, "NODE,NODE")), true
}

// notExcused are the nodes that have not reported and for which there is no
// reason why they cannot matter.
func notExcused(missing, voters []Member, best Member, o ElectionOptions) (left []Member) {
	component := lastComponentReported(best, voters, o)
	newest := isNewest(best, o)
	safe := newest && best.Report.Safe && best.Report.Grastate && best.Report.Position.Seqno >= 0
	for _, m := range missing {
		switch {
		case m.Node == NodeUnclean || m.Node == NodeUnknown:
		case component:
			continue
		case safe && (m.Node != NodeOnline || best.Settled):
			continue
		case o.LastOfTwo && newest && m.Node == NodeOff:
			continue
		}
		left = append(left, m)
	}
	return left
}

// isNewest says that the data of a node are of the newest start of the group. The
// files of a node cannot tell: another node may have started the group since.
func isNewest(m Member, o ElectionOptions) bool {
	newest, ok := newestStart(o.Starts)
	return ok && m.Report.Start == newest.ID
}

// lastComponentReported says that every server of the last Primary component has
// reported that same component as its last, that it was one since the newest start
// of the group, and that none is ahead of best. Then no later component has been:
// it would have taken most of these servers, and they would know of it. A node that
// was not in the component has nothing newer.
func lastComponentReported(best Member, voters []Member, o ElectionOptions) bool {
	view := best.Report.View
	if view.ID == "" {
		return false
	}
	var seen []wsrep.UUID
	newest := false
	for _, m := range voters {
		if m.Report.View.ID != "" && m.Report.View.Equal(view) {
			seen = append(seen, m.Report.View.Me)
			newest = newest || isNewest(m, o)
		}
	}
	if !newest {
		return false
	}
	for _, u := range view.Members {
		if !slices.Contains(seen, u) {
			return false
		}
	}
	return true
}

func waitForReports(left []Member, best Member, o ElectionOptions) Outcome {
	list := names(left)
	why := "waiting for what the data hold on " + strings.Join(list, ", ")
	advice := waitAdvice
	switch {
	case slices.ContainsFunc(left, func(m Member) bool { return m.Node == NodeUnclean }):
		why += ", of which some are lost and not fenced yet"
		advice = "see that fencing works; if a node is really off, confirm that with: stonith_admin --confirm NODE"
	default:
		advice += "; if they never will, and what only they hold may be lost, go on with: " +
			withoutCommand(o.Resource, best.Name, strings.Join(append(slices.Clone(o.Without), list...), ",")) +
			"; at worst that loses " + lossText(best.Report)
	}
	return wait(list, why, advice)
}

// starterEmptied finds that the node which has last started the group, and which
// may have been its only member, has no data any more, and that nobody has data
// since that start: then nobody that has reported has what was written since.
func starterEmptied(voters []Member, o ElectionOptions) (Outcome, bool) {
	newest, ok := newestStart(o.Starts)
	if !ok || slices.Contains(o.Without, newest.ID.Node) || slices.ContainsFunc(voters, func(m Member) bool { return m.Report.Start == newest.ID }) {
		return Outcome{}, false
	}
	i := slices.IndexFunc(voters, func(m Member) bool { return m.Name == newest.ID.Node })
	if i < 0 || !voters[i].Report.Position.UUID.IsZero() {
		return Outcome{}, false
	}
	return refuse("the group was last started by "+newest.ID.Node+" at "+moments(newest.At)+", which has no data any more, and no other node has data since then",
		"restore the data of "+newest.ID.Node+"; or, if what was written after that start may be lost, go on with: "+
			withoutCommand(o.Resource, voters[0].Name, strings.Join(append(slices.Clone(o.Without), newest.ID.Node), ","))), true
}

// startsText names the last start of the group.
func startsText(starts []GroupStart) string {
	last := slices.MaxFunc(starts, func(a, b GroupStart) int { return cmp.Compare(a.ID.Number, b.ID.Number) })
	return fmt.Sprintf("%d times, the last time by %s at %s", last.ID.Number, last.ID.Node, moments(last.At))
}

// forgetCommands delete what the cluster knows of the starts of the group.
func forgetCommands(o ElectionOptions) string {
	list := make([]string, len(o.Starts))
	for i, g := range o.Starts {
		list[i] = fmt.Sprintf("crm_attribute -l forever -N %s -n %s -D", g.ID.Node, o.Resource+attrGroupStart)
	}
	return strings.Join(list, "; ")
}

func moments(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// elected says why, and what the decision of the operator may cost.
func elected(best Member, members, missing []Member, o ElectionOptions) Outcome {
	r := best.Report
	out := Outcome{Node: best.Name}
	switch {
	case r.Position.UUID.IsZero():
		out.Why = best.Name + " starts the group for the first time: no node has a history"
	default:
		out.Why = best.Name + " has the most recent data, " + r.Position.String()
	}
	if len(missing) > 0 {
		reason := "it was the last to stop in order"
		switch {
		case lastComponentReported(best, voted(members), o):
			reason = "all servers of the last Primary component have reported"
		case !r.Safe || r.Position.Seqno < 0:
			reason = "two_node_mode is set and the other node is off"
		}
		out.Why += "; not waiting for " + strings.Join(names(missing), ", ") + ": " + reason
	}
	var without []string
	for _, m := range members {
		if slices.Contains(o.Without, m.Name) && m.Name != best.Name {
			without = append(without, m.Name)
		}
	}
	if len(without) > 0 {
		out.Why += "; without " + strings.Join(without, ", ") + " by decision of the operator"
		out.Loss = lossText(r) + " on " + strings.Join(without, ", ")
	}
	return out
}

// lossText is the worst case of a bootstrap at r.
func lossText(r *Report) string {
	text := "every write after sequence number " + seqnoText(r.Position.Seqno)
	if !r.Written.IsZero() {
		text += " (data last written at " + moments(r.Written) + ")"
	}
	return text
}

func voted(members []Member) (list []Member) {
	for _, m := range members {
		if m.Report != nil {
			list = append(list, m)
		}
	}
	return list
}

func names(members []Member) []string {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = m.Name
	}
	return list
}

func seqnoText(n int64) string {
	if n < 0 {
		return "unknown"
	}
	return fmt.Sprint(n)
}
