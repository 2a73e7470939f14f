package galera

import (
	"errors"
	"fmt"
	"time"

	"systole/agents/ocf"
	"systole/lib/wsrep"
)

// Times of ending a server.
const (
	pollTime = 200 * time.Millisecond
	// politeTime is how long what belongs to a server that is gone may take to end.
	politeTime = 3 * time.Second
	// unboundedTime is how long a server may take where the action has no deadline.
	unboundedTime = 90 * time.Second
	// muteTime is how long a server that does not answer may take to end.
	muteTime = 10 * time.Second
	// againTime is after how long a server is told to end once more.
	againTime = 5 * time.Second
	// transferTime is how long a server that is told to end may wait for its state transfer.
	transferTime = 10 * time.Second
)

// signalled is when this action has sent a signal to a process.
func signalled(in ocf.Input[params], p ocf.Process, signal int) (at time.Time, sent bool) {
	t, sent := in.Past.First(func(s ocf.Step) bool {
		k, ok := s.(ocf.Kill)
		return ok && k.Signal == signal && k.Process.PID == p.PID && k.Process.Start == p.Start
	})
	return t.At, sent
}

// endServer ends the server and what belongs to it, in order if there is time, by
// force before the time is over; spare is kept for what comes after. It returns
// false when nothing is left.
func endServer(in ocf.Input[params], f facts, spare time.Duration) (ocf.Decision, bool) {
	if f.Server == nil {
		return endOthers(in, f.Others)
	}
	if _, forced := signalled(in, *f.Server, ocf.SIGKILL); f.Server.Stopped && !forced {
		steps := append(kill(in, f.Others, ocf.SIGKILL), ocf.Kill{Process: *f.Server, Signal: ocf.SIGKILL})
		return ocf.Do(fmt.Sprintf("the server (process %d) cannot end in order, %v: killing it; it will repair its data when it starts", f.Server.PID, errStopped), steps...), true
	}
	asked, sent := signalled(in, *f.Server, ocf.SIGTERM)
	// The wrapper goes first: it would start the server again, and it does not heed SIGTERM.
	wrappers := kill(in, wrappers(f.Others), ocf.SIGKILL)
	if !sent && f.mute() && !isMute(in) {
		return ocf.Do(fmt.Sprintf("the server (process %d) does not answer: %v", f.Server.PID, f.Err), note{text: muteNote}), true
	}
	if !sent || len(wrappers) > 0 {
		var steps []ocf.Step
		if !sent {
			steps = f.leave(in)
		}
		steps = append(append(steps, wrappers...), ocf.Kill{Process: *f.Server, Signal: ocf.SIGTERM})
		return ocf.Do(fmt.Sprintf("ending the server (process %d)", f.Server.PID), steps...), true
	}
	waited := in.Now.Sub(asked)
	last := in.Left() - spare
	if in.Deadline.IsZero() {
		last = unboundedTime - waited
	}
	if last < forceTime(in) || isMute(in) && waited > muteTime {
		if _, forced := signalled(in, *f.Server, ocf.SIGKILL); !forced {
			steps := kill(in, f.Others, ocf.SIGKILL)
			steps = append(steps, ocf.Kill{Process: *f.Server, Signal: ocf.SIGKILL})
			return ocf.Do(fmt.Sprintf("the server (process %d) has not ended in %s: killing it; it will repair its data when it starts", f.Server.PID, short(waited)), steps...), true
		}
	}
	if waited > transferTime {
		if steps := kill(in, transfers(f.Others), ocf.SIGTERM); len(steps) > 0 {
			return ocf.Do("ending the state transfer that the server may be waiting for", steps...), true
		}
	}
	if in.Now.Sub(lastTold(in, *f.Server)) > againTime {
		// One that is starting may not have heard it.
		return ocf.Do(fmt.Sprintf("ending the server (process %d), once more", f.Server.PID), ocf.Kill{Process: *f.Server, Signal: ocf.SIGTERM}), true
	}
	return ocf.Wait(pollTime, "waiting for the server to end (process %d)", f.Server.PID), true
}

// leave notes beside the data that the group goes on without this server. That the
// disk is full must not keep it from ending.
func (f facts) leave(in ocf.Input[params]) []ocf.Step {
	if f.Err != nil || f.Status.Component != wsrep.Primary || f.Status.Size < 2 || f.Data.Start.IsZero() {
		return nil
	}
	return []ocf.Step{ocf.Try{Step: ocf.WriteFile{Path: in.Params.datadir + startFile, Data: leftMark + f.Data.Start.String() + "\n", Mode: 0o644}}}
}

// muteNote is the note that the server did not answer when the action began.
const muteNote = "the server does not answer"

// mute says that the server does not answer at all: it hangs, or it is starting.
// What it has promised to clients is safe on disk, and it may never heed SIGTERM.
func (f facts) mute() bool {
	return f.Err != nil && !errors.Is(f.Err, wsrep.ErrDenied) && !errors.Is(f.Err, wsrep.ErrBusy)
}

