package graph

import (
	"fmt"
	"strconv"

	"systole/lib/xmltree"
)

// Read parses the text of a transition graph.
func Read(data []byte, lim xmltree.Limits) (*Graph, error) {
	root, err := xmltree.Parse(data, lim)
	if err != nil {
		return nil, fmt.Errorf("transition graph: %w", err)
	}
	return FromXML(root)
}

// FromXML takes a <transition_graph> element apart. Attributes of actions that
// this package does not know are left out; everything else that is not as
// 06 §14 describes it is an error that names the line.
func FromXML(root *xmltree.Element) (*Graph, error) {
	if root == nil || root.Name != "transition_graph" {
		name := "nothing"
		if root != nil {
			name = "<" + root.Name + ">"
		}
		return nil, fmt.Errorf("transition graph: the root element is %s, not <transition_graph>", name)
	}
	r := reader{byID: map[int]*Action{}}
	g := &Graph{Attrs: root.Attrs}
	seen := map[int]bool{}
	for e := range root.Elements() {
		if e.Name != "synapse" {
			return nil, at(e, "<%s> in a transition graph: only <synapse> can be there", e.Name)
		}
		s, err := r.synapse(e)
		if err != nil {
			return nil, err
		}
		if seen[s.ID] {
			return nil, at(e, "a second synapse with id %d", s.ID)
		}
		seen[s.ID] = true
		g.Synapses = append(g.Synapses, s)
	}
	for i := range g.Synapses {
		in := g.Synapses[i].Inputs
		for k, a := range in {
			if full := r.byID[a.ID]; full != nil {
				in[k] = full
			}
		}
	}
	return g, nil
}

type reader struct {
	byID map[int]*Action // of all action sets so far
}

func at(e *xmltree.Element, format string, args ...any) error {
	return fmt.Errorf("transition graph: line %d, column %d: %s", e.Line, e.Col, fmt.Sprintf(format, args...))
}

func (r *reader) synapse(e *xmltree.Element) (s Synapse, err error) {
	if s.ID, err = integer(e, "id", true); err != nil {
		return s, err
	}
	if s.Priority, err = integer(e, "priority", false); err != nil {
		return s, err
	}
	for part := range e.Elements() {
		switch part.Name {
		case "action_set":
			err = r.actionSet(part, &s)
		case "inputs":
			err = r.inputs(part, &s)
		default:
			err = at(part, "<%s> in a synapse: only <action_set> and <inputs> can be there", part.Name)
		}
		if err != nil {
			return s, err
		}
	}
	if len(s.Actions) == 0 {
		return s, at(e, "synapse %d has no action: it would never be done", s.ID)
	}
	return s, nil
}

func (r *reader) actionSet(e *xmltree.Element, s *Synapse) error {
	for x := range e.Elements() {
		a, err := action(x)
		if err != nil {
			return err
		}
		if err := details(x, a); err != nil {
			return err
		}
		if r.byID[a.ID] != nil {
			return at(x, "a second action with id %d", a.ID)
		}
		r.byID[a.ID] = a
		s.Actions = append(s.Actions, a)
	}
	return nil
}

func (r *reader) inputs(e *xmltree.Element, s *Synapse) error {
	for t := range e.Elements() {
		if t.Name != "trigger" {
			return at(t, "<%s> among the inputs: only <trigger> can be there", t.Name)
		}
		n := 0
		for x := range t.Elements() {
			a, err := action(x)
			if err != nil {
				return err
			}
			s.Inputs = append(s.Inputs, a)
			n++
		}
		if n == 0 {
			return at(t, "a trigger without an action: write the action to wait for, or leave the trigger out")
		}
	}
	return nil
}

// action reads what both forms of an action have.
func action(e *xmltree.Element) (*Action, error) {
	a := &Action{}
	switch e.Name {
	case "rsc_op":
		a.Kind = RscOp
	case "pseudo_event":
		a.Kind = PseudoEvent
	case "crm_event":
		a.Kind = CRMEvent
	default:
		return nil, at(e, "<%s> is no action: expected <rsc_op>, <pseudo_event> or <crm_event>", e.Name)
	}
	var err error
	if a.ID, err = integer(e, "id", true); err != nil {
		return nil, err
	}
	if a.Task = e.Get("operation"); a.Task == "" {
		return nil, at(e, "action %d has no operation", a.ID)
	}
	a.Mode = e.Get("mode")
	a.Key = e.Get("operation_key")
	a.InternalKey = e.Get("internal_operation_key")
	a.Node = e.Get("on_node")
	a.NodeID = e.Get("on_node_uuid")
	a.Router = e.Get("router_node")
	return a, nil
}

// details reads what only the full form has.
func details(e *xmltree.Element, a *Action) error {
	if text, ok := e.Attr("shutdown-lock"); ok {
		lock, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return at(e, "shutdown-lock %q of action %d is no number of seconds", text, a.ID)
		}
		a.ShutdownLock = lock
	}
	for x := range e.Elements() {
		switch x.Name {
		case "primitive":
			a.Primitive = &Primitive{ID: x.Get("id"), LongID: x.Get("long-id"), Class: x.Get("class"), Provider: x.Get("provider"), Type: x.Get("type")}
		case "attributes":
			a.Attributes = x.Attrs
			for p := range x.Elements("param") {
				a.Params = append(a.Params, Attr{Name: p.Get("name"), Value: p.Get("value")})
			}
		case "downed":
			for n := range x.Elements("node") {
				a.Downed = append(a.Downed, n.Get("id"))
			}
		case "maintenance":
			for n := range x.Elements("node") {
				a.Maintenance = append(a.Maintenance, MaintenanceNode{ID: n.Get("id"), In: n.Get("node_in_maintenance") == "1"})
			}
		default:
			return at(x, "<%s> in action %d: expected <primitive>, <attributes>, <downed> or <maintenance>", x.Name, a.ID)
		}
	}
	return nil
}

// integer reads a whole number that is not negative.
func integer(e *xmltree.Element, name string, needed bool) (int, error) {
	text, ok := e.Attr(name)
	if !ok {
		if needed {
			return 0, at(e, "<%s> has no %s", e.Name, name)
		}
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0, at(e, "%s=%q of <%s> is not a whole number from 0 to 2147483647", name, text, e.Name)
	}
	return int(n), nil
}
