package fencing

import (
	"encoding/json"
	"time"
)

// maxEvents is how many events are kept: a device asked every quarter of a second for
// ten minutes makes half as many.
const maxEvents = 5000

// Evidence is what was done and seen in an action: one line of JSON.
type Evidence struct {
	Time    time.Time `json:"time"` // when the action began
	Agent   string    `json:"agent"`
	Action  string    `json:"action"`
	Device  string    `json:"device,omitempty"` // its address
	Plugs   []string  `json:"plugs,omitempty"`
	Method  string    `json:"method,omitempty"`
	Events  []Event   `json:"events"`
	Dropped int       `json:"dropped,omitempty"` // events beyond the limit
	Code    int       `json:"code"`
	Result  string    `json:"result"`
	Seconds float64   `json:"seconds"`
}

// Event is a command that was given, or a state that was seen.
type Event struct {
	At     float64 `json:"at"`   // seconds since the beginning, when it was over
	Kind   string  `json:"kind"` // open, status, turn, cycle, diag, list, note
	Plug   string  `json:"plug,omitempty"`
	State  string  `json:"state,omitempty"`
	Detail string  `json:"detail,omitempty"`
	Error  string  `json:"error,omitempty"`
}

func (e *Evidence) add(ev Event) {
	if len(e.Events) >= maxEvents {
		e.Dropped++
		return
	}
	e.Events = append(e.Events, ev)
}

// Line is the evidence as a line of JSON.
func (e *Evidence) Line() ([]byte, error) {
	text, err := json.Marshal(e)
	return append(text, '\n'), err
}
