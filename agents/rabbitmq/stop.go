package rabbitmq

import (
	"fmt"
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
)

// How long a server that was asked to end has to do so. One that does not run yet
// waits for other members, and ends only when they have come.
const (
	patienceNotRunning = 8 * time.Second
	patienceWrappers   = 3 * time.Second
)

func stop(in ocf.Input[params], f facts) ocf.Decision {
	if f.Server != nil {
		return end(in, f, *f.Server)
	}
	if len(f.Wrappers) > 0 {
		// They end by themselves when the server has. One that is about to start it
		// must not.
		if last, asked := did(in, isEnd); asked && in.Now.Sub(last.At) < patienceWrappers {
			return ocf.Wait(200*time.Millisecond, "waiting for the shells of RabbitMQ to end")
		}
		return ocf.Do("a shell of RabbitMQ is left", ocf.Kill{Process: f.Wrappers[0], Signal: ocf.SIGKILL}, ocf.Pause{For: 200 * time.Millisecond})
	}
	if phaseOf(in) == "" {
		// Stop succeeds whether the cluster can be told or not.
		return ocf.Do(
			"", ocf.Remove{Path: marker(in)}, ocf.Remove{Path: in.Params.pidFile},
			ocf.Try{Step: ocf.DeleteAttribute(runningAttribute(in.Request))}, ocf.Try{Step: tell(in, f, idle)},
		)
	}
	return ocf.Done()
}

func isEnd(s ocf.Step) bool {
	_, asked := s.(terminate)
	k, killed := s.(ocf.Kill)
	return asked || killed && strings.HasPrefix(k.Process.Name, "beam")
}

// end ends the server: asked nicely, then not.
func end(in ocf.Input[params], f facts, p ocf.Process) ocf.Decision {
	asked, was := did(in, func(s ocf.Step) bool {
		t, ok := s.(terminate)
		return ok && t.Process.PID == p.PID && t.Process.Start == p.Start
	})
	if !was {
		if d, ok := awaitQuorum(in, f); ok {
			return d
		}
		return ocf.Do("RabbitMQ is asked to end", terminate{ocf.Kill{Process: p, Signal: ocf.SIGTERM}, f.Self.Running})
	}
	patience := patienceNotRunning
	if t, _ := bare(asked.Step).(terminate); t.running {
		patience = max(patienceNotRunning, (in.Now.Sub(asked.At)+in.Left())*2/3)
	}
	if in.Now.Sub(asked.At) < patience && in.Left() > 2*time.Second {
		return ocf.Wait(300*time.Millisecond, "waiting for RabbitMQ to end")
	}
	return ocf.Do(fmt.Sprintf("RabbitMQ did not end in %s: it is killed", in.Now.Sub(asked.At).Round(time.Second)), ocf.Kill{Process: p, Signal: ocf.SIGKILL}, ocf.Pause{For: 200 * time.Millisecond})
}

// awaitQuorum waits, once, until quorum queues can do without this node.
func awaitQuorum(in ocf.Input[params], f facts) (ocf.Decision, bool) {
	limit := min(in.Params.awaitQuorum, in.Left()/3)
	staying := len(f.Self.Connected) - max(1, len(in.Meta.Notify.Stop))
	if !f.Self.Running || limit < time.Second || staying*2 <= len(f.Self.Members) {
		return ocf.Decision{}, false
	}
	c := tool(in.Params, path.Dir(in.Params.ctl)+"/rabbitmq-upgrade", f, f.Name, "await_online_quorum_plus_one", "-t", fmt.Sprint(int(limit/time.Second)))
	c.Timeout = limit + 5*time.Second
	if _, done := did(in, func(s ocf.Step) bool {
		r, ok := s.(ocf.Run)
		return ok && strings.HasSuffix(r.Command.Path, "/rabbitmq-upgrade")
	}); done {
		return ocf.Decision{}, false
	}
	return ocf.Do("waiting until quorum queues can do without this node", ocf.Try{Step: ocf.Run{Command: c}}), true
}

// terminate asks a server to end, and remembers whether RabbitMQ ran in it.
type terminate struct {
	ocf.Kill
	running bool
}
