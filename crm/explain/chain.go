package explain

import (
	"slices"
	"strings"

	"systole/crm/scheduler"
	"systole/lib/xmltree"
)

// maxChain bounds how far back reasons are followed.
const maxChain = 12

// why says why something happens to a resource: each fact is the reason of the
// one before it.
func (x *Index) why(row *scheduler.SummaryRow) []Fact {
	w := walk{x: x, seen: map[*scheduler.Action]bool{}}
	w.row(row)
	return w.list
}

// absent says why a primitive is placed nowhere.
func (x *Index) absent(r *scheduler.Resource) []Fact {
	w := walk{x: x, seen: map[*scheduler.Action]bool{}}
	w.noNode(r)
	return w.list
}

// walk follows reasons back to where they begin.
type walk struct {
	x    *Index
	seen map[*scheduler.Action]bool
	list []Fact
}

func (w *walk) add(f Fact) {
	if !says(w.list, f) {
		w.list = append(w.list, f)
	}
}

// says tells whether a list says the same already; a failure may stand in a
// history twice.
func says(list []Fact, f Fact) bool {
	return slices.ContainsFunc(list, func(g Fact) bool { return g.Text == f.Text })
}

func (w *walk) full() bool { return len(w.list) >= maxChain }

// row begins with what the summary says about a resource.
func (w *walk) row(row *scheduler.SummaryRow) {
	r := row.Rsc
	switch row.Verb {
	case "Start":
		if row.Blocked {
			w.blocked(row.Action)
			return
		}
		w.starts(r)
	case "Stop":
		w.stops(r)
	case "Move", "Migrate":
		w.moves(r, row.Origin)
	case "Promote", "Demote", "Re-promote":
		w.roles(r, row)
	default: // Recover, Restart, Reload
		w.restarts(r, row)
	}
}

// starts: a resource starts since nothing keeps it from it.
func (w *walk) starts(r *scheduler.Resource) {
	text := "it is active nowhere, and nothing keeps it from running"
	for _, f := range w.x.s.Failed {
		if f.Rsc == r && f.Node == r.Assigned {
			w.add(from("failure", "it is active nowhere after "+operation(f.Op), f.Op))
			return
		}
	}
	w.add(plain("start", text))
}

// stops: a resource has no node, or cannot be started again.
func (w *walk) stops(r *scheduler.Resource) {
	if r.Assigned != nil {
		for _, a := range r.Actions {
			if a.Task == "start" && a.Node == r.Assigned && !a.Runnable() {
				w.blocked(a)
				return
			}
		}
	}
	w.noNode(r)
}

// noNode says why a resource is placed nowhere.
func (w *walk) noNode(r *scheduler.Resource) {
	x := w.x
	if !r.Managed() {
		w.add(named(x.unmanagedFact(r), r, len(w.list) > 0))
		return
	}
	if c := x.choices[r.Index]; c != nil && c.Cause != 0 {
		info := x.s.CauseOf(c.Cause)
		w.add(fact("the instance that it goes with has no node: "+relationText(info), info))
		return
	}
	if x.s.Config.StopAll {
		w.add(from("stop-all-resources", "stop-all-resources=true", x.option("stop-all-resources")))
		return
	}
	if f, ok := x.limitedRole(r); ok {
		w.add(f)
		return
	}
	w.add(plain("no-node", "no node is left for it"))
	// What it is active on says most.
	for _, n := range r.Active {
		w.node(r, n)
	}
	w.commonBan(r)
}

// commonBan names what keeps a resource off most of the other nodes, cluster
// nodes before others.
func (w *walk) commonBan(r *scheduler.Resource) {
	count := map[Fact]int{}
	var best Fact
	for _, p := range w.x.places(r) {
		if p.Current {
			continue
		}
		weight := 1
		if p.Node.IsCluster() {
			weight = len(w.x.s.Nodes)
		}
		for _, f := range p.Why {
			if f.Kind == stoppedKind && len(w.list) > 1 {
				continue
			}
			if f.Kind == "instance-limit" {
				f = plain(f.Kind, "the other nodes that may run it have their instances already")
			}
			if count[f] += weight; count[f] > count[best] {
				best = f
			}
		}
	}
	if best.Text != "" && !slices.Contains(w.list, best) {
		w.add(best)
	}
}