func isMute(in ocf.Input[params]) bool {
	_, ok := in.Past.First(func(s ocf.Step) bool { n, ok := s.(note); return ok && n.text == muteNote })
	return ok
}

// lastTold is when this action has last told a process to end.
func lastTold(in ocf.Input[params], p ocf.Process) (at time.Time) {
	for _, t := range in.Past {
		if k, ok := t.Step.(ocf.Kill); ok && k.Process.PID == p.PID && k.Process.Start == p.Start {
			at = t.At
		}
	}
	return at
}

// forceTime is how long before its end an action resorts to force.
func forceTime(in ocf.Input[params]) time.Duration {
	return min(10*time.Second, max(in.Meta.Timeout/5, time.Second))
}

// transfers are those of a server's processes that are not its wrapper: programs of
// a state transfer, or a server that recovers a position.
func transfers(list []ocf.Process) (out []ocf.Process) {
	for _, p := range list {
		if !isWrapper(p) {
			out = append(out, p)
		}
	}
	return out
}

// wrappers are the programs that start the server.
func wrappers(list []ocf.Process) (out []ocf.Process) {
	for _, p := range list {
		if isWrapper(p) {
			out = append(out, p)
		}
	}
	return out
}

// endOthers ends what a server has left behind: a wrapper, programs of a state transfer.
func endOthers(in ocf.Input[params], list []ocf.Process) (ocf.Decision, bool) {
	if len(list) == 0 {
		return ocf.Decision{}, false
	}
	if steps := append(kill(in, wrappers(list), ocf.SIGKILL), kill(in, transfers(list), ocf.SIGTERM)...); len(steps) > 0 {
		return ocf.Do("ending what the server has left behind", steps...), true
	}
	for _, p := range list {
		if at := lastTold(in, p); in.Now.Sub(at) > politeTime {
			if steps := kill(in, list, ocf.SIGKILL); len(steps) > 0 {
				return ocf.Do("what the server has left behind does not end: killing it", steps...), true
			}
		}
	}
	return ocf.Wait(pollTime, "waiting for what the server has left behind to end (process %d, %s)", list[0].PID, list[0].Name), true
}

// kill signals the processes that have not been signalled so.
func kill(in ocf.Input[params], list []ocf.Process, signal int) (steps []ocf.Step) {
	for _, p := range list {
		if _, sent := signalled(in, p, signal); !sent {
			steps = append(steps, ocf.Kill{Process: p, Signal: signal})
		}
	}
	return steps
}

// stop ends everything, and takes back what was told to the cluster.
func stop(in ocf.Input[params], f facts) ocf.Decision {
	score := ocf.Try{Step: f.on(ocf.DeletePromotionScore())}
	if !did(in, score) {
		return ocf.Do("", score)
	}
	if d, more := endServer(in, f, 0); more {
		return d
	}
	rsc, p := resource(in.Request), in.Params
	state := ocf.Try{Step: f.on(ocf.DeleteAttribute(stateAttribute(in.Request)))}
	if did(in, state) {
		return ocf.Done()
	}
	steps := []ocf.Step{
		ocf.Remove{Path: recordFile(in.Request)},
		ocf.Remove{Path: recoveryLog(in.Request)},
		// Left by a server that was killed.
		ocf.Try{Step: ocf.Remove{Path: p.pid}},
		ocf.Try{Step: ocf.Remove{Path: p.socket}},
		state,
	}
	for _, name := range []string{attrCommitted, attrSafe, attrBootstrap, attrNoGrastate, attrWaiting} {
		steps = append(steps, ocf.Try{Step: f.on(ocf.DeleteAttribute(rsc + name))})
	}
	return ocf.Do("", steps...)
}

// spareTime is what a demote keeps for recovering the position after the server
// had to be killed.
func spareTime(in ocf.Input[params]) time.Duration { return min(30*time.Second, in.Meta.Timeout/4) }

// demote stops the server and reports what its data hold.
func demote(in ocf.Input[params], f facts) ocf.Decision {
	if f.Server != nil && !f.Recovering && f.Written && f.Record.Kind == kindJoining {
		return ocf.EndWith(ocf.Verdict{Code: ocf.Success, Reason: "the server is left to its state transfer; it is promoted when that is done"})
	}
	score := ocf.Try{Step: f.on(ocf.DeletePromotionScore())}
	if !did(in, score) {
		return ocf.Do("", score)
	}
	if d, more := endServer(in, f, spareTime(in)); more {
		return d
	}
	if !f.Data.Made {
		return ocf.Done() // there is nothing to report, and no reason to create something
	}
	if d, more := locate(in, f); more {
		return d
	}
	return ocf.Done()
}

func notRunning(in ocf.Input[params]) ocf.Decision {
	return ocf.End(ocf.NotRunning, "%s of a resource that is not running: start it first", in.Action)
}
