//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"systole/agents/suite"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

type rabbitmqFlags struct {
	planFlags
	provider   string
	agents     string
	parameters []string
	logs       string
	ordered    bool
	writers    int
	pause      time.Duration
	timeout    time.Duration
	verbose    bool
}

func rabbitmqCommand() *cobra.Command {
	var r rabbitmqFlags
	c := &cobra.Command{
		Use:   "rabbitmq",
		Short: "RabbitMQ, a clone on all nodes",
		Long: `Clients publish each message to a quorum queue and to the durable classic queue of
the node that takes it, and count it when both are confirmed.`,
		Example: `  outage rabbitmq --rounds 15 --seed 7
  outage rabbitmq --ordered --faults kill-all,off-all --rounds 4`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	r.add(c)
	f := c.Flags()
	f.StringVar(&r.provider, "provider", outage.Ours, "`provider` of the agent: systole, or heartbeat for the stock one")
	f.StringVar(&r.agents, "agents", "", "the program `file` with our agents; "+suite.Program+" beside this one if empty")
	f.StringArrayVar(&r.parameters, "parameter", nil, "parameter of the resource, `NAME=VALUE`")
	f.StringVar(&r.logs, "logs", "", "`folder` for the logs of failed rounds; a new temporary one if empty")
	f.BoolVar(&r.ordered, "ordered", false, "let the cluster start one instance after the other, as the stock agent needs it")
	f.IntVar(&r.writers, "writers", 4, "`number` of clients that publish")
	f.DurationVar(&r.pause, "pause", 100*time.Millisecond, "between two messages of a client")
	f.DurationVar(&r.timeout, "timeout", 6*time.Minute, "how long a recovery may take")
	f.BoolVarP(&r.verbose, "verbose", "v", false, "show what happens in each round")
	return c
}

func (r *rabbitmqFlags) run(ctx context.Context, out io.Writer) error {
	plan, err := r.plan()
	if err != nil {
		return err
	}
	if err := service.Check(service.RabbitMQProgram); err != nil {
		return err
	}
	if r.logs == "" {
		if r.logs, err = os.MkdirTemp("", "outage-logs-"); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp("", "outage-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := os.Chmod(scratch, 0o755); err != nil { // users of services look into it
		return err
	}
	ocf, err := outage.AgentFolder(scratch, cmp.Or(r.agents, besides(suite.Program)))
	if err != nil {
		return err
	}
	began := time.Now()
	var mu sync.Mutex
	progress := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stderr, "%7.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	c := outage.Campaign{
		Service: func() outage.Service {
			return &outage.RabbitMQ{Provider: r.provider, Parameters: r.parameters, Unordered: !r.ordered}
		},
		Lab:  lab.Options{Nodes: r.nodes, Private: service.RabbitMQPrivate, OCF: []string{ocf}},
		Plan: plan, Logs: filepath.Join(r.logs, r.provider),
		Writers: r.writers, Pause: r.pause, Timeout: r.timeout, Progress: progress,
	}
	if r.verbose {
		c.Events = progress
	}
	report, err := c.Run(ctx)
	report.Service, report.Provider, report.Seed = "rabbitmq", r.provider+":rabbitmq-cluster", r.seed
	// What was found until an error is worth telling too.
	if _, e := io.WriteString(out, text([]*outage.Report{report})); err == nil {
		err = e
	}
	if err == nil && len(report.Failed()) > 0 {
		err = errFailed
	}
	return err
}
