package scheduler

import "strings"

// readResourceOptions sets flags and numbers from the meta table (03 §2.3
// steps 6 and 7).
func (s *State) readResourceOptions(r *Resource) {
	r.set(RscUnassigned)
	if !s.Config.MaintenanceMode {
		r.set(RscManaged)
	}
	get := r.Meta.Get
	r.Priority = s.scoreOption(r, "priority", 0)
	if v, ok := get("critical"); !ok || isTrue(v) {
		r.set(RscCritical)
	}
	if isTrue(r.Meta.Value("notify")) {
		r.set(RscNotify)
	}
	if isRemoteConnection(r.Class, r.Provider, r.Type) {
		r.set(RscRemoteConnection)
	}
	s.readMigratable(r)
	if v, ok := get("is-managed"); ok && !equalFold(v, "default") {
		if isTrue(v) {
			r.set(RscManaged)
		} else {
			r.unset(RscManaged)
		}
	}
	if isTrue(r.Meta.Value("maintenance")) || s.Config.MaintenanceMode {
		r.unset(RscManaged)
		r.set(RscMaintenance)
	}
	s.readUnique(r)
	switch strings.ToLower(r.Meta.Value("multiple-active")) {
	case "stop_only":
		r.MultipleActive = MultipleStopOnly
	case "block":
		r.MultipleActive = MultipleBlock
	case "stop_unexpected":
		r.MultipleActive = MultipleStopUnexpected
	}
	r.Stickiness = s.scoreOption(r, "resource-stickiness", 0)
	if r.Threshold = s.scoreOption(r, "migration-threshold", Infinity); r.Threshold < 0 {
		r.Threshold = Infinity
	}
	if equalFold(r.Class, "stonith") {
		r.set(RscFenceDevice)
		s.haveFence = true
	}
	s.readRequires(r)
	r.FailureTimeoutMs, _ = parseInterval(r.Meta.Value("failure-timeout"))
	s.readReconnect(r)
	if role := s.targetRole(r); role != RoleUnknown {
		r.NextRole = role
	}
}

// isRemoteConnection tells whether an agent is ocf:pacemaker:remote (03 §8.2).
func isRemoteConnection(class, provider, agent string) bool {
	return equalFold(agent, "remote") && equalFold(class, "ocf") && equalFold(provider, "pacemaker")
}

// scoreOption reads a meta-attribute that is a score; invalid and the old
// spelling "default" give the default.
func (s *State) scoreOption(r *Resource, name string, def Score) Score {
	v, ok := r.Meta.Get(name)
	if !ok || equalFold(v, "default") {
		return def
	}
	if score, ok := s.parseScore(v); ok {
		return score
	}
	s.configWarning(r.XML, "resource %s: using default for %s because %q is not a score", r.ID, name, v)
	return def
}

// readMigratable reads allow-migrate; remote connections may move live unless
// told otherwise, guests' may not (03 §3.2).
func (s *State) readMigratable(r *Resource) {
	v, ok := r.Meta.Get("allow-migrate")
	if (ok && isTrue(v)) || (!ok && r.Has(RscRemoteConnection) && !r.Meta.Has("container")) {
		r.set(RscMigratable)
	}
}

// readUnique decides globally-unique and promotable (03 §4.2).
func (s *State) readUnique(r *Resource) {
	if r.TopBelowBundle().Kind != KindClone {
		r.set(RscUnique)
		return
	}
	if v, ok := r.Meta.Get("globally-unique"); ok {
		if isTrue(v) {
			r.set(RscUnique)
		}
	} else if parseMin(r.Meta.Value("clone-node-max"), 0) > 1 {
		r.set(RscUnique)
	}
	if isTrue(r.Meta.Value("promotable")) {
		r.set(RscPromotable)
	}
}

// readRequires decides what must be true before the resource may start
// (03 §3.4).
func (s *State) readRequires(r *Resource) {
	text, ok := r.Meta.Get("requires")
	word := strings.ToLower(text)
	switch word {
	case "nothing", "quorum", "fencing", "unfencing":
	default:
		if ok {
			s.configError(r.XML, "resource %s: %q is not a value of requires (nothing, quorum, fencing, unfencing)", r.ID, text)
		}
		word = s.defaultRequires(r)
	}
	switch word {
	case "quorum":
		r.set(RscNeedsQuorum)
	case "fencing":
		r.set(RscNeedsFencing)
		if !s.Config.FencingEnabled {
			s.configWarning(r.XML, "resource %s requires fencing but fencing is disabled", r.ID)
		}
	case "unfencing":
		if r.Has(RscFenceDevice) || !s.Config.FencingEnabled {
			if ok {
				s.configWarning(r.XML, "resource %s: requires=unfencing is taken as quorum here", r.ID)
			}
			r.set(RscNeedsQuorum)
			return
		}
		r.set(RscNeedsFencing | RscNeedsUnfencing)
	}
}

func (s *State) defaultRequires(r *Resource) string {
	switch {
	case r.Has(RscFenceDevice), r.Kind == KindPrimitive && r.Has(RscRemoteConnection):
		return "quorum"
	case s.unfencing:
		return "unfencing"
	case s.Config.FencingEnabled:
		return "fencing"
	case s.Config.NoQuorumPolicy == QuorumIgnore:
		return "nothing"
	}
	return "quorum"
}

// readReconnect reads a remote node's reconnect_interval, which also replaces
// its failure timeout (03 §8.4).
func (s *State) readReconnect(r *Resource) {
	if !r.Has(RscRemoteConnection) || r.Meta.Has("container") {
		return
	}
	if v, ok := s.paramsFor(r, nil).Get("reconnect_interval"); ok {
		r.ReconnectMs, _ = parseInterval(v)
		r.FailureTimeoutMs = r.ReconnectMs
	}
}

// targetRole returns the role that the user asks for, RoleUnknown when there
// is no request that limits anything (03 §3.5).
func (s *State) targetRole(r *Resource) Role {
	v, ok := r.Meta.Get("target-role")
	if !ok || equalFold(v, "Started") || equalFold(v, "default") {
		return RoleUnknown
	}
	role, ok := ParseRole(v)
	if !ok || role == RoleUnknown {
		s.configError(r.XML, "resource %s: ignoring target-role because %q is not a role", r.ID, v)
		return RoleUnknown
	}
	if role > RoleStarted {
		if !r.TopBelowBundle().Has(RscPromotable) {
			s.configError(r.XML, "resource %s: ignoring target-role %q because the resource is not promotable", r.ID, v)
			return RoleUnknown
		}
		if role == RolePromoted {
			return RoleUnknown
		}
	}
	if role == RoleStarted {
		return RoleUnknown
	}
	return role
}
