package galera

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case f.Server != nil && !f.Recovering:
		v := running(in, f)
		if f.Written && f.Record.Kind == kindJoining {
			return joining(in, f, v)
		}
		return v
	case f.Written && f.Record.Kind == kindJoining:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "the server ended while it was joining the group" + f.because() + ": see " + in.Params.log}
	case f.Written && !f.current():
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "the data in " + in.Params.datadir + " were changed after the node had reported what they hold: start the resource to report anew"}
	case f.Written && f.Record.unknown() && f.settledFor(in) > retryTime:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "the data in " + in.Params.datadir + " could not be read: trying again; see " + recoveryLog(in.Request)}
	case f.Written:
		return unpromoted(in, f)
	}
	if !in.Probe() {
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "the server does not run" + f.because() + ": the cluster starts it anew; look at " + in.Params.log + " if that happens again"}
	}
	return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no server, and the node has not reported what its data hold"}
}

// retryTime is after how long a node with damaged data looks at them again: the
// cause may have been a full disk.
const retryTime = 5 * time.Minute

// because tells what the server has logged last.
func (f facts) because() string {
	if f.LogTail == "" {
		return ""
	}
	return " (" + f.LogTail + ")"
}

// running is the state of a server that runs.
func running(in ocf.Input[params], f facts) ocf.Verdict {
	p := in.Params
	if _, ok := seatOf(p.seats, f.Node); !ok && p.seatsErr == nil {
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: notSeated(p, f.Node)}
	}
	v := ocf.Verdict{Code: ocf.RunningPromoted}
	if in.Probe() {
		// A probe finds a server that the cluster may know nothing of any more.
		v.Publish = []ocf.Publication{
			f.on(ocf.SetPromotionScore(promotionScore)),
			f.on(ocf.SetAttribute(stateAttribute(in.Request), record{Kind: kindPromoted, Me: f.Data.View.Me, Since: in.Now}.String())),
		}
	}
	switch {
	case errors.Is(f.Err, wsrep.ErrDenied):
		// It lives, and what is wrong is the login. To stop every server of the group
		// because a password was changed would be the outage.
		v.Publish = nil
		v.Reason = fmt.Sprintf("the server runs, but does not let user %s in, so that its state is not known: correct check_user and check_passwd (%v)", f.checkUser(p), f.Err)
		return v
	case errors.Is(f.Err, wsrep.ErrBusy):
		v.Publish = nil
		v.Reason = fmt.Sprintf("the server runs, but has no connection left for a check: raise max_connections, or give the user %s the privilege CONNECTION ADMIN (%v)", f.checkUser(p), f.Err)
		return v
	case f.Err != nil:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("the server (process %d) runs, but does not answer on %s: %v", f.Server.PID, p.socket, f.Err)}
	case f.Status.Component == wsrep.Primary:
		return v
	case f.Status.Transferring():
		// It had lost the others, has found them again, and gets what it has missed.
		v.Reason = "the server is catching up: " + f.Status.String() + ", " + f.Status.Comment
		return v
	case f.Status.Component == wsrep.Disconnected:
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "the server runs " + f.Status.String() + ": set wsrep_on=ON and wsrep_provider in its configuration"}
	}
	return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "the server runs, but is not in the Primary component (" + f.Status.String() + ", " + f.Status.Comment + "): it has to be restarted to take part in an election"}
}

func (f facts) checkUser(p params) string {
	if p.checkUser != "" {
		return p.checkUser
	}
	return "root"
}

func notSeated(p params, node string) string {
	return fmt.Sprintf("node %s is none of wsrep_cluster_address %s: add it, or the name of it to cluster_host_map, or ban the resource from this node", node, p.address)
}

// joining is the state of a server that an earlier promote has left to its state
// transfer: unpromoted, until it holds all data.
func joining(in ocf.Input[params], f facts, v ocf.Verdict) ocf.Verdict {
	switch {
	case f.Err == nil && f.Status.Serves():
		return ocf.Verdict{
			Code: ocf.Success, Reason: "the state transfer is done: ready to be promoted",
			Publish: []ocf.Publication{f.on(ocf.SetPromotionScore(promotionScore))},
		}
	case v.Code == ocf.RunningPromoted && f.Err != nil:
		return ocf.Verdict{Code: ocf.Success, Reason: v.Reason}
	}
	told, known := f.States[f.Node]
	if !known || told.Kind != kindJoining {
		told = f.Record
	}
	next, stalled := progress(in, f, told)
	if stalled > 0 {
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("the state transfer has not moved for %s: %s", short(stalled), stallAdvice(in.Params))}
	}
	return ocf.Verdict{
		Code: ocf.Success, Reason: "joining: " + transferText(in, f, next),
		Publish: []ocf.Publication{f.on(ocf.SetAttribute(stateAttribute(in.Request), next.String()))},
	}
}

