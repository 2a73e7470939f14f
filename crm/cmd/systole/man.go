package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// option is what the help says about an option.
type option struct{ short, long, value, help string }

// options reads the options of a command from its help.
func options(cmd *cobra.Command) []option {
	var list []option
	for line := range strings.Lines(cmd.LocalFlags().FlagUsages()) {
		left, help, ok := strings.Cut(strings.TrimSpace(line), "   ")
		if !ok {
			continue
		}
		o := option{help: strings.TrimSpace(help)}
		for word := range strings.FieldsSeq(left) {
			switch {
			case strings.HasPrefix(word, "--"):
				o.long = word[2:]
			case strings.HasPrefix(word, "-"):
				o.short = strings.TrimSuffix(word[1:], ",")
			default:
				o.value = word
			}
		}
		list = append(list, o)
	}
	return list
}

// manCommand writes manual pages; it is for those who build packages.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a directory",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("want one directory to write into")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return writeManuals(root, args[0])
		},
	}
}

// writeManuals writes a page for every command below (and with) the given one.
func writeManuals(cmd *cobra.Command, dir string) error {
	if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
		return nil
	}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	page := manual(cmd, name)
	if err := os.WriteFile(filepath.Join(dir, name+".8"), page, 0o644); err != nil { //nolint:gosec // for everyone to read
		return fmt.Errorf("cannot write the manual page of %s: %w", name, err)
	}
	for _, c := range cmd.Commands() {
		if err := writeManuals(c, dir); err != nil {
			return err
		}
	}
	return nil
}

// manual is the manual page of a command, in the man macros of roff. It has no
// date, so that the same program gives the same page.
func manual(cmd *cobra.Command, name string) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH %s 8 "" "systole %s" "Cluster administration"`, strings.ToUpper(roff(name)), version)
	line(".SH NAME")
	line(`%s \- %s`, roff(name), roff(strings.ToLower(cmd.Short[:1])+cmd.Short[1:]))
	line(".SH SYNOPSIS")
	line(".B %s", roff(strings.TrimSuffix(cmd.UseLine(), " [flags]")))
	if len(options(cmd)) > 1 {
		line(`[\fIOPTION\fR]...`)
	}
	line(".SH DESCRIPTION")
	paragraphs(&b, cmd.Long)
	if cmd.Long == "" {
		line("%s.", roff(cmd.Short))
	}
	manualCommands(&b, cmd)
	line(".SH OPTIONS")
	for _, o := range options(cmd) {
		line(".TP")
		term := `\fB\-\-` + roff(o.long) + `\fR`
		if o.short != "" {
			term = `\fB\-` + roff(o.short) + `\fR, ` + term
		}
		if o.value != "" {
			term += ` \fI` + roff(o.value) + `\fR`
		}
		line("%s", term)
		line("%s", roff(o.help))
	}
	if cmd.Example != "" {
		line(".SH EXAMPLES")
		line(".nf")
		line("%s", roff(cmd.Example))
		line(".fi")
	}
	manualEnd(&b, cmd)
	return []byte(b.String())
}

// manualCommands lists the commands below a command.
func manualCommands(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	b.WriteString(".SH COMMANDS\n")
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(c.UseLine()), roff(c.Short))
		}
	}
}

// exitHelp says what the exit statuses mean.
const exitHelp = `0: done. 1: the transition cannot be carried out to its end. 64: the command line makes no sense. 65: the CIB cannot be read.
68: there is no such node. 70: an internal error. 73: a file cannot be written. 75: the cluster does not come to rest (--settle).
78: the CIB is invalid. 105: there is no such resource or ticket.`

func manualEnd(b *strings.Builder, cmd *cobra.Command) {
	if cmd.HasParent() && cmd.Name() != "version" {
		fmt.Fprintf(b, ".SH EXIT STATUS\n%s\n", roff(exitHelp))
	}
	var also []string
	list := cmd.Commands()
	if p := cmd.Parent(); p != nil {
		also = append(also, `\fB`+roff(p.Name())+`\fR(8)`)
		list = p.Commands()
	}
	for _, c := range list {
		if c != cmd && c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			also = append(also, `\fB`+roff(strings.ReplaceAll(c.CommandPath(), " ", "-"))+`\fR(8)`)
		}
	}
	fmt.Fprintf(b, ".SH SEE ALSO\n%s\n", strings.Join(also, ", "))
}

// paragraphs writes text with empty lines between its paragraphs; lines that
// begin with blanks are left as they are.
func paragraphs(b *strings.Builder, text string) {
	for i, p := range strings.Split(text, "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(p, "  ") {
			b.WriteString(".nf\n" + roff(p) + "\n.fi\n")
		} else {
			b.WriteString(roff(p) + "\n")
		}
	}
}

// roff escapes what roff would read as more than text.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
