package fencing

import (
	"fmt"
	"time"
)

// proof is how often, and over which time, a state must be seen without a break.
type proof struct {
	samples int
	span    time.Duration
}

// proofOf a state. That of off outlasts the moment in which a device that has just taken a command shows
// what it intends. An "on" that is wrong costs a start; it is believed at once.
func proofOf(s State) proof {
	if s == Off {
		return proof{3, time.Second}
	}
	return proof{1, 0}
}

// maxTurns is how often a plug may leave the wanted state again before it is said to
// contradict itself. A board that restarts a machine does so once.
const maxTurns = 3

// watch judges what is seen of a plug after a command.
type watch struct {
	plug  string
	want  State
	proof proof

	last   State
	detail string
	run    int       // samples of the wanted state in a row
	since  time.Time // the first of them was asked for
	first  time.Time // the wanted state was first seen
	turns  int       // times it was left again
	failed error     // of the last sample
}

// add takes a sample that was asked for and answered at these times.
func (w *watch) add(asked time.Time, s Status, err error) {
	w.failed = err
	if err != nil {
		w.run = 0
		return
	}
	w.last, w.detail = s.State, s.Detail
	if s.State != w.want {
		// The opposite after a glimpse is a contradiction; unknown is none.
		if w.run > 0 && s.State != Unknown {
			w.turns++
			// Trust is lost faster than it is won.
			w.proof.samples += 3
			w.proof.span += 2 * time.Second
		}
		w.run = 0
		return
	}
	if w.run == 0 {
		w.since = asked
	}
	if w.first.IsZero() {
		w.first = asked
	}
	w.run++
}

// seen says that the state is certain at the time of the last sample.
func (w *watch) seen(now time.Time) bool {
	return w.run >= w.proof.samples && now.Sub(w.since) >= w.proof.span
}

// state is what is known, in words.
func (w *watch) state() string {
	text := "the device says " + w.last.String()
	if w.last == Unknown && w.detail == "" {
		text = "the state is not known"
	}
	if w.detail != "" {
		text += " (" + clip(w.detail) + ")"
	}
	if w.failed != nil {
		text += "; the last answer: " + w.failed.Error()
	}
	if w.turns > 0 {
		text += fmt.Sprintf("; it has left the state %s %d times after the command", w.want, w.turns)
	}
	if w.plug != "" {
		text = "plug " + clip(w.plug) + ": " + text
	}
	return text
}
