package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

// systole runs the program under its own name and returns the exit status.
func systole(args []string) int {
	root := &cobra.Command{
		Use:           "systole",
		Short:         "Show, simulate and explain a cluster",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "systole:", err)
		return 1
	}
	return 0
}
