package galera

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// promote starts the server: as the first of the group if this node is elected, or
// else to join. It succeeds when the server holds all data, and also when there
// is nothing to join, or when the state transfer takes longer than a promote
// may: then the instance has no promotion score any more, and becomes unpromoted.
func promote(in ocf.Input[params], f facts) ocf.Decision {
	t, begun := started(in)
	switch {
	case f.Server != nil && !f.Recovering && !ending(in):
		return joinOn(in, f)
	case begun && (f.Server != nil || len(f.Others) > 0) && !ending(in):
		return starting(in, f)
	case begun:
		return ended(in, f, t)
	case f.Server != nil:
		return endLeftover(in, f)
	case !f.Written:
		return notRunning(in)
	}
	if len(in.Past) == 0 {
		if _, ok := seatOf(in.Params.seats, f.Node); !ok {
			return ocf.End(ocf.ErrConfigured, "%s", notSeated(in.Params, f.Node))
		}
		if err := f.Data.fault(in.Params); err != nil {
			return ocf.EndWith(verdict(err))
		}
	}
	if gaveBack(in, f) {
		return ocf.Done()
	}
	if !f.current() {
		return giveBack(in, f, "the data were changed after the node had reported what they hold")
	}
	join := joinable(in, f)
	if join.ok {
		if d, more := takeBack(in, f); more {
			return d
		}
		return launch(in, f, join.why+": joining it", false)
	}
	if join.why != "" {
		return giveBack(in, f, join.why)
	}
	out := f.elect(in)
	if out.Node != f.Node {
		return giveBack(in, f, "there is no group to join, and this node is not the one to start it: "+out.Why)
	}
	return bootstrap(in, f, out)
}

// takeBack takes back the report of this node before its data change; others would
// go on to believe it, however long its server has been running and writing since.
// It is over when this node hears that the report is gone. A deletion that is not
// confirmed proves nothing: then nothing is started.
func takeBack(in ocf.Input[params], f facts) (ocf.Decision, bool) {
	if len(in.Params.seats) < 2 && f.NoTools {
		return ocf.Decision{}, false // there is nobody to believe it
	}
	state := ocf.Try{Step: f.on(ocf.DeleteAttribute(stateAttribute(in.Request)))}
	at, done := in.Past.First(func(s ocf.Step) bool { return s == state })
	_, known := f.States[f.Node]
	switch {
	case f.NoTools:
		return giveBack(in, f, "the attribute daemon of the cluster does not answer ("+f.Missing+"), so that other nodes would go by what this one has reported before"), true
	case !done && !f.told():
		return tell(in, f), true
	case !done:
		return ocf.Do("taking back the report of this node", append([]ocf.Step{state}, try(f.forget(in)...)...)...), true
	case !known:
		return ocf.Decision{}, false
	case in.Now.Sub(at.At) < confirmTime:
		return ocf.Wait(100*time.Millisecond, "waiting until the cluster has taken back the report of this node"), true
	}
	return giveBack(in, f, "the attribute daemon of the cluster has not confirmed within "+short(confirmTime)+" that the report of this node is taken back; without that a second node may start the group by it"), true
}

// bootstrap starts the group. The report of this node is taken back first, and the
// election repeated with what is known after that: whoever else was elected by
// older knowledge finds that this node has no report, and waits.
func bootstrap(in ocf.Input[params], f facts, out Outcome) ocf.Decision {
	if d, more := takeBack(in, f); more {
		return d
	}
	if d, more := announce(in, f); more {
		return d
	}
	why := "starting the group: " + out.Why
	if out.Loss != "" {
		why += "; at worst this loses " + out.Loss
	}
	return launch(in, f, why, true)
}

// tell waits until this node hears its own report. Only who has seen it can tell
// later that it is taken back; an attribute daemon that lags shows none either way.
func tell(in ocf.Input[params], f facts) ocf.Decision {
	at, done := reported(in)
	switch {
	case !done:
		return ocf.Do("telling the cluster what the data hold", try(f.report(in)...)...)
	case in.Now.Sub(at) < confirmTime:
		return ocf.Wait(100*time.Millisecond, "waiting until the cluster has the report of this node")
	}
	return giveBack(in, f, "the attribute daemon of the cluster has not shown the report of this node within "+short(confirmTime))
}

// confirmTime is how long a promote waits until its node knows that its report is
// taken back. The attribute daemons agree on one order of all updates: who sees
// the own deletion has seen every deletion before it, so that of two nodes which
// both believe that they are elected one at least finds the other without a report.
const confirmTime = 10 * time.Second

// forget deletes the attributes of the stock agent about a stopped server.
func (f facts) forget(in ocf.Input[params]) (list []ocf.Publication) {
	for _, name := range []string{attrCommitted, attrSafe} {
		list = append(list, f.on(ocf.DeleteAttribute(resource(in.Request)+name)))
	}
	return list
}

// newGroup starts a group instead of joining one.
const newGroup = "--wsrep-new-cluster"

