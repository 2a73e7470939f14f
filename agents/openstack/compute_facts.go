package openstack

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"systole/agents/ocf"
	"systole/lib/openstack/api"
)

// computeParams are the parameters of NovaCompute and nova-compute-wait.
type computeParams struct {
	Credentials api.Credentials
	Domain      string
	Delay       time.Duration
	Service     service
	Config      string
	Handover    bool
	Attempts    int
	HostName    string
}

// host is what is known of a compute host.
type host struct {
	Name    string // nova's
	Node    string // the cluster's
	Mark    string // the attribute evacuate
	Nova    string // why nova could not be asked; "" if it could
	Service *api.Service
	// Evacuations from the host that are under way.
	Evacuations []api.Migration
	Running     running
	// Others are the other hosts: how many there are, and how many of them are up.
	Others, OthersUp int
	Active           int // servers that run here, as nova sees it
	link             *link[Nova]
}

// attribute is the node attribute through which these agents speak to each other.
const attribute = "evacuate"

func (h host) String() string {
	return fmt.Sprintf("%s, node %s, evacuate %q, nova %q, service %+v, evacuations %v, running %+v", h.Name, h.Node, h.Mark, h.Nova, h.Service, h.Evacuations, h.Running)
}

// name finds what the host is called by nova: what its configuration says, or the
// name of the machine. NovaEvacuate finds the host of a node by its name, so that
// they have to agree.
func (h *host) name(r *ocf.Request, p computeParams, sys ocf.Reader) error {
	conf, _, err := readConfig(sys, p.Config)
	if err != nil {
		return err
	}
	h.Node = cmp.Or(r.Meta.OnNode, sys.Hostname())
	h.Name = cmp.Or(p.HostName, cmp.Or(conf.Get("DEFAULT", "host"), sys.Hostname()))
	if h.Name != h.Node && h.Name != h.Node+"."+p.Domain {
		return ocf.Errorf(ocf.ErrArgs, "nova calls this host %q, the cluster calls the node %q: NovaEvacuate would not find it; set the option host in %s to the name of the node, or the parameter domain to what nova's name has after it",
			h.Name, h.Node, p.Config)
	}
	return nil
}

// ask asks the cluster and nova about the host.
func (h *host) ask(ctx context.Context, p computeParams, sys ocf.Reader) error {
	marks, err := sys.AttributeOfAll(ctx, attribute)
	if err != nil {
		return fmt.Errorf("read the node attribute %s: %w", attribute, err)
	}
	h.Mark = marks[h.Node]
	if err := h.askNova(ctx, p); err != nil {
		h.link.drop()
		h.Nova = err.Error()
	}
	return nil
}

func (h *host) askNova(ctx context.Context, p computeParams) error {
	nova, err := h.link.get(ctx, p.Credentials)
	if err != nil {
		return err
	}
	list, err := nova.ComputeServices(ctx, "")
	if err != nil {
		return err
	}
	for _, s := range list {
		switch {
		case s.Host == h.Name && h.Service != nil:
			return fmt.Errorf("nova has several nova-compute services on %s: delete those that are old, see: openstack compute service list", h.Name)
		case s.Host == h.Name:
			h.Service = &s
		case s.Enabled:
			h.Others++
			if s.Up {
				h.OthersUp++
			}
		}
	}
	h.Evacuations, err = nova.Evacuations(ctx, h.Name)
	return err
}

// countServers counts the servers that run here.
func (h *host) countServers(ctx context.Context, p computeParams) error {
	nova, err := h.link.get(ctx, p.Credentials)
	if err != nil {
		return err
	}
	list, err := nova.Servers(ctx, h.Name)
	for _, s := range list {
		if s.State == "active" {
			h.Active++
		}
	}
	return err
}
