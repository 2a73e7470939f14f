// Command systole shows, simulates and explains a cluster. Called crm_simulate,
// it is Pacemaker's program of that name (docs/scheduler/08).
package main

import (
	"bufio"
	"os"
	"path/filepath"

	"systole/crm/simulate/command"
)

func main() {
	if filepath.Base(os.Args[0]) == "crm_simulate" {
		os.Exit(crmSimulate(os.Args))
	}
	os.Exit(systole(os.Args[1:]))
}

// crmSimulate is the program under its old name.
func crmSimulate(args []string) int {
	out := bufio.NewWriter(os.Stdout)
	env := environment(args)
	env.Stdout = out
	status := command.Main(args[1:], env)
	if err := out.Flush(); err != nil && status == 0 {
		return 74 // EX_IOERR: whoever reads the output did not get all of it
	}
	return status
}
