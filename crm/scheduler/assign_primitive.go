package scheduler

// assignPrimitive places one primitive (04 §13).
func (s *State) assignPrimitive(r *Resource, prefer *Node, stopIfFail bool) *Node {
	if p := r.Parent; p != nil && !p.Has(RscAssigning) {
		s.assign(p, prefer, stopIfFail) // this usually assigns r too
	}
	if !r.Has(RscUnassigned) {
		return r.Assigned
	}
	if r.Has(RscAssigning) {
		return nil // a loop of colocations
	}
	r.set(RscAssigning)
	thisWith, withThis := s.thisWithList(r, r), s.withThisList(r, r)
	for _, mandatory := range []bool{true, false} {
		for _, k := range thisWith {
			if isMandatory(k) == mandatory {
				s.bind(r, k)
			}
		}
		for _, k := range withThis {
			if isMandatory(k) == mandatory {
				s.addDependentScores(k, r)
			}
		}
	}
	switch {
	case r.NextRole == RoleStopped:
		s.banFromAll(r, s.ruleCause("target-role", r.XMLID))
	case r.NextRole > r.OrigRole && !s.Quorate && s.Config.NoQuorumPolicy == QuorumFreeze:
		r.NextRole = r.OrigRole
	}
	s.scoreLines("pcmk__primitive_assign", r)
	s.placePrimitive(r, prefer, stopIfFail)
	r.unset(RscAssigning)
	if r.Has(RscRemoteConnection) {
		s.connectionAssigned(r)
	}
	return r.Assigned
}

// isMandatory tells the colocations that are applied first, which those of
// -INFINITY are as well (T11).
func isMandatory(c *Colocation) bool { return c.Score >= Infinity || c.Score <= -Infinity }

// bind lets a primary bind r, after having placed it (04 §13.1). What would
// leave no node is taken back where the colocation is for the promoted role or
// has a finite negative score.
func (s *State) bind(r *Resource, k *Colocation) {
	var kept Table
	keep := k.DependentRole >= RolePromoted || (k.Score < 0 && k.Score > -Infinity)
	if keep {
		kept = r.Allowed.Clone()
	}
	mark := len(s.Trail)
	if k.Primary.Has(RscUnassigned) {
		s.assign(k.Primary, nil, true)
	}
	s.applyColocation(r, k.Primary, k, true)
	if keep && !s.usable(r.Allowed.scores) {
		r.Allowed = kept
		s.dropTrail(mark, r)
	}
}

// placePrimitive decides where to place a primitive whose scores are complete.
func (s *State) placePrimitive(r *Resource, prefer *Node, stopIfFail bool) {
	if s.Config.FencingEnabled && !s.haveFence {
		r.unmanage(false, s.ruleCause("no-fence-device", "")) // nothing may be recovered without a way to fence
	}
	switch {
	case !r.Managed():
		r.NextRole = r.OrigRole
		s.noteChoice(r, r.activeNode(), -Infinity, TieNone)
		s.assignTo(r, r.activeNode(), true, stopIfFail)
	case s.Config.StopAll:
		s.noteChoice(r, nil, 0, TieNone)
		s.assignTo(r, nil, true, stopIfFail)
	default:
		s.assignBest(r, prefer, stopIfFail)
	}
}

// assignBest chooses a node from the table (04 §12).
func (s *State) assignBest(r *Resource, prefer *Node, stopIfFail bool) {
	if mostFree := s.utilizationBans(r); prefer == nil {
		prefer = mostFree
	}
	if !r.Has(RscUnassigned) {
		return // a colocation assigned it to no node
	}
	current := r.activeNode()
	if s.hopeless(r) {
		s.assignTo(r, nil, false, stopIfFail)
		return
	}
	chosen, best := s.bestNode(&r.Allowed, current, nil)
	by := TieNone
	switch {
	case chosen == nil:
	case s.willDo(r, prefer, best):
		chosen, by = prefer, TiePreferred
	case s.staysWorthwhile(r, chosen, best, current):
		chosen, by = current, TieStay
	}
	s.noteChoice(r, chosen, best, by)
	s.assignTo(r, chosen, false, stopIfFail)
}

// willDo tells whether the preferred node is as good as the best one. Raw
// scores are compared here, also of an unavailable best node (T10).
func (s *State) willDo(r *Resource, prefer *Node, best Score) bool {
	score, ok := r.Allowed.Get(prefer)
	return ok && score >= best && score >= 0 && prefer.Available()
}

// staysWorthwhile tells whether the resource should stay where it is, its
// current node being as good as the chosen one. The current node's
// availability goes by its base score (T4). Instances of unique clones do not
// stay that way, since that was decided before (04 §12 step 5).
func (s *State) staysWorthwhile(r *Resource, chosen *Node, best Score, current *Node) bool {
	if p := r.Parent; p != nil && p.Kind == KindClone && p.Has(RscUnique) {
		return false
	}
	if best <= 0 || !chosen.Available() || !current.Available() || current.Score < 0 {
		return false
	}
	score, ok := r.Allowed.Get(current)
	return ok && score == best
}

// connectionAssigned updates the node whose connection was placed: what is
// assigned later may use it, or not (04 §13 step 10).
func (s *State) connectionAssigned(r *Resource) {
	n := s.nodeByName(r.ID)
	if n == nil {
		return
	}
	defer s.availabilityChanged(n)
	if r.Assigned == nil || r.NextRole == RoleStopped {
		n.Shutdown = true
		return
	}
	n.Online = true
	if !n.Seen {
		n.Unclean = false
	}
}
