package main

import (
	"github.com/spf13/cobra"

	"systole/crm/simulate/command"
)

const simulateLong = `Simulate tells what a cluster will do, and why, and what it will be like then.

It reads a CIB (a file, or standard input), lets happen to it what the options
say, plans what the cluster would do about it, does that in a copy of the CIB,
and shows the result. Nothing is changed, nothing is contacted. The decisions
are Pacemaker's own.

Events happen at once, and in this order: quorum, watchdog, nodes up, down,
failing, tickets, standby, shutdown, resources, operations. What comes after
--then happens when the cluster has reacted to what came before it.

A node that fails is one that the cluster has lost without a word; a remote or
guest node fails by losing its connection. An operation is written
RSC_TASK_INTERVALMS@NODE=RC: web_monitor_10000@node1=7 is the ten-second monitor
of web on node1, which finds it not running (7).`

const simulateExample = `  What would the cluster do now?
    systole simulate cib.xml
    cibadmin -Q | systole simulate

  node1 dies. And what happens when it is back?
    systole simulate cib.xml --node-fail node1 --then --node-up node1

  May node1 be shut down for maintenance, and does everything come to rest?
    systole simulate cib.xml --node-shutdown node1 --settle --explain

  The web server is found dead, and cannot be stopped. What then, and why?
    systole simulate cib.xml --rsc-fail web@node1 --op-fail web_stop_0@node1=1 --explain

  A picture of what happens when, and the CIB as it is then:
    systole simulate cib.xml --node-fail node1 --svg plan.svg --save after.xml`

// simulateCommand is "systole simulate".
func simulateCommand() *cobra.Command {
	p := &command.Play{Steps: make([]command.Step, 1)}
	cmd := &cobra.Command{
		Use:               "simulate [FILE]",
		Short:             "Tell what a cluster will do when something happens to it",
		Long:              simulateLong,
		Example:           simulateExample,
		Args:              oneFile(0),
		ValidArgsFunction: completeFile(0),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := source(p, args, 0, "simulate"); err != nil {
				return err
			}
			return runWith(p, func(env *command.Env) int { return command.Simulate(p, env) })
		},
	}
	eventFlags(cmd, p, 0)
	f := cmd.Flags()
	f.BoolVar(&p.PlanOnly, "plan-only", false, "show the last plan, do not carry it out")
	f.BoolVar(&p.Settle, "settle", false, "plan and carry out again until nothing is left to do")
	f.BoolVar(&p.Brief, "brief", false, "leave out what the cluster is like before and after")
	f.BoolVar(&p.Explain, "explain", false, "say why each thing happens, with ids and line numbers")
	f.BoolVar(&p.Scores, "scores", false, "show the scores of every node for every resource")
	f.BoolVar(&p.Utilization, "utilization", false, "show capacities, and who takes how much")
	f.BoolVar(&p.Attributes, "attributes", false, "show node attributes")
	f.BoolVar(&p.FailCounts, "failcounts", false, "show fail counts and failed operations")
	f.BoolVar(&p.Problems, "problems", false, "show what is wrong with the configuration")
	f.BoolVar(&p.AllActions, "all-actions", false, "show pseudo-actions too; in --dot also what is not going to happen")
	f.StringVar(&p.Graph, "graph", "", "write the last transition graph to this `FILE` (XML)")
	f.StringVar(&p.Dot, "dot", "", "write the last transition graph to this `FILE` (for Graphviz)")
	f.StringVar(&p.SVG, "svg", "", "write a picture of the last transition to this `FILE`")
	f.StringVar(&p.Save, "save", "", "write the resulting CIB to this `FILE`")
	return cmd
}
