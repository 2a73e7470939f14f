package scheduler

// Relation is the set of flags of an ordering between two actions (06 §9). No
// flag at all means that the ordering was disabled.
type Relation uint32

const (
	RelOrdered Relation = 1 << iota
	RelSerialize
	RelAsymmetric
	RelFirstImpliesThen
	RelFirstImpliesSameNodeThen
	RelUnrunnableFirstBlocks
	RelNestedRemoteProbe
	RelThenImpliesFirst
	RelPromotedThenImpliesFirst
	RelIntermediateStop
	RelUnmigratableThenBlocks
	RelFirstElseThen
	RelMinRunnable
	RelThenCancelsFirst
	RelFirstImpliesThenGraphed
	RelThenImpliesFirstGraphed
	RelIfFirstUnmigratable
	RelIfOnSameNode
	RelIfOnSameNodeOrTarget
	RelIfRequiredOnSameNode
	RelGuestAllowed
)

// any tells whether at least one of the flags is set.
func (r Relation) any(f Relation) bool { return r&f != 0 }

// edge is one side of an ordering between two actions: an entry of the first
// action's after list, or of the then action's before list. The two sides have
// their own flags; only the before side ever changes (06 §1.1).
type edge struct {
	action  *Action // the other one
	flags   Relation
	graphed bool
	inert   bool   // stands for an edge of another action by now: nothing to evaluate
	stamp   uint32 // State.ord.clock when it was last evaluated, 0 = never
	cause   Cause
}

// ordering is a relation between actions that may not exist yet (06 §8.1). It
// is kept in creation order and turned into edges when all actions are known.
type ordering struct {
	rsc1    *Resource
	task1   opKey   // meaningful when action1 is nil
	action1 *Action // may be nil
	rsc2    *Resource
	task2   opKey
	action2 *Action
	flags   Relation
	cause   Cause
	// later, when not nil, makes this the relations of an instance of an ordered
	// clone with all later ones (06 §7.3): start this then each, stop each then
	// this. It saves a million entries for a thousand instances.
	later []*Resource
	// loads, when not nil, makes this the relations of what waits for the load of
	// these nodes with starts and migrations of rsc2 (05 §10.6). It saves a
	// million entries for a thousand nodes.
	loads *nodeSet
}

// opKey names an action of a resource without naming the resource: task and
// interval. key, when not empty, is the whole key verbatim (notifications, and
// keys that name another resource).
type opKey struct {
	task       string
	intervalMs uint32
	key        string
}

// Cause points to what made a decision: an entry of State.causes. The zero
// Cause is "not recorded".
type Cause int32
