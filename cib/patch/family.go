package patch

import (
	"cmp"
	"slices"

	"systole/lib/xmltree"
)

// family is the children of an element while changes are applied to them. A
// place is an index into base, or, from its length on, into moving.
type family struct {
	parent *xmltree.Element

	base   []*xmltree.Element // nil where a child was deleted or moved
	moving []*xmltree.Element // moved ones: until they get their place they stand behind the others
	items  []item             // what will be put in its place
	gaps   bool               // base has some nil

	// Made when there are many children; a place whose child is gone is dropped
	// from a list when it is in front.
	bySteps  map[step][]int32   // elements with an id
	byNames  map[string][]int32 // all elements
	comments []int32
	rest     counter // of what is not nil in base
}

// item is an element or comment that a change puts in a place.
type item struct {
	e      *xmltree.Element
	change *Change
}

// fewChildren is the number of children up to which they are looked at one by
// one.
const fewChildren = 16

func (f *family) at(place int32) *xmltree.Element {
	if n := int32(len(f.base)); place >= n {
		return f.moving[place-n]
	}
	return f.base[place]
}

func (f *family) size() int32 { return int32(len(f.base) + len(f.moving)) }

// find returns the place of the first child that a step names, or -1. Position
// is that of a comment, or -1 for any.
func (f *family) find(s step, position int32) int32 {
	if f.bySteps == nil {
		if f.size() <= fewChildren {
			return f.search(s, position)
		}
		f.index()
	}
	if s.hasID {
		return firstOf(f, f.bySteps, s)
	}
	element := firstOf(f, f.byNames, s.name)
	if s.name != commentStep {
		return element
	}
	comment := int32(-1)
	if position >= 0 {
		comment = f.atPosition(position)
	} else if f.comments = f.dropGone(f.comments); len(f.comments) > 0 {
		comment = f.comments[0]
	}
	if comment < 0 || element >= 0 && element < comment {
		return element
	}
	return comment
}

func (f *family) search(s step, position int32) int32 {
	index := int32(0)
	for place := range f.size() {
		e := f.at(place)
		if e == nil {
			continue
		}
		if e.Kind == xmltree.KindComment {
			if s.name == commentStep && !s.hasID && (position < 0 || position == index) {
				return place
			}
		} else if e.Name == s.name && (!s.hasID || stepOf(e) == s) {
			return place
		}
		index++
	}
	return -1
}

func (f *family) index() {
	f.bySteps, f.byNames = make(map[step][]int32, len(f.base)), map[string][]int32{}
	f.rest = newCounter(len(f.base))
	for place := range f.size() {
		if f.at(place) != nil {
			f.note(place)
		} else {
			f.rest.drop(int(place))
		}
	}
}

func (f *family) note(place int32) {
	e := f.at(place)
	if e.Kind == xmltree.KindComment {
		f.comments = append(f.comments, place)
		return
	}
	f.byNames[e.Name] = append(f.byNames[e.Name], place)
	if s := stepOf(e); s.hasID {
		f.bySteps[s] = append(f.bySteps[s], place)
	}
}

func (f *family) dropGone(list []int32) []int32 {
	for len(list) > 0 && f.at(list[0]) == nil {
		list = list[1:]
	}
	return list
}

func firstOf[K comparable](f *family, lists map[K][]int32, key K) int32 {
	list := lists[key]
	if len(list) == 0 {
		return -1
	}
	if list = f.dropGone(list); len(list) == 0 {
		delete(lists, key)
		return -1
	}
	lists[key] = list
	return list[0]
}

// atPosition returns the place of the comment that has so many siblings in
// front of it, or -1.
func (f *family) atPosition(position int32) int32 {
	place := int32(f.rest.at(int(position)))
	if place < 0 {
		place = position - int32(f.rest.before(len(f.base))) + int32(len(f.base))
		if place >= f.size() {
			return -1
		}
	}
	if f.at(place).Kind != xmltree.KindComment {
		return -1
	}
	return place
}

// take removes the child in a place of base.
func (f *family) take(place int32) *xmltree.Element {
	e := f.base[place]
	f.base[place], f.gaps = nil, true
	if f.bySteps != nil {
		f.rest.drop(int(place))
	}
	return e
}

// move takes a child out, to be put in its place later.
func (f *family) move(place int32, c *Change) {
	e := f.take(place)
	f.moving = append(f.moving, e)
	f.items = append(f.items, item{e: e, change: c})
	if f.bySteps != nil {
		f.note(f.size() - 1)
	}
}

// settle puts everything in its place: in the order of the positions, each item
// goes in front of what then has its position, so of two items with the same
// position the later comes first.
//
// The last item ends where it is put. Leaving it out, so does the last but one,
// and so on: from the last to the first, each takes the first place, from its
// position on, that is still free.
func (f *family) settle() error {
	stay := f.base
	if f.gaps {
		stay = slices.DeleteFunc(stay, func(e *xmltree.Element) bool { return e == nil })
	}
	if len(f.items) == 0 {
		f.parent.Children = stay
		return nil
	}
	slices.SortStableFunc(f.items, func(a, b item) int { return cmp.Compare(a.change.Position, b.change.Position) })
	result := make([]*xmltree.Element, len(stay)+len(f.items))
	free := make(freePlaces, len(result)+1)
	for i := range free {
		free[i] = int32(i)
	}
	for i := len(f.items) - 1; i >= 0; i-- {
		it, last := f.items[i], int32(len(stay)+i)
		position := max(it.change.Position, 0)
		if position > last {
			if it.change.Op == OpMove {
				return it.change.fail("there are only the places 0 to %d for it; make the patch set again from the present document", last)
			}
			position = last
		}
		place := free.take(position)
		result[place], it.e.Parent = it.e, f.parent
	}
	for place := int32(0); len(stay) > 0; stay = stay[1:] {
		place = free.take(place)
		result[place] = stay[0]
	}
	f.parent.Children = result
	return nil
}

// freePlaces finds the first free place from some place on: an entry is the
// place itself, or one behind it that is nearer to the answer.
type freePlaces []int32

func (f freePlaces) take(place int32) int32 {
	for f[place] != place {
		f[place] = f[f[place]]
		place = f[place]
	}
	f[place] = place + 1
	return place
}
