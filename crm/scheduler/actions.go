package scheduler

import (
	"strconv"
	"strings"

	"systole/lib/xmltree"
)

func utoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// opID is the key of a resource's action: RSC_TASK_INTERVALMS (03 §12.3).
func opID(rsc, task string, intervalMs uint32) string {
	if intervalMs == 0 {
		return rsc + "_" + task + "_0"
	}
	return rsc + "_" + task + "_" + utoa(intervalMs)
}

// splitKey takes a key apart (03 §12.4).
func splitKey(key string) (rsc, task string, intervalMs uint32, ok bool) {
	if len(key) < 5 {
		return "", "", 0, false
	}
	end := strings.LastIndexByte(key[:len(key)-1], '_')
	if end < 3 {
		return "", "", 0, false
	}
	ms, _ := parseInteger(key[end+1:])
	rest := key[:end]
	start := strings.LastIndexByte(rest, '_')
	for _, two := range [...]string{"_migrate_from", "_migrate_to"} {
		if strings.HasSuffix(rest, two) {
			start = len(rest) - len(two)
		}
	}
	if start < 1 {
		return "", "", 0, false
	}
	for _, pre := range [...]string{"_confirmed-pre_notify", "_confirmed-post_notify", "_pre_notify", "_post_notify"} {
		if strings.HasSuffix(rest[:start], pre) {
			start -= len(pre)
			break
		}
	}
	if start < 1 {
		return "", "", 0, false
	}
	return rest[:start], rest[start+1:], uint32(ms), true
}

// action finds or creates a resource's action by task and interval (03 §13).
func (s *State) action(r *Resource, task string, intervalMs uint32, n *Node, optional bool) *Action {
	return s.findOrCreate(r, opID(r.ID, task, intervalMs), task, intervalMs, n, optional)
}

// actionByKey does the same for a key of any form; r is nil for actions of the
// cluster.
func (s *State) actionByKey(r *Resource, key, task string, n *Node, optional bool) *Action {
	var ms uint32
	if r != nil {
		if _, _, interval, ok := splitKey(key); ok {
			ms = interval
		}
	}
	return s.findOrCreate(r, key, task, ms, n, optional)
}

func (s *State) findOrCreate(r *Resource, key, task string, ms uint32, n *Node, optional bool) *Action {
	var a *Action
	if r != nil {
		if found := r.findActions(key, n); len(found) > 0 {
			a = found[0]
		}
	} else if a = s.singletons[key]; a != nil && n != nil {
		if a.Node == nil {
			a.Node = n
		} else if a.Node != n {
			a = nil
		}
	}
	if a == nil {
		a = s.newAction(r, key, task, ms, n, optional)
	}
	s.updateOptional(a, optional)
	if r != nil {
		if n != nil && a.op != nil && !a.Has(ActParamsEvaluated) {
			s.evalExtra(a)
		}
		s.updateRunnable(a)
	}
	return a
}

// newAction makes an action and puts it at the (new) end of the lists
// (03 §13.3).
func (s *State) newAction(r *Resource, key, task string, ms uint32, n *Node, optional bool) *Action {
	a := &Action{ID: len(s.Actions) + 1, Task: task, Key: key, IntervalMs: ms, Rsc: r, Node: n, Flags: ActRunnable}
	if optional {
		a.set(ActOptional)
	}
	if task == taskLRMDelete {
		a.set(ActOnDC)
	}
	s.Actions = append(s.Actions, a)
	if r == nil {
		s.singletons[key] = a
		return a
	}
	a.op = s.opFor(r, key, task, ms)
	s.configureAction(a)
	r.Actions = append(r.Actions, a)
	if r.byKey == nil {
		r.byKey = map[string][]*Action{}
	}
	low := strings.ToLower(key)
	r.byKey[low] = append(r.byKey[low], a)
	return a
}

// updateOptional makes a required request count, and keeps what an unmanaged
// resource may not do optional (03 §13.4).
func (s *State) updateOptional(a *Action, optional bool) {
	if a.Rsc != nil && a.Node != nil && !a.Pseudo() && !a.Rsc.Managed() && !a.Meta.Has("interval") {
		a.set(ActOptional)
		return
	}
	if !optional {
		a.unset(ActOptional)
		a.required = Why{}
	}
}

// updateRunnable decides again, on every request, whether the action can run
// where it is (03 §13.6). It wipes the reason of what needs nothing.
func (s *State) updateRunnable(a *Action) {
	n, r := a.Node, a.Rsc
	switch {
	case a.Pseudo():
		return
	case n == nil:
		a.unset(ActRunnable)
	case !a.Has(ActOnDC) && !n.Online && (!n.IsGuest() || n.RemoteReset):
		a.unset(ActRunnable)
		if r.Managed() && a.Task == taskStop && !n.Unclean {
			s.fenceNode(n, "stop is unrunnable", false, a.Cause)
		}
	case !a.Has(ActOnDC) && n.Pending:
		a.unset(ActRunnable)
	case a.Needs == NeedsNothing:
		a.Reason = ""
		if n.IsGuest() && !s.canFence(n) {
			a.unset(ActRunnable)
		} else {
			a.set(ActRunnable)
		}
	default:
		s.updateForQuorum(a)
	}
}

