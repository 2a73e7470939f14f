package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"systole/crm/simulate/command"
)

// exitStatus ends the program with a status after everything was said.
type exitStatus int

func (exitStatus) Error() string { return "" }

// oneFile allows at most one file behind that many other arguments.
func oneFile(before int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < before:
			return fmt.Errorf("nothing is named: want %s", cmd.Use)
		case len(args) > before+1:
			return fmt.Errorf("more than one file given (%q): want one CIB", args[before:])
		}
		return nil
	}
}

// source sets where the CIB comes from: a file behind that many other
// arguments, else standard input, unless that is a person at a terminal.
func source(p *command.Play, args []string, before int, name string) error {
	p.Source = "-"
	if len(args) > before {
		p.Source = args[before]
	} else if isTerminal(os.Stdin) {
		return fmt.Errorf("no CIB given: name a file, or pipe one in, as in: cibadmin -Q | systole %s", name)
	}
	return nil
}

// eventFlags adds the options for what happens, and for how it is told. Events
// work on the last step.
func eventFlags(cmd *cobra.Command, p *command.Play, before int) {
	f := cmd.Flags()
	f.SortFlags = false
	step := func() *command.Step { return &p.Steps[len(p.Steps)-1] }
	complete := func(name string, what func(*names) []string) {
		_ = cmd.RegisterFlagCompletionFunc(name, completeFrom(before, what)) // fails only for flags that do not exist
	}
	for _, e := range [...]struct {
		name, what, help string
		to               func(*command.Step) *[]string
		complete         func(*names) []string
	}{
		{"node-fail", "NODE", "the node is lost", func(s *command.Step) *[]string { return &s.Injection.NodesFail }, (*names).nodes},
		{"node-up", "NODE", "the node joins; an unknown one is made", func(s *command.Step) *[]string { return &s.Injection.NodesUp }, (*names).nodes},
		{"node-shutdown", "NODE", "the node is to leave in good order", func(s *command.Step) *[]string { return &s.Injection.NodesLeave }, (*names).nodes},
		{"node-down", "NODE", "the node has left in good order already", func(s *command.Step) *[]string { return &s.Injection.NodesDown }, (*names).nodes},
		{"node-standby", "NODE", "the node is put in standby", func(s *command.Step) *[]string { return &s.Injection.NodesStandby }, (*names).nodes},
		{"node-unstandby", "NODE", "the node is in standby no more", func(s *command.Step) *[]string { return &s.Injection.NodesUnstandby }, (*names).nodes},
		{"rsc-fail", "RSC[@NODE]", "the resource is found not running", func(s *command.Step) *[]string { return &s.Injection.RscFail }, (*names).resources},
		{"rsc-stop", "RSC", "the resource is to be stopped (target-role)", func(s *command.Step) *[]string { return &s.Injection.RscStop }, (*names).resources},
		{"rsc-start", "RSC", "the resource is to be started (target-role)", func(s *command.Step) *[]string { return &s.Injection.RscStart }, (*names).resources},
		{"op-inject", "OP", "the operation has had this result", func(s *command.Step) *[]string { return &s.Injection.Ops }, (*names).operations},
		{"op-fail", "OP", "if the operation is carried out, it has this result", func(s *command.Step) *[]string { return &s.Fail }, (*names).operations},
		{"ticket-grant", "TICKET", "the ticket is granted", func(s *command.Step) *[]string { return &s.Injection.Grant }, (*names).tickets},
		{"ticket-revoke", "TICKET", "the ticket is revoked", func(s *command.Step) *[]string { return &s.Injection.Revoke }, (*names).tickets},
		{"ticket-standby", "TICKET", "the ticket becomes standby", func(s *command.Step) *[]string { return &s.Injection.Standby }, (*names).tickets},
		{"ticket-activate", "TICKET", "the ticket is standby no more", func(s *command.Step) *[]string { return &s.Injection.Activate }, (*names).tickets},
	} {
		f.Var(&event{what: e.what, set: func(v string) error {
			l := e.to(step())
			*l = append(*l, v)
			return nil
		}}, e.name, e.help)
		complete(e.name, e.complete)
	}
	boolFlags(cmd, step)
	for _, name := range [...]string{"quorum", "watchdog"} {
		complete(name, func(*names) []string { return []string{"true", "false"} })
	}
	f.Var(&event{what: "", set: func(v string) error {
		if v != "true" {
			return errors.New("it takes no value")
		}
		p.Steps = append(p.Steps, command.Step{})
		return nil
	}}, "then", "what follows happens after the cluster has reacted")
	f.Lookup("then").NoOptDefVal = "true"
	f.StringVar(&p.Date, "date", "", "the `TIME` it is in the simulation (ISO 8601); default: the CIB's execution-date, else now")
	f.StringVarP(&p.Format, "output", "o", "text", "`FORMAT` of the report: text, xml or json")
	complete("output", func(*names) []string { return []string{"text", "xml", "json"} })
}

func boolFlags(cmd *cobra.Command, step func() *command.Step) {
	for _, e := range [...]struct {
		name, help string
		to         func(*command.Step) **string
	}{
		{"quorum", "the cluster has quorum, or not", func(s *command.Step) **string { return &s.Injection.Quorum }},
		{"watchdog", "the cluster has a working watchdog, or not", func(s *command.Step) **string { return &s.Injection.Watchdog }},
	} {
		cmd.Flags().Var(&event{what: "BOOL", set: func(v string) error {
			switch strings.ToLower(v) {
			case "true", "yes", "on", "1":
				v = "true"
			case "false", "no", "off", "0":
				v = "false"
			default:
				return errors.New("want true or false")
			}
			*e.to(step()) = &v
			return nil
		}}, e.name, e.help)
	}
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

// runWith runs a command with an output that is written at once.
func runWith(p *command.Play, do func(*command.Env) int) error {
	p.Color = isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	out := bufio.NewWriter(os.Stdout)
	env := environment(os.Args)
	env.Stdout, env.Stderr = out, flushFirst{out, os.Stderr}
	status := do(env)
	if err := out.Flush(); err != nil && status == 0 {
		status = 74 // EX_IOERR: whoever reads the output did not get all of it
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