// node adds why a resource cannot be on a node, or is better elsewhere.
func (w *walk) node(r *scheduler.Resource, n *scheduler.Node) {
	for _, p := range w.x.places(r) {
		if p.Node == n && !p.Chosen {
			for _, f := range p.Why[:min(len(p.Why), 3)] {
				w.add(f)
			}
		}
	}
}

// moves: another node is better.
func (w *walk) moves(r *scheduler.Resource, origin *scheduler.Node) {
	if r.Has(scheduler.RscFailed) {
		w.add(w.x.failedFact(r))
	}
	if origin == nil || origin == r.Assigned {
		return
	}
	w.node(r, origin)
	if k := len(w.list) - 1; k < 0 || w.list[k].Kind != "score" || r.Assigned == nil {
		return
	}
	for _, p := range w.x.places(r) { // what makes the other node better
		for _, f := range p.Why {
			if p.Chosen {
				f.Text = r.Assigned.Name + ": " + f.Text
				w.add(f)
			}
		}
	}
}

// restarts: it failed, its definition changed, or another action asks for it.
func (w *walk) restarts(r *scheduler.Resource, row *scheduler.SummaryRow) {
	if r.Has(scheduler.RscFailed) {
		w.moves(r, row.Origin)
		return
	}
	for _, a := range [...]*scheduler.Action{row.Source, row.Action} {
		if a != nil && w.required(a) {
			return
		}
	}
	for _, a := range r.Actions {
		if !a.Optional() && (a.Task == "start" || a.Task == "stop" || a.Task == "reload-agent") && w.required(a) {
			return
		}
	}
	switch {
	case r.Why().Multiple:
		w.add(plain("multiple-active", "it is active on several nodes: "+nodeNames(r.Active)))
	case r.Why().Partial:
		w.add(plain("migration", "a live migration of it was broken off"))
	case len(r.Dangling) > 0:
		w.add(plain("migration", "a live migration of it failed, and it may still be on "+nodeNames(r.Dangling)))
	case r.Why().Pending != 0:
		info := w.x.s.CauseOf(r.Why().Pending)
		w.add(fact(operation(info.XML), info))
	default:
		w.add(plain("restart", reasonOr(row.Reason, "it is to be restarted")))
	}
}

func reasonOr(reason, other string) string {
	if reason != "" {
		return reason
	}
	return other
}

// required follows what made an action necessary. It tells whether there was
// anything to say.
func (w *walk) required(a *scheduler.Action) bool {
	if a == nil || w.seen[a] || w.full() {
		return false
	}
	w.seen[a] = true
	x := w.x
	if a.Rsc != nil && !a.Rsc.IsLeaf() {
		return w.required(memberAction(a, func(m *scheduler.Action) bool { return !m.Optional() }))
	}
	because, _ := a.Because()
	first := x.s.ActionByID(because.Action)
	if first == nil || w.seen[first] {
		return w.itself(a)
	}
	if first.Rsc == nil {
		w.fencing(first)
		return true
	}
	if first.Rsc == a.Rsc {
		return w.required(first) || w.itself(a)
	}
	w.add(w.relation(first, a, because.Cause, "is going to "+taskWord(first.Task)))
	return w.required(first) || true
}

// memberAction finds the action of a part of a collective that its own action
// comes from.
func memberAction(a *scheduler.Action, wanted func(*scheduler.Action) bool) *scheduler.Action {
	task := a.Task
	if done, ok := doneForms[task]; ok {
		task = done
	}
	for _, leaf := range allLeaves(a.Rsc) {
		for _, m := range leaf.Actions {
			if m.Task == task && wanted(m) && (a.Node == nil || m.Node == a.Node) {
				return m
			}
		}
	}
	return nil
}

// doneForms is a table of the tasks that say that another is done everywhere.
var doneForms = map[string]string{"running": "start", "stopped": "stop", "promoted": "promote", "demoted": "demote"} // table

func allLeaves(r *scheduler.Resource) []*scheduler.Resource {
	list := leaves(r)
	for _, rep := range r.Replicas() {
		for _, p := range [...]*scheduler.Resource{rep.Container, rep.IP, rep.Connection} {
			if p != nil {
				list = append(list, p)
			}
		}
	}
	return list
}

