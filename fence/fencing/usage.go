package fencing

import "strings"

// Usage is the answer to -h.
func (d *Description) Usage() string {
	var b strings.Builder
	b.WriteString("Usage:\n\t" + d.Name + " [options]\n\t" + d.Name + " <FILE     options from standard input, a line NAME=VALUE each\n\n")
	b.WriteString(d.Short + ".\nActions: " + strings.Join(d.Actions(), ", ") + ".\n\nOptions:\n")
	for _, o := range d.options() {
		const column = 35
		left := "   " + o.mixed()
		if len(left) > column-2 {
			b.WriteString(left + "\n")
			left = ""
		}
		b.WriteString(left + strings.Repeat(" ", column-len(left)))
		b.WriteString(wrap(o.usage(), column, 100) + "\n")
	}
	b.WriteString("\nExit code: 0 success, 1 failure, 2 the action was status and the machine is off.\n" +
		"A password in the arguments of a program can be read by all users of the machine:\n" +
		"give it on standard input, in FENCE_PASSWORD, or by --password-script.\n")
	return b.String()
}

func (o *Option) usage() string {
	text := o.Short
	if o.Type == Select {
		text += " (" + strings.Join(o.Choices, "|") + ")"
	}
	if o.Default != "" {
		text += " (default " + o.Default + ")"
	}
	if o.Ignored != "" {
		text += " (not used: " + o.Ignored + ")"
	}
	return text
}

// wrap breaks text into lines; those after the first begin at a column.
func wrap(text string, column, width int) string {
	var b strings.Builder
	at := column
	for i, word := range strings.Fields(text) {
		if i > 0 {
			if at+1+len(word) > width {
				b.WriteString("\n" + strings.Repeat(" ", column))
				at = column
			} else {
				b.WriteByte(' ')
				at++
			}
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}
