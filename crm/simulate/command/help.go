package command

import "strings"

const usage = `Usage:
  crm_simulate [OPTION…]

crm_simulate - simulate a Pacemaker cluster's response to events
`

const operationHelp = `
Operation Specification:

  OPSPEC in any option is RSC_TASK_INTERVALMS@NODE=RC, for example
  memcached_monitor_20000@bart.example.com=7; RC is the result that the
  resource agent is said to return.

Examples:

  What would the cluster do now, and what would it be like then?

    crm_simulate -S -x cib.xml

  A recurring monitor finds memcached stopped on bart, and when it is recovered
  its stop fails. Keep the result:

    crm_simulate -S -x cib.xml --op-inject memcached_monitor_20000@bart=7 \
      --op-fail memcached_stop_0@bart=1 --save-output after.xml

  And what then?

    crm_simulate -S -x after.xml

  The same with words for people: systole simulate --help
`

var groups = [...]struct{ name, title string }{ // table
	{"output", "Output Options:"},
	{"operations", "Operations:"},
	{"synthetic", "Synthetic Cluster Events:"},
	{"artifact", "Artifact Options:"},
	{"source", "Data Source:"},
	{"main", "Application Options:"},
}

// helpText is the help on a group of options; "main" is the short one.
func helpText(group string) string {
	var b strings.Builder
	b.WriteString(usage)
	if group == "main" {
		b.WriteString("\nHelp Options:\n")
		helpLine(&b, "-h, --help", "Show help options")
		helpLine(&b, "--help-all", "Show all help options")
		for _, g := range groups {
			if g.name != "main" {
				helpLine(&b, "--help-"+g.name, "Show "+strings.TrimSuffix(strings.ToLower(g.title), ":"))
			}
		}
	}
	for _, g := range groups {
		if group != "all" && group != g.name && !(group == "main" && g.name == "operations") {
			continue
		}
		b.WriteString("\n" + g.title + "\n")
		for i := range options {
			if o := &options[i]; o.group == g.name {
				helpLine(&b, optionText(o), o.help)
			}
		}
	}
	if group == "main" || group == "all" {
		b.WriteString(operationHelp)
	}
	return b.String()
}

func optionText(o *option) string {
	text := "    --" + o.long
	if o.short != '-' {
		text = "-" + string(o.short) + ", --" + o.long
	}
	if o.arg != "" {
		text += "=" + o.arg
	}
	return text
}

func helpLine(b *strings.Builder, left, right string) {
	const width = 32
	b.WriteString("  " + left)
	if n := width - len(left); n > 0 {
		b.WriteString(strings.Repeat(" ", n))
	} else {
		b.WriteString(" ")
	}
	b.WriteString(right + "\n")
}
