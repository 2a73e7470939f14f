package graph

import "math"

// Infinity is the priority of synapses that go on after a failure, and the
// priority that an abort needs to stop everything else.
const Infinity = 1000000

// Limits bound what a Runner has in flight. Zero means no bound.
type Limits struct {
	Actions    int // batch-limit: actions that were started and are not done, pseudo-events not counted
	Migrations int // migration-limit: migrations in flight per node
}

// Runner executes a graph step by step: Next says what to start, Done takes
// results back in. It decides only the order; it starts nothing itself, so that
// a simulation and a controller can share it. With every action done as soon as
// it is started, the order is that of Pacemaker's passes over the synapses
// (08 §8.2).
type Runner struct {
	g     *Graph
	lim   Limits
	needs map[int][]int32 // action id → positions of synapses that wait for it
	state []synapseState
	of    map[int]int32 // action id → position of its synapse

	pass, later heap // positions of synapses that are ready, in this pass and the next
	at          int32
	current     int32 // synapse that is being started, -1 none
	nextAction  int   // of it
	held        []int32

	abort     int
	fired     int // synapses
	completed int
	inFlight  int
	migrating map[string]int
}

type synapseState struct {
	waiting int // inputs that are not done
	open    int // actions that are not done
	fired   bool
}

// NewRunner prepares the execution of a graph, which is not changed.
func NewRunner(g *Graph, lim Limits) *Runner {
	r := &Runner{
		g: g, lim: lim, needs: map[int][]int32{}, of: make(map[int]int32, len(g.Synapses)),
		state: make([]synapseState, len(g.Synapses)), current: -1, at: -1, migrating: map[string]int{},
	}
	for i := range g.Synapses {
		s := &g.Synapses[i]
		st := &r.state[i]
		st.open = len(s.Actions)
		for _, a := range s.Actions {
			r.of[a.ID] = int32(i)
		}
		for _, in := range s.Inputs {
			list := r.needs[in.ID]
			if k := len(list); k == 0 || list[k-1] != int32(i) { // an input counts once
				st.waiting++
				r.needs[in.ID] = append(list, int32(i))
			}
		}
		if st.waiting == 0 {
			r.pass.push(int32(i))
		}
	}
	return r
}

// Next returns the next action to start, or nil when nothing can be started
// before something else is done.
func (r *Runner) Next() *Action {
	if r.current < 0 && !r.fire() {
		return nil
	}
	s := &r.g.Synapses[r.current]
	a := s.Actions[r.nextAction]
	if r.nextAction++; r.nextAction == len(s.Actions) {
		r.current = -1
	}
	if a.Kind != PseudoEvent {
		r.inFlight++
		if isMigration(a) {
			r.migrating[a.Node]++
		}
	}
	return a
}

// fire picks the next synapse.
func (r *Runner) fire() bool {
	for {
		if r.pass.empty() {
			if r.later.empty() {
				return false
			}
			r.pass, r.later = r.later, r.pass
			r.at = -1
		}
		i := r.pass.pop()
		r.at = i
		s := &r.g.Synapses[i]
		if len(s.Actions) == 0 || r.aborted(s) {
			continue
		}
		if r.full(s) {
			r.held = append(r.held, i)
			continue
		}
		r.state[i].fired = true
		r.fired++
		r.current, r.nextAction = i, 0
		return true
	}
}

// aborted tells whether an abort keeps the synapse from being started. The
// priority of an abort never gets lower, so it will never be.
func (r *Runner) aborted(s *Synapse) bool {
	if s.Priority >= r.abort {
		return false
	}
	for _, a := range s.Actions {
		if a.Kind != PseudoEvent {
			return true
		}
	}
	return false
}

// full tells whether a limit keeps the synapse from being started now.
func (r *Runner) full(s *Synapse) bool {
	for _, a := range s.Actions {
		switch {
		case a.Kind == PseudoEvent:
		case r.lim.Actions > 0 && r.inFlight >= r.lim.Actions:
			return true
		case r.lim.Migrations > 0 && isMigration(a) && r.migrating[a.Node] >= r.lim.Migrations:
			return true
		}
	}
	return false
}

func isMigration(a *Action) bool { return a.Task == "migrate_to" || a.Task == "migrate_from" }

// Done takes the end of a started action. After a failure only synapses of
// infinite priority go on from it. An action that was not started, or is done
// already, is left out.
func (r *Runner) Done(a *Action, ok bool) {
	i, known := r.of[a.ID]
	if !known || !r.state[i].fired || r.state[i].open == 0 {
		return
	}
	if r.state[i].open--; r.state[i].open == 0 {
		r.completed++
	}
	if a.Kind != PseudoEvent {
		r.inFlight--
		if isMigration(a) {
			r.migrating[a.Node]--
		}
		for _, h := range r.held {
			r.ready(h)
		}
		r.held = r.held[:0]
	}
	for _, k := range r.needs[a.ID] {
		if !ok && r.g.Synapses[k].Priority < Infinity {
			continue
		}
		if r.state[k].waiting--; r.state[k].waiting == 0 && !r.state[k].fired {
			r.ready(k)
		}
	}
}

// ready queues a synapse: for this pass if that has not come by yet.
func (r *Runner) ready(i int32) {
	if i > r.at {
		r.pass.push(i)
	} else {
		r.later.push(i)
	}
}

// Abort keeps synapses below the priority from being started; pseudo-events go
// on. It can only get stricter.
func (r *Runner) Abort(priority int) { r.abort = max(r.abort, min(priority, math.MaxInt32)) }

// Status tells how far a graph is.
type Status uint8

const (
	Active     Status = iota // something is in flight or can be started
	Complete                 // all is done, or what is left was kept back by an abort
	Terminated               // something is left that can never start: the graph is broken
)

var statusNames = [...]string{"active", "complete", "terminated"} // table

func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return "unknown"
}

// Status tells how far the graph is. Ask when Next returned nil: only then it
// is known that nothing can be started.
func (r *Runner) Status() Status {
	switch {
	case r.completed < r.fired || r.current >= 0 || len(r.held) > 0 || !r.pass.empty() || !r.later.empty():
		return Active
	case r.fired == len(r.g.Synapses) || r.abort > 0:
		return Complete
	}
	return Terminated
}

// Left counts the synapses that were not started.
func (r *Runner) Left() int { return len(r.g.Synapses) - r.fired }

// heap is a queue of positions, the lowest first.
type heap []int32

func (h heap) empty() bool { return len(h) == 0 }

func (h *heap) push(v int32) {
	*h = append(*h, v)
	q := *h
	for i := len(q) - 1; i > 0; {
		p := (i - 1) / 2
		if q[p] <= q[i] {
			return
		}
		q[p], q[i] = q[i], q[p]
		i = p
	}
}

func (h *heap) pop() int32 {
	q := *h
	top := q[0]
	last := len(q) - 1
	q[0] = q[last]
	q = q[:last]
	*h = q
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return top
		}
		if c+1 < last && q[c+1] < q[c] {
			c++
		}
		if q[i] <= q[c] {
			return top
		}
		q[i], q[c] = q[c], q[i]
		i = c
	}
}
