package galera

import (
	"errors"
	"time"

	"systole/agents/ocf"
)

// start brings the instance into the role unpromoted: the server stays stopped,
// and the node reports what its data hold.
func start(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	if _, ok := seatOf(p.seats, f.Node); !ok {
		return ocf.End(ocf.ErrConfigured, "%s", notSeated(p, f.Node))
	}
	if f.Server != nil {
		switch {
		case f.Recovering:
			return endLeftover(in, f)
		case f.Written && f.Record.Kind == kindJoining:
			return ocf.Done() // an earlier promote has left it to its state transfer
		}
		return ocf.End(ocf.ErrGeneric, "a server (process %d) works on %s and was not started by the cluster: stop it", f.Server.PID, p.datadir)
	}
	if len(in.Past) == 0 {
		if err := f.Data.fault(p); err != nil {
			return ocf.EndWith(verdict(err))
		}
		// A score from before would have the node promoted before its report is known.
		forget := []ocf.Publication{f.on(ocf.DeletePromotionScore())}
		return ocf.Do("", append(prepareDirs(in), try(forget...)...)...)
	}
	if d, more := locate(in, f); more {
		return d
	}
	return proposeAndEnd(in, f)
}

func verdict(err error) ocf.Verdict {
	v := ocf.Verdict{Code: ocf.ErrGeneric, Reason: err.Error()}
	var fault *ocf.Fault
	if errors.As(err, &fault) {
		v.Code = fault.Code
	}
	return v
}

// endLeftover ends a recovery that an action has left behind which was killed.
func endLeftover(in ocf.Input[params], f facts) ocf.Decision {
	kill := ocf.Kill{Process: *f.Server, Signal: ocf.SIGTERM}
	if _, sent := signalled(in, *f.Server, ocf.SIGTERM); sent {
		return ocf.Wait(200*time.Millisecond, "an earlier recovery of the position is still ending (process %d)", f.Server.PID)
	}
	return ocf.Do("an earlier recovery of the position was left behind", kill)
}

// hearTime is how long the cluster may take to tell this node of its own report.
const hearTime = 2 * time.Second

// proposeAndEnd waits until the cluster has this node's report, so that all reports
// before it are seen too, and proposes who is to be promoted.
func proposeAndEnd(in ocf.Input[params], f facts) ocf.Decision {
	if proposed(in) {
		return ocf.Done()
	}
	if f.Unheard {
		if _, done := reported(in); !done { // the record was there before this action
			return ocf.Do("", try(f.report(in)...)...)
		}
		return ocf.Wait(100*time.Millisecond, "waiting until the cluster has the report of this node")
	}
	pubs, why := nominate(in, f)
	if len(pubs) > 0 {
		return ocf.Do(why, try(pubs...)...)
	}
	return ocf.EndWith(ocf.Verdict{Code: ocf.Success, Reason: why})
}

// proposed says that this action has proposed a node.
func proposed(in ocf.Input[params]) bool {
	_, ok := in.Past.First(func(s ocf.Step) bool {
		t, _ := s.(ocf.Try)
		p, ok := t.Step.(ocf.Publication)
		return ok && p.Attribute == "" && !p.Delete
	})
	return ok
}

// reported is when this action has told the cluster what the data hold.
func reported(in ocf.Input[params]) (at time.Time, done bool) {
	t, done := in.Past.First(func(s ocf.Step) bool {
		t, _ := s.(ocf.Try)
		p, ok := t.Step.(ocf.Publication)
		return ok && p.Attribute == stateAttribute(in.Request) && !p.Delete
	})
	return t.At, done
}
