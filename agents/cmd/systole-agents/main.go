// An agent lives for milliseconds: reading the limits of the control group to
// choose a number of threads takes longer than it can win.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command systole-agents is all OCF resource agents of Systole in one file. Called
// by the name of an agent, as through the links that it installs, it is that agent.
package main

import (
	"os"
	"time"

	"systole/agents/ocf/host"
	"systole/agents/suite"
)

func main() {
	os.Exit(suite.Main(host.ThisProcess(time.Now())))
}
