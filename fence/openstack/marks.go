package openstack

import (
	"context"
	"errors"
	"os/exec"
	"time"

	"systole/lib/nodeattr"
	"systole/lib/run"
)

// Cluster is the attribute in a Pacemaker cluster that this node is a member of.
type Cluster struct {
	Sbin    string   // folder of attrd_updater
	Environ []string // of this process
}

const (
	attribute   = "evacuate"
	attrTimeout = 10 * time.Second
	// disconnected is the exit code of Pacemaker's tools where no cluster runs.
	disconnected = 102
)

var errNoCluster = errors.New("no cluster runs on this node")

func (c Cluster) run(ctx context.Context, cmd nodeattr.Command) (run.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, attrTimeout)
	defer cancel()
	r := run.Runner{}
	res, err := r.Run(ctx, run.Cmd{Path: cmd.Path, Args: cmd.Args, Env: run.Environ(c.Environ, nil)})
	var failed *run.Error
	switch {
	case errors.As(err, &failed) && failed.Kind == run.NotFound, errors.Is(err, exec.ErrNotFound), res.Code == disconnected:
		return res, errNoCluster
	case errors.As(err, &failed) && failed.Kind == run.Exited:
		return res, nil
	}
	return res, err
}

// All asks the daemon that keeps attributes.
func (c Cluster) All(ctx context.Context) (map[string]string, bool, error) {
	res, err := c.run(ctx, nodeattr.Tools{Sbin: c.Sbin}.GetAll(attribute))
	if errors.Is(err, errNoCluster) {
		return map[string]string{}, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	values, err := nodeattr.Values(res.Code, string(res.Stdout), string(res.Stderr))
	return values, true, err
}

// Set sets the attribute of a node. Where no cluster runs there is none to set; nova
// remembers the fencing.
func (c Cluster) Set(ctx context.Context, node, value string) error {
	cmd := nodeattr.Tools{Sbin: c.Sbin}.SetPrivate(nodeattr.Attribute{Name: attribute, Node: node}, value)
	res, err := c.run(ctx, cmd)
	switch {
	case errors.Is(err, errNoCluster):
		return nil
	case err != nil:
		return err
	case res.Code != 0:
		return errors.New("attrd_updater: " + lastLine(res.Stderr))
	}
	return nil
}

func lastLine(text []byte) string {
	const limit = 200
	if len(text) > limit {
		text = text[len(text)-limit:]
	}
	return string(text)
}
