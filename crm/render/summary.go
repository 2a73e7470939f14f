package render

import "systole/crm/scheduler"

// detailKind is a row of the table of 08 §7.3: what is worth saying about where
// a resource goes, and in which role.
type detailKind uint8

const (
	detailStartRole detailKind = iota // C -> N T
	detailStart                       // T
	detailStopRole                    // C O
	detailStop                        // O
	detailStayRole                    // C O
	detailStay                        // O
	detailMoveRole                    // O -> T C
	detailMove                        // O -> T
	detailRole                        // C -> N O
	detailAll                         // C O -> N T
)

func kindOf(row *scheduler.SummaryRow) detailKind {
	needRole := row.Role > scheduler.RoleStarted || row.Next > scheduler.RoleUnpromoted
	sameRole := row.Role == row.Next
	sameHost := row.Origin != nil && row.Origin == row.Destination
	pick := func(with, without detailKind) detailKind {
		if needRole {
			return with
		}
		return without
	}
	switch {
	case row.Origin == nil:
		return pick(detailStartRole, detailStart)
	case row.Destination == nil:
		return pick(detailStopRole, detailStop)
	case sameRole && sameHost:
		return pick(detailStayRole, detailStay)
	case sameRole:
		return pick(detailMoveRole, detailMove)
	case sameHost:
		return detailRole
	}
	return detailAll
}

// Details says where a resource goes and in which role: "node1 -> node2".
func Details(row *scheduler.SummaryRow) string {
	c, n := row.Role.String(), row.Next.String()
	var o, t string
	if row.Origin != nil {
		o = row.Origin.Name
	}
	if row.Destination != nil {
		t = row.Destination.Name
	}
	switch kindOf(row) {
	case detailStartRole:
		return c + " -> " + n + " " + t
	case detailStart:
		return t
	case detailStopRole, detailStayRole:
		return c + " " + o
	case detailStop, detailStay:
		return o
	case detailMoveRole:
		return o + " -> " + t + " " + c
	case detailMove:
		return o + " -> " + t
	case detailRole:
		return c + " -> " + n + " " + o
	}
	return c + " " + o + " -> " + n + " " + t
}

// Why says why, in the words of the summary; "" when there is nothing to say.
func Why(row *scheduler.SummaryRow) string {
	switch {
	case row.Reason != "" && row.Blocked:
		return "due to " + row.Reason + " (blocked)"
	case row.Reason != "":
		return "due to " + row.Reason
	case row.Blocked:
		return "blocked"
	}
	return ""
}

// nodeTask says what is done to a node, and nodeLabel to which.
func nodeTask(row *scheduler.NodeRow) string {
	if row.Task == "do_shutdown" {
		return "Shutdown"
	}
	return "Fence (" + row.Op + ")"
}

func nodeLabel(n *scheduler.Node) string {
	if n.IsGuest() {
		return n.Name + " (resource: " + n.Connection.Launcher.ID + ")"
	}
	return n.Name
}

// Summary writes what will become of nodes and resources (08 §7).
func (t *Text) Summary(s *scheduler.State) {
	if t.Quiet {
		return
	}
	t.begin("Transition Summary")
	for _, row := range s.NodeSummary() {
		t.item(nodeTask(&row), " ", nodeLabel(row.Node), " '", row.Reason, "'")
	}
	rows := s.Summary()
	if t.Terse && len(rows) == 0 && len(s.NodeSummary()) == 0 {
		t.item("Nothing is to be done")
	}
	details := make([]string, len(rows))
	// The widths grow from row to row and the last ones count for all; that the
	// first grows by two more than it must is part of the format.
	idWidth, detailWidth := 5, 5
	for i := range rows {
		details[i] = Details(&rows[i])
		if n := len(rows[i].Rsc.ID); n > idWidth {
			idWidth = n + 2
		}
		detailWidth = max(detailWidth, len(details[i]))
	}
	for i := range rows {
		why := Why(&rows[i])
		if why != "" {
			why = "  " + why
		}
		t.item(pad(rows[i].Verb, 8), "   ", pad(rows[i].Rsc.ID, idWidth), "   ( ", padLeft(details[i], detailWidth), " )", why)
	}
	t.end()
}

// ScoresBegin opens the block of score and utilization lines (08 §6), quiet or
// not.
func (t *Text) ScoresBegin(scores, utilization bool) {
	switch {
	case scores && utilization:
		t.begin("Assignment Scores and Utilization Information")
	case scores:
		t.begin("Assignment Scores")
	default:
		t.begin("Utilization Information")
	}
}

// ScoreLines writes the lines, messages about changed parameters first.
func (t *Text) ScoreLines(s *scheduler.State) {
	for _, note := range s.Notes {
		t.Info(note)
	}
	for i := range s.Lines {
		t.item(scoreLine(&s.Lines[i]))
	}
}

// ScoresEnd closes the block.
func (t *Text) ScoresEnd() { t.end() }

func scoreLine(l *scheduler.Line) string {
	text := l.Text
	if text != "" {
		text = " " + text
	}
	switch l.Kind {
	case scheduler.LinePromotion:
		where := " (inactive): "
		if l.Node != "" {
			where = " on " + l.Node + ": "
		}
		return l.Rsc + " promotion score" + where + l.Score.String()
	case scheduler.LineCapacity:
		return l.Func + ": " + l.Node + " capacity:" + text
	case scheduler.LineUtilization:
		return l.Func + ": " + l.Rsc + " utilization on " + l.Node + ":" + text
	}
	return l.Func + ": " + l.Rsc + " allocation score on " + l.Node + ": " + l.Score.String()
}
