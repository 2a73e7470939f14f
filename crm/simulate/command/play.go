package command

import (
	"fmt"
	"slices"
	"strings"

	"systole/cib/isotime"
	"systole/crm/graph"
	"systole/crm/graph/svg"
	"systole/crm/render"
	"systole/crm/scheduler"
	"systole/crm/simulate"
)

// Play is what systole simulate is asked for: things that happen to a cluster
// one after the other, each followed by what the cluster does about it.
type Play struct {
	Source string // file, or "-" for standard input
	Steps  []Step

	PlanOnly bool // do not execute the plans
	Settle   bool // plan and execute again until nothing is left to do
	Brief    bool // no status blocks
	Explain  bool

	Date                   string
	Attributes, FailCounts bool
	Scores, Utilization    bool
	Graph, Dot, SVG, Save  string // files, "" = none
	AllActions             bool
	Format                 string // text, xml or json
	Color                  bool
}

// Step is a set of things that happen at once.
type Step struct {
	Injection simulate.Injection
	Fail      []string // operations that fail while the cluster reacts
}

func (s *Step) empty() bool { return !s.Injection.Any() && s.Injection.Quorum == nil }

// settleMax is how often a cluster may act before we give up waiting for it to
// come to rest.
const settleMax = 25

// Exit statuses of systole simulate beside those of the old program.
const (
	exitNoNode = 68
	exitNoRest = 75 // the cluster does not come to rest
)

// Simulate plays and returns the exit status.
func Simulate(p *Play, env *Env) int {
	o := &Options{
		Process: true, Simulate: !p.PlanOnly, Attributes: p.Attributes, FailCounts: p.FailCounts,
		Scores: p.Scores, Utilization: p.Utilization, AllActions: p.AllActions, Source: p.Source, Sanitized: true,
	}
	r := &run{o: o, env: env, prog: "systole simulate", human: true}
	switch p.Format {
	case "xml":
		x := render.NewXML(env.Args)
		x.Whole = true
		r.out = x
	case "json":
		r.out = render.NewJSON(env.Args)
	case "text", "":
		r.out = &render.Text{Color: p.Color}
	default:
		fmt.Fprintf(env.Stderr, "systole simulate: unknown output format %q: want text, xml or json\n", p.Format)
		return exitUsage
	}
	if p.Date != "" {
		if _, ok := isotime.ParseEpoch(p.Date, 0, env.Now); !ok {
			fmt.Fprintf(env.Stderr, "systole simulate: cannot read the date %q: want ISO 8601, as in 2026-11-26 14:00:00Z\n", p.Date)
			return exitUsage
		}
		o.Date = &p.Date
	}
	status := r.play(p)
	r.out.Finish(status)
	r.flush()
	return status
}

func (r *run) play(p *Play) int {
	if status := r.load(); status != exitOK {
		return status
	}
	r.world.AddUnknown = true
	r.trail = p.Explain
	s, err := r.unpack()
	if err != nil {
		return r.broken(err)
	}
	r.sayNewer(s)
	r.dated = true
	if status := r.check(s, p.Steps); status != exitOK {
		return status
	}
	if !p.Brief {
		r.currentStatus(s)
	}
	steps := p.Steps
	if len(steps) == 0 {
		steps = []Step{{}}
	}
	for i := range steps {
		last := i == len(steps)-1
		var status int
		if s, status = r.step(p, s, &steps[i], last); status != exitOK {
			return status
		}
		r.flush()
	}
	if status := r.saveAs(p.Save); status != exitOK {
		return status
	}
	if !p.PlanOnly && !p.Brief {
		r.block()
		r.out.Status(render.RevisedStatus, s, r.statusOptions(false))
	}
	return exitOK
}

// step lets things happen and the cluster react, and returns what it is like
// afterwards.
func (r *run) step(p *Play, s *scheduler.State, step *Step, last bool) (*scheduler.State, int) {
	var err error
	if !step.empty() {
		r.block()
		r.o.Injection = step.Injection
		if status := r.inject(s); status != exitOK {
			return s, status
		}
		r.printed = true
		if s, err = r.unpack(); err != nil {
			return s, r.broken(err)
		}
	}
	for round := 1; ; round++ {
		if status := r.decide(s); status != exitOK {
			return s, status
		}
		if round > 1 && !anythingReal(s.Graph()) {
			return s, exitOK
		}
		if status := r.showPlan(p, s, last && round == 1); status != exitOK || p.PlanOnly {
			return s, status
		}
		if status := r.carryOut(s, step.Fail); status != exitOK {
			return s, status
		}
		if s, err = r.unpack(); err != nil {
			return s, r.broken(err)
		}
		if !p.Settle {
			return s, exitOK
		}
		if round == settleMax {
			r.tell("%s: the cluster still finds something to do after %d transitions", r.prog, round)
			return s, exitNoRest
		}
	}
}

