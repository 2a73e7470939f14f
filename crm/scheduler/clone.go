package scheduler

// unpackClone reads a clone's numbers and makes its instances (03 §6).
func (s *State) unpackClone(r *Resource) bool {
	c := &cloneData{}
	r.clone = c
	for e := range r.XML.Elements("primitive", "group") {
		c.childXML = e
		break
	}
	if c.childXML == nil {
		s.configError(r.XML, "ignoring clone %s because there is nothing in it to clone", r.ID)
		return false
	}
	if r.Has(RscPromotable) {
		c.PromotedMax = s.promotedLimit(r, "promoted-max", "master-max")
		c.PromotedNodeMax = s.promotedLimit(r, "promoted-node-max", "master-node-max")
	}
	c.NodeMax = 1
	if v, ok := r.Meta.Get("clone-node-max"); ok {
		c.NodeMax = parseMin(v, 0)
	}
	if v, ok := r.Meta.Get("clone-max"); ok {
		c.Max = parseMin(v, 0)
	} else {
		c.Max = max(1, len(s.Nodes))
	}
	c.Ordered = isTrue(r.Meta.Value("ordered"))
	if !r.Has(RscUnique) && c.NodeMax > 1 {
		s.configError(r.XML, "clone %s: clone-node-max is taken as 1 because anonymous clones support only one instance a node", r.ID)
		c.NodeMax = 1
	}
	r.Meta.SetDefault("resource-stickiness", "1")
	r.Meta.Set("globally-unique", boolText(r.Has(RscUnique)))
	if c.Max <= 0 {
		return s.newInstance(r) != nil
	}
	for len(r.Children) < c.Max {
		if s.newInstance(r) == nil {
			return false
		}
	}
	return true
}

// promotedLimit reads a limit on promoted instances; the old name counts only
// when the new one is absent (05 §1.2).
func (s *State) promotedLimit(r *Resource, name, old string) int {
	v, ok := r.Meta.Get(name)
	if !ok {
		v, ok = r.Meta.Get(old)
	}
	if !ok {
		return 1
	}
	return parseMin(v, 0)
}

// newInstance makes the next instance of a clone and appends it; one beyond
// clone-max is flagged removed (03 §6.4).
func (s *State) newInstance(clone *Resource) *Resource {
	c := clone.clone
	surplus := len(clone.Children) >= c.Max
	before := c.Max
	child := s.unpackResource(c.childXML, clone, len(clone.Children))
	if child == nil {
		return nil
	}
	clone.Children = append(clone.Children, child)
	if surplus {
		child.setRecursive(RscRemoved)
	}
	child.Meta.Set("clone-max", itoa(before))
	return child
}

func (r *Resource) setRecursive(f RscFlags) {
	r.set(f)
	for _, c := range r.Children {
		c.setRecursive(f)
	}
}

// universal tells whether a clone may have an instance on every node there is
// (03 §6.5).
func (s *State) universal(clone *Resource) bool { return clone.clone.Max == len(s.Nodes) }

// agentCan tells what kinds of agent support (03 §4.3).
func agentCan(class string, classes ...string) bool {
	for _, c := range classes {
		if equalFold(class, c) {
			return true
		}
	}
	return false
}

// checkAgent refuses what a primitive's agent cannot do. A clone of an agent
// that cannot be unique becomes anonymous, while its instances are being made
// (03 §4.3).
func (s *State) checkAgent(r *Resource) bool {
	top := r.TopBelowBundle()
	if !agentCan(r.Class, "ocf", "stonith") && r.Has(RscUnique) && top.Kind == KindClone {
		s.configError(r.XML, "clone %s is taken as anonymous because %s resource %s cannot be globally unique", top.ID, r.Class, r.ID)
		c := top.clone
		c.NodeMax = 1
		c.Max = min(c.Max, len(s.Nodes))
		c.forcedAnonymous = true
		forceAnonymous(top)
		r.unset(RscUnique)
		r.Meta.Set("globally-unique", "false")
	}
	if !agentCan(r.Class, "ocf") && top.Has(RscPromotable) {
		s.configError(r.XML, "resource %s is of class %s, which cannot be promoted", r.ID, r.Class)
		return false
	}
	return true
}

func forceAnonymous(r *Resource) {
	r.unset(RscUnique)
	r.Meta.Set("globally-unique", "false")
	for _, c := range r.Children {
		forceAnonymous(c)
	}
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
