package scheduler

import (
	"strings"

	"systole/lib/xmltree"
)

// restartDigestOfExpired takes the place of a recorded restart digest where a
// recurring failure expired: it never matches, so the configuration check
// schedules the operation anew (02 §10.3.2).
const restartDigestOfExpired = "calculated-failure-timeout"

// checkExpiry tells whether a history entry is too old to count, and asks for
// the fail count to be cleared where it is (02 §10.3).
func (s *State) checkExpiry(h *history, e *opEntry) bool {
	if e.status == execNotInstalled {
		return false
	}
	r := h.r
	isLast := strings.HasSuffix(e.id, "_last_failure_0")
	expired := false
	var unexpired Score
	if timeout := secondsOf(r.FailureTimeoutMs); timeout > 0 && e.hasChange {
		expired = entryExpired(s.Now, e.lastChange, timeout) && !s.waitsForFencing(r, e)
		var last int64
		unexpired, last = s.failCount(r, h.n, true, false, e.xml)
		if recheck := last + timeout + 1; unexpired != 0 && s.Now < recheck {
			s.updateRecheck(recheck)
		}
	}
	reason := ""
	if expired {
		count, _ := s.failCount(r, h.n, false, false, e.xml)
		switch {
		case count != 0 && unexpired == 0:
			reason = "it expired"
		case count != 0:
			expired = false
		case isLast && r.ReconnectMs > 0:
			reason = "reconnect interval is set"
		}
	}
	if !expired && isLast && s.parametersChanged(h, e) {
		reason = "resource parameters have changed"
	}
	if reason != "" {
		s.clearAfterFencing(h, reason)
	}
	return expired && !(isProbe(e.task, e.intervalMs) && isProbeResult(e.rc))
}

// entryExpired is the border of an entry's age, in epoch seconds and seconds.
func entryExpired(now, change, timeout int64) bool { return now >= change+timeout }

// isProbeResult tells whether a probe's result is an answer and not a failure.
func isProbeResult(rc int32) bool {
	switch rc {
	case rcOK, rcNotRunning, rcPromoted, rcDegraded, rcDegradedPromoted:
		return true
	}
	return false
}

// waitsForFencing tells whether a failed recurring monitor of a connection must
// not expire before its node was fenced.
func (s *State) waitsForFencing(r *Resource, e *opEntry) bool {
	if r.ReconnectMs <= 0 || !s.Config.FencingEnabled || e.intervalMs == 0 || !equalFold(e.task, taskMonitor) {
		return false
	}
	n := s.nodeByName(r.ID)
	return n != nil && !n.RemoteFenced
}

// clearAfterFencing schedules the clearing of a fail count, after any fencing
// of the node that a connection with reconnect interval leads to.
func (s *State) clearAfterFencing(h *history, reason string) {
	clear := s.clearFailcountAction(h.r, h.n, reason)
	if clear == nil || !s.Config.FencingEnabled || h.r.ReconnectMs <= 0 {
		return
	}
	if n := s.nodeByName(h.r.ID); n != nil {
		fence := s.fenceOp(n, "", true, "", false)
		s.link(fence, clear, RelFirstImpliesThen, s.cause("reconnect_interval", h.r.ID, nil))
	}
}

// parametersChanged tells whether a last failure was one of other parameters
// than those that are configured now (02 §10.3 step 4).
func (s *State) parametersChanged(h *history, e *opEntry) bool {
	if e.task != taskStart && e.task != taskMonitor {
		return false
	}
	if s.needsHostName(h.r) {
		s.deferred = append(s.deferred, deferredCheck{rsc: h.r, node: h.n, entry: e.xml})
		return false
	}
	return s.definitionChanged(h.r, h.n, e.xml, e)
}

// definitionChanged tells whether an entry's digests differ from the
// configuration's; without digests there is no telling.
func (s *State) definitionChanged(r *Resource, n *Node, xml *xmltree.Element, e *opEntry) bool {
	d := s.digestsFor(r, e.task, e.intervalMs, n, xml)
	if d == nil {
		return false
	}
	switch d.verdict(xml, e.intervalMs) {
	case verdictMatch, verdictUnknown:
		return false
	}
	return true
}

// needsHostName tells whether a connection's address is its host's name, which
// is not known before assignment.
func (s *State) needsHostName(r *Resource) bool {
	return r.Has(RscRemoteConnection) && equalFold(s.paramsFor(r, nil).Value("addr"), "#uname")
}

// dropExpired says that an expired entry needs no more processing (02 §10.3.2).
func (s *State) dropExpired(h *history, e *opEntry, oldRC int32) bool {
	switch {
	case e.maskable && !h.bundled && oldRC != e.expected:
		if h.r.OrigRole <= RoleStopped {
			h.r.OrigRole = RoleUnknown
		}
		return true
	case e.rc == e.expected: // only failures expire
		return false
	case e.intervalMs == 0:
		return true
	case h.n.Clean():
		if s.hist.expired == nil {
			s.hist.expired = map[*xmltree.Element]*xmltree.Element{}
		}
		changed := e.xml.Copy()
		changed.Set("op-restart-digest", restartDigestOfExpired)
		s.hist.expired[e.xml] = changed
		return true
	}
	return false
}

// digestEntry is the entry with the digests that count: of an expired
// recurring failure, a copy that asks for a new schedule. The document itself
// is not changed.
func (s *State) digestEntry(xml *xmltree.Element) *xmltree.Element {
	if changed := s.hist.expired[xml]; changed != nil {
		return changed
	}
	return xml
}
