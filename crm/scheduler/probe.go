package scheduler

import (
	"cmp"
	"slices"
)

// createProbes asks for the state of every resource on every node where it is
// not known (07 §2.1).
func (s *State) createProbes() {
	if !s.Config.StartupProbes {
		return
	}
	for _, n := range s.Nodes {
		switch {
		case !n.Online:
			if s.failedRemoteNode(n) {
				s.fenceNode(n, "the connection is unrecoverable", false, s.ruleCause("remote connection", n.Name))
			}
			continue
		case n.Unclean || !n.ProbesAllowed:
			continue
		}
		for _, r := range s.Resources {
			s.createProbe(r, n)
		}
	}
}

// createProbe probes a resource on a node where that is needed, and tells
// whether it did.
func (s *State) createProbe(r *Resource, n *Node) bool {
	switch r.Kind {
	case KindClone:
		return s.probeClone(r, n)
	case KindBundle:
		return s.probeBundle(r, n)
	}
	return s.probePlain(r, n)
}

// probePlain is for primitives and groups: the reasons not to probe, in
// Pacemaker's order (07 §2.2).
func (s *State) probePlain(r *Resource, n *Node) bool {
	if n.Remote {
		if r.Has(RscFenceDevice) || r.Has(RscRemoteConnection) || (n.IsGuest() && r.launchesConnection()) {
			return false
		}
	}
	if r.Kind == KindGroup {
		any := false
		for _, c := range r.Children {
			if s.probePlain(c, n) {
				any = true
			}
		}
		return any
	}
	top := r.TopBelowBundle()
	switch {
	case r.Launcher != nil && !r.Has(RscRemoteConnection), r.Has(RscRemoved), r.probed.has(n), !mayDiscover(r, top, n):
		return false
	case n.IsGuest() && s.guestNeedsNoProbe(top, n):
		return false
	}
	s.probeNow(r, top, n)
	return true
}

// launchesConnection tells whether the resource is the container of a guest
// node.
func (r *Resource) launchesConnection() bool {
	for _, l := range r.Launched {
		if l.Has(RscRemoteConnection) {
			return true
		}
	}
	return false
}

// mayDiscover applies resource-discovery (07 §2.2 rules 7 and 8).
func mayDiscover(r, top *Resource, n *Node) bool {
	mode := n.Mode
	allowed := r.Allowed.Has(n)
	if allowed {
		mode = r.Allowed.Mode(n)
	}
	if (r.Has(RscExclusiveProbes) || top.Has(RscExclusiveProbes)) && (!allowed || mode != DiscoverExclusive) {
		return false
	}
	return mode != DiscoverNever
}

// guestNeedsNoProbe tells whether nothing can be active on a guest because it
// is down or will be; then starts wait for what is known of the guest
// (07 §2.2 rules 9 and 10).
func (s *State) guestNeedsNoProbe(top *Resource, n *Node) bool {
	guest := n.Connection.Launcher
	if guest.OrigRole == RoleStopped {
		if guest.Assigned != nil && !guest.probed.has(guest.Assigned) {
			s.orderTasks(guest, taskMonitor, top, taskStart, RelOrdered, 0)
		}
		return true
	}
	moving := guest.OrigRole > RoleStopped && guest.Assigned != nil && !containsNode(guest.Active, guest.Assigned)
	if n.RemoteReset || n.Unclean || guest.Has(RscFailed) || guest.NextRole == RoleStopped || moving {
		s.orderTasks(guest, taskStop, top, taskStart, RelOrdered, 0)
		return true
	}
	return false
}

// probeNow creates the probe and its orderings (07 §2.4).
func (s *State) probeNow(r, top *Resource, n *Node) {
	probe := s.action(r, taskMonitor, 0, n, false)
	probe.unset(ActOptional)
	s.orderUnfencing(r, n, probe, RelOrdered)
	switch {
	case !r.isActiveOn(n):
		probe.Meta.Set("op_target_rc", "7")
	case r.OrigRole == RolePromoted:
		probe.Meta.Set("op_target_rc", "8")
	}
	if !top.IsClone() {
		top = r
	}
	f := RelOrdered
	if !probe.Runnable() && len(top.Active) == 0 {
		f |= RelUnrunnableFirstBlocks
	}
	s.order(ordering{rsc1: r, action1: probe, rsc2: top, task2: opKey{task: taskStart}, flags: f})
	s.order(ordering{rsc1: r, action1: probe, rsc2: top, task2: opKey{key: opID(r.ID, taskReload, 0)}, flags: RelOrdered})
}

