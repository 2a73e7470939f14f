package scheduler

import "strings"

// Role is what a resource does on a node, in Pacemaker's order: a higher role
// includes the lower ones (03 §1.8).
type Role uint8

const (
	RoleUnknown Role = iota
	RoleStopped
	RoleStarted
	RoleUnpromoted
	RolePromoted
)

var roleNames = [...]string{"Unknown", "Stopped", "Started", "Unpromoted", "Promoted"} // table

// String returns the name that is shown to people; the old names Master and
// Slave are only read, never written.
func (r Role) String() string { return roleNames[r] }

// ParseRole reads a role name in any case. ok is false for names that are no
// role; "Unknown" is a name like the others.
func ParseRole(s string) (r Role, ok bool) {
	switch {
	case strings.EqualFold(s, "Stopped"):
		return RoleStopped, true
	case strings.EqualFold(s, "Started"):
		return RoleStarted, true
	case strings.EqualFold(s, "Unpromoted"), strings.EqualFold(s, "Slave"):
		return RoleUnpromoted, true
	case strings.EqualFold(s, "Promoted"), strings.EqualFold(s, "Master"):
		return RolePromoted, true
	case strings.EqualFold(s, "Unknown"):
		return RoleUnknown, true
	}
	return RoleUnknown, false
}
