package command

import (
	"systole/crm/explain"
	"systole/crm/scheduler"
)

// allReasons is up to how many pairs of primitives and nodes everything is kept
// that counted; beyond that, only what counted for resources that change, or that
// were asked about.
const allReasons = 250_000

// decideWith plans, and keeps what is needed to say why where reasons are wanted.
// The state that it returns then is another one, with the same decisions.
func (r *run) decideWith(q *Question, s *scheduler.State) (*scheduler.State, int) {
	if !r.reasons {
		return s, r.decide(s)
	}
	r.only = nil
	if primitives := len(allPrimitives(s)); primitives*len(s.Nodes) > allReasons {
		if status := r.decide(s); status != exitOK {
			return s, status
		}
		r.only = interesting(s, q)
	}
	r.trail = true
	with, err := r.unpack()
	r.trail = false
	if err != nil {
		return s, r.broken(err)
	}
	return with, r.decide(with)
}

func allPrimitives(s *scheduler.State) []*scheduler.Resource {
	var list []*scheduler.Resource
	for _, r := range s.Resources {
		list = append(list, primitivesBelow(r)...)
	}
	return list
}

func primitivesBelow(r *scheduler.Resource) []*scheduler.Resource {
	if r.IsLeaf() {
		return []*scheduler.Resource{r}
	}
	var list []*scheduler.Resource
	for _, c := range r.Children {
		list = append(list, primitivesBelow(c)...)
	}
	return list
}

// interesting picks the resources whose reasons may be told: those that change,
// what was asked about, and of every clone one instance that is placed nowhere.
func interesting(s *scheduler.State, q *Question) map[string]bool {
	ids := map[string]bool{}
	add := func(r *scheduler.Resource) {
		for ; r != nil && !ids[r.ID]; r = r.Parent {
			ids[r.ID] = true
		}
	}
	for _, row := range s.Summary() {
		add(row.Rsc)
	}
	for _, top := range s.Resources {
		add(top)
		for _, r := range primitivesBelow(top) {
			if r.Assigned == nil {
				add(r)
				break
			}
		}
	}
	if q == nil {
		return ids
	}
	if r := explain.New(s).Find(q.Name); r != nil {
		add(r)
		for _, p := range primitivesBelow(r) {
			add(p)
		}
	}
	return ids
}
