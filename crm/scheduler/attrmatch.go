package scheduler

// attrClasses divides the nodes by the value of one attribute: nodes of one
// class match each other. Nodes without the attribute are class 0 and match
// each other as well (T13).
type attrClasses struct {
	of     []int32 // by node index
	n      int     // number of classes
	unique bool    // no two nodes are of one class
}

// classesOf divides the nodes by an attribute; values differ without regard to
// case. Node attributes do not change during a run.
func (s *State) classesOf(attr string) *attrClasses {
	if c := s.placing.classes[attr]; c != nil {
		return c
	}
	c := &attrClasses{of: make([]int32, len(s.byIndex)), n: 1, unique: true}
	ids := make(map[string]int32, len(s.byIndex))
	absentSeen := false
	for i, n := range s.byIndex {
		v, ok := n.Attr(attr)
		if !ok {
			c.unique = c.unique && !absentSeen
			absentSeen = true
			continue
		}
		v = foldASCII(v)
		id, known := ids[v]
		if known {
			c.unique = false
		} else {
			id = int32(c.n)
			ids[v] = id
			c.n++
		}
		c.of[i] = id
	}
	if s.placing.classes == nil {
		s.placing.classes = map[string]*attrClasses{}
	}
	s.placing.classes[attr] = c
	return c
}

// nodeMatcher reads the class of nodes on behalf of one resource (04 §10.1).
type nodeMatcher struct {
	*attrClasses
	guests  bool // guest nodes are looked up on their assigned host
	bundles bool // bundle nodes are
}

// matcher returns how a resource sees an attribute: a resource in a bundle, or
// one with container-attribute-target=host, looks at the container's host.
func (s *State) matcher(attr string, r *Resource) nodeMatcher {
	m := nodeMatcher{attrClasses: s.classesOf(attr)}
	if !s.haveRemote || r == nil {
		return m
	}
	m.guests = equalFold(r.Meta.Value("container-attribute-target"), "host")
	m.bundles = m.guests
	if top := r.Top(); !m.bundles && top.Kind == KindBundle && top.bundle.Clone != nil {
		m.bundles = r.TopBelowBundle() == top.bundle.Clone
	}
	return m
}

// class returns the class of a node; no node at all is like one without the
// attribute, and so is a guest whose container has no node.
func (m nodeMatcher) class(n *Node) int32 {
	if n == nil {
		return 0
	}
	if (m.guests || m.bundles) && n.IsGuest() && (m.guests || n.IsBundleNode()) {
		if n = n.Connection.Launcher.Assigned; n == nil {
			return 0
		}
	}
	return m.of[n.Index]
}

// direct tells whether every node matches itself and no other.
func (m nodeMatcher) direct() bool { return m.unique && !m.guests && !m.bundles }

// colocationMatches tells whether two nodes have the same value of the
// colocation's attribute, each seen by its own resource. Both nodes may be nil.
func (s *State) colocationMatches(c *Colocation, n *Node, r *Resource, m *Node, q *Resource) bool {
	return s.matcher(c.NodeAttr, r).class(n) == s.matcher(c.NodeAttr, q).class(m)
}

// foldASCII lowers ASCII letters only, as strcasecmp does.
func foldASCII(text string) string {
	for i := 0; i < len(text); i++ {
		if text[i] != lower(text[i]) {
			b := []byte(text)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return text
}
