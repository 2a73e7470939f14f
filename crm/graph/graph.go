// Package graph is a transition graph as data: what the scheduler decides and
// the controller executes (06 §14). It knows nothing of resources and nodes but
// their names, so a graph can be written, read back, compared and executed
// without the cluster state it was made from.
//
// A graph is a list of synapses: a set of actions that may start as soon as all
// its inputs are done. An action is known by its id, a small positive integer.
package graph

import "systole/lib/xmltree"

// Attr is a name with its value.
type Attr = xmltree.Attr

// Kind says who executes an action.
type Kind uint8

const (
	RscOp       Kind = iota // an operation of a resource, by the node's executor
	PseudoEvent             // nobody: done as soon as it is started
	CRMEvent                // the controller: fencing, shutdown, clean-up
)

var kindNames = [...]string{"rsc_op", "pseudo_event", "crm_event"} // table

// String returns the element name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Graph is a transition.
type Graph struct {
	Attrs    []Attr // of the root element, in order
	Synapses []Synapse
}

// Synapse is a set of actions with what must be done before they may start.
type Synapse struct {
	ID       int
	Priority int // 0 = none; a higher one is started first
	Actions  []*Action
	// Inputs are the actions to wait for, by ascending id. Where an input is in
	// the graph itself, this is the same object as in its synapse's Actions; an
	// input that is in no synapse never gets done.
	Inputs []*Action
}

// Action is one action of a graph. For inputs that are not in the graph only
// the fields up to Router count.
type Action struct {
	ID          int
	Kind        Kind
	Mode        string // "cib" for history clean-ups that only touch the CIB
	Task        string // operation
	Key         string // operation_key
	InternalKey string // internal_operation_key: key of the instance where Key names the history entry
	Node        string // on_node, "" = none
	NodeID      string // on_node_uuid
	Router      string // router_node: cluster node that hosts the connection of a Pacemaker Remote node
	// ShutdownLock is the epoch second at which the resource was locked to its
	// node, 0 = not locked.
	ShutdownLock int64

	Primitive   *Primitive // of a resource's real action
	Attributes  []Attr     // sorted by name in graphs made here
	Params      []Attr     // parameters whose names cannot be XML attributes
	Downed      []string   // ids of nodes that are down when the action is done
	Maintenance []MaintenanceNode
}

// Primitive is the resource of an action.
type Primitive struct {
	ID       string
	LongID   string // instance, where ID is a name without instance number
	Class    string
	Provider string // "" = none
	Type     string
}

// MaintenanceNode is a Pacemaker Remote node whose maintenance state has to be
// recorded.
type MaintenanceNode struct {
	ID string
	In bool
}

// Attr returns the value of one of the action's attributes, such as
// "CRM_meta_timeout".
func (a *Action) Attr(name string) (string, bool) { return find(a.Attributes, name) }

// Attr returns the value of an attribute of the root element, such as
// "batch-limit".
func (g *Graph) Attr(name string) (string, bool) { return find(g.Attrs, name) }

func find(attrs []Attr, name string) (string, bool) {
	for i := range attrs {
		if attrs[i].Name == name {
			return attrs[i].Value, true
		}
	}
	return "", false
}

// NumActions counts the actions of all synapses.
func (g *Graph) NumActions() int {
	n := 0
	for i := range g.Synapses {
		n += len(g.Synapses[i].Actions)
	}
	return n
}

// ByID returns the actions of all synapses by id.
func (g *Graph) ByID() map[int]*Action {
	m := make(map[int]*Action, g.NumActions())
	for i := range g.Synapses {
		for _, a := range g.Synapses[i].Actions {
			m[a.ID] = a
		}
	}
	return m
}
