package rule

import (
	"systole/cib/isotime"
)

// Input is what a rule may look at (01 §10.2). What does not apply in a context
// stays zero.
type Input struct {
	// Now is the time of the run in epoch seconds, shown by date_spec in the
	// local offset, in seconds east of UTC. Date, unless zero, stands for
	// both: a time that was given as text has an offset of its own.
	Now         int64
	LocalOffset int
	Date        isotime.Time
	// RealNow is what the clock says in epoch seconds. Only dates that leave
	// something out depend on it (01 §9.2).
	RealNow int64

	// Node holds the attributes of the node asked for; nil: all are undefined.
	Node map[string]string
	// Params and Meta find instance attributes and meta-attributes of the
	// resource, for value-source; nil: all are undefined.
	Params func(name string) (string, bool)
	Meta   func(name string) (string, bool)
	// Matches are the groups of the resource id's match with an rsc-pattern,
	// the whole match first; nil: there was no such match.
	Matches []string

	HasResource           bool
	Class, Provider, Type string // an empty one is undefined

	HasOperation bool
	Operation    string
	IntervalMs   uint32
}

func (in *Input) now() isotime.Time {
	if !in.Date.IsZero() {
		return in.Date
	}
	return isotime.FromEpoch(in.Now, in.LocalOffset)
}

func (in *Input) clock() isotime.Time { return isotime.FromEpoch(in.RealNow, in.LocalOffset) }
