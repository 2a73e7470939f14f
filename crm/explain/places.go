package explain

import (
	"slices"
	"strings"

	"systole/crm/scheduler"
)

// places tells about every node, as a primitive saw it.
func (x *Index) places(r *scheduler.Resource) []Place {
	list, ok := x.seen[r]
	if !ok {
		list = x.placesOn(r, false)
		x.seen[r] = list
	}
	return list
}

// placesOn tells about every node, or about those only that the resource is on
// or comes to.
func (x *Index) placesOn(r *scheduler.Resource, own bool) []Place {
	at := map[int32]int{}
	list := make([]Place, 0, len(x.s.Nodes))
	for _, n := range x.s.Nodes {
		if own && n != r.Assigned && !slices.Contains(r.Active, n) {
			continue
		}
		score, allowed := r.Allowed.Get(n)
		if n == r.Assigned && r.Managed() {
			score, allowed = r.AssignedScore, true // later changes do not count
		}
		at[n.Index] = len(list)
		list = append(list, Place{
			Node: n, Score: score, Allowed: allowed, Chosen: n == r.Assigned, Current: slices.Contains(r.Active, n),
		})
	}
	x.addReasons(r, list, at)
	slices.SortStableFunc(list, comparePlaces)
	for i := range list {
		list[i].Why = x.verdict(r, &list[i], chosen(list))
	}
	return list
}

// addReasons fills in what counted: for instances of promotable clones also
// what counted for the clone, which decides who is promoted.
func (x *Index) addReasons(r *scheduler.Resource, list []Place, at map[int32]int) {
	mark := -1
	if c := x.choices[r.Index]; c != nil {
		mark = c.Mark
	}
	for i, e := range x.events[r.Index] {
		k, ok := at[e.Node]
		if !ok {
			continue
		}
		switch p := &list[k]; {
		case e.Promotion:
			p.Promotion = append(p.Promotion, x.reason(r, p.Node, &e))
		case mark >= 0 && x.marks[r.Index][i] >= mark:
		default:
			p.Reasons = note(p.Reasons, x.reason(r, p.Node, &e))
			if !p.Chosen {
				p.Score = e.Result
			}
		}
	}
	if p := r.Parent; p != nil && p.Has(scheduler.RscPromotable) && r.Assigned != nil {
		x.addCloneReasons(p, &list[at[r.Assigned.Index]])
	}
}

// addCloneReasons adds what counted for the clone on the instance's node.
func (x *Index) addCloneReasons(clone *scheduler.Resource, p *Place) {
	seen := false
	for _, e := range x.events[clone.Index] {
		if e.Node != p.Node.Index {
			continue
		}
		if x.s.CauseOf(e.Cause).Kind == "promotion-priority" {
			seen = true // what counts from here on is for the promoted role
			continue
		}
		if seen {
			p.Promotion = note(p.Promotion, x.reason(clone, p.Node, &e))
		}
	}
}

func chosen(list []Place) *Place {
	for i := range list {
		if list[i].Chosen {
			return &list[i]
		}
	}
	return nil
}

func comparePlaces(a, b Place) int {
	switch {
	case a.Chosen != b.Chosen:
		return before(a.Chosen)
	case a.Allowed != b.Allowed:
		return before(a.Allowed)
	case a.Node.Available() != b.Node.Available():
		return before(a.Node.Available())
	}
	return int(b.Score) - int(a.Score)
}

func before(yes bool) int {
	if yes {
		return -1
	}
	return 1
}

// note adds a reason. The same one again, as in the steps of a merge, takes the
// place of the last.
func note(list []Reason, r Reason) []Reason {
	for k := len(list) - 1; k >= 0; k-- {
		if list[k].Fact != r.Fact || list[k].Set != r.Set {
			continue
		}
		if r.Set {
			list[k] = r
			return list
		}
		if k == len(list)-1 && list[k].Result == r.Result {
			return list
		}
	}
	return append(list, r)
}

