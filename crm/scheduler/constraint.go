package scheduler

// Colocation says that one resource (the dependent) should be where another
// (the primary) is, or not (04 §8).
type Colocation struct {
	ID            string
	Dependent     *Resource
	Primary       *Resource
	DependentRole Role // RoleUnknown = any
	PrimaryRole   Role
	NodeAttr      string // "#uname" by default
	Score         Score
	Influence     bool
	Explicit      bool // configured, not implicit
	Cause         Cause
}

// Location is a preference for nodes (04 §5). Scores belong to the location.
type Location struct {
	ID        string
	Rsc       *Resource
	Role      Role // RoleUnknown = any; only Stopped and Promoted are kept
	Discovery Discovery
	Nodes     []LocationNode // newest last
	Cause     Cause
}

// LocationNode is one node of a location with its score.
type LocationNode struct {
	Node  *Node
	Score Score
}

// Ticket is a cluster ticket (05 §11.1).
type Ticket struct {
	ID          string
	Granted     bool
	Standby     bool
	LastGranted int64 // epoch seconds, -1 when never given
	State       map[string]string
}

// LossPolicy says what a lost ticket does (05 §11.3).
type LossPolicy uint8

const (
	LossStop LossPolicy = iota
	LossDemote
	LossFence
	LossFreeze
)

// TicketConstraint makes a resource depend on a ticket.
type TicketConstraint struct {
	ID     string
	Rsc    *Resource
	Ticket *Ticket
	Role   Role // RoleUnknown = any
	Policy LossPolicy
	Cause  Cause
}
