package ocf

import (
	"strings"

	"systole/lib/agentdoc"
)

// Manual is the manual page of the agent in section 7, in the man macros of
// roff. provider is the folder that the agent is called from.
func (d *Description) Manual(provider string) string {
	m := &agentdoc.Roff{}
	title := "ocf_" + provider + "_" + d.Name
	m.Macro("TH", title, "7", "", "Systole", "OCF resource agents")
	m.Macro("SH", "NAME")
	m.Line(agentdoc.EscapeRoff(title) + ` \- ` + agentdoc.EscapeRoff(d.Short))
	m.Macro("SH", "SYNOPSIS")
	m.Line(`\fB` + agentdoc.EscapeRoff(d.Name) + `\fR {` + agentdoc.EscapeRoff(strings.Join(d.actionNames(), " | ")) + `}`)
	m.Macro("SH", "DESCRIPTION")
	m.Paragraphs(d.Long, "PP")
	m.Macro("SH", "SUPPORTED PARAMETERS")
	for i := range d.Params {
		p := &d.Params[i]
		m.Item(p.Name, p.properties(), p.longText())
	}
	m.Macro("SH", "SUPPORTED ACTIONS")
	for _, a := range d.actions() {
		m.Item(a.Name, "", a.describe())
	}
	for _, n := range d.Notes {
		m.Macro("SH", strings.ToUpper(n.Title))
		m.Paragraphs(n.Text, "PP")
	}
	m.Macro("SH", "EXAMPLE CRM SHELL")
	m.Example(d.exampleCrm(provider))
	m.Macro("SH", "EXAMPLE PCS")
	m.Example(d.examplePcs(provider))
	m.Macro("SH", "SEE ALSO")
	m.Line(`systole\-agents(8), crm(8), pcs(8), crm_resource(8)`)
	return m.String()
}

// describe says what is suggested for an action.
func (a Action) describe() string {
	text := "Suggested minimum timeout: " + seconds(a.Timeout) + "."
	if a.Interval > 0 {
		text += " Suggested interval: " + seconds(a.Interval) + "."
	}
	if a.StartDelay > 0 {
		text += " Suggested start delay: " + seconds(a.StartDelay) + "."
	}
	if a.Role != "" {
		text += " Role: " + a.Role + "."
	}
	if a.Depth > 0 {
		text += " Check level: " + itoa(a.Depth) + "."
	}
	return text
}

// properties are what there is to know of a parameter in a few words.
func (p *Param) properties() string {
	words := []string{p.Type.String()}
	switch {
	case p.Required:
		words = append(words, "required")
	case p.Default != "":
		words = append(words, "default "+p.Default)
	}
	if p.UniqueGroup != "" {
		words = append(words, "unique")
	}
	if p.Reloadable {
		words = append(words, "reloadable")
	}
	if p.Secret {
		words = append(words, "secret")
	}
	return strings.Join(words, ", ")
}

// exampleValue is a value for an example: the required parameters have none.
func (d *Description) exampleParams() []string {
	var list []string
	for _, p := range d.Params {
		if p.Required {
			list = append(list, p.Name+"=VALUE")
		}
	}
	return list
}

func (d *Description) exampleCrm(provider string) []string {
	lines := []string{"primitive p_" + d.Name + " ocf:" + provider + ":" + d.Name + " \\"}
	if params := d.exampleParams(); params != nil {
		lines = append(lines, "  params "+strings.Join(params, " ")+" \\")
	}
	for _, a := range d.actions() {
		if a.Interval > 0 {
			lines = append(lines, "  op monitor "+strings.Join(a.options(), " ")+" \\")
		}
	}
	last := len(lines) - 1
	lines[last] = strings.TrimSuffix(lines[last], " \\")
	if d.Promotable() {
		lines = append(lines, "clone cl_"+d.Name+" p_"+d.Name+" meta promotable=true")
	}
	return lines
}

func (d *Description) examplePcs(provider string) []string {
	line := "pcs resource create p_" + d.Name + " ocf:" + provider + ":" + d.Name
	if params := d.exampleParams(); params != nil {
		line += " " + strings.Join(params, " ")
	}
	for _, a := range d.actions() {
		if a.Interval > 0 {
			line += " \\\n  op monitor " + strings.Join(a.options(), " ")
		}
	}
	if d.Promotable() {
		line += " \\\n  promotable"
	}
	return strings.Split(line, "\n")
}

// options are the attributes of a recurring operation.
func (a Action) options() []string {
	list := []string{"interval=" + seconds(a.Interval), "timeout=" + seconds(a.Timeout)}
	if a.Role != "" {
		list = append(list, "role="+a.Role)
	}
	if a.Depth > 0 {
		list = append(list, "OCF_CHECK_LEVEL="+itoa(a.Depth))
	}
	return list
}