// verdict says what decided for or against a node.
func (x *Index) verdict(r *scheduler.Resource, p, best *Place) []Fact {
	switch {
	case p.Chosen:
		return x.forIt(r, p)
	case !r.Managed():
		return []Fact{plain("is-managed", "it is not managed and stays where it is")}
	case !p.Allowed:
		return []Fact{x.notAllowed(r, p.Node)}
	case !p.Node.Available():
		list := append([]Fact{x.nodeFact(p.Node)}, bans(p)...)
		return slices.DeleteFunc(list, func(f Fact) bool { return f.Kind == stoppedKind })
	case p.Score < 0:
		if list := against(p); len(list) > 0 {
			return list
		}
		return []Fact{plain("score", "its score is negative")}
	case best == nil:
		return nil // nothing is against it: the conditions tell
	}
	return x.worse(r, p, best)
}

// forIt lists what spoke for the chosen node.
func (x *Index) forIt(r *scheduler.Resource, p *Place) []Fact {
	if !r.Managed() {
		return []Fact{plain("is-managed", "it is active here, and it is not managed")}
	}
	var list []Fact
	for _, e := range p.Reasons {
		if e.Delta > 0 && !e.Set {
			list = append(list, withScore(e))
		}
	}
	c := x.choices[r.Index]
	if c == nil {
		return list
	}
	var names []string
	by := scheduler.TieNone
	for _, t := range c.Ties {
		if by == scheduler.TieNone || t.By == by {
			by = t.By
			names = append(names, x.s.NodeByIndex(t.Node).Name)
		}
	}
	if len(names) > 0 {
		list = append(list, plain("tie", "as good as "+some(names)+", but "+tieWords(by)))
	}
	return list
}

// tieWords says what decided between nodes of the same score, from the chosen
// one's side.
func tieWords(by scheduler.TieBreak) string {
	switch by {
	case scheduler.TiePreferred:
		return "it has most capacity left, or a migration goes here"
	case scheduler.TieStay, scheduler.TieCurrent:
		return "it is here already"
	case scheduler.TieCapacity:
		return "it has more capacity left"
	case scheduler.TieFewer:
		return "fewer resources were placed here"
	}
	return "its name comes first"
}

// worse says why a node that could be used was not.
func (x *Index) worse(r *scheduler.Resource, p, best *Place) []Fact {
	if p.Score < best.Score {
		return x.less(p, best)
	}
	if c := x.choices[r.Index]; c != nil {
		for _, t := range c.Ties {
			if t.Node == p.Node.Index {
				return []Fact{plain("tie", tieText(&t, best.Node.Name))}
			}
		}
	}
	return []Fact{plain("score", best.Node.Name+" was taken before")}
}

// less names what makes the difference between two scores.
func (x *Index) less(p, best *Place) []Fact {
	list := against(p)
	if len(list) > 0 {
		return list
	}
	for _, e := range best.Reasons {
		if e.Delta > 0 && !e.Set {
			return []Fact{plain("score", "its score is lower than that of "+best.Node.Name+", "+best.Score.String())}
		}
	}
	return []Fact{plain("score", "its score is lower than "+best.Score.String()+", that of "+best.Node.Name)}
}

func tieText(t *scheduler.Tie, best string) string {
	text := "the same score as " + best + ", but "
	switch t.By {
	case scheduler.TiePreferred:
		return text + "less capacity left"
	case scheduler.TieStay, scheduler.TieCurrent:
		return text + "it is active there already"
	case scheduler.TieCapacity:
		return text + "less capacity left"
	case scheduler.TieFewer:
		return text + "more resources were placed here (" + itoa(t.There) + " against " + itoa(t.Here) + ")"
	}
	return text + "the name comes later"
}

// bans lists what keeps a resource off a node for good.
func bans(p *Place) []Fact {
	var list []Fact
	for _, e := range p.Reasons {
		if e.Delta <= -scheduler.Infinity && e.Kind != "node-unavailable" && !isNodeFact(e.Kind) && !says(list, e.Fact) {
			list = append(list, e.Fact)
		}
	}
	if len(list) > 1 {
		list = slices.DeleteFunc(list, func(f Fact) bool { return f.Kind == stoppedKind })
	}
	return list
}

