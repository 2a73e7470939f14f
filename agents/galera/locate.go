package galera

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// locate brings a stopped node to the point where its record says what its data
// hold. It returns false when it does.
func locate(in ocf.Input[params], f facts) (ocf.Decision, bool) {
	p, d := in.Params, f.Data
	switch {
	case f.current():
		return ocf.Decision{}, false
	case !d.Made && p.create:
		return create(in, f), true
	case !d.Made:
		return record1(in, f, Report{Position: wsrep.Position{UUID: wsrep.Zero, Seqno: wsrep.Undefined}, Empty: true, Grastate: d.HasGrastate}), true
	case d.ViewEmpty:
		// An empty file keeps the server from joining (codership/galera#354).
		return ocf.Do("gvwstate.dat is empty, which would keep the server from joining", ocf.Remove{Path: p.datadir + "/gvwstate.dat"}), true
	case d.Joining && !d.HasGrastate:
		// The storage engine may name the position of the donor, and be half copied.
		return record1(in, f, Report{Position: wsrep.Position{UUID: wsrep.Zero, Seqno: wsrep.Undefined}, Broken: true, Databases: d.Databases}), true
	case d.HasGrastate && d.SavedErr == nil && (d.Saved.UUID.IsZero() || d.Saved.Seqno >= 0):
		// It stopped in order, or Galera itself says that the state is not sound, as
		// after a state transfer that was broken off: then the storage engine may
		// still name a position, which means nothing.
		return record1(in, f, f.reportSaved()), true
	}
	return recoverPosition(in, f), true
}

// record1 writes the record, which makes the instance unpromoted, and tells the cluster.
func record1(in ocf.Input[params], f facts, rep Report) ocf.Decision {
	rep.Written = f.Data.Changed
	f.Record = record{Kind: kindStopped, Report: &rep, Since: in.Now, Print: f.Data.Print}
	steps := []ocf.Step{ocf.WriteFile{Path: recordFile(in.Request), Data: f.Record.String() + "\n"}}
	if !rep.Broken {
		steps = append(steps, ocf.Remove{Path: recoveryLog(in.Request)})
	}
	return ocf.Do("the data of this node hold "+rep.text(), append(steps, try(f.report(in)...)...)...)
}

func (r Report) text() string {
	text := r.Position.String()
	if r.Position.UUID.IsZero() {
		text = "no history of a group"
	}
	if r.Empty {
		return "no database: it can be copied from a group that runs"
	}
	if !r.Grastate {
		text += ", without a sound grastate.dat"
	}
	if r.Safe {
		text += ", the last to stop in order"
	}
	return text
}

// reportSaved is the report of grastate.dat alone.
func (f facts) reportSaved() Report {
	s := f.Data.Saved
	rep := Report{Position: s.Position, Grastate: true, Databases: f.Data.Databases, View: f.Data.View, Start: f.Data.Start}
	rep.Safe = s.Safe && !s.UUID.IsZero() && s.Seqno >= 0
	if s.UUID.IsZero() {
		rep.Position.Seqno, rep.Broken = wsrep.Undefined, f.Data.Joining
	}
	if s.Seqno >= 0 {
		rep.View = wsrep.View{} // it has left the component in order
	}
	return rep
}

// reportRecovered is the report of a position that the storage engine has.
func (f facts) reportRecovered(r wsrep.Recovery, rolledBack bool) Report {
	d := f.Data
	rep := Report{Position: r.Position, Databases: d.Databases, View: d.View, Prepared: rolledBack, Start: d.Start}
	rep.Grastate = d.HasGrastate && d.SavedErr == nil && !rolledBack
	if d.HasGrastate && d.SavedErr == nil && !d.Saved.UUID.IsZero() {
		switch {
		case r.Position.UUID.IsZero():
			rep.Position = wsrep.Position{UUID: d.Saved.UUID, Seqno: wsrep.Undefined}
		case r.Position.UUID != d.Saved.UUID:
			rep.Other = d.Saved.UUID
		}
	}
	return rep
}

// create makes an empty database.
func create(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if _, tried := in.Past.First(func(s ocf.Step) bool { r, ok := s.(ocf.Run); return ok && r.Command.Path == f.Data.Creator }); tried {
		return ocf.End(ocf.ErrGeneric, "%s has ended well, but there is no database in %s: look into that directory", f.Data.Creator, p.datadir)
	}
	return ocf.Do("there is no database in "+p.datadir+": creating one", ocf.Run{Command: ocf.Command{
		Path: f.Data.Creator, Args: []string{"--defaults-file=" + p.config, "--datadir=" + p.datadir, "--user=" + p.user, "--loose-wsrep-on=OFF"}, Env: cleanEnv(),
	}})
}

