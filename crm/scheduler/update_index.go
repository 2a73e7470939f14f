package scheduler

// taskIndex lists the actions of a collective's instances for one task.
type taskIndex struct {
	list      []*Action           // the newest of each instance that has one, in instance order
	missing   bool                // some instance has none
	several   bool                // some instance has more than one
	groups    bool                // the instances are groups
	downwards bool                // the task is stop or demote
	byNode    map[*Node][]*Action // the newest on the node, built on first use
	instances []*Resource         // what was indexed
	task      string
}

// taskIndex finds or builds the index of a task over the instances of r: those
// that it places, or inside, the instances in a bundle's clone.
func (s *State) taskIndex(r *Resource, list []*Resource, task string, inside bool) *taskIndex {
	key := task
	if inside {
		key = "+" + task
	}
	if s.ord.frozen {
		if x := r.tasks[key]; x != nil {
			return x
		}
	}
	if !inside {
		list = r.placed()
	}
	x := newTaskIndex(list, task)
	if s.ord.frozen {
		if r.tasks == nil {
			r.tasks = map[string]*taskIndex{}
		}
		r.tasks[key] = x
	}
	return x
}

func newTaskIndex(list []*Resource, task string) *taskIndex {
	x := &taskIndex{instances: list, task: task, downwards: task == taskStop || task == taskDemote}
	if task == "" {
		x.missing = len(list) > 0
		return x
	}
	for _, r := range list {
		if !r.IsLeaf() {
			x.groups = true
		}
		var newest *Action
		for i := len(r.Actions) - 1; i >= 0; i-- {
			if a := r.Actions[i]; equalASCII(a.Task, task) {
				if newest != nil {
					x.several = true
					break
				}
				newest = a
			}
		}
		if newest == nil {
			x.missing = true
		} else {
			x.list = append(x.list, newest)
		}
	}
	return x
}

// on lists the instances' actions that count on a node: of primitives the newest
// there, of groups those with a member that has an action there.
func (x *taskIndex) on(n *Node) []*Action {
	if x.byNode == nil {
		x.byNode = map[*Node][]*Action{}
		if x.groups {
			x.indexGroups()
		} else {
			for _, r := range x.instances {
				x.indexNodes(r, x.task, nil)
			}
		}
	}
	return x.byNode[n]
}

// indexNodes enters the newest action of the task on each node; or entry instead
// of it.
func (x *taskIndex) indexNodes(r *Resource, task string, entry *Action) {
	if task == "" {
		return
	}
	for i := len(r.Actions) - 1; i >= 0; i-- {
		a := r.Actions[i]
		if a.Node == nil || !equalASCII(a.Task, task) {
			continue
		}
		list := x.byNode[a.Node]
		if k := len(list); entry != nil && k > 0 && list[k-1] == entry {
			continue
		} else if k > 0 && entry == nil && list[k-1].Rsc == r {
			continue
		}
		if entry != nil {
			a.addTo(x, entry)
		} else {
			a.addTo(x, a)
		}
	}
}

func (a *Action) addTo(x *taskIndex, entry *Action) {
	x.byNode[a.Node] = append(x.byNode[a.Node], entry)
}

func (x *taskIndex) indexGroups() {
	task := memberTask(x.task)
	for _, entry := range x.list {
		for _, member := range entry.Rsc.Children {
			x.indexNodes(member, task, entry)
		}
	}
}

// exactly lists the instances' actions of the task that are on the node, as
// "find first with a node" does: a group's own actions have none.
func (x *taskIndex) exactly(n *Node) []*Action {
	if n == nil {
		return x.list
	}
	if x.groups {
		return nil
	}
	return x.on(n)
}
