package scheduler

import "systole/lib/xmltree"

// This file holds what is recorded while deciding, so that decisions can be
// explained afterwards. Nothing here is read by a decision. What costs more
// than a store of two numbers is recorded only with Options.Trail.

// Why says what changed a flag of an action: another action and the relation
// with it, or neither when the action was asked for by itself.
type Why struct {
	Action int32 // ID of the other action, 0 = none
	Cause  Cause // of the relation
}

// Because returns what made the action required, and what keeps it from
// running, the last of each; zero where it was no other action.
func (a *Action) Because() (required, blocked Why) { return a.required, a.blocked }

// ActionByID finds an action; nil when there is none.
func (s *State) ActionByID(id int32) *Action {
	if id < 1 || int(id) > len(s.Actions) {
		return nil
	}
	return s.Actions[id-1]
}

// noteWhy keeps why a flag was taken from the action.
func (a *Action) noteWhy(f ActionFlags, because *Action, c Cause) {
	w := Why{Cause: c}
	if because != nil {
		w.Action = int32(because.ID)
	}
	switch f {
	case ActOptional:
		a.required = w
	case ActRunnable:
		a.blocked = w
	}
}

// ScoreEvent records why a resource's score for a node changed.
type ScoreEvent struct {
	Rsc, Node int32 // indices
	Delta     Score
	Result    Score
	Set       bool // Delta replaced what was there
	Promotion bool // of the priority of being promoted, not of the score
	Cause     Cause
}

// trailed tells whether what happens to a resource is recorded in full.
func (s *State) trailed(r *Resource) bool {
	return s.opt.Trail && (s.opt.TrailOnly == nil || s.opt.TrailOnly[r.ID])
}

// trail keeps a score change with its cause when explanations are wanted.
func (s *State) trail(r *Resource, n *Node, delta, old Score, set bool, c Cause) {
	if !s.trailed(r) {
		return
	}
	now, _ := r.Allowed.Get(n)
	if now == old && delta != 0 && delta > -Infinity && delta < Infinity {
		return
	}
	s.Trail = append(s.Trail, ScoreEvent{Rsc: r.Index, Node: n.Index, Delta: delta, Result: now, Set: set, Cause: c})
}

// trailSum keeps the change of a score that was computed elsewhere: what was
// added, where that can be told.
func (s *State) trailSum(r *Resource, n *Node, old, now Score, c Cause) {
	if s.trailed(r) {
		s.Trail = append(s.Trail, scoreChange(r, n, old, now, c))
	}
}

// trailPromotion keeps a change of an instance's promotion priority.
func (s *State) trailPromotion(r *Resource, n *Node, old, now Score, c Cause) {
	if n == nil || !s.trailed(r) {
		return
	}
	e := scoreChange(r, n, old, now, c)
	e.Promotion = true
	s.Trail = append(s.Trail, e)
}

func scoreChange(r *Resource, n *Node, old, now Score, c Cause) ScoreEvent {
	e := ScoreEvent{Rsc: r.Index, Node: n.Index, Delta: now, Result: now, Set: true, Cause: c}
	if old > -Infinity && old < Infinity && now > -Infinity && now < Infinity {
		e.Delta, e.Set = now-old, false
	}
	return e
}

// dropTrail forgets the score changes of a resource and of everything below it
// since a mark, which were taken back.
func (s *State) dropTrail(mark int, r *Resource) {
	if !s.opt.Trail || mark >= len(s.Trail) {
		return
	}
	kept := s.Trail[:mark]
	for _, e := range s.Trail[mark:] {
		x := s.all[e.Rsc]
		for x != nil && x != r {
			x = x.Parent
		}
		if x == nil {
			kept = append(kept, e)
		}
	}
	s.Trail = kept
}

// TieBreak is what decided between two nodes of equal score (04 §3.3).
type TieBreak uint8

const (
	TieNone      TieBreak = iota
	TiePreferred          // the node was to be taken where no other is better: most capacity left, or where a migration goes
	TieStay               // the resource is there already, and no node is better
	TieCapacity           // more capacity left
	TieFewer              // fewer resources placed there
	TieCurrent            // as many, and it is the current node
	TieName               // the name comes first
)

// Choice is one assignment of a primitive to a node, or to none.
type Choice struct {
	Rsc   int32
	Node  int32 // index, -1 = none
	Mark  int   // length of the trail by then: later changes of scores did not count
	Ties  []Tie // the other nodes of the same score
	Cause Cause // of an assignment that was taken away again
}

// Tie is a node that had the score of the chosen one.
type Tie struct {
	Node  int32 // index
	By    TieBreak
	Here  int // resources placed on the chosen node by then
	There int // and on this one
}

// noteChoice keeps how a primitive got its node. by tells how the node was
// chosen if it was not by comparison.
func (s *State) noteChoice(r *Resource, n *Node, best Score, by TieBreak) {
	if !s.trailed(r) {
		return
	}
	c := Choice{Rsc: r.Index, Node: -1, Mark: len(s.Trail)}
	if n != nil {
		c.Node = n.Index
		current := r.activeNode()
		for _, m := range s.Nodes {
			score, ok := r.Allowed.Get(m)
			if m == n || !ok || score != best || !m.Available() {
				continue
			}
			t := Tie{Node: m.Index, By: by, Here: n.assigned, There: m.assigned}
			switch {
			case by == TiePreferred && n == current:
				t.By = TieStay
			case by == TieNone:
				t.By = s.tieBreak(n, m, current)
			}
			c.Ties = append(c.Ties, t)
		}
	}
	s.Choices = append(s.Choices, c)
}

