package scheduler

// cloneNotify holds what is announced to the instances of a clone.
type cloneNotify struct{ start, stop, promote, demote *notifyData }

// notifyData is the announcement of one task (03 §17).
type notifyData struct {
	task                         string
	pre, preDone, post, postDone *Action
	meta                         []pair // what every instance is told
	lists                        notifyLists
}

// newNotifyData makes the pseudo-actions around a task of r. Either of first and
// done may be missing (03 §17.2).
func (s *State) newNotifyData(r *Resource, task string, first, done *Action) *notifyData {
	d := &notifyData{task: task}
	if first != nil {
		d.pre = s.notifyPseudo(r, d, first, taskNotify, "pre", "pre", true)
		d.preDone = s.notifyPseudo(r, d, first, taskNotified, "confirmed-pre", "pre", true)
		s.link(d.pre, d.preDone, RelOrdered, 0)
		s.link(d.preDone, first, RelOrdered, 0)
	}
	if done != nil {
		d.post = s.notifyPseudo(r, d, done, taskNotify, "post", "post", done.Runnable())
		d.post.Priority = Infinity
		d.postDone = s.notifyPseudo(r, d, done, taskNotified, "confirmed-post", "post", done.Runnable())
		d.postDone.Priority = Infinity
		s.link(done, d.post, RelFirstImpliesThen, 0)
		s.link(d.post, d.postDone, RelFirstImpliesThen, 0)
	}
	if first != nil && done != nil {
		s.link(d.preDone, d.post, RelOrdered, 0)
	}
	return d
}

func (s *State) notifyPseudo(r *Resource, d *notifyData, of *Action, task, keyType, kind string, runnable bool) *Action {
	a := s.actionByKey(r, notifyKey(r.ID, keyType, of.Task), task, nil, of.Optional())
	a.set(ActPseudo)
	if runnable {
		a.set(ActRunnable)
	} else {
		a.unset(ActRunnable)
	}
	a.Meta.Set("notify_key_type", keyType)
	a.Meta.Set("notify_key_operation", of.Task)
	a.Meta.Set("notify_type", kind)
	a.Meta.Set("notify_operation", d.task)
	return a
}

// notifyKey is the key of a notification (03 §12.3).
func notifyKey(rsc, kind, task string) string { return rsc + "_" + kind + "_notify_" + task + "_0" }

// createNotifications tells the instances of a clone what happens, once all
// else is decided (07 §9.3).
func (s *State) createNotifications(c *Resource) {
	if !c.Has(RscNotify) {
		return
	}
	n := &c.clone.notify
	var lists *notifyLists
	for _, d := range [...]*notifyData{n.start, n.stop, n.promote, n.demote} {
		if d == nil {
			continue
		}
		// What is required can change with the task before, so it is
		// collected anew each time.
		lists = s.collectNotify(c)
		s.describe(c, d, lists)
		s.notifyInstances(c, d)
	}
}

// describe makes the meta-attributes from the lists, and requires the
// announcement of what really happens (07 §9.4).
func (s *State) describe(c *Resource, d *notifyData, lists *notifyLists) {
	d.lists = *lists
	d.meta = lists.meta(s, c)
	if lists.of(d.task) == nil {
		return
	}
	for _, a := range [...]*Action{d.pre, d.preDone, d.post, d.postDone} {
		if a != nil {
			a.unset(ActOptional)
		}
	}
}

// notifyInstances creates the notifications of the primitives at or below r
// (07 §9.5).
func (s *State) notifyInstances(r *Resource, d *notifyData) {
	if !r.IsLeaf() {
		for _, c := range r.Children {
			s.notifyInstances(c, d)
		}
		return
	}
	for i := len(r.Actions) - 1; i >= 0; i-- {
		a := r.Actions[i]
		if a.Optional() || a.Node == nil {
			continue
		}
		switch a.Task {
		case taskStart, taskStop, taskPromote, taskDemote:
			d.tell(a)
		}
	}
	if d.task != taskStop && d.lists.of(d.task) == nil {
		return
	}
	switch d.task {
	case taskStop, taskDemote:
		s.notifyGoing(r, d)
	default:
		s.notifyComing(r, d)
	}
}

// notifyGoing announces a stop or demote to an active primitive.
func (s *State) notifyGoing(r *Resource, d *notifyData) {
	if r.OrigRole == RoleStopped {
		return
	}
	stop := r.findFirst("", taskStop, nil)
	for _, n := range r.Active {
		if stop != nil && stop.Pseudo() && (n.Unclean || n.RemoteReset) {
			continue
		}
		s.newNotify(r, n, d, d.pre, d.preDone)
		if d.task == taskDemote || stop == nil || stop.Optional() {
			s.newPostNotify(r, n, d)
		}
	}
}

// notifyComing announces a start or promote to a primitive that will be active.
func (s *State) notifyComing(r *Resource, d *notifyData) {
	if r.NextRole == RoleStopped {
		return
	}
	start := r.findFirst("", taskStart, nil)
	if start != nil && start.Node != nil && start.Node.Remote && start.Node.Connection != nil {
		if up := start.Node.Connection.findFirst("", taskStart, nil); up != nil && !up.Runnable() {
			return
		}
	}
	if r.Assigned == nil {
		return
	}
	if d.task != taskStart || start == nil || start.Optional() {
		s.newNotify(r, r.Assigned, d, d.pre, d.preDone)
	}
	s.newPostNotify(r, r.Assigned, d)
}

// tell puts the lists into an action.
func (d *notifyData) tell(a *Action) {
	for _, p := range d.meta {
		a.Meta.Set(p.name, p.value)
	}
}

// newNotify creates the notification of one primitive on one node, nil when
// that cannot be (07 §9.5).
func (s *State) newNotify(r *Resource, n *Node, d *notifyData, op, done *Action) *Action {
	if op == nil || done == nil || !n.Online || !op.Runnable() {
		return nil
	}
	key := notifyKey(r.ID, op.Meta.Value("notify_type"), op.Meta.Value("notify_operation"))
	a := s.actionByKey(r, key, op.Task, n, op.Optional())
	op.Meta.Each(func(name, value string) { a.Meta.SetDefault(name, value) })
	d.tell(a)
	s.link(op, a, RelOrdered, 0)
	s.link(a, done, RelOrdered, 0)
	return a
}

// newPostNotify is a notification afterwards; recurring operations wait for it.
func (s *State) newPostNotify(r *Resource, n *Node, d *notifyData) {
	if a := s.newNotify(r, n, d, d.post, d.postDone); a != nil {
		a.Priority = Infinity
	}
	if d.postDone == nil {
		return
	}
	for i := len(r.Actions) - 1; i >= 0; i-- {
		m := r.Actions[i]
		if interval, ok := m.Meta.Get("interval"); ok && interval != "0" && m.Task != taskCancel {
			s.link(d.postDone, m, RelOrdered, 0)
		}
	}
}

// notifyAfterFencing announces a stop that fencing implies (07 §9.6).
func (s *State) notifyAfterFencing(stop *Action, r *Resource, fencing *Action) {
	d := s.newNotifyData(r, taskStop, nil, fencing)
	d.meta = []pair{{name: "notify_stop_resource", value: r.ID}, {name: "notify_stop_uname", value: stop.Node.Name}}
	s.notifyInstances(r.TopBelowBundle(), d)
}