// against lists what lowered a score: bans alone, where there are any.
func against(p *Place) []Fact {
	if list := bans(p); len(list) > 0 || p.Score <= -scheduler.Infinity {
		return list
	}
	var list []Fact
	for _, e := range p.Reasons {
		if e.Delta < 0 || (e.Set && e.Result < 0) {
			list = append(list, withScore(e))
		}
	}
	return list
}

// withScore is a reason as a fact that says how much it counted.
func withScore(e Reason) Fact {
	f := e.Fact
	sign := ""
	if e.Delta > 0 {
		sign = "+"
	}
	f.Text = sign + e.Delta.String() + ": " + f.Text
	return f
}

func isNodeFact(kind string) bool { return strings.HasPrefix(kind, "node-") && kind != "node-health" }

// notAllowed says why a resource has no score for a node at all.
func (x *Index) notAllowed(r *scheduler.Resource, n *scheduler.Node) Fact {
	if f, ok := x.exclusiveFact(r, n); ok {
		return f
	}
	switch {
	case n.IsGuest() && r.Bundled():
		return plain("bundle-node", "it runs in its own container only")
	case n.IsBundleNode():
		return plain("bundle-node", "nothing but its bundle runs in the container")
	case !x.s.Config.Symmetric:
		return from("symmetric-cluster", "symmetric-cluster=false, and no location allows "+n.Name, x.option("symmetric-cluster"))
	}
	if n.Remote && (n.Connection == nil || n.Connection.Has(scheduler.RscRemoved)) {
		return plain("not-allowed", "the connection to "+n.Name+" is configured no more")
	}
	return plain("not-allowed", "it cannot run on nodes of this kind")
}

// nodeFact says why nothing can be placed on a node.
func (x *Index) nodeFact(n *scheduler.Node) Fact {
	switch {
	case n.Unclean:
		if a := x.fencings[n]; a != nil {
			f := fact(n.Name+" is to be fenced: "+a.Reason, x.s.CauseOf(a.Cause))
			f.Kind = "node-unclean"
			return f
		}
		return from("node-unclean", n.Name+" is unclean and cannot be fenced", x.nodeState(n))
	case !n.Online && n.Remote:
		return plain("node-offline", n.Name+" is offline: "+x.connectionText(n))
	case !n.Online:
		return from("node-offline", n.Name+" is offline", x.nodeState(n))
	case n.Shutdown && n.Remote:
		return plain("node-shutdown", n.Name+" is going down: "+x.connectionText(n))
	case n.Shutdown:
		return from("node-shutdown", n.Name+" is shutting down", x.nodeAttr(n, "shutdown"))
	case n.Pending:
		return from("node-pending", n.Name+" has not joined the cluster yet", x.nodeState(n))
	case n.FailStandby:
		return plain("node-standby", n.Name+" is in standby because of a failure there")
	case n.Standby:
		return from("node-standby", n.Name+" is in standby", x.nodeAttr(n, "standby"))
	case n.Maintenance:
		return from("node-maintenance", n.Name+" is in maintenance mode", x.nodeAttr(n, "maintenance"))
	}
	return plain("node-unavailable", n.Name+" could not be used when it was placed")
}

// connectionText says what is the matter with the connection to a Pacemaker
// Remote node.
func (x *Index) connectionText(n *scheduler.Node) string {
	c := n.Connection
	switch {
	case c == nil:
		return "there is no connection configured"
	case c.Launcher != nil && c.Launcher.Assigned == nil:
		return c.Launcher.ID + ", which it runs in, is placed nowhere"
	case c.NextRole == scheduler.RoleStopped || c.Assigned == nil:
		return "its connection is stopped"
	}
	return "its connection is not established yet"
}
