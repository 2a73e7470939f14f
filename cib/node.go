package cib

import "systole/lib/xmltree"

// Node is a configured node.
type Node struct{ *xmltree.Element }

// Uname is the name of the node.
func (n Node) Uname() string { return n.Get("uname") }

// Remote tells whether the node is a Pacemaker Remote node.
func (n Node) Remote() bool { return n.Get("type") == "remote" }

// Nodes are the nodes of the configuration, in document order. Remote and guest
// nodes need not be among them: their connections are resources.
func (d *Document) Nodes() (list []Node) {
	for e := range d.Configuration("nodes").Elements("node") {
		list = append(list, Node{e})
	}
	return list
}

// NodeState is what the cluster knows of a node (02 §6).
type NodeState struct{ *xmltree.Element }

// Uname is the name of the node.
func (n NodeState) Uname() string { return n.Get("uname") }

// NodeStates are the node states, in document order.
func (d *Document) NodeStates() (list []NodeState) {
	for e := range d.Status().Elements("node_state") {
		list = append(list, NodeState{e})
	}
	return list
}

// NodeNames are the names of all nodes that the document knows of: configured
// nodes, remote and guest nodes by their connections, and nodes with a state.
func (d *Document) NodeNames() (names []string) {
	seen := map[string]bool{}
	note := func(name string) {
		if name != "" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, n := range d.Nodes() {
		note(n.Uname())
	}
	for r := range d.AllResources {
		if d.AgentOf(r) == (Agent{"ocf", "pacemaker", "remote"}) {
			note(r.ID())
		}
		for set := range r.Elements("meta_attributes") {
			for pair := range set.Elements("nvpair") {
				if pair.Get("name") == "remote-node" {
					note(pair.Get("value"))
				}
			}
		}
	}
	for _, n := range d.NodeStates() {
		note(n.Uname())
	}
	return names
}
