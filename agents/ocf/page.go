package ocf

import (
	"strconv"
	"strings"

	"systole/lib/agentdoc"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Page is the documentation of the agent as a page of Markdown.
func (d *Description) Page(provider string) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line("# ocf:" + provider + ":" + d.Name)
	line("")
	line(d.Short + ". Version " + d.Version + ".")
	line("")
	line(agentdoc.Markdown(d.Long))
	line("")
	if len(d.Params) > 0 {
		line("## Parameters")
		line("")
		line("| name | type | default | what |")
		line("|---|---|---|---|")
		for i := range d.Params {
			line(d.Params[i].row())
		}
		line("")
	}
	line("## Actions")
	line("")
	line("| action | timeout | interval | role | check level |")
	line("|---|---|---|---|---|")
	for _, a := range d.actions() {
		interval := ""
		if a.Interval > 0 {
			interval = seconds(a.Interval)
		}
		level := ""
		if a.Name == "monitor" || a.Depth > 0 {
			level = itoa(a.Depth)
		}
		line("| " + strings.Join([]string{"`" + a.Name + "`", seconds(a.Timeout), interval, a.Role, level}, " | ") + " |")
	}
	line("")
	for _, n := range d.Notes {
		line("## " + n.Title)
		line("")
		line(agentdoc.Markdown(n.Text))
		line("")
	}
	line("## Examples")
	line("")
	line("```\n" + strings.Join(d.exampleCrm(provider), "\n") + "\n```")
	line("")
	line("```\n" + strings.Join(d.examplePcs(provider), "\n") + "\n```")
	return b.String()
}

func (p *Param) row() string {
	typ := p.Type.String()
	for _, add := range []struct {
		is   bool
		word string
	}{{p.Required, "required"}, {p.UniqueGroup != "", "unique"}, {p.Reloadable, "reloadable"}, {p.Secret, "secret"}} {
		if add.is {
			typ += ", " + add.word
		}
	}
	value := ""
	if p.Default != "" {
		value = "`" + p.Default + "`"
	}
	return "| `" + p.Name + "` | " + typ + " | " + value + " | " + agentdoc.Cell(p.longText()) + " |"
}
