package scheduler

import (
	"systole/cib/nvset"
	"systole/lib/xmltree"
)

// FeatureSet is the version of Pacemaker's decisions that this package makes.
const FeatureSet = "3.20.5"

// Options are the inputs of a run besides the CIB.
type Options struct {
	// Now is the time of the run in epoch seconds. Only used where HaveNow is
	// set; otherwise the CIB's execution-date, otherwise RealNow.
	Now     int64
	HaveNow bool
	// RealNow is what the clock says, in epoch seconds; Location offset of
	// local time (for times without offset), in seconds east of UTC.
	RealNow     int64
	LocalOffset int

	Scores      bool // keep score lines (04 §18)
	Utilization bool // keep utilization lines (05 §12.5)
	Quiet       bool // no "private parameters" notices
	Sanitized   bool // the input may have secret parameters masked (01 §17.4)
	Trail       bool // keep every score change with its cause, for explain
	// TrailOnly, when not nil, limits the trail to these resources: in a large
	// cluster all of it is gigabytes.
	TrailOnly map[string]bool
}

// QuorumPolicy is no-quorum-policy (01 §15.3).
type QuorumPolicy uint8

const (
	QuorumStop QuorumPolicy = iota
	QuorumFreeze
	QuorumIgnore
	QuorumDemote
	QuorumFence
)

// Placement is placement-strategy (05 §10.2).
type Placement uint8

const (
	PlaceDefault Placement = iota
	PlaceUtilization
	PlaceMinimal
	PlaceBalanced
)

// State is everything known about one run: the cluster as unpacked from the
// CIB, and, after Plan, what will be done. Exported fields are for reading.
type State struct {
	opt Options
	CIB *xmltree.Element
	ids *xmltree.Index // of the input document

	Now       int64 // epoch seconds
	RecheckBy int64 // epoch seconds, 0 = none (02 §13)

	// Cluster options (01 §15).
	Config ClusterConfig

	Quorate bool
	DC      *Node

	Nodes   []*Node                             // by name (02 §4.2)
	byIndex []*Node                             // by Index
	nodesBy struct{ name, id map[string]*Node } // lower-cased; first in list order

	Resources []*Resource // top level, in scheduler order
	all       []*Resource // by Index
	rscByID   map[string]*Resource
	rscByHist map[string]*Resource // by history id
	configs   map[*xmltree.Element]*rscConfig
	sets      map[setKey]*nvset.List
	defaults  defaultTable
	templates map[string]*refList
	tags      map[string]*refList
	tickets   map[string]*Ticket

	Failed     []*FailedOp // failed history entries, in the order found (02 §9.9)
	failedSeen map[failedKey]bool
	stopNeeded []neededStop    // containers to stop, newest last
	deferred   []deferredCheck // parameter checks, newest last (07 §8.6)

	NInstances, Disabled, Blocked int // 02 §12

	Locations   []*Location   // newest last
	Colocations []*Colocation // in creation order
	orderings   []*ordering   // in creation order
	ord         orderState    // edges, update and graph

	Actions    []*Action // newest last
	singletons map[string]*Action

	haveRemote bool // any Pacemaker Remote node exists
	haveFence  bool // a fence device, or have-watchdog
	unfencing  bool // unfencing is in use (01 §15.5)

	Lines   []Line       // score and utilization lines, in the order made
	Notes   []string     // messages about changed parameters, in the order made (03 §18.5)
	Trail   []ScoreEvent // every score change, when asked for
	Choices []Choice     // every assignment, when asked for
	causes  []CauseInfo

	Problems []Problem // configuration errors and warnings, for verify

	// Newer is set when the CIB is of a newer feature set than FeatureSet. It is
	// scheduled nevertheless, where Pacemaker would unpack nothing (02 §2).
	Newer bool

	configuration *xmltree.Element
	implicit      []*xmltree.Element // connections of guest nodes (03 §8.3)
	singles       map[string]*xmltree.Element
	unfencers     []*Resource // fence devices used for unfencing, built on first use
	haveUnfencers bool
	prio          priorityRange
	stops         map[*Node][]*Action // stop actions by node, built when nodes shut down
	broken        error

	hist statusData // of the status section (history_index.go)

	summary []SummaryRow // of the last look (summary.go)

	placing placing
}

// ClusterConfig holds the cluster options that decisions read.
type ClusterConfig struct {
	Values map[string]string // every option, defaults included, by current name

	NoQuorumPolicy       QuorumPolicy
	ShutdownLock         bool
	ShutdownLockLimitMs  int64
	Symmetric            bool
	MaintenanceMode      bool
	StartFailureFatal    bool
	StartupProbes        bool
	FenceRemoteNoQuorum  bool
	FencingEnabled       bool
	FencingAction        string
	ConcurrentFencing    bool
	StartupFencing       bool  // only true when fencing is enabled
	PriorityFencingDelay int64 // ms
	NodePendingTimeout   int64 // ms
	StopAll              bool
	StopRemoved          bool
	CancelRemoved        bool
	Placement            Placement
	HealthStrategy       string // "none", "migrate-on-red", …
	HealthBase           Score
	Health               HealthScores
}

// Line is one score or utilization line; which fields count depends on Kind.
type Line struct {
	Kind  LineKind
	Func  string // pcmk__primitive_assign, …
	Rsc   string
	Node  string // "" in a promotion line: inactive
	Score Score
	Text  string // "name=value …" of utilization lines; "Original" or "Remaining" goes into Func
}

// LineKind tells the lines apart.
type LineKind uint8

const (
	LineScore LineKind = iota
	LinePromotion
	LineCapacity
	LineUtilization
)

// Problem is something wrong with the configuration that does not stop the
// run: Pacemaker's configuration errors and warnings.
type Problem struct {
	Error bool // else a warning
	Text  string
	Line  int
}

// refList is what a template or tag stands for, in order.
type refList struct{ ids []string }
