package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"systole/cib/isotime"
	"systole/cib/schema"
	"systole/cib/value"
	"systole/crm/graph"
	"systole/crm/render"
	"systole/crm/scheduler"
	"systole/crm/simulate"
	"systole/lib/xmltree"
)

const name = "crm_simulate"

// versionText is what Pacemaker's program of this feature set says.
const versionText = "Pacemaker 3.0.2\nWritten by Andrew Beekhof and the Pacemaker project contributors\n"

// Main runs the program and returns its exit status.
func Main(args []string, env *Env) int {
	o, err := Parse(args)
	if err != nil {
		fmt.Fprintf(env.Stderr, "%s: %v\n", name, err)
		return exitUsage
	}
	for _, w := range o.Warnings {
		fmt.Fprintln(env.Stderr, w)
	}
	r := &run{o: o, env: env, prog: name}
	if o.Help != "" {
		fmt.Fprint(env.Stdout, helpText(o.Help))
		return exitOK
	}
	if !r.openOutput() {
		return exitNoSuchThing
	}
	status := r.main()
	r.out.Finish(status)
	r.flush()
	return status
}

// run is one run of the program.
type run struct {
	o       *Options
	env     *Env
	out     render.Output
	world   *simulate.World
	printed bool // something was printed that needs an empty line after it
	file    []byte
	prog    string          // the program's name, in messages
	human   bool            // messages say what is wrong, instead of what Pacemaker says
	reasons bool            // reasons are wanted
	trail   bool            // keep what is needed to say why
	only    map[string]bool // for these resources, nil = all
	dated   bool            // the date was told, and that is enough
	wrote   []string
	events  []string // what happened in the last step, in words

	quorumSaid bool // quorum was given, or what was assumed about it was said
}

func (r *run) openOutput() bool {
	switch r.o.OutputAs {
	case "text":
		r.out = &render.Text{Quiet: r.o.Quiet, Plain: r.o.Quiet && r.o.Scores}
	case "none":
		r.out = render.None{}
	case "xml":
		r.out = render.NewXML(r.env.Args)
	default:
		fmt.Fprintf(r.env.Stderr, "Error creating output format %s: Unknown output format\n", r.o.OutputAs)
		return false
	}
	return true
}

// flush writes what there is. A file that the output goes to is written as a
// whole.
func (r *run) flush() {
	b := r.out.Take()
	if r.o.OutputTo == "" || r.o.OutputTo == "-" {
		r.env.Stdout.Write(b) //nolint:errcheck // nobody is left to be told
		return
	}
	r.file = append(r.file, b...)
	if err := r.env.WriteFile(r.o.OutputTo, r.file); err != nil {
		fmt.Fprintf(r.env.Stderr, "%s: cannot write the output to %s: %v\n", name, r.o.OutputTo, err)
	}
}

// complain tells of an error; with XML output it is part of the report.
func (r *run) complain(text string) {
	if !r.out.Error(text) {
		r.flush()
		fmt.Fprintln(r.env.Stderr, text)
	}
}

// tell writes a message of the program itself to standard error.
func (r *run) tell(format string, args ...any) {
	r.flush()
	fmt.Fprintf(r.env.Stderr, format+"\n", args...)
}

func (r *run) main() int {
	switch {
	case r.o.Version:
		r.out.Version(versionText)
		return exitOK
	case r.o.Profile:
		return r.profile()
	}
	if status := r.load(); status != exitOK {
		return status
	}
	return r.simulate()
}

// load reads the input, brings it to the newest schema and writes the working
// file (08 §2).
func (r *run) load() int {
	source := r.o.Source
	if r.o.Live {
		if source = r.env.CIBFile; source == "" {
			r.complain("Could not connect to the CIB: Transport endpoint is not connected")
			return exitNotFound
		}
	}
	data, err := r.env.ReadFile(source)
	if err != nil {
		return r.unreadable(source, err)
	}
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return r.unreadable(source, err)
	}
	if status := r.upgrade(root, source); status != exitOK {
		return status
	}
	r.world = simulate.NewWorld(root)
	r.world.ConfigNodes = len(r.o.Injection.NodesUp) > 0
	return r.save(true)
}

