// An agent lives for milliseconds: reading the limits of the control group to
// choose a number of threads takes longer than it can win.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command systole-fence is all fence agents of Systole in one file. Called by the name
// of an agent, as through the links that it installs, it is that agent.
package main

import (
	"os"
	"time"

	"systole/fence/fencing/host"
	"systole/fence/suite"
)

func main() {
	os.Exit(suite.Main(host.ThisProcess(time.Now())))
}
