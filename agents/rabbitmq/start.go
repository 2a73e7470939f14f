package rabbitmq

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

const (
	lookAgain = time.Second
	// settle is how long attributes may take to all nodes of the cluster.
	settle = 3 * time.Second
	// reserve is what a start keeps of its time to end well while RabbitMQ waits.
	reserve = 3 * time.Second
	// commandTime limits one call of rabbitmqctl.
	commandTime = 60 * time.Second
	maxServers  = 4 // that one start may have seen end
	// appears is how long the shells take that start the virtual machine.
	appears = 5 * time.Second
)

// tell publishes the phase and the data of this node.
func tell(in ocf.Input[params], f facts, phase string) ocf.Step {
	return ocf.SetAttribute(noteAttribute(in.Request), Note{Name: f.Name, Phase: phase, Data: f.Data}.String())
}

// phaseOf is the phase that this action has published last; "" if none.
func phaseOf(in ocf.Input[params]) string {
	for _, t := range slices.Backward(in.Past) {
		if p, ok := bare(t.Step).(ocf.Publication); ok && p.Attribute == noteAttribute(in.Request) {
			return ReadNote(p.Value).Phase
		}
	}
	return ""
}

func bare(s ocf.Step) ocf.Step {
	if t, ok := s.(ocf.Try); ok {
		return t.Step
	}
	return s
}

// did finds the last step that matches.
func did(in ocf.Input[params], match func(ocf.Step) bool) (ocf.Taken, bool) {
	for _, t := range slices.Backward(in.Past) {
		if match(bare(t.Step)) {
			return t, true
		}
	}
	return ocf.Taken{}, false
}

func isStart(s ocf.Step) bool { _, ok := s.(ocf.Start); return ok }

// ended says that this action has started a server, and has not told anything since.
func ended(in ocf.Input[params]) bool {
	for _, t := range slices.Backward(in.Past) {
		if isStart(t.Step) {
			return true
		}
		if p, ok := bare(t.Step).(ocf.Publication); ok && p.Attribute == noteAttribute(in.Request) {
			return false
		}
	}
	return false
}

func start(in ocf.Input[params], f facts) ocf.Decision {
	phase := phaseOf(in)
	if last, launched := did(in, isStart); launched && f.Server == nil && in.Now.Sub(last.At) < appears {
		return ocf.Wait(lookAgain/4, "RabbitMQ is not there yet")
	}
	switch {
	case f.Server != nil && f.Self.Running:
		return arrived(in, f, phase)
	case f.Server != nil:
		return await(in, f)
	case phase == "", ended(in):
		// What was told before a server was started is out of date when it has ended.
		return ocf.Do("", tell(in, f, starting))
	}
	servers := 0
	for _, t := range in.Past {
		if isStart(t.Step) {
			servers++
		}
	}
	if servers >= maxServers {
		return ocf.End(ocf.ErrGeneric, "RabbitMQ ended %d times while it was being started: look into its log in %s", servers, in.Params.logDir)
	}
	plan := MakePlan(f.situation(phase))
	if plan.Move == Rejoin && servers > 1 && joinedInVain(in) {
		// Neither its first start nor the next one has come to an end, and what it
		// has is what it was being given: it was empty when this action began.
		plan.Move, plan.Why = SetAside, "the data of a join that has failed is put aside, to join anew"
	}
	return follow(in, f, plan, phase)
}

// joinedInVain says that this action has started a server without data to join, and
// has not put aside since what came of it.
func joinedInVain(in ocf.Input[params]) bool {
	for _, t := range slices.Backward(in.Past) {
		if _, moved := t.Step.(ocf.Rename); moved {
			return false
		}
		if p, ok := bare(t.Step).(ocf.Publication); ok && p.Attribute == noteAttribute(in.Request) && ReadNote(p.Value).Phase == joining {
			return true
		}
	}
	return false
}

