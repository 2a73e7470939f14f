package render

import (
	"slices"
	"strings"

	"systole/crm/explain"
	"systole/crm/scheduler"
)

// Explainer is an output that can say why.
type Explainer interface {
	// Reasons says of every change of a plan why it is made.
	Reasons(x *explain.Index)
	// Resource and Node say everything about one of them. only, when not nil,
	// is the one node to tell about, in full.
	Resource(s *scheduler.State, r *explain.Report, only *scheduler.Node)
	Node(s *scheduler.State, n *explain.NodeReport)
}

// Reasons writes why things happen: what has the same reasons is one item.
func (t *Text) Reasons(x *explain.Index) {
	if t.Quiet {
		return
	}
	list, fenced, stuck := x.Changes(), x.Fenced(), x.Unrecovered()
	if t.Terse && len(list)+len(fenced)+len(stuck) == 0 {
		return
	}
	t.begin("Reasons")
	for _, n := range fenced {
		t.begin(n.Fate + " " + n.Node.Name)
		t.facts(n.Why)
		t.end()
	}
	t.grouped(list)
	for _, r := range stuck {
		t.begin("No recovery of " + r.Rsc.ID)
		t.facts(r.Conditions)
		t.end()
	}
	t.end()
}

// grouped writes changes with their reasons: those that have both in common in
// one item.
func (t *Text) grouped(list []explain.Change) {
	done := make([]bool, len(list))
	first := map[explain.Fact]string{} // with whose reasons a fact begins
	for i := range list {
		if done[i] {
			continue
		}
		var names []string
		for k := i; k < len(list); k++ {
			if !done[k] && list[k].Row.Verb == list[i].Row.Verb && slices.Equal(list[k].Why, list[i].Why) {
				done[k] = true
				names = append(names, changedName(&list[k].Row))
			}
		}
		t.begin(list[i].Row.Verb + " " + strings.Join(names, ", "))
		t.chain(list[i].Why, first)
		t.end()
		if why := list[i].Why; len(why) > 0 && first[why[0]] == "" {
			first[why[0]] = list[i].Row.Rsc.ID
		}
	}
}

// chain writes reasons; those that were written for another resource already
// are not written again.
func (t *Text) chain(list []explain.Fact, first map[explain.Fact]string) {
	for i, f := range list {
		if name := first[f]; name != "" && i > 0 && f.Link && len(list)-i > 2 {
			t.facts(list[:i+1])
			t.item("and so on, as for ", name)
			return
		}
	}
	t.facts(list)
}

func (t *Text) facts(list []explain.Fact) {
	if len(list) == 0 {
		t.item("nothing was recorded")
	}
	for _, f := range list {
		t.item(FactText(f))
	}
}

func changedName(row *scheduler.SummaryRow) string {
	if row.Blocked {
		return row.Rsc.ID + " (blocked)"
	}
	return row.Rsc.ID
}

// changeText is a row of the summary on one line.
func changeText(row *scheduler.SummaryRow) string {
	text := row.Verb + " " + row.Rsc.ID + " ( " + Details(row) + " )"
	if row.Blocked {
		text += ", blocked"
	}
	return text
}

// FactText is a fact with what it rests on.
func FactText(f explain.Fact) string {
	if ref := reference(&f); ref != "" {
		return f.Text + " [" + ref + "]"
	}
	return f.Text
}

func reference(f *explain.Fact) string {
	name := f.ID
	switch {
	case f.ID == "":
		name = f.Elem
	case f.Elem == "node_state" || strings.HasPrefix(f.Elem, "lrm_"):
		name = f.Elem + " " + f.ID // such ids say little by themselves
	}
	if f.Line > 0 && name != "" {
		return name + ", line " + itoa(f.Line)
	}
	return name
}

// Resource writes what there is to say about a resource.
func (t *Text) Resource(s *scheduler.State, r *explain.Report, only *scheduler.Node) {
	t.raw(r.Rsc.ID, " (", agentOf(r.Rsc), ")")
	if r.Line > 0 {
		t.raw(", line ", itoa(r.Line))
	}
	t.raw("\n")
	t.level++
	t.state(r)
	t.conditions(r.Conditions)
	t.changes(r)
	t.parts(r)
	if only != nil {
		t.onePlace(r, only)
	} else {
		t.places(r)
	}
	t.level--
}

// agentOf is what kind of resource it is.
func agentOf(r *scheduler.Resource) string {
	switch {
	case r.IsLeaf() && r.Provider != "":
		return r.Class + ":" + r.Provider + ":" + r.Type
	case r.IsLeaf():
		return r.Class + ":" + r.Type
	case r.Kind == scheduler.KindGroup:
		return "group"
	case r.Kind == scheduler.KindBundle:
		return "bundle"
	case r.Has(scheduler.RscPromotable):
		return "promotable clone"
	case r.Has(scheduler.RscUnique):
		return "globally unique clone"
	}
	return "clone"
}

