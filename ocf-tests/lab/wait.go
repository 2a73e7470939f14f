//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How often the status is asked for while waiting.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 400 * time.Millisecond
)

// Wait watches the cluster's status until it is as wanted. Times without any
// answer are waited out. It gives up when ctx ends, or after Options.Timeout if
// ctx has no deadline; the error says what was waited for and what was last seen.
func (c *Cluster) Wait(ctx context.Context, what string, wanted func(Status) bool) error {
	began := time.Now()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.opt.Timeout)
		defer cancel()
	}
	last := "no status"
	err := poll(ctx, firstPause, longestPause, func() bool {
		s, err := c.Status(ctx)
		if err != nil {
			if ctx.Err() == nil {
				last = err.Error()
			}
			return false
		}
		last = s.String()
		return wanted(s)
	})
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("waited %.1f s for %s: %w\nlast seen: %s", took.Seconds(), what, err, last)
	}
	c.opt.Log("after %.1f s: %s", took.Seconds(), what)
	return nil
}

// WaitOnline waits until the named nodes, or all that are on, are online in a
// partition with quorum and a DC.
func (c *Cluster) WaitOnline(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		for _, n := range c.nodes {
			if n.On() {
				names = append(names, n.name)
			}
		}
	}
	return c.Wait(ctx, strings.Join(names, ", ")+" online with quorum", func(s Status) bool {
		online := s.Online()
		for _, name := range names {
			if !slices.Contains(online, name) {
				return false
			}
		}
		return s.Quorum && s.DC != ""
	})
}

// Run runs a command on a node that is online in a partition with quorum.
func (c *Cluster) Run(ctx context.Context, argv ...string) (string, error) {
	n, err := c.quorate(ctx)
	if err != nil {
		return "", fmt.Errorf("running %s: %w", strings.Join(argv, " "), err)
	}
	return n.Run(ctx, argv...)
}

func (c *Cluster) quorate(ctx context.Context) (*Node, error) {
	s, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	if !s.Quorum {
		return nil, errors.New("no node has quorum")
	}
	return c.NodeNamed(s.From), nil
}

// CIB is the current CIB with its status section, as XML.
func (c *Cluster) CIB(ctx context.Context) (string, error) {
	return c.Run(ctx, "cibadmin", "--query")
}

// Configure adds elements to a section of the configuration (resources,
// constraints, crm_config, ...), or changes those that are there by their ids.
func (c *Cluster) Configure(ctx context.Context, section, xml string) error {
	n, err := c.quorate(ctx)
	if err != nil {
		return fmt.Errorf("changing the %s section: %w", section, err)
	}
	text := "<" + section + ">" + xml + "</" + section + ">"
	_, err = n.RunInput(ctx, strings.NewReader(text), "cibadmin", "--modify", "--allow-create", "--scope", section, "--xml-pipe")
	return err
}

// SetProperty sets a cluster option.
func (c *Cluster) SetProperty(ctx context.Context, name, value string) error {
	_, err := c.Run(ctx, "crm_attribute", "--type", "crm_config", "--name", name, "--update", value)
	return err
}

// SetStandby puts a node into standby, or back.
func (c *Cluster) SetStandby(ctx context.Context, node string, standby bool) error {
	value := "off"
	if standby {
		value = "on"
	}
	_, err := c.Run(ctx, "crm_attribute", "--node", node, "--name", "standby", "--update", value)
	return err
}
