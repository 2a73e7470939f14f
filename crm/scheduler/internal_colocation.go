package scheduler

// internalColocations makes what a primitive's own nature demands of its
// place: bans from Pacemaker Remote nodes, and staying with what launches it
// (04 §17). The orderings that go with it are made by the caller. An unmanaged
// primitive gets nothing.
func (s *State) internalColocations(r *Resource) {
	if !r.Managed() {
		return
	}
	if r.Launcher != nil {
		s.keepWithLauncher(r)
	}
	if r.Has(RscRemoteConnection) || r.Has(RscFenceDevice) {
		s.avoidRemoteNodes(r)
	}
}

func (s *State) keepWithLauncher(r *Resource) {
	if r.Has(RscRemoteConnection) && !r.Has(RscRemoteNestingAllowed) {
		s.avoidRemoteNodes(r.Launcher) // no guest inside another
	}
	if remote := s.remoteLauncher(r); remote != nil {
		c := s.ruleCause("container", r.XMLID)
		for _, n := range s.byIndex {
			if r.Allowed.Has(n) && n.Connection != remote {
				s.setScore(r, n, -Infinity, c)
			}
		}
		return
	}
	score := Infinity
	if r.Has(RscRemoteNestingAllowed) {
		score = 10000 // much wanted, but the container may be on a remote node
	}
	const id = "#resource-with-container"
	s.newColocation(Colocation{
		ID: id, Dependent: r, Primary: r.Launcher, Score: score, Influence: true, Cause: s.ruleCause(id, r.XMLID),
	})
}

// remoteLauncher returns the connection to whose node a resource that names a
// launcher is bound: the launcher itself if it is a connection, or the one of
// the guest in it. Nil means that the resource stays with its launcher; the
// caller of 06 §7 needs the same answer for the orderings.
func (s *State) remoteLauncher(r *Resource) *Resource {
	switch {
	case r.Has(RscRemoteConnection):
		return nil
	case r.Launcher.Has(RscRemoteConnection):
		return r.Launcher
	case !s.haveRemote:
		return nil
	}
	for _, launched := range r.Launcher.Launched {
		if launched.Has(RscRemoteConnection) {
			return launched
		}
	}
	return nil
}

func (s *State) avoidRemoteNodes(r *Resource) {
	if !s.haveRemote {
		return
	}
	c := s.ruleCause("no-remote-nodes", r.XMLID)
	for _, n := range s.byIndex {
		if n.Connection != nil && r.Allowed.Has(n) {
			s.setScore(r, n, -Infinity, c)
		}
	}
}

// groupColocations keeps the members of a colocated group together, each with
// the one before it (04 §9.5). It is to be called after the members' own
// internal constraints.
func (s *State) groupColocations(g *Resource) {
	if !g.group.colocated || len(g.Children) < 2 {
		return
	}
	const id = "#group-members"
	c := s.ruleCause(id, g.XMLID)
	for i, member := range g.Children[1:] {
		s.newColocation(Colocation{
			ID: id, Dependent: member, Primary: g.Children[i], Score: Infinity,
			Influence: member.Has(RscCritical), Cause: c,
		})
	}
}