// launch starts the server. The record goes in the same breath: from here on the
// data change.
func launch(in ocf.Input[params], f facts, why string, first bool) ocf.Decision {
	p := in.Params
	args := serverArgs(p, p.log)
	steps := prepareDirs(in)
	// A view from before this start would be taken for the last one, should the server be set to keep none.
	steps = append(steps, ocf.Remove{Path: p.datadir + "/gvwstate.dat"},
		ocf.WriteFile{Path: p.datadir + startFile, Data: f.startMark(in, first), Mode: 0o644},
		// Of a server that was killed; the wrapper may take it for one that runs.
		ocf.Remove{Path: p.pid}, ocf.Remove{Path: p.socket})
	if first {
		args = append(args, newGroup)
		if text, changed := wsrep.MarkSafe(f.Data.Grastate); changed {
			steps = append(steps, ocf.WriteFile{Path: p.datadir + "/grastate.dat", Data: text, Mode: 0o660})
		}
	}
	replaced := !first && overtaken(f.Node, f.Record.Report, f.Starts)
	if replaced && f.Data.HasGrastate {
		// With a position the server would get only what comes after it, and keep what the
		// group does not have.
		why += "; its data have writes that the group was started without, by decision of an operator: they are replaced"
		steps = append(steps, ocf.Rename{From: p.datadir + "/grastate.dat", To: p.datadir + "/grastate.dat.overtaken." + in.Now.UTC().Format("20060102T150405")})
	}
	if rep := f.Record.Report; !replaced && isServerPath(f.Data.Binary) && rep != nil && !rep.Prepared && rep.Position.Seqno >= 0 && f.Data.Saved.Seqno < 0 {
		// The wrapper would find that out by itself.
		args = append(args, "--wsrep-start-position="+rep.Position.String())
	}
	binary := f.Data.Binary
	if rep := f.Record.Report; f.Data.Server != "" && rep != nil && (rep.Position.UUID.IsZero() && !first || replaced) {
		// The wrapper would try to recover a position, and give up or find one that does not count.
		binary = f.Data.Server
	}
	return ocf.Do(why, append(steps,
		ocf.Remove{Path: recordFile(in.Request)},
		ocf.Start{Daemon: ocf.Daemon{Path: binary, Args: args, Env: cleanEnv(), User: p.user, Dir: p.datadir}})...)
}

func isServerPath(binary string) bool {
	base := path.Base(binary)
	return base == "mariadbd" || base == "mysqld"
}

// bootstraps says whether this action has started the group.
func bootstraps(t ocf.Taken) bool {
	s, ok := t.Step.(ocf.Start)
	return ok && slices.Contains(s.Daemon.Args, newGroup)
}

// starting waits for the wrapper to bring up the server.
func starting(in ocf.Input[params], f facts) ocf.Decision {
	if in.Left() < handTime(in) {
		return handOver(in, f)
	}
	return ocf.Wait(pollTime, "the server is starting")
}

// joinOn waits for a server that runs until it holds all data.
func joinOn(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	t, begun := started(in)
	switch {
	case f.Err == nil && f.Status.Serves():
		return finish(in, f)
	case handedOver(in, f):
		return ocf.Done()
	case errors.Is(f.Err, wsrep.ErrDenied):
		return ocf.End(ocf.ErrGeneric, "the server does not let user %s in, so that it cannot be seen whether it is in sync: correct check_user and check_passwd (%v)", f.checkUser(p), f.Err)
	case f.Err == nil && f.Status.Component == wsrep.Disconnected && f.Status.State == wsrep.Initialized && !f.Status.Connected && f.Status.Comment == "":
		return ocf.End(ocf.ErrGeneric, "the server runs %s: set wsrep_on=ON and wsrep_provider in its configuration", f.Status)
	case in.Left() < handTime(in):
		return handOver(in, f)
	case begun && !bootstraps(t) && f.alone(in) && in.Now.Sub(t.At) > aloneTime:
		d, _ := endServer(in, f, spareTime(in))
		d.Why = "the group that was to be joined has ended: taking part in a new election"
		return d
	}
	next, stalled := progress(in, f, f.before(in, t))
	if stalled > 0 {
		return ocf.End(ocf.ErrGeneric, "the state transfer has not moved for %s: %s", short(stalled), stallAdvice(p))
	}
	if before := f.before(in, t); before.Moved.IsZero() || next.Bytes != before.Bytes && in.Now.Sub(before.Moved) >= noteTime {
		what := "joining: "
		if bootstraps(t) {
			what = "starting the group: "
		}
		return ocf.Do(what+transferText(in, f, next), note{record: next, text: next.String()})
	}
	return ocf.Wait(pollTime, "waiting for the server to be in sync")
}

// aloneTime is how long a joining server may see no other server.
const aloneTime = 3 * time.Second

// noteTime is how often the progress of a transfer is noted and logged.
const noteTime = 10 * time.Second

// alone says that no other server lives, so that there is nothing to join.
func (f facts) alone(in ocf.Input[params]) bool {
	if f.Err == nil && f.Status.Component == wsrep.Primary {
		return false
	}
	return !slices.ContainsFunc(f.Members, func(m Member) bool { return m.Name != f.Node && m.Presence.Lives() })
}

