package conform

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Outcome is how a check ended.
type Outcome string

// The outcomes.
const (
	Pass Outcome = "pass"
	Fail Outcome = "fail"
	Skip Outcome = "skip"
)

// Finding is what a check has found.
type Finding struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Source  string   `json:"source"`
	Outcome Outcome  `json:"outcome"`
	Details []string `json:"details,omitempty"` // what is wrong, or why it was skipped
}

// Cost is what a monitor of the running resource costs, on average.
type Cost struct {
	Calls      int     `json:"calls"`
	CPUMillis  float64 `json:"cpu_ms"`  // processor time
	WallMillis float64 `json:"wall_ms"` // elapsed time
}

// Report is what was found out about an agent.
type Report struct {
	Agent    string    `json:"agent"`
	Version  string    `json:"version"` // of the agent
	API      string    `json:"api"`     // version of the OCF API that it claims
	Findings []Finding `json:"findings"`
	Cost     *Cost     `json:"monitor_cost,omitempty"`
}

// Failed are the identifiers of the checks that failed.
func (r *Report) Failed() []string { return r.with(Fail) }

// Skipped are the identifiers of the checks that were skipped.
func (r *Report) Skipped() []string { return r.with(Skip) }

func (r *Report) with(o Outcome) []string {
	var ids []string
	for _, f := range r.Findings {
		if f.Outcome == o {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// JSON is the report as JSON.
func (r *Report) JSON() ([]byte, error) { return json.MarshalIndent(r, "", "  ") }

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (version %s, OCF %s)\n\n", r.Agent, cmp.Or(r.Version, "unknown"), cmp.Or(r.API, "unknown"))
	width := 0
	for _, f := range r.Findings {
		width = max(width, len(f.ID))
	}
	for _, f := range r.Findings {
		word := map[Outcome]string{Pass: "ok  ", Fail: "FAIL", Skip: "skip"}[f.Outcome]
		fmt.Fprintf(&b, "%s  %-*s  %s [%s]\n", word, width, f.ID, f.Title, f.Source)
		for _, d := range f.Details {
			fmt.Fprintf(&b, "      %s\n", strings.ReplaceAll(d, "\n", "\n      "))
		}
	}
	failed, skipped := len(r.Failed()), len(r.Skipped())
	fmt.Fprintf(&b, "\n%d passed, %d failed, %d skipped", len(r.Findings)-failed-skipped, failed, skipped)
	if r.Cost != nil {
		fmt.Fprintf(&b, "; one monitor: %.2f ms CPU, %.2f ms elapsed", r.Cost.CPUMillis, r.Cost.WallMillis)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
