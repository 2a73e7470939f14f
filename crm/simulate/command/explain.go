package command

import (
	"fmt"
	"slices"
	"strings"

	"systole/crm/explain"
	"systole/crm/render"
	"systole/crm/scheduler"
)

// Question is what systole explain is asked.
type Question struct {
	Name string // of a resource or a node; a remote node is both
	Node string // the node to tell everything about, "" = all, in short
}

// Explain plays like Simulate, but tells of the last plan only what is asked
// for, and does not carry it out. It returns the exit status.
func Explain(p *Play, q Question, env *Env) int {
	p.PlanOnly, p.Brief = true, true
	p.question = &q
	return play(p, env, "systole explain")
}

// answer tells about what was asked for, and nothing else.
func (r *run) answer(q *Question, s *scheduler.State) int {
	x := explain.New(s)
	out, ok := r.out.(render.Explainer)
	if !ok {
		return exitOK
	}
	rsc := x.Find(q.Name)
	node := nodeNamed(s, q.Name)
	var only *scheduler.Node
	if q.Node != "" {
		if only = nodeNamed(s, q.Node); only == nil {
			r.refuse("--node: %s", noNode(q.Node, s))
			return exitNoNode
		}
	}
	switch {
	case rsc == nil && node == nil:
		r.refuse("there is no resource or node %q%s", q.Name, DidYouMean(q.Name, names(s)))
		return exitNoSuchThing
	case rsc == nil && only != nil:
		r.refuse("--node goes with a resource, and %q is a node", q.Name)
		return exitUsage
	}
	if node != nil && only == nil {
		out.Node(s, x.Node(node))
	}
	if rsc != nil {
		if node != nil && only == nil {
			r.out.Spacer()
		}
		out.Resource(s, x.Resource(rsc), only)
	}
	return exitOK
}

func nodeNamed(s *scheduler.State, name string) *scheduler.Node {
	for _, n := range s.Nodes {
		if strings.EqualFold(n.Name, name) {
			return n
		}
	}
	return nil
}

func noNode(name string, s *scheduler.State) string {
	list := make([]string, len(s.Nodes))
	for i, n := range s.Nodes {
		list[i] = n.Name
	}
	return fmt.Sprintf("there is no node %q; there are: %s", name, some(list))
}

// someShown bounds how many names a refusal lists.
const someShown = 20

func some(list []string) string {
	if len(list) > someShown {
		return strings.Join(list[:someShown], ", ") + fmt.Sprintf(" and %d more", len(list)-someShown)
	}
	return strings.Join(list, ", ")
}

// names lists what can be asked about: resources and nodes.
func names(s *scheduler.State) []string {
	var list []string
	var walk func([]*scheduler.Resource)
	walk = func(rs []*scheduler.Resource) {
		for _, r := range rs {
			list = append(list, r.ID)
			if r.XMLID != r.ID && !slices.Contains(list, r.XMLID) {
				list = append(list, r.XMLID)
			}
			walk(r.Children)
		}
	}
	walk(s.Resources)
	for _, n := range s.Nodes {
		list = append(list, n.Name)
	}
	return list
}

// DidYouMean offers the name that is most like the one that was given, if one
// is like it at all.
func DidYouMean(name string, list []string) string {
	best, distance := "", len(name)/3+2
	for _, known := range list {
		d := editDistance(name, known, distance)
		if len(name) > 2 && strings.HasPrefix(known, name) {
			d = 1
		}
		if d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the bytes to insert, remove or replace to get from a to b;
// limit is enough where it is no less.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 200 {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal, row[j] = row[j], min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