// noteDropped keeps that an instance lost its node because its partner has none.
func (s *State) noteDropped(r *Resource, c Cause) {
	if !s.opt.Trail {
		return
	}
	r.leaves(func(leaf *Resource) {
		s.Choices = append(s.Choices, Choice{Rsc: leaf.Index, Node: -1, Mark: len(s.Trail), Cause: c})
	})
}

// tieBreak tells why a comes before b.
func (s *State) tieBreak(a, b, current *Node) TieBreak {
	switch {
	case s.Config.Placement == PlaceMinimal:
		return TieName
	case s.Config.Placement == PlaceBalanced && s.capacityCompare(a, b) != 0:
		return TieCapacity
	case a.assigned != b.assigned:
		return TieFewer
	case current == a:
		return TieCurrent
	}
	return TieName
}

// NodeByIndex finds a node by what trails and choices name it with.
func (s *State) NodeByIndex(i int32) *Node {
	if i < 0 || int(i) >= len(s.byIndex) {
		return nil
	}
	return s.byIndex[i]
}

// CauseInfo describes a cause: an element of the CIB, or a built-in rule.
type CauseInfo struct {
	Kind string           // "rsc_colocation", "rsc_location", "stickiness", "migration-threshold", "#group-members", …
	ID   string           // id of the element, else the resource or node that the built-in rule is about, or ""
	Line int              // of the element, 0 when unknown
	XML  *xmltree.Element // nil for built-in rules
}

// cause registers what made a decision and returns its index.
func (s *State) cause(kind, id string, e *xmltree.Element) Cause {
	c := CauseInfo{Kind: kind, ID: id, XML: e}
	if e != nil {
		c.Line = int(e.Line)
	}
	s.causes = append(s.causes, c)
	return Cause(len(s.causes) - 1)
}

// CauseOf returns what a cause index stands for.
func (s *State) CauseOf(c Cause) CauseInfo {
	if c < 0 || int(c) >= len(s.causes) {
		return CauseInfo{}
	}
	return s.causes[c]
}

// builtIn names a rule that is not configured, such as an instance limit, and
// the resource that it belongs to.
type builtIn struct{ kind, id string }

// ruleCause registers a built-in rule once per resource.
func (s *State) ruleCause(kind, id string) Cause {
	key := builtIn{kind, id}
	c, ok := s.placing.causes[key]
	if !ok {
		c = s.cause(kind, id, nil)
		if s.placing.causes == nil {
			s.placing.causes = map[builtIn]Cause{}
		}
		s.placing.causes[key] = c
	}
	return c
}

// ResourceWhy says what put a resource into its present condition. Options and
// meta-attributes that do so are not among it: they can be seen in Meta and
// Config.
type ResourceWhy struct {
	Failed    Cause // it counts as failed
	Role      Cause // it is not to have its usual role
	Unmanaged Cause // the cluster may not act on it
	Pending   Cause // a start of it has no result
	Multiple  bool  // it is active on more nodes than it should be
	Partial   bool  // a live migration of it was broken off
}

// Why returns what put the resource into its present condition.
func (r *Resource) Why() ResourceWhy { return r.why }

// unmanage keeps the cluster from acting on a resource; blocked says that
// something went wrong with it.
func (r *Resource) unmanage(blocked bool, c Cause) {
	r.unset(RscManaged)
	if blocked {
		r.set(RscBlocked)
	}
	r.why.Unmanaged = c
}

// markFailed makes a resource one that is to be recovered by stopping it.
func (r *Resource) markFailed(c Cause) {
	r.set(RscFailed | RscStopIfFailed)
	if r.why.Failed == 0 {
		r.why.Failed = c
	}
}

// forgetRole leaves the role to what is found out later.
func (r *Resource) forgetRole() { r.NextRole, r.why.Role = RoleUnknown, 0 }

// promotionCause names where a promotion score comes from, or that there is
// none.
func (s *State) promotionCause(instance *Resource, set bool) Cause {
	switch {
	case !s.opt.Trail:
		return 0
	case !set:
		return s.ruleCause("no-promotion-score", instance.XMLID)
	}
	return s.ruleCause("promotion-score", instance.XMLID)
}

// PromotionPriority is what decides which instances of a promotable clone are
// promoted, the best first; negative ones are not.
func (r *Resource) PromotionPriority() Score { return r.promotionPriority }

// PromotionLimits says how many instances of a promotable clone, or replicas of
// a bundle, may be promoted in all and on one node.
func (r *Resource) PromotionLimits() (most, perNode int) {
	switch {
	case r.clone != nil:
		return r.clone.PromotedMax, r.clone.PromotedNodeMax
	case r.bundle != nil && r.bundle.Clone != nil:
		return r.bundle.Clone.PromotionLimits()
	}
	return 0, 0
}

// PerNode is how many instances of a clone, or replicas of a bundle, a node may
// have.
func (r *Resource) PerNode() int { return r.perNode() }

// Tickets lists what a resource needs tickets for.
func (r *Resource) Tickets() []*TicketConstraint { return r.tickets }
