package explain

import (
	"slices"

	"systole/crm/scheduler"
)

// Fact is one statement, a clause without a full stop, and what it rests on.
type Fact struct {
	Text string
	Kind string // of the cause: name of the element, or of the built-in rule
	Elem string // name of the element, "" when there is none
	ID   string // its XML id
	Line int    // of the element, 0 when it is not from a file
	Link bool   // it is about another action: what follows are the reasons of that
}

// Reason is one thing that counted for a node.
type Reason struct {
	Fact
	Delta  scheduler.Score // what it added
	Set    bool            // it replaced what was there instead
	Result scheduler.Score // the score from then on
}

// Place is a node as a resource saw it.
type Place struct {
	Node    *scheduler.Node
	Score   scheduler.Score // when the resource was placed
	Allowed bool            // false: the resource cannot be there, whatever the scores
	Chosen  bool
	Blocked bool     // it is chosen, but the resource cannot be started
	Current bool     // it is active there now
	Why     []Fact   // what decided, for or against
	Reasons []Reason // everything that counted, in the order in which it did
	// Promotion is what counted for the promoted role here, if the resource is
	// placed here.
	Promotion []Reason
}

// Change is something that will happen.
type Change struct {
	Row scheduler.SummaryRow
	Why []Fact // each is the reason of the one before it
}

// Report is what there is to say about a resource.
type Report struct {
	Rsc        *scheduler.Resource
	Line       int    // of its element
	Conditions []Fact // what limits it: not managed, disabled, failed, no quorum, …
	Absent     []Fact // why a primitive that is not active will not be
	Changes    []Change
	Places     []Place   // the chosen node first, then by score, best first
	Parts      []*Report // of a group, clone or bundle: members, instances, replicas
}

// Index finds what was written down about a resource.
type Index struct {
	s        *scheduler.State
	events   map[int32][]scheduler.ScoreEvent // by resource
	choices  map[int32]*scheduler.Choice      // the last, by resource
	marks    map[int32][]int                  // positions of events in the trail, by resource
	bonds    map[scheduler.Cause][]*scheduler.Colocation
	rows     map[*scheduler.Resource][]scheduler.SummaryRow
	fencings map[*scheduler.Node]*scheduler.Action

	shutdowns map[*scheduler.Node]bool

	// What took work to find out.
	seen   map[*scheduler.Resource][]Place
	counts map[*scheduler.Resource]map[*scheduler.Node]int
	where  map[whereKey]string
	only   map[*scheduler.Resource][]*scheduler.Location // locations with exclusive discovery
}

type whereKey struct {
	r    *scheduler.Resource
	role scheduler.Role
}

// New indexes a state that was planned with a trail.
func New(s *scheduler.State) *Index {
	x := &Index{
		s: s, events: map[int32][]scheduler.ScoreEvent{}, choices: map[int32]*scheduler.Choice{}, marks: map[int32][]int{},
		bonds: map[scheduler.Cause][]*scheduler.Colocation{}, rows: map[*scheduler.Resource][]scheduler.SummaryRow{},
		fencings: map[*scheduler.Node]*scheduler.Action{}, seen: map[*scheduler.Resource][]Place{},
		counts: map[*scheduler.Resource]map[*scheduler.Node]int{}, where: map[whereKey]string{},
		only: map[*scheduler.Resource][]*scheduler.Location{}, shutdowns: map[*scheduler.Node]bool{},
	}
	for i, e := range s.Trail {
		x.events[e.Rsc] = append(x.events[e.Rsc], e)
		x.marks[e.Rsc] = append(x.marks[e.Rsc], i)
	}
	for i := range s.Choices {
		x.choices[s.Choices[i].Rsc] = &s.Choices[i]
	}
	for _, k := range s.Colocations {
		x.bonds[k.Cause] = append(x.bonds[k.Cause], k)
	}
	for _, row := range s.Summary() {
		x.rows[row.Rsc] = append(x.rows[row.Rsc], row)
	}
	for _, a := range s.Actions {
		switch {
		case a.Rsc != nil || a.Node == nil || a.Optional():
		case a.Task == "do_shutdown":
			x.shutdowns[a.Node] = true
		case a.Task == "stonith" && a.Meta.Value("stonith_action") != "on":
			x.fencings[a.Node] = a
		}
	}
	return x
}