// unreadable tells that the input cannot be read.
func (r *run) unreadable(source string, err error) int {
	if r.human || r.o.Verbose > 0 {
		r.refuse("cannot read the CIB from %s: %v", sourceName(source), err)
	}
	if !r.human {
		r.tell("%s: Could not read input XML: Bad input value provided", name)
	}
	return exitBadInput
}

func sourceName(source string) string {
	if source == "-" {
		return "standard input"
	}
	return source
}

// upgrade brings a CIB to the newest schema and checks it.
func (r *run) upgrade(root *xmltree.Element, source string) int {
	if root.Name != "cib" {
		if r.human || r.o.Verbose > 0 {
			r.refuse("%s is no CIB: the root element is <%s>, expected <cib>", sourceName(source), root.Name)
		}
		return exitConfig
	}
	if root.Child("status") == nil {
		root.Add("status")
	}
	result, err := schema.Upgrade(root)
	for _, m := range result.Messages {
		r.tell("%s", m)
	}
	var unknown *schema.UnknownSchemaError
	if errors.As(err, &unknown) {
		if r.human || r.o.Verbose > 0 {
			r.refuse("%s: %v", sourceName(source), err)
		}
		return exitConfig
	}
	if err != nil {
		var problems []schema.Problem
		for _, rejected := range result.Rejected { // most are the same in every schema
			for _, p := range rejected.Problems {
				if !slices.Contains(problems, p) {
					problems = append(problems, p)
				}
			}
		}
		r.problems(source, problems)
		r.fault("%v", err)
		return exitConfig
	}
	if !result.Valid {
		if problems := schema.Validate(root, result.To); len(problems) > 0 {
			r.problems(source, problems)
			return exitConfig
		}
	}
	return exitOK
}

func (r *run) problems(source string, list []schema.Problem) {
	for _, p := range list {
		r.fault("%s: %v", sourceName(source), p)
	}
}

// save writes the working file, if anybody wants it. first tells that it is the
// input that is written.
func (r *run) save(first bool) int {
	target := ""
	switch {
	case r.o.InPlace && r.o.Live:
		return exitOK // where the cluster's CIB came from is not ours to write
	case r.o.InPlace:
		target = r.o.Source
	case r.o.SaveOutput != nil:
		target = *r.o.SaveOutput
	default:
		return exitOK
	}
	err := r.env.WriteFile(target, r.cibText())
	if err == nil {
		return exitOK
	}
	if first {
		r.tell("%s: Could not create '%s': %v", name, target, err)
	}
	return exitOf(err)
}

func (r *run) cibText() []byte { return xmltree.AppendXML(nil, r.world.CIB(), xmltree.PrintOptions{}) }

func exitOf(err error) int {
	var f *FileError
	if errors.As(err, &f) {
		return f.Exit
	}
	return exitGraph
}

// unpack reads the working CIB and tells the date (08 §3.2).
func (r *run) unpack() (*scheduler.State, error) {
	opt := scheduler.Options{
		RealNow: r.env.Now, Scores: r.o.Scores, Utilization: r.o.Utilization, Quiet: r.o.Quiet, Sanitized: r.o.Sanitized,
		Trail: r.trail, TrailOnly: r.only,
	}
	if r.env.Zone != nil {
		opt.LocalOffset = r.env.Zone(r.env.Now)
	}
	cib := r.world.CIB()
	if r.o.Date != nil {
		r.date("Setting effective cluster time: " + *r.o.Date)
		if t, ok := isotime.ParseEpoch(*r.o.Date, opt.LocalOffset, r.env.Now); ok {
			opt.Now, opt.HaveNow = t, true
		}
	} else if t, ok := executionDate(cib); ok {
		r.date("Using the original execution date of: " + render.UTC(t))
	}
	s, err := scheduler.Unpack(cib, opt)
	if err != nil {
		return nil, err
	}
	if r.o.Verbose > 0 {
		r.log(s.Problems)
	}
	return s, nil
}

