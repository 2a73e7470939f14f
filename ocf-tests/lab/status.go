//go:build linux

package lab

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Status is what crm_mon tells of the cluster, as one node sees it.
type Status struct {
	From      string // the node that was asked
	Quorum    bool   // its partition has quorum
	DC        string // name of the DC, empty if there is none
	Nodes     []NodeStatus
	Resources []ResourceStatus // instances of clones each by themselves
	Failures  []Failure
}

// A NodeStatus is a node's line in Status.
type NodeStatus struct {
	Name        string `xml:"name,attr"`
	Online      bool   `xml:"online,attr"`
	Standby     bool   `xml:"standby,attr"`
	Maintenance bool   `xml:"maintenance,attr"`
	Pending     bool   `xml:"pending,attr"`
	Unclean     bool   `xml:"unclean,attr"`
	Shutdown    bool   `xml:"shutdown,attr"`
}

// A ResourceStatus is a primitive, or an instance of one.
type ResourceStatus struct {
	ID, Agent string
	Parents   []string // ids of the bundle, clone and group it is in, outermost first
	Role      string   // Started, Stopped, Promoted, Unpromoted, Starting, ...
	Active    bool
	Failed    bool
	Blocked   bool
	Managed   bool
	Orphaned  bool
	Nodes     []string // where it runs
}

// A Failure is a failed operation that has not been cleaned up.
type Failure struct {
	Operation string `xml:"op_key,attr"`
	Node      string `xml:"node,attr"`
	Status    string `xml:"exitstatus,attr"`
	Reason    string `xml:"exitreason,attr"`
}

// Online are the names of the nodes that are online, also those in standby.
func (s Status) Online() []string {
	var names []string
	for _, n := range s.Nodes {
		if n.Online && !n.Pending && !n.Unclean {
			names = append(names, n.Name)
		}
	}
	return names
}

// Node is the status of the node of that name, the zero value if there is none.
func (s Status) Node(name string) NodeStatus {
	for _, n := range s.Nodes {
		if n.Name == name {
			return n
		}
	}
	return NodeStatus{}
}

// RunsOn is the node that a primitive runs on; empty if it runs on none, or on
// more than one.
func (s Status) RunsOn(id string) string {
	if nodes := s.Active(id); len(nodes) == 1 {
		return nodes[0]
	}
	return ""
}

// Active are the nodes, sorted, where the resource is active and neither failed
// nor on its way to another state. It may be named by the id of the primitive or
// of a group, clone or bundle around it.
func (s Status) Active(id string) []string {
	return s.InRole(id, "Started", "Promoted", "Unpromoted")
}

// InRole is Active restricted to instances in one of the roles.
func (s Status) InRole(id string, roles ...string) []string {
	var nodes []string
	for _, r := range s.Resources {
		if (r.ID == id || slices.Contains(r.Parents, id)) && r.Active && !r.Failed && !r.Orphaned && slices.Contains(roles, r.Role) {
			nodes = append(nodes, r.Nodes...)
		}
	}
	slices.Sort(nodes)
	return nodes
}

// String is a short text for messages.
func (s Status) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "as seen by %s: quorum %v, DC %q\n", s.From, s.Quorum, s.DC)
	for _, n := range s.Nodes {
		var words []string
		for _, w := range []struct {
			is   bool
			word string
		}{{n.Online, "online"}, {!n.Online, "offline"}, {n.Standby, "standby"}, {n.Maintenance, "maintenance"}, {n.Pending, "pending"}, {n.Unclean, "unclean"}, {n.Shutdown, "shutdown"}} {
			if w.is {
				words = append(words, w.word)
			}
		}
		fmt.Fprintf(&b, "  node %s: %s\n", n.Name, strings.Join(words, ", "))
	}
	for _, r := range s.Resources {
		fmt.Fprintf(&b, "  resource %s: %s %s", strings.Join(append(slices.Clone(r.Parents), r.ID), "/"), r.Role, strings.Join(r.Nodes, " "))
		if r.Failed {
			b.WriteString(" failed")
		}
		if r.Blocked {
			b.WriteString(" blocked")
		}
		b.WriteString("\n")
	}
	for _, f := range s.Failures {
		fmt.Fprintf(&b, "  failed %s on %s: %s %s\n", f.Operation, f.Node, f.Status, f.Reason)
	}
	return b.String()
}

