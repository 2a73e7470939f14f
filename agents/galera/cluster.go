package galera

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"systole/agents/ocf"
)

// cluster is what the status of the cluster says.
type cluster struct {
	Known    bool
	Nodes    map[string]NodeState
	Members  int // full members of the cluster, running or not
	Online   int // of them
	Quorum   bool
	Fencing  bool     // stonith-enabled
	Promoted []string // nodes where the resource is recorded as promoted: nothing is decided by this alone
}

// maxStatus bounds the status of the cluster, in bytes.
const maxStatus = 16 << 20

// askCluster asks for the status of the cluster. That it is not known is no
// error: then nothing is decided that would need it.
func askCluster(ctx context.Context, sbin, rsc string, sys ocf.Reader) (cluster, error) {
	var problem error
	for _, form := range []string{"--output-as=xml", "--as-xml"} {
		out, err := sys.Query(ctx, ocf.Command{Path: sbin + "/crm_mon", Args: []string{"-1", form}, MaxOutput: maxStatus})
		switch {
		case err != nil:
			return cluster{}, err
		case out.Code != 0:
			problem = fmt.Errorf("crm_mon ended with exit code %d: %s", out.Code, strings.TrimSpace(out.Stderr))
			continue
		}
		return parseCluster(out.Stdout, rsc)
	}
	return cluster{}, problem
}

// element is any element of the status. Versions differ in how they nest and
// whether there is text, so that lib/xmltree, which is strict, does not fit.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
}

func (e *element) get(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e *element) is(name string) bool { return e.get(name) == "true" }

// parseCluster reads the status of the cluster.
func parseCluster(text, rsc string) (cluster, error) {
	var root element
	if err := xml.Unmarshal([]byte(text), &root); err != nil {
		return cluster{}, fmt.Errorf("the status of the cluster: %w", err)
	}
	c := cluster{Known: true, Nodes: map[string]NodeState{}}
	var walk func(e *element)
	walk = func(e *element) {
		switch e.XMLName.Local {
		case "current_dc":
			c.Quorum = e.is("with_quorum")
		case "cluster_options":
			c.Fencing = e.is("stonith-enabled")
		case "resource":
			c.resource(e, rsc)
			return
		case "nodes":
			for i := range e.Children {
				c.node(&e.Children[i])
			}
			return
		}
		for i := range e.Children {
			walk(&e.Children[i])
		}
	}
	walk(&root)
	if len(c.Nodes) == 0 {
		return cluster{}, fmt.Errorf("the status of the cluster names no node")
	}
	return c, nil
}

func (c *cluster) node(e *element) {
	name := e.get("name")
	if e.XMLName.Local != "node" || name == "" {
		return
	}
	state := NodeOff
	switch {
	case e.is("unclean"):
		state = NodeUnclean
	case !e.is("online"):
	case e.is("standby"), e.is("standby_onfail"), e.is("maintenance"), e.is("shutdown"):
		state = NodeIdle
	default:
		state = NodeOnline
	}
	c.Nodes[name] = state
	if e.get("type") == "member" {
		c.Members++
		if e.is("online") {
			c.Online++
		}
	}
}

func (c *cluster) resource(e *element, rsc string) {
	id, _, _ := strings.Cut(e.get("id"), ":")
	role := e.get("role")
	if id != rsc || e.is("orphaned") || role != "Promoted" && role != "Master" {
		return
	}
	for _, n := range e.Children {
		if name := n.get("name"); name != "" && n.XMLName.Local == "node" {
			c.Promoted = append(c.Promoted, name)
		}
	}
}

// lastOfTwo is the rule of two_node_mode: of two nodes this one is left, with
// quorum, and the other one was fenced or has left in order. Without fencing a
// node that is not seen may be running.
func (c cluster) lastOfTwo() bool {
	if !c.Known || c.Members != 2 || c.Online != 1 || !c.Quorum || !c.Fencing {
		return false
	}
	for _, s := range c.Nodes {
		if s == NodeUnclean {
			return false
		}
	}
	return true
}