// state writes what it is now and what it will be.
func (t *Text) state(r *explain.Report) {
	if !r.Rsc.IsLeaf() {
		return
	}
	t.item("Now: ", roleOn(r.Rsc.OrigRole, r.Rsc.Active))
	next := []*scheduler.Node{}
	if r.Rsc.Assigned != nil {
		next = append(next, r.Rsc.Assigned)
	}
	role := r.Rsc.NextRole
	for i := range r.Changes {
		if row := &r.Changes[i].Row; row.Verb == "Stop" {
			role, next = scheduler.RoleStopped, nil // also where the start is blocked
		} else if row.Blocked {
			t.item("Planned: ", changeText(row))
			return
		}
	}
	t.item("Planned: ", roleOn(role, next))
}

func roleOn(role scheduler.Role, nodes []*scheduler.Node) string {
	if len(nodes) == 0 || role <= scheduler.RoleStopped {
		return "Stopped"
	}
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return role.String() + " on " + strings.Join(names, ", ")
}

func (t *Text) conditions(list []explain.Fact) {
	for _, f := range list {
		t.item("Note: ", FactText(f))
	}
}

func (t *Text) changes(r *explain.Report) {
	for i := range r.Changes {
		c := &r.Changes[i]
		t.begin("Why " + strings.ToLower(c.Row.Verb))
		for _, f := range c.Why {
			t.item(FactText(f))
		}
		t.end()
	}
	switch {
	case len(r.Changes) > 0 || !r.Rsc.IsLeaf():
	case len(r.Absent) > 0:
		t.begin("Why it is not started")
		t.facts(r.Absent)
		t.end()
	default:
		t.item("Nothing happens to it")
	}
}

// partsShown bounds how many instances are listed.
const partsShown = 24

// parts lists what a resource is made of, a line each.
func (t *Text) parts(r *explain.Report) {
	if len(r.Parts) == 0 {
		return
	}
	what := map[scheduler.Kind]string{scheduler.KindGroup: "Members", scheduler.KindBundle: "Parts"}[r.Rsc.Kind]
	if what == "" {
		what = "Instances"
	}
	t.begin(what)
	spare := map[string][]string{} // instances that are not needed, by why
	var reasons []string
	shown := 0
	for _, p := range r.Parts {
		if r.Rsc.IsClone() && p.Rsc.IsLeaf() && len(p.Absent) > 0 {
			text := factTexts(p.Absent)
			if spare[text] == nil {
				reasons = append(reasons, text)
			}
			spare[text] = append(spare[text], p.Rsc.ID)
			continue
		}
		if shown++; shown <= partsShown {
			t.part(p)
		}
	}
	if shown > partsShown {
		t.item("and ", itoa(shown-partsShown), " more")
	}
	for _, text := range reasons {
		t.item(someOf(spare[text]), ": Stopped, ", text)
	}
	t.end()
}

// someOf joins names, the first few of them.
func someOf(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}

func factTexts(list []explain.Fact) string {
	texts := make([]string, len(list))
	for i, f := range list {
		texts[i] = FactText(f)
	}
	return strings.Join(texts, ": ")
}

func (t *Text) part(p *explain.Report) {
	if !p.Rsc.IsLeaf() {
		t.begin(p.Rsc.ID)
		for _, q := range p.Parts {
			t.part(q)
		}
		t.end()
		return
	}
	line := p.Rsc.ID + ": "
	switch {
	case len(p.Changes) == 0 && p.Rsc.Assigned == nil && len(p.Rsc.Active) == 0:
		line += "Stopped"
	case len(p.Changes) == 0:
		line += roleOn(p.Rsc.OrigRole, p.Rsc.Active) + ", nothing happens to it"
	}
	for i := range p.Changes {
		if i > 0 {
			line += "; "
		}
		row := &p.Changes[i].Row
		line += row.Verb + " ( " + Details(row) + " )"
		if row.Blocked {
			line += ", blocked"
		}
	}
	more := slices.Clone(p.Absent)
	for _, c := range p.Changes {
		more = append(more, c.Why...)
	}
	for _, f := range p.Conditions {
		if !slices.Contains(more, f) {
			more = append(more, f)
		}
	}
	if len(more) == 0 {
		t.item(line)
		return
	}
	t.begin(line)
	for _, f := range more {
		t.item(FactText(f))
	}
	t.end()
}

// places writes a table of the nodes: score, and what decided.
func (t *Text) places(r *explain.Report) {
	if len(r.Places) == 0 {
		return
	}
	t.begin("Nodes")
	name, score := 0, 0
	groups := placeGroups(r.Places)
	for i := range groups {
		name = max(name, len(groups[i].name))
		score = max(score, len(scoreText(groups[i].place)))
	}
	for i := range groups {
		p := groups[i].place
		line := pad(groups[i].name, name) + "  " + padLeft(scoreText(p), score)
		why := p.Why
		if len(why) > 0 {
			line += "  " + FactText(why[0])
			why = why[1:]
		}
		t.item(line)
		for _, f := range why {
			t.continued(strings.Repeat(" ", name+score+4) + FactText(f))
		}
		t.promotion(p, strings.Repeat(" ", name+score+4))
	}
	t.end()
}

