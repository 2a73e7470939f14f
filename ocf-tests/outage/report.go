package outage

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A Report is what a campaign has found. Times are in seconds.
type Report struct {
	Service  string    `json:"service"`
	Provider string    `json:"provider"`
	Seed     uint64    `json:"seed"`
	Began    time.Time `json:"began"`
	// Acknowledged is how much was acknowledged during faults and recoveries.
	Acknowledged int     `json:"acknowledged"`
	Rounds       []Round `json:"rounds"`
}

// A Round is one fault and what came of it.
type Round struct {
	Number int       `json:"number"`
	Fault  Fault     `json:"fault"`
	Began  time.Time `json:"began"`
	// Recovery is the time from the last step of the fault until the service was
	// whole; Without, for a fault that waits for it, that until it was whole
	// without the nodes that are down.
	Recovery float64 `json:"recovery"`
	Without  float64 `json:"without,omitempty"`
	// Outage is the longest time in which nothing was acknowledged.
	Outage       float64 `json:"outage"`
	Acknowledged int     `json:"acknowledged"`
	// Stuck says what was missing when the time was over. Empty: it recovered.
	Stuck      string      `json:"stuck,omitempty"`
	Violations []Violation `json:"violations,omitempty"`
	// Notes are steps that went otherwise than planned.
	Notes []string `json:"notes,omitempty"`
	// Told is what the service had to tell of its contents.
	Told []string `json:"told,omitempty"`
	Logs string   `json:"logs,omitempty"` // folder with the logs of a failed round
}

// seconds are rounded to what the measurement can tell.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*10) / 10 }

// OK tells whether the service recovered and kept its promises.
func (r Round) OK() bool { return r.Stuck == "" && len(r.Violations) == 0 }

func (r Round) verdict() string {
	switch {
	case r.Stuck != "":
		line, _, _ := strings.Cut(r.Stuck, "\n")
		return "STUCK: " + line
	case len(r.Violations) > 0:
		texts := make([]string, len(r.Violations))
		for i, v := range r.Violations {
			texts[i] = v.String()
		}
		return "BROKEN: " + strings.Join(texts, "; ")
	}
	return fmt.Sprintf("recovered in %.1f s, no acknowledgement for %.1f s at most", r.Recovery, r.Outage)
}

// Failed are the rounds that are not OK.
func (r *Report) Failed() []Round {
	return slices.DeleteFunc(slices.Clone(r.Rounds), Round.OK)
}

// count is how many rounds something is true of.
func (r *Report) count(is func(Round) bool) int {
	n := 0
	for _, round := range r.Rounds {
		if is(round) {
			n++
		}
	}
	return n
}

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	fmt.Fprintf(w, "%s, agent ocf:%s, seed %d\n\n", r.Service, r.Provider, r.Seed)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "round\tfault\trecovered\twithout\toutage\tacknowledged\tresult")
	for _, round := range r.Rounds {
		recovered, without := "-", "-"
		if round.Stuck == "" {
			recovered = fmt.Sprintf("%.1f s", round.Recovery)
		}
		if round.Without > 0 {
			without = fmt.Sprintf("%.1f s", round.Without)
		}
		result := "ok"
		if !round.OK() {
			result = round.verdict()
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%.1f s\t%d\t%s\n", round.Number, round.Fault.Kind, recovered, without, round.Outage, round.Acknowledged, result)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, round := range r.Rounds {
		if len(round.Told) > 0 {
			fmt.Fprintf(w, "after round %d: %s\n", round.Number, strings.Join(round.Told, "; "))
		}
	}
	r.details(w)
	return r.summary(w)
}

// details are the steps of the rounds that failed.
func (r *Report) details(w io.Writer) {
	for _, round := range r.Failed() {
		fmt.Fprintf(w, "\nround %d: %v\n", round.Number, round.Fault)
		for _, n := range round.Notes {
			fmt.Fprintf(w, "  note: %s\n", n)
		}
		text := round.verdict()
		if round.Stuck != "" {
			text = strings.TrimSpace(round.Stuck)
		}
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(text, "\n", "\n  "))
		fmt.Fprintf(w, "  logs: %s\n", round.Logs)
	}
}

func (r *Report) summary(w io.Writer) error {
	broken := func(what ...string) func(Round) bool {
		return func(round Round) bool {
			return slices.ContainsFunc(round.Violations, func(v Violation) bool { return slices.Contains(what, v.What) })
		}
	}
	fmt.Fprintf(w, "\n%d rounds: %d recovered by themselves and kept everything, %d were stuck, %d lost something acknowledged, %d broke another promise\n",
		len(r.Rounds), r.count(Round.OK), r.count(func(x Round) bool { return x.Stuck != "" }),
		r.count(broken("lost")), r.count(func(x Round) bool { return len(x.Violations) > 0 && !broken("lost")(x) }))
	fmt.Fprintf(w, "%d acknowledged during faults and recoveries\n", r.Acknowledged)
	times := map[string][]float64{}
	for _, round := range r.Rounds {
		if round.Stuck == "" {
			times[round.Fault.Kind] = append(times[round.Fault.Kind], round.Recovery)
			times["all rounds"] = append(times["all rounds"], round.Recovery)
		}
	}
	if len(times) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nrecovery, seconds\tleast\tmedian\tmost\trounds")
	for _, kind := range sortedKeys(times) {
		s := times[kind]
		slices.Sort(s)
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%d\n", kind, s[0], Median(s), s[len(s)-1], len(s))
	}
	return t.Flush()
}

// Median of a sorted list that is not empty.
func Median(sorted []float64) float64 {
	k := len(sorted)
	return (sorted[(k-1)/2] + sorted[k/2]) / 2
}

// Recoveries are the times of the rounds of a kind that recovered, sorted.
func (r *Report) Recoveries(kind string) []float64 {
	var times []float64
	for _, round := range r.Rounds {
		if round.Fault.Kind == kind && round.Stuck == "" {
			times = append(times, round.Recovery)
		}
	}
	slices.Sort(times)
	return times
}
