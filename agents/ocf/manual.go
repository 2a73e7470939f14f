package ocf

import "strings"

// Manual is the manual page of the agent in section 7, in the man macros of
// roff. provider is the folder that the agent is called from.
func (d *Description) Manual(provider string) string {
	m := &roff{}
	title := "ocf_" + provider + "_" + d.Name
	m.macro("TH", title, "7", "", "Systole", "OCF resource agents")
	m.macro("SH", "NAME")
	m.line(escapeRoff(title) + ` \- ` + escapeRoff(d.Short))
	m.macro("SH", "SYNOPSIS")
	m.line(`\fB` + escapeRoff(d.Name) + `\fR {` + escapeRoff(strings.Join(d.actionNames(), " | ")) + `}`)
	m.macro("SH", "DESCRIPTION")
	m.paragraphs(d.Long)
	m.macro("SH", "SUPPORTED PARAMETERS")
	for i := range d.Params {
		m.param(&d.Params[i])
	}
	m.macro("SH", "SUPPORTED ACTIONS")
	for _, a := range d.actions() {
		m.macro("TP")
		m.line(`\fB` + escapeRoff(a.Name) + `\fR`)
		m.line(escapeRoff(a.describe()))
	}
	for _, n := range d.Notes {
		m.macro("SH", strings.ToUpper(n.Title))
		m.paragraphs(n.Text)
	}
	m.macro("SH", "EXAMPLE CRM SHELL")
	m.example(d.exampleCrm(provider))
	m.macro("SH", "EXAMPLE PCS")
	m.example(d.examplePcs(provider))
	m.macro("SH", "SEE ALSO")
	m.line(`systole\-agents(8), crm(8), pcs(8), crm_resource(8)`)
	return m.text.String()
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

// roff writes the macros of man(7).
type roff struct{ text strings.Builder }

func (m *roff) line(text string) {
	// A line that begins with a dot or an apostrophe would be a macro.
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	m.text.WriteString(text + "\n")
}

func (m *roff) macro(name string, args ...string) {
	m.text.WriteString("." + name)
	for _, a := range args {
		m.text.WriteString(` "` + strings.ReplaceAll(escapeRoff(a), `"`, `\(dq`) + `"`)
	}
	m.text.WriteByte('\n')
}

func (m *roff) paragraphs(text string) {
	for i, p := range paragraphs(text) {
		if i > 0 {
			m.macro("PP")
		}
		for line := range strings.SplitSeq(p, "\n") {
			m.line(escapeRoff(strings.TrimSpace(line)))
		}
	}
}

func (m *roff) param(p *Param) {
	m.macro("TP")
	m.line(`\fB` + escapeRoff(p.Name) + `\fR (` + escapeRoff(p.properties()) + `)`)
	for i, text := range paragraphs(p.longText()) {
		if i > 0 {
			m.macro("IP")
		}
		for line := range strings.SplitSeq(text, "\n") {
			m.line(escapeRoff(strings.TrimSpace(line)))
		}
	}
}

func (m *roff) example(lines []string) {
	m.macro("nf")
	for _, l := range lines {
		m.line(escapeRoff(l))
	}
	m.macro("fi")
}

func escapeRoff(text string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
}

// paragraphs splits text at empty lines.
func paragraphs(text string) []string {
	var list []string
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}
