package scheduler

import "systole/lib/xmltree"

// This file is what a report of the cluster's state and of a transition reads
// beyond the exported fields (08 §5).

// FindResource finds a resource by its id, or by the name that its history goes
// by (03 §2.8); nil when there is none.
func (s *State) FindResource(id string) *Resource { return s.findResource(id) }

// SplitKey takes the key of an operation, RSC_TASK_INTERVALMS, apart
// (03 §12.4). The interval is in milliseconds.
func SplitKey(key string) (rsc, task string, intervalMs uint32, ok bool) { return splitKey(key) }

// Param returns an instance parameter of a resource as it is on a node.
func (s *State) Param(r *Resource, n *Node, name string) (string, bool) {
	p := s.paramsFor(r, n)
	if p == nil {
		return "", false
	}
	return p.Get(name)
}

// ConfiguredRole is what target-role says, Unknown when it says nothing that
// limits the resource (03 §3.2).
func (s *State) ConfiguredRole(r *Resource) Role {
	v, ok := r.Meta.Get("target-role")
	if !ok {
		return RoleUnknown
	}
	role, _ := ParseRole(v)
	return role
}

// UserDisabled tells whether the user wants less than a running resource:
// stopped, or not promoted where it could be (02 §12).
func (r *Resource) UserDisabled() bool { return r.disabled() }

// CurrentNodes lists the nodes where any part of the resource is active, in the
// order found.
func (r *Resource) CurrentNodes() []*Node { return r.locationsOf(locCurrent) }

// ProbedOn tells whether the state of the resource on the node is known.
func (r *Resource) ProbedOn(n *Node) bool { return r.probed.has(n) }

// AnyFlag tells whether the resource or anything below it has all the flags.
func (r *Resource) AnyFlag(f RscFlags) bool { return r.anyFlag(f) }

// CloneMax is the number of instances that a clone may have, 0 for others.
func (r *Resource) CloneMax() int {
	if r.clone == nil {
		return 0
	}
	return r.clone.Max
}

// PromotedMax is the number of instances of a clone that may be promoted, 0 for
// others.
func (r *Resource) PromotedMax() int {
	if r.clone == nil {
		return 0
	}
	return r.clone.PromotedMax
}

// ClonedXML is the element of what a clone clones, nil for others.
func (r *Resource) ClonedXML() *xmltree.Element {
	if r.clone == nil {
		return nil
	}
	return r.clone.childXML
}

// Replicas lists the replicas of a bundle.
func (r *Resource) Replicas() []*Replica {
	if r.bundle == nil {
		return nil
	}
	return r.bundle.Replicas
}

// BundleImage returns the image and the technology (docker, podman) of a
// bundle.
func (r *Resource) BundleImage() (image, technology string) {
	if r.bundle == nil {
		return "", ""
	}
	return r.bundle.Image, r.bundle.Technology
}

// HealthColor tells whether the value of a health attribute is red, yellow or
// green (08 §5.1.4); what is no score is green.
func (s *State) HealthColor(value string) string {
	switch {
	case equalFold(value, "red"):
		return "red"
	case equalFold(value, "yellow"):
		return "yellow"
	}
	h := s.Config.Health
	score, ok := s.parseScore(value)
	switch {
	case !ok:
	case score <= h.Red:
		return "red"
	case score <= h.Yellow && h.Yellow != h.Green:
		return "yellow"
	}
	return "green"
}

// Internal tells whether the resource is an implicit one that listings leave
// out: the connection of a guest node (08 §5.3.1).
func (r *Resource) Internal() bool { return isTrue(r.Meta.Value("internal_rsc")) }

// NodeByID finds a node by its id.
func (s *State) NodeByID(id string) *Node { return s.nodeByID(id) }

// MonitorInterval is the interval, in milliseconds, of the recurring monitor of a
// resource in a role; ok is false when none is configured.
func (s *State) MonitorInterval(r *Resource, role Role) (ms uint32, ok bool) {
	for _, op := range s.recurringOps(r) {
		if op.name != taskMonitor || (op.hasRole && op.role == RoleStopped) {
			continue
		}
		if !op.hasRole || op.role == role {
			return op.intervalMs, true
		}
		if !ok {
			ms, ok = op.intervalMs, role <= RoleStarted
		}
	}
	return ms, ok
}

// MonitorIntervals lists the intervals, in milliseconds, of the recurring
// monitors of a resource.
func (s *State) MonitorIntervals(r *Resource) []uint32 {
	var list []uint32
	for _, op := range s.recurringOps(r) {
		if op.name == taskMonitor {
			list = append(list, op.intervalMs)
		}
	}
	return list
}

// StatusXML is the status section that was read.
func (s *State) StatusXML() *xmltree.Element { return s.single("status") }

// InputXML is the CIB as it is scheduled: with the implicit connections of
// guest nodes behind the resources (08 §11.1). The input itself stays as it is.
func (s *State) InputXML() *xmltree.Element {
	root := s.CIB.Copy()
	if resources := root.Path("configuration", "resources"); resources != nil {
		for _, e := range s.implicit {
			resources.Append(e.Copy())
		}
	}
	return root
}
