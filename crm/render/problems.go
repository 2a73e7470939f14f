package render

import "systole/crm/scheduler"

// Problems writes what is wrong with the configuration.
func (t *Text) Problems(list []scheduler.Problem) {
	t.begin("Problems of the configuration")
	if len(list) == 0 {
		t.item("None")
	}
	for _, p := range list {
		t.item(problemWord(&p), ": ", p.Text, problemPlace(&p))
	}
	t.end()
}

// Problems writes what is wrong with the configuration.
func (x *XML) Problems(list []scheduler.Problem) {
	x.begin("problems")
	for _, p := range list {
		x.top().add("problem", "severity", problemWord(&p), "text", p.Text).opt("line", itoa(p.Line), p.Line > 0)
	}
	x.end()
}

func problemWord(p *scheduler.Problem) string {
	if p.Error {
		return "error"
	}
	return "warning"
}

func problemPlace(p *scheduler.Problem) string {
	if p.Line > 0 {
		return " [line " + itoa(p.Line) + "]"
	}
	return ""
}