// before is what was last noted of the transfer.
func (f facts) before(in ocf.Input[params], t ocf.Taken) record {
	r := record{Kind: kindJoining, Since: t.At}
	if f.Written && f.Record.Kind == kindJoining {
		r = f.Record
	}
	for _, t := range in.Past {
		if n, ok := t.Step.(note); ok && n.record.Kind == kindJoining {
			r = n.record
		}
	}
	if r.Since.IsZero() {
		r.Since = in.Now
	}
	return r
}

// ending says that this action is ending the server it has started.
func ending(in ocf.Input[params]) bool {
	begun := false
	for _, t := range in.Past {
		switch s := t.Step.(type) {
		case ocf.Start:
			begun = true
		case ocf.Kill:
			if begun && s.Signal == ocf.SIGTERM {
				return true
			}
		}
	}
	return false
}

// ended goes on where the server that was started is gone, or is to go.
func ended(in ocf.Input[params], f facts, t ocf.Taken) ocf.Decision {
	if d, more := endServer(in, f, spareTime(in)); more {
		return d
	}
	why := "the server ended while it was starting" + f.because()
	join := joinable(in, f)
	switch {
	case gaveBack(in, f):
		return ocf.Done()
	case bootstraps(t), join.ok && !ending(in):
		return ocf.End(ocf.ErrGeneric, "%s: see %s", why, in.Params.log)
	}
	if d, more := locate(in, f); more {
		return d
	}
	return giveBack(in, f, "there is no group to join any more")
}

// toldTime is how long a promote waits after it has deleted the score: by then the
// cluster has dropped the plan by which it would go on with a promoted instance.
const toldTime = time.Second

func (f facts) scoreGone() ocf.Step { return ocf.Try{Step: f.on(ocf.DeletePromotionScore())} }

func gaveBack(in ocf.Input[params], f facts) bool { return did(in, f.scoreGone()) }

// giveBack ends a promote that is not to be: without a score the cluster demotes
// the instance, and its monitor takes part in the election.
func giveBack(in ocf.Input[params], f facts, why string) ocf.Decision {
	d := ocf.Do("not promoting: "+why, ocf.Try{Step: f.on(ocf.DeleteAttribute(resource(in.Request) + attrBootstrap))}, f.scoreGone())
	d.Wait = toldTime
	return d
}

// handTime is how long before its deadline a promote leaves the server to its transfer.
func handTime(in ocf.Input[params]) time.Duration {
	return min(20*time.Second, max(in.Meta.Timeout/5, 3*time.Second))
}

func handedOver(in ocf.Input[params], f facts) bool {
	return f.Written && f.Record.Kind == kindJoining && gaveBack(in, f)
}

// handOver leaves the server to its state transfer.
func handOver(in ocf.Input[params], f facts) ocf.Decision {
	t, _ := started(in)
	r, _ := progress(in, f, f.before(in, t))
	if gaveBack(in, f) {
		return ocf.Done()
	}
	d := ocf.Do(fmt.Sprintf("the state transfer takes longer than this promote may (%s): it goes on, and the instance is promoted when it is done; a larger timeout of promote is not needed", transferText(in, f, r)),
		ocf.WriteFile{Path: recordFile(in.Request), Data: r.String() + "\n"},
		ocf.Try{Step: f.on(ocf.SetAttribute(stateAttribute(in.Request), r.String()))}, f.scoreGone())
	d.Wait = toldTime
	return d
}

// finish tells the cluster that the server holds all data, and that nodes which
// have reported may join.
func finish(in ocf.Input[params], f facts) ocf.Decision {
	rsc := resource(in.Request)
	last := ocf.Try{Step: f.on(ocf.DeleteAttribute(rsc + attrBootstrap))}
	if did(in, last) {
		return ocf.Done()
	}
	steps := append(f.joined(in), ocf.Remove{Path: recordFile(in.Request)})
	steps = append(steps, try(
		f.on(ocf.SetPromotionScore(promotionScore)),
		f.on(ocf.SetAttribute(stateAttribute(in.Request), record{Kind: kindPromoted, Since: in.Now, Bytes: f.Size, Me: f.Data.View.Me}.String())))...)
	for _, m := range f.Members {
		if m.Name != f.Node && m.Report != nil {
			steps = append(steps, try(f.of(m.Name, ocf.SetPromotionScore(promotionScore)))...)
		}
	}
	steps = append(steps, try(f.forget(in)...)...)
	steps = append(steps, try(f.on(ocf.DeleteAttribute(rsc+attrNoGrastate)), f.waiting(in, ""))...)
	// A decision of the operator is for one start of the group.
	for _, node := range f.Decided {
		steps = append(steps, try(f.of(node, ocf.DeleteAttribute(withoutAttribute(rsc))))...)
	}
	return ocf.Do("the server is in sync: "+f.Status.String(), append(steps, last)...)
}
