//go:build linux

package main

import (
	"time"

	"github.com/spf13/cobra"

	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

func rabbitmqCommand() *cobra.Command {
	var flags campaignFlags
	var ordered bool
	var pause time.Duration
	c := &cobra.Command{
		Use:   "rabbitmq",
		Short: "RabbitMQ, a clone on all nodes",
		Long: `Clients publish each message to a quorum queue and to the durable classic queue of
the node that takes it, and count it when both are confirmed.`,
		Example: `  outage rabbitmq --rounds 15 --seed 7
  outage rabbitmq --ordered --faults kill-all,off-all --rounds 4`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := service.Check(service.RabbitMQProgram); err != nil {
				return err
			}
			return flags.run(cmd.Context(), cmd.OutOrStdout(), subject{
				service: "rabbitmq", agent: "rabbitmq-cluster", private: service.RabbitMQPrivate,
				make: func(provider string) outage.Service {
					return &outage.RabbitMQ{Provider: provider, Parameters: flags.parameters, Unordered: !ordered}
				},
				adjust: func(c *outage.Campaign) { c.Pause = pause },
			})
		},
	}
	flags.add(c, 4)
	f := c.Flags()
	f.BoolVar(&ordered, "ordered", false, "let the cluster start one instance after the other, as the stock agent needs it")
	f.DurationVar(&pause, "pause", 100*time.Millisecond, "between two messages of a client")
	return c
}
