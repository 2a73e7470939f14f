package main

import (
	"bufio"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"systole/crm/simulate/command"
)

// exitStatus ends the program with a status after everything was said.
type exitStatus int

func (exitStatus) Error() string { return "" }

const simulateLong = `Simulate tells what a cluster will do, and why, and what it will be like then.

It reads a CIB (a file, or standard input), lets happen to it what the options
say, plans what the cluster would do about it, does that in a copy of the CIB,
and shows the result. Nothing is changed, nothing is contacted. The decisions
are Pacemaker's own.

Events happen at once, and in this order: quorum, watchdog, nodes up, down,
failing, tickets, operations. What comes after --then happens when the cluster
has reacted to what came before it.

An operation is written RSC_TASK_INTERVALMS@NODE=RC: web_monitor_10000@node1=7 is
the ten-second monitor of web on node1, which finds it not running (7).`

const simulateExample = `  What would the cluster do now?
    systole simulate cib.xml
    cibadmin -Q | systole simulate

  node1 dies. And what happens when it is back?
    systole simulate cib.xml --node-fail node1 --then --node-up node1

  The web server is found dead, and cannot be stopped. Why does it go where it
  goes?
    systole simulate cib.xml --op-inject web_monitor_10000@node1=7 \
      --op-fail web_stop_0@node1=1 --explain

  Is there anything left to do at the end?
    systole simulate cib.xml --node-fail node1 --settle --brief

  A picture of what happens when, and the CIB as it is then:
    systole simulate cib.xml --node-down node1 --svg plan.svg --save after.xml`

// simulateCommand is "systole simulate".
func simulateCommand() *cobra.Command {
	p := &command.Play{Steps: make([]command.Step, 1)}
	cmd := &cobra.Command{
		Use:     "simulate [FILE]",
		Short:   "Tell what a cluster will do when something happens to it",
		Long:    simulateLong,
		Example: simulateExample,
		Args:    oneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			p.Source = "-"
			if len(args) == 1 {
				p.Source = args[0]
			} else if isTerminal(os.Stdin) {
				return errors.New("no CIB given: name a file, or pipe one in, as in: cibadmin -Q | systole simulate")
			}
			return simulateRun(p)
		},
	}
	eventFlags(cmd, p)
	f := cmd.Flags()
	f.StringVar(&p.Date, "date", "", "the time it is in the simulation (ISO 8601); default: the CIB's execution-date, else now")
	f.BoolVar(&p.PlanOnly, "plan-only", false, "show the plan, do not carry it out")
	f.BoolVar(&p.Settle, "settle", false, "plan and carry out again until nothing is left to do")
	f.BoolVar(&p.Brief, "brief", false, "leave out what the cluster is like before and after")
	f.BoolVar(&p.Explain, "explain", false, "say for each change what speaks for and against each node")
	f.BoolVar(&p.Scores, "scores", false, "show the scores of every node for every resource")
	f.BoolVar(&p.Utilization, "utilization", false, "show capacities, and who takes how much")
	f.BoolVar(&p.Attributes, "attributes", false, "show node attributes")
	f.BoolVar(&p.FailCounts, "failcounts", false, "show fail counts and failed operations")
	f.StringVar(&p.Graph, "graph", "", "write the transition graph to this `FILE` (XML)")
	f.StringVar(&p.Dot, "dot", "", "write the transition graph to this `FILE` (for Graphviz)")
	f.StringVar(&p.SVG, "svg", "", "write a picture of the transition to this `FILE`")
	f.BoolVar(&p.AllActions, "all-actions", false, "with --dot: also what is not going to happen")
	f.StringVar(&p.Save, "save", "", "write the resulting CIB to this `FILE`")
	f.StringVarP(&p.Format, "output", "o", "text", "`FORMAT` of the report: text, xml or json")
	f.SortFlags = false
	return cmd
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return errors.New("more than one file given: a simulation is about one cluster")
	}
	return nil
}

// eventFlags adds the options for what happens. They work on the last step.
func eventFlags(cmd *cobra.Command, p *command.Play) {
	step := func() *command.Step { return &p.Steps[len(p.Steps)-1] }
	list := func(name, what, help string, to func(*command.Step) *[]string) {
		cmd.Flags().Var(&event{what: what, set: func(v string) error {
			l := to(step())
			*l = append(*l, v)
			return nil
		}}, name, help)
	}
	one := func(name, help string, to func(*command.Step) **string) {
		cmd.Flags().Var(&event{what: "BOOL", set: func(v string) error {
			if v != "true" && v != "false" {
				return errors.New("want true or false")
			}
			*to(step()) = &v
			return nil
		}}, name, help)
	}
	list("node-up", "NODE", "the node joins; an unknown one is made", func(s *command.Step) *[]string { return &s.Injection.NodesUp })
	list("node-down", "NODE", "the node leaves in good order", func(s *command.Step) *[]string { return &s.Injection.NodesDown })
	list("node-fail", "NODE", "the node is lost", func(s *command.Step) *[]string { return &s.Injection.NodesFail })
	list("op-inject", "OP", "the operation has had this result", func(s *command.Step) *[]string { return &s.Injection.Ops })
	list("op-fail", "OP", "if the operation is carried out, it has this result", func(s *command.Step) *[]string { return &s.Fail })
	list("ticket-grant", "TICKET", "the ticket is granted", func(s *command.Step) *[]string { return &s.Injection.Grant })
	list("ticket-revoke", "TICKET", "the ticket is revoked", func(s *command.Step) *[]string { return &s.Injection.Revoke })
	list("ticket-standby", "TICKET", "the ticket becomes standby", func(s *command.Step) *[]string { return &s.Injection.Standby })
	list("ticket-activate", "TICKET", "the ticket is standby no more", func(s *command.Step) *[]string { return &s.Injection.Activate })
	one("quorum", "the cluster has quorum, or not", func(s *command.Step) **string { return &s.Injection.Quorum })
	one("watchdog", "the cluster has a working watchdog, or not", func(s *command.Step) **string { return &s.Injection.Watchdog })
	cmd.Flags().Var(&event{what: "", set: func(string) error {
		p.Steps = append(p.Steps, command.Step{})
		return nil
	}}, "then", "what follows happens after the cluster has reacted")
	cmd.Flags().Lookup("then").NoOptDefVal = "true"
}

// event is an option whose place among the others matters.
type event struct {
	what string
	set  func(string) error
}

func (e *event) String() string     { return "" }
func (e *event) Set(v string) error { return e.set(v) }

// Type is what the help shows as the option's value.
func (e *event) Type() string {
	if e.what == "" {
		return "bool"
	}
	return e.what
}

func simulateRun(p *command.Play) error {
	p.Color = isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	out := bufio.NewWriter(os.Stdout)
	env := environment(os.Args)
	env.Stdout, env.Stderr = out, flushFirst{out, os.Stderr}
	status := command.Simulate(p, env)
	if err := out.Flush(); err != nil {
		return err
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}

func isTerminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0 && st.Name() != os.DevNull
}