// probeClone probes the instances of a clone: all of a unique one, else the one
// that stands for the node (07 §2.6).
func (s *State) probeClone(c *Resource, n *Node) bool {
	if c.Has(RscExclusiveProbes) && (!c.Allowed.Has(n) || c.Allowed.Mode(n) != DiscoverExclusive) {
		c.Allowed.Delete(n)
		return false
	}
	if !slices.IsSortedFunc(c.Children, byInstanceNumber) {
		slices.SortStableFunc(c.Children, byInstanceNumber)
		dropIndex(c)
		c.clone.probeIndex = nil
	}
	if !c.Has(RscUnique) {
		return s.createProbe(c.instanceToProbe(n), n)
	}
	any := false
	for _, i := range c.Children {
		if s.createProbe(i, n) {
			any = true
		}
	}
	return any
}

func byInstanceNumber(a, b *Resource) int { return cmp.Compare(a.Instance, b.Instance) }

// probeIndex says which instance of an anonymous clone stands for a node.
type probeIndex struct{ known, assigned map[*Node]*Resource }

// instanceToProbe is the first instance that is known on the node, else the
// first assigned to it, else the first of all.
func (c *Resource) instanceToProbe(n *Node) *Resource {
	x := c.clone.probeIndex
	if x == nil {
		x = &probeIndex{known: map[*Node]*Resource{}, assigned: map[*Node]*Resource{}}
		c.clone.probeIndex = x
		for _, i := range c.Children {
			if a := i.location(locAssigned); a != nil && x.assigned[a] == nil {
				x.assigned[a] = i
			}
		}
	}
	known, ok := x.known[n]
	if !ok {
		for _, i := range c.Children {
			if i.knownOn(n) {
				known = i
				break
			}
		}
		x.known[n] = known
	}
	switch {
	case known != nil:
		return known
	case x.assigned[n] != nil:
		return x.assigned[n]
	}
	return c.Children[0]
}

// knownOn tells whether any primitive at or below r was probed on the node.
func (r *Resource) knownOn(n *Node) bool {
	if r.IsLeaf() {
		return r.probed.has(n)
	}
	for _, c := range r.Children {
		if c.knownOn(n) {
			return true
		}
	}
	return false
}

// probeBundle probes the parts of every replica (07 §2.5).
func (s *State) probeBundle(b *Resource, n *Node) bool {
	any := false
	for _, rep := range b.bundle.Replicas {
		if rep.IP != nil && s.createProbe(rep.IP, n) {
			any = true
		}
		if rep.Child != nil && rep.Node == n && s.createProbe(rep.Child, n) {
			any = true
		}
		if s.createProbe(rep.Container, n) {
			any = true
			s.orderContainerProbe(b, rep)
		}
		if rep.Connection != nil && s.createProbe(rep.Connection, n) {
			key := opID(rep.Connection.ID, taskMonitor, 0)
			if probe := rep.Connection.findFirst(key, "", n); probe != nil {
				any = true
				s.order(ordering{
					rsc1: rep.Container, task1: opKey{task: taskStart},
					rsc2: rep.Connection, action2: probe, flags: RelNestedRemoteProbe,
				})
			}
		}
	}
	return any
}

// orderContainerProbe keeps another replica from starting on a node before this
// one is known not to run there. The relation names no node, so each pair is
// needed once (05 §13).
func (s *State) orderContainerProbe(b *Resource, rep *Replica) {
	if b.bundle.ReplicasPerHost > 1 || rep.probeOrdered {
		return
	}
	rep.probeOrdered = true
	for _, other := range b.bundle.Replicas {
		if other != rep {
			s.orderTasks(rep.Container, taskMonitor, other.Container, taskStart, RelOrdered|RelIfOnSameNode, 0)
		}
	}
}
