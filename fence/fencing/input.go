package fencing

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of standard input. A device in a cluster has some twenty parameters.
const (
	MaxInput = 1 << 20 // bytes
	maxLines = 10000
)

// Input is what an agent was called with, before it is checked.
type Input struct {
	Given    map[string]string // by the names of options
	Verbose  int               // how often -v stood there
	Warnings []string          // what was left out
}

// ReadLines reads options from standard input: NAME=VALUE, a line each. Empty lines
// and those that begin with # are left out, quotes around a value are taken off, the
// last value of a name counts. A name that is not known is left out with a warning,
// as stock agents do: a cluster passes names that are for others.
func (d *Description) ReadLines(text string) (Input, error) {
	in := Input{Given: map[string]string{}}
	if len(text) > MaxInput || strings.Count(text, "\n") > maxLines {
		return in, usageError("standard input is longer than %d bytes or %d lines: give one NAME=VALUE a line", MaxInput, maxLines)
	}
	options := d.options()
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		o := find(options, name)
		switch {
		case o != nil:
			in.Given[o.Name] = value
		case name != "nodename":
			// The value may be a password whose name is misspelt.
			in.Warnings = append(in.Warnings, "unknown option "+clip(name)+" on standard input is ignored")
		}
	}
	return in, nil
}

func find(options []Option, name string) *Option {
	for i := range options {
		if options[i].called(name) {
			return &options[i]
		}
	}
	return nil
}

// ReadArgs reads options from the command line, as GNU getopt does: letters may stand
// together, long options may be shortened as long as they are unambiguous, and what
// is no option is left out with a warning.
func (d *Description) ReadArgs(args []string) (Input, error) {
	p := &argParser{options: d.options(), in: Input{Given: map[string]string{}}, rest: args}
	for len(p.rest) > 0 {
		arg := p.rest[0]
		p.rest = p.rest[1:]
		var err error
		switch {
		case arg == "--":
			p.stray(p.rest...)
			p.rest = nil
		case strings.HasPrefix(arg, "--"):
			err = p.long(arg[2:])
		case len(arg) > 1 && arg[0] == '-':
			err = p.letters(arg[1:])
		default:
			p.stray(arg)
		}
		if err != nil {
			return p.in, err
		}
	}
	_, plug := p.in.Given["plug"]
	if _, asIP := p.in.Given["port_as_ip"]; plug && !asIP && d.has("port_as_ip") {
		return p.in, usageError("option -n/--plug is for --port-as-ip alone: this device has no plugs")
	}
	return p.in, nil
}

type argParser struct {
	options []Option
	in      Input
	rest    []string
}

func (p *argParser) stray(args ...string) {
	if len(args) > 0 { // not shown: one may be a password after a blank
		p.in.Warnings = append(p.in.Warnings, fmt.Sprintf("%d arguments that are no options are ignored", len(args)))
	}
}

func (p *argParser) long(text string) error {
	name, value, given := strings.Cut(text, "=")
	var found []*Option
	for i := range p.options {
		o := &p.options[i]
		if o.called(name) {
			found = []*Option{o}
			break
		}
		if strings.HasPrefix(o.Long(), strings.ReplaceAll(name, "_", "-")) && name != "" {
			found = append(found, o)
		}
	}
	switch {
	case len(found) == 0:
		return usageError("option --%s is not known: see --help", clip(name))
	case len(found) > 1:
		return usageError("option --%s is ambiguous: it could be --%s or --%s", clip(name), found[0].Long(), found[1].Long())
	}
	return p.set(found[0], value, given)
}

func (p *argParser) letters(text string) error {
	for text != "" {
		i := slices.IndexFunc(p.options, func(o Option) bool { return o.Letter == text[0] && o.Letter != 0 })
		if i < 0 {
			return usageError("option -%s is not known: see --help", clip(text[:1]))
		}
		o := &p.options[i]
		text = text[1:]
		if o.argument() && text != "" {
			return p.set(o, text, true)
		}
		if err := p.set(o, "", false); err != nil {
			return err
		}
	}
	return nil
}

func (p *argParser) set(o *Option, value string, given bool) error {
	switch {
	case given:
	case o.argument() && len(p.rest) == 0:
		return usageError("option --%s needs a value", o.Long())
	case o.argument():
		value, p.rest = p.rest[0], p.rest[1:]
	default:
		value = "1"
		if o.Name == "verbose" {
			p.in.Verbose++
		}
	}
	p.in.Given[o.Name] = value
	return nil
}

func clip(text string) string {
	const limit = 60
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
