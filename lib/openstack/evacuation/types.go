package evacuation

import (
	"fmt"
	"strings"
	"time"

	"systole/lib/openstack/api"
)

// Config is how evacuations are done.
type Config struct {
	Self        string        // name of this node
	Domain      string        // what nova's host names have after the names of nodes; may be ""
	MaxParallel int           // evacuations at once, of all hosts together
	Attempts    int           // for each server
	RetryDelay  time.Duration // after a failure; twice that after the next one, and so on
	// ServerTimeout is how long an evacuation may take before it is reported.
	ServerTimeout time.Duration
	// Threshold is how many percent of all hosts may have failed for anything to be begun.
	Threshold int
}

// Settle is how long after a claim requests of its owner may still arrive at nova,
// and how long a request without answer may take to show.
const Settle = 60 * time.Second

// refresh is how old a claim may be when requests are sent under it. With the time
// that a request may take it stays below Settle.
const refresh = 20 * time.Second

// Values of the attribute evacuate.
const (
	Wanted   = "yes"
	Released = "no"
)

// Marks begin the reason for which nova's service is disabled.
const (
	markFenced  = "systole: fenced"
	markBegun   = "systole: evacuating since "
	markEnded   = "systole: evacuated "
	markTimeFmt = time.RFC3339
)

// FencedReason is the reason that a fence agent gives when it disables a service:
// the host is evacuated even if the cluster has lost its attribute.
const FencedReason = markFenced

// Facts are one look at the world.
type Facts struct {
	Now      time.Time         // by the own clock
	Nova     time.Time         // by that of nova
	Marks    map[string]string // the attribute evacuate, by node; nodes that have none are not in it
	Services []api.Service     // nova-compute, of all hosts
	Tagged   api.Tagged        // if there are any, only servers with them are evacuated
	Hosts    map[string]Host   // what Needed asked for, by name of the host
}

// Host is what nova knows about what was on a host.
type Host struct {
	Servers    []api.Server
	Migrations []api.Migration // whose source the host is; those in flight, and those since Needed
}

// Need is a host that has to be looked at.
type Need struct {
	Host  string
	Since time.Time // of the migrations that have ended
}

// Step is one thing to do. Steps of one plan do not depend on each other.
type Step interface{ String() string }

// Claim sets the attribute evacuate of a node to the name of this one and the time.
type Claim struct{ Node, Value string }

// Mark sets the reason for which nova's service is disabled.
type Mark struct {
	Node, Service, Reason string
}

// Ask asks nova to evacuate a server.
type Ask struct {
	Node   string
	Server api.Server
}

// Release sets the attribute evacuate of a node to no.
type Release struct{ Node string }

func (s Claim) String() string { return fmt.Sprintf("set evacuate of %s to %s", s.Node, s.Value) }
func (s Mark) String() string {
	return fmt.Sprintf("note in nova's service of %s: %s", s.Node, s.Reason)
}

func (s Ask) String() string { return fmt.Sprintf("evacuate %s from %s", Label(s.Server), s.Node) }

func (s Release) String() string { return fmt.Sprintf("set evacuate of %s to %s", s.Node, Released) }

// Label is a server in messages.
func Label(s api.Server) string { return fmt.Sprintf("%s (%s)", s.Name, s.ID) }

// Plan is what to do now, and how things stand.
type Plan struct {
	Steps    []Step
	Messages []Message // for the log, each once
	Status   Status
}

// Message is a line for the log.
type Message struct {
	Bad  bool
	Text string
}

// Status is how things stand, for whoever watches.
type Status struct {
	Problems []string // that concern no single server: no proof, too many hosts
	Hosts    []HostStatus
}

// HostStatus is how the evacuation of one host stands.
type HostStatus struct {
	Node, Host string
	Phase      string // waiting, evacuating, released
	Moved      int
	InFlight   int
	Waiting    int
	Staying    int    // not tagged, or being deleted
	Left       []Left // given up, or stuck
}

// Left is a server that did not get away, and why.
type Left struct{ Server, Name, Reason string }

// Trouble are the sentences that a person has to read; none if all is well.
func (s Status) Trouble() []string {
	list := append([]string(nil), s.Problems...)
	for _, h := range s.Hosts {
		for _, l := range h.Left {
			list = append(list, fmt.Sprintf("server %s (%s) of %s: %s", l.Name, l.Server, h.Node, l.Reason))
		}
	}
	return list
}

// Busy says whether something is to be waited for closely.
func (s Status) Busy() bool {
	for _, h := range s.Hosts {
		if h.InFlight > 0 || h.Waiting > 0 || h.Phase == phaseEvacuating {
			return true
		}
	}
	return false
}

const (
	phaseWaiting    = "waiting"
	phaseEvacuating = "evacuating"
	phaseReleased   = "released"
)

// Ours says whether a service was disabled by one of our programs, and not by an
// administrator.
func Ours(reason string) bool { return strings.HasPrefix(reason, "systole: ") }

// Remembered says whether nova remembers, by the reason for which a service is
// disabled, an evacuation that has not ended.
func Remembered(reason string) bool {
	return strings.HasPrefix(reason, markBegun) || strings.HasPrefix(reason, markFenced)
}
