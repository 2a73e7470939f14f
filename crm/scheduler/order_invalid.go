package scheduler

// disableInvalidOrderings takes out orderings that cannot be honoured
// (06 §12): between what runs in a guest and the resource that is the guest,
// and load_stopped orderings that would close a loop.
func (s *State) disableInvalidOrderings() {
	for i := len(s.Actions) - 1; i >= 0; i-- {
		x := s.Actions[i]
		if x.Rsc == nil {
			continue
		}
		launches := len(x.Rsc.Launched) > 0
		moves := x.Task == taskMigrateTo
		if !launches && !moves {
			continue
		}
		for k := len(x.before) - 1; k >= 0; k-- {
			e := x.before[k]
			if launches && s.insideOut(x, e) {
				e.flags = 0
			}
			if moves && e.flags == RelIfOnSameNodeOrTarget && s.closesLoop(x, e) {
				e.flags = 0
			}
		}
	}
}

// insideOut tells whether an ordering is between something in a guest node and
// the resource that launches the guest.
func (s *State) insideOut(x *Action, e *edge) bool {
	in := e.action
	if e.flags.any(RelGuestAllowed) || in.Rsc == nil || in.Node == nil || in.Node.Connection == nil || in.Node.Connection.Launcher != x.Rsc {
		return false
	}
	if e.flags != 0 {
		s.configWarning(nil, "ignoring the ordering of %s before %s: it is between a guest node's resource and the guest itself", in.Key, x.Key)
	}
	return true
}

// closesLoop tells whether following the inputs back from e leads to x again,
// along edges that count as inputs of the graph.
func (s *State) closesLoop(x *Action, e *edge) bool {
	s.ord.walk++
	return s.leadsTo(x, x, e)
}

func (s *State) leadsTo(target, then *Action, e *edge) bool {
	in := e.action
	if in.mark == s.ord.walk || !s.isInput(then, e) {
		return false
	}
	if in == target {
		return true
	}
	in.mark = s.ord.walk
	for i := len(in.before) - 1; i >= 0; i-- {
		if s.leadsTo(target, in, in.before[i]) {
			return true
		}
	}
	return false
}
