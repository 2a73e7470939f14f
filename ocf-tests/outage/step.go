package outage

import (
	"fmt"
	"strings"
	"time"
)

// A Verb is what a step does.
type Verb string

// The verbs. Those that name a program do nothing where it does not run.
const (
	Kill    Verb = "kill"    // kill -9 a program
	Freeze  Verb = "freeze"  // SIGSTOP a program: it lives and does not answer
	Off     Verb = "off"     // take the power away
	On      Verb = "on"      // give power: the node boots
	Break   Verb = "break"   // the node will not boot, whoever wants it to
	Mend    Verb = "mend"    // it can boot again
	Wipe    Verb = "wipe"    // remove the data of the service from a node that is off
	Cut     Verb = "cut"     // pull the network cable
	Heal    Verb = "heal"    // plug it in again
	Isolate Verb = "isolate" // the service loses its peers, and the cluster notices nothing
	Rejoin  Verb = "rejoin"  // it reaches them again
	Standby Verb = "standby" // put the node into standby
	Online  Verb = "online"  // and back
	Stop    Verb = "stop"    // stop the node's cluster daemons in an orderly way
	Start   Verb = "start"   // start them
	// Whole waits until the service is whole on all nodes but those that are
	// named: it must recover without them.
	Whole Verb = "whole without"
	// Running waits until a program runs: the moment of the next step.
	Running Verb = "wait for"
)

// In the place of a node's name: the node that has a part when the name is first
// used in a fault. It stays that node until the end of the fault.
const (
	DC     = "DC"     // the DC
	Owner  = "OWNER"  // has the virtual address of the service
	Active = "ACTIVE" // serves the clients that use the virtual address
)

// parts is a table of these names.
var parts = []string{DC, Owner, Active}

// In the place of a program's name, programs that the service names.
const (
	ServiceProgram  = "service"  // its main program
	TransferProgram = "transfer" // what runs on a node while it fetches the data of another
	ProxyProgram    = "proxy"    // through which clients reach it
)

// A Step is one event of a fault.
type Step struct {
	// After is the pause since the step before.
	After   time.Duration `json:"after"`
	Verb    Verb          `json:"verb"`
	Program string        `json:"program,omitempty"` // of Kill, Freeze and Running
	// Nodes are hit all at once.
	Nodes []string `json:"nodes"`
}

// String is a few words: "+1.3s kill mariadbd node-2".
func (s Step) String() string {
	var words []string
	if s.After > 0 {
		words = append(words, fmt.Sprintf("+%.1fs", s.After.Seconds()))
	}
	words = append(words, string(s.Verb))
	if s.Program != "" {
		words = append(words, s.Program)
	}
	return strings.Join(append(words, s.Nodes...), " ")
}

// A Fault is what happens in one round.
type Fault struct {
	Kind  string `json:"kind"` // one of Kinds
	Steps []Step `json:"steps"`
}

// String is the kind and all steps.
func (f Fault) String() string {
	texts := make([]string, len(f.Steps))
	for i, s := range f.Steps {
		texts[i] = s.String()
	}
	return f.Kind + ": " + strings.Join(texts, "; ")
}
