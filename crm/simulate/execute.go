package simulate

import (
	"strconv"
	"strings"

	"systole/cib/digest"
	"systole/crm/graph"
	"systole/crm/scheduler"
)

// Execution is the execution of a transition in a world where everything works
// at once, except what is asked to fail.
type Execution struct {
	Fail []string // operations that fail: RSC_TASK_INTERVALMS@NODE=RC
	Now  int64    // epoch seconds, written into histories
}

// Execute runs a graph to its end and writes the results into the CIB. s is
// the state that the graph was made from: it tells by which names resources are
// known (08 §8.3).
func (w *World) Execute(s *scheduler.State, g *graph.Graph, x Execution, emit func(Event)) (graph.Status, error) {
	e := executor{World: w, s: s, x: x, run: graph.NewRunner(g, graph.Limits{}), emit: emit}
	e.startFatal = offsetIsInfinite(g, "failed-start-offset")
	e.stopFatal = offsetIsInfinite(g, "failed-stop-offset")
	for a := e.run.Next(); a != nil; a = e.run.Next() {
		ok, err := e.execute(a)
		if err != nil {
			return graph.Active, err
		}
		e.run.Done(a, ok)
	}
	return e.run.Status(), nil
}

// offsetIsInfinite tells whether one failure of that kind is one too many.
func offsetIsInfinite(g *graph.Graph, name string) bool {
	v, ok := g.Attr(name)
	return !ok || strings.EqualFold(v, "INFINITY") || strings.EqualFold(v, "+INFINITY")
}

type executor struct {
	*World
	s                     *scheduler.State
	x                     Execution
	run                   *graph.Runner
	emit                  func(Event)
	startFatal, stopFatal bool
}

// execute does what an action does to the CIB and tells whether it worked.
func (e *executor) execute(a *graph.Action) (ok bool, err error) {
	switch {
	case a.Kind == graph.PseudoEvent:
		e.emit(Event{Kind: EventPseudo, Task: a.Key, Node: a.Node})
		return true, nil
	case a.Kind == graph.CRMEvent && a.Task == "stonith":
		return true, e.fence(a)
	case a.Kind == graph.CRMEvent:
		ev := Event{Kind: EventCluster, Task: a.Task, Node: a.Node}
		if a.Primitive != nil {
			ev.Name = a.Primitive.ID
		}
		e.emit(ev)
		if e.Humane {
			return true, e.clusterAction(a)
		}
		return true, nil
	case a.Task == "probe_again":
		return true, nil
	}
	return e.operation(a)
}

// fence takes a node down, unless it is only unfenced (08 §9.2).
func (e *executor) fence(a *graph.Action) error {
	op, _ := a.Attr("CRM_meta_stonith_action")
	e.emit(Event{Kind: EventFence, Node: a.Node, Task: op})
	if strings.EqualFold(op, "on") {
		return nil
	}
	err := e.nodeDown(a.Node, "simulate_fencing_action")
	if n := e.remoteNode(e.s, a.Node); err == nil && n != nil && n.IsRemoteNode() {
		err = e.setFenced(a.Node, "1")
	}
	return err
}

// operation runs an operation of a resource and writes its result down.
func (e *executor) operation(a *graph.Action) (ok bool, err error) {
	if a.Primitive == nil {
		e.run.Abort(graph.Infinity)
		return false, nil
	}
	name := e.nameOf(a.Primitive)
	ms := interval(a)
	if strings.EqualFold(a.Task, "delete") || strings.EqualFold(a.Task, "meta-data") {
		e.emit(Event{Kind: EventRsc, Name: name, Task: a.Task, Node: a.Node})
		return true, nil
	}
	id := a.NodeID
	if a.Router != "" {
		id = a.Node
	}
	st, err := e.state(a.Node, id)
	if err != nil {
		return false, err
	}
	p := a.Primitive
	h, problem := e.history(st, name, p.ID, agent{class: p.Class, provider: p.Provider, kind: p.Type})
	if h == nil {
		e.emit(Event{Kind: EventError, Text: problem})
		e.run.Abort(graph.Infinity)
		return false, nil
	}
	e.emit(Event{Kind: EventRsc, Name: name, Task: a.Task, IntervalMs: ms, Node: a.Node})
	r := e.resultOf(a, ms)
	ok = !e.pretendFailure(a, st, name, &r)
	h.record(r)
	e.commit(st)
	if n := e.remoteNode(e.s, p.ID); ok && a.Task == "start" && n != nil && n.IsRemoteNode() {
		return ok, e.setFenced(p.ID, "0")
	}
	return ok, nil
}

