package scheduler

import (
	"strconv"

	"systole/crm/graph"
)

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// graphAction is the action as an input names it: the short form. It is the
// object that gets the details when the action itself is added.
func (s *State) graphAction(a *Action) *graph.Action {
	st := &s.ord.graph
	for len(st.byID) <= a.ID {
		st.byID = append(st.byID, make([]*graph.Action, max(len(s.Actions)+1-len(st.byID), 64))...)
	}
	if g := st.byID[a.ID]; g != nil {
		return g
	}
	g := &graph.Action{ID: a.ID, Task: a.Task, Key: a.Key}
	st.byID[a.ID] = g
	switch {
	case a.Task == taskFence && !a.Pseudo(), a.Task == taskShutdown, a.Task == taskClearFailcount:
		g.Kind = graph.CRMEvent
	case a.Task == taskLRMDelete:
		g.Kind = graph.CRMEvent
		g.Mode = "cib"
	case a.Pseudo():
		g.Kind = graph.PseudoEvent
	}
	if a.Rsc != nil && a.Rsc.HistoryID != "" {
		g.InternalKey = a.Key
		g.Key = historyKey(a)
	}
	if a.Node != nil && hasNodeInfo(a) {
		g.Node, g.NodeID = a.Node.Name, a.Node.ID
		if n := s.routerNode(a); n != nil {
			g.Router = n.Name
		}
	}
	return g
}

// hasNodeInfo tells whether the action's node is written: pseudo-events have
// none, but for fencing (and what the controller does itself).
func hasNodeInfo(a *Action) bool {
	switch a.Task {
	case taskFence, taskShutdown, taskClearFailcount, taskLRMDelete:
		return true
	}
	return !a.Pseudo()
}

// historyKey is the key under which the history knows the operation of an
// anonymous instance (06 §14.4).
func historyKey(a *Action) string {
	id := a.Rsc.HistoryID
	if a.Task == taskNotify {
		return id + "_" + a.Meta.Value("notify_type") + "_notify_" + a.Meta.Value("notify_operation") + "_0"
	}
	return opID(id, a.doneTaskName(), metaInterval(a))
}

// doneTaskName is what is done, or, for a cancellation, what is cancelled.
func (a *Action) doneTaskName() string {
	if a.CancelTask != "" {
		return a.CancelTask
	}
	return a.Task
}

func metaInterval(a *Action) uint32 {
	n, ok := parseInteger(a.Meta.Value("interval"))
	if !ok || n < 0 || n > 1<<32-1 {
		return 0
	}
	return uint32(n)
}

// routerNode is the cluster node through which an action on a Pacemaker Remote
// node is sent: the host of the connection at the time (06 §14.4, 07 §7.7). nil
// where no routing is needed.
func (s *State) routerNode(a *Action) *Node {
	if a.Task == taskFence || a.Node == nil || !a.Node.Remote || a.Node.Connection == nil {
		return nil
	}
	conn := a.Node.Connection
	from, to := conn.activeNode(), conn.Assigned
	switch {
	case from == nil:
		return to
	case to == nil, from == to:
		return from
	}
	task := a.Task
	if task == taskNotify {
		task = a.Meta.Value("notify_operation")
	}
	switch task {
	case taskCancel, taskStop, taskDemote, taskMigrateFrom, taskMigrateTo:
		if conn.Launcher != nil || conn.PartialTarget == nil {
			return from
		}
	}
	return to
}

// fullGraphAction adds what only the action's own synapse says (06 §14.5).
func (s *State) fullGraphAction(a *Action) *graph.Action {
	g := s.graphAction(a)
	if a.Rsc != nil && !a.Pseudo() {
		if locksToNode(a) {
			g.ShutdownLock = a.Rsc.LockTime
		}
		g.Primitive = primitiveOf(a.Rsc)
	}
	g.Attributes, g.Params = s.graphAttributes(a, g)
	if g.Node != "" {
		g.Downed = s.downedBy(a)
	}
	if a.Rsc == nil && a.Key == "maintenance_nodes" {
		for _, n := range s.maintenanceChanges() {
			g.Maintenance = append(g.Maintenance, graph.MaintenanceNode{ID: n.ID, In: n.Maintenance})
		}
	}
	return g
}

// locksToNode tells whether the action keeps its resource locked to the node
// that is shutting down.
func locksToNode(a *Action) bool {
	r := a.Rsc
	return r.LockNode != nil && a.Node == r.LockNode && (!r.LockNode.Shutdown || a.Task == taskStop)
}

func primitiveOf(r *Resource) *graph.Primitive {
	p := &graph.Primitive{ID: r.ID, Class: r.Class, Provider: r.Provider, Type: r.Type}
	switch {
	case r.Has(RscRemoved) && r.HistoryID != "":
		p.ID, p.LongID = r.HistoryID, r.ID
	case !r.Has(RscUnique):
		p.ID, p.LongID = r.XMLID, r.ID
		if r.HistoryID != "" && r.HistoryID != r.XMLID {
			p.LongID = r.HistoryID
		}
	}
	return p
}

// downedBy lists the nodes that are down when the action is done (06 §14.8).
func (s *State) downedBy(a *Action) []string {
	switch {
	case a.Task == taskShutdown:
		return []string{a.Node.ID}
	case a.Task == taskFence:
		if op := a.Meta.Value("stonith_action"); !equalASCII(op, "off") && !equalASCII(op, "reboot") {
			return nil
		}
		ids := []string{a.Node.ID}
		for _, r := range a.Node.Running {
			if r.Has(RscRemoteConnection) && r.Launcher != nil {
				if n := s.nodeByName(r.ID); n != nil {
					ids = append(ids, n.ID)
				}
			}
		}
		return ids
	case a.Task == taskStop && a.Rsc != nil && a.Rsc.Has(RscRemoteConnection):
		for _, e := range a.before {
			if e.action.Rsc == a.Rsc && e.action.Task == taskMigrateFrom {
				return nil
			}
		}
		return []string{a.Rsc.ID}
	}
	return nil
}

// maintenanceChanges lists the Pacemaker Remote nodes whose maintenance state is
// not what is recorded.
func (s *State) maintenanceChanges() []*Node {
	var list []*Node
	for _, n := range s.Nodes {
		if n.Remote && n.Maintenance != n.RemoteMaint {
			list = append(list, n)
		}
	}
	return list
}