// follow does what the plan says.
func follow(in ocf.Input[params], f facts, plan Plan, phase string) ocf.Decision {
	switch plan.Move {
	case Wait:
		return wait(in, f, plan)
	case Claim:
		return ocf.Do(plan.Why, tell(in, f, founding), ocf.Pause{For: settle})
	case Found:
		return launch(in, f, plan.Why, founding, nil)
	case Recover, Rejoin:
		return launch(in, f, plan.Why, starting, nil)
	case ForceBoot:
		return launch(in, f, plan.Why, forcing, nil, ocf.Run{Command: forceBoot(in, f)})
	case Join:
		// From the first file on that it writes, the node may have what others lack.
		return launch(in, f, plan.Why, joining, []string{plan.Via})
	case Forget:
		return forgetSelf(in, f, plan)
	case SetAside:
		return setAside(in, f, plan)
	}
	return ocf.End(ocf.ErrArgs, "%s", plan.Why)
}

// retry is how long after a command that failed it is tried again.
const retry = 5 * time.Second

// forgetSelf lets the cluster forget what this node was: first its replicas, then
// the member. Where that is not possible yet, as while quorum queues have no
// majority, it is tried again.
func forgetSelf(in ocf.Input[params], f facts, plan Plan) ocf.Decision {
	steps := []ocf.Step{
		shrink{via: plan.Via, node: f.Name, command: queuesCommand(in, f, plan.Via, "shrink", f.Name)},
		forget(in, f, plan.Via, f.Name),
	}
	for _, step := range steps {
		t, done := did(in, func(s ocf.Step) bool { return s.String() == step.String() })
		switch {
		case done && t.Err == nil:
		case done && in.Now.Sub(t.At) < retry:
			plan.Why = fmt.Sprintf("%s; that is tried again, because it failed: %v", plan.Why, t.Err)
			return wait(in, f, plan)
		default:
			return ocf.Do(plan.Why, ocf.Try{Step: step})
		}
	}
	plan.Why = "waiting for " + plan.Via + " to have forgotten this node"
	return wait(in, f, plan)
}

// setAside moves data and what stands beside it out of the way.
func setAside(in ocf.Input[params], f facts, plan Plan) ocf.Decision {
	suffix := ".aside-" + in.Now.UTC().Format("20060102T150405Z")
	var steps []ocf.Step
	for _, p := range f.Beside {
		steps = append(steps, ocf.Rename{From: p, To: p + suffix})
	}
	// The data last: as long as it is there, all of this is done again.
	return ocf.Do(plan.Why, append(steps, ocf.Rename{From: f.Dir, To: f.Dir + suffix})...)
}

// wait waits for other nodes; or, if they can only come when this action is over,
// ends with success and a marker: monitor asks for a restart when there is a
// cluster to join.
func wait(in ocf.Input[params], f facts, plan Plan) ocf.Decision {
	began := in.Now
	if len(in.Past) > 0 {
		began = in.Past[0].At
	}
	patient := !plan.Blocked || in.Now.Sub(began) < settle
	if patient && in.Left() > reserve {
		return ocf.Wait(lookAgain, "%s", plan.Why)
	}
	if phaseOf(in) != idle {
		return ocf.Do(plan.Why, ocf.MakeDir{Path: in.Dirs.Tmp, Mode: 0o1755}, tell(in, f, idle), ocf.WriteFile{Path: marker(in), Data: plan.Why + "\n"})
	}
	return ocf.End(ocf.Success, "started without a server for now: %s", plan.Why)
}