const rollback = "--tc-heuristic-recover=rollback"

// recoverPosition lets the server find its position: it repairs its files as after
// any crash, logs the last write, and ends.
func recoverPosition(in ocf.Input[params], f facts) ocf.Decision {
	ran := func(extra string) bool {
		_, ok := in.Past.First(func(s ocf.Step) bool { r, ok := s.(recovery); return ok && r.extra == extra })
		return ok
	}
	rolledBack := ran(rollback)
	if !ran("") && !rolledBack {
		return runRecovery(in, f, "")
	}
	found := wsrep.ParseRecovery(f.Recover)
	switch {
	case found.Found && rolledBack && f.Data.HasGrastate:
		// What was rolled back may be committed elsewhere. Without grastate.dat the
		// node gets a full copy when it joins.
		aside := in.Params.datadir + "/grastate.dat.rolled-back." + in.Now.UTC().Format("20060102T150405")
		return ocf.Do("prepared transactions were rolled back: the node will need a full state transfer",
			ocf.Rename{From: in.Params.datadir + "/grastate.dat", To: aside})
	case found.Found:
		return record1(in, f, f.reportRecovered(found, rolledBack))
	case found.Prepared && !rolledBack:
		return runRecovery(in, f, rollback)
	}
	problem := found.Problem
	if problem == "" {
		problem = "it names no position"
	}
	if strings.Contains(problem, "wsrep_on=ON") {
		return ocf.End(ocf.ErrArgs, "%s", problem)
	}
	d := record1(in, f, f.reportBroken())
	d.Why = fmt.Sprintf("the position of the data cannot be recovered (%s): they can only be replaced by those of a group that runs; the whole log is %s", problem, recoveryLog(in.Request))
	return d
}

// reportBroken is the report of data whose position cannot be recovered. A server
// that was a member has a grastate.dat with the history of its group: without one, the
// data are the rest of a state transfer and hold nothing that others do not.
func (f facts) reportBroken() Report {
	d := f.Data
	rep := Report{Position: wsrep.Position{UUID: wsrep.Zero, Seqno: wsrep.Undefined}, Broken: true, Databases: d.Databases}
	switch {
	case d.HasGrastate && d.SavedErr != nil:
		rep.Position.UUID = unreadable
	case d.HasGrastate && !d.Saved.UUID.IsZero():
		rep.Position.UUID, rep.Grastate = d.Saved.UUID, true
	}
	return rep
}

// unreadable stands for the history of data whose grastate.dat cannot be read.
const unreadable wsrep.UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

// recoverer is the program that recovers: the server itself, where it is found.
func (f facts) recoverer() string {
	if f.Data.Server != "" {
		return f.Data.Server
	}
	return f.Data.Binary
}

func runRecovery(in ocf.Input[params], f facts, extra string) ocf.Decision {
	why := "the server has not stopped in order: recovering the position of its data"
	if extra != "" {
		why = "transactions are prepared and neither committed nor rolled back: rolling them back"
	}
	return ocf.Do(why, recovery{program: f.recoverer(), params: in.Params, extra: extra, log: recoveryLog(in.Request)})
}

// serverArgs are the arguments that every run of the server has.
func serverArgs(p params, log string) []string {
	return append([]string{
		"--defaults-file=" + p.config, "--pid-file=" + p.pid, "--socket=" + p.socket,
		"--datadir=" + p.datadir, "--log-error=" + log,
		// Some ways of state transfer are refused without it, whatever the server is started for.
		"--wsrep-cluster-address=" + p.address,
	}, p.additional...)
}

// cleanEnv keeps the server from using a temporary directory that is meant for the
// caller of the agent.
func cleanEnv() []string { return []string{"TMPDIR=/tmp"} }

// prepareDirs makes what the server needs around its data, which a boot may have
// removed: the folders of pid file and socket, and the log.
func prepareDirs(in ocf.Input[params]) []ocf.Step {
	p := in.Params
	steps := []ocf.Step{}
	for _, dir := range slices.Compact([]string{path.Dir(p.pid), path.Dir(p.socket)}) {
		steps = append(steps, ensureDir{Path: dir, User: p.user, Group: p.group})
	}
	return append(steps, ensureLog{Path: p.log, User: p.user, Group: p.group})
}
