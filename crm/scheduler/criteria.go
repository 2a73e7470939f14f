package scheduler

import "strings"

// applyStickiness makes primitives that are active on exactly one node prefer
// to stay there (04 §6.2).
func (s *State) applyStickiness() {
	c := s.cause("stickiness", "", nil)
	for _, top := range s.Resources {
		top.leaves(func(r *Resource) {
			if !r.Managed() || r.Stickiness < 1 || len(r.Active) != 1 {
				return
			}
			n := r.Active[0]
			if !s.Config.Symmetric && !r.Allowed.Has(n) {
				return
			}
			s.prefer(r, n, r.Stickiness, c)
		})
	}
}

// applyThresholdsAndDiscovery bans resources from nodes where they failed too
// often (04 §6.3) and, with exclusive discovery, from nodes that no exclusive
// location names (04 §6.4). Pacemaker does both node by node; since neither
// looks at other nodes, resource by resource is the same.
func (s *State) applyThresholdsAndDiscovery() {
	s.applyThresholds()
	c := s.cause("resource-discovery", "", nil)
	for _, r := range s.Resources {
		s.applyExclusive(r, c)
	}
}

// applyThresholds looks only at nodes that have fail counts at all. A clone
// that is banned already needs no second test: banning again changes nothing.
func (s *State) applyThresholds() {
	c := s.cause("migration-threshold", "", nil)
	for _, n := range s.Nodes {
		if !hasFailCounts(n) {
			continue
		}
		for _, top := range s.Resources {
			var banned *Resource
			top.leaves(func(r *Resource) {
				target := r
				if !r.Has(RscUnique) {
					target = r.TopBelowBundle()
				}
				if target == banned || s.willClearFailures(r, n) || !s.thresholdReached(r, n) {
					return
				}
				s.prefer(target, n, -Infinity, c)
				banned = target
			})
		}
	}
}

func hasFailCounts(n *Node) bool {
	for name := range n.Attrs {
		if strings.HasPrefix(name, "fail-count-") {
			return true
		}
	}
	return false
}

// willClearFailures tells whether the resource's fail count on the node is
// going to be cleared anyway.
func (s *State) willClearFailures(r *Resource, n *Node) bool {
	return len(r.Actions) > 0 && len(r.findExact(opID(r.ID, taskClearFailcount, 0), n)) > 0
}

// applyExclusive bans a resource from the nodes that it is not to be probed on
// if exclusive discovery was asked for it or for its topmost ancestor. An
// unflagged parent stops the recursion.
func (s *State) applyExclusive(r *Resource, c Cause) {
	if !r.Has(RscExclusiveProbes) && !r.TopBelowBundle().Has(RscExclusiveProbes) {
		return
	}
	var memo tableMemo
	for _, child := range r.Children {
		if child.IsLeaf() && !s.trailed(child) {
			if child.Has(RscExclusiveProbes) || child.TopBelowBundle().Has(RscExclusiveProbes) {
				if !memo.reuse(child) {
					memo.compute(child, func() { s.banUnlisted(child, c) })
				}
			}
			continue
		}
		s.applyExclusive(child, c)
	}
	s.banUnlisted(r, c)
}

func (s *State) banUnlisted(r *Resource, c Cause) {
	for _, n := range s.Nodes {
		if r.Allowed.Has(n) && r.Allowed.Mode(n) != DiscoverExclusive {
			s.setScore(r, n, -Infinity, c)
		}
	}
}
