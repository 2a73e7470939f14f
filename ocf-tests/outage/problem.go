package outage

import (
	"fmt"
	"slices"
)

// nodeState is what the steps so far have done to a node.
type nodeState struct{ off, broken, cut, isolated, standby, stopped bool }

// Problem tells what is wrong with a fault for a cluster of those nodes: a step
// that makes no sense, or a node that is left broken, cut, stopped, in standby,
// or off with nobody to boot it. Empty if nothing is.
//
// It knows one thing about clusters: a node that vanishes from a majority is
// fenced, and booted by that unless it is broken.
func (f Fault) Problem(nodes []string) string {
	states := map[string]*nodeState{}
	all := append(slices.Clone(nodes), parts...)
	for _, n := range all {
		states[n] = &nodeState{}
	}
	for _, s := range f.Steps {
		if text := s.problem(states); text != "" {
			return fmt.Sprintf("%v: %s", s, text)
		}
	}
	up := len(nodes)
	for _, n := range all { // at worst a part is had by a node that is not named otherwise
		if s := states[n]; s.off || s.stopped {
			up--
		}
	}
	for _, n := range all {
		if s := states[n]; s.cut || s.isolated || s.standby || s.stopped || s.broken || s.off && up*2 <= len(nodes) {
			return fmt.Sprintf("in the end %s is left %+v", n, *s)
		}
	}
	return ""
}

func (s Step) problem(states map[string]*nodeState) string {
	program := s.Verb == Kill || s.Verb == Freeze || s.Verb == Running
	switch {
	case program != (s.Program != ""):
		return "kill, freeze and wait for need the name of a program, no other verb has one"
	case s.After < 0:
		return "a pause below zero"
	case len(s.Nodes) == 0 && s.Verb != Whole:
		return "no node"
	}
	for _, name := range s.Nodes {
		n := states[name]
		if n == nil {
			return "no node " + name
		}
		if text := n.apply(s.Verb); text != "" {
			return name + " " + text
		}
	}
	return ""
}

func (n *nodeState) apply(v Verb) string {
	switch v {
	case Kill, Freeze, Running:
		if n.off {
			return "is off"
		}
	case Whole:
		if !n.off && !n.cut && !n.standby && !n.stopped {
			return "is whole itself"
		}
	case Off:
		n.off = true
	case On:
		if n.broken {
			return "is broken"
		}
		n.off, n.stopped = false, false
	case Break, Mend:
		// A node that was off and broken has been fenced in vain: only On boots it.
		n.broken = v == Break || n.off
		if v == Mend && n.off {
			n.broken, n.stopped = false, true
		}
	case Wipe:
		if !n.off || !n.broken {
			return "may boot meanwhile: it must be off and broken"
		}
	case Cut, Heal:
		n.cut = v == Cut
	case Isolate, Rejoin:
		n.isolated = v == Isolate
	case Standby, Online:
		n.standby = v == Standby
	case Stop, Start:
		if n.off {
			return "is off"
		}
		n.stopped = v == Stop
	default:
		return "no verb " + string(v)
	}
	return ""
}
