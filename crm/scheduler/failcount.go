package scheduler

import (
	"slices"
	"strings"

	"systole/cib/value"
	"systole/lib/xmltree"
)

const (
	failCountPrefix   = "fail-count-"
	lastFailurePrefix = "last-failure-"
)

// failAttr is one fail count or failure time of a node.
type failAttr struct {
	name string // resource part of the attribute's name, instance number included
	time bool   // last-failure-…, else fail-count-…
	n    int64  // score or epoch seconds
}

// failIndex holds a node's fail count attributes by resource, so that a node
// without failures costs nothing (02 §15).
type failIndex struct {
	all    []failAttr       // in name order
	exact  map[string][]int // by resource part
	noInst map[string][]int // by resource part without instance number
}

// failIndexOf returns the node's fail counts, read on first use.
func (s *State) failIndexOf(n *Node) *failIndex {
	if n.failAttrs == nil {
		n.failAttrs = s.readFailAttrs(n)
	}
	return n.failAttrs
}

func (s *State) readFailAttrs(n *Node) *failIndex {
	x := &failIndex{}
	var names []string
	for name := range n.Attrs {
		if strings.HasPrefix(name, failCountPrefix) || strings.HasPrefix(name, lastFailurePrefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		a, ok := s.readFailAttr(name, n.Attrs[name])
		if !ok {
			continue
		}
		if x.exact == nil {
			x.exact, x.noInst = map[string][]int{}, map[string][]int{}
		}
		i := len(x.all)
		x.all = append(x.all, a)
		x.exact[a.name] = append(x.exact[a.name], i)
		base := baseName(a.name)
		x.noInst[base] = append(x.noInst[base], i)
	}
	return x
}

// readFailAttr takes the attribute apart; ok is false when it is none of ours
// or its value is unreadable. Names without #OPERATION_INTERVAL are of old
// versions and count for nothing (02 §10.1).
func (s *State) readFailAttr(name, text string) (a failAttr, ok bool) {
	rest, isCount := strings.CutPrefix(name, failCountPrefix)
	if !isCount {
		rest = strings.TrimPrefix(name, lastFailurePrefix)
	}
	rsc, op, ok := strings.Cut(rest, "#")
	if !ok || !isFailOp(op) {
		return a, false
	}
	a = failAttr{name: rsc, time: !isCount}
	if isCount {
		score, ok := s.parseScore(text)
		a.n = int64(score)
		return a, ok
	}
	a.n, ok = value.ParseInteger64(text)
	return a, ok
}

// isFailOp tells whether the text is at least one byte, an underscore and
// digits.
func isFailOp(op string) bool {
	i := len(op)
	for i > 0 && isDigit(op[i-1]) {
		i--
	}
	return i < len(op) && i > 1 && op[i-1] == '_'
}

// matching visits the attributes of a resource: with its instance number when
// it is unique, else with any or none. A dot in the name stands for any byte,
// as Pacemaker's regular expressions have it (02 §10.1).
func (x *failIndex) matching(name string, unique bool, visit func(*failAttr)) {
	if len(x.all) == 0 {
		return
	}
	if strings.IndexByte(name, '.') < 0 {
		list := x.noInst[name]
		if unique {
			list = x.exact[name]
		}
		for _, i := range list {
			visit(&x.all[i])
		}
		return
	}
	for i := range x.all {
		a := &x.all[i]
		if dotMatch(name, a.name) || (!unique && dotMatch(name, baseName(a.name))) {
			visit(a)
		}
	}
}

func dotMatch(pattern, text string) bool {
	if len(pattern) != len(text) {
		return false
	}
	for i := 0; i < len(text); i++ {
		if pattern[i] != text[i] && pattern[i] != '.' {
			return false
		}
	}
	return true
}

// failName is the name that a resource's fail counts go by.
func failName(r *Resource) string {
	name := r.HistoryID
	if name == "" {
		name = r.ID
	}
	if !r.Has(RscUnique) {
		name = baseName(name)
	}
	return name
}

// sumFails adds up a resource's fail counts on a node and finds the latest
// failure (02 §10.2 step 1).
func (s *State) sumFails(r *Resource, n *Node) (sum Score, last int64) {
	s.failIndexOf(n).matching(failName(r), r.Has(RscUnique), func(a *failAttr) {
		if a.time {
			last = max(last, a.n)
		} else {
			sum = AddScores(sum, Score(a.n))
		}
	})
	return sum, last
}

// failCount returns a resource's fail count on a node and the time of the last
// failure (epoch seconds, 0 when unknown). effective leaves out what expired;
// launched adds what the resource launched, if it is not in a bundle; entry is
// the only history entry that may switch the failure timeout off (02 §10.2).
func (s *State) failCount(r *Resource, n *Node, effective, launched bool, entry *xmltree.Element) (count Score, last int64) {
	if len(s.failIndexOf(n).all) == 0 {
		return 0, 0
	}
	count, last = s.sumFails(r, n)
	if count > 0 && r.FailureTimeoutMs > 0 && s.blockingFailure(r, n, entry) {
		s.configWarning(r.XML, "resource %s: ignoring failure-timeout because of on-fail=block", r.ID)
		r.FailureTimeoutMs = 0
	}
	if effective && count > 0 && last > 0 && r.FailureTimeoutMs > 0 && s.Now > last+secondsOf(r.FailureTimeoutMs) {
		count = 0
	}
	if launched && len(r.Launched) > 0 && !r.Bundled() {
		for _, l := range r.Launched {
			c, t := s.failCount(l, n, effective, launched, entry)
			count += c
			last = max(last, t)
		}
	}
	if count <= 0 || last <= 0 {
		last = 0
	}
	return count, last
}

// FailCount returns the fail count of a resource on a node, expired failures
// included, and the time of the last failure in epoch seconds, 0 when unknown
// (08 §5.8).
func (s *State) FailCount(r *Resource, n *Node) (Score, int64) {
	count, last := s.sumFails(r, n)
	if count <= 0 || last <= 0 {
		last = 0
	}
	return count, last
}

// thresholdReached tells whether a primitive failed as often on the node as
// migration-threshold allows (04 §6.3).
func (s *State) thresholdReached(r *Resource, n *Node) bool {
	if r.Threshold == 0 || r.Has(RscIgnoreFailure) || len(s.failIndexOf(n).all) == 0 {
		return false
	}
	count, _ := s.failCount(r, n, true, true, nil)
	return count > 0 && r.Threshold-count <= 0
}

// blockOp is a configured operation with on-fail=block.
type blockOp struct {
	name       string
	intervalMs uint32
}

// blockOps lists the operations anywhere below a primitive with the XML
// attribute on-fail exactly "block"; meta-attributes and op_defaults do not
// count (02 §10.4).
func (s *State) blockOps(xml *xmltree.Element) []blockOp {
	if list, ok := s.hist.blocking[xml]; ok {
		return list
	}
	var list []blockOp
	xml.Walk(func(e *xmltree.Element) bool {
		if e.Name == "op" && e != xml && e.Get("on-fail") == "block" {
			ms, _ := parseInterval(e.Get("interval"))
			list = append(list, blockOp{name: e.Get("name"), intervalMs: uint32(ms)})
		}
		return true
	})
	if s.hist.blocking == nil {
		s.hist.blocking = map[*xmltree.Element][]blockOp{}
	}
	s.hist.blocking[xml] = list
	return list
}

// blockingFailure tells whether a failure of the resource blocks it, so that
// its failures must not expire: the given entry's, else any in the node's
// history (02 §10.4).
func (s *State) blockingFailure(r *Resource, n *Node, entry *xmltree.Element) bool {
	base := baseName(r.ID)
	if r.XML.ID() != base {
		return false
	}
	for _, op := range s.blockOps(r.XML) {
		if entry != nil {
			if op.matches(base, entry) {
				return true
			}
			continue
		}
		ms := utoa(op.intervalMs)
		for _, h := range s.histories(base, n.Name) {
			for e := range h.Elements("lrm_rsc_op") {
				if e.Get("operation") == op.name && e.Get("interval") == ms && op.matches(base, e) {
					return true
				}
			}
		}
	}
	return false
}

func (op *blockOp) matches(base string, entry *xmltree.Element) bool {
	var e opEntry
	e.read(entry)
	if e.intervalMs != op.intervalMs || !equalFold(e.task, op.name) {
		return false
	}
	return equalFold(e.id, base+"_last_failure_0") ||
		(equalFold(e.id, opID(base, op.name, op.intervalMs)) && e.rc != e.expected)
}
