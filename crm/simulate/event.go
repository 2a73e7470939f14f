package simulate

// EventKind tells what an Event is about; which fields count depends on it.
type EventKind uint8

// The kinds of events. Injections come first, then what happens while a graph
// is executed.
const (
	EventQuorum         EventKind = iota // Value
	EventWatchdog                        // Value
	EventNodeUp                          // Node
	EventNodeDown                        // Node
	EventNodeFail                        // Node
	EventTicketGrant                     // Name
	EventTicketRevoke                    // Name
	EventTicketStandby                   // Name
	EventTicketActivate                  // Name
	EventNodeStandby                     // Node
	EventNodeUnstandby                   // Node
	EventNodeLeave                       // Node
	EventRscStop                         // Name
	EventRscStart                        // Name
	EventRscFail                         // Name, Node
	EventInject                          // Text: the specification of an operation
	EventAttr                            // Name=Value in the node_state with id Node
	EventPseudo                          // Task: the key; Node may be ""
	EventRsc                             // Name, Task, IntervalMs, Node
	EventCluster                         // Task, Node, Name: a resource or ""
	EventFence                           // Node, Task: reboot, off, on
	EventPretend                         // ActionID, RC: the action is made to fail
	EventError                           // Text: something could not be done
)

// Event is something that happened in a simulation.
type Event struct {
	Kind       EventKind
	Name       string
	Value      string
	Node       string
	Task       string
	Text       string
	IntervalMs uint32
	ActionID   int
	RC         int
}
