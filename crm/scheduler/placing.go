package scheduler

// placing is what placing resources needs to remember between its steps.
type placing struct {
	active      bool                    // resources are being assigned: lists of colocations are being walked
	lists       uint32                  // grows with every new colocation
	changes     int                     // grows with every change of a count or of a node's availability
	available   []bool                  // by node index, see available
	hopeless    []Score                 // the last shared scores that were all bans
	assignments int                     // grows with every primitive that gets or loses a node
	classes     map[string]*attrClasses // nodes by the value of an attribute
	works       []*workTable            // free buffers of merges
	buffers     [][]Score               //
	byClass     []Score                 // buffer of one merge step
	lastLeft    *Node                   // the node that last kept a colocation from being rolled back
	reported    map[*Colocation]bool    // whose configuration error was told
	banned      tableMemo               // the last table that was banned everywhere
	causes      map[builtIn]Cause       // built-in rules that were registered so far
	capacity    capacity                // of nodes and resources, by number
	short       []*Node                 // buffer of utilizationBans
	loads       loadNodes               // see load_stopped.go
	hashed      hashedList              // nodes in the order of a hash table

	promotions map[string]*promotionColumn // promotion scores by name, made on first use
}

// available tells by node index which nodes can be used at all, in one piece of
// memory: it is asked for every node and every instance.
func (s *State) available() []bool {
	p := &s.placing
	if len(p.available) != len(s.byIndex) {
		p.available = make([]bool, len(s.byIndex))
		for i, n := range s.byIndex {
			p.available[i] = n.Available()
		}
	}
	return p.available
}

// hopeless tells whether a resource's table has nothing but bans, which nothing that is
// added can change. Most instances of a clone that has a place on few nodes
// share one such table. Explanations name every ban, so that there nothing is
// hopeless.
func (s *State) hopeless(r *Resource) bool {
	t := &r.Allowed
	switch {
	case s.trailed(r):
		return false
	case len(t.scores) == 0:
		return true
	}
	p := &s.placing
	if t.shared&sharedScores != 0 && len(p.hopeless) == len(t.scores) && &p.hopeless[0] == &t.scores[0] {
		return true
	}
	for _, score := range t.scores {
		if score > -Infinity {
			return false
		}
	}
	if t.shared&sharedScores != 0 {
		p.hopeless = t.scores // nobody writes to shared scores, so this stays true
	}
	return true
}

// availabilityChanged is to be called when a node may have become usable or
// unusable while resources are being placed.
func (s *State) availabilityChanged(n *Node) {
	p := &s.placing
	p.changes++
	if int(n.Index) < len(p.available) {
		p.available[n.Index] = n.Available()
	}
}

// reportOnce tells about a colocation that cannot be applied; it is tried for
// every instance, and its fault is the same each time.
func (s *State) reportOnce(c *Colocation, at *Resource, format string, args ...any) {
	if s.placing.reported[c] {
		return
	}
	if s.placing.reported == nil {
		s.placing.reported = map[*Colocation]bool{}
	}
	s.placing.reported[c] = true
	s.configError(at.XML, format, args...)
}
