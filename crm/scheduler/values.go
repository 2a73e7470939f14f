package scheduler

import "sort"

// Values is a small name → value table: meta-attributes, parameters, node
// attributes. Many tables of a run are the same but for one or two names (the
// instances of a clone, the operations of one kind), so a table has a shared
// base, which is never written to, and its own names in front of it. The zero
// Values is empty.
type Values struct {
	base map[string]string
	own  []pair // a pair with gone set hides the base's name
}

type pair struct {
	name, value string
	gone        bool
}

// NewValues takes over the map as a base; the caller must not write to it any
// more.
func NewValues(base map[string]string) Values { return Values{base: base} }

// Get returns the value and whether the name is set.
func (v *Values) Get(name string) (string, bool) {
	for i := range v.own {
		if v.own[i].name == name {
			return v.own[i].value, !v.own[i].gone
		}
	}
	s, ok := v.base[name]
	return s, ok
}

// Value returns the value, or "" when the name is not set.
func (v *Values) Value(name string) string {
	s, _ := v.Get(name)
	return s
}

// Has tells whether the name is set.
func (v *Values) Has(name string) bool {
	_, ok := v.Get(name)
	return ok
}

// Set gives the name a value.
func (v *Values) Set(name, value string) {
	for i := range v.own {
		if v.own[i].name == name {
			v.own[i] = pair{name: name, value: value}
			return
		}
	}
	v.own = append(v.own, pair{name: name, value: value})
}

// SetDefault gives the name a value unless it has one.
func (v *Values) SetDefault(name, value string) {
	if !v.Has(name) {
		v.Set(name, value)
	}
}

// Del takes the name out.
func (v *Values) Del(name string) {
	for i := range v.own {
		if v.own[i].name == name {
			v.own[i] = pair{name: name, gone: true}
			return
		}
	}
	if _, ok := v.base[name]; ok {
		v.own = append(v.own, pair{name: name, gone: true})
	}
}

// Copy returns a table that can be changed without changing this one. The base
// stays shared.
func (v *Values) Copy() Values {
	return Values{base: v.base, own: append([]pair(nil), v.own...)}
}

// Len returns the number of names.
func (v *Values) Len() int {
	n := 0
	v.Each(func(string, string) { n++ })
	return n
}

// Each visits every name once, in no particular order.
func (v *Values) Each(visit func(name, value string)) {
	for i := range v.own {
		if !v.own[i].gone {
			visit(v.own[i].name, v.own[i].value)
		}
	}
next:
	for name, value := range v.base {
		for i := range v.own {
			if v.own[i].name == name {
				continue next
			}
		}
		visit(name, value)
	}
}

// Names returns the names in byte order.
func (v *Values) Names() []string {
	names := make([]string, 0, len(v.own)+len(v.base))
	v.Each(func(name, _ string) { names = append(names, name) })
	sort.Strings(names)
	return names
}
