package patch

import "systole/lib/xmltree"

// writer writes down a difference as changes of format 2.
type writer struct {
	set  *Set
	path []byte // of the pair that is being written
}

// deletions come first, in the order of the old document.
func (w *writer) deletions(p *pair) {
	length := w.enter(p)
	for _, c := range p.olds {
		if c.pair != nil {
			w.deletions(c.pair)
			continue
		}
		change := Change{Op: OpDelete, Path: w.pathTo(c.e), Position: -1}
		if c.e.Kind == xmltree.KindComment {
			change.Position = c.position
		}
		w.set.Changes = append(w.set.Changes, change)
	}
	w.path = w.path[:length]
}

// below writes what is not a deletion below a pair, in the order of the new
// document: an element's attributes, what is below it, then its move.
func (w *writer) below(p *pair) {
	length := w.enter(p)
	for _, c := range p.news {
		if c.created {
			w.set.Changes = append(w.set.Changes, Change{Op: OpCreate, Path: string(w.path), Position: c.position, Node: c.e})
			continue
		}
		if c.pair != nil {
			if len(c.pair.attrs) > 0 {
				w.set.Changes = append(w.set.Changes, modification(w.pathTo(c.e), c.pair))
			}
			w.below(c.pair)
		}
		if c.moved {
			w.set.Changes = append(w.set.Changes, Change{Op: OpMove, Path: w.pathTo(c.e), Position: c.position})
		}
	}
	w.path = w.path[:length]
}

// enter appends the step of a pair and returns the length without it.
func (w *writer) enter(p *pair) int {
	length := len(w.path)
	w.path = stepOf(p.old).appendTo(w.path)
	return length
}

func (w *writer) pathTo(child *xmltree.Element) string {
	return string(stepOf(child).appendTo(w.path[:len(w.path):len(w.path)]))
}

func modification(path string, p *pair) Change {
	return Change{
		Op: OpModify, Path: path, Position: -1, Attrs: p.attrs,
		Result: &xmltree.Element{Name: p.new.Name, Attrs: p.new.Attrs},
	}
}
