package scheduler

import (
	"slices"

	"systole/crm/graph"
)

// graphState is the graph while and after it is made.
type graphState struct {
	g     *graph.Graph
	byID  []*graph.Action // by scheduler action id
	meta  map[string]string
	order []attrEntry // scratch
}

// Graph is the transition: what is to be done, nil before Plan.
func (s *State) Graph() *graph.Graph { return s.ord.graph.g }

// buildGraph makes the transition graph: resources in list order, then what
// belongs to no resource. The order decides the numbers of the synapses, and
// which optional inputs count (06 §14.2).
func (s *State) buildGraph() {
	s.ord.graph.g = &graph.Graph{Attrs: s.graphHeader()}
	s.ord.graph.meta = map[string]string{}
	for _, r := range s.Resources {
		s.addResourceToGraph(r)
	}
	if len(s.maintenanceChanges()) > 0 {
		s.clusterPseudo("maintenance_nodes").set(ActAlwaysInGraph)
	}
	s.addActionsToGraph(s.Actions)
}

// graphHeader lists the attributes of the root (06 §14.1).
func (s *State) graphHeader() []graph.Attr {
	option := func(name string) string { return s.Config.Values[name] }
	startOffset := "1"
	if s.Config.StartFailureFatal {
		startOffset = "INFINITY"
	}
	attrs := []graph.Attr{
		{Name: "cluster-delay", Value: option("cluster-delay")},
		{Name: "fencing-timeout", Value: option("fencing-timeout")},
		{Name: "failed-stop-offset", Value: "INFINITY"},
		{Name: "failed-start-offset", Value: startOffset},
		{Name: "batch-limit", Value: option("batch-limit")},
		{Name: "transition_id", Value: "1"},
	}
	limit := option("migration-limit")
	if n, ok := parseInteger(limit); ok && n > 0 {
		attrs = append(attrs, graph.Attr{Name: "migration-limit", Value: limit})
	}
	if s.RecheckBy > 0 {
		attrs = append(attrs, graph.Attr{Name: "recheck-by", Value: itoa64(s.RecheckBy)})
	}
	return attrs
}

func (s *State) addResourceToGraph(r *Resource) {
	switch r.Kind {
	case KindClone:
		s.addCloneToGraph(r)
	case KindBundle:
		s.addBundleToGraph(r)
	default:
		s.addActionsToGraph(r.Actions)
		for _, c := range r.Children {
			s.addResourceToGraph(c)
		}
	}
}

// addCloneToGraph adds the instances before the clone's own actions. Reading the
// flags of those first can still change them.
func (s *State) addCloneToGraph(c *Resource) {
	for i := len(c.Actions) - 1; i >= 0; i-- {
		s.actionFlags(c.Actions[i], nil)
	}
	s.createNotifications(c)
	for _, i := range c.Children {
		s.addResourceToGraph(i)
	}
	s.addActionsToGraph(c.Actions)
}

// addBundleToGraph adds what is inside and then the parts of each replica. The
// bundle's own actions come last, with those of no resource.
func (s *State) addBundleToGraph(b *Resource) {
	if b.bundle.Clone != nil {
		s.addResourceToGraph(b.bundle.Clone)
	}
	for _, rep := range b.bundle.Replicas {
		s.setConnectionAddress(rep)
		if rep.IP != nil {
			s.addResourceToGraph(rep.IP)
		}
		s.addResourceToGraph(rep.Container)
		if rep.Connection != nil {
			s.addResourceToGraph(rep.Connection)
		}
	}
}

// setConnectionAddress replaces the address "#uname" of a connection by the
// name of the container's host (05 §9.6.2).
func (s *State) setConnectionAddress(rep *Replica) {
	if rep.Connection == nil {
		return
	}
	params := s.paramsFor(rep.Connection, nil)
	if params == nil || !equalASCII(params.Value("addr"), "#uname") {
		return
	}
	host := rep.Container.Assigned
	if host == nil {
		host = rep.Container.activeNode()
	}
	if host != nil {
		params.Set("addr", host.Name)
	}
}

// addActionsToGraph adds the actions of a list, newest first. Actions that are
// created meanwhile are not seen.
func (s *State) addActionsToGraph(list []*Action) {
	for i := len(list) - 1; i >= 0; i-- {
		s.addToGraph(list[i])
	}
}

func (s *State) addToGraph(a *Action) {
	s.mergeInputs(a)
	if a.Has(ActAdded) || !s.belongsInGraph(a) {
		return
	}
	a.set(ActAdded)
	g := s.ord.graph.g
	syn := graph.Synapse{ID: len(g.Synapses), Priority: int(a.Priority)}
	if a.Rsc != nil {
		syn.Priority = max(syn.Priority, int(a.Rsc.Priority))
	}
	syn.Priority = max(syn.Priority, 0)
	syn.Actions = []*graph.Action{s.fullGraphAction(a)}
	for i := range a.before {
		e := a.input(i)
		if s.isInput(a, e) {
			e.graphed = true
			syn.Inputs = append(syn.Inputs, s.graphAction(e.action))
		}
	}
	g.Synapses = append(g.Synapses, syn)
}

// belongsInGraph is 06 §13.1.
func (s *State) belongsInGraph(a *Action) bool {
	if !a.Runnable() || (a.Optional() && !a.Has(ActAlwaysInGraph)) {
		return false
	}
	if a.Rsc != nil && !a.Rsc.Managed() && a.Task != taskMonitor {
		if interval, ok := a.Meta.Get("interval"); !ok || interval == "0" {
			return false
		}
	}
	if a.Pseudo() || a.Task == taskFence || a.Task == taskShutdown {
		return true
	}
	n := a.Node
	switch {
	case n == nil:
		return false
	case a.Has(ActOnDC), n.IsGuest() && !n.RemoteReset:
		return true
	}
	return n.Online && !n.Unclean
}

// mergeInputs sorts the inputs of an action by id and merges those from the same
// action, once (06 §13.2). After it, a walk from the front is in order.
func (s *State) mergeInputs(a *Action) {
	if a.Has(ActInputsDeduplicated) {
		return
	}
	a.set(ActInputsDeduplicated)
	// Newest first, so that of edges from one action the newest stays.
	slices.Reverse(a.before)
	slices.SortStableFunc(a.before, func(x, y *edge) int { return x.action.ID - y.action.ID })
	kept := a.before[:0]
	for _, e := range a.before {
		if k := len(kept); k > 0 && kept[k-1].action == e.action {
			kept[k-1].flags |= e.flags
			kept[k-1].graphed = kept[k-1].graphed || e.graphed
			continue
		}
		e.graphed = false
		kept = append(kept, e)
	}
	a.before = kept
	a.merged = len(kept)
}

// input is the i-th edge before the action in the order of the graph: edges made
// after the merge are in front, the newest first.
func (a *Action) input(i int) *edge {
	late := len(a.before) - a.merged
	if i < late {
		return a.before[len(a.before)-1-i]
	}
	return a.before[i-late]
}
