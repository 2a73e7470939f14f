package scheduler

import "systole/lib/xmltree"

// Kind is the variant of a resource; the order matters in comparisons
// (03 §2.1).
type Kind uint8

const (
	KindPrimitive Kind = iota
	KindGroup
	KindClone
	KindBundle
)

// MultipleActive is the policy for a resource that is active where it should
// be active once (multiple-active, 03 §3.2).
type MultipleActive uint8

const (
	MultipleStopStart MultipleActive = iota
	MultipleStopOnly
	MultipleBlock
	MultipleStopUnexpected
)

// RscFlags are the yes/no properties of a resource (03 §4).
type RscFlags uint64

const (
	RscManaged RscFlags = 1 << iota
	RscMaintenance
	RscBlocked
	RscUnique // globally unique, and everything outside clones
	RscPromotable
	RscNotify
	RscCritical
	RscFenceDevice
	RscRemoteConnection // class/provider/type ocf:pacemaker:remote
	RscMigratable
	RscNeedsQuorum
	RscNeedsFencing
	RscNeedsUnfencing
	RscExclusiveProbes
	RscRemoved         // "orphan": in the history only, or a surplus instance
	RscRemovedLaunched // removed, and was launched by another resource
	RscReplicaContainer
	RscRemoteNestingAllowed // a bundle's connection
	RscInternal             // implicit connection: hidden in listings

	RscUnassigned // not assigned yet in this run (also "assigned to no node" clears it)
	RscAssigning  // in the middle of its assignment
	RscMerging    // in the middle of a merge of colocated scores (04 §10.2)
	RscUpdatingNodes

	RscFailed
	RscStopIfFailed
	RscIgnoreFailure
	RscStartPending
	RscRestarting
	RscReload
	RscStopUnexpected
	RscVisited // scratch mark of walks; always cleared again
)

// Has tells whether all given flags are set.
func (f RscFlags) Has(x RscFlags) bool { return f&x == x }

// Resource is a primitive, group, clone or bundle, or one of the implicit
// resources of a bundle (03 §2).
type Resource struct {
	Index    int32 // creation order, over all resources of the run
	ID       string
	XMLID    string // without instance number
	Kind     Kind
	Instance int // instance number of a clone's descendant, -1 elsewhere
	XML      *xmltree.Element
	cfg      *rscConfig // what is the same for all resources made from XML
	Parent   *Resource
	Children []*Resource
	clone    *cloneData  // KindClone only
	bundle   *bundleData // KindBundle only
	replica  *Replica    // of a bundle's container: what it belongs to
	group    *groupData  // KindGroup only

	Class, Provider, Type string

	Meta        Values
	Utilization map[string]int32  // nil when none
	uses        []use             // the same with numbers for names, made before anything is placed
	params      map[int32]*Values // instance attributes by node index (-1: no node), where they depend on the node
	digests     map[digestKey]*digests

	Flags            RscFlags
	Priority         Score
	Stickiness       Score
	Threshold        Score // migration-threshold
	MultipleActive   MultipleActive
	FailureTimeoutMs int64 // failure-timeout, or the reconnect interval of a remote connection
	ReconnectMs      int64 // reconnect_interval of a remote connection

	HistoryID string // name of the history entry of an anonymous instance, "" when none

	OrigRole Role // from the history
	NextRole Role // planned; Unknown = not decided

	Active      []*Node // where it is active, in the order found; collectives may hold duplicates
	activeSet   nodeSet
	probed      nodeSet // state is known there (02 §9.8)
	PendingTask string  // "" when none
	PendingNode *Node
	LockNode    *Node
	LockTime    int64 // epoch seconds

	PartialSource *Node   // partial live migration
	PartialTarget *Node   //
	Dangling      []*Node // dangling migration sources; newest last

	Launcher *Resource   // meta "container"
	Launched []*Resource // the reverse

	Allowed  Table
	Assigned *Node
	// AssignedScore is the score of the table entry at the moment of
	// assignment: later changes of the table do not change it (04 §16.1).
	AssignedScore Score

	thisWith  []*Colocation // dependent is this resource; sorted, 04 §9.1
	withThis  []*Colocation // primary is this resource
	locations []*Location   // newest last
	tickets   []*TicketConstraint

	colocations [2]*colocationCache // lists that took work to make: this with, with this
	instances   *instanceIndex      // of a collective: where its instances are

	promotionPriority Score // 05 §1.3

	why ResourceWhy

	version uint32                // State.ord.clock of the last change of an action below it
	tasks   map[string]*taskIndex // of collectives, during the update: members' actions by task

	Actions []*Action            // newest last
	byKey   map[string][]*Action // lower-cased key → in creation order
}

