//go:build linux

package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

func galeraCommand() *cobra.Command {
	var flags campaignFlags
	var vip bool
	c := &cobra.Command{
		Use:   "galera",
		Short: "MariaDB with Galera, a promotable clone on all nodes",
		Example: `  outage galera --provider systole --rounds 30 --seed 7
  outage galera --provider heartbeat,systole --faults kill-all --rounds 5
  outage galera --vip --rounds 9`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := service.Check(service.MariaDBProgram, service.HAProxyProgram); err != nil {
				return err
			}
			if vip && len(flags.only) == 0 {
				flags.only = outage.FailoverKinds()
			}
			return flags.run(cmd.Context(), cmd.OutOrStdout(), galera(flags.parameters, vip))
		},
	}
	flags.add(c, 6)
	c.Flags().BoolVar(&vip, "vip", false, "let clients write through a virtual address and haproxy, agents ours, and make failovers of these; column outage is what each costs")
	return c
}

func galera(parameters []string, vip bool) subject {
	s := subject{
		service: "galera", agent: "galera", private: slices.Concat(service.GaleraPrivate, service.HAProxyPrivate),
		make: func(provider string) outage.Service {
			return &outage.Galera{Provider: provider, Parameters: parameters}
		},
	}
	if vip {
		s.make = func(provider string) outage.Service {
			return &outage.GaleraVIP{Galera: outage.Galera{Provider: provider, Parameters: parameters}}
		}
		// Clients that wait for a dead connection would hide how soon a new one works.
		s.adjust = func(c *outage.Campaign) { c.WriteTimeout = time.Second }
	}
	return s
}
