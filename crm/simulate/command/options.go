package command

import (
	"math"
	"strconv"
	"strings"

	"systole/crm/simulate"
)

// Options are what crm_simulate was asked for (08 §1.1).
type Options struct {
	Process, Simulate, InPlace bool
	Attributes, FailCounts     bool
	Scores, Utilization        bool
	Quiet, Version, AllActions bool
	Verbose                    int
	Help                       string // "", "main", or a group
	ProfileDir                 string
	Profile                    bool
	Repeat                     int
	Date                       *string
	SaveInput, SaveOutput      *string
	SaveGraph, SaveDot         *string
	Source                     string // file, or "-" for standard input
	Live                       bool   // from the running cluster
	Sanitized                  bool   // secrets may be masked in the input
	OutputAs, OutputTo         string
	Injection                  simulate.Injection
	Fail                       []string
	Warnings                   []string // for standard error
}

// An option of the command line.
type option struct {
	short byte
	long  string
	arg   string // name of its argument, "" when it has none
	group string
	help  string
	set   func(o *Options, value string)
}

// UsageError is a command line that makes no sense; its text is what Pacemaker
// writes.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

// withValue are the short options whose value may follow in the same word.
const withValue = "bdefgiqrtuwxDFGINOP"

// Parse reads the arguments, the program's name not among them.
func Parse(args []string) (*Options, error) {
	o := &Options{Repeat: 1, Source: "-", Sanitized: true, OutputAs: "text"}
	words := o.explode(args)
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w == "--" {
			break
		}
		if len(w) < 2 || w[0] != '-' {
			continue // words that are no options do not matter
		}
		name, value, hasValue := w, "", false
		if strings.HasPrefix(w, "--") {
			name, value, hasValue = strings.Cut(w, "=")
		}
		opt := find(name)
		switch {
		case opt == nil && strings.HasPrefix(name, "--help-"):
			o.Help = strings.TrimPrefix(name, "--help-")
			if !helpGroup(o.Help) {
				return nil, &UsageError{"Unknown option " + w}
			}
			return o, nil
		case opt == nil:
			return nil, &UsageError{"Unknown option " + w}
		case opt.arg != "" && !hasValue:
			if i++; i >= len(words) {
				return nil, &UsageError{"Missing argument for " + name}
			}
			value = words[i]
		}
		if opt.long == "repeat" {
			if err := o.setRepeat(name, value); err != nil {
				return nil, err
			}
			continue
		}
		opt.set(o, value)
		if o.Help != "" {
			return o, nil
		}
	}
	return o, nil
}

func (o *Options) setRepeat(name, value string) error {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 0, 64)
	switch {
	case err != nil && strings.Contains(err.Error(), "range"), err == nil && (n > math.MaxInt32 || n < math.MinInt32):
		return &UsageError{"Integer value “" + value + "” for " + name + " out of range"}
	case err != nil:
		return &UsageError{"Cannot parse integer value “" + value + "” for " + name}
	}
	o.Repeat = int(max(n, 0))
	return nil
}

// explode takes clustered short options apart (08 §1.2.4).
func (o *Options) explode(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(out, args[i:]...)
		}
		if len(a) < 2 || a[0] != '-' || a[1] == '-' || a == "-INFINITY" || isNegative(a) {
			out = append(out, a)
			continue
		}
		for k := 1; k < len(a); k++ {
			out = append(out, "-"+a[k:k+1])
			if strings.IndexByte(withValue, a[k]) < 0 {
				continue
			}
			if k+1 < len(a) {
				letter, rest := a[k:k+1], a[k+1:]
				o.Warnings = append(o.Warnings,
					"Deprecated argument format '-"+letter+rest+"' used.",
					"Please use '-"+letter+" "+rest+"' instead.  Support will be removed in a future release.")
				out = append(out, rest)
			} else if i+1 < len(args) { // whatever it looks like, it is the value
				i++
				out = append(out, args[i])
			}
			break
		}
	}
	return out
}

func isNegative(a string) bool {
	if a[1] < '1' || a[1] > '9' {
		return false
	}
	for _, c := range a[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func find(name string) *option {
	for i := range options {
		opt := &options[i]
		if name == "--"+opt.long || (len(name) == 2 && name[1] == opt.short && opt.short != '-') {
			return opt
		}
	}
	return nil
}

func helpGroup(name string) bool {
	switch name {
	case "all", "output", "operations", "synthetic", "artifact", "source":
		return true
	}
	return false
}