// The form of crm_mon's XML, as far as it is read.
type monResult struct {
	Summary struct {
		DC struct {
			Present bool   `xml:"present,attr"`
			Name    string `xml:"name,attr"`
			Quorum  bool   `xml:"with_quorum,attr"`
		} `xml:"current_dc"`
	} `xml:"summary"`
	Nodes     []NodeStatus `xml:"nodes>node"`
	Resources monGroup     `xml:"resources"`
	Failures  []Failure    `xml:"failures>failure"`
}

// A monGroup is whatever contains resources.
type monGroup struct {
	ID        string        `xml:"id,attr"`
	Resources []monResource `xml:"resource"`
	Groups    []monGroup    `xml:"group"`
	Clones    []monGroup    `xml:"clone"`
	Bundles   []monGroup    `xml:"bundle"`
	Replicas  []monGroup    `xml:"replica"`
}

type monResource struct {
	ID       string `xml:"id,attr"`
	Agent    string `xml:"resource_agent,attr"`
	Role     string `xml:"role,attr"`
	Active   bool   `xml:"active,attr"`
	Orphaned bool   `xml:"orphaned,attr"`
	Blocked  bool   `xml:"blocked,attr"`
	Managed  bool   `xml:"managed,attr"`
	Failed   bool   `xml:"failed,attr"`
	Nodes    []struct {
		Name string `xml:"name,attr"`
	} `xml:"node"`
}

func parseStatus(from string, text []byte) (Status, error) {
	var m monResult
	if err := xml.Unmarshal(text, &m); err != nil {
		return Status{}, fmt.Errorf("reading the output of crm_mon on %s: %w", from, err)
	}
	dc := m.Summary.DC
	s := Status{From: from, DC: dc.Name, Quorum: dc.Present && dc.Quorum, Nodes: m.Nodes, Failures: m.Failures}
	s.add(m.Resources, nil)
	return s, nil
}

func (s *Status) add(g monGroup, parents []string) {
	for _, r := range g.Resources {
		status := ResourceStatus{
			ID: r.ID, Agent: r.Agent, Parents: parents, Role: modernRole(r.Role), Active: r.Active,
			Failed: r.Failed, Blocked: r.Blocked, Managed: r.Managed, Orphaned: r.Orphaned,
		}
		for _, n := range r.Nodes {
			status.Nodes = append(status.Nodes, n.Name)
		}
		s.Resources = append(s.Resources, status)
	}
	for _, list := range [][]monGroup{g.Groups, g.Clones, g.Bundles, g.Replicas} {
		for _, inner := range list {
			within := parents
			if inner.ID != "" && !isNumber(inner.ID) { // a replica has a number only
				within = append(slices.Clone(parents), inner.ID)
			}
			s.add(inner, within)
		}
	}
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func modernRole(role string) string {
	switch role {
	case "Master":
		return "Promoted"
	case "Slave":
		return "Unpromoted"
	}
	return role
}

// Status asks the node with crm_mon.
func (n *Node) Status(ctx context.Context) (Status, error) {
	out, err := n.Run(ctx, "crm_mon", "--one-shot", "--inactive", "--output-as=xml")
	if err != nil {
		return Status{}, err
	}
	return parseStatus(n.name, []byte(out))
}

// Status asks the nodes that are on, one after the other, until one answers from
// a partition with quorum. If none has quorum, the first answer is returned.
func (c *Cluster) Status(ctx context.Context) (Status, error) {
	var first *Status
	errs := []error{errors.New("no node answers crm_mon")}
	for _, n := range c.byUse() {
		if !n.On() {
			continue
		}
		s, err := n.Status(ctx)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if s.Quorum {
			c.lastUsed.Store(int64(n.num))
			return s, nil
		}
		if first == nil {
			first = &s
		}
	}
	if first != nil {
		return *first, nil
	}
	return Status{}, errors.Join(errs...)
}

// byUse are all nodes, the one that last answered with quorum first.
func (c *Cluster) byUse() []*Node {
	nodes := c.Nodes()
	if i := int(c.lastUsed.Load()); i > 1 {
		nodes[0], nodes[i-1] = nodes[i-1], nodes[0]
	}
	return nodes
}
