//go:build linux

// Command outage takes a real service in a lab through many outages: see
// docs/LAB.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"systole/ocf-tests/outage"
)

// errFailed is for the exit status: the report has told everything.
var errFailed = errors.New("rounds have failed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := rootCommand().ExecuteContext(ctx); {
	case errors.Is(err, errFailed):
		os.Exit(1)
	case err != nil:
		fmt.Fprintf(os.Stderr, "outage: %v\n", err)
		os.Exit(2)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "outage",
		Short: "take a real service through many outages and see whether it recovers and keeps its data",
		Long: `Starts a lab (real corosync, Pacemaker and service on nodes in namespaces of
this machine), lets clients write, and makes one fault after the other: programs
killed, power off, cables cut, nodes lost with their data, stopped in an orderly
way. After each it waits until the service is whole again, by itself, and holds
what is stored against what was acknowledged.

It needs root and Debian's packages: make deps installs them. A lab of three
Galera nodes takes 1.5 GB of memory. The exit status is 0 if all rounds went
well, 1 if one failed, 2 if the lab or the command line did.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(galeraCommand(), planCommand(), kindsCommand())
	return root
}

// planFlags are what a plan is made of.
type planFlags struct {
	seed   uint64
	rounds int
	nodes  int
	only   []string
}

func (p *planFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.Uint64Var(&p.seed, "seed", 1, "`number` that the plan is made from: the same number, the same faults")
	f.IntVar(&p.rounds, "rounds", 30, "`number` of rounds, a fault each")
	f.IntVar(&p.nodes, "nodes", 3, "`number` of nodes")
	f.StringSliceVar(&p.only, "faults", nil, "`kinds` of faults, separated by commas; all if empty: see outage kinds")
}

func (p *planFlags) plan() ([]outage.Fault, error) {
	names := make([]string, p.nodes)
	for i := range names {
		names[i] = fmt.Sprintf("node-%d", i+1)
	}
	return outage.Plan(p.seed, p.rounds, names, p.only...)
}

func planCommand() *cobra.Command {
	var p planFlags
	c := &cobra.Command{
		Use: "plan", Short: "print the faults that a run would make", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			plan, err := p.plan()
			for i, f := range plan {
				fmt.Fprintf(cmd.OutOrStdout(), "%3d  %v\n", i+1, f)
			}
			return err
		},
	}
	p.add(c)
	return c
}

func kindsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "kinds", Short: "list the kinds of faults", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			for _, k := range outage.Kinds() {
				fmt.Fprintln(cmd.OutOrStdout(), k)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "\nwith a virtual address (--vip):")
			for _, k := range outage.FailoverKinds() {
				fmt.Fprintln(cmd.OutOrStdout(), k)
			}
		},
	}
}
