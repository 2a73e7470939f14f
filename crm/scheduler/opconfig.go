package scheduler

import (
	"math"
	"strings"

	"systole/cib/isotime"
	"systole/cib/value"
	"systole/lib/xmltree"
)

// findOp finds the configured operation of a name and interval (03 §14.1).
func (s *State) findOp(r *Resource, name string, intervalMs uint32, disabledToo bool) *xmltree.Element {
	if op := r.cfg.findOp(name, intervalMs, disabledToo); op != nil {
		return op
	}
	if name == taskMigrateTo || name == taskMigrateFrom {
		return r.cfg.findOp("migrate", 0, disabledToo)
	}
	return nil
}

func (c *rscConfig) findOp(name string, intervalMs uint32, disabledToo bool) *xmltree.Element {
	for i := range c.ops {
		if o := &c.ops[i]; o.intervalMs == intervalMs && o.name == name && (o.enabled || disabledToo) {
			return o.xml
		}
	}
	return nil
}

// recurringOp is a configured recurring operation that counts (03 §14.2).
type recurringOp struct {
	name       string
	intervalMs uint32
	role       Role
	hasRole    bool
	op         *xmltree.Element
}

// recurringOps lists the recurring operations that count, in the order in
// which they are configured. Two of one name and interval cancel each other
// out (03 §14.2, 07 §3.2).
func (s *State) recurringOps(r *Resource) []recurringOp {
	var list []recurringOp
	for i := range r.cfg.ops {
		o := &r.cfg.ops[i]
		if o.intervalMs == 0 || o.xml.ID() == "" || !mayRecur(o.name) {
			continue
		}
		if duplicateOp(r.cfg, i) {
			s.configError(o.xml, "resource %s: operation %s with interval %d ms is configured more than once; none of them is used", r.ID, o.name, o.intervalMs)
			continue
		}
		rec := recurringOp{name: o.name, intervalMs: o.intervalMs, op: o.xml}
		if text, ok := o.xml.Attr("role"); ok {
			if rec.role, ok = ParseRole(text); !ok || rec.role == RoleUnknown {
				s.configError(o.xml, "resource %s: ignoring operation %s because its role %q is no role", r.ID, o.xml.ID(), text)
				continue
			}
			rec.hasRole = true
		}
		if o.enabled {
			list = append(list, rec)
		}
	}
	return list
}

func mayRecur(name string) bool {
	switch name {
	case taskStart, taskStop, taskPromote, taskDemote, taskReload, taskMigrateTo, taskMigrateFrom:
		return false
	}
	return true
}

func duplicateOp(c *rscConfig, i int) bool {
	for j := range c.ops {
		if j != i && c.ops[j].name == c.ops[i].name && c.ops[j].intervalMs == c.ops[i].intervalMs {
			return true
		}
	}
	return false
}

// configureAction sets what a resource's action takes from the configuration:
// meta table, needs, failure policy (03 §14.3, §15).
func (s *State) configureAction(a *Action) {
	r := a.Rsc
	a.Meta = NewValues(s.opMetaTable(r, a.Task, a.IntervalMs, a.op))
	if agentCan(r.Class, "stonith") && (a.Task == taskStart || isProbe(a.Task, a.IntervalMs)) {
		if v, ok := s.paramsFor(r, a.Node).Get("pcmk_monitor_timeout"); ok {
			a.Meta.Set("timeout", v)
		}
	}
	a.Meta.Set("timeout", timeoutText(a.Meta.Value("timeout")))
	s.checkOnFail(r, a.Task, a.op, &a.Meta)
	s.setStartDelay(a)
	if equalFold(a.Task, taskStart) || equalFold(a.Task, taskPromote) {
		switch {
		case r.Has(RscNeedsFencing):
			a.Needs = NeedsFencing
		case r.Has(RscNeedsQuorum):
			a.Needs = NeedsQuorum
		}
	}
	text, _ := a.Meta.Get("on-fail")
	a.OnFail = s.parseOnFail(r, a.Task, a.IntervalMs, text)
	a.FailRole = s.failRole(r, a.Task, a.OnFail)
}

func isProbe(task string, intervalMs uint32) bool { return task == taskMonitor && intervalMs == 0 }

// timeoutText normalises a timeout to milliseconds (03 §1.6).
func timeoutText(text string) string {
	ms, ok := value.ParseTimeout(text)
	if !ok || ms <= 0 {
		ms = 20000
	}
	return itoa(int(min(ms, math.MaxInt32)))
}

// setStartDelay normalises start-delay, or works it out from interval-origin
// (03 §14.3 step 9).
func (s *State) setStartDelay(a *Action) {
	if text, ok := a.Meta.Get("start-delay"); ok {
		ms, ok := value.ParseTimeout(text)
		if !ok || ms < 0 {
			ms = 0
		}
		a.Meta.Set("start-delay", itoa(int(min(ms, math.MaxInt32))))
		return
	}
	text, ok := a.Meta.Get("interval-origin")
	if !ok || a.IntervalMs == 0 {
		return
	}
	origin, ok := isotime.ParseEpoch(text, s.opt.LocalOffset, s.opt.RealNow)
	if !ok {
		return
	}
	interval := int64(a.IntervalMs+999) / 1000
	rest := (s.Now - origin) % interval
	delay := -rest
	if rest > 0 {
		delay = interval - rest
	}
	a.Meta.Set("start-delay", itoa(int(delay*1000)))
}

