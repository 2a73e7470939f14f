package command

import (
	"fmt"

	"systole/cib/isotime"
	"systole/crm/explain"
	"systole/crm/graph"
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
	AllActions             bool   // also pseudo-actions, and what is not going to happen
	Problems               bool   // tell what is wrong with the configuration
	Format                 string // text, xml or json
	Color                  bool

	question *Question // of systole explain
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

// Exit statuses of systole beside those of the old program.
const (
	exitNoNode     = 68
	exitCannotMake = 73 // a file cannot be written
	exitNoRest     = 75 // the cluster does not come to rest
)

// Simulate plays and returns the exit status.
func Simulate(p *Play, env *Env) int { return play(p, env, "systole simulate") }

func play(p *Play, env *Env, prog string) int {
	o := &Options{
		Process: true, Simulate: !p.PlanOnly, Attributes: p.Attributes, FailCounts: p.FailCounts,
		Scores: p.Scores, Utilization: p.Utilization, AllActions: p.AllActions, Source: p.Source, Sanitized: true,
	}
	r := &run{o: o, env: env, prog: prog, human: true}
	switch p.Format {
	case "xml":
		x := render.NewXML(env.Args)
		x.Whole = true
		r.out = x
	case "json":
		r.out = render.NewJSON(env.Args)
	case "text", "":
		r.out = &render.Text{Color: p.Color, Terse: !p.AllActions}
	default:
		fmt.Fprintf(env.Stderr, "%s: unknown output format %q: want text, xml or json\n", prog, p.Format)
		return exitUsage
	}
	if p.Date != "" {
		if _, ok := isotime.ParseEpoch(p.Date, 0, env.Now); !ok {
			r.refuse("cannot read the date %q: want ISO 8601, as in 2026-11-26 14:00:00Z", p.Date)
			r.out.Finish(exitUsage)
			r.flush()
			return exitUsage
		}
		o.Date = &p.Date
	}
	status := r.play(p)
	r.out.Finish(status)
	r.flush()
	return status
}

// refuse says why what was asked for cannot be done: on standard error, and in
// reports that have a place for errors.
func (r *run) refuse(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.human {
		r.out.Error(text)
	}
	r.flush()
	fmt.Fprintf(r.env.Stderr, "%s: %s\n", r.prog, text)
}

func (r *run) play(p *Play) int {
	if status := r.load(); status != exitOK {
		return status
	}
	r.world.Humane = true
	r.reasons = p.Explain || p.SVG != "" || p.question != nil
	r.dated = true // told when it is clear that there is something to tell
	s, err := r.unpack()
	if err != nil {
		return r.broken(err)
	}
	r.sayNewer(s)
	if status := r.check(s, p.Steps); status != exitOK {
		return status
	}
	r.sayDate(p)
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
		r.printed = true
	}
	if len(r.wrote) > 0 {
		r.block()
	}
	for _, line := range r.wrote {
		r.out.Info(line)
	}
	return exitOK
}

// sayDate says which time it is in the simulation, if it is not now.
func (r *run) sayDate(p *Play) {
	text := ""
	if p.Date != "" {
		text = "It is " + p.Date
	} else if t, ok := executionDate(r.world.CIB()); ok {
		text = "It is " + render.UTC(t) + " (execution-date of the CIB)"
	}
	if text != "" && p.question == nil {
		r.out.Info(text)
		r.printed = true
	}
}

// step lets things happen and the cluster react, and returns what it is like
// afterwards.
func (r *run) step(p *Play, s *scheduler.State, step *Step, last bool) (*scheduler.State, int) {
	for round := 1; ; round++ {
		var status int
		var rest bool
		if s, rest, status = r.round(p, s, step, last, round); rest || status != exitOK {
			return s, status
		}
		if round == settleMax {
			r.refuse("the cluster still finds something to do after %d transitions", round)
			return s, exitNoRest
		}
	}
}

