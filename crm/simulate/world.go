package simulate

import (
	"fmt"
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

// World is a CIB that is being changed. Everything that is looked up more than
// once is indexed; elements are copied before their first change.
type World struct {
	root   *xmltree.Element // own, from the first change on
	owned  bool
	status *xmltree.Element
	states map[string][]*nodeState // by exact uname
	order  []*nodeState

	// ConfigNodes makes every node that is looked up a configured one: so it is
	// as soon as a node is brought up (08 §10.1).
	ConfigNodes bool
	// Humane does what people mean, where Pacemaker's program does something that
	// helps nobody: a node that nothing in the CIB knows becomes a configured one
	// when it is brought up; a Pacemaker Remote node fails by losing its connection;
	// a node that is shut down is offline afterwards.
	Humane bool

	// What happened to the version of the CIB since the last settle: changes of
	// the configuration, and of the status after the last of these.
	epochs, updates int
}

// nodeState is a node_state element with its histories.
type nodeState struct {
	xml   *xmltree.Element
	owned bool
	twins bool
	base  *xmltree.Element    // what xml is merged into at commit, nil when it is changed itself
	rsc   map[string]*history // lrm_resource by id, anywhere below; nil until asked for
}

// history is an lrm_resource. Several with the same id cannot be told apart:
// then none is found (08 §9.3).
type history struct {
	xml     *xmltree.Element
	several bool
	entries map[string]*xmltree.Element // lrm_rsc_op by id, the first of each
	lastID  int                         // highest call-id
}

// NewWorld starts with the given CIB, which must have a status section and is
// not changed.
func NewWorld(cib *xmltree.Element) *World { return &World{root: cib} }

// CIB returns the document as it is now. It must not be changed, and is valid
// until the next change of the world.
func (w *World) CIB() *xmltree.Element {
	if w.epochs > 0 || w.updates > 0 {
		w.own()
		updates := number(w.root.Get("num_updates"))
		if w.epochs > 0 {
			w.root.Set("epoch", strconv.Itoa(number(w.root.Get("epoch"))+w.epochs))
			updates = 0
		}
		w.root.Set("num_updates", strconv.Itoa(updates+w.updates))
		w.epochs, w.updates = 0, 0
	}
	return w.root
}

// number is a version number, 0 when it is none.
func number(text string) int {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}

// noteConfig notes a change of the configuration.
func (w *World) noteConfig() { w.epochs, w.updates = w.epochs+1, 0 }

// own makes the root and the list of its children ours.
func (w *World) own() {
	if !w.owned {
		w.root = shallow(w.root)
		w.owned = true
	}
}

// shallow copies an element and its attributes; the children are shared.
func shallow(e *xmltree.Element) *xmltree.Element {
	c := *e
	c.Attrs = append([]xmltree.Attr(nil), e.Attrs...)
	c.Children = append([]*xmltree.Element(nil), e.Children...)
	return &c
}

// section replaces a child of an own element by an own copy and returns that.
func section(parent *xmltree.Element, name string, deep bool) *xmltree.Element {
	for i, c := range parent.Children {
		if c.Kind != xmltree.KindElement || c.Name != name {
			continue
		}
		var n *xmltree.Element
		if deep {
			n = c.Copy()
		} else {
			n = shallow(c)
		}
		n.Parent = parent
		parent.Children[i] = n
		return n
	}
	return parent.Add(name)
}

// configuration returns an own copy of a section of the configuration.
func (w *World) configuration(name string) *xmltree.Element {
	w.own()
	return section(section(w.root, "configuration", false), name, true)
}

// ownStatus makes the status section ours and indexes it.
func (w *World) ownStatus() *xmltree.Element {
	if w.status != nil {
		return w.status
	}
	w.own()
	w.status = section(w.root, "status", false)
	w.states = map[string][]*nodeState{}
	for e := range w.status.Elements("node_state") {
		w.noteState(&nodeState{xml: e})
	}
	return w.status
}

func (w *World) noteState(s *nodeState) {
	w.order = append(w.order, s)
	if uname, ok := s.xml.Attr("uname"); ok {
		w.states[uname] = append(w.states[uname], s)
	}
}

// edit returns the element of a node_state for changes, copied before the first
// one. A commit ends a set of changes.
func (w *World) edit(s *nodeState) *xmltree.Element {
	if !s.owned {
		n := s.xml.Copy()
		n.Parent = w.status
		for i, c := range w.status.Children {
			if c == s.xml {
				w.status.Children[i] = n
				break
			}
		}
		s.xml, s.owned, s.rsc, s.twins = n, true, nil, hasTwins(n)
	}
	if s.twins && s.base == nil {
		s.base, s.xml, s.rsc = s.xml, s.xml.Copy(), nil
	}
	return s.xml
}

// commit ends a set of changes of a node_state: one update of the CIB.
func (w *World) commit(s *nodeState) {
	w.updates++
	if s.base != nil {
		merge(s.base, s.xml)
		s.xml, s.base, s.rsc = s.base, nil, nil
	}
}

// UnknownNodeError tells that there is nothing in the CIB that a node's name
// could stand for (08 §9.5).
type UnknownNodeError struct{ Node string }

func (e *UnknownNodeError) Error() string {
	return fmt.Sprintf("cannot find the id of node %q: it is neither configured nor in the status section; "+
		"bring it up to make it known", e.Node)
}

// DuplicateNodeError tells that a node has more than one state.
type DuplicateNodeError struct{ Node string }

func (e *DuplicateNodeError) Error() string {
	return fmt.Sprintf("cannot change the state of node %q: the status section has several node_state entries for it", e.Node)
}

// state finds the state of a node, or makes one. id is what a new one gets; ""
// lets it be looked up.
func (w *World) state(name, id string) (*nodeState, error) {
	status := w.ownStatus()
	if w.ConfigNodes {
		w.configureNode(name)
	}
	switch list := w.states[name]; len(list) {
	case 0:
	case 1:
		return list[0], nil
	default:
		return nil, &DuplicateNodeError{name}
	}
	if id == "" {
		found := false
		if id, found = w.nodeID(name); !found {
			return nil, &UnknownNodeError{name}
		}
	}
	var found *nodeState
	for _, s := range w.order {
		if s.xml.ID() != id {
			continue
		}
		if found != nil {
			return nil, &DuplicateNodeError{name}
		}
		found = s
	}
	if found != nil {
		w.edit(found).Set("uname", name)
		w.commit(found)
		w.states[name] = append(w.states[name], found)
		return found, nil
	}
	s := &nodeState{xml: status.Add("node_state", "id", id, "uname", name), owned: true}
	w.noteState(s)
	w.updates++
	return s, nil
}

// configureNode adds a node to the configuration unless one of that name is
// there.
func (w *World) configureNode(name string) {
	for n := range w.root.Path("configuration", "nodes").Elements("node") {
		if n.Get("uname") == name {
			return
		}
	}
	w.configuration("nodes").Add("node", "id", name, "uname", name)
	w.noteConfig()
}

// nodeID looks for the id of a node of that name, in any case (08 §9.5). Even an
// empty name and id are some.
func (w *World) nodeID(name string) (id string, found bool) {
	config := w.root.Child("configuration")
	for n := range config.Child("nodes").Elements("node") {
		if uname, ok := n.Attr("uname"); ok && strings.EqualFold(uname, name) {
			if strings.EqualFold(n.Get("type"), "remote") {
				return uname, true
			}
			return n.ID(), true
		}
	}
	for p := range config.Child("resources").Elements("primitive") {
		if id := remoteID(p, name); id != "" {
			return id, true
		}
	}
	for _, s := range w.order {
		if s.xml.Get("remote_node") == "true" && strings.EqualFold(s.xml.ID(), name) {
			return s.xml.Get("uname"), true
		}
	}
	return "", false
}

// remoteID is the id of the remote or guest node of that name, if the primitive
// makes it one.
func remoteID(p *xmltree.Element, name string) string {
	if strings.EqualFold(p.ID(), name) && p.Get("class") == "ocf" && p.Get("provider") == "pacemaker" && p.Get("type") == "remote" {
		return p.ID()
	}
	for set := range p.Elements("meta_attributes") {
		for nv := range set.Elements("nvpair") {
			if nv.Get("name") == "remote-node" && strings.EqualFold(nv.Get("value"), name) {
				return nv.Get("value")
			}
		}
	}
	return ""
}
