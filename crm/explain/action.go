package explain

import "systole/crm/scheduler"

// Action says why an action is in the transition: each fact is the reason of the
// one before it. It is empty for actions of which there is nothing to say.
func (x *Index) Action(id int) []Fact {
	a := x.s.ActionByID(int32(id))
	if a == nil {
		return nil
	}
	w := walk{x: x, seen: map[*scheduler.Action]bool{}}
	switch {
	case a.Rsc == nil:
		w.fencing(a)
	case !a.Rsc.IsLeaf():
		w.required(a)
	case a.IntervalMs > 0 || a.Task == "notify" || a.Task == "monitor":
		if row := x.rowOf(a.Rsc); row != nil {
			w.add(plain("row", row.Verb+" "+a.Rsc.ID))
			w.row(row)
		}
	default:
		if row := x.rowOf(a.Rsc); row != nil {
			w.row(row)
		} else {
			w.required(a)
		}
	}
	return w.list
}

// rowOf is what the summary says of a resource first, nil when it says nothing.
func (x *Index) rowOf(r *scheduler.Resource) *scheduler.SummaryRow {
	rows := x.rows[r]
	if len(rows) == 0 {
		return nil
	}
	return &rows[0]
}
