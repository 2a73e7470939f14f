package graph

import (
	"encoding/json"
	"sort"
)

type jsonGraph struct {
	Attributes map[string]string `json:"attributes"`
	Synapses   []jsonSynapse     `json:"synapses"`
	// Missing are inputs that are in no synapse.
	Missing []jsonAction `json:"missing,omitempty"`
}

type jsonSynapse struct {
	ID       int          `json:"id"`
	Priority int          `json:"priority,omitempty"`
	Actions  []jsonAction `json:"actions"`
	Inputs   []int        `json:"inputs"`
}

type jsonAction struct {
	ID           int               `json:"id"`
	Kind         string            `json:"kind"`
	Mode         string            `json:"mode,omitempty"`
	Task         string            `json:"operation"`
	Key          string            `json:"operation_key"`
	InternalKey  string            `json:"internal_operation_key,omitempty"`
	Node         string            `json:"on_node,omitempty"`
	NodeID       string            `json:"on_node_uuid,omitempty"`
	Router       string            `json:"router_node,omitempty"`
	ShutdownLock int64             `json:"shutdown_lock,omitempty"`
	Primitive    *jsonPrimitive    `json:"primitive,omitempty"`
	Attributes   map[string]string `json:"attributes,omitempty"`
	Params       map[string]string `json:"params,omitempty"`
	Downed       []string          `json:"downed,omitempty"`
	Maintenance  map[string]bool   `json:"maintenance,omitempty"`
}

type jsonPrimitive struct {
	ID       string `json:"id"`
	LongID   string `json:"long_id,omitempty"`
	Class    string `json:"class"`
	Provider string `json:"provider,omitempty"`
	Type     string `json:"type"`
}

// MarshalJSON gives the same facts as the XML form. Inputs are ids of actions;
// the few that are in no synapse are listed under "missing".
func (g *Graph) MarshalJSON() ([]byte, error) {
	out := jsonGraph{Attributes: table(g.Attrs), Synapses: make([]jsonSynapse, 0, len(g.Synapses))}
	known := g.ByID()
	missing := map[int]*Action{}
	for i := range g.Synapses {
		s := &g.Synapses[i]
		js := jsonSynapse{ID: s.ID, Priority: s.Priority, Actions: make([]jsonAction, 0, len(s.Actions)), Inputs: make([]int, 0, len(s.Inputs))}
		for _, a := range s.Actions {
			js.Actions = append(js.Actions, toJSON(a))
		}
		for _, a := range s.Inputs {
			js.Inputs = append(js.Inputs, a.ID)
			if known[a.ID] == nil {
				missing[a.ID] = a
			}
		}
		out.Synapses = append(out.Synapses, js)
	}
	for _, a := range missing {
		out.Missing = append(out.Missing, toJSON(a))
	}
	sort.Slice(out.Missing, func(i, k int) bool { return out.Missing[i].ID < out.Missing[k].ID })
	return json.Marshal(out)
}

func toJSON(a *Action) jsonAction {
	j := jsonAction{
		ID: a.ID, Kind: a.Kind.String(), Mode: a.Mode, Task: a.Task, Key: a.Key, InternalKey: a.InternalKey,
		Node: a.Node, NodeID: a.NodeID, Router: a.Router, ShutdownLock: a.ShutdownLock,
		Attributes: table(a.Attributes), Params: table(a.Params), Downed: a.Downed,
	}
	if p := a.Primitive; p != nil {
		j.Primitive = &jsonPrimitive{ID: p.ID, LongID: p.LongID, Class: p.Class, Provider: p.Provider, Type: p.Type}
	}
	if len(a.Maintenance) > 0 {
		j.Maintenance = make(map[string]bool, len(a.Maintenance))
		for _, n := range a.Maintenance {
			j.Maintenance[n.ID] = n.In
		}
	}
	return j
}

func table(attrs []Attr) map[string]string {
	m := make(map[string]string, len(attrs))
	for _, a := range attrs {
		m[a.Name] = a.Value
	}
	return m
}