func (r *run) date(line string) {
	if !r.dated {
		r.out.Info(line)
	}
}

func executionDate(cib *xmltree.Element) (int64, bool) {
	text, ok := cib.Attr("execution-date")
	if !ok {
		return 0, false
	}
	return value.ParseInteger(text)
}

// log writes what is wrong with the configuration to standard error.
func (r *run) log(problems []scheduler.Problem) {
	for _, p := range problems {
		word := "warning"
		if p.Error {
			word = "error"
		} else if r.o.Verbose < 2 {
			continue
		}
		r.tell("(%s) \t%s: %s", name, word, p.Text)
	}
}

// block separates a block from what was printed before.
func (r *run) block() {
	if r.printed {
		r.out.Spacer()
	}
}

// simulate is the sequence of 08 §3.1.
func (r *run) simulate() int {
	s, err := r.unpack()
	if err != nil {
		return r.broken(err)
	}
	r.sayNewer(s)
	if !r.out.IsQuiet() {
		r.currentStatus(s)
	}
	if r.o.Injection.Any() {
		r.block()
		if status := r.inject(s); status != exitOK {
			return status
		}
		r.printed = true
		if s, err = r.unpack(); err != nil {
			return r.broken(err)
		}
	}
	if r.o.SaveInput != nil {
		if err := r.env.WriteFile(*r.o.SaveInput, inputXML(s)); err != nil {
			return exitOf(err)
		}
	}
	if !r.o.Process {
		return exitOK
	}
	if status := r.process(s); status != exitOK || !r.o.Simulate {
		return status
	}
	return r.execute(s)
}

// sayNewer warns of a CIB that comes from a newer Pacemaker than ours (08 §2.7).
func (r *run) sayNewer(s *scheduler.State) {
	if s.Newer {
		r.tell("%s: warning: the CIB has feature set %s, newer than %s: decisions may differ from that cluster's",
			r.prog, r.world.CIB().Get("crm_feature_set"), scheduler.FeatureSet)
	}
}

func (r *run) broken(err error) int {
	r.refuse("%v", err)
	return exitSoftware
}

// fault tells of a fault of the input; reports for programs that are not bound to
// Pacemaker's form have it as well.
func (r *run) fault(format string, args ...any) {
	if r.human {
		r.out.Error(fmt.Sprintf(format, args...))
	}
	r.tell(format, args...)
}

func (r *run) currentStatus(s *scheduler.State) {
	if s.Config.MaintenanceMode {
		r.out.Maintenance()
		r.printed = true
	}
	if s.Disabled > 0 || s.Blocked > 0 {
		r.block()
		r.out.Info(fmt.Sprintf("%d of %d resource instances DISABLED and %d BLOCKED from further action due to failure",
			s.Disabled, s.NInstances, s.Blocked))
		r.printed = true
	}
	r.block()
	r.out.Status(render.CurrentStatus, s, r.statusOptions(true))
	r.printed = true
}

func (r *run) statusOptions(pending bool) render.StatusOptions {
	return render.StatusOptions{Pending: pending, Attributes: r.o.Attributes, FailCounts: r.o.FailCounts, Zone: r.env.Zone}
}

// event prints an event of the simulation.
func (r *run) event(e simulate.Event) {
	if e.Kind == simulate.EventError {
		r.complain(e.Text)
		return
	}
	r.out.Event(&e)
}

func (r *run) inject(s *scheduler.State) int {
	r.out.ModificationsBegin(r.o.Injection.Quorum, r.o.Injection.Watchdog)
	err := r.world.Inject(s, &r.o.Injection, r.env.Now, r.event)
	if err != nil {
		r.tell("%s: %v", r.prog, err)
		r.save(false)
		return exitSoftware
	}
	r.out.ModificationsEnd()
	return r.save(false)
}

// inputXML is the CIB as the scheduler reads it, with the connections of guest
// nodes that it adds (08 §11.1).
func inputXML(s *scheduler.State) []byte {
	return xmltree.AppendXML(nil, s.InputXML(), xmltree.PrintOptions{})
}

