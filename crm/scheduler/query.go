package scheduler

// Role is the role of a resource: its own, the highest of the children of a
// group or clone, Unknown for a bundle (03 §10.1).
func (r *Resource) Role(next bool) Role {
	switch r.Kind {
	case KindPrimitive:
		if next {
			return r.NextRole
		}
		return r.OrigRole
	case KindBundle:
		return RoleUnknown
	}
	role := RoleUnknown
	for _, c := range r.Children {
		role = max(role, c.Role(next))
	}
	return role
}

// IsActive tells whether the resource is active: any part of it, or all of it
// (03 §10.2).
func (r *Resource) IsActive(all bool) bool {
	switch r.Kind {
	case KindPrimitive:
		for _, n := range r.Active {
			if n.Unclean || n.Online || !r.Managed() {
				return true
			}
		}
		return false
	case KindBundle:
		return r.bundleActive(all)
	}
	for _, c := range r.Children {
		if active := c.IsActive(all); active != all {
			return active
		}
	}
	return all
}

func (r *Resource) bundleActive(all bool) bool {
	for _, rep := range r.bundle.Replicas {
		for _, part := range []*Resource{rep.IP, rep.Child, rep.Container, rep.Connection} {
			if part == nil {
				continue
			}
			if active := part.IsActive(all); active != all {
				return active
			}
		}
	}
	return all
}

// isActiveOn tells whether the node is among the nodes where the resource is
// active.
func (r *Resource) isActiveOn(n *Node) bool { return n != nil && r.activeSet.has(n) }

// locWhich selects kinds of locations (03 §10.3).
type locWhich uint8

const (
	locCurrent locWhich = 1 << iota
	locPending
	locAssigned
)

// locationsOf lists the nodes where the resource is, will be started, or is
// assigned; for collectives the union over the children.
func (r *Resource) locationsOf(which locWhich) []*Node {
	if r.IsLeaf() {
		return r.leafLocations(which)
	}
	var list []*Node
	var seen nodeSet
	r.leaves(func(leaf *Resource) {
		for _, n := range leaf.leafLocations(which) {
			if !seen.has(n) {
				seen.add(n)
				list = append(list, n)
			}
		}
	})
	return list
}

func (r *Resource) leafLocations(which locWhich) []*Node {
	var list []*Node
	if which&locCurrent != 0 {
		list = r.Active[:len(r.Active):len(r.Active)]
	}
	if which&locPending != 0 && r.PendingNode != nil && !containsNode(list, r.PendingNode) {
		list = append(list, r.PendingNode)
	}
	if which&locAssigned != 0 && r.Assigned != nil {
		list = append(list, r.Assigned)
	}
	return list
}

// location is the node if there is exactly one, else nil.
func (r *Resource) location(which locWhich) *Node {
	if r.IsLeaf() && which == locAssigned {
		return r.Assigned
	}
	if list := r.locationsOf(which); len(list) == 1 {
		return list[0]
	}
	return nil
}

func containsNode(list []*Node, n *Node) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

// activeNode is the one node that the resource is said to be on (03 §10.4).
func (r *Resource) activeNode() *Node {
	n, _, _ := r.activeCounts()
	return n
}

// ActiveNode is the current node of a resource (04 §3.6), nil when it is not
// active.
func (r *Resource) ActiveNode() *Node { return r.activeNode() }

// activeCounts returns the current node and how many nodes the resource is
// active on, in all and counting only online and clean ones.
func (r *Resource) activeCounts() (cur *Node, all, clean int) {
	list := r.Active
	if r.Kind == KindBundle {
		list = r.bundleActiveNodes()
	}
	better := false // cur was chosen by a rule, not as the first
	for _, n := range list {
		all++
		if n.Clean() {
			clean++
		}
		switch {
		case r.PartialSource != nil:
			if n == r.PartialSource {
				cur, better = n, true
			}
		case !r.Has(RscNeedsFencing):
			if n.Clean() && !better {
				cur, better = n, true
			}
		}
		if cur == nil {
			cur = n
		}
	}
	return cur, all, clean
}

