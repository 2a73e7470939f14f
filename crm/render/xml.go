package render

import (
	"strconv"
	"strings"

	"systole/crm/scheduler"
	"systole/crm/simulate"
)

// apiVersion is the version of Pacemaker's XML reports that this is.
const apiVersion = "2.42"

// XML is the report as an XML document (08 §13). It is written when it is
// finished, and never quiet.
type XML struct {
	// Whole keeps what comes after injections. Pacemaker's programs lose it: a
	// block too many is closed there (08 §13.3).
	Whole bool

	root   *markup
	stack  []*markup
	errors []string
	done   []byte
}

// NewXML begins a report about a command line.
func NewXML(args []string) *XML {
	root := &markup{name: "pacemaker-result", attrs: []string{"api-version", apiVersion, "request", commandLine(args)}}
	return &XML{root: root, stack: []*markup{root}}
}

func (x *XML) top() *markup { return x.stack[len(x.stack)-1] }

func (x *XML) begin(name string, pairs ...string) {
	x.stack = append(x.stack, x.top().add(name, pairs...))
}

func (x *XML) end() {
	if len(x.stack) > 1 {
		x.stack = x.stack[:len(x.stack)-1]
	}
}

// IsQuiet is never true.
func (x *XML) IsQuiet() bool { return false }

// Take returns the finished document.
func (x *XML) Take() []byte {
	b := x.done
	x.done = nil
	return b
}

// Finish adds the status and writes the document.
func (x *XML) Finish(status int) {
	m := x.root.add("status", "code", itoa(status), "message", ExitWord(status))
	if len(x.errors) > 0 {
		list := m.add("errors")
		for _, e := range x.errors {
			list.add("error").text = e
		}
	}
	x.done = x.root.append(nil, 0)
}

// Version tells which program this is.
func (x *XML) Version(text string) {
	first, rest, _ := strings.Cut(text, "\n")
	program, version, _ := strings.Cut(first, " ")
	_, author, _ := strings.Cut(strings.TrimSpace(rest), "by ")
	x.top().add("version", "program", program, "version", version, "author", author, "build", "systole", "features", "")
}

// Info, Spacer and Maintenance are for people.
func (x *XML) Info(string)  {}
func (x *XML) Spacer()      {}
func (x *XML) Maintenance() {}

// Error keeps an error for the end of the report.
func (x *XML) Error(text string) bool {
	x.errors = append(x.errors, text)
	return true
}

// ModificationsBegin tells what is set; the list itself is always empty.
func (x *XML) ModificationsBegin(quorum, watchdog *string) {
	m := x.top().add("modifications")
	if x.Whole {
		x.stack = append(x.stack, m)
		return // what is set is among the events
	}
	if quorum != nil {
		m.set("quorum", *quorum)
	}
	if watchdog != nil {
		m.set("watchdog", *watchdog)
	}
}

// ModificationsEnd ends the list of injections.
func (x *XML) ModificationsEnd() {
	if x.Whole {
		x.end()
	} else {
		x.stack = []*markup{{name: "lost"}}
	}
}

// StepBegin opens what happens at once, with what the cluster does about it.
func (x *XML) StepBegin() { x.begin("step") }

// StepEnd closes it.
func (x *XML) StepEnd() {
	step := x.top()
	x.end()
	if kids := x.top().kids; len(step.kids) == 0 && len(kids) > 0 {
		x.top().kids = kids[:len(kids)-1] // nothing was left to do
	}
}

// TransitionBegin opens the list of executed actions.
func (x *XML) TransitionBegin() { x.begin("transition") }

// TransitionEnd closes it.
func (x *XML) TransitionEnd() { x.end() }