// launch starts the server.
func launch(in ocf.Input[params], f facts, why, phase string, peers []string, before ...ocf.Step) ocf.Decision {
	p := in.Params
	var steps []ocf.Step
	for _, dir := range []string{path.Dir(p.pidFile), p.logDir} {
		steps = append(steps, ocf.MakeDir{Path: dir}, ocf.Try{Step: ocf.SetOwner{Path: dir, User: p.user, Group: p.group}})
	}
	steps = append(steps, ocf.Remove{Path: p.pidFile}, ocf.Remove{Path: marker(in)}, tell(in, f, phase))
	if f.Data.Kind == Clustered && !f.Data.Khepri {
		steps = append(steps, ocf.WriteFile{Path: journalFile(f.Dir), Data: f.Data.journal()})
	}
	steps = append(steps, before...)
	env := []string{"HOME=" + path.Dir(p.cookieFile), "RABBITMQ_PID_FILE=" + p.pidFile}
	env = append(env, epmdPort(p)...)
	if p.node != "" {
		env = append(env, "RABBITMQ_NODENAME="+f.Name)
	}
	if p.base != "" {
		env = append(env, "RABBITMQ_MNESIA_BASE="+p.base)
	}
	if len(peers) > 0 {
		// A node without data joins the cluster before it listens for clients: with
		// rabbitmqctl join_cluster it would first serve a cluster of its own, and
		// lose what it was sent.
		list := "'" + strings.Join(append(slices.Clone(peers), f.Name), "','") + "'"
		env = append(env, "RABBITMQ_SERVER_START_ARGS=-rabbit cluster_nodes {["+list+"],disc}")
	}
	steps = append(steps, ocf.Start{Daemon: ocf.Daemon{
		Path: "/bin/sh", Args: []string{"-c", `exec "$0" >>"$1/startup_log" 2>>"$1/startup_err"`, p.binary, p.logDir},
		Env: env, User: p.user,
	}})
	return ocf.Do(why, steps...)
}

// await waits for a server that is not running yet.
func await(in ocf.Input[params], f facts) ocf.Decision {
	plan := MakePlan(f.situation(starting))
	waits := plan.Move == Recover && len(plan.For) > 0
	since := time.Duration(0)
	if last, ok := did(in, isStart); ok {
		since = in.Now.Sub(last.At)
	}
	switch {
	case f.Self.Alive && (waits && plan.Blocked && since > 2*settle || in.Left() < reserve):
		// Either the others are started only when this action is over, or it takes
		// longer than the timeout. To fail would ban the instance from the node.
		if d, done := announce(in, f); !done {
			return d
		}
		return ocf.End(ocf.Success, "RabbitMQ is being started: %s", plan.Why)
	case in.Left() < reserve:
		return ocf.End(ocf.ErrGeneric, "RabbitMQ did not start in time (%s): look into its log in %s, or give start a longer timeout", cmp.Or(f.Self.Err, "no answer"), in.Params.logDir)
	}
	return ocf.Wait(lookAgain/2, "waiting for RabbitMQ to start")
}

// arrived is the end of a start: RabbitMQ runs.
func arrived(in ocf.Input[params], f facts, phase string) ocf.Decision {
	if _, launched := did(in, isStart); launched {
		if phase == joining && len(f.Self.Members) < 2 {
			return joinByHand(in, f)
		}
		if f.Broker != "" && in.Left() > reserve {
			return ocf.Wait(lookAgain/2, "waiting for the AMQP listener at %s", f.Listen)
		}
		if phase == founding && len(in.Params.policy) > 0 {
			c := ctl(in, f, f.Name, append([]string{"set_policy"}, in.Params.policy...)...)
			if _, set := did(in, func(s ocf.Step) bool { r, ok := s.(ocf.Run); return ok && r.Command.String() == c.String() }); !set {
				return ocf.Do("the new cluster gets its policy", ocf.Run{Command: c})
			}
		}
		if phase == joining {
			grow := ocf.Run{Command: queuesCommand(in, f, f.Name, "grow", f.Name, "even")}
			if _, grown := did(in, func(s ocf.Step) bool { r, ok := s.(ocf.Run); return ok && r.Command.String() == grow.Command.String() }); !grown {
				return ocf.Do("quorum queues with an even number of members get one on this node", ocf.Try{Step: grow})
			}
		}
	}
	if d, done := announce(in, f); !done {
		return d
	}
	return ocf.End(ocf.Success, "RabbitMQ runs as %s, connected with %s", f.Name, enumerate(f.Self.Connected))
}