// itself says why an action is needed that no other one asks for.
func (w *walk) itself(a *scheduler.Action) bool {
	r, x := a.Rsc, w.x
	switch info := x.s.CauseOf(a.Cause); {
	case a.Reason == definitionChange || info.Kind == definitionChange:
		w.add(fact(owner(a, len(w.list) > 0, "its")+" parameters changed since it was started", info))
	case info.Kind == "agent-changed":
		w.add(fact(owner(a, len(w.list) > 0, "its")+" agent is another one now", info))
	case info.Kind == "failure" && info.XML != nil:
		w.add(fact(operation(info.XML)+", and its on-fail is restart-container", info))
	case r == nil:
		w.fencing(a)
	case r.Has(scheduler.RscFailed):
		w.add(named(x.failedFact(r), r, len(w.list) > 0))
	case r.Why().Multiple:
		w.add(plain("multiple-active", r.ID+" is active on several nodes: "+nodeNames(r.Active)))
	case r.Why().Partial:
		w.add(plain("migration", "a live migration of "+r.ID+" was broken off"))
	case r.Assigned == nil && len(r.Active) > 0:
		w.noNode(r)
	case len(r.Active) > 0 && r.Assigned != nil && r.Active[0] != r.Assigned:
		w.add(plain("move", r.ID+" goes from "+nodeNames(r.Active)+" to "+r.Assigned.Name))
		w.moves(r, r.Active[0])
	case len(r.Active) == 0 && a.Task == "start" && len(w.list) > 0:
		w.starts(r)
	case a.Node != nil && a.Node.Shutdown && a.Task == "stop":
		w.add(x.nodeFact(a.Node))
	default:
		return false
	}
	return true
}

// definitionChange is what the scheduler calls changed parameters.
const definitionChange = "resource definition change"

// owner says whose something is: a resource's by name, unless the report is
// about it.
func owner(a *scheduler.Action, other bool, its string) string {
	if other && a.Rsc != nil {
		return a.Rsc.ID + "'s"
	}
	return its
}

// named puts the name of the resource in place of "it", for facts that are not
// about the resource that the report is about.
func named(f Fact, r *scheduler.Resource, other bool) Fact {
	if other {
		if rest, ok := strings.CutPrefix(f.Text, "it failed: "); ok && strings.HasPrefix(rest, r.XMLID+" ") {
			f.Text = rest // what failed is named there
		} else if rest, ok := strings.CutPrefix(f.Text, "it "); ok {
			f.Text = r.ID + " " + rest
		}
	}
	return f
}

func nodeNames(list []*scheduler.Node) string {
	var names []string
	for _, n := range list {
		names = append(names, n.Name)
	}
	return some(names)
}

// fencing adds why a node is fenced.
func (w *walk) fencing(a *scheduler.Action) {
	if a.Node == nil {
		return
	}
	if a.Task == "do_shutdown" {
		w.add(w.x.nodeFact(a.Node))
		return
	}
	text := a.Node.Name + " is to be fenced: " + a.Reason
	if a.Meta.Value("stonith_action") == "on" {
		text = a.Node.Name + " is to be unfenced: " + reasonOr(a.Reason, "it was not yet")
	}
	f := fact(text, w.x.s.CauseOf(a.Cause))
	if f.Kind == "" {
		f.Kind = "fencing"
	}
	w.add(f)
}

// blocked follows what keeps an action from running.
func (w *walk) blocked(a *scheduler.Action) {
	if a == nil || w.seen[a] || w.full() {
		return
	}
	w.seen[a] = true
	if a.Rsc != nil && !a.Rsc.IsLeaf() {
		w.blocked(memberAction(a, func(m *scheduler.Action) bool { return !m.Runnable() }))
		return
	}
	_, because := a.Because()
	first := w.x.s.ActionByID(because.Action)
	if first == nil || w.seen[first] {
		w.stuck(a)
		return
	}
	if first.Rsc == nil {
		w.waiting(first, because.Cause)
		return
	}
	if first.Rsc == a.Rsc {
		w.blocked(first)
		return
	}
	w.add(w.relation(first, a, because.Cause, "cannot "+taskWord(first.Task)))
	if first.Rsc.IsLeaf() || memberAction(first, func(m *scheduler.Action) bool { return !m.Runnable() }) != nil {
		w.blocked(first)
		return
	}
	w.noInstance(first.Rsc)
}

