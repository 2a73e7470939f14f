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

// kinds is a table: the kinds of faults, and how one is made. Those that the
// issue names come first.
var kinds = []struct {
	name string
	make func(d dice) []Step
}{
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
	{"standby-one", func(d dice) []Step {
		n := d.some(1)
		return []Step{{Verb: Standby, Nodes: n}, {Verb: Whole, Nodes: n}, {After: d.between(0, 5*time.Second), Verb: Online, Nodes: n}}
	}},
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
	{"wiped-joiner-killed", func(d dice) []Step { return d.wiped(func(joiner string) []string { return []string{joiner} }) }},
	{"all-killed-while-joining", func(d dice) []Step { return d.wiped(func(string) []string { return d.nodes }) }},
}

// Kinds are the names of all kinds of faults.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
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
