package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"systole/crm/scheduler"
)

// Injection is a set of changes to a cluster. They are made in the order of the
// fields, whatever order they were asked for in (08 §10.1).
type Injection struct {
	Quorum, Watchdog   *string
	NodesUp, NodesDown []string
	NodesFail          []string
	Grant, Revoke      []string // tickets
	Standby, Activate  []string // tickets
	Ops                []string // results of operations: RSC_TASK_INTERVALMS@NODE=RC

	// What Pacemaker's program cannot be asked for.
	NodesStandby, NodesUnstandby []string
	NodesLeave                   []string // are asked to shut down
	RscStop, RscStart            []string // resources, by the id of their element
	RscFail                      []string // RSC@NODE: its monitor finds it not running
}

// Any tells whether there is anything to do. Quorum alone does not count, as
// Pacemaker's program has it.
func (i *Injection) Any() bool {
	return i.Watchdog != nil || len(i.NodesStandby)+len(i.NodesUnstandby)+len(i.NodesLeave)+
		len(i.RscStop)+len(i.RscStart)+len(i.RscFail) > 0 || len(i.NodesUp)+len(i.NodesDown)+len(i.NodesFail)+len(i.Grant)+len(i.Revoke)+
		len(i.Standby)+len(i.Activate)+len(i.Ops) > 0
}

// Inject makes the changes. s is the cluster as it was read before: it knows
// the resources. now is the time in epoch seconds that is written down.
func (w *World) Inject(s *scheduler.State, in *Injection, now int64, emit func(Event)) error {
	if in.Quorum != nil {
		emit(Event{Kind: EventQuorum, Value: *in.Quorum})
	}
	if in.Watchdog != nil {
		emit(Event{Kind: EventWatchdog, Value: *in.Watchdog})
	}
	if in.Quorum != nil {
		w.setQuorum(*in.Quorum)
	}
	if in.Watchdog != nil {
		w.setWatchdog(*in.Watchdog)
	}
	if err := w.injectNodes(s, in, now, emit); err != nil {
		return err
	}
	w.injectTickets(in, emit)
	if err := w.injectWishes(s, in, now, emit); err != nil {
		return err
	}
	for _, spec := range in.Ops {
		if err := w.injectOp(s, spec, now, emit); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) injectNodes(s *scheduler.State, in *Injection, now int64, emit func(Event)) error {
	for _, n := range in.NodesUp {
		emit(Event{Kind: EventNodeUp, Node: n})
		if remote := w.remoteNode(s, n); remote != nil {
			if err := w.reconnect(remote); err != nil {
				return err
			}
			continue
		}
		if err := w.nodeUp(n, false); err != nil {
			return err
		}
	}
	for _, n := range in.NodesDown {
		emit(Event{Kind: EventNodeDown, Node: n})
		if err := w.nodeDown(n, origin); err != nil {
			return err
		}
	}
	for _, n := range in.NodesFail {
		emit(Event{Kind: EventNodeFail, Node: n})
		if remote := w.remoteNode(s, n); remote != nil {
			if err := w.disconnect(s, remote, now); err != nil {
				return err
			}
			continue
		}
		if err := w.nodeUp(n, true); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) injectTickets(in *Injection, emit func(Event)) {
	for _, c := range [...]struct {
		kind        EventKind
		tickets     []string
		name, value string
	}{
		{EventTicketGrant, in.Grant, "granted", "true"},
		{EventTicketRevoke, in.Revoke, "granted", "false"},
		{EventTicketStandby, in.Standby, "standby", "true"},
		{EventTicketActivate, in.Activate, "standby", "false"},
	} {
		for _, t := range c.tickets {
			emit(Event{Kind: c.kind, Name: t})
			if w.setTicket(t, c.name, c.value) {
				emit(Event{Kind: EventError, Text: "Multiple ticket_states match ticket_id=" + t})
			}
		}
	}
}

// injectOp writes down a result that an operation is said to have had
// (08 §10.4). A specification that makes no sense is an event, not an error.
func (w *World) injectOp(s *scheduler.State, spec string, now int64, emit func(Event)) error {
	emit(Event{Kind: EventInject, Text: spec})
	key, node, rc, fields := parseSpec(spec)
	if fields < 3 {
		emit(Event{Kind: EventError, Text: fmt.Sprintf("Invalid operation spec: %s.  Only found %d fields", spec, fields)})
		return nil
	}
	rsc, task, ms, ok := scheduler.SplitKey(key)
	name := rsc
	if !ok {
		name = "(null)"
	}
	var r *scheduler.Resource
	if ok {
		r = s.FindResource(rsc)
	}
	if r == nil {
		emit(Event{Kind: EventError, Text: "Invalid resource name: " + name})
		return nil
	}
	st, err := w.state(node, "")
	if err != nil {
		return err
	}
	op := opKey{rsc: rsc, task: task, intervalMs: ms}
	w.addFailure(st, op, rc, task == "stop" || (task == "start" && s.Config.StartFailureFatal), now, emit)
	h, problem := w.history(st, rsc, rsc, agent{class: r.XML.Get("class"), provider: r.XML.Get("provider"), kind: r.XML.Get("type")})
	if h == nil {
		emit(Event{Kind: EventError, Text: problem})
		return fmt.Errorf("cannot inject %q: %s is no primitive", spec, rsc)
	}
	h.record(result{key: op, node: node, rc: rc, reason: "Simulated action result", now: now})
	w.commit(st)
	return nil
}

// ParseSpec takes KEY@NODE=RC apart.
func ParseSpec(spec string) (key, node string, rc int, ok bool) {
	key, node, rc, fields := parseSpec(spec)
	return key, node, rc, fields == 3
}

// parseSpec takes KEY@NODE=RC apart and tells how many of the three it found.
func parseSpec(spec string) (key, node string, rc, fields int) {
	key, rest, ok := strings.Cut(spec, "@")
	if key == "" {
		return "", "", 0, 0
	}
	if !ok {
		return key, "", 0, 1
	}
	node, rest, ok = strings.Cut(rest, "=")
	if node == "" {
		return key, "", 0, 1
	}
	if !ok {
		return key, node, 0, 2
	}
	rc, ok = leadingInt(rest)
	if !ok {
		return key, node, 0, 2
	}
	return key, node, rc, 3
}

// leadingInt reads the number that the text begins with; what follows it does
// not matter.
func leadingInt(text string) (int, bool) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	end := 0
	if end < len(text) && (text[end] == '-' || text[end] == '+') {
		end++
	}
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(text[:end], 10, 32)
	return int(n), err == nil
}
