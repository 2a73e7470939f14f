// Package views runs a crm_simulate-compatible program on a CIB and compares
// what two of them say, view by view, as Pacemaker's own test harness does:
// white space is folded, lines whose order means nothing are sorted, and the
// action numbers of a graph are only labels.
package views

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"systole/crm/graph"
	"systole/lib/xmltree"
)

// Output is what a program says of one CIB.
type Output struct {
	Summary, Scores string
	Dot, Graph      []byte
	Status          [2]int // exit statuses of the two runs
}

// timeout bounds one run; a program that needs longer is stuck.
const timeout = 2 * time.Minute

// Run runs the program twice, as the harness does: once for the summary, once
// for scores, picture and graph. dir is for its files.
func Run(program, cib, dir string, args ...string) (Output, error) {
	var o Output
	exp, dot := filepath.Join(dir, "exp"), filepath.Join(dir, "dot")
	_ = os.Remove(exp)
	_ = os.Remove(dot)
	text, status, err := run(program, append([]string{"-x", cib, "-S"}, args...), true)
	if err != nil {
		return o, err
	}
	o.Summary, o.Status[0] = text, status
	text, status, err = run(program, append([]string{"-x", cib, "-D", dot, "-G", exp, "-sSQ"}, args...), false)
	if err != nil {
		return o, err
	}
	o.Scores, o.Status[1] = text, status
	o.Dot, _ = os.ReadFile(dot)
	o.Graph, _ = os.ReadFile(exp)
	return o, nil
}

func run(program string, args []string, both bool) (string, int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	var out bytes.Buffer
	cmd.Stdout = &out
	if both {
		cmd.Stderr = &out
	}
	err := cmd.Run()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		return "", 0, fmt.Errorf("running %s %s: %w", program, strings.Join(args, " "), err)
	}
	return out.String(), cmd.ProcessState.ExitCode(), nil
}

// All is the names of the views that are compared, the most telling first.
const All = "scores,graph,dot,summary"

// Compare lists what differs in the named views (comma separated); nothing when
// the two agree.
func Compare(want, got Output, names string) []string {
	if want.Status != got.Status && strings.Contains(names, "summary") || want.Status[1] != got.Status[1] {
		return []string{fmt.Sprintf("exit status %v, want %v", got.Status, want.Status)}
	}
	const badData, badConfig = 65, 78
	if want.Status[1] == badData || want.Status[1] == badConfig {
		return nil // both refuse; in which words is their own affair
	}
	var diff []string
	wanted := strings.Split(names, ",")
	add := func(view string, a, b []string) {
		if !slices.Contains(wanted, view) {
			return
		}
		if d := difference(a, b); d != "" {
			diff = append(diff, view+":\n"+d)
		}
	}
	add("scores", sorted(want.Scores, false), sorted(got.Scores, false))
	a, errA := graphLines(want.Graph)
	b, errB := graphLines(got.Graph)
	if (errA == nil) != (errB == nil) {
		diff = append(diff, fmt.Sprintf("graph: %v, want %v", errB, errA))
	}
	add("graph", a, b)
	add("dot", sorted(string(want.Dot), true), sorted(string(got.Dot), true))
	add("summary", decisions(want.Summary), decisions(got.Summary))
	return diff
}

// decisions are the lines of a summary without what the programs say, each in
// its own words, of older schemas that the document does not fit.
func decisions(text string) []string {
	return slices.DeleteFunc(lines(text), func(l string) bool {
		return strings.Contains(l, "validityerror") || strings.Contains(l, "cib.xml:line")
	})
}

func lines(text string) []string {
	var list []string
	for l := range strings.Lines(text) {
		if l = strings.Join(strings.Fields(l), ""); l != "" {
			list = append(list, l)
		}
	}
	return list
}

func sorted(text string, unique bool) []string {
	list := lines(text)
	sort.Strings(list)
	if unique {
		list = slices.Compact(list)
	}
	return list
}

// graphLines writes a graph without its numbers, one line a synapse, sorted.
func graphLines(data []byte) ([]string, error) {
	if len(data) == 0 {
		return nil, nil
	}
	g, err := graph.Read(data, xmltree.Limits{})
	if err != nil {
		return nil, err
	}
	labels := map[int]string{}
	for _, s := range g.Synapses {
		for _, a := range s.Actions {
			labels[a.ID] = actionLabel(a)
		}
	}
	var list []string
	for _, s := range g.Synapses {
		var actions, inputs []string
		for _, a := range s.Actions {
			actions = append(actions, labels[a.ID])
		}
		for _, a := range s.Inputs {
			label, ok := labels[a.ID]
			if !ok {
				label = actionLabel(a)
			}
			inputs = append(inputs, label)
		}
		sort.Strings(inputs)
		list = append(list, fmt.Sprintf("%s priority %d inputs %s", strings.Join(actions, " "), s.Priority, strings.Join(inputs, " ; ")))
	}
	sort.Strings(list)
	head := fmt.Sprint(g.Attrs)
	return append(list, head), nil
}

func actionLabel(a *graph.Action) string {
	c := *a
	c.ID = 0
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s %s %s %s %s %d", c.Kind, c.Mode, c.Task, c.Key, c.InternalKey, c.Node, c.NodeID, c.Router, c.ShutdownLock)
	if c.Primitive != nil {
		fmt.Fprintf(&b, " %+v", *c.Primitive)
	}
	for _, at := range c.Attributes {
		if at.Name != "crm_feature_set" {
			fmt.Fprintf(&b, " %s=%q", at.Name, at.Value)
		}
	}
	fmt.Fprint(&b, c.Params, c.Downed, c.Maintenance)
	return b.String()
}

// maxShown is how many differing lines are shown of each side.
const maxShown = 12

// difference shows the lines that only one side has.
func difference(a, b []string) string {
	if slices.Equal(a, b) {
		return ""
	}
	count := map[string]int{}
	for _, l := range a {
		count[l]++
	}
	for _, l := range b {
		count[l]--
	}
	var out strings.Builder
	show := func(sign string, list []string, keep func(int) bool, step int) {
		shown := 0
		for _, l := range list {
			if keep(count[l]) && shown < maxShown {
				count[l] += step
				shown++
				fmt.Fprintf(&out, "  %s %s\n", sign, l)
			}
		}
	}
	show("-", a, func(n int) bool { return n > 0 }, -1)
	show("+", b, func(n int) bool { return n < 0 }, 1)
	if out.Len() == 0 {
		return "  the same lines in another order\n"
	}
	return out.String()
}