type groupData struct {
	ordered, colocated bool
}

type cloneData struct {
	Max, NodeMax                 int
	PromotedMax, PromotedNodeMax int
	Ordered                      bool
	childXML                     *xmltree.Element // the primitive or group that is cloned
	scoresAdded                  bool             // promotion scores were added (05 §2.4)
	constrained                  bool             // promotion was constrained (05 §3.3)
	forcedAnonymous              bool             // its agent cannot be unique (03 §4.3)
	notify                       cloneNotify
	probeIndex                   *probeIndex
	promoted                     int // instances promoted so far
}

// bundleData is described in 03 §7.
type bundleData struct {
	Technology      string // docker, podman
	Image           string
	Replicas        []*Replica
	ReplicasPerHost int
	PromotedMax     int
	Clone           *Resource // implicit clone, nil without a primitive
	nReplicas       int

	entered, nested int // assignments that have begun and not ended; how many of all began within another

	runCommand, options, network, image                   *string
	ipRangeStart, hostNetmask, hostInterface, controlPort *string
	addHost                                               bool
	ports                                                 []bundlePort
	mounts                                                []bundleMount
	hostEntries                                           string // --add-host/--hosts-entry texts of all replicas
}

type bundlePort struct{ source, target string }

type bundleMount struct {
	source, target string
	options        *string
	subdirectory   bool
}

// Replica is one container of a bundle with what belongs to it. Container is
// always there, the others may be nil.
type Replica struct {
	Offset     int
	IPAddress  string
	IP         *Resource
	Container  *Resource
	Connection *Resource
	Child      *Resource // instance of the implicit clone
	Node       *Node     // bundle node

	probeOrdered bool // the orderings after its container probe were made
}

// Managed tells whether the cluster may act on the resource.
func (r *Resource) Managed() bool { return r.Flags&RscManaged != 0 }

// Has tells whether the resource has all given flags.
func (r *Resource) Has(f RscFlags) bool { return r.Flags&f == f }

func (r *Resource) set(f RscFlags)   { r.Flags |= f }
func (r *Resource) unset(f RscFlags) { r.Flags &^= f }

// IsLeaf tells whether the resource has no children: a primitive.
func (r *Resource) IsLeaf() bool { return r.Kind == KindPrimitive }

// Top returns the topmost ancestor, bundles included (03 §2.7).
func (r *Resource) Top() *Resource {
	for r.Parent != nil {
		r = r.Parent
	}
	return r
}

// TopBelowBundle returns the topmost ancestor that is not a bundle; a direct
// part of a bundle is its own (03 §2.7).
func (r *Resource) TopBelowBundle() *Resource {
	for r.Parent != nil && r.Parent.Kind != KindBundle {
		r = r.Parent
	}
	return r
}

// Bundled tells whether the resource is inside a bundle.
func (r *Resource) Bundled() bool { return r.Top().Kind == KindBundle && r.Kind != KindBundle }

// IsClone and its kin name the variants.
func (r *Resource) IsClone() bool { return r.Kind == KindClone }

// IsCollective tells whether the resource places instances: clone or bundle.
func (r *Resource) IsCollective() bool { return r.Kind == KindClone || r.Kind == KindBundle }

// IsAnonymousClone tells whether this is a clone whose instances are
// interchangeable.
func (r *Resource) IsAnonymousClone() bool { return r.Kind == KindClone && !r.Has(RscUnique) }

// DisplayID is the name for people: instance numbers only where they mean
// something (03 §2.5).
func (r *Resource) DisplayID() string {
	if r.Has(RscUnique) {
		return r.ID
	}
	return r.XMLID
}

// Containers returns a bundle's containers in replica order, or a clone's
// instances in child order: what a collective places.
func (r *Resource) placed() []*Resource {
	if r.Kind != KindBundle {
		return r.Children
	}
	out := make([]*Resource, len(r.bundle.Replicas))
	for i, rep := range r.bundle.Replicas {
		out[i] = rep.Container
	}
	return out
}

// leaves calls visit for every primitive at or below r, children in order.
func (r *Resource) leaves(visit func(*Resource)) {
	if r.IsLeaf() {
		visit(r)
		return
	}
	for _, c := range r.Children {
		c.leaves(visit)
	}
}

// anyFlag tells whether r or any descendant has all the flags (03 §10.5).
func (r *Resource) anyFlag(f RscFlags) bool {
	if r.Has(f) {
		return true
	}
	for _, c := range r.Children {
		if c.anyFlag(f) {
			return true
		}
	}
	return false
}