// resultOf is what the operation is expected to come to.
func (e *executor) resultOf(a *graph.Action, ms uint32) result {
	get := func(name string) string { v, _ := a.Attr("CRM_meta_" + name); return v }
	r := result{
		key:  opKey{rsc: a.Primitive.ID, task: a.Task, intervalMs: ms},
		node: a.Node, now: e.x.Now, reason: "User-injected result", digest: paramDigest(a, ms),
		notifyType: get("notify_type"), notifyOp: get("notify_operation"),
		source: get("migrate_source"), target2: get("migrate_target"),
	}
	if e.Humane {
		r.reason = "simulated failure"
	}
	if n, ok := leadingInt(get("op_target_rc")); ok && n > 0 {
		r.target = n
	}
	r.rc = r.target
	return r
}

// nameOf is the name by which the history knows a resource (08 §8.3).
func (e *executor) nameOf(p *graph.Primitive) string {
	if p.LongID != "" && e.s.FindResource(p.ID) == nil && e.s.FindResource(p.LongID) != nil {
		return p.LongID
	}
	return p.ID
}

// interval is the interval of an operation in milliseconds.
func interval(a *graph.Action) uint32 {
	text, _ := a.Attr("CRM_meta_interval")
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// pretendFailure makes the operation fail if it is on the list (08 §8.5).
func (e *executor) pretendFailure(a *graph.Action, st *nodeState, name string, r *result) bool {
	for _, spec := range e.x.Fail {
		match := e.matches(spec, r, name)
		if match == "" {
			continue
		}
		_, text, _ := strings.Cut(spec, "=")
		rc, ok := leadingInt(text)
		if !ok {
			e.emit(Event{Kind: EventError, Text: "Invalid failed operation '" + spec + "' (result code must be integer)"})
			continue
		}
		r.rc = rc
		e.emit(Event{Kind: EventPretend, ActionID: a.ID, RC: rc})
		e.run.Abort(graph.Infinity)
		infinite := (a.Task == "start" && e.startFatal) || (a.Task == "stop" && e.stopFatal)
		op := r.key
		op.rsc = match
		e.addFailure(st, op, rc, infinite, e.x.Now, e.emit)
		return true
	}
	return false
}

// matches returns the name under which the specification names the operation,
// "" if it does not.
func (e *executor) matches(spec string, r *result, name string) string {
	for _, n := range [...]string{name, r.key.rsc} {
		op := r.key
		op.rsc = n
		prefix := op.String() + "@" + r.node + "="
		if len(spec) >= len(prefix) && strings.EqualFold(spec[:len(prefix)], prefix) {
			return n
		}
	}
	return ""
}

// paramDigest is the digest of what an operation is called with (08 §9.3.7).
func paramDigest(a *graph.Action, ms uint32) string {
	table := make(map[string]string, len(a.Attributes)+len(a.Params))
	for _, list := range [...][]graph.Attr{a.Attributes, a.Params} {
		for _, p := range list {
			switch p.Name {
			case "id", "crm_feature_set", "op-digest", "on_node", "on_node_uuid", "pcmk_external_ip":
			case "CRM_meta_timeout":
				if ms != 0 {
					table[p.Name] = p.Value
				}
			default:
				if !strings.HasPrefix(p.Name, "CRM_meta_") {
					table[p.Name] = p.Value
				}
			}
		}
	}
	return digest.Parameters(table)
}
