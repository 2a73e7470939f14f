package scheduler

import (
	"math"
	"strings"

	"systole/cib/value"
	"systole/lib/xmltree"
)

// opEntry is one lrm_rsc_op, its attributes read once. Most histories are one
// probe that found nothing; reading an entry makes no garbage.
type opEntry struct {
	xml *xmltree.Element

	id, task, opKey string // opKey: attribute operation_key
	node            string // on_node
	magic           string // transition-magic
	statusText      string
	rcText          string

	lastChange int64 // epoch seconds, -1 when not readable
	call       int32 // -1 when not readable
	intervalMs uint32
	status, rc int32 // as recorded at first, remapped later (02 §9.7.1)
	expected   int32 // target rc of the transition key, -1 when not readable

	hasID, hasTask, hasNode, hasMagic     bool
	hasInterval, hasChange, changeInvalid bool
	hasStatus, hasRC                      bool
	probe, maskable                       bool
}

// key names the operation: operation_key or, failing that, the XML id.
func (e *opEntry) key() string {
	if e.opKey != "" {
		return e.opKey
	}
	return e.id
}

// Execution states of a history entry (02 §9.7 step 2).
const (
	execPending      = -1
	execDone         = 0
	execCancelled    = 1
	execTimeout      = 2
	execNotSupported = 3
	execError        = 4
	execErrorHard    = 5
	execErrorFatal   = 6
	execNotInstalled = 7
	execNotConnected = 8
	execInvalid      = 9
	execNoDevice     = 10
	execNoSecrets    = 11
)

// Results of resource agents.
const (
	rcOK               = 0
	rcInvalidParam     = 2
	rcUnimplemented    = 3
	rcNoPermission     = 4
	rcNotInstalled     = 5
	rcNotConfigured    = 6
	rcNotRunning       = 7
	rcPromoted         = 8
	rcFailedPromoted   = 9
	rcDegraded         = 190
	rcDegradedPromoted = 191
	rcMax              = 255
)

// read fills the entry from its element. What is missing or unreadable keeps
// its preset (02 §3.1).
func (e *opEntry) read(xml *xmltree.Element) {
	*e = opEntry{xml: xml, call: -1, lastChange: -1, expected: -1}
	rawInterval := ""
	for i := range xml.Attrs {
		a := &xml.Attrs[i]
		switch a.Name {
		case "id":
			e.id, e.hasID = a.Value, true
		case "operation":
			e.task, e.hasTask = a.Value, true
		case "operation_key":
			e.opKey = a.Value
		case "on_node":
			e.node, e.hasNode = a.Value, true
		case "transition-key":
			e.expected = targetRC(a.Value)
		case "transition-magic":
			e.magic, e.hasMagic = a.Value, true
		case "call-id":
			if n, ok := parseInt32(a.Value); ok {
				e.call = n
			}
		case "rc-code":
			e.rcText = a.Value
			e.rc, e.hasRC = parseInt32(a.Value)
		case "op-status":
			e.statusText = a.Value
			e.status, e.hasStatus = parseInt32(a.Value)
		case "interval":
			rawInterval = a.Value
			e.intervalMs, e.hasInterval = parseMillis(a.Value)
		case "last-rc-change":
			if n, ok := value.ParseInteger64(a.Value); ok {
				e.lastChange, e.hasChange = n, true
			} else {
				e.changeInvalid = true
			}
		}
	}
	e.probe = e.task == taskMonitor && e.intervalMs == 0 && (e.hasInterval || parseMin(rawInterval, 0) == 0)
	e.maskable = e.probe && (e.rc == rcNotInstalled || e.rc == rcInvalidParam || (e.hasStatus && e.status == execNotInstalled))
}

// parseInt32 reads an integer that must fit 32 bits.
func parseInt32(text string) (int32, bool) {
	n, ok := value.ParseInteger64(text)
	if !ok || n != int64(int32(n)) {
		return 0, false
	}
	return int32(n), true
}

// parseMillis reads the interval of a history entry: milliseconds, 0 … 2^32-1.
func parseMillis(text string) (uint32, bool) {
	n, ok := value.ParseInteger64(text)
	if !ok || n < 0 || n > math.MaxUint32 {
		return 0, false
	}
	return uint32(n), true
}

// transition is what a transition key says: ACTION:TRANSITION:TARGET_RC:UUID.
type transition struct {
	action, number, targetRC int32
	uuid                     string
}

// decodeKey takes a transition key apart as sscanf would.
func decodeKey(key string) (t transition, ok bool) {
	for _, field := range [...]*int32{&t.action, &t.number, &t.targetRC} {
		if *field, key, ok = scanColon(key, ':'); !ok {
			return transition{}, false
		}
	}
	t.uuid = word(key, 36)
	return t, t.uuid != ""
}

// decodeMagic takes a transition magic apart: STATUS:RC;KEY.
func decodeMagic(magic string) (t transition, ok bool) {
	_, rest, ok := scanColon(magic, ':')
	if !ok {
		return transition{}, false
	}
	if _, rest, ok = scanColon(rest, ';'); !ok {
		return transition{}, false
	}
	return decodeKey(word(rest, len(rest)))
}

