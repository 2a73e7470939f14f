package command

import (
	"strings"

	"systole/crm/explain"
	"systole/crm/graph/svg"
	"systole/crm/render"
	"systole/crm/scheduler"
)

// picture draws the transition; pointing at an action shows its reasons.
func (r *run) picture(p *Play, s *scheduler.State) []byte {
	title := "Transition"
	if p.Source != "-" {
		title += " of " + p.Source[strings.LastIndexByte(p.Source, '/')+1:]
	}
	x := explain.New(s)
	return svg.Draw(s.Graph(), svg.Text{
		Title: title,
		Note:  strings.Join(r.events, "; "),
		Why: func(id int) []string {
			var lines []string
			for _, f := range x.Action(id) {
				lines = append(lines, render.FactText(f))
			}
			return lines
		},
	})
}
