package scheduler

// assignBundle places a bundle: its containers first, then what belongs to each
// of them, then the implicit clone's roles (05 §7). Unlike everything else it
// has no guard: each call does all of it again. The result is always nil.
func (s *State) assignBundle(b *Resource, prefer *Node, stopIfFail bool) *Node {
	if !s.enterBundle(b) {
		return nil
	}
	defer func() { b.bundle.entered-- }()
	b.set(RscAssigning)
	s.scoreLines("pcmk__bundle_assign", b)
	containers := b.placed()
	s.sortInstances(containers)
	s.assignInstances(b, containers, b.bundle.nReplicas, b.bundle.ReplicasPerHost)
	for _, rep := range b.bundle.Replicas {
		s.assignReplica(rep, prefer, stopIfFail)
	}
	if clone := b.bundle.Clone; clone != nil {
		s.openBundleNodes(b, clone)
		s.assign(clone, prefer, stopIfFail)
	}
	b.unset(RscAssigning | RscUnassigned)
	return nil
}

// nestedMax is how often the assignment of a bundle may lead to itself, by way
// of colocations.
const nestedMax = 100

// enterBundle tells whether to go on with the assignment of a bundle. What is
// inside a bundle may be colocated with the bundle itself: then each assignment
// leads to another, and Pacemaker ends when its stack is full.
func (s *State) enterBundle(b *Resource) bool {
	if b.bundle.entered > 0 {
		if b.bundle.nested == nestedMax {
			s.configError(b.XML, "the colocations of bundle %s make its assignment depend on itself: not repeating it any more", b.ID)
		}
		if b.bundle.nested++; b.bundle.nested > nestedMax {
			return false
		}
	}
	b.bundle.entered++
	return true
}

// assignReplica places what belongs to a container that has been placed: IP,
// connection, instance (05 §7.3).
func (s *State) assignReplica(rep *Replica, prefer *Node, stopIfFail bool) {
	if rep.IP != nil {
		s.assign(rep.IP, prefer, stopIfFail)
	}
	if rep.Connection != nil {
		if host := rep.Container.Assigned; host != nil && host.Remote {
			// Pacemaker Remote has one connection at a time: the cluster node
			// that talks to the host has to talk to the container as well.
			const id = "#replica-remote-with-host-remote"
			s.newColocation(Colocation{
				ID: id, Dependent: rep.Connection, Primary: host.Connection, Score: Infinity,
				Influence: true, Cause: s.ruleCause(id, rep.Connection.XMLID),
			})
		}
		s.assign(rep.Connection, prefer, stopIfFail)
	}
	if rep.Child != nil {
		s.assignReplicaChild(rep, stopIfFail)
	}
}

// assignReplicaChild places an instance on its bundle node, whether the
// container has found a node or not. Where it has failed too often its score
// stays what it is.
func (s *State) assignReplicaChild(rep *Replica, stopIfFail bool) {
	child := rep.Child
	cause := s.ruleCause("bundle-node", child.XMLID)
	for _, n := range s.byIndex {
		switch {
		case !child.Allowed.Has(n):
		case n != rep.Node:
			s.setScore(child, n, -Infinity, cause)
		case !s.thresholdReached(child, n):
			s.setScore(child, n, Infinity, cause)
		}
	}
	child.Parent.set(RscAssigning) // or the child would have its parent placed first
	s.assign(child, rep.Node, stopIfFail)
	child.Parent.unset(RscAssigning)
}

// openBundleNodes lets the implicit clone run on the nodes of its bundle only.
func (s *State) openBundleNodes(b, clone *Resource) {
	cause := s.ruleCause("bundle-node", clone.XMLID)
	for _, n := range s.byIndex {
		switch {
		case !clone.Allowed.Has(n):
		case n.bundle() == b:
			s.setScore(clone, n, 0, cause)
		default:
			s.setScore(clone, n, -Infinity, cause)
		}
	}
}

// bundle is the bundle that a node is in, nil for other nodes.
func (n *Node) bundle() *Resource {
	if !n.IsBundleNode() {
		return nil
	}
	return n.Connection.Launcher.Parent
}

// replicaOf is what a container belongs to, nil for other resources.
func replicaOf(container *Resource) *Replica { return container.replica }

// roleResource is the resource whose role counts in colocations: the instance
// in a bundle's container, or the resource itself (04 §11.1).
func roleResource(r *Resource) *Resource {
	if r.replica != nil && r.replica.Child != nil {
		return r.replica.Child
	}
	return r
}