// placeGroup is nodes of which the same is to be told.
type placeGroup struct {
	name  string
	place *explain.Place
}

// groupFrom is how many nodes of which the same is to be told become one line.
const groupFrom = 4

func placeGroups(places []explain.Place) []placeGroup {
	same := map[string][]int{}
	keys := make([]string, len(places))
	for i := range places {
		p := &places[i]
		key := placeMark(p) + "\n" + scoreText(p) + "\n" + factTexts(p.Why)
		for k := range p.Promotion {
			key += "\n" + reasonText(&p.Promotion[k])
		}
		keys[i] = key
		same[key] = append(same[key], i)
	}
	var groups []placeGroup
	for i := range places {
		p := &places[i]
		list := same[keys[i]]
		switch {
		case len(list) < groupFrom:
			groups = append(groups, placeGroup{p.Node.Name + placeMark(p), p})
		case list[0] == i:
			text := places[list[0]].Node.Name + ", " + places[list[1]].Node.Name
			groups = append(groups, placeGroup{text + " and " + itoa(len(list)-2) + " more" + placeMark(p), p})
		}
	}
	return groups
}

// promotion writes what counted for the promoted role on a node.
func (t *Text) promotion(p *explain.Place, indent string) {
	for i := range p.Promotion {
		t.continued(indent + "promoted role: " + reasonText(&p.Promotion[i]))
	}
}

// continued writes a line that goes on with the item before.
func (t *Text) continued(text string) { t.raw(strings.Repeat("  ", t.level), "  ", text, "\n") }

func placeMark(p *explain.Place) string {
	switch {
	case p.Blocked && p.Current:
		return " (active, best)"
	case p.Blocked:
		return " (best)"
	case p.Chosen && p.Current:
		return " (stays)"
	case p.Chosen:
		return " (chosen)"
	case p.Current:
		return " (active)"
	}
	return ""
}

func scoreText(p *explain.Place) string {
	if !p.Allowed {
		return "-"
	}
	return p.Score.String()
}

// onePlace writes everything that counted for one node.
func (t *Text) onePlace(r *explain.Report, n *scheduler.Node) {
	if len(r.Places) == 0 {
		for _, part := range r.Parts {
			t.begin(part.Rsc.ID)
			t.onePlace(part, n)
			t.end()
		}
		return
	}
	for i := range r.Places {
		p := &r.Places[i]
		if p.Node != n {
			continue
		}
		what := "Why not on "
		if p.Chosen {
			what = "Why on "
		}
		t.begin(what + n.Name)
		for _, f := range p.Why {
			t.item(FactText(f))
		}
		t.end()
		t.begin("Score there: " + scoreText(p) + ", made of")
		if len(p.Reasons) == 0 {
			t.item("nothing counted")
		}
		for k := range p.Reasons {
			t.item(reasonText(&p.Reasons[k]))
		}
		t.end()
		t.promotion(p, "")
	}
}

// reasonText is what was added and why.
func reasonText(e *explain.Reason) string {
	sign := ""
	switch {
	case e.Set:
		sign = "= "
	case e.Delta >= 0:
		sign = "+"
	}
	return sign + e.Delta.String() + "  " + FactText(e.Fact)
}

// Node writes what there is to say about a node.
func (t *Text) Node(s *scheduler.State, n *explain.NodeReport) {
	t.raw(n.Node.Name, " (", nodeWord(n.Node), ")")
	if n.Line > 0 {
		t.raw(", line ", itoa(n.Line))
	}
	t.raw("\n")
	t.level++
	t.item("Now: ", nodeState(n.Node))
	if n.Fate != "" {
		t.item("Planned: ", n.Fate)
	}
	if len(n.State)+len(n.Why) > 0 {
		t.begin("Why")
		for _, f := range append(slices.Clone(n.State), n.Why...) {
			t.item(FactText(f))
		}
		t.end()
	}
	if len(n.Changes) > 0 {
		t.begin("What happens to resources there")
		t.grouped(n.Changes)
		t.end()
	}
	if len(n.Stays) > 0 {
		var names []string
		for _, r := range n.Stays {
			names = append(names, r.ID)
		}
		t.item("Nothing happens to: ", strings.Join(names, ", "))
	}
	t.level--
}

func nodeWord(n *scheduler.Node) string {
	switch {
	case n.IsBundleNode():
		return "bundle node"
	case n.IsGuest():
		return "guest node"
	case n.Remote:
		return "remote node"
	}
	return "cluster node"
}