// waiting says that an action waits for one of the cluster itself.
func (w *walk) waiting(first *scheduler.Action, c scheduler.Cause) {
	if strings.Contains(first.Task, "one-or-more:") {
		info := w.x.s.CauseOf(c)
		w.add(fact("fewer instances can start than it needs: "+relationText(info), info))
		return
	}
	w.add(plain("fencing", "it waits for "+first.Label()+", which cannot be done"))
	w.fencing(first)
}

// noInstance says why no instance of a clone can run.
func (w *walk) noInstance(r *scheduler.Resource) {
	for _, leaf := range leaves(r) {
		if leaf.Assigned == nil {
			w.noNode(leaf)
			return
		}
	}
}

// stuck says why an action cannot run that waits for no other one.
func (w *walk) stuck(a *scheduler.Action) {
	r, x := a.Rsc, w.x
	switch {
	case a.Reason == "no quorum" || a.Reason == "quorum freeze":
		w.add(from("no-quorum-policy", "the cluster has no quorum, and no-quorum-policy="+x.s.Config.Values["no-quorum-policy"],
			x.option("no-quorum-policy")))
	case r == nil:
		w.add(plain("blocked", a.Label()+" cannot be done"))
	case !r.Managed():
		w.add(named(x.unmanagedFact(r), r, len(w.list) > 0))
	case a.Task == "promote" && r.NextRole != scheduler.RolePromoted && r.Assigned != nil:
		for _, f := range x.promotion(r) {
			w.add(f)
		}
	case r.Assigned == nil:
		w.noNode(r)
	case a.Node != nil && !a.Node.Online:
		w.add(x.nodeFact(a.Node))
	default:
		w.add(plain("blocked", reasonOr(a.Reason, a.Label()+" cannot be done")))
	}
}

// roles: why an instance is promoted or not.
func (w *walk) roles(r *scheduler.Resource, row *scheduler.SummaryRow) {
	if row.Verb == "Re-promote" && r.Has(scheduler.RscFailed) {
		w.add(w.x.failedFact(r))
		return
	}
	if f, ok := w.x.limitedRole(r); ok && row.Verb == "Demote" {
		w.add(f)
		return
	}
	if row.Blocked {
		w.blocked(row.Action)
		return
	}
	w.list = append(w.list, w.x.promotion(r)...)
}

// relation says what the first of two actions is about to do, and how they hang
// together: "a is going to start: order start a, then start b".
func (w *walk) relation(first, then *scheduler.Action, c scheduler.Cause, what string) Fact {
	info := w.x.s.CauseOf(c)
	if then.Rsc.Launcher == first.Rsc {
		f := plain("container", first.Rsc.ID+", in which it runs, "+what)
		f.Link = true
		return f
	}
	f := fact(first.Rsc.ID+" "+what, info)
	f.Link = true
	if f.Kind == "" {
		f.Kind = "relation"
	}
	if text := relationText(info); text != "" {
		f.Text += ": " + text
	}
	return f
}

// taskWord is the verb for a task.
func taskWord(task string) string {
	if plain, ok := doneForms[task]; ok {
		return plain
	}
	switch task {
	case "notify", "notified":
		return "be notified"
	case "monitor":
		return "be probed"
	case "migrate_to", "migrate_from":
		return "migrate"
	}
	return task
}

// relationText puts what relates two actions into words.
func relationText(c scheduler.CauseInfo) string {
	e := c.XML
	switch c.Kind {
	case "rsc_order":
		if e.Child("resource_set") != nil {
			return "order of sets"
		}
		first, then := e.Get("first-action"), e.Get("then-action")
		if first == "" {
			first = "start"
		}
		if then == "" {
			then = first
		}
		return "order " + first + " " + e.Get("first") + ", then " + then + " " + e.Get("then") + kindText(e)
	case "rsc_colocation":
		return "colocation of " + e.Get("rsc") + " with " + e.Get("with-rsc")
	case "group":
		return "members of group " + c.ID + " run in their order"
	case "clone":
		return "instances of " + c.ID
	case "bundle":
		return "parts of bundle " + c.ID
	case "resource", "":
		return ""
	}
	return c.Kind
}

func kindText(e *xmltree.Element) string {
	if kind := e.Get("kind"); kind != "" && kind != "Mandatory" {
		return ", kind=" + kind
	}
	return ""
}
