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
	"sync"
	"time"

	"github.com/spf13/cobra"

	"systole/agents/suite"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/outage"
)

// campaignFlags are those of every service.
type campaignFlags struct {
	planFlags
	providers  []string
	agents     string
	parameters []string
	logs       string
	output     string
	writers    int
	timeout    time.Duration
	verbose    bool
}

func (c *campaignFlags) add(cmd *cobra.Command, writers int) {
	c.planFlags.add(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&c.providers, "provider", []string{outage.Ours}, "`provider` of the agent: systole, or heartbeat for the stock one; several, separated by commas, run one after the other")
	f.StringVar(&c.agents, "agents", "", "the program `file` with our agents; "+suite.Program+" beside this one if empty")
	f.StringArrayVar(&c.parameters, "parameter", nil, "parameter of the resource, `NAME=VALUE`")
	f.StringVar(&c.logs, "logs", "", "`folder` for the logs of failed rounds; a new temporary one if empty")
	f.StringVar(&c.output, "output", "text", "`form` of the report: text or json")
	f.IntVar(&c.writers, "writers", writers, "`number` of clients that write")
	f.DurationVar(&c.timeout, "timeout", 6*time.Minute, "how long a recovery may take")
	f.BoolVarP(&c.verbose, "verbose", "v", false, "show what agents' cluster sees of each round (also in the logs of failed rounds)")
}

// subject is what a campaign is about.
type subject struct {
	service, agent string
	private        []string // folders that each node has for itself
	make           func(provider string) outage.Service
	adjust         func(c *outage.Campaign) // may be nil
}

// run makes the campaign with each provider, and reports.
func (c *campaignFlags) run(ctx context.Context, out io.Writer, s subject) error {
	if c.output != "text" && c.output != "json" {
		return fmt.Errorf("--output %s: want text or json", c.output)
	}
	plan, err := c.plan()
	if err != nil {
		return err
	}
	if c.logs == "" {
		if c.logs, err = os.MkdirTemp("", "outage-logs-"); err != nil {
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
	ocf, err := outage.AgentFolder(scratch, cmp.Or(c.agents, besides(suite.Program)))
	if err != nil {
		return err
	}
	reports, err := c.campaigns(ctx, s, plan, ocf)
	// What was found until an error is worth telling too.
	if c.output == "json" {
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
func (c *campaignFlags) campaigns(ctx context.Context, s subject, plan []outage.Fault, ocf string) ([]*outage.Report, error) {
	progress := progressFrom(time.Now())
	var reports []*outage.Report
	for _, provider := range c.providers {
		progress("provider %s", provider)
		campaign := outage.Campaign{
			Service: func() outage.Service { return s.make(provider) },
			Lab:     lab.Options{Nodes: c.nodes, Private: s.private, OCF: []string{ocf}},
			Plan:    plan, Logs: filepath.Join(c.logs, provider),
			Writers: c.writers, Timeout: c.timeout, Progress: progress,
		}
		if c.verbose {
			campaign.Events = progress
		}
		if s.adjust != nil {
			s.adjust(&campaign)
		}
		r, err := campaign.Run(ctx)
		r.Service, r.Provider, r.Seed = s.service, provider+":"+s.agent, c.seed
		reports = append(reports, r)
		if err != nil {
			return reports, err
		}
	}
	return reports, nil
}

// progressFrom prints lines with the time since began, from many goroutines.
func progressFrom(began time.Time) func(format string, args ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(os.Stderr, "%7.1f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
}

// besides is a file in the folder of this program.
func besides(name string) string {
	exe, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(exe), name)
}
