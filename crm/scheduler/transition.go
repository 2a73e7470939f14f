package scheduler

// createResourceActions creates what every resource has to do (04 §1 phase 8).
func (s *State) createResourceActions() {
	for _, r := range s.Resources {
		s.createActions(r)
	}
}

func (s *State) createActions(r *Resource) {
	switch r.Kind {
	case KindGroup:
		s.createGroupActions(r)
	case KindClone:
		s.createCloneActions(r)
	case KindBundle:
		s.createBundleActions(r)
	default:
		s.createPrimitiveActions(r)
	}
}

// roleStep is the next role on the way from one to another (06 §4.1); a table.
var roleStep = [5][5]Role{
	{RoleUnknown, RoleStopped, RoleStopped, RoleStopped, RoleStopped},
	{RoleStopped, RoleStopped, RoleStarted, RoleUnpromoted, RoleUnpromoted},
	{RoleStopped, RoleStopped, RoleStarted, RoleUnpromoted, RolePromoted},
	{RoleStopped, RoleStopped, RoleStopped, RoleUnpromoted, RolePromoted},
	{RoleStopped, RoleUnpromoted, RoleUnpromoted, RoleUnpromoted, RolePromoted},
}

// procedure is what one step needs.
type procedure uint8

const (
	doNothing procedure = iota
	doStop
	doStart
	doPromote
	doDemote
	impossible
)

// roleProcedure is the procedure of a step (06 §4.1); a table.
var roleProcedure = [5][5]procedure{
	{impossible, doStop, impossible, impossible, impossible},
	{impossible, doNothing, doStart, doStart, impossible},
	{impossible, doStop, doNothing, doNothing, doPromote},
	{impossible, doStop, doStop, doNothing, doPromote},
	{impossible, doDemote, doDemote, doDemote, doNothing},
}

// steps is what the creation of a primitive's actions finds out first.
type steps struct {
	current     *Node
	moving      bool
	migrate     bool // live migration is allowed
	needStop    bool
	needPromote bool
}

// createPrimitiveActions creates the actions that take a primitive from what it
// is to what it shall be (06 §4.2).
func (s *State) createPrimitiveActions(r *Resource) {
	if r.NextRole == RoleUnknown {
		r.NextRole = RoleStarted
		if r.Assigned == nil {
			r.NextRole = RoleStopped
		}
	}
	current, all, clean := r.activeCounts()
	for i := len(r.Dangling) - 1; i >= 0; i-- {
		s.action(r, taskStop, 0, r.Dangling[i], false).set(ActMigrationAbort)
	}
	p := steps{current: current}
	if current != nil && r.Assigned != nil && current != r.Assigned && r.NextRole >= RoleStarted {
		p.moving = true
		p.migrate = canMigrate(r, current)
		p.needStop = true
	}
	s.checkActivity(r, &p, all, clean)
	if r.Has(RscStartPending) {
		s.action(r, taskStart, 0, r.Assigned, true).set(ActAlwaysInGraph)
	}
	s.checkRestart(r, &p)
	s.restartActions(r, &p)
	s.roleActions(r)
	s.createRecurring(r)
	if p.migrate {
		s.createMigration(r, p.current)
	}
}

// checkActivity looks for partial migrations and multiple activity
// (06 §4.2 step 5).
func (s *State) checkActivity(r *Resource, p *steps, all, clean int) {
	source, target := r.PartialSource, r.PartialTarget
	multiple := false
	switch {
	case source != nil && target != nil && p.migrate && all == 2 && p.current == source && r.Assigned == target:
		// The migration goes on as it was begun.
	case source != nil || target != nil:
		p.needStop = true
		p.migrate = false
		r.why.Partial = true
		r.PartialSource, r.PartialTarget = nil, nil
	case r.Has(RscNeedsFencing):
		multiple = all > 1
	default:
		multiple = clean > 1
	}
	if !multiple {
		r.unset(RscStopUnexpected)
		return
	}
	r.why.Multiple = true
	switch r.MultipleActive {
	case MultipleStopStart:
		p.needStop = true
	case MultipleStopUnexpected:
		p.needStop = true
		r.set(RscStopUnexpected)
	}
}

