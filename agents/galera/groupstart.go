package galera

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/lib/wsrep"
)

// A GroupStart is one start of the group, from the data of one node. Whoever starts
// the group first writes it down where a majority of the cluster keeps it: in the
// configuration, as a persistent attribute of the node. A node that has got
// all data of the group keeps the ID beside its data. So data of the newest start
// are told apart from data that the group has left behind, also while the node that
// has made the newest start is off.
type GroupStart struct {
	ID       StartID
	Position wsrep.Position // from which the group was started
	At       time.Time
	// Without are the nodes that an operator had decided to go on without.
	Without []string
}

// A StartID names a start of the group. The zero StartID is none.
type StartID struct {
	Number int64
	Node   string
}

// IsZero says that it names no start.
func (s StartID) IsZero() bool { return s == StartID{} }

// String is NUMBER@NODE.
func (s StartID) String() string { return fmt.Sprintf("%d@%s", s.Number, s.Node) }

// attrGroupStart is the persistent node attribute, after the name of the resource,
// that holds the last start of the group from the data of the node.
const attrGroupStart = "-group-start"

// startFile is kept in the data directory. It holds the StartID of the group whose
// data these are, also with leftMark, or joiningMark while they may be the rest of a
// state transfer.
const startFile = "/group-start.dat"

const joiningMark = "joining"

// leftMark stands before the StartID of a server that was ended while others were in
// the Primary component: they may have gone on, so that the data count as those of an
// unknown start. Galera marks the last to leave; to that one the mark means nothing.
const leftMark = "left "

// maxStarts bounds the numbers of starts that are believed.
const maxStarts = 1 << 53

func (g GroupStart) String() string {
	text := fmt.Sprintf("%d %s %d", g.ID.Number, g.Position, g.At.Unix())
	if len(g.Without) > 0 {
		text += " " + strings.Join(g.Without, ",")
	}
	return text
}

// parseGroupStart reads the attribute of a node.
func parseGroupStart(node, text string) (g GroupStart, err error) {
	words := strings.Fields(text)
	if len(words) != 3 && len(words) != 4 {
		return g, fmt.Errorf("%q is not NUMBER UUID:SEQNO SECONDS [NODE,NODE]", text)
	}
	if len(words) == 4 {
		g.Without = strings.Split(words[3], ",")
	}
	g.ID.Node = node
	if g.ID.Number, err = parseNumber(words[0]); err != nil {
		return g, err
	}
	if g.Position, err = wsrep.ParsePosition(words[1]); err != nil {
		return g, err
	}
	g.At, err = parseMoment(words[2])
	return g, err
}

func parseNumber(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > maxStarts {
		return 0, fmt.Errorf("%q is not the number of a start", text)
	}
	return n, nil
}

// parseStartID reads NUMBER@NODE.
func parseStartID(text string) (s StartID, err error) {
	number, node, ok := strings.Cut(strings.TrimSpace(text), "@")
	if !ok || node == "" || strings.ContainsAny(node, " \t\n") {
		return s, fmt.Errorf("%q is not NUMBER@NODE", text)
	}
	s.Node = node
	s.Number, err = parseNumber(number)
	return s, err
}

// parseStarts reads the attributes of all nodes, in the order of the names. One that
// is not understood may be the newest.
func parseStarts(values map[string]string) (starts []GroupStart, err error) {
	for _, node := range slices.Sorted(maps.Keys(values)) {
		g, err := parseGroupStart(node, values[node])
		if err != nil {
			return nil, fmt.Errorf("node %s: %w", node, err)
		}
		starts = append(starts, g)
	}
	return starts, nil
}

// newestStart is the last start of the group. It is not ok if there is none, or if
// two nodes have one of the same number: then one of them has not taken place, and
// which cannot be told.
func newestStart(starts []GroupStart) (newest GroupStart, ok bool) {
	for _, g := range starts {
		switch {
		case g.ID.Number > newest.ID.Number:
			newest, ok = g, true
		case g.ID.Number == newest.ID.Number:
			ok = false
		}
	}
	return newest, ok
}

// overtaken says that the data of a node have writes that a later start of the
// group did without, by decision of an operator. The group may have other writes of
// the same numbers since.
func overtaken(node string, r *Report, starts []GroupStart) bool {
	if r == nil || r.Start.IsZero() {
		return false // of which start they are is not known
	}
	return slices.ContainsFunc(starts, func(g GroupStart) bool {
		return g.ID.Number > r.Start.Number && slices.Contains(g.Without, node) && g.Position.UUID == r.Position.UUID && g.Position.Seqno >= 0 && r.Position.Seqno > g.Position.Seqno
	})
}
