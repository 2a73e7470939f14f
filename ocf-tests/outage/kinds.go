package outage

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A dice makes the steps of a fault: the nodes of the cluster and a source of
// random numbers.
type dice struct {
	*rand.Rand
	nodes []string
}

// A kind of fault, and how one is made.
type kind struct {
	name string
	make func(d dice) []Step
}

// kinds is a table. Those that the issue names come first.
var kinds = []kind{
	{"kill-all", func(d dice) []Step { return []Step{kill(ServiceProgram, d.nodes...)} }},
	{"kill-staggered", func(d dice) []Step { return d.staggered(Kill, ServiceProgram, 3*time.Second) }},
	{"off-one", func(d dice) []Step { return []Step{{Verb: Off, Nodes: d.some(1)}} }},
	{"off-two", dice.offTwo},
	{"off-all", func(d dice) []Step {
		return append([]Step{{Verb: Off, Nodes: d.nodes}}, d.staggered(On, "", 4*time.Second)...)
	}},
	{"cut-one", func(d dice) []Step { return d.cut(1, 8*time.Second, 25*time.Second) }},
	{"cut-short", func(d dice) []Step { return d.cut(1, 300*time.Millisecond, 3*time.Second) }},
	{"cut-all", func(d dice) []Step { return d.cut(len(d.nodes), 1*time.Second, 20*time.Second) }},
	{"lost", func(d dice) []Step { return d.lost(nil) }},
	{"lost-kill-rest", func(d dice) []Step {
		return d.lost(func(lost string) []Step {
			return []Step{kill(ServiceProgram, without(d.nodes, lost)...)}
		})
	}},

	{"kill-one", func(d dice) []Step { return []Step{kill(ServiceProgram, d.some(1)...)} }},
	{"kill-two", func(d dice) []Step { return []Step{kill(ServiceProgram, d.some(2)...)} }},
	{"kill-all-twice", func(d dice) []Step {
		again := kill(ServiceProgram, d.nodes...)
		again.After = d.between(time.Second, 25*time.Second)
		return []Step{kill(ServiceProgram, d.nodes...), again}
	}},
	{"kill-all-then-one", func(d dice) []Step {
		again := kill(ServiceProgram, d.some(1)...)
		again.After = d.between(time.Second, 20*time.Second)
		return []Step{kill(ServiceProgram, d.nodes...), again}
	}},
	{"kill-all-off-one", func(d dice) []Step {
		off := Step{After: d.between(0, 15*time.Second), Verb: Off, Nodes: d.some(1)}
		return []Step{kill(ServiceProgram, d.nodes...), off}
	}},
	{"freeze-one", func(d dice) []Step { return []Step{{Verb: Freeze, Program: ServiceProgram, Nodes: d.some(1)}} }},
	{"off-dc", func(dice) []Step { return []Step{{Verb: Off, Nodes: []string{DC}}} }},
	{"kill-all-off-dc", func(d dice) []Step {
		off := Step{After: d.between(time.Second, 15*time.Second), Verb: Off, Nodes: []string{DC}}
		return []Step{kill(ServiceProgram, d.nodes...), off}
	}},
	{"kill-controller", func(dice) []Step { return []Step{kill("pacemaker-controld", DC)} }},
	{"kill-executor", func(d dice) []Step { return []Step{kill("pacemaker-execd", d.some(1)...)} }},
	{"kill-corosync", func(d dice) []Step { return []Step{kill("corosync", d.some(1)...)} }},
	{"standby-one", func(d dice) []Step { return d.standby(d.some(1)) }},
	{"standby-all", func(d dice) []Step {
		return append(d.staggered(Standby, "", 4*time.Second), d.later(15*time.Second, d.staggered(Online, "", 4*time.Second))...)
	}},
	{"stop-one", func(d dice) []Step {
		n := d.some(1)
		return []Step{{Verb: Stop, Nodes: n}, {Verb: Whole, Nodes: n}, {After: d.between(0, 5*time.Second), Verb: Start, Nodes: n}}
	}},
	{"stop-all", func(d dice) []Step {
		return append(d.staggered(Stop, "", 4*time.Second), d.later(2*time.Second, d.staggered(Start, "", 4*time.Second))...)
	}},
	{"isolate-one", func(d dice) []Step {
		n := d.some(1)
		return []Step{{Verb: Isolate, Nodes: n}, {After: d.between(3*time.Second, 40*time.Second), Verb: Rejoin, Nodes: n}}
	}},
	{"isolate-all", func(d dice) []Step {
		return []Step{{Verb: Isolate, Nodes: d.nodes}, {After: d.between(3*time.Second, 30*time.Second), Verb: Rejoin, Nodes: d.nodes}}
	}},
	{"wiped-joiner-killed", func(d dice) []Step { return d.wiped(func(joiner string) []string { return []string{joiner} }) }},
	{"all-killed-while-joining", func(d dice) []Step { return d.wiped(func(string) []string { return d.nodes }) }},
}

