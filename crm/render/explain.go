package render

import (
	"strings"

	"systole/crm/explain"
	"systole/crm/scheduler"
)

// Explainer is an output that can say why.
type Explainer interface {
	Explain(s *scheduler.State)
}

// reasonsShown bounds what is said about one node.
const reasonsShown = 12

// Explain writes, for every resource that something happens to, what made it
// happen and what spoke for and against the nodes.
func (t *Text) Explain(s *scheduler.State) {
	if t.Quiet {
		return
	}
	t.begin("Reasons")
	index := explain.New(s)
	var last *scheduler.Resource
	for _, row := range s.Summary() {
		if row.Rsc == last {
			continue // a line for each node where it is stopped
		}
		last = row.Rsc
		t.begin(strings.TrimSpace(row.Verb+" "+row.Rsc.ID+": "+Details(&row)), because(s, &row))
		for _, p := range index.Of(row.Rsc).Places {
			t.place(&p)
		}
		t.end()
	}
	t.end()
}

// because says what the action was caused by, beside the reason in the summary.
func because(s *scheduler.State, row *scheduler.SummaryRow) string {
	text := ""
	if why := Why(row); why != "" {
		text = ", " + why
	}
	if c := causeText(s.CauseOf(row.Source.Cause)); c != "" && row.Source.Cause != 0 {
		text += " [" + c + "]"
	}
	return text
}

// causeText names a cause: kind, id, line.
func causeText(c scheduler.CauseInfo) string {
	text := c.Kind
	if c.ID != "" {
		text += " " + c.ID
	}
	if c.Line > 0 {
		text += ", line " + itoa(c.Line)
	}
	return text
}

func (t *Text) place(p *explain.Place) {
	state := p.Score.String()
	if !p.Known {
		state = "not allowed"
	}
	if p.State != "" {
		state += ", " + p.State
	}
	mark := ""
	switch {
	case p.Chosen && p.Current:
		mark = " (stays here)"
	case p.Chosen:
		mark = " (chosen)"
	case p.Current:
		mark = " (active here)"
	}
	line := p.Node.Name + mark + ": " + state
	if len(p.Reasons) == 0 {
		t.item(line)
		return
	}
	t.begin(line)
	for i, r := range p.Reasons {
		if i == reasonsShown {
			t.item("and ", itoa(len(p.Reasons)-i), " more")
			break
		}
		verb := ""
		switch {
		case r.Set:
			verb = "is set to "
		case r.Delta > 0:
			verb = "+"
		}
		t.item(verb, r.Delta.String(), " by ", causeText(r.Cause))
	}
	t.end()
}
