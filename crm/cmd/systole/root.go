package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"systole/crm/scheduler"
	"systole/crm/simulate/command"
)

// version is that of this program; a release sets it.
const version = "0.1"

const rootLong = `Systole is a cluster resource manager that decides as Pacemaker does.

  systole simulate cib.xml --node-fail NODE    what happens if the node dies?
  systole explain RSC cib.xml                  why is the resource where it is?`

// systole runs the program under its own name and returns the exit status.
func systole(args []string) int {
	root := rootCommand()
	root.SetArgs(args)
	err := root.Execute()
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	cmd, _, findErr := root.Find(args)
	if findErr != nil || cmd == nil {
		cmd = root
	}
	fmt.Fprintf(os.Stderr, "%s: %s; see: %s --help\n", cmd.CommandPath(), usageError(cmd, err), cmd.CommandPath())
	return 64 // EX_USAGE
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "systole",
		Short:         "Show, simulate and explain a cluster",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return fmt.Errorf("there is no command %q%s", args[0], command.DidYouMean(args[0], subcommands(cmd)))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(simulateCommand(), explainCommand(), versionCommand(), manCommand(root))
	return root
}

func subcommands(cmd *cobra.Command) []string {
	var list []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			list = append(list, c.Name())
		}
	}
	return list
}

// usageError is the error of the command line in one sentence, with what was
// probably meant.
func usageError(cmd *cobra.Command, err error) string {
	text := err.Error()
	name, ok := strings.CutPrefix(text, "unknown flag: --")
	if !ok {
		return text
	}
	var flags []string
	for _, o := range options(cmd) {
		flags = append(flags, "--"+o.long)
	}
	return fmt.Sprintf("there is no option --%s%s", name, command.DidYouMean("--"+name, flags))
}

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("it takes no argument, and %q is one", args[0])
	}
	return nil
}

// versionCommand is "systole version".
func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Tell which version this is, and whose decisions it makes",
		Args:              noArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "systole %s\nDecides as Pacemaker with feature set %s (3.0.2); reads schemas pacemaker-1.0 to pacemaker-4.0\n",
				version, scheduler.FeatureSet)
			return err
		},
	}
}
