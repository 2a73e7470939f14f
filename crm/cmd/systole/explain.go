package main

import (
	"github.com/spf13/cobra"

	"systole/crm/simulate/command"
)

const explainLong = `Explain tells why a resource is where it is, or why it is not, and why the
cluster is going to do something with it.

Everything that counted is named: locations, colocations and the other resource
in them, stickiness, failures, standby, tickets, capacity, promotion scores, the
state of nodes; with the id of the element in the CIB, its line and its score.
For actions it follows the reasons back to where they begin.

What may be asked about is a resource, an instance (web:1), a clone, a group, a
bundle or a node. The events are those of systole simulate: the answer is about
what the cluster will do when they have happened.`

const explainExample = `  Why is the address there, and what is against node2?
    systole explain vip cib.xml
    systole explain vip cib.xml --node node2

  What if node1 dies?
    systole explain vip cib.xml --node-fail node1

  Why is node3 going to be fenced, and what becomes of what it runs?
    cibadmin -Q | systole explain node3`

// explainCommand is "systole explain".
func explainCommand() *cobra.Command {
	p := &command.Play{Steps: make([]command.Step, 1)}
	q := command.Question{}
	cmd := &cobra.Command{
		Use:               "explain NAME [FILE]",
		Short:             "Tell why a resource is where it is, or what happens to a node",
		Long:              explainLong,
		Example:           explainExample,
		Args:              oneFile(1),
		ValidArgsFunction: completeFile(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := source(p, args, 1, "explain NAME"); err != nil {
				return err
			}
			q.Name = args[0]
			return runWith(p, func(env *command.Env) int { return command.Explain(p, q, env) })
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&q.Node, "node", "", "tell everything about this `NODE`, and nothing about others")
	_ = cmd.RegisterFlagCompletionFunc("node", completeFrom(1, (*names).nodes)) // the flag exists
	eventFlags(cmd, p, 1)
	return cmd
}
