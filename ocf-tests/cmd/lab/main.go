//go:build linux

// Command lab makes a real cluster on this machine, to be used by hand: see
// docs/LAB.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"systole/ocf-tests/lab"
)

func main() {
	if err := rootCommand().Execute(); err != nil {
		fmt.Fprintf(os.Stderr, "lab: %v\n", err)
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	var name, dir string
	root := &cobra.Command{
		Use:           "lab",
		Short:         "a real Pacemaker cluster on this machine, its nodes in namespaces",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&name, "name", "default", "`name` of the lab; several can run at once")
	root.PersistentFlags().StringVar(&dir, "dir", "", "`folder` of the lab, instead of a name (a lab of a running test, say)")
	where := func() string {
		if dir != "" {
			return dir
		}
		return lab.NamedDir(name)
	}
	root.AddCommand(upCommand(where), downCommand(where), listCommand(),
		shellCommand(where), statusCommand(where), killCommand(where))
	for _, c := range []struct{ verb, text string }{
		{"off", "take the power of a node away"},
		{"on", "give a node power: it boots and starts its cluster daemons"},
		{"reboot", "off and on"},
		{"cut", "pull a node's network cable"},
		{"heal", "plug a node's network cable in again"},
	} {
		root.AddCommand(powerCommand(where, c.verb, c.text))
	}
	return root
}

func powerCommand(where func() string, verb, text string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " NODE", Short: text, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := lab.Open(where())
			if err != nil {
				return err
			}
			_, err = h.Power(verb, args[0])
			return err
		},
	}
}

func downCommand(where func() string) *cobra.Command {
	return &cobra.Command{
		Use: "down", Short: "power all nodes off and remove the lab", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := lab.Open(where())
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			return h.Down(ctx)
		},
	}
}

func listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "list the labs that run, with their nodes", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, dir := range lab.Running() {
				h, err := lab.Open(dir)
				if err != nil {
					continue // it has just ended
				}
				nodes, err := h.Nodes()
				if err != nil {
					continue
				}
				for i, n := range nodes {
					if state, err := h.Power("status", n); err == nil {
						nodes[i] += " (" + state + ")"
					}
				}
				fmt.Printf("%s: %s\n", dir, strings.Join(nodes, ", "))
			}
			return nil
		},
	}
}

// shellCommand replaces this process by the command, so that the terminal and the
// exit status are the command's.
func shellCommand(where func() string) *cobra.Command {
	c := &cobra.Command{
		Use: "sh NODE [COMMAND...]", Short: "run a command, or a shell, in a node",
		Example: "  lab sh node-1\n  lab sh node-1 crm_mon -1\n  lab sh node-1 tail -f /var/log/pacemaker/pacemaker.log",
		Args:    cobra.MinimumNArgs(1), DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error { return enter(where(), args[0], args[1:]) },
	}
	c.Flags().SetInterspersed(false) // flags after the node are the command's
	return c
}

func enter(dir, node string, argv []string) error {
	h, err := lab.Open(dir)
	if err != nil {
		return err
	}
	if len(argv) == 0 {
		argv = []string{"bash"}
	}
	command, environ, err := h.EnterCommand(node, argv...)
	if err != nil {
		return err
	}
	if term := os.Getenv("TERM"); term != "" {
		environ = append(environ, "TERM="+term)
	}
	environ = append(environ, "PS1=\\h:\\w# ")
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, command, environ)
}

func statusCommand(where func() string) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "show crm_mon of the first node that is on", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			h, err := lab.Open(where())
			if err != nil {
				return err
			}
			nodes, err := h.Nodes()
			if err != nil {
				return err
			}
			for _, n := range nodes {
				if state, err := h.Power("status", n); err == nil && state == "on" {
					return enter(where(), n, []string{"crm_mon", "--one-shot", "--inactive"})
				}
			}
			return fmt.Errorf("no node is on: lab on %s", nodes[0])
		},
	}
}

func killCommand(where func() string) *cobra.Command {
	return &cobra.Command{
		Use: "kill NODE PROGRAM", Short: "kill -9 all processes of a program in a node", Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := lab.Open(where())
			if err != nil {
				return err
			}
			return h.Kill9(args[0], args[1])
		},
	}
}
