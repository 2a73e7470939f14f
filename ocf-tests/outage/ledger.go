package outage

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// An ID is the number of something written. Each is sent once.
type ID uint64

// A Ledger knows what was sent, what was acknowledged, and what has been found.
// It may be used from any goroutine.
type Ledger struct {
	mu   sync.Mutex
	ids  map[ID]mark
	acks int

	// The longest time without acknowledgement since Begin.
	last    time.Time
	longest time.Duration
}

type mark uint8

const (
	sent mark = 1 << iota
	acknowledged
	found
)

// NewLedger is an empty one.
func NewLedger() *Ledger { return &Ledger{ids: map[ID]mark{}} }

// Sent notes an attempt. It comes before the attempt.
func (l *Ledger) Sent(id ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[id] |= sent
}

// Acknowledged notes that the service has promised to keep it.
func (l *Ledger) Acknowledged(id ID, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids[id] |= acknowledged
	l.acks++
	l.longest = max(l.longest, now.Sub(l.last))
	l.last = now
}

// Acknowledgements are how many so far.
func (l *Ledger) Acknowledgements() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acks
}

// Begin starts a new measurement of the longest time without acknowledgement.
func (l *Ledger) Begin(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.longest = now, 0
}

// Longest is that time until now.
func (l *Ledger) Longest(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.longest, now.Sub(l.last))
}

// A Violation is a broken promise.
type Violation struct {
	// What is lost (acknowledged, and not there), vanished (was there after an
	// earlier round), invented (nobody has sent it) or differs (other nodes have
	// it). Without a count it is something that a service said of its contents.
	What  string `json:"what"`
	Node  string `json:"node"`
	Count int    `json:"count"`
	// Examples are some of them.
	Examples []ID `json:"examples"`
}

func (v Violation) String() string {
	if v.Count == 0 {
		return fmt.Sprintf("%s on %s", v.What, v.Node)
	}
	return fmt.Sprintf("%d %s on %s: %v", v.Count, v.What, v.Node, v.Examples)
}

const maxExamples = 10

// Check holds what is stored on each node, while nobody writes, against the
// ledger, and notes it as found. Something sent and not acknowledged may be
// there or not, but everywhere alike, and then for good.
func (l *Ledger) Check(stored map[string][]ID) []Violation {
	l.mu.Lock()
	defer l.mu.Unlock()
	everywhere := map[ID]int{}
	has := map[string]map[ID]struct{}{}
	for node, ids := range stored {
		has[node] = make(map[ID]struct{}, len(ids))
		for _, id := range ids {
			if _, twice := has[node][id]; !twice {
				has[node][id] = struct{}{}
				everywhere[id]++
			}
		}
	}
	var all []Violation
	for _, node := range sortedKeys(stored) {
		broken := map[string][]ID{}
		for id, m := range l.ids {
			if _, ok := has[node][id]; ok {
				continue
			}
			switch {
			case m&acknowledged != 0:
				broken["lost"] = append(broken["lost"], id)
			case m&found != 0:
				broken["vanished"] = append(broken["vanished"], id)
			case everywhere[id] > 0:
				broken["differs"] = append(broken["differs"], id)
			}
		}
		for id := range has[node] {
			if l.ids[id]&sent == 0 {
				broken["invented"] = append(broken["invented"], id)
			}
		}
		for _, what := range sortedKeys(broken) {
			ids := broken[what]
			slices.Sort(ids)
			all = append(all, Violation{what, node, len(ids), ids[:min(len(ids), maxExamples)]})
		}
	}
	for id := range everywhere {
		if l.ids[id]&sent != 0 {
			l.ids[id] |= found
		}
	}
	return all
}