func stallAdvice(p params) string {
	return "look at the log of the donor and at " + p.log + "; raise join_stall_timeout if pauses of that length are normal"
}

// progress compares what a transfer has written with what it had before. stalled
// is how long nothing has moved, if that is too long.
func progress(in ocf.Input[params], f facts, before record) (next record, stalled time.Duration) {
	next = record{Kind: kindJoining, Since: before.Since, Bytes: f.Moved, Moved: in.Now}
	if next.Since.IsZero() {
		next.Since = in.Now
	}
	if f.Moved == before.Bytes && !before.Moved.IsZero() {
		next.Moved = before.Moved
		if idle := in.Now.Sub(before.Moved); idle > in.Params.stall {
			return next, idle
		}
	}
	return next, 0
}

// transferText is how far a transfer is.
func transferText(in ocf.Input[params], f facts, r record) string {
	text := fmt.Sprintf("%s written in %s", size(r.Bytes), short(in.Now.Sub(r.Since)))
	var total int64
	for _, other := range f.States {
		if other.Kind == kindPromoted {
			total = max(total, other.Bytes)
		}
	}
	spent := in.Now.Sub(r.Since)
	if total > 0 && r.Bytes > 0 && r.Bytes < total && spent > time.Second {
		left := time.Duration(float64(spent) * float64(total-r.Bytes) / float64(r.Bytes))
		text += fmt.Sprintf(" of about %s (%d %%), about %s left", size(total), r.Bytes*100/total, short(left))
	}
	if f.Err == nil {
		text += ", " + f.Status.String()
	}
	return text
}

func size(n int64) string {
	const k = 1024
	switch {
	case n < k*k:
		return fmt.Sprintf("%d KiB", n/k)
	case n < k*k*k:
		return fmt.Sprintf("%d MiB", n/k/k)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/k/k/k)
}

func short(d time.Duration) string { return d.Round(time.Second).String() }

// unpromoted is the state of a node that has reported. Its monitor tells the
// cluster again what it may have forgotten, and holds the election.
func unpromoted(in ocf.Input[params], f facts) ocf.Verdict {
	v := ocf.Verdict{Code: ocf.Success}
	if !f.NoTools && !f.told() {
		v.Publish = f.report(in)
	}
	pubs, why := nominate(in, f)
	v.Publish = append(v.Publish, pubs...)
	v.Reason = why
	if !f.NoTools {
		v.Publish = append(v.Publish, f.waiting(in, unless(len(pubs) > 0, why)))
	}
	return v
}

// unless is text, or "" if there is no need for it.
func unless(needless bool, text string) string {
	if needless {
		return ""
	}
	return text
}

// published is the record as other nodes see it.
func (r record) published() record { r.Print = ""; return r }

// report is what a node that has found its position tells the cluster: the
// attributes of the stock agent, and last the one that holds everything.
func (f facts) report(in ocf.Input[params]) []ocf.Publication {
	rsc, r := resource(in.Request), f.Record.Report
	var list []ocf.Publication
	if !r.Grastate || r.Prepared {
		list = append(list, f.on(ocf.SetAttribute(rsc+attrNoGrastate, "true")))
	}
	if !r.Position.UUID.IsZero() && f.Data.HasGrastate {
		list = append(list, f.on(ocf.SetAttribute(rsc+attrSafe, bit(r.Safe))))
	}
	return append(list,
		f.on(ocf.SetAttribute(rsc+attrCommitted, fmt.Sprint(r.Position.Seqno))),
		f.on(ocf.SetAttribute(stateAttribute(in.Request), f.Record.published().String())))
}

