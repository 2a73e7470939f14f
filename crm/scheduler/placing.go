package scheduler

// placing is what placing resources needs to remember between its steps.
type placing struct {
	active      bool                    // resources are being assigned: lists of colocations are being walked
	lists       uint32                  // grows with every new colocation
	changes     int                     // grows with every change of a count or of a node's availability
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