// round is one plan of the cluster with what comes before it and its execution.
// rest says that there is nothing more to do in this step.
func (r *run) round(p *Play, s *scheduler.State, step *Step, last bool, round int) (_ *scheduler.State, rest bool, _ int) {
	if st, ok := r.out.(render.Stepper); ok && p.question == nil {
		st.StepBegin()
		defer st.StepEnd()
	}
	var err error
	if round == 1 && !step.empty() {
		if s, err = r.happen(p, s, step); err != nil {
			return s, true, r.broken(err)
		}
		r.noteQuorum(s, step)
	}
	var status int
	if s, status = r.decideWith(p.question, s); status != exitOK {
		return s, true, status
	}
	if out, ok := r.out.(render.ProblemTeller); ok && p.Problems && round == 1 {
		r.block()
		out.Problems(s.Problems)
		r.printed = true
	}
	if round > 1 && !anythingReal(s.Graph()) {
		return s, true, exitOK
	}
	if status := r.showPlan(p, s, last && round == 1, last); status != exitOK || (p.PlanOnly && last) {
		return s, true, status
	}
	if status := r.carryOut(p, s, step.Fail); status != exitOK {
		return s, true, status
	}
	if s, err = r.unpack(); err != nil {
		return s, true, r.broken(err)
	}
	return s, !p.Settle, exitOK
}

// happen lets the events of a step happen.
func (r *run) happen(p *Play, s *scheduler.State, step *Step) (*scheduler.State, error) {
	r.events = nil
	event := func(simulate.Event) {}
	in := &step.Injection
	if p.question == nil {
		r.block()
		r.out.ModificationsBegin(in.Quorum, in.Watchdog)
		event = func(e simulate.Event) {
			if text := render.EventText(&e); text != "" && e.Kind != simulate.EventAttr {
				r.events = append(r.events, text)
			}
			r.event(e)
		}
	}
	if err := r.world.Inject(s, in, r.env.Now, event); err != nil {
		return s, err
	}
	if p.question == nil {
		r.out.ModificationsEnd()
		r.printed = true
	}
	return r.unpack()
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

// showPlan shows the plan and writes its pictures; a question is answered when
// the last step has come.
func (r *run) showPlan(p *Play, s *scheduler.State, files, last bool) int {
	if p.question != nil {
		if !last {
			return exitOK
		}
		return r.answer(p.question, s)
	}
	if status := r.show(s); status != exitOK {
		return status
	}
	if e, ok := r.out.(render.Explainer); ok && p.Explain {
		r.block()
		e.Reasons(explain.New(s))
	}
	if !files {
		return exitOK
	}
	return r.pictures(p, s)
}

// pictures writes the transition graph in the forms that were asked for.
func (r *run) pictures(p *Play, s *scheduler.State) int {
	for _, f := range [...]struct {
		name, what string
		data       func() []byte
	}{
		{p.Graph, "transition graph", func() []byte { return s.Graph().AppendXML(nil) }},
		{p.Dot, "transition graph (DOT)", func() []byte { return s.DOT(p.AllActions, false) }},
		{p.SVG, "picture of the transition", func() []byte { return r.picture(p, s) }},
	} {
		if f.name == "" {
			continue
		}
		if err := r.env.WriteFile(f.name, f.data()); err != nil {
			r.refuse("cannot write %s: %v", f.name, err)
			return exitCannotMake
		}
		r.wrote = append(r.wrote, "The "+f.what+" is in "+f.name)
	}
	return exitOK
}

// carryOut executes the plan.
func (r *run) carryOut(p *Play, s *scheduler.State, fail []string) int {
	event := func(simulate.Event) {}
	if p.question == nil {
		if p.AllActions || p.Format != "text" {
			r.block() // else the first thing that is done begins it
		}
		r.out.TransitionBegin()
		event = r.event
	}
	end, err := r.world.Execute(s, s.Graph(), simulate.Execution{Fail: fail, Now: r.env.Now}, event)
	if err != nil {
		return r.broken(err)
	}
	if p.question == nil {
		r.out.TransitionEnd()
		r.printed = true
	}
	if end != graph.Complete {
		r.refuse("the transition could not be carried out to its end: its graph has actions that wait for each other")
		return exitError
	}
	return exitOK
}

func (r *run) saveAs(file string) int {
	if file == "" {
		return exitOK
	}
	if err := r.env.WriteFile(file, r.cibText()); err != nil {
		r.refuse("cannot write the resulting CIB to %s: %v", file, err)
		return exitCannotMake
	}
	r.wrote = append(r.wrote, "The resulting CIB is in "+file)
	return exitOK
}
