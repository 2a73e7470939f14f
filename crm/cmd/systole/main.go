// Command systole shows, simulates and explains a cluster. Called crm_simulate,
// it is Pacemaker's program of that name (docs/scheduler/08).
package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"systole/crm/simulate/command"
)

// gcPercent lets the heap grow to five times what lives before it is swept: a
// run is short and what it makes lives to its end, so sweeping early is work for
// nothing. 1000 nodes still stay below 300 MB.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if filepath.Base(os.Args[0]) == "crm_simulate" {
		os.Exit(crmSimulate(os.Args))
	}
	os.Exit(systole(os.Args[1:]))
}

// crmSimulate is the program under its old name.
func crmSimulate(args []string) int {
	out := bufio.NewWriter(os.Stdout)
	env := environment(args)
	env.Stdout, env.Stderr = out, flushFirst{out, os.Stderr}
	status := command.Main(args[1:], env)
	if err := out.Flush(); err != nil && status == 0 {
		return 74 // EX_IOERR: whoever reads the output did not get all of it
	}
	return status
}

// flushFirst writes what is waiting before it writes itself, so that both keep
// their order where they go to the same place.
type flushFirst struct {
	waiting *bufio.Writer
	to      io.Writer
}

func (f flushFirst) Write(p []byte) (int, error) {
	if err := f.waiting.Flush(); err != nil {
		return 0, err
	}
	return f.to.Write(p)
}
