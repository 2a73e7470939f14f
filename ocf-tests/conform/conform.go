package conform

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Config says which agent is checked, and what the suite has to know about it.
type Config struct {
	Path   string   // of the agent
	Params []string // "name=value": with these the resource can be started on this node
	Bad    []string // "name=value": each of them alone makes the parameters invalid
	Odd    []string // "name=value": unusual, but valid together with Params
	Slow   []string // "name=value": with these start takes longer than five seconds
	Secret []string // names of parameters whose values must not be shown
	Env    []string // "NAME=value": added to every call
	// Timeout is for actions whose metadata has none, and the most for all others;
	// 0 is a minute.
	Timeout time.Duration
	// Cluster lets the agent use the tools of the cluster of this node. Otherwise
	// it gets tools that write down how they are called.
	Cluster bool
	Only    []string // identifiers of checks to run; empty: all
	Skip    []string // identifiers of checks to leave out
	Dir     string   // to work in; "" is a new one, which is removed afterwards
}

// Check is a check.
type Check struct {
	ID     string
	Title  string // what is demanded
	Source string // of the demand: OCF, Pacemaker or house
	run    func(t *T)
}

// Checks are all checks in the order in which they are run.
func Checks() []Check {
	return slices.Concat(metadataChecks(), argumentChecks(), lifeChecks(), roleChecks(), notifyChecks(), robustChecks(), environmentChecks())
}

// T is one check being run on one agent.
type T struct {
	*agent
	ctx      context.Context
	problems []string
}

// skipped is what a check panics with to end itself.
type skipped string

func (t *T) skip(format string, args ...any) { panic(skipped(fmt.Sprintf(format, args...))) }

func (t *T) fail(format string, args ...any) {
	t.problems = append(t.problems, fmt.Sprintf(format, args...))
}

// want fails the check unless the result has one of the exit codes.
func (t *T) want(r result, what string, codes ...int) bool {
	if !r.ended() || !slices.Contains(codes, r.code) {
		t.fail("%s: %s, want %s", what, r, codeList(codes))
		return false
	}
	return true
}

func codeList(codes []int) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = fmt.Sprint(c)
	}
	return "exit code " + strings.Join(words, " or ")
}

// Run runs the checks. The error says that nothing could be checked.
func Run(ctx context.Context, c Config) (*Report, error) {
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	if info.IsDir() || !filepath.IsAbs(c.Path) {
		return nil, fmt.Errorf("agent %s: give the absolute path of the file of an agent", c.Path)
	}
	for _, id := range slices.Concat(c.Only, c.Skip) {
		if !slices.ContainsFunc(Checks(), func(k Check) bool { return k.ID == id }) {
			return nil, fmt.Errorf("there is no check %q", id)
		}
	}
	a, err := newAgent(ctx, c)
	if err != nil {
		return nil, err
	}
	defer a.close()
	report := &Report{Agent: c.Path, Version: a.meta.Version, API: a.meta.API}
	for _, check := range Checks() {
		if len(c.Only) > 0 && !slices.Contains(c.Only, check.ID) || slices.Contains(c.Skip, check.ID) {
			continue
		}
		if ctx.Err() != nil {
			return report, ctx.Err()
		}
		report.Findings = append(report.Findings, a.runCheck(ctx, check))
	}
	if len(c.Only) == 0 {
		report.Cost = a.cost(ctx)
	}
	return report, nil
}

// runCheck runs one check and stops the resource afterwards, whatever happened.
func (a *agent) runCheck(ctx context.Context, check Check) (f Finding) {
	t := &T{agent: a, ctx: ctx}
	f = Finding{ID: check.ID, Title: check.Title, Source: check.Source, Outcome: Pass}
	defer func() {
		if p := recover(); p != nil {
			reason, ok := p.(skipped)
			if !ok {
				panic(p)
			}
			f.Outcome, f.Details = Skip, []string{string(reason)}
		}
		if len(t.problems) > 0 {
			f.Outcome, f.Details = Fail, t.problems
		}
		a.cleanUp(ctx)
	}()
	check.run(t)
	return f
}
