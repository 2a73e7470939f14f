// Package suite is all agents in one program: which of them is meant is told by
// the name that the program is called by, or by its arguments.
package suite

import (
	"path/filepath"
	"strings"
	"time"

	"systole/agents/dummy"
	"systole/agents/ocf"
	"systole/agents/ocf/host"
	"systole/agents/stateful"
)

// Program is the name of the program that holds the agents.
const Program = "systole-agents"

// agents is a table. Its functions make the agents: a call of one should not pay
// for all.
var agents = []struct {
	name string
	make func() ocf.Runnable
}{
	{"Dummy", dummy.Agent},
	{"Stateful", stateful.Agent},
	{"rabbitmq-cluster", rabbitmqCluster},
}

// Names are the names of the agents.
func Names() []string {
	names := make([]string, len(agents))
	for i, a := range agents {
		names[i] = a.name
	}
	return names
}

// Agent returns the agent of a name; nil if there is none.
func Agent(name string) ocf.Runnable {
	for _, a := range agents {
		if a.name == name {
			return a.make()
		}
	}
	return nil
}

// Main does what the process p was called for and returns its exit code.
func Main(p host.Process) int {
	if p.Began.IsZero() {
		p.Began = time.Now()
	}
	name := filepath.Base(p.Args[0])
	if a := Agent(name); a != nil {
		return host.Main(a, p)
	}
	if strings.HasPrefix(name, Program) {
		return command(p)
	}
	// A link that is older or newer than this program.
	reason := p.Args[0] + " is a link to " + Program + ", which has no agent of that name: remove the link, or install a version that has it"
	_, _ = p.Stderr.Write([]byte("ocf-exit-reason:" + reason + "\n"))
	return int(ocf.ErrInstalled)
}
