package scheduler

import (
	"slices"

	"systole/lib/xmltree"
)

// historyResource finds the resource that a history belongs to; nil when there
// is none (any more). An instance of an anonymous clone is chosen here
// (02 §9.3).
func (s *State) historyResource(n *Node, id string) *Resource {
	r := s.findResource(id)
	if r == nil {
		r = s.findResource(baseName(id) + ":0")
		if r == nil || r.Has(RscUnique) {
			return nil
		}
	} else if r.Kind != KindPrimitive {
		return nil
	}
	if clone := r.TopBelowBundle(); clone.IsAnonymousClone() {
		if clone.Bundled() {
			r = bundleChild(clone.Parent, n)
		} else {
			r = s.instanceFor(clone, n, baseName(id))
		}
	}
	if r != nil && r.ID != id && r.HistoryID != id {
		s.setHistoryID(r, id)
	}
	return r
}

// bundleChild is what runs in the bundle's replica whose node this is. The node
// may be a cluster node by mistake: one that is configured under the name of a
// bundle node (08 §10.1).
func bundleChild(bundle *Resource, n *Node) *Resource {
	for _, rep := range bundle.bundle.Replicas {
		if rep.Node == n {
			return rep.Child
		}
	}
	return nil
}

// cloneSlots says where the instances of an anonymous clone are known to be.
// Pacemaker walks all instances for every history; this is the same answer
// (02 §15).
type cloneSlots struct {
	taken  []bool            // by child position: has a location
	at     map[*Node][]int32 // child positions located on the node, ascending
	cursor int               // no free instance is before it
}

// slotsOf returns the slots of a clone, up to date.
func (s *State) slotsOf(clone *Resource) *cloneSlots {
	x := s.hist.slots[clone]
	if x == nil {
		x = &cloneSlots{at: map[*Node][]int32{}}
		if s.hist.slots == nil {
			s.hist.slots = map[*Resource]*cloneSlots{}
		}
		s.hist.slots[clone] = x
	}
	for len(x.taken) < len(clone.Children) {
		i := len(x.taken)
		x.taken = append(x.taken, false)
		if list := clone.Children[i].locationsOf(locCurrent | locPending); len(list) > 0 {
			x.take(i, list[0])
		}
	}
	return x
}

func (x *cloneSlots) take(i int, n *Node) {
	x.taken[i] = true
	list := x.at[n]
	pos, _ := slices.BinarySearch(list, int32(i))
	x.at[n] = slices.Insert(list, pos, int32(i))
}

// noteLocation tells the slots that a primitive became active or pending on a
// node. Only an instance's first location counts: it never has more, but for
// broken histories.
func (s *State) noteLocation(r *Resource, n *Node) {
	if r.Parent == nil {
		return
	}
	child := r
	for child.Parent.Parent != nil && child.Parent.Parent.Kind != KindBundle {
		child = child.Parent
	}
	if x := s.hist.slots[child.Parent]; x != nil {
		for i := max(child.Instance, 0); i < len(x.taken); i++ {
			if child.Parent.Children[i] == child {
				if !x.taken[i] {
					x.take(i, n)
				}
				return
			}
		}
	}
}

// instanceFor chooses the instance of an anonymous clone that a node's history
// of the named primitive stands for: the one that is there already, else the
// first that is nowhere, else a surplus one (02 §9.4).
func (s *State) instanceFor(clone *Resource, n *Node, name string) *Resource {
	x := s.slotsOf(clone)
	var found *Resource
	second := false // an instance is active here under another history
	for _, i := range x.at[n] {
		m := clone.Children[i].findByBase(name, false)
		if m == nil {
			continue
		}
		if len(m.Active) == 0 {
			found = m
			break
		}
		second = true
	}
	if found == nil && !second {
		found = x.free(clone, name)
	}
	if found != nil && !found.Has(RscNeedsFencing) && !n.Clean() && !n.IsGuest() && !s.universal(clone) {
		found = nil
	}
	if found != nil {
		return found
	}
	if child := s.newInstance(clone); child != nil {
		return child.findByBase(name, false)
	}
	return nil
}

// free returns the named primitive of the first instance without location.
// Locations and the blocked flag are never taken back while histories are
// read, so the cursor only moves forward.
func (x *cloneSlots) free(clone *Resource, name string) *Resource {
	for x.cursor < len(x.taken) && (x.taken[x.cursor] || clone.Children[x.cursor].Has(RscBlocked)) {
		x.cursor++
	}
	for i := x.cursor; i < len(x.taken); i++ {
		if child := clone.Children[i]; !x.taken[i] && !child.Has(RscBlocked) {
			if m := child.findByBase(name, false); m != nil {
				return m
			}
		}
	}
	return nil
}

// removedResource makes a resource from a history that belongs to nothing in
// the configuration (02 §9.5).
func (s *State) removedResource(e *xmltree.Element) *Resource {
	id := e.ID()
	xml := xmltree.New("primitive")
	xml.Attrs = append(xml.Attrs, e.Attrs...)
	xml.Line, xml.Col = e.Line, e.Col
	r := s.unpackResource(xml, nil, -1)
	if r == nil {
		s.configWarning(e, "ignoring the history of %s, which is configured no more and cannot be made a resource again", id)
		return nil
	}
	if r.Has(RscRemoteConnection) {
		n := s.nodeByName(id)
		if n == nil {
			n = s.addNode(id, id, true, 0)
		}
		s.linkRemote(r)
		n.Shutdown = true
	}
	if e.Has("container") {
		r.set(RscRemovedLaunched)
	}
	r.set(RscRemoved)
	s.appendRemoved(r)
	if s.Config.StopRemoved {
		s.preferAll(r, -Infinity, s.cause("removed", id, e))
	} else {
		r.unmanage(false, s.cause("removed", id, e))
	}
	return r
}
