package command

import "systole/crm/scheduler"

// noteQuorum says so when a simulation goes on with a quorum that the cluster
// has probably lost. Whether it has is for the membership layer to say (votes,
// last_man_standing, a quorum device), of which a CIB tells only the result; a
// cluster of two keeps its quorum with the usual two_node setting.
func (r *run) noteQuorum(s *scheduler.State, step *Step) {
	if step.Injection.Quorum != nil {
		r.quorumSaid = true
	}
	if r.quorumSaid || !s.Quorate || s.Config.NoQuorumPolicy == scheduler.QuorumIgnore {
		return
	}
	members, online := 0, 0
	for _, n := range s.Nodes {
		if n.Remote {
			continue
		}
		members++
		if n.Online {
			online++
		}
	}
	if members < 3 || 2*online > members {
		return
	}
	r.quorumSaid = true
	r.tell("%s: note: %d of %d cluster nodes are left, which usually means that quorum is lost; the simulation keeps it "+
		"(add --quorum false to take it away)", r.prog, online, members)
}
