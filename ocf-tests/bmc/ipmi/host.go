package ipmi

import (
	"slices"
	"sync"
	"time"
)

// Power is a machine outside of the simulation, such as a node of a lab.
type Power interface {
	On() bool
	Set(on bool)
}

// Host is the machine of a BMC.
type Host struct {
	outside Power // nil: the machine is simulated as well

	mu       sync.Mutex
	on       bool
	changes  []change // that are to come
	commands int      // of any kind, that the BMC has taken
	downs    int
	ordered  time.Time // the first of them
}

type change struct {
	at time.Time
	on bool
}

// tick does what is due. The lock is held.
func (h *Host) tick() {
	now := time.Now()
	for len(h.changes) > 0 && !now.Before(h.changes[0].at) {
		h.on, h.changes = h.changes[0].on, h.changes[1:]
	}
}

// On is the true state.
func (h *Host) On() bool {
	if h.outside != nil {
		return h.outside.On()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
	return h.on
}

// Set changes the state at once.
func (h *Host) Set(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.on, h.changes = on, nil
}

// Commands is how many commands were taken.
func (h *Host) Commands() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.commands
}

// sinceOrder is how long ago the first command was taken; negative if none was.
func (h *Host) sinceOrder() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ordered.IsZero() {
		return -1
	}
	return time.Since(h.ordered)
}

// count notes a command and says how many to power down there were.
func (h *Host) count(op byte) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commands++
	if h.ordered.IsZero() {
		h.ordered = time.Now()
	}
	if op == opDown {
		h.downs++
	}
	return h.downs
}

// later changes the state after a time. Changes that were to come stay.
func (h *Host) later(on bool, d time.Duration) {
	if h.outside != nil {
		time.AfterFunc(d, func() { h.outside.Set(on) })
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tick()
	h.changes = append(h.changes, change{time.Now().Add(d), on})
	slices.SortStableFunc(h.changes, func(a, b change) int { return a.at.Compare(b.at) })
	h.tick()
}

// Commands of Chassis Control.
const (
	opDown, opUp, opCycle, opReset, opDiag, opSoft = 0, 1, 2, 3, 4, 5
)

// obey is what an honest BMC does.
func (h *Host) obey(op byte) byte {
	switch op {
	case opDown:
		h.later(false, 100*time.Millisecond)
	case opUp:
		h.later(true, 100*time.Millisecond)
	case opCycle:
		if !h.On() {
			return 0xD5
		}
		h.later(false, 100*time.Millisecond)
		h.later(true, 1100*time.Millisecond)
	case opReset, opDiag:
		if !h.On() {
			return 0xD5
		}
	case opSoft:
		h.later(false, 3*time.Second)
	default:
		return 0xCC
	}
	return 0
}
