package render

import (
	"strconv"

	"systole/crm/simulate"
)

// ModificationsBegin opens the list of changes that are asked for.
func (t *Text) ModificationsBegin(_, _ *string) {
	if !t.Quiet {
		t.begin("Performing Requested Modifications")
	}
}

// TransitionBegin opens the list of executed actions.
func (t *Text) TransitionBegin() {
	switch {
	case t.Quiet:
	case t.Terse:
		t.waiting = true
	default:
		t.begin(executing)
	}
}

const executing = "Executing Cluster Transition"

// ModificationsEnd closes it.
func (t *Text) ModificationsEnd() { t.listEnd() }

// TransitionEnd closes it.
func (t *Text) TransitionEnd() {
	if !t.waiting {
		t.listEnd()
	}
	t.waiting = false
}

func (t *Text) listEnd() {
	if !t.Quiet {
		t.end()
	}
}

// Event writes what happened (08 §8.3, §10.1). Errors are for another channel:
// they are left out.
func (t *Text) Event(e *simulate.Event) {
	if t.Quiet {
		return
	}
	if e.Kind == simulate.EventError || (t.Terse && (e.Kind == simulate.EventPseudo || e.Kind == simulate.EventAttr)) {
		return
	}
	if t.waiting {
		t.waiting = false
		t.raw("\n")
		t.begin(executing)
	}
	switch {
	case e.Kind == simulate.EventPretend && t.Terse:
		t.item("    which fails: ", itoa(e.RC), " (", ExitWord(e.RC), ")")
	case e.Kind == simulate.EventPretend:
		t.Info("Pretending action " + itoa(e.ActionID) + " failed with rc=" + itoa(e.RC))
	default:
		t.item(EventText(e))
	}
}

// EventText puts an event into words, "" for those that have none.
func EventText(e *simulate.Event) string {
	switch e.Kind {
	case simulate.EventQuorum:
		return "Setting quorum: " + e.Value
	case simulate.EventWatchdog:
		return "Setting watchdog: " + e.Value
	case simulate.EventNodeUp:
		return "Bringing node " + e.Node + " online"
	case simulate.EventNodeDown:
		return "Taking node " + e.Node + " offline"
	case simulate.EventNodeFail:
		return "Failing node " + e.Node
	case simulate.EventTicketGrant:
		return "Granting ticket " + e.Name
	case simulate.EventTicketRevoke:
		return "Revoking ticket " + e.Name
	case simulate.EventTicketStandby:
		return "Making ticket " + e.Name + " standby"
	case simulate.EventTicketActivate:
		return "Activating ticket " + e.Name
	case simulate.EventNodeStandby:
		return "Putting node " + e.Node + " in standby"
	case simulate.EventNodeUnstandby:
		return "Ending standby of node " + e.Node
	case simulate.EventNodeLeave:
		return "Shutting down node " + e.Node
	case simulate.EventRscStop:
		return "Asking for " + e.Name + " to be stopped"
	case simulate.EventRscStart:
		return "Asking for " + e.Name + " to be started"
	case simulate.EventRscFail:
		return "Failing " + e.Name + " on " + e.Node
	case simulate.EventInject:
		return "Injecting " + e.Text + " into the configuration"
	case simulate.EventAttr:
		return "Injecting attribute " + e.Name + "=" + e.Value + " into /node_state '" + e.Node + "'"
	}
	return actionText(e)
}

func actionText(e *simulate.Event) string {
	switch e.Kind {
	case simulate.EventPseudo:
		if e.Node != "" {
			return "Pseudo action:   " + e.Task + " on " + e.Node
		}
		return "Pseudo action:   " + e.Task
	case simulate.EventFence:
		return "Fencing " + e.Node + " (" + e.Task + ")"
	case simulate.EventCluster:
		if e.Name != "" {
			return "Cluster action:  " + e.Task + " for " + e.Name + " on " + e.Node
		}
		return "Cluster action:  " + e.Task + " on " + e.Node
	case simulate.EventRsc:
		task := e.Task
		if e.IntervalMs != 0 {
			task += "=" + strconv.FormatUint(uint64(e.IntervalMs), 10)
		}
		return "Resource action: " + pad(e.Name, 15) + " " + task + " on " + e.Node
	}
	return ""
}