// process plans and shows the plan.
func (r *run) process(s *scheduler.State) int {
	if status := r.decide(s); status != exitOK {
		return status
	}
	return r.show(s)
}

// decide plans.
func (r *run) decide(s *scheduler.State) int {
	before := len(s.Problems)
	if err := s.Plan(); err != nil {
		return r.broken(err)
	}
	if r.o.Verbose > 0 {
		r.log(s.Problems[before:])
	}
	return exitOK
}

// show writes the plan: scores, files, summary.
func (r *run) show(s *scheduler.State) int {
	if r.o.Scores || r.o.Utilization {
		r.block()
		r.out.ScoresBegin(r.o.Scores, r.o.Utilization)
		r.printed = true
		r.out.ScoreLines(s)
		r.out.ScoresEnd()
	}
	if r.o.SaveGraph != nil {
		if err := r.env.WriteFile(*r.o.SaveGraph, s.Graph().AppendXML(nil)); err != nil {
			return exitGraph
		}
	}
	if r.o.SaveDot != nil {
		if err := r.env.WriteFile(*r.o.SaveDot, s.DOT(r.o.AllActions, r.o.Verbose > 0)); err != nil {
			return exitGraph
		}
	}
	if !r.out.IsQuiet() {
		r.block()
		r.out.Summary(s)
		r.printed = true
	}
	return exitOK
}

// execute runs the transition and shows what became of the cluster.
func (r *run) execute(s *scheduler.State) int {
	r.block()
	r.out.TransitionBegin()
	end, err := r.world.Execute(s, s.Graph(), simulate.Execution{Fail: r.o.Fail, Now: r.env.Now}, r.event)
	if err != nil {
		r.tell("%s: %v", r.prog, err)
		r.save(false)
		return exitSoftware
	}
	status := exitOK
	if end != graph.Complete {
		r.complain("Transition failed: " + end.String())
		r.complain("An invalid transition was produced")
		status = exitError
	}
	if saved := r.save(false); saved != exitOK {
		return saved
	}
	if r.out.IsQuiet() {
		return status
	}
	r.out.TransitionEnd()
	revised, err := r.unpack()
	if err != nil {
		return r.broken(err)
	}
	r.out.Spacer()
	r.out.Status(render.RevisedStatus, revised, r.statusOptions(false))
	return status
}

// profile times the planning of every CIB of a directory (08 §12).
func (r *run) profile() int {
	files, err := r.env.ListDir(r.o.ProfileDir)
	if err != nil {
		return exitOf(err)
	}
	open := false
	for _, f := range files {
		if !strings.HasSuffix(f, ".xml") || strings.HasPrefix(f, ".") {
			continue
		}
		if !open {
			r.out.TimingsBegin()
			open = true
		}
		r.profileFile(r.o.ProfileDir + "/" + f)
	}
	if open {
		r.out.TimingsEnd()
	}
	return exitOK
}

func (r *run) profileFile(file string) {
	data, err := r.env.ReadFile(file)
	if err != nil {
		return
	}
	root, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		return
	}
	start := r.env.CPU()
	if r.upgrade(root, file) != exitOK {
		return
	}
	opt := scheduler.Options{
		RealNow: r.env.Now, Scores: r.o.Scores, Utilization: r.o.Utilization, Sanitized: r.o.Sanitized,
	}
	for i := 0; i < r.o.Repeat; i++ {
		if r.o.Date != nil {
			r.out.Info("Setting effective cluster time: " + *r.o.Date)
			if t, ok := isotime.ParseEpoch(*r.o.Date, opt.LocalOffset, r.env.Now); ok {
				opt.Now, opt.HaveNow = t, true
			}
		}
		s, err := scheduler.Unpack(root, opt)
		if err == nil {
			err = s.Plan()
		}
		if err != nil {
			r.tell("%s: %s: %v", name, file, err)
			return
		}
		r.out.ScoreLines(s)
	}
	r.out.Timing(file, r.env.CPU()-start)
	r.flush()
}