// failovers is a table: kinds for a service that clients reach through a virtual
// address. They are used where they are asked for.
var failovers = []kind{
	{"kill-active", func(dice) []Step { return []Step{kill(ServiceProgram, Active)} }},
	{"freeze-active", func(dice) []Step { return []Step{{Verb: Freeze, Program: ServiceProgram, Nodes: []string{Active}}} }},
	{"off-active", func(dice) []Step { return []Step{{Verb: Off, Nodes: []string{Active}}} }},
	{"cut-active", func(d dice) []Step { return d.cutNodes([]string{Active}, 8*time.Second, 20*time.Second) }},
	{"standby-active", func(d dice) []Step { return d.standby([]string{Active}) }},
	{"kill-proxy", func(dice) []Step { return []Step{kill(ProxyProgram, Owner)} }},
	{"off-owner", func(dice) []Step { return []Step{{Verb: Off, Nodes: []string{Owner}}} }},
	{"cut-owner", func(d dice) []Step { return d.cutNodes([]string{Owner}, 8*time.Second, 20*time.Second) }},
	{"standby-owner", func(d dice) []Step { return d.standby([]string{Owner}) }},
}

// Kinds are the names of the kinds of faults that make a plan.
func Kinds() []string { return kindNames(kinds) }

// FailoverKinds are those of faults of a service with a virtual address.
func FailoverKinds() []string { return kindNames(failovers) }

func kindNames(list []kind) []string {
	names := make([]string, len(list))
	for i, k := range list {
		names[i] = k.name
	}
	return names
}

func kill(program string, nodes ...string) Step {
	return Step{Verb: Kill, Program: program, Nodes: nodes}
}

func without(nodes []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return n == name })
}

// some are k nodes in random order.
func (d dice) some(k int) []string {
	nodes := slices.Clone(d.nodes)
	d.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	return nodes[:k]
}

// between is a time in milliseconds: a plan that is printed is the whole plan.
func (d dice) between(from, to time.Duration) time.Duration {
	return (from + time.Duration(d.Int64N(int64(to-from)+1))).Truncate(time.Millisecond)
}

// staggered does something to all nodes, one after the other in random order.
func (d dice) staggered(v Verb, program string, gap time.Duration) []Step {
	var steps []Step
	for i, n := range d.some(len(d.nodes)) {
		s := Step{Verb: v, Program: program, Nodes: []string{n}}
		if i > 0 {
			s.After = d.between(0, gap)
		}
		steps = append(steps, s)
	}
	return steps
}

// later lets the first step wait.
func (d dice) later(longest time.Duration, steps []Step) []Step {
	steps[0].After = d.between(0, longest)
	return steps
}

// offTwo leaves no quorum and so nobody who would boot them.
func (d dice) offTwo() []Step {
	n := d.some(len(d.nodes)/2 + 1)
	steps := []Step{{Verb: Off, Nodes: n}}
	for _, name := range n {
		steps = append(steps, Step{After: d.between(time.Second, 10*time.Second), Verb: On, Nodes: []string{name}})
	}
	return steps
}

func (d dice) cut(k int, from, to time.Duration) []Step {
	n := d.some(k)
	slices.Sort(n)
	return d.cutNodes(n, from, to)
}

func (d dice) standby(n []string) []Step {
	return []Step{{Verb: Standby, Nodes: n}, {Verb: Whole, Nodes: n}, {After: d.between(0, 5*time.Second), Verb: Online, Nodes: n}}
}

func (d dice) cutNodes(n []string, from, to time.Duration) []Step {
	return []Step{{Verb: Cut, Nodes: n}, {After: d.between(from, to), Verb: Heal, Nodes: n}}
}

// lost is a node that is destroyed: the others go on without it, more happens to
// them, and a new machine takes its place, without data.
func (d dice) lost(more func(lost string) []Step) []Step {
	n := d.some(1)
	steps := []Step{
		{Verb: Break, Nodes: n},
		{Verb: Off, Nodes: n},
		{Verb: Wipe, Nodes: n},
		{Verb: Whole, Nodes: n},
	}
	if more != nil {
		steps = append(steps, more(n[0])...)
	}
	return append(steps,
		Step{After: d.between(0, 10*time.Second), Verb: Mend, Nodes: n},
		Step{Verb: On, Nodes: n})
}

// wiped is a node that comes back without data, and kills while it fetches them.
func (d dice) wiped(victims func(joiner string) []string) []Step {
	steps := d.lost(nil)
	joiner := steps[0].Nodes
	kill := kill(ServiceProgram, victims(joiner[0])...)
	kill.After = d.between(0, 1500*time.Millisecond)
	return append(steps, Step{Verb: Running, Program: TransferProgram, Nodes: joiner}, kill)
}
