package scheduler

import "systole/lib/xmltree"

// ActionFlags are the properties of an action (06 §1.1).
type ActionFlags uint32

const (
	ActPseudo ActionFlags = 1 << iota
	ActRunnable
	ActOptional
	ActAlwaysInGraph
	ActMigratable
	ActAdded // put into the graph
	ActMigrationAbort
	ActReschedule
	ActOnDC
	ActParamsEvaluated
	ActInputsDeduplicated
	ActLoopMark // scratch mark of walks
)

// Needs is what an action requires before it may run (03 §15.1).
type Needs uint8

const (
	NeedsNothing Needs = iota
	NeedsQuorum
	NeedsFencing
)

// OnFail is a failure policy; the order is that of severity (03 §15.3).
type OnFail uint8

const (
	OnFailIgnore OnFail = iota
	OnFailDemote
	OnFailRestart
	OnFailResetRemote
	OnFailRestartContainer
	OnFailBan
	OnFailBlock
	OnFailStop
	OnFailStandby
	OnFailFence
)

// Action is something the cluster may do: an operation of a resource on a
// node, fencing, a shutdown, or a pseudo-action that only orders others.
type Action struct {
	ID         int // 1, 2, 3 … in creation order
	Task       string
	Key        string
	IntervalMs uint32
	CancelTask string // for cancellations: the task that is cancelled
	Rsc        *Resource
	Node       *Node
	op         *xmltree.Element // operation configuration, nil when none
	Meta       Values
	Extra      Values // instance attributes of the operation
	Flags      ActionFlags
	Needs      Needs
	OnFail     OnFail
	FailRole   Role
	Priority   Score
	Reason     string
	Cause      Cause

	required, blocked Why // see Because

	before []*edge // orderings with this action as then; newest last until deduplicated
	after  []*edge // orderings with this action as first; newest last
	linked map[*Action]Relation

	requiredRunnableBefore int
	runnableBefore         int

	version uint32       // State.ord.clock of the last change of flags during the update
	merged  int          // how many of before are sorted and merged (06 §13.2); later ones count as in front of them
	mark    uint32       // generation of the last walk that saw it
	leads   bool         // a restart walk from here can reach a stop or demote (06 §10.1)
	summary *flagSummary // of a collective's action: what its members say, see update_flags.go
}

// Has tells whether all given flags are set.
func (a *Action) Has(f ActionFlags) bool { return a.Flags&f == f }

func (a *Action) set(f ActionFlags)   { a.Flags |= f }
func (a *Action) unset(f ActionFlags) { a.Flags &^= f }

// Optional, Runnable and Pseudo are the three that are asked for most.
func (a *Action) Optional() bool { return a.Flags&ActOptional != 0 }
func (a *Action) Runnable() bool { return a.Flags&ActRunnable != 0 }
func (a *Action) Pseudo() bool   { return a.Flags&ActPseudo != 0 }

// Tasks (03 §12.3).
const (
	taskStart          = "start"
	taskStop           = "stop"
	taskPromote        = "promote"
	taskDemote         = "demote"
	taskMonitor        = "monitor"
	taskMigrateTo      = "migrate_to"
	taskMigrateFrom    = "migrate_from"
	taskReload         = "reload-agent"
	taskCancel         = "cancel"
	taskDelete         = "delete"
	taskLRMDelete      = "lrm_delete"
	taskClearFailcount = "clear_failcount"
	taskNotify         = "notify"
	taskNotified       = "notified"
	taskRunning        = "running"
	taskStopped        = "stopped"
	taskPromoted       = "promoted"
	taskDemoted        = "demoted"
	taskFence          = "stonith"
	taskShutdown       = "do_shutdown"
)
