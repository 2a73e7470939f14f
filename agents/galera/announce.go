package galera

import (
	"slices"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// announce writes down that this node starts the group, before it does. It is over
// when this node hears it: then it has heard of every start before it too, and the
// election was held with all of them.
func announce(in ocf.Input[params], f facts) (ocf.Decision, bool) {
	if f.NoTools || len(in.Params.seats) < 2 {
		return ocf.Decision{}, false // there is nobody who could start another group
	}
	at, own, done := announced(in, f.Node)
	switch {
	case f.StartsErr != nil:
		return giveBack(in, f, "who has started the group before is not known, and it cannot be written down that this node does: "+f.StartsErr.Error()), true
	case !done:
		next := GroupStart{ID: StartID{Number: f.lastNumber() + 1, Node: f.Node}, Position: f.Record.Report.Position, At: in.Now, Without: f.Without}
		return ocf.Do("writing down that this node starts the group", ocf.Try{Step: f.announcement(in, next)}), true
	case !slices.ContainsFunc(f.Starts, func(g GroupStart) bool { return g.ID == own }):
		if in.Now.Sub(at) < confirmTime {
			return ocf.Wait(100*time.Millisecond, "waiting until the configuration of the cluster has it that this node starts the group"), true
		}
		return giveBack(in, f, "the cluster has not taken within "+short(confirmTime)+" that this node starts the group; without that its data could later be taken for older than they are"), true
	}
	if newest, ok := newestStart(f.Starts); !ok || newest.ID != own {
		return giveBack(in, f, "another node has started the group in the meantime: "+startsText(f.others(in))), true
	}
	return ocf.Decision{}, false
}

func (f facts) announcement(in ocf.Input[params], g GroupStart) ocf.Publication {
	p := f.on(ocf.SetAttribute(resource(in.Request)+attrGroupStart, g.String()))
	p.Persistent = true
	return p
}

// announced is the start of the group that this action has written down.
func announced(in ocf.Input[params], node string) (at time.Time, id StartID, done bool) {
	for _, t := range in.Past {
		try, _ := t.Step.(ocf.Try)
		p, ok := try.Step.(ocf.Publication)
		if !ok || p.Attribute != resource(in.Request)+attrGroupStart {
			continue
		}
		if g, err := parseGroupStart(node, p.Value); err == nil {
			return t.At, g.ID, true
		}
	}
	return at, id, false
}

// others are the starts of the group without the one that this action has written
// down in the place of an earlier one of this node. What the data are of is noted
// before the server starts, so that a start of this node that is newer than its data
// has never taken place.
func (f facts) others(in ocf.Input[params]) []GroupStart {
	_, own, done := announced(in, f.Node)
	if !done {
		return f.Starts
	}
	list := slices.DeleteFunc(slices.Clone(f.Starts), func(g GroupStart) bool { return g.ID == own })
	if rep := f.Record.Report; rep != nil && rep.Start.Node == f.Node {
		list = append(list, GroupStart{ID: rep.Start, Position: wsrep.Position{UUID: wsrep.Zero, Seqno: wsrep.Undefined}})
	}
	return list
}

// lastNumber is the highest number of a start that anybody has heard of.
func (f facts) lastNumber() (n int64) {
	for _, g := range f.Starts {
		n = max(n, g.ID.Number)
	}
	for _, m := range f.Members {
		if m.Report != nil {
			n = max(n, m.Report.Start.Number)
		}
	}
	return n
}

// startMark is what is kept beside the data from a start of the server on. That it
// is one of the group is known from the first moment; one that joins has the data
// of the group only when it is in sync, and may be left half copied before that.
func (f facts) startMark(in ocf.Input[params], first bool) string {
	if _, own, done := announced(in, f.Node); first && done {
		return own.String() + "\n"
	}
	return joiningMark + "\n"
}

// joined notes beside the data that they are those of the group which runs. No start
// of the group can be newer than that of a group that this server is a member of.
func (f facts) joined(in ocf.Input[params]) []ocf.Step {
	if f.NoTools || f.StartsErr != nil || len(in.Params.seats) < 2 {
		return nil // the mark stays: of which start the data are is not known
	}
	if _, _, done := announced(in, f.Node); done {
		return nil // it is noted already
	}
	newest, ok := newestStart(f.Starts)
	switch {
	case ok:
		return []ocf.Step{f.noteStart(in, newest.ID)}
	case len(f.Starts) > 0:
		return nil
	}
	// The group was started by an agent that does not count, or by hand.
	first := GroupStart{ID: StartID{Number: f.lastNumber() + 1, Node: f.Node}, Position: wsrep.Position{UUID: wsrep.Zero, Seqno: wsrep.Undefined}, At: in.Now}
	return []ocf.Step{ocf.Try{Step: f.announcement(in, first)}, f.noteStart(in, first.ID)}
}

func (f facts) noteStart(in ocf.Input[params], id StartID) ocf.Step {
	return ocf.Try{Step: ocf.WriteFile{Path: in.Params.datadir + startFile, Data: id.String() + "\n", Mode: 0o644}}
}
