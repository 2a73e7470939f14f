package nvset

import "systole/lib/xmltree"

// Table holds names with values and their causes, in the order in which they
// were added. The zero Table is empty.
type Table struct {
	pairs []Pair         // with gaps where one was taken out
	gone  int            // number of gaps
	index map[string]int // of pairs; nil as long as there are few
}

// few is how many names are looked for one by one: fewer are found faster that
// way than in a map, and most tables stay small.
const few = 12

func (t *Table) find(name string) int {
	if t.index != nil {
		if i, ok := t.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range t.pairs {
		if t.pairs[i].Name == name && !t.pairs[i].gone {
			return i
		}
	}
	return -1
}

// Len returns the number of names.
func (t *Table) Len() int { return len(t.pairs) - t.gone }

// All yields everything in order. A pair is valid until the table is changed.
func (t *Table) All() func(yield func(*Pair) bool) {
	return func(yield func(*Pair) bool) {
		for i := range t.pairs {
			if p := &t.pairs[i]; !p.gone && !yield(p) {
				return
			}
		}
	}
}

// Get returns the value of the name and whether it has one.
func (t *Table) Get(name string) (string, bool) {
	if i := t.find(name); i >= 0 {
		return t.pairs[i].Value, true
	}
	return "", false
}

// Pair returns value and cause of the name, nil when it has none. It is valid
// until the table is changed.
func (t *Table) Pair(name string) *Pair {
	if i := t.find(name); i >= 0 {
		return &t.pairs[i]
	}
	return nil
}

// Set gives the name a value, in its present place or at the end. from may be
// nil.
func (t *Table) Set(name, value string, from *xmltree.Element) {
	p := Pair{Name: name, Value: value, From: from}
	if i := t.find(name); i >= 0 {
		t.pairs[i] = p
		return
	}
	t.push(p)
}

// SetDefault gives the name a value unless it has one.
func (t *Table) SetDefault(name, value string, from *xmltree.Element) {
	if t.find(name) < 0 {
		t.push(Pair{Name: name, Value: value, From: from})
	}
}

// Del takes the name out.
func (t *Table) Del(name string) {
	i := t.find(name)
	if i < 0 {
		return
	}
	t.pairs[i] = Pair{gone: true}
	t.gone++
	delete(t.index, name)
	if t.gone > few && t.gone > len(t.pairs)/2 {
		t.compact()
	}
}

// compact closes the gaps. It is done rarely enough that taking out a name
// costs little whatever the size of the table.
func (t *Table) compact() {
	kept := t.pairs[:0]
	for _, p := range t.pairs {
		if !p.gone {
			kept = append(kept, p)
		}
	}
	clear(t.pairs[len(kept):])
	t.pairs, t.gone, t.index = kept, 0, nil
	t.reindex()
}

// reindex makes the index when there are names enough for one.
func (t *Table) reindex() {
	if len(t.pairs) <= few {
		return
	}
	t.index = make(map[string]int, 2*len(t.pairs))
	for i := range t.pairs {
		if !t.pairs[i].gone {
			t.index[t.pairs[i].Name] = i
		}
	}
}

// Merge adds everything of another table that is not here yet; with overwrite
// also what is here, as transient node attributes do (01 §12.2.5).
func (t *Table) Merge(other *Table, overwrite bool) {
	for p := range other.All() {
		i := t.find(p.Name)
		switch {
		case i < 0:
			t.push(*p)
		case overwrite:
			t.pairs[i] = *p
		}
	}
}

// Copy returns a table that can be changed without changing this one.
func (t *Table) Copy() *Table {
	c := &Table{}
	c.Merge(t, false)
	return c
}

// Map returns the values as a map.
func (t *Table) Map() map[string]string {
	m := make(map[string]string, t.Len())
	for p := range t.All() {
		m[p.Name] = p.Value
	}
	return m
}

func (t *Table) push(p Pair) {
	t.pairs = append(t.pairs, p)
	if t.index != nil {
		t.index[p.Name] = len(t.pairs) - 1
	} else {
		t.reindex()
	}
}

func (t *Table) add(p *pair, from *set) {
	if t.find(p.name) < 0 {
		t.push(Pair{Name: p.name, Value: p.value, From: p.xml, Set: from.xml})
	}
}

func (t *Table) drop(name string) { t.Del(name) }