// bundleActiveNodes lists the distinct nodes of all containers, in replica
// order.
func (r *Resource) bundleActiveNodes() []*Node {
	var list []*Node
	var active []*Resource
	for _, rep := range r.bundle.Replicas {
		if len(rep.Container.Active) > 0 {
			active = append(active, rep.Container)
		}
	}
	if len(active) == 1 {
		if n := active[0].activeNode(); n != nil {
			return []*Node{n}
		}
	}
	for _, c := range active {
		for _, n := range c.Active {
			if !containsNode(list, n) {
				list = append(list, n)
			}
		}
	}
	return list
}

// activeByRequires counts active nodes as the resource's requirement says:
// all when it needs fencing, else the online and clean ones.
func (r *Resource) activeByRequires() int {
	_, all, clean := r.activeCounts()
	if r.Has(RscNeedsFencing) {
		return all
	}
	return clean
}

// addRunning notes that a resource is active on a node, here and on its
// ancestors (02 §9.6, 03 §4.4). failed: the history says that it failed there.
func (s *State) addRunning(r *Resource, n *Node, failed bool) {
	for ; r != nil; r, failed = r.Parent, false {
		if r.isActiveOn(n) {
			return
		}
		r.Active = append(r.Active, n)
		r.activeSet.add(n)
		if r.IsLeaf() {
			s.noteRunning(r, n, failed)
		}
		if !r.Managed() {
			s.prefer(r, n, Infinity, s.cause("is-managed", r.ID, nil))
			for p := r.Parent; p != nil; p = p.Parent {
				p.Active = append(p.Active, n)
				p.activeSet.add(n)
			}
			return
		}
		if r.IsLeaf() && r.activeByRequires() > 1 {
			s.handleMultiplyActive(r)
		}
	}
}

func (s *State) noteRunning(r *Resource, n *Node, failed bool) {
	n.Running = append(n.Running, r)
	if r.Priority != 0 && !failed {
		add := int(r.Priority)
		if r.OrigRole == RolePromoted {
			add++
		}
		n.Priority += add
		if n.IsGuest() {
			for _, host := range n.Connection.Launcher.Active {
				host.Priority += add
			}
		}
		s.prio.valid = false
	}
	if n.Maintenance {
		r.unset(RscManaged)
		r.set(RscMaintenance)
	}
}

// handleMultiplyActive applies the policies that act at once on a resource
// that is active on more than one node (02 §9.6 step 4).
func (s *State) handleMultiplyActive(r *Resource) {
	switch r.MultipleActive {
	case MultipleStopOnly:
		r.Allowed = Table{}
		c := s.cause("multiple-active", r.ID, nil)
		for _, n := range s.Nodes {
			s.setScore(r, n, -Infinity, c)
		}
	case MultipleBlock:
		c := s.ruleCause("multiple-active", r.ID)
		r.unmanage(true, c)
		if p := r.Parent; p != nil && (p.Kind == KindGroup || p.Kind == KindBundle) && p.MultipleActive == MultipleBlock {
			for _, sibling := range p.Children {
				sibling.unmanage(true, c)
			}
		}
	}
}

// attrFor reads a node attribute for a resource: from the host of a guest node
// where container-attribute-target says so (03 §7.12). assigned selects the
// container's future host, else its current one.
func (s *State) attrFor(r *Resource, n *Node, name string, assigned bool) (string, bool) {
	if !n.IsGuest() || !equalFold(r.Meta.Value("container-attribute-target"), "host") {
		return n.Attr(name)
	}
	host := hostOf(n, assigned)
	if host == nil {
		return "", false
	}
	return host.Attr(name)
}

// hostOf is the node that a guest or bundle node's container is assigned to or
// active on.
func hostOf(n *Node, assigned bool) *Node {
	launcher := n.Connection.Launcher
	if assigned {
		return launcher.Assigned
	}
	if len(launcher.Active) == 0 {
		return nil
	}
	return launcher.Active[0]
}
