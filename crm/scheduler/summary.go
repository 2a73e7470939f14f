package scheduler

// SummaryRow is one line of the transition summary (08 §7.2): what will become
// of a resource. Origin or Destination may be nil, not both.
type SummaryRow struct {
	Verb        string // Start, Stop, Move, Migrate, Restart, Recover, Reload, Promote, Demote, Re-promote
	Rsc         *Resource
	Origin      *Node
	Destination *Node
	Role, Next  Role
	Reason      string // why, "" when nothing says
	Blocked     bool   // it should happen, but cannot

	// Action is what is done and Source whose reason is given.
	Action, Source *Action
}

// NodeRow is a line of the summary about a node: it is fenced or shut down
// (08 §7.1).
type NodeRow struct {
	Task   string // do_shutdown, stonith
	Op     string // of fencing: reboot, off, on
	Node   *Node
	Reason string
}

// settleSummary computes the summary before the graph is made, because looking
// changes things: a resource that is active but said to be stopped counts as
// started from then on, and actions without a node get the one that is looked
// at (07 T1).
func (s *State) settleSummary() {
	s.summary = s.summary[:0]
	s.summarize()
}

// Summary lists what will become of each resource, in the order of the report.
// It is empty before Plan.
func (s *State) Summary() []SummaryRow {
	if s.ord.graph.g == nil {
		return nil
	}
	// Making the graph created more actions, and may have changed reasons.
	s.summary = nil
	s.summarize()
	return s.summary
}

// NodeSummary lists the fencing and shutdowns that have a reason, newest first.
func (s *State) NodeSummary() []NodeRow {
	var rows []NodeRow
	for i := len(s.Actions) - 1; i >= 0; i-- {
		a := s.Actions[i]
		if a.Rsc != nil || a.Optional() || a.Reason == "" || a.Node == nil || (a.Task != taskFence && a.Task != taskShutdown) {
			continue
		}
		rows = append(rows, NodeRow{Task: a.Task, Op: a.Meta.Value("stonith_action"), Node: a.Node, Reason: a.Reason})
	}
	return rows
}

func (s *State) summarize() {
	for _, r := range s.Resources {
		s.summarizeResource(r)
	}
}

func (s *State) summarizeResource(r *Resource) {
	switch {
	case r.Kind == KindBundle:
		for _, rep := range r.bundle.Replicas {
			for _, part := range [...]*Resource{rep.IP, rep.Container, rep.Connection, rep.Child} {
				if part != nil {
					s.summarizeResource(part)
				}
			}
		}
	case len(r.Children) > 0:
		for _, c := range r.Children {
			s.summarizeResource(c)
		}
	case r.IsLeaf():
		v := summaryView{s: s, r: r, next: r.Assigned}
		if len(r.Active) > 0 {
			v.current = r.activeNode()
			if r.OrigRole == RoleStopped {
				r.OrigRole = RoleStarted
			}
		}
		if v.current == nil && r.Has(RscRemoved) {
			return
		}
		v.look()
		v.rows()
	}
}

// summaryView is what the rows of one primitive are decided on.
type summaryView struct {
	s                            *State
	r                            *Resource
	current, next                *Node
	start, stop, promote, demote *Action
}

// first is the earliest created action of the task on the node, on any node
// when there is none; an action without node gets it.
func (v *summaryView) first(task string, n *Node) *Action {
	if list := v.r.findActions(opID(v.r.ID, task, 0), n); len(list) > 0 {
		return list[0]
	}
	return nil
}

func (v *summaryView) look() {
	if !v.r.Managed() || (v.current == nil && v.next == nil) {
		return
	}
	v.start = v.first(taskStart, v.next)
	var stopNode *Node
	if v.start != nil && v.start.Runnable() {
		stopNode = v.current
	}
	v.stop = v.first(taskStop, stopNode)
	if v.stop == nil && v.r.Has(RscStopUnexpected) {
		v.stop = v.first(taskStop, nil)
	}
	v.promote = v.first(taskPromote, v.next)
	v.demote = v.first(taskDemote, v.next)
}

// rows is the table of 08 §7.2.
func (v *summaryView) rows() {
	switch {
	case !v.r.Managed() || (v.current == nil && v.next == nil):
	case v.r.OrigRole == v.r.NextRole:
		v.sameRole()
	default:
		v.otherRole()
	}
}

func (v *summaryView) moving() bool {
	return v.current != nil && v.next != nil && v.current != v.next
}

func (v *summaryView) sameRole() {
	if v.next == nil {
		return
	}
	migrate := v.first(taskMigrateFrom, v.next)
	switch {
	case migrate != nil && migrate.Runnable() && v.current != nil:
		v.add("Migrate", v.current, v.next, v.start, nil)
	case v.r.Has(RscReload):
		v.add("Reload", v.current, v.next, v.start, nil)
	case v.start == nil || v.start.Optional():
		if v.demote != nil && v.promote != nil && !v.demote.Optional() && !v.promote.Optional() {
			v.add("Re-promote", v.current, v.next, v.promote, v.demote)
		}
	case !v.start.Runnable():
		source := v.stop
		if source == nil || source.Reason == "" {
			source = v.start
		}
		v.add("Stop", v.current, nil, v.stop, source)
	case v.moving():
		verb := "Move"
		if v.r.Has(RscFailed) {
			verb = "Recover"
		}
		v.add(verb, v.current, v.next, v.stop, nil)
	case v.r.Has(RscFailed):
		v.add("Recover", v.current, nil, v.stop, nil)
	default:
		v.add("Restart", v.current, v.next, v.start, nil)
	}
}

func (v *summaryView) otherRole() {
	r := v.r
	switch {
	case v.stop != nil && (r.NextRole == RoleStopped || (v.start != nil && !v.start.Runnable())):
		v.stops()
	case v.stop != nil && r.Has(RscFailed|RscStopIfFailed):
		v.add("Recover", v.current, v.next, v.stop, v.start)
	case v.moving():
		v.add("Move", v.current, v.next, v.stop, nil)
	case r.Has(RscReload):
		v.add("Reload", v.current, v.next, v.start, nil)
	case v.stop != nil && !v.stop.Optional():
		v.add("Restart", v.current, v.next, v.start, nil)
	case r.OrigRole == RolePromoted:
		v.add("Demote", v.current, v.next, v.demote, nil)
	case r.NextRole == RolePromoted:
		v.add("Promote", v.current, v.next, v.promote, nil)
	case r.OrigRole == RoleStopped && r.NextRole > RoleStopped:
		v.add("Start", v.current, v.next, v.start, nil)
	}
}

// stops adds a line for every node that the resource is stopped on.
func (v *summaryView) stops() {
	for _, n := range v.r.Active {
		stop, source := v.first(taskStop, n), v.start
		if stop != nil && stop.Reason != "" {
			source = stop
		}
		v.add("Stop", n, nil, stop, source)
	}
}

// add notes a row; one whose action does not exist is none (Pacemaker would
// abort on it).
func (v *summaryView) add(verb string, origin, destination *Node, a, source *Action) {
	if a == nil || (origin == nil && destination == nil) {
		return
	}
	if source == nil {
		source = a
	}
	v.s.summary = append(v.s.summary, SummaryRow{
		Verb: verb, Rsc: v.r, Origin: origin, Destination: destination, Role: v.r.OrigRole, Next: v.r.NextRole,
		Reason: source.Reason, Blocked: !a.Runnable(), Action: a, Source: source,
	})
}
