package wsrep

import (
	"fmt"
	"strconv"
	"strings"
)

// State is the place of a server in its life as a member of a group: the variable
// wsrep_local_state.
type State int

// The states.
const (
	Initialized State = iota // not connected to a group
	Joining                  // is asking for, or receiving, a state transfer
	Donor                    // gives a state transfer, or was taken out of sync on purpose
	Joined                   // has the state, and is catching up
	Synced
)

// String is the word that Galera uses.
func (s State) String() string {
	names := [...]string{"Initialized", "Joining", "Donor/Desynced", "Joined", "Synced"}
	if s < 0 || int(s) >= len(names) {
		return "state " + strconv.Itoa(int(s))
	}
	return names[s]
}

// Component is the part of the group that a server sees: wsrep_cluster_status.
type Component string

// The components. A server without a provider is Disconnected.
const (
	Primary      Component = "Primary"
	NonPrimary   Component = "non-Primary"
	Disconnected Component = "Disconnected"
)

// Status is what a server says.
type Status struct {
	Component     Component
	State         State
	Comment       string // wsrep_local_state_comment
	Ready         bool   // answers queries
	Connected     bool   // to the group
	Size          int    // members of the component
	UUID          UUID   // of the group
	LastCommitted int64
	ReadOnly      bool
	Version       string // of the server
}

// StatusNames are the status variables that ParseStatus reads.
func StatusNames() []string {
	return []string{
		"wsrep_cluster_status", "wsrep_local_state", "wsrep_local_state_comment", "wsrep_ready", "wsrep_connected",
		"wsrep_cluster_size", "wsrep_cluster_state_uuid", "wsrep_last_committed",
	}
}

// ParseStatus reads status variables. A server without Galera has none of them,
// or no provider, and is Disconnected.
func ParseStatus(variables map[string]string) (s Status, err error) {
	get := func(name string) string { return strings.TrimSpace(variables[name]) }
	number := func(name string) int64 {
		text := get(name)
		if text == "" {
			return 0
		}
		n, perr := ParseSeqno(text)
		if perr != nil && err == nil {
			err = fmt.Errorf("%s: %w", name, perr)
		}
		return n
	}
	switch c := get("wsrep_cluster_status"); {
	case c == "":
		return Status{Component: Disconnected}, nil
	case strings.EqualFold(c, string(Primary)):
		s.Component = Primary
	case strings.EqualFold(c, string(Disconnected)):
		s.Component = Disconnected
	default:
		s.Component = NonPrimary
	}
	s.State = State(number("wsrep_local_state"))
	s.Comment = get("wsrep_local_state_comment")
	s.Ready = strings.EqualFold(get("wsrep_ready"), "ON")
	s.Connected = strings.EqualFold(get("wsrep_connected"), "ON")
	s.Size = int(number("wsrep_cluster_size"))
	s.LastCommitted = number("wsrep_last_committed")
	s.UUID, _ = ParseUUID(get("wsrep_cluster_state_uuid"))
	return s, err
}

// Serves says that the server is a member of the Primary component that holds
// all data: synced, or as good as that.
func (s Status) Serves() bool {
	return s.Component == Primary && (s.State == Synced || s.State == Donor)
}

// Transferring says that the server is on its way into the group: it is receiving
// state or catching up. While it prepares an incremental transfer, a server that
// is connected to a Primary component may call itself non-Primary.
func (s Status) Transferring() bool {
	if s.State == Joining || s.State == Joined {
		return true
	}
	return s.Component == NonPrimary && s.Connected && !s.Ready && strings.HasPrefix(s.Comment, "Join")
}

// String is for messages.
func (s Status) String() string {
	if s.Component == Disconnected {
		return "not part of a Galera group (wsrep_cluster_status Disconnected)"
	}
	return fmt.Sprintf("%s, %s, group of %d", s.Component, s.State, s.Size)
}
