package render

import (
	"strings"

	"systole/crm/scheduler"
)

// exitWords is a table of what results mean (08 §5.10).
var exitWords = map[int]string{ // table
	0: "OK", 1: "Error occurred", 2: "Invalid parameter", 3: "Unimplemented", 4: "Insufficient privileges",
	5: "Not installed", 6: "Not configured", 7: "Not running", 8: "Promoted", 9: "Failed in promoted role",
	64: "Incorrect usage", 65: "Invalid data given", 66: "Input file not available", 67: "User does not exist",
	68: "Host does not exist", 69: "Necessary service unavailable", 70: "Internal software bug",
	71: "Operating system error occurred", 72: "System file not available", 73: "Cannot create output file",
	74: "I/O error occurred", 75: "Temporary failure, try again", 76: "Protocol violated",
	77: "Insufficient privileges", 78: "Invalid configuration",
	100: "Fatal error occurred, will not respawn", 101: "System panic required", 102: "Not connected",
	103: "Update was older than existing configuration", 104: "Digest mismatch", 105: "No such object",
	106: "Quorum required", 107: "Operation not safe", 108: "Requested item already exists",
	109: "Multiple items match request", 110: "Requested item has expired", 111: "Requested item is not yet in effect",
	112: "Could not determine status", 113: "Not applicable under current conditions", 114: "DC is not yet elected",
	124: "Timeout occurred", 190: "Service is active but might fail soon", 191: "Service is promoted but might fail soon",
	193: "No exit status available", 255: "Error occurred",
}

// ExitWord says what an exit status or the result of an agent means.
func ExitWord(rc int) string {
	if w, ok := exitWords[rc]; ok {
		return w
	}
	if rc >= 129 && rc < 255 {
		return "Interrupted by signal"
	}
	return "Unknown exit status"
}

var execWords = [...]string{ // table
	"Pending", "Done", "Cancelled", "Timed out", "Unsupported", "Error", "Hard error", "Fatal error", "Not installed",
	"Internal communication failure", "Cannot execute now", "No fence device", "CIB secrets unavailable",
}

// execWord says what an op-status means (08 §5.9).
func execWord(status int) string {
	if status >= -1 && status+1 < len(execWords) {
		return execWords[status+1]
	}
	return "Unrecognized status (bug?)"
}

// nodeState is what a list says about a node (08 §5.1.3).
func nodeState(n *scheduler.Node) string {
	online := func(yes, no string) string {
		if n.Online {
			return yes
		}
		return no
	}
	switch {
	case n.Unclean && !n.Online && n.Pending:
		return "UNCLEAN (pending)"
	case n.Unclean:
		return online("UNCLEAN (online)", "UNCLEAN (offline)")
	case n.Pending:
		return "pending"
	case n.FailStandby && n.Online:
		return "standby (on-fail)"
	case n.Standby && n.Online && len(n.Running) > 0:
		return "standby (with active resources)"
	case n.Standby:
		return online("standby", "OFFLINE (standby)")
	case n.Maintenance:
		return online("maintenance", "OFFLINE (maintenance)")
	}
	return online("online", "OFFLINE")
}

func nodeKind(n *scheduler.Node) string {
	switch {
	case n.IsGuest():
		return "GuestNode"
	case n.Remote:
		return "RemoteNode"
	}
	return "Node"
}

// nodeHealth tells how well a node is (08 §5.1.4).
func nodeHealth(s *scheduler.State, n *scheduler.Node) string {
	strategy := s.Config.HealthStrategy
	if strategy == "" || strings.EqualFold(strategy, "none") {
		return "green"
	}
	worst := "green"
	for name, value := range n.Attrs {
		if !strings.HasPrefix(name, "#health") {
			continue
		}
		switch s.HealthColor(value) {
		case "red":
			return "red"
		case "yellow":
			worst = "yellow"
		}
	}
	return worst
}

// pendingWord is the state of a resource with a pending operation, "" where the
// operation does not change the state.
func pendingWord(task string) string {
	switch task {
	case "start":
		return "Starting"
	case "stop":
		return "Stopping"
	case "migrate_to", "migrate_from":
		return "Migrating"
	case "promote":
		return "Promoting"
	case "demote":
		return "Demoting"
	}
	return ""
}

// displayRole is the current role as people are told: what could be promoted
// and is not, is unpromoted.
func displayRole(r *scheduler.Resource) scheduler.Role {
	if r.OrigRole == scheduler.RoleStarted && r.TopBelowBundle().Has(scheduler.RscPromotable) {
		return scheduler.RoleUnpromoted
	}
	return r.OrigRole
}

// stateWord is the current role, or what is being done about it.
func stateWord(r *scheduler.Resource, pending bool) string {
	if pending {
		if w := pendingWord(r.PendingTask); w != "" {
			return w
		}
	}
	return displayRole(r).String()
}

// configuredRole is what the user wants a clone to be, or any of its instances.
func configuredRole(s *scheduler.State, clone *scheduler.Resource) scheduler.Role {
	if _, ok := clone.Meta.Get("target-role"); !ok && len(clone.Children) > 0 {
		return s.ConfiguredRole(clone.Children[0])
	}
	return s.ConfiguredRole(clone)
}

// byName sorts nodes as people count; the list's order decides between equals.
func byName(a, b *scheduler.Node) int { return scheduler.CompareNames(a.Name, b.Name) }
