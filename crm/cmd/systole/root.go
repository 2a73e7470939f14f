package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

const rootLong = `Systole is a cluster resource manager that decides as Pacemaker does.

Try: systole simulate cib.xml --node-fail NODE`

// systole runs the program under its own name and returns the exit status.
func systole(args []string) int {
	root := &cobra.Command{
		Use:           "systole",
		Short:         "Show, simulate and explain a cluster",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(simulateCommand())
	root.SetArgs(args)
	err := root.Execute()
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	fmt.Fprintf(os.Stderr, "systole: %v\nSee: systole %s--help\n", err, commandName(root, args))
	return 64 // EX_USAGE
}

// commandName is the command that the arguments name, for a pointer to its
// help.
func commandName(root *cobra.Command, args []string) string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd == root {
		return ""
	}
	return cmd.Name() + " "
}