// targetRC is the result that the transition key expects, -1 when there is no
// telling.
func targetRC(key string) int32 {
	if t, ok := decodeKey(key); ok {
		return t.targetRC
	}
	return -1
}

// scanColon reads a number and the separator behind it.
func scanColon(text string, sep byte) (n int32, rest string, ok bool) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	end := strings.IndexByte(text, sep)
	if end < 1 {
		return 0, "", false
	}
	digits := text[:end]
	negative := digits[0] == '-'
	if negative || digits[0] == '+' {
		digits = digits[1:]
	}
	if digits == "" || len(digits) > 10 {
		return 0, "", false
	}
	var v int64
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return 0, "", false
		}
		v = v*10 + int64(digits[i]-'0')
	}
	if negative {
		v = -v
	}
	return int32(v), text[end+1:], v == int64(int32(v))
}

// word returns the first run of at most limit bytes that are not blank.
func word(text string, limit int) string {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	if end := strings.IndexAny(text, " \t\n\v\f\r"); end >= 0 {
		text = text[:end]
	}
	return text[:min(len(text), limit)]
}

// compareOps tells which of two history entries is newer: -1 when a comes
// first, 1 when b does, 0 when there is no telling. It is not transitive in
// contrived cases (02 §9.2).
func compareOps(a, b *opEntry) int {
	sameNode := a.hasNode == b.hasNode && equalFold(a.node, b.node)
	if sameNode && a.hasID == b.hasID && a.id == b.id {
		return 0
	}
	switch {
	case a.call == -1 && b.call == -1:
		return 0
	case sameNode && a.call >= 0 && a.call < b.call:
		return -1
	case sameNode && b.call >= 0 && a.call > b.call:
		return 1
	case a.call >= 0 && b.call >= 0:
		switch {
		case a.lastChange >= 0 && a.lastChange < b.lastChange:
			return -1
		case b.lastChange >= 0 && a.lastChange > b.lastChange:
			return 1
		}
		return 0
	}
	return comparePending(a, b)
}

// comparePending orders two entries of which one is pending by the transitions
// that they belong to.
func comparePending(a, b *opEntry) int {
	if !a.hasMagic || !b.hasMagic {
		return 0
	}
	ta, ok := decodeMagic(a.magic)
	if !ok {
		return 0
	}
	tb, ok := decodeMagic(b.magic)
	if !ok {
		return 0
	}
	if !equalFold(ta.uuid, tb.uuid) || ta.number == tb.number {
		switch {
		case b.call == -1:
			return -1
		case a.call == -1:
			return 1
		}
		return 0
	}
	switch {
	case (ta.number >= 0 && ta.number < tb.number) || tb.number == -1:
		return -1
	case (tb.number >= 0 && ta.number > tb.number) || ta.number == -1:
		return 1
	}
	return 0
}

// opList is a list of entries in a reusable buffer.
type opList struct {
	entries     []opEntry
	order, sort []*opEntry
}

// load reads the operations of an lrm_resource and puts them into the order in
// which they count (02 §9.1, §9.2). The result is valid until the next call.
func (l *opList) load(rsc *xmltree.Element) []*opEntry {
	n := 0
	for _, c := range rsc.Children {
		if c.Kind == xmltree.KindElement && c.Name == "lrm_rsc_op" {
			n++
		}
	}
	if cap(l.entries) < n {
		l.entries = make([]opEntry, n, 2*n)
		l.order = make([]*opEntry, n, 2*n)
		l.sort = make([]*opEntry, n, 2*n)
	}
	l.entries, l.order, l.sort = l.entries[:n], l.order[:n], l.sort[:n]
	for _, c := range rsc.Children {
		if c.Kind == xmltree.KindElement && c.Name == "lrm_rsc_op" {
			n-- // reverse document order: ties are processed in it
			l.entries[n].read(c)
			l.order[n] = &l.entries[n]
		}
	}
	mergeSortInto(l.order, l.sort, compareOps)
	return l.order
}

// activeSpan finds where in a sorted list the resource was last started and
// last stopped; -1 when it was not (02 §9.12).
func activeSpan(list []*opEntry) (start, stop int) {
	start, stop = -1, -1
	impliedMonitor, impliedClone := -1, -1
	for i, e := range list {
		switch {
		case equalFold(e.task, taskStop) && e.statusText == "0":
			stop = i
		case equalFold(e.task, taskStart), equalFold(e.task, taskMigrateFrom):
			start = i
		case impliedMonitor <= stop && equalFold(e.task, taskMonitor):
			if e.rcText == "0" || e.rcText == "8" {
				impliedMonitor = i
			}
		case equalFold(e.task, taskPromote), equalFold(e.task, taskDemote):
			impliedClone = i
		}
	}
	switch {
	case start != -1:
	case impliedClone != -1:
		start = impliedClone
	default:
		start = impliedMonitor
	}
	return start, stop
}
