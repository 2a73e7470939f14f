package scheduler

// DOT draws all actions and orderings in the language of Graphviz, as
// Pacemaker does (06 §16). all: with what is not going to happen; ids: with the
// numbers of the actions.
func (s *State) DOT(all, ids bool) []byte {
	d := dot{s: s, all: all, ids: ids, shown: make([]bool, len(s.Actions)+1), names: make([]string, len(s.Actions)+1)}
	d.buf = append(d.buf, " digraph \"g\" {\n"...)
	for i := len(s.Actions) - 1; i >= 0; i-- {
		d.node(s.Actions[i])
	}
	for i := len(s.Actions) - 1; i >= 0; i-- {
		d.edges(s.Actions[i])
	}
	return append(d.buf, "}\n"...)
}

type dot struct {
	s        *State
	all, ids bool
	buf      []byte
	shown    []bool   // by action id
	names    []string // by action id
}

func (d *dot) node(a *Action) {
	style, colour, font := "dashed", "red", "black"
	if a.Pseudo() {
		font = "orange"
	}
	write := true
	switch {
	case a.Has(ActAdded):
		style, colour = "bold", "green"
	case a.Rsc != nil && !a.Rsc.Managed():
		font, write = "purple", d.all
	case a.Optional():
		colour, write = "blue", d.all
	}
	d.shown[a.ID] = a.Has(ActAdded)
	if !write {
		return
	}
	d.shown[a.ID] = true
	d.text(`"`, d.name(a), `" [ style=`, style, ` color="`, colour, `" fontcolor="`, font, "\"]\n")
}

func (d *dot) edges(a *Action) {
	for i := range a.before {
		e := a.input(i)
		style := "dashed"
		write := d.all
		switch {
		case e.graphed:
			style, write = "bold", true
		case e.flags == 0:
			continue
		case d.shown[a.ID] && d.shown[e.action.ID] && e.flags != RelIfOnSameNodeOrTarget:
			write = true
		}
		if write {
			d.text(`"`, d.name(e.action), `" -> "`, d.name(a), `" [ style = `, style, "]\n")
		}
	}
}

func (d *dot) text(parts ...string) {
	for _, p := range parts {
		d.buf = append(d.buf, p...)
	}
}

func (d *dot) name(a *Action) string {
	if d.names[a.ID] == "" {
		name := a.Label()
		if d.ids {
			name += " (" + itoa64(int64(a.ID)) + ")"
		}
		d.names[a.ID] = name
	}
	return d.names[a.ID]
}

// Label names the action for people: what it does and where (06 §16.3).
func (a *Action) Label() string {
	host := ""
	switch {
	case a.Node != nil:
		host = " " + a.Node.Name
	case !a.Pseudo():
		host = " <none>"
	}
	prefix, task := "", a.Task
	if a.Task == taskCancel {
		prefix, task = "Cancel ", a.CancelTask
	}
	switch {
	case a.Rsc != nil && a.Rsc.HistoryID != "":
		id := a.Rsc.HistoryID
		if a.Task == taskNotify || a.Task == taskNotified {
			return prefix + id + "_" + a.Meta.Value("notify_key_type") + "_notify_" + a.Meta.Value("notify_key_operation") + "_0" + host
		}
		return prefix + opID(id, task, metaInterval(a)) + host
	case a.Task == taskFence:
		return prefix + "stonith '" + a.Meta.Value("stonith_action") + "'" + host
	case a.Rsc != nil && host != "":
		return prefix + a.Key + host
	case host != "":
		return prefix + task + host
	}
	return a.Key
}
