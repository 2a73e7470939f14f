package explain

import (
	"strings"

	"systole/crm/scheduler"
)

// NodeReport is what there is to say about a node.
type NodeReport struct {
	Node  *scheduler.Node
	Line  int    // of its element
	State []Fact // why it cannot be used; empty when it can
	Fate  string // what is done to it: "Fence (reboot)", "Shutdown", ""
	Why   []Fact // why that is done, or why it cannot be
	// Changes are those of resources that leave it or come to it, Stays what goes
	// on running there.
	Changes []Change
	Stays   []*scheduler.Resource
}

// Node tells about a node.
func (x *Index) Node(n *scheduler.Node) *NodeReport {
	rep := &NodeReport{Node: n}
	for e := range x.s.CIB.Path("configuration", "nodes").Elements("node") {
		if e.ID() == n.ID {
			rep.Line = int(e.Line)
		}
	}
	if !n.Available() {
		rep.State = []Fact{x.nodeFact(n)}
	}
	x.fate(rep)
	changed := map[*scheduler.Resource]bool{}
	for _, c := range x.Changes() {
		if c.Row.Origin == n || c.Row.Destination == n {
			rep.Changes = append(rep.Changes, c)
			changed[c.Row.Rsc] = true
		}
	}
	for _, top := range x.s.Resources {
		for _, r := range allLeaves(top) {
			if r.Assigned == n && !changed[r] && len(r.Active) > 0 {
				rep.Stays = append(rep.Stays, r)
			}
		}
	}
	return rep
}

// fate says what is done to the node itself.
func (x *Index) fate(rep *NodeReport) {
	n := rep.Node
	if a := x.fencings[n]; a != nil {
		rep.Fate = "Fence (" + a.Meta.Value("stonith_action") + ")"
		rep.Why = []Fact{fact(a.Reason, x.s.CauseOf(a.Cause))}
		rep.Why = append(rep.Why, x.unclean(n, a)...)
		rep.Why = append(rep.Why, x.fencingNeeds(a)...)
		rep.State = nil
		return
	}
	if x.shutdowns[n] {
		rep.Fate = "Shutdown"
		rep.Why = []Fact{x.nodeFact(n)}
		rep.State = nil
	}
	if n.Unclean && rep.Fate == "" {
		rep.Why = []Fact{x.noFencing()}
	}
}

// unclean says what is behind reasons that say little by themselves.
func (x *Index) unclean(n *scheduler.Node, a *scheduler.Action) []Fact {
	switch {
	case n.IsGuest():
		for _, r := range [...]*scheduler.Resource{n.Connection, n.Connection.Launcher} {
			if r.Has(scheduler.RscFailed) {
				return []Fact{named(x.failedFact(r), r, true)}
			}
		}
	case a.Cause == 0 && x.nodeState(n) == nil:
		return []Fact{from("startup-fencing", "the cluster has not seen it yet, and startup-fencing=true", x.option("startup-fencing"))}
	case a.Cause == 0 && !n.Seen:
		return []Fact{from("startup-fencing", "nothing is known of its state, and startup-fencing=true", x.nodeState(n))}
	}
	return nil
}

// fencingNeeds names what keeps fencing from being done.
func (x *Index) fencingNeeds(a *scheduler.Action) []Fact {
	if a.Runnable() || a.Pseudo() {
		return nil
	}
	w := walk{x: x, seen: map[*scheduler.Action]bool{}}
	w.blocked(a)
	return w.list
}

// noFencing says why an unclean node is not fenced.
func (x *Index) noFencing() Fact {
	s := x.s
	switch {
	case !s.Config.FencingEnabled:
		return from("fencing-enabled", "it is not fenced: fencing-enabled=false", x.option("fencing-enabled", "stonith-enabled"))
	case !x.haveFenceDevice():
		return plain("no-fence-device", "it cannot be fenced: there is no fence device")
	case !s.Quorate:
		return from("no-quorum-policy", "it cannot be fenced: the cluster has no quorum", x.option("no-quorum-policy"))
	}
	return plain("unclean", "it is not fenced")
}

func (x *Index) haveFenceDevice() bool {
	for _, top := range x.s.Resources {
		for _, r := range allLeaves(top) {
			if r.Has(scheduler.RscFenceDevice) {
				return true
			}
		}
	}
	return strings.EqualFold(x.s.Config.Values["have-watchdog"], "true")
}

// Fenced tells about the nodes that something is done to, by name; what is about
// their resources is left out.
func (x *Index) Fenced() []*NodeReport {
	var list []*NodeReport
	for _, n := range x.s.Nodes {
		rep := &NodeReport{Node: n}
		if x.fate(rep); rep.Fate != "" {
			list = append(list, rep)
		}
	}
	return list
}
