package ocf

import "strings"

// Usage is the answer to usage and help: how program is called.
func (d *Description) Usage(program string) string {
	names := append(d.actionNames(), "usage", "help")
	return "usage: " + program + " {" + strings.Join(names, "|") + "}\n\n" +
		d.Short + ".\n\n" +
		"The parameters of the resource are read from the environment as OCF_RESKEY_NAME=VALUE,\n" +
		"its name from OCF_RESOURCE_INSTANCE.\n" + d.usageParams()
}

func (d *Description) usageParams() string {
	if len(d.Params) == 0 {
		return ""
	}
	width := 0
	for _, p := range d.Params {
		width = max(width, len(p.Name))
	}
	var b strings.Builder
	b.WriteString("\nParameters:\n")
	for _, p := range d.Params {
		b.WriteString("  " + p.Name + strings.Repeat(" ", width-len(p.Name)+2) + p.Short)
		switch {
		case p.Required:
			b.WriteString(" (required)")
		case p.Default != "":
			b.WriteString(" (default: " + p.Default + ")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