func (s *State) updateForQuorum(a *Action) {
	switch s.effectivePolicy(a.Rsc) {
	case QuorumStop:
		a.unset(ActRunnable)
		a.setReason("no quorum", true)
	case QuorumFreeze:
		if !a.Rsc.IsActive(true) || a.Rsc.NextRole > a.Rsc.OrigRole {
			a.unset(ActRunnable)
			a.setReason("quorum freeze", true)
		}
	default:
		a.set(ActRunnable)
	}
}

// effectivePolicy is what lack of quorum means for a resource now; a promoted
// instance is demoted on the way (03 §13.6 step 5).
func (s *State) effectivePolicy(r *Resource) QuorumPolicy {
	if s.Quorate {
		return QuorumIgnore
	}
	if s.Config.NoQuorumPolicy != QuorumDemote {
		return s.Config.NoQuorumPolicy
	}
	if role := r.OrigRole; role == RolePromoted || role == RoleUnpromoted {
		if r.NextRole > RoleUnpromoted {
			r.NextRole = RoleUnpromoted
		}
		return QuorumIgnore
	}
	return QuorumStop
}

// evalExtra reads the operation's instance attributes with the attributes of
// the action's node (03 §11.3).
func (s *State) evalExtra(a *Action) {
	a.set(ActParamsEvaluated)
	if a.op.Child("instance_attributes") == nil {
		return
	}
	table := map[string]string{}
	in := s.ruleInput()
	in.setNode(a.Node)
	s.evalSets(a.op, "instance_attributes", in, table)
	a.Extra = NewValues(table)
}

// pseudoAction makes a collective's own action: it runs nowhere, it only
// orders others (03 §13.7).
func (s *State) pseudoAction(r *Resource, task string, optional, runnable bool) *Action {
	a := s.action(r, task, 0, nil, optional)
	a.set(ActPseudo)
	if runnable {
		a.set(ActRunnable)
	}
	return a
}

// clusterPseudo returns the cluster's pseudo-action of that name.
func (s *State) clusterPseudo(name string) *Action {
	if a := s.singletons[name]; a != nil {
		return a
	}
	a := s.newAction(nil, name, name, 0, nil, true)
	a.set(ActPseudo | ActRunnable)
	return a
}

// findActions finds all actions of a key, oldest first. With a node, an action
// that has none yet is given the node (06 §1.3).
func (r *Resource) findActions(key string, n *Node) []*Action {
	list := r.byKey[strings.ToLower(key)]
	if n == nil || len(list) == 0 {
		return list
	}
	if len(list) == 1 {
		if a := list[0]; a.Node == nil {
			a.Node = n
		} else if a.Node != n {
			return nil
		}
		return list
	}
	var found []*Action
	for _, a := range list {
		if a.Node == nil {
			a.Node = n
		}
		if a.Node == n {
			found = append(found, a)
		}
	}
	return found
}

// findExact finds the actions of a key that are on the node already.
func (r *Resource) findExact(key string, n *Node) []*Action {
	if n == nil {
		return nil
	}
	var found []*Action
	for _, a := range r.byKey[strings.ToLower(key)] {
		if a.Node == n {
			found = append(found, a)
		}
	}
	return found
}

// findFirst finds the newest action with the key and the task ("" = any of
// them) on the node (nil = anywhere).
func (r *Resource) findFirst(key, task string, n *Node) *Action {
	list := r.Actions
	if key != "" {
		list = r.byKey[strings.ToLower(key)]
	}
	for i := len(list) - 1; i >= 0; i-- {
		a := list[i]
		if (task == "" || equalFold(a.Task, task)) && (n == nil || a.Node == n) {
			return a
		}
	}
	return nil
}

// setReason says why; without overwrite the first reason stays (06 §2.5).
func (a *Action) setReason(reason string, overwrite bool) {
	if a.Reason == "" || overwrite {
		a.Reason = reason
	}
}

// clearBecause takes a flag from the action because of another one, which is
// named as the reason if it belongs to another resource (06 §2.5). c is the
// cause of the relation between the two.
func (a *Action) clearBecause(f ActionFlags, because *Action, c Cause) bool {
	if a.Flags&f == 0 {
		return false
	}
	a.unset(f)
	a.noteWhy(f, because, c)
	if a.Rsc == because.Rsc {
		return true
	}
	word := "required"
	switch f {
	case ActRunnable:
		word = "unrunnable"
	case ActMigratable:
		word = "unmigrateable"
	}
	if because.Rsc == nil {
		a.setReason(word+" "+because.Task, false)
	} else {
		a.setReason(word+" "+because.Rsc.ID+" "+because.Task, false)
	}
	return true
}

// opFor finds the configuration of an action: by task and interval, disabled
// ones too; notifications use the notify operation (03 §13.3).
func (s *State) opFor(r *Resource, key, task string, ms uint32) *xmltree.Element {
	op := s.findOp(r, task, ms, true)
	if op == nil && strings.Contains(key, "_notify_") {
		op = s.findOp(r, taskNotify, 0, true)
	}
	return op
}