// nominate says who is to be promoted now: this node, to join a group that runs,
// or the node that is elected to start one.
func nominate(in ocf.Input[params], f facts) (pubs []ocf.Publication, why string) {
	notes := strings.Join(f.Problems, "; ")
	if notes != "" {
		notes = "; " + notes
	}
	join := joinable(in, f)
	if join.ok {
		return []ocf.Publication{f.on(ocf.SetPromotionScore(promotionScore))}, join.why + ": ready to join" + notes
	}
	if join.why != "" {
		return nil, join.why + notes
	}
	out := f.elect(in)
	if !out.Elected() {
		return nil, "no node can start the group: " + out.Why + "; " + out.Advice + f.unknown() + notes
	}
	why = "elected: " + out.Why
	if out.Loss != "" {
		why += "; at worst this loses " + out.Loss
	}
	return []ocf.Publication{
		f.of(out.Node, ocf.SetAttribute(resource(in.Request)+attrBootstrap, "true")),
		f.of(out.Node, ocf.SetPromotionScore(promotionScore)),
	}, why + notes
}

func (f facts) unknown() string {
	if f.Missing == "" {
		return ""
	}
	return " (the status of the cluster is not known: " + f.Missing + ")"
}

func (f facts) elect(in ocf.Input[params]) Outcome {
	return Elect(f.Members, ElectionOptions{
		Without: f.Without, Resource: resource(in.Request), Starts: f.others(in), LastOfTwo: in.Params.twoNode && f.Cluster.lastOfTwo(),
	})
}

// A joinDecision says whether there is a group to join.
type joinDecision struct {
	ok  bool
	why string // "" if no server runs at all
}

// doubtTime is how long servers are not believed to be Primary that may have lost
// their majority: within it their own monitors find out.
const doubtTime = 20 * time.Second

// joinable looks for a Primary component. A server that is recorded as promoted
// counts only while it accepts connections; most often the records of dead
// servers are older than the news of their death.
func joinable(in ocf.Input[params], f facts) joinDecision {
	var primary, likely, other []string
	lost := 0
	for _, m := range f.Members {
		if m.Name == f.Node {
			continue
		}
		state := f.States[m.Name]
		switch {
		case m.Presence == wsrep.InPrimary:
			primary = append(primary, m.Name)
		case !m.Presence.Lives():
			if m.Report == nil && f.recordedPromoted(m.Name) {
				lost++ // it was promoted, and is dead
			}
		case m.Presence == wsrep.Listening && state.Kind != kindStopped && f.recordedPromoted(m.Name):
			likely = append(likely, m.Name)
		default:
			other = append(other, m.Name)
		}
	}
	switch {
	case len(primary) > 0:
		return joinDecision{true, "the group runs on " + strings.Join(primary, ", ")}
	case len(likely) > 0 && (len(likely) > lost+f.leftBehind(likely) || f.settledFor(in) > doubtTime):
		return joinDecision{true, "the group runs on " + strings.Join(likely, ", ")}
	case len(likely) > 0:
		return joinDecision{false, fmt.Sprintf("servers run on %s, which may have lost their majority: waiting until they know", strings.Join(likely, ", "))}
	case len(other) > 0:
		return joinDecision{false, "servers run on " + strings.Join(other, ", ") + " and are not in a Primary component yet: waiting"}
	}
	return joinDecision{}
}

// leftBehind counts the nodes whose servers have ended, other than in order, as
// members of the component that the given servers are in: they are missing there.
func (f facts) leftBehind(servers []string) (n int) {
	for _, m := range f.Members {
		if m.Report == nil {
			continue
		}
		for _, s := range servers {
			me := f.States[s].Me
			if me == "" || slices.Contains(m.Report.View.Members, me) {
				n++
				break
			}
		}
	}
	return n
}

// recordedPromoted says that the agent of a node, or the cluster, has recorded the
// instance there as promoted. In a bundle the cluster has other names for the nodes.
func (f facts) recordedPromoted(node string) bool {
	if f.States[node].Kind == kindPromoted || slices.Contains(f.Cluster.Promoted, node) {
		return true
	}
	return f.Explicit && len(f.Cluster.Promoted) > 0 && f.States[node].Kind == ""
}

// settledFor is how long this node has been waiting.
func (f facts) settledFor(in ocf.Input[params]) time.Duration {
	switch d := in.Now.Sub(f.Record.Since); {
	case f.Record.Since.IsZero():
		return 0
	case d < 0: // the clock was set back: to try is better than to wait for it
		return doubtTime + time.Second
	default:
		return d
	}
}
