//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"systole/agents/suite"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
	"systole/ocf-tests/outage"
)

type galeraFlags struct {
	planFlags
	providers  []string
	agents     string
	parameters []string
	logs       string
	output     string
	writers    int
	timeout    time.Duration
	vip        bool
	verbose    bool
}

func galeraCommand() *cobra.Command {
	var g galeraFlags
	c := &cobra.Command{
		Use:   "galera",
		Short: "MariaDB with Galera, a promotable clone on all nodes",
		Example: `  outage galera --provider systole --rounds 30 --seed 7
  outage galera --provider heartbeat,systole --faults kill-all --rounds 5
  outage galera --vip --rounds 9`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	g.add(c)
	f := c.Flags()
	f.StringSliceVar(&g.providers, "provider", []string{outage.Ours}, "`provider` of the agent: systole, or heartbeat for the stock one; several, separated by commas, run one after the other")
	f.StringVar(&g.agents, "agents", "", "the program `file` with our agents; "+suite.Program+" beside this one if empty")
	f.StringArrayVar(&g.parameters, "parameter", nil, "parameter of the resource, `NAME=VALUE`")
	f.StringVar(&g.logs, "logs", "", "`folder` for the logs of failed rounds; a new temporary one if empty")
	f.StringVar(&g.output, "output", "text", "`form` of the report: text or json")
	f.IntVar(&g.writers, "writers", 6, "`number` of clients that write")
	f.DurationVar(&g.timeout, "timeout", 6*time.Minute, "how long a recovery may take")
	f.BoolVar(&g.vip, "vip", false, "let clients write through a virtual address and haproxy, agents ours, and make failovers of these; column outage is what each costs")
	f.BoolVarP(&g.verbose, "verbose", "v", false, "show what agents' cluster sees of each round (also in the logs of failed rounds)")
	return c
}

func (g *galeraFlags) run(ctx context.Context, out io.Writer) error {
	if g.output != "text" && g.output != "json" {
		return fmt.Errorf("--output %s: want text or json", g.output)
	}
	if g.vip && len(g.only) == 0 {
		g.only = outage.FailoverKinds()
	}
	plan, err := g.plan()
	if err != nil {
		return err
	}
	if g.logs == "" {
		if g.logs, err = os.MkdirTemp("", "outage-logs-"); err != nil {
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
	ocf, err := outage.AgentFolder(scratch, cmp.Or(g.agents, besides(suite.Program)))
	if err != nil {
		return err
	}
	if err := service.Check(service.MariaDBProgram, service.HAProxyProgram); err != nil {
		return err
	}
	began := time.Now()
	var mu sync.Mutex
	progress := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stderr, "%7.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	reports, err := g.campaigns(ctx, plan, ocf, progress)
	// What was found until an error is worth telling too.
	if g.output == "json" {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		err = errors.Join(err, e.Encode(reports))
	} else {
		_, e := io.WriteString(out, text(reports))
		err = errors.Join(err, e)
	}
	for _, r := range reports {
		if err == nil && len(r.Failed()) > 0 {
			err = errFailed
		}
	}
	return err
}

// campaigns runs the plan with each provider.
func (g *galeraFlags) campaigns(ctx context.Context, plan []outage.Fault, ocf string, progress func(string, ...any)) ([]*outage.Report, error) {
	var reports []*outage.Report
	for _, provider := range g.providers {
		progress("provider %s", provider)
		c := outage.Campaign{
			Service: func() outage.Service { return g.service(provider) },
			Lab:     lab.Options{Nodes: g.nodes, Private: slices.Concat(service.GaleraPrivate, service.HAProxyPrivate), OCF: []string{ocf}},
			Plan:    plan, Logs: filepath.Join(g.logs, provider),
			Writers: g.writers, Timeout: g.timeout, Progress: progress,
		}
		if g.verbose {
			c.Events = progress
		}
		if g.vip {
			// Clients that wait for a dead connection would hide how soon a new one works.
			c.WriteTimeout = time.Second
		}
		r, err := c.Run(ctx)
		r.Service, r.Provider, r.Seed = "galera", provider+":galera", g.seed
		reports = append(reports, r)
		if err != nil {
			return reports, err
		}
	}
	return reports, nil
}

func (g *galeraFlags) service(provider string) outage.Service {
	galera := outage.Galera{Provider: provider, Parameters: g.parameters}
	if g.vip {
		return &outage.GaleraVIP{Galera: galera}
	}
	return &galera
}

// besides is a file in the folder of this program.
func besides(name string) string {
	exe, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(exe), name)
}
