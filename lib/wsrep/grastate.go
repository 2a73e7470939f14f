package wsrep

import (
	"fmt"
	"strings"
)

// MaxStateFile is more than grastate.dat and gvwstate.dat ever have, in bytes.
const MaxStateFile = 64 << 10

// SavedState is the content of grastate.dat: what the server wrote when it
// stopped, or that it has not stopped in order (Seqno Undefined).
type SavedState struct {
	Position
	Safe bool // safe_to_bootstrap: it was the last of the group to stop
}

// ParseSavedState reads grastate.dat. Versions before 2.1 have no flag.
func ParseSavedState(text string) (s SavedState, err error) {
	s.Seqno = Undefined
	found := false
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, ":")
		if line == "" || line[0] == '#' || !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "uuid":
			found = true
			s.UUID, err = ParseUUID(value)
		case "seqno":
			s.Seqno, err = ParseSeqno(value)
		case "safe_to_bootstrap":
			s.Safe = value == "1"
			if value != "0" && value != "1" {
				err = fmt.Errorf("safe_to_bootstrap is %q, want 0 or 1", clip(value))
			}
		}
		if err != nil {
			return s, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if !found {
		return s, fmt.Errorf("there is no uuid in it")
	}
	return s, nil
}

// MarkSafe returns the text of grastate.dat with safe_to_bootstrap at 1, and
// whether that is a change. Everything else stays as it is.
func MarkSafe(text string) (marked string, changed bool) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) != "safe_to_bootstrap" || strings.TrimSpace(value) == "1" {
			continue
		}
		lines[i], changed = "safe_to_bootstrap: 1", true
	}
	return strings.Join(lines, "\n"), changed
}