// checkOnFail takes out failure policies that an operation may not have, and
// gives demote the policy of the promoted monitor (03 §15.2).
func (s *State) checkOnFail(r *Resource, name string, op *xmltree.Element, meta *Values) {
	text, ok := meta.Get("on-fail")
	low := strings.ToLower(text)
	switch name {
	case taskStop:
		if low == "standby" || low == "demote" || low == "stop" {
			s.configError(op, "resource %s: ignoring on-fail=%s for stop, which it cannot have", r.ID, text)
			meta.Del("on-fail")
		}
		return
	case taskDemote:
		if !ok {
			if v := promotedMonitorPolicy(r.cfg); v != "" {
				meta.Set("on-fail", v)
			}
			return
		}
	case taskLRMDelete:
		if low != "ignore" {
			meta.Set("on-fail", "ignore")
		}
		return
	}
	if low == "demote" && !mayDemoteOnFail(op) {
		s.configError(op, "resource %s: ignoring on-fail=demote for %s: only promote and recurring monitors of the promoted role may have it", r.ID, name)
		meta.Del("on-fail")
	}
}

func mayDemoteOnFail(op *xmltree.Element) bool {
	switch op.Get("name") {
	case taskPromote:
		return true
	case taskMonitor:
		role, _ := ParseRole(op.Get("role"))
		ms, _ := parseInterval(op.Get("interval"))
		return role == RolePromoted && ms > 0
	}
	return false
}

// promotedMonitorPolicy is the on-fail of the last enabled recurring monitor
// of the promoted role.
func promotedMonitorPolicy(cfg *rscConfig) string {
	policy := ""
	for i := range cfg.ops {
		o := &cfg.ops[i]
		v, ok := o.xml.Attr("on-fail")
		if !ok || o.name != taskMonitor || o.intervalMs == 0 || !o.enabled || equalFold(v, "demote") {
			continue
		}
		if role, _ := ParseRole(o.xml.Get("role")); role == RolePromoted {
			policy = v
		}
	}
	return policy
}

// parseOnFail reads a failure policy, or finds the default (03 §15.3).
func (s *State) parseOnFail(r *Resource, task string, intervalMs uint32, text string) OnFail {
	needsReset := r.Has(RscRemoteConnection) && !isProbe(task, intervalMs) && task != taskStart && s.isRemoteNodeConnection(r)
	if !(needsReset && !r.Managed()) {
		if policy, ok := s.explicitOnFail(r, text); ok {
			return policy
		}
	}
	switch {
	case r.Launcher != nil:
		return OnFailRestartContainer
	case needsReset && r.Managed():
		return OnFailResetRemote
	case needsReset:
		return OnFailStop
	case task == taskStop && s.Config.FencingEnabled:
		return OnFailFence
	case task == taskStop:
		return OnFailBlock
	}
	return OnFailRestart
}

// isRemoteNodeConnection tells whether the resource connects to a remote node,
// not a guest.
func (s *State) isRemoteNodeConnection(r *Resource) bool {
	n := s.nodeByName(r.ID)
	return n != nil && n.IsRemoteNode()
}

func (s *State) explicitOnFail(r *Resource, text string) (OnFail, bool) {
	switch strings.ToLower(text) {
	case "block":
		return OnFailBlock, true
	case "fence":
		if !s.Config.FencingEnabled {
			s.configError(r.XML, "resource %s: on-fail=fence is taken as stop because fencing is disabled", r.ID)
			return OnFailStop, true
		}
		return OnFailFence, true
	case "standby":
		return OnFailStandby, true
	case "ignore", "nothing":
		return OnFailIgnore, true
	case "migrate":
		return OnFailBan, true
	case "stop":
		return OnFailStop, true
	case "restart":
		return OnFailRestart, true
	case "demote":
		return OnFailDemote, true
	case "restart-container":
		if r.Launcher != nil {
			return OnFailRestartContainer, true
		}
	case "":
	default:
		s.configError(r.XML, "resource %s: using the default because %q is not a value of on-fail", r.ID, text)
	}
	return 0, false
}

// failRole is the role that a resource has after a failure (03 §15.4).
func (s *State) failRole(r *Resource, task string, policy OnFail) Role {
	switch {
	case policy == OnFailStop, policy == OnFailResetRemote && r.ReconnectMs > 0:
		return RoleStopped
	case task == taskPromote:
		return RoleUnpromoted
	}
	return RoleStarted
}

// opOnFail is the failure policy of an operation in the history, and the role
// after its failure (02 §9.7.3).
func (s *State) opOnFail(r *Resource, task string, intervalMs uint32) (OnFail, Role) {
	op := s.findOp(r, task, intervalMs, true)
	meta := NewValues(s.opMetaTable(r, task, intervalMs, op))
	s.checkOnFail(r, task, op, &meta)
	text, _ := meta.Get("on-fail")
	policy := s.parseOnFail(r, task, intervalMs, text)
	return policy, s.failRole(r, task, policy)
}
