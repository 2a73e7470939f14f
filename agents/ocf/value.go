package ocf

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/lib/redact"
)

// The words for true are those of the ocf_is_true function and those of
// Pacemaker; case does not matter. Any other word is false to ocf_is_true. Here
// false has words too, and what is neither is an error: a misspelt "ture" should
// not silently switch something off.
func parseBoolean(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "yes", "true", "on", "1", "y", "t", "ja":
		return true, true
	case "no", "false", "off", "0", "n", "f", "nein":
		return false, true
	}
	return false, false
}

func parseInteger(text string) (int64, bool) {
	// ParseInt with base 10 takes no prefixes and no underscores: 010 is ten.
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// timeUnits is a table: the units of a time as Pacemaker writes them.
var timeUnits = map[string]time.Duration{
	"us": time.Microsecond, "usec": time.Microsecond,
	"ms": time.Millisecond, "msec": time.Millisecond,
	"":  time.Second,
	"s": time.Second, "sec": time.Second,
	"m": time.Minute, "min": time.Minute,
	"h": time.Hour, "hr": time.Hour,
}

// parseTime reads a number with a unit; without one it is in seconds. Fractions
// are allowed: 0.5, 1.5min.
func parseTime(text string) (time.Duration, bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("+-.0123456789", r) })
	if end < 0 {
		end = len(text)
	}
	unit, ok := timeUnits[strings.TrimSpace(text[end:])]
	if !ok {
		return 0, false
	}
	number := text[:end]
	if n, ok := parseInteger(number); ok {
		if n > int64(maxTimeout/unit) || n < -int64(maxTimeout/unit) {
			return 0, false
		}
		return time.Duration(n) * unit, true
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || math.Abs(f) > float64(maxTimeout/unit) {
		return 0, false
	}
	return time.Duration(f * float64(unit)), true
}

// check says what is wrong with the text of a parameter, "" if nothing.
func (p *Param) check(text string) string {
	switch p.Type {
	case Integer:
		n, ok := parseInteger(text)
		if !ok {
			return "is not an integer: give a decimal number"
		}
		return p.outside(n, "")
	case Boolean:
		if _, ok := parseBoolean(text); !ok {
			return "is neither true nor false: give yes or no"
		}
	case Time:
		d, ok := parseTime(text)
		if !ok {
			return "is not a time: give seconds, or a number with a unit as in 20s, 500ms, 2min"
		}
		if p.Limits == nil && d < 0 {
			return "is a negative time: give 0 or more"
		}
		return p.outside(int64(d/time.Second), " seconds")
	case Select:
		if !slices.Contains(p.Options, text) {
			return "is not one of " + strings.Join(p.Options, ", ")
		}
	case String:
		if strings.ContainsRune(text, 0) {
			return "holds a zero byte"
		}
	}
	return ""
}

func (p *Param) outside(n int64, unit string) string {
	if p.Limits == nil || n >= p.Limits.Min && n <= p.Limits.Max {
		return ""
	}
	return fmt.Sprintf("is out of range: give %d to %d%s", p.Limits.Min, p.Limits.Max, unit)
}

// Values are the parameters of a request: given or default, and of the right type.
type Values struct {
	d     *Description
	text  map[string]string
	asked map[string]bool // for Unread and Undeclared
}

// ReadValues reads the parameters of a request. The error is a Fault with
// ErrConfigured that names every parameter that is missing or malformed.
func ReadValues(d *Description, r *Request) (Values, error) {
	v := Values{d: d, text: make(map[string]string, len(d.Params)), asked: map[string]bool{}}
	var problems []string
	for i := range d.Params {
		p := &d.Params[i]
		// White space around a value is a slip in every type but text.
		text := r.env["OCF_RESKEY_"+p.Name]
		if p.Type != String {
			text = strings.TrimSpace(text)
		}
		if text == "" {
			text = r.expand(p.Default)
		}
		v.text[p.Name] = text
		switch {
		case text == "" && p.Required:
			problems = append(problems, "parameter "+p.Name+" is not set: it is required")
		case text != "":
			if bad := p.check(text); bad != "" {
				problems = append(problems, "parameter "+p.Name+" "+p.shown(text)+bad)
			}
		}
	}
	if problems != nil {
		return v, Errorf(ErrConfigured, "%s", strings.Join(problems, "; "))
	}
	return v, nil
}

// shown is a value in an error message, with a space after it; nothing for a secret.
func (p *Param) shown(text string) string {
	if p.Secret {
		return ""
	}
	const limit = 80
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return strconv.Quote(text) + " "
}

// expand replaces what may stand in a default.
func (r *Request) expand(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	text = strings.ReplaceAll(text, "${HA_RSCTMP}", r.Dirs.Tmp)
	text = strings.ReplaceAll(text, "${HA_VARRUN}", r.Dirs.Run)
	return strings.ReplaceAll(text, "${OCF_RESOURCE_INSTANCE}", r.instanceName())
}

func (v Values) get(name string, t Type) string {
	v.asked[name] = true
	p := v.d.param(name)
	if p == nil || p.Type != t && !(t == String && p.Type == Select) {
		panic(fmt.Sprintf("agent %s reads parameter %s as %s, which is not in its description", v.d.Name, name, t))
	}
	return v.text[name]
}

// String is a parameter of type String or Select.
func (v Values) String(name string) string { return v.get(name, String) }

// Secret is a parameter of type String that must not be shown.
func (v Values) Secret(name string) Secret { return Secret(v.get(name, String)) }

// Int is a parameter of type Integer; 0 if it has neither value nor default.
func (v Values) Int(name string) int64 {
	n, _ := parseInteger(v.get(name, Integer))
	return n
}

// Bool is a parameter of type Boolean; false if it has neither value nor default.
func (v Values) Bool(name string) bool {
	b, _ := parseBoolean(v.get(name, Boolean))
	return b
}

// Time is a parameter of type Time; 0 if it has neither value nor default.
func (v Values) Time(name string) time.Duration {
	if v.get(name, Time) == "" {
		return 0
	}
	d, _ := parseTime(v.text[name])
	return d
}

// Given says whether the parameter has a value, by itself or by default.
func (v Values) Given(name string) bool {
	v.asked[name] = true
	return v.text[name] != ""
}

// Unread are the parameters of the description that nobody has asked for; a test
// of an agent wants none.
func (v Values) Unread() []string {
	var names []string
	for _, p := range v.d.Params {
		if !v.asked[p.Name] && p.Name != v.d.EnvFile {
			names = append(names, p.Name)
		}
	}
	return names
}

// Secret is text that does not show itself.
type Secret = redact.Secret
