package scheduler

import "systole/lib/xmltree"

// ticket finds a ticket, or makes one that was never granted.
func (s *State) ticket(id string) *Ticket {
	t := s.tickets[id]
	if t == nil {
		t = &Ticket{ID: id, LastGranted: -1}
		s.tickets[id] = t
	}
	return t
}

// usable tells whether what needs the ticket may run.
func (t *Ticket) usable() bool { return t.Granted && !t.Standby }

// unpackTicket reads an rsc_ticket (05 §11.2).
func (s *State) unpackTicket(e *xmltree.Element) {
	name, ok := e.Attr("ticket")
	if !ok {
		s.configError(e, "ignoring rsc_ticket %q without ticket", e.ID())
		return
	}
	in := &ticketInput{xml: e, ticket: s.ticket(name), cause: s.cause("rsc_ticket", e.ID(), e)}
	expanded := s.expandTagSets(e)
	if expanded == nil {
		if expanded, ok = s.expandTicket(e); !ok {
			return
		}
	}
	if expanded == nil {
		expanded = e
	}
	if !s.eachSet(expanded, func(set *xmltree.Element) bool { return s.unpackTicketSet(in, set) }) {
		s.unpackSimpleTicket(in)
	}
}

// ticketInput is what the constraints made from one rsc_ticket have in common.
type ticketInput struct {
	xml    *xmltree.Element
	ticket *Ticket
	cause  Cause
}

// expandTicket turns a template or tag named by rsc into a set. The result is
// nil when nothing has to be expanded; ok is false when the constraint is to be
// ignored.
func (s *State) expandTicket(e *xmltree.Element) (expanded *xmltree.Element, ok bool) {
	name, given := e.Attr("rsc")
	if !given {
		return nil, true
	}
	switch kind, _ := s.expandName(name); kind {
	case refNone:
		s.configError(e, "ignoring rsc_ticket %q because %q is no resource, template or tag", e.ID(), name)
		return nil, false
	case refResource:
		return nil, true
	}
	expanded = e.Copy()
	s.nameToSet(expanded, "rsc", "rsc-role", false)
	return expanded, true
}

// unpackTicketSet makes each resource of a set depend on the ticket. It returns
// false when the constraint ends here.
func (s *State) unpackTicketSet(in *ticketInput, set *xmltree.Element) bool {
	if !set.Has("id") {
		s.configError(set, "ignoring the rest of rsc_ticket %q because of a resource_set without id", in.xml.ID())
		return false
	}
	role, given := set.Attr("role")
	for ref := range set.Elements("resource_ref") {
		r := s.constraintResource(ref.ID())
		if r == nil {
			s.configError(ref, "ignoring the rest of rsc_ticket %q because resource %q in set %q does not exist",
				in.xml.ID(), ref.ID(), set.ID())
			return false
		}
		s.requireTicket(in, set.ID(), r, role, given)
	}
	return true
}

func (s *State) unpackSimpleTicket(in *ticketInput) {
	name, ok := in.xml.Attr("rsc")
	if !ok {
		s.configError(in.xml, "ignoring rsc_ticket %q without resource", in.xml.ID())
		return
	}
	r := s.constraintResource(name)
	if r == nil {
		s.configError(in.xml, "ignoring rsc_ticket %q because resource %q does not exist", in.xml.ID(), name)
		return
	}
	role, given := in.xml.Attr("rsc-role")
	s.requireTicket(in, in.xml.ID(), r, role, given)
}

// requireTicket records that a resource depends on a ticket, and does at once
// what follows from a ticket that is not there (05 §11.3).
func (s *State) requireTicket(in *ticketInput, id string, r *Resource, roleText string, given bool) {
	role, ok := constraintRole(roleText, given)
	if !ok {
		s.configError(in.xml, "ignoring %q of rsc_ticket %q because of the unknown role %q", id, in.xml.ID(), roleText)
		return
	}
	t := &TicketConstraint{ID: id, Rsc: r, Ticket: in.ticket, Role: role, Policy: s.lossPolicy(in, role), Cause: in.cause}
	r.tickets = append(r.tickets, t)
	if !t.Ticket.usable() {
		r.leaves(func(leaf *Resource) { s.applyTicket(leaf, t) })
	}
}

// lossPolicy reads loss-policy. Without fencing nodes cannot be fenced, so that
// resources are stopped instead.
func (s *State) lossPolicy(in *ticketInput, role Role) LossPolicy {
	text := in.xml.Get("loss-policy")
	switch {
	case equalFold(text, "fence"):
		if s.Config.FencingEnabled {
			return LossFence
		}
		s.configError(in.xml, "taking stop as loss-policy of ticket %q because fencing is not enabled", in.ticket.ID)
		return LossStop
	case equalFold(text, "freeze"):
		return LossFreeze
	case equalFold(text, "demote"):
		return LossDemote
	case equalFold(text, "stop"):
		return LossStop
	case role == RolePromoted:
		return LossDemote
	}
	return LossStop
}

// applyTicket does to a primitive what the loss of a ticket, or a ticket in
// standby, does (05 §11.4). What is only about the promoted role happens when
// roles are chosen.
func (s *State) applyTicket(r *Resource, t *TicketConstraint) {
	if t.Ticket.Granted || len(r.Active) == 0 {
		if t.Role != RolePromoted || t.Policy == LossStop {
			s.banFromAll(r, t.Cause)
		}
		return
	}
	matches := t.Role == RoleUnknown || t.Role == r.OrigRole
	switch t.Policy {
	case LossStop:
		s.banFromAll(r, t.Cause)
	case LossDemote:
		if t.Role != RolePromoted {
			s.banFromAll(r, t.Cause)
		}
	case LossFence:
		if !matches {
			return
		}
		s.banFromAll(r, t.Cause)
		for _, n := range r.Active {
			s.fenceNode(n, "deadman ticket was lost", false, t.Cause)
		}
	case LossFreeze:
		if matches {
			r.unmanage(true, t.Cause)
		}
	}
}

// requirePromotionTickets bans a promotable clone whose promoted role needs a
// ticket that is not there. Its instances have been placed; the ban only takes
// the score that decides about promotion (05 §11.6).
func (s *State) requirePromotionTickets(clone *Resource) {
	for _, t := range clone.tickets {
		if t.Role == RolePromoted && !t.Ticket.usable() {
			s.preferAll(clone, -Infinity, t.Cause)
		}
	}
}
