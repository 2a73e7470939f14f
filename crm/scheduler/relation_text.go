package scheduler

import "strings"

var relationNames = [...]string{ // by bit, in the order of the constants
	"ordered", "serialize", "asymmetric", "first_implies_then", "first_implies_same_node_then",
	"unrunnable_first_blocks", "nested_remote_probe", "then_implies_first", "promoted_then_implies_first",
	"intermediate_stop", "unmigratable_then_blocks", "first_else_then", "min_runnable", "then_cancels_first",
	"first_implies_then_graphed", "then_implies_first_graphed", "if_first_unmigratable", "if_on_same_node",
	"if_on_same_node_or_target", "if_required_on_same_node", "guest_allowed",
}

// String names the flags as the specification does (06 §9), joined by "|";
// "none" for a disabled ordering.
func (r Relation) String() string {
	var names []string
	for i, name := range relationNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "|")
}