// anythingReal tells whether a graph does more than pass words on.
func anythingReal(g *graph.Graph) bool {
	for i := range g.Synapses {
		for _, a := range g.Synapses[i].Actions {
			if a.Kind != graph.PseudoEvent {
				return true
			}
		}
	}
	return false
}

// showPlan shows the plan and writes its pictures.
func (r *run) showPlan(p *Play, s *scheduler.State, files bool) int {
	if status := r.show(s); status != exitOK {
		return status
	}
	if e, ok := r.out.(render.Explainer); ok && p.Explain {
		r.block()
		e.Explain(s)
	}
	if !files {
		return exitOK
	}
	for _, f := range [...]struct {
		name string
		data func() []byte
	}{
		{p.Graph, func() []byte { return s.Graph().AppendXML(nil) }},
		{p.Dot, func() []byte { return s.DOT(p.AllActions, false) }},
		{p.SVG, func() []byte { return svg.Draw(s.Graph(), "Transition") }},
	} {
		if f.name == "" {
			continue
		}
		if err := r.env.WriteFile(f.name, f.data()); err != nil {
			r.tell("%s: cannot write %s: %v", r.prog, f.name, err)
			return exitGraph
		}
	}
	return exitOK
}

// carryOut executes the plan.
func (r *run) carryOut(s *scheduler.State, fail []string) int {
	r.block()
	r.out.TransitionBegin()
	end, err := r.world.Execute(s, s.Graph(), simulate.Execution{Fail: fail, Now: r.env.Now}, r.event)
	if err != nil {
		return r.broken(err)
	}
	r.out.TransitionEnd()
	if end != graph.Complete {
		r.complain("the transition could not be carried out to its end: its graph has actions that wait for each other")
		return exitError
	}
	return exitOK
}

func (r *run) saveAs(file string) int {
	if file == "" {
		return exitOK
	}
	if err := r.env.WriteFile(file, r.cibText()); err != nil {
		r.tell("%s: cannot write the resulting CIB to %s: %v", r.prog, file, err)
		return exitOf(err)
	}
	return exitOK
}

// check refuses steps that name what is not there, and says what there is.
func (r *run) check(s *scheduler.State, steps []Step) int {
	c := checker{s: s}
	for _, n := range s.Nodes {
		c.nodes = append(c.nodes, n.Name)
	}
	for i := range steps {
		step := &steps[i]
		for _, n := range step.Injection.NodesUp {
			if !slices.Contains(c.nodes, n) {
				c.nodes = append(c.nodes, n)
			}
		}
		for _, list := range [...][]string{step.Injection.NodesDown, step.Injection.NodesFail} {
			for _, name := range list {
				if problem := c.node(name); problem != "" {
					r.tell("%s: %s", r.prog, problem)
					return exitNoNode
				}
			}
		}
		for _, list := range [...]struct {
			flag  string
			specs []string
		}{{"--op-inject", step.Injection.Ops}, {"--op-fail", step.Fail}} {
			for _, spec := range list.specs {
				if problem := c.spec(spec); problem != "" {
					r.tell("%s: %s %q: %s", r.prog, list.flag, spec, problem)
					return exitUsage
				}
			}
		}
	}
	return exitOK
}

// checker knows what there is.
type checker struct {
	s     *scheduler.State
	nodes []string
}

func (c *checker) node(name string) string {
	if slices.Contains(c.nodes, name) {
		return ""
	}
	return fmt.Sprintf("there is no node %q; there are: %s", name, strings.Join(c.nodes, ", "))
}

// spec says what is wrong with RSC_TASK_INTERVALMS@NODE=RC.
func (c *checker) spec(spec string) string {
	key, node, _, ok := simulate.ParseSpec(spec)
	if !ok {
		return "want RSC_TASK_INTERVALMS@NODE=RC, as in web_monitor_10000@node1=7"
	}
	rsc, _, _, ok := scheduler.SplitKey(key)
	if !ok {
		return fmt.Sprintf("%q is no operation: want RSC_TASK_INTERVALMS, as in web_start_0", key)
	}
	switch r := c.s.FindResource(rsc); {
	case r == nil && c.s.FindResource(rsc+":0") == nil:
		return fmt.Sprintf("there is no resource %q", rsc)
	case r == nil:
		return fmt.Sprintf("%s is an instance of a clone: name it with its number, as in %s:0", rsc, rsc)
	case !r.IsLeaf():
		return fmt.Sprintf("%s is no primitive: name one that is in it", rsc)
	}
	return c.node(node)
}