// joinByHand joins a cluster when the configuration has kept the node from joining
// at its first start. The node has nothing of its own: this action has seen its
// data directory empty.
func joinByHand(in ocf.Input[params], f facts) ocf.Decision {
	var running []Peer
	for _, p := range f.Peers {
		if p.Running {
			running = append(running, p)
		}
	}
	t, tried := did(in, func(s ocf.Step) bool {
		r, ok := s.(ocf.Run)
		return ok && slices.Contains(r.Command.Args, "join_cluster")
	})
	if len(running) == 0 || tried {
		// It must not serve anybody: what it took would not be in the cluster. The next
		// round plans anew.
		why := "the one that it was to join is gone"
		if tried {
			why = fmt.Sprintf("join_cluster has not changed that (%v)", t.Err)
		}
		return ocf.Do("RabbitMQ started as a cluster of its own, and "+why+": it is ended", ocf.Kill{Process: *f.Server, Signal: ocf.SIGKILL}, ocf.Pause{For: lookAgain})
	}
	return ocf.Do(
		"RabbitMQ started as a cluster of its own: it joins by command",
		ocf.Try{Step: ocf.Run{Command: ctl(in, f, f.Name, "stop_app")}},
		ocf.Try{Step: ocf.Run{Command: ctl(in, f, f.Name, "join_cluster", via(running).Name)}},
		ocf.Try{Step: ocf.Run{Command: ctl(in, f, f.Name, "start_app")}},
	)
}

// announce tells the cluster that the instance is started, once an action.
func announce(in ocf.Input[params], f facts) (d ocf.Decision, done bool) {
	phase := waiting
	if f.Self.Running {
		phase = started
	}
	if phaseOf(in) == phase {
		return d, true
	}
	steps := []ocf.Step{ocf.Remove{Path: marker(in)}}
	if f.Data.Khepri && f.Self.Running {
		steps = append(steps, ocf.WriteFile{Path: recordFile(f.Dir), Data: record(f.Self.Members)})
	}
	steps = append(steps, ocf.SetAttribute(runningAttribute(in.Request), f.Name))
	known := false
	for _, name := range f.Records.LastKnown {
		known = known || name == f.Name
	}
	if !known {
		steps = append(steps, ocf.Publication{Attribute: lastKnownAttribute(in.Request), Value: f.Name, Persistent: true})
	}
	return ocf.Do("", append(steps, tell(in, f, phase))...), false
}

// ctl is a call of rabbitmqctl that speaks with a node.
func ctl(in ocf.Input[params], f facts, node string, args ...string) ocf.Command {
	return tool(in.Params, in.Params.ctl, f, node, args...)
}

func queuesCommand(in ocf.Input[params], f facts, node string, args ...string) ocf.Command {
	return tool(in.Params, path.Dir(in.Params.ctl)+"/rabbitmq-queues", f, node, args...)
}

// epmdPort tells Erlang where its port mapper is, if not where it always is.
func epmdPort(p params) []string {
	const usual = 4369
	if p.epmd == usual {
		return nil
	}
	return []string{"ERL_EPMD_PORT=" + strconv.Itoa(p.epmd)}
}

func tool(p params, program string, f facts, node string, args ...string) ocf.Command {
	all := []string{"-n", node}
	if f.Long {
		all = append(all, "--longnames")
	}
	return ocf.Command{Path: program, Args: append(all, args...), Env: epmdPort(p), Timeout: commandTime}
}

// forceBoot is the command that lets a node that is not running not wait at its next start.
func forceBoot(in ocf.Input[params], f facts) ocf.Command {
	c := ctl(in, f, f.Name, "force_boot")
	c.Env = append(c.Env, "RABBITMQ_MNESIA_DIR="+f.Dir)
	return c
}

// forget removes a member that does not run from the cluster. A member without a
// name would be asked for by a fault alone, and is not forgotten.
func forget(in ocf.Input[params], f facts, via, member string) ocf.Step {
	if member == "" || via == "" || member == via {
		panic(fmt.Sprintf("forget_cluster_node of %q by %q", member, via))
	}
	return ocf.Run{Command: ctl(in, f, via, "forget_cluster_node", member)}
}
