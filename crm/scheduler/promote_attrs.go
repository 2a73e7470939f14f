package scheduler

import "strings"

// promotionPrefix begins the names of the node attributes that hold promotion
// scores. It never got the new word for promoted (05 §2.1.1).
const promotionPrefix = "master-"

// promotionColumn holds the promotion scores that nodes have under one name.
type promotionColumn struct {
	entries []promotionEntry // by node index once there are many, else in that order
	dense   bool
}

type promotionEntry struct {
	node       int32
	score      Score
	set, valid bool
	text       string
}

// denseAfter is up to how many entries of a column are searched one by one.
const denseAfter = 8

func (c *promotionColumn) at(n *Node) *promotionEntry {
	if c == nil || n == nil {
		return nil
	}
	if c.dense {
		if e := &c.entries[n.Index]; e.set {
			return e
		}
		return nil
	}
	for i := range c.entries {
		if c.entries[i].node == n.Index {
			return &c.entries[i]
		}
	}
	return nil
}

// promotionColumns collects the promotion scores of all nodes by name. Node
// attributes do not change any more while resources are placed.
func (s *State) promotionColumns() map[string]*promotionColumn {
	if s.placing.promotions != nil {
		return s.placing.promotions
	}
	columns := map[string]*promotionColumn{}
	for _, n := range s.byIndex {
		for name, text := range n.Attrs {
			name, ok := strings.CutPrefix(name, promotionPrefix)
			if !ok {
				continue
			}
			c := columns[name]
			if c == nil {
				c = &promotionColumn{}
				columns[name] = c
			}
			score, valid := s.parseScore(text)
			c.entries = append(c.entries, promotionEntry{node: n.Index, score: score, set: true, valid: valid, text: text})
		}
	}
	for _, c := range columns {
		if len(c.entries) <= denseAfter {
			continue
		}
		all := make([]promotionEntry, len(s.byIndex))
		for _, e := range c.entries {
			all[e.node] = e
		}
		c.entries, c.dense = all, true
	}
	s.placing.promotions = columns
	return columns
}

// promotionReader reads the promotion scores of one primitive.
type promotionReader struct {
	r         *Resource
	own, base *promotionColumn // the second is asked where the first has nothing
	host      bool             // read from the hosts of guests
	assigned  bool             // namely their future ones
}

// newPromotionReader finds the names under which a primitive may have scores:
// the one that it has in the history, and for anonymous instances the one
// without number (05 §2.1, §2.2).
func (s *State) newPromotionReader(r *Resource) promotionReader {
	name := r.ID
	if r.HistoryID != "" {
		name = r.HistoryID
	}
	columns := s.promotionColumns()
	x := promotionReader{r: r, own: columns[name], assigned: !r.Has(RscUnassigned)}
	if base := baseName(r.ID); base != r.ID && !r.Has(RscUnique) {
		x.base = columns[base]
	}
	if x.any() && s.haveRemote {
		x.host = equalFold(r.Meta.Value("container-attribute-target"), "host")
	}
	return x
}

func (x *promotionReader) any() bool { return x.own != nil || x.base != nil }

// at returns what is set for a node, nil when nothing is.
func (x *promotionReader) at(n *Node) *promotionEntry {
	if x.host && n.IsGuest() {
		n = hostOf(n, x.assigned)
	}
	if e := x.own.at(n); e != nil {
		return e
	}
	return x.base.at(n)
}
