package scheduler

import (
	"sort"
	"strings"
)

// applyHealth turns the health attributes of the nodes into locations of the
// top-level resources, before any configured constraint (04 §5.6).
func (s *State) applyHealth() {
	strategy := s.Config.HealthStrategy
	if strategy == "" || equalFold(strategy, "none") {
		return
	}
	base := Score(0)
	if equalFold(strategy, "progressive") {
		base = s.Config.HealthBase
	}
	for _, n := range s.Nodes {
		health := s.nodeHealth(n, base)
		if health == 0 {
			continue
		}
		c := s.cause("node-health", n.Name, nil)
		for _, r := range s.Resources {
			if health < 0 && isTrue(r.Meta.Value("allow-unhealthy-nodes")) {
				continue
			}
			s.newLocation(strategy, r, nil, c).Nodes = []LocationNode{{n, health}}
		}
	}
}

// nodeHealth sums the scores in the node's health attributes, in the order of
// their names.
func (s *State) nodeHealth(n *Node, base Score) Score {
	var names []string
	for name := range n.Attrs {
		if strings.HasPrefix(name, "#health") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	sum := base
	for _, name := range names {
		if score, ok := s.parseScore(n.Attrs[name]); ok {
			sum = AddScores(score, sum)
		}
	}
	return sum
}
