package fencing

import (
	"strings"

	"systole/lib/agentdoc"
)

// Manual is the manual page of the agent in section 8, in roff. program is the name
// that it is called by.
func (d *Description) Manual(program string) string {
	m := &agentdoc.Roff{}
	m.Macro("TH", program, "8", "", "Systole", "Fence agents")
	m.Macro("SH", "NAME")
	m.Line(agentdoc.EscapeRoff(program) + ` \- ` + agentdoc.EscapeRoff(d.Short))
	m.Macro("SH", "SYNOPSIS")
	m.Line(`\fB` + agentdoc.EscapeRoff(program) + `\fR [OPTIONS]`)
	m.Macro("SH", "DESCRIPTION")
	m.Paragraphs(d.Long+"\n\n"+common2, "PP")
	m.Macro("SH", "PARAMETERS")
	for _, o := range d.options() {
		m.Item(o.mixed(), o.properties(), o.long())
	}
	m.Macro("SH", "ACTIONS")
	for _, a := range d.Actions() {
		m.Item(a, "", actionTexts[a])
	}
	m.Macro("SH", "STDIN PARAMETERS")
	m.Paragraphs("Without arguments the options are read from standard input, a line each: the name, =, and the value. Lines that begin with # are left out.", "PP")
	for _, n := range d.notes() {
		m.Macro("SH", strings.ToUpper(n.Title))
		m.Paragraphs(n.Text, "PP")
	}
	m.Macro("SH", "EXAMPLE")
	m.Example(d.example(program))
	m.Macro("SH", "SEE ALSO")
	m.Line(`systole\-fence(8), pcs(8), stonith_admin(8)`)
	return m.String()
}

const common2 = `The machine is reported off only when the device has shown it off three times in a row, over a second or more, after it had taken the command to turn it off.`

// actionTexts is a table.
var actionTexts = map[string]string{
	"on":           "Turn the machine on, and wait until it is seen on.",
	"off":          "Turn the machine off, and make sure of it. That it was off before is success; the command is given all the same.",
	"reboot":       "As off, then on. Once the machine has been off, that it does not come up is a warning and no failure: it is fenced.",
	"status":       "Print the state. The exit code is 0 for on, 2 for off, 1 if it is not known.",
	"list":         "Print the plugs, a line each: number, separator, name.",
	"list-status":  "As list, with the state as third.",
	"monitor":      "Check that the device can be used: address, login, rights, and that it tells the state.",
	"metadata":     "Print the description of the agent in XML.",
	"manpage":      "Print this page.",
	"validate-all": "Check the options alone, without the device.",
	"diag":         "Send a diagnostic interrupt, upon which the operating system may write a dump. Nothing is made sure of.",
}

// notes are those of the agent and those of all.
func (d *Description) notes() []Note {
	return append(append([]Note(nil), d.Notes...),
		Note{"Exit codes", "0 success; 1 failure, with the reason on standard error and in the system log; 2 for status when the machine is off."},
		Note{"Files and environment", "FENCE_PASSWORD: the password, when none is given otherwise.\nPCMK_service=pacemaker-fenced: the timeouts of Pacemaker rule, as with disable_timeout=true; the agent then ends by itself after ten minutes at the latest."})
}

func (o *Option) properties() string {
	words := []string{o.Type.String()}
	if o.Required {
		words = append(words, "required")
	}
	if o.Default != "" {
		words = append(words, "default "+o.Default)
	}
	if o.Secret {
		words = append(words, "secret")
	}
	return strings.Join(words, ", ")
}

func (o *Option) long() string {
	text := o.Short + "."
	if strings.HasSuffix(o.Short, ".") {
		text = o.Short
	}
	if o.Text != "" {
		text += "\n" + o.Text
	}
	if o.Type == Select {
		text += "\nOne of: " + strings.Join(o.Choices, ", ") + "."
	}
	if len(o.Old) > 0 {
		text += "\nOlder name: " + strings.Join(o.Old, ", ") + "."
	}
	if o.Ignored != "" {
		text += "\nTaken and not used: " + o.Ignored + "."
	}
	return text
}

// example is a device in a cluster, with the options that are required.
func (d *Description) example(program string) []string {
	line := "pcs stonith create fence-NODE " + program
	for _, o := range d.options() {
		if o.Required && o.Name != "action" && o.Name != "plug" {
			line += " " + o.Name + "=" + strings.ToUpper(o.Name)
		}
	}
	return []string{line + " \\", "  pcmk_host_list=NODE op monitor interval=60s"}
}

// Page is the documentation of the agent in Markdown.
func (d *Description) Page(program string) string {
	var b strings.Builder
	line := func(text string) { b.WriteString(text + "\n") }
	line("# " + program + "\n\n" + d.Short + ".\n\n" + agentdoc.Markdown(d.Long) + "\n\n" + common2 + "\n\n## Parameters\n")
	line("| name | type | default | what |\n|---|---|---|---|")
	for _, o := range d.options() {
		value := ""
		if o.Default != "" {
			value = "`" + o.Default + "`"
		}
		typ := o.Type.String()
		if o.Required {
			typ += ", required"
		}
		if o.Secret {
			typ += ", secret"
		}
		line("| `" + o.Name + "` | " + typ + " | " + value + " | " + agentdoc.Cell(o.long()) + " |")
	}
	line("\n## Actions\n\n| action | what |\n|---|---|")
	for _, a := range d.Actions() {
		line("| `" + a + "` | " + agentdoc.Cell(actionTexts[a]) + " |")
	}
	for _, n := range d.notes() {
		line("\n## " + n.Title + "\n\n" + agentdoc.Markdown(n.Text))
	}
	line("\n## Example\n\n```\n" + strings.Join(d.example(program), "\n") + "\n```")
	return b.String()
}
