package scheduler

import (
	"sort"
	"strings"

	"systole/lib/xmltree"
)

// unpackNodes reads the nodes section (02 §4.1).
func (s *State) unpackNodes() {
	for e := range s.single("nodes").Elements("node") {
		id, ok := e.Attr("id")
		if !ok {
			s.configError(e, "ignoring a node entry without id")
			continue
		}
		kind, given := e.Attr("type")
		remote := strings.EqualFold(kind, "remote")
		if given && !remote && !strings.EqualFold(kind, "member") {
			s.configError(e, "ignoring node %s and all that follow it: %q is no node type (member or remote)", id, kind)
			return
		}
		score, _ := s.parseScore(e.Get("score"))
		n := s.addNode(id, e.Get("uname"), remote, score)
		s.setStartupUnclean(n)
		s.addNodeAttributes(n, e, false)
	}
}

// addNode makes a node and puts it into the list in name order, before equal
// names (02 §4.2).
func (s *State) addNode(id, name string, remote bool, score Score) *Node {
	n := &Node{
		Index: int32(len(s.byIndex)), ID: id, Name: name, Remote: remote, Score: score,
		ProbesAllowed: true, Attrs: map[string]string{"#kind": "cluster"},
	}
	if remote {
		n.Attrs["#kind"] = "remote"
		s.haveRemote = true
	}
	s.byIndex = append(s.byIndex, n)
	at := sort.Search(len(s.Nodes), func(i int) bool { return CompareNames(s.Nodes[i].Name, name) >= 0 })
	s.Nodes = append(s.Nodes, nil)
	copy(s.Nodes[at+1:], s.Nodes[at:])
	s.Nodes[at] = n
	s.nodesBy.name[strings.ToLower(name)] = n
	low := strings.ToLower(id)
	if old := s.nodesBy.id[low]; old == nil || CompareNames(name, old.Name) <= 0 {
		s.nodesBy.id[low] = n
	}
	s.defaults.valid = false
	s.prio.valid = false
	return n
}

// setNodeScore changes a node's base score and probe mode; tables made before
// keep what they have.
func (s *State) setNodeScore(n *Node, score Score, mode Discovery) {
	n.Score, n.Mode = score, mode
	s.defaults.valid = false
}

func (s *State) nodeByName(name string) *Node { return s.nodesBy.name[strings.ToLower(name)] }
func (s *State) nodeByID(id string) *Node     { return s.nodesBy.id[strings.ToLower(id)] }

// nodeAny finds a node by id or, only when there is none, by name.
func (s *State) nodeAny(id, uname string) *Node {
	if n := s.nodeByID(id); n != nil && id != "" {
		return n
	}
	if uname == "" {
		return nil
	}
	return s.nodeByName(uname)
}

// setStartupUnclean makes a node unclean until it is seen, if start-up fencing
// is on (02 §4.6).
func (s *State) setStartupUnclean(n *Node) {
	if n.Remote && n.Connection == nil {
		return
	}
	n.Unclean = s.Config.StartupFencing
}

// addNodeAttributes reads permanent attributes (from a node entry) or transient
// ones (from a transient_attributes element, which may be nil); the latter
// overwrite (02 §5.1, §5.2).
func (s *State) addNodeAttributes(n *Node, e *xmltree.Element, overwrite bool) {
	n.Attrs["#uname"] = n.Name
	n.Attrs["#id"] = n.ID
	if s.DC == nil && n.ID != "" && strings.EqualFold(n.ID, s.CIB.Get("dc-uuid")) {
		s.DC = n
	}
	n.Attrs["#is_dc"] = "false"
	if s.DC == n {
		n.Attrs["#is_dc"] = "true"
	}
	cluster, named := s.Config.Values["cluster-name"]
	if named {
		n.Attrs["#cluster-name"] = cluster
	}
	if e != nil {
		s.readNodeSets(n, e, overwrite)
	}
	n.failAttrs = nil
	if _, ok := n.Attrs["#site-name"]; !ok {
		if site, ok := n.Attrs["site-name"]; ok {
			n.Attrs["#site-name"] = site
		} else if named {
			n.Attrs["#site-name"] = cluster
		}
	}
}

func (s *State) readNodeSets(n *Node, e *xmltree.Element, overwrite bool) {
	if overwrite {
		fresh := map[string]string{}
		s.evalSets(e, "instance_attributes", s.ruleInput(), fresh)
		for name, v := range fresh {
			n.Attrs[name] = v
		}
	} else {
		s.evalSets(e, "instance_attributes", s.ruleInput(), n.Attrs)
	}
	util := map[string]string{}
	s.evalSets(e, "utilization", s.ruleInput(), util)
	for name, v := range util {
		if _, ok := n.Utilization[name]; ok {
			continue
		}
		if n.Utilization == nil {
			n.Utilization = map[string]int32{}
		}
		n.Utilization[name] = parseCapacity(v)
	}
}