// Find finds what a name stands for: a resource by its id, an instance or a
// clone by the id of what is cloned.
func (x *Index) Find(name string) *scheduler.Resource {
	var byXML *scheduler.Resource
	var find func(list []*scheduler.Resource) *scheduler.Resource
	find = func(list []*scheduler.Resource) *scheduler.Resource {
		for _, r := range list {
			if r.ID == name {
				return r
			}
			if r.XMLID == name && byXML == nil {
				byXML = r
			}
			if found := find(r.Children); found != nil {
				return found
			}
		}
		return nil
	}
	if r := find(x.s.Resources); r != nil {
		return r
	}
	if byXML == nil {
		return nil
	}
	if p := byXML.Parent; p != nil && p.IsAnonymousClone() {
		return p // its instances are all the same to people
	}
	return byXML
}

// Resource tells about a resource and everything in it.
func (x *Index) Resource(r *scheduler.Resource) *Report {
	rep := &Report{Rsc: r, Conditions: x.conditions(r)}
	if r.XML != nil {
		rep.Line = int(r.XML.Line)
	}
	for _, row := range x.rows[r] {
		rep.Changes = append(rep.Changes, Change{Row: row, Why: x.why(&row)})
	}
	list := parts(r)
	many := len(list) > manyParts
	for i, part := range list {
		rep.Parts = append(rep.Parts, x.part(part, many && i > 0 && !x.speaks(part, list)))
	}
	if r.IsLeaf() {
		if len(r.Active) == 0 && r.Assigned == nil {
			rep.Absent = x.absent(r)
		}
		rep.Places = slices.Clone(x.places(r))
		for i := range rep.Changes {
			if row := &rep.Changes[i].Row; row.Verb == "Stop" || row.Blocked {
				markBlocked(rep.Places)
			}
		}
	} else if r.IsCollective() {
		rep.Places = x.collectivePlaces(r, rep.Parts)
	}
	return rep
}

// manyParts is how many parts a collective may have before every node is told
// about for one of them only.
const manyParts = 48

// part tells about a part of a resource; brief leaves out the nodes that it has
// nothing to do with.
func (x *Index) part(r *scheduler.Resource, brief bool) *Report {
	if !brief || !r.IsLeaf() {
		return x.Resource(r)
	}
	rep := &Report{Rsc: r, Conditions: x.conditions(r)}
	for _, row := range x.rows[r] {
		rep.Changes = append(rep.Changes, Change{Row: row, Why: x.why(&row)})
	}
	rep.Places = x.placesOn(r, true)
	if len(r.Active) == 0 && r.Assigned == nil {
		rep.Absent = []Fact{plain("no-node", "no node is left for it")}
	}
	return rep
}

// speaks tells whether a part is the first that is placed nowhere: it says for
// all of them why.
func (x *Index) speaks(r *scheduler.Resource, list []*scheduler.Resource) bool {
	for _, p := range list {
		if unplaced(p) {
			return p == r
		}
	}
	return false
}

// Changes tells about everything that will happen to resources, in the order of
// the summary.
func (x *Index) Changes() []Change {
	var list []Change
	for _, row := range x.s.Summary() {
		list = append(list, Change{Row: row, Why: x.why(&row)})
	}
	return list
}

// Unrecovered tells about the primitives that failed, or are blocked, and that
// nothing is done about.
func (x *Index) Unrecovered() []*Report {
	var list []*Report
	for _, top := range x.s.Resources {
		for _, r := range allLeaves(top) {
			if (r.Has(scheduler.RscFailed) || r.Has(scheduler.RscBlocked)) && len(x.rows[r]) == 0 {
				list = append(list, &Report{Rsc: r, Conditions: x.conditions(r)})
			}
		}
	}
	return list
}

// parts lists what a resource is made of.
func parts(r *scheduler.Resource) []*scheduler.Resource {
	if r.Kind != scheduler.KindBundle {
		list := slices.Clone(r.Children)
		slices.SortStableFunc(list, func(a, b *scheduler.Resource) int { return a.Instance - b.Instance })
		return list
	}
	var list []*scheduler.Resource
	for _, rep := range r.Replicas() {
		for _, p := range [...]*scheduler.Resource{rep.Container, rep.IP, rep.Connection, rep.Child} {
			if p != nil {
				list = append(list, p)
			}
		}
	}
	return list
}

func markBlocked(list []Place) {
	if p := chosen(list); p != nil {
		p.Blocked = true
	}
}

// lineage is a resource with what it is part of.
func lineage(r *scheduler.Resource) []*scheduler.Resource {
	var list []*scheduler.Resource
	for ; r != nil; r = r.Parent {
		list = append(list, r)
	}
	return list
}

func isIn(r *scheduler.Resource, list []*scheduler.Resource) bool { return slices.Contains(list, r) }