// Event writes what happened.
func (x *XML) Event(e *simulate.Event) {
	m := x.top()
	switch e.Kind {
	case simulate.EventQuorum:
		if x.Whole {
			m.add("modify_cluster", "action", "Quorum", "value", e.Value)
		}
	case simulate.EventWatchdog:
		if x.Whole {
			m.add("modify_cluster", "action", "Watchdog", "value", e.Value)
		}
	case simulate.EventNodeUp:
		m.add("modify_node", "action", "Online", "node", e.Node)
	case simulate.EventNodeDown:
		m.add("modify_node", "action", "Offline", "node", e.Node)
	case simulate.EventNodeFail:
		m.add("modify_node", "action", "Failing", "node", e.Node)
	case simulate.EventTicketGrant:
		m.add("modify_ticket", "action", "Granting", "ticket", e.Name)
	case simulate.EventTicketRevoke:
		m.add("modify_ticket", "action", "Revoking", "ticket", e.Name)
	case simulate.EventTicketStandby:
		m.add("modify_ticket", "action", "Standby", "ticket", e.Name)
	case simulate.EventTicketActivate:
		m.add("modify_ticket", "action", "Activating", "ticket", e.Name)
	case simulate.EventNodeStandby:
		m.add("modify_node", "action", "Standby", "node", e.Node)
	case simulate.EventNodeUnstandby:
		m.add("modify_node", "action", "Unstandby", "node", e.Node)
	case simulate.EventNodeLeave:
		m.add("modify_node", "action", "Shutdown", "node", e.Node)
	case simulate.EventRscStop:
		m.add("modify_resource", "action", "Stop", "resource", e.Name)
	case simulate.EventRscStart:
		m.add("modify_resource", "action", "Start", "resource", e.Name)
	case simulate.EventRscFail:
		m.add("modify_resource", "action", "Fail", "resource", e.Name, "node", e.Node)
	case simulate.EventInject:
		m.add("inject_spec", "spec", e.Text)
	case simulate.EventAttr:
		m.add("inject_attr", "name", e.Name, "value", e.Value, "node_path", "/node_state", "cib_node", e.Node)
	case simulate.EventPseudo:
		m.add("pseudo_action", "task", e.Task).opt("node", e.Node, e.Node != "")
	case simulate.EventFence:
		m.add("fencing_action", "target", e.Node, "op", e.Task)
	case simulate.EventCluster:
		m.add("cluster_action", "task", e.Task, "node", e.Node).opt("id", e.Name, e.Name != "")
	case simulate.EventRsc:
		m.add("rsc_action", "resource", e.Name, "op", e.Task, "node", e.Node).
			opt("interval", strconv.FormatUint(uint64(e.IntervalMs), 10), e.IntervalMs != 0)
	}
}

// ScoresBegin opens the block of scores.
func (x *XML) ScoresBegin(scores, utilization bool) {
	switch {
	case scores && utilization:
		x.begin("allocations_utilizations")
	case scores:
		x.begin("allocations")
	default:
		x.begin("utilizations")
	}
}

// ScoresEnd closes it.
func (x *XML) ScoresEnd() { x.end() }

// ScoreLines writes the scores (08 §6).
func (x *XML) ScoreLines(s *scheduler.State) {
	for i := range s.Lines {
		l := &s.Lines[i]
		switch l.Kind {
		case scheduler.LineScore:
			x.top().add("node_weight", "function", l.Func, "node", l.Node, "score", l.Score.String(), "id", l.Rsc)
		case scheduler.LinePromotion:
			x.top().add("promotion_score", "id", l.Rsc, "score", l.Score.String()).opt("node", l.Node, l.Node != "")
		case scheduler.LineCapacity:
			amounts(x.top().add("capacity", "node", l.Node, "comment", l.Func), l.Text)
		case scheduler.LineUtilization:
			amounts(x.top().add("utilization", "resource", l.Rsc, "node", l.Node, "function", l.Func), l.Text)
		}
	}
}

// amounts adds an element for every NAME=VALUE.
func amounts(m *markup, text string) {
	for _, pair := range strings.Fields(text) {
		name, value, _ := strings.Cut(pair, "=")
		m.add(name).text = value
	}
}

// Summary writes what will become of nodes and resources (08 §7).
func (x *XML) Summary(s *scheduler.State) {
	x.begin("actions")
	for _, row := range s.NodeSummary() {
		x.top().add("node_action", "task", nodeTask(&row), "node", nodeLabel(row.Node), "reason", row.Reason)
	}
	for _, row := range s.Summary() {
		m := x.top().add("rsc_action", "action", strings.ToLower(row.Verb), "resource", row.Rsc.ID)
		details(m, &row)
		m.opt("reason", row.Reason, row.Reason != "")
		m.opt("blocked", "true", row.Blocked)
	}
	x.end()
}

// details are the attributes that say where a resource goes and in which role.
func details(m *markup, row *scheduler.SummaryRow) {
	role := func() { m.set("role", row.Role.String()) }
	next := func() { m.set("next-role", row.Next.String()) }
	source := func() { m.set("source", row.Origin.Name) }
	dest := func() { m.set("dest", row.Destination.Name) }
	switch kindOf(row) {
	case detailStartRole:
		role()
		next()
		dest()
	case detailStart:
		m.set("node", row.Destination.Name)
	case detailStopRole:
		role()
		m.set("node", row.Origin.Name)
	case detailStop:
		m.set("node", row.Origin.Name)
	case detailStayRole:
		role()
		source()
	case detailStay:
		source()
	case detailMoveRole:
		source()
		dest()
		role()
	case detailMove:
		source()
		dest()
	case detailRole:
		role()
		next()
		source()
	case detailAll:
		role()
		source()
		next()
		dest()
	}
}

// TimingsBegin opens the list of timings (08 §12).
func (x *XML) TimingsBegin() { x.begin("timings") }

// Timing tells how much processor time a file took.
func (x *XML) Timing(file string, seconds float64) {
	x.top().add("timing", "file", file, "duration", strconv.FormatFloat(seconds, 'f', 6, 64))
}

// TimingsEnd closes it.
func (x *XML) TimingsEnd() { x.end() }