// checkRestart decides whether a resource that stays where it is has to be
// restarted (06 §4.2 step 7).
func (s *State) checkRestart(r *Resource, p *steps) {
	switch {
	case p.moving:
	case r.Has(RscFailed):
		if r.Has(RscStopIfFailed) {
			p.needStop = true
		} else if r.NextRole == RolePromoted {
			p.needPromote = true
		}
	case r.Has(RscBlocked):
		p.needStop = true
	case r.OrigRole > RoleStarted && p.current != nil && r.Assigned != nil:
		if !s.action(r, taskStart, 0, r.Assigned, true).Optional() {
			p.needStop = true
		}
	}
}

// restartActions takes the resource down to stopped and up again to its present
// role, required or not (06 §4.3).
func (s *State) restartActions(r *Resource, p *steps) {
	r.set(RscRestarting)
	defer r.unset(RscRestarting)
	role := r.OrigRole
	for role != RoleStopped {
		next := roleStep[role][RoleStopped]
		if !s.step(r, role, next, p.current, !p.needStop) {
			break
		}
		role = next
	}
	for r.OrigRole <= r.NextRole && role != r.OrigRole && !r.Has(RscBlocked) {
		next := roleStep[role][r.OrigRole]
		required := p.needStop || (next == RolePromoted && p.needPromote)
		if !s.step(r, role, next, r.Assigned, !required) {
			break
		}
		role = next
	}
}

// roleActions takes the resource from its role to the next one.
func (s *State) roleActions(r *Resource) {
	role := r.OrigRole
	for role != r.NextRole {
		next := roleStep[role][r.NextRole]
		if !s.step(r, role, next, r.Assigned, false) {
			break
		}
		role = next
	}
}

// step does one procedure; false when there is nothing to do, which ends a
// walk.
func (s *State) step(r *Resource, from, to Role, n *Node, optional bool) bool {
	switch roleProcedure[from][to] {
	case doStop:
		s.stopResource(r, optional)
	case doStart:
		s.startResource(r, n, optional)
	case doPromote:
		s.promoteResource(r, n, optional)
	case doDemote:
		s.demoteResource(r, optional)
	case impossible:
		s.fail("resource %s cannot go from role %s to %s", r.ID, from, to)
		return false
	default:
		return false
	}
	return true
}

// isExpected tells whether the resource is to stay active on the node while
// its unexpected copies are stopped (06 §4.3).
func isExpected(r *Resource, n *Node) bool {
	return r.Has(RscStopUnexpected|RscRestarting) && r.NextRole > RoleStopped && sameNode(r.Assigned, n)
}

func (s *State) stopResource(r *Resource, optional bool) {
	for _, n := range r.Active {
		if isExpected(r, n) {
			continue
		}
		if r.PartialTarget != nil {
			if n == r.PartialTarget && n == r.Assigned {
				continue
			}
			optional = false
		}
		stop := s.action(r, taskStop, 0, n, optional)
		if r.Assigned == nil {
			stop.setReason("node availability", true)
		} else if r.Has(RscStopUnexpected | RscRestarting) {
			stop.setReason("being multiply active", true)
		}
		if !r.Managed() {
			stop.unset(ActRunnable)
		}
		if r.Has(RscNeedsUnfencing) {
			s.link(stop, s.fenceOp(n, "on", true, "", false), RelThenImpliesFirst, 0)
		}
	}
}

func (s *State) startResource(r *Resource, n *Node, optional bool) {
	start := s.action(r, taskStart, 0, n, true)
	if n != nil {
		s.orderUnfencing(r, n, start, RelFirstImpliesThen)
	}
	if start.Runnable() && !optional {
		start.unset(ActOptional)
	}
	if isExpected(r, n) {
		start.set(ActPseudo)
	}
}

// promoteResource promotes; a start that cannot run keeps the promotion from
// running, too.
func (s *State) promoteResource(r *Resource, n *Node, optional bool) {
	runnable := true
	for _, start := range r.findExact(opID(r.ID, taskStart, 0), n) {
		if !start.Runnable() {
			runnable = false
		}
	}
	if !runnable {
		for _, promote := range r.findExact(opID(r.ID, taskPromote, 0), n) {
			promote.unset(ActRunnable)
		}
		return
	}
	promote := s.action(r, taskPromote, 0, n, optional)
	if isExpected(r, n) {
		promote.set(ActPseudo)
	}
}

func (s *State) demoteResource(r *Resource, optional bool) {
	for _, n := range r.Active {
		if !isExpected(r, n) {
			s.action(r, taskDemote, 0, n, optional)
		}
	}
}
