package fencing

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/lib/redact"
)

// Secret is text that does not show itself.
type Secret = redact.Secret

// Values are the options of a call: given or default, and of the right type.
type Values struct {
	d       *Description
	options []Option
	text    map[string]string
	given   map[string]bool
	asked   map[string]bool // for Unread
}

// Values checks what was given. The error names everything that is wrong. When it is
// one of what an action needs and not of a value, the Values are still good for
// texts as metadata.
func (d *Description) Values(in Input) (Values, error) {
	v := Values{d: d, options: d.options(), text: map[string]string{}, given: map[string]bool{}, asked: map[string]bool{}}
	var problems []string
	for i := range v.options {
		o := &v.options[i]
		text, given := in.Given[o.Name]
		if o.Type != String {
			text = strings.TrimSpace(text)
		}
		if text == "" { // an empty value is none
			text, given = o.Default, false
		}
		if bad := o.check(&text); bad != "" {
			problems = append(problems, bad)
		}
		v.text[o.Name], v.given[o.Name] = text, given
	}
	v.verbosity(in)
	if v.has("port_as_ip") && v.truth("port_as_ip") && v.given["plug"] {
		v.text["ip"], v.given["ip"] = v.text["plug"], true
	}
	v.text["action"] = d.action(v.text["action"])
	if !slices.Contains(d.Actions(), v.text["action"]) {
		problems = append(problems, fmt.Sprintf("action %q is not known: give one of %s", clip(v.text["action"]), strings.Join(d.Actions(), ", ")))
	}
	if problems != nil {
		return v, usageError("%s", strings.Join(problems, "; "))
	}
	return v, nil
}

// verbosity settles verbose_level by what was said of both.
func (v *Values) verbosity(in Input) {
	if !v.given["verbose_level"] {
		n := in.Verbose
		if n == 0 && v.truth("verbose") {
			n = 1
		}
		v.text["verbose_level"] = strconv.Itoa(min(n, 9))
	}
}

// action is the name of an action in the words of metadata.
func (d *Description) action(name string) string {
	switch name = strings.ToLower(strings.TrimSpace(name)); {
	case name == "meta-data":
		return "metadata"
	case name == "enable" && d.Fabric:
		return "on"
	case name == "disable" && d.Fabric:
		return "off"
	}
	return name
}

// Need checks what the action cannot do without.
func (v *Values) Need() error {
	var problems []string
	miss := func(text string) { problems = append(problems, text) }
	if v.has("username") && !v.d.NoLogin && !v.given["username"] {
		miss("username is missing: give the login name of the device")
	}
	if v.has("ip") && !v.given["ip"] && !v.given["target"] {
		miss("ip is missing: give the address of the device")
	}
	if v.has("password") && !v.d.NoPass && !v.given["password"] && !v.given["password_script"] {
		miss("password is missing: give password, password_script or FENCE_PASSWORD in the environment")
	}
	free := []string{"list", "list-status", "monitor"}
	if v.d.hasPlug() && !v.d.Plugless && !v.given["plug"] && !slices.Contains(free, v.text["action"]) {
		miss("plug is missing: give the number of the plug or the name of the machine")
	}
	if len(v.text["plug"]) > 0 && len(v.Plugs()) == 0 {
		miss("plug holds no name: give the number of the plug or the name of the machine")
	}
	if problems != nil {
		return usageError("%s", strings.Join(problems, "; "))
	}
	return nil
}

// check brings a value into its form, or says what is wrong with it.
func (o *Option) check(text *string) string {
	say := func(format string, args ...any) string {
		shown := " " + strconv.Quote(clip(*text))
		if o.Secret {
			shown = ""
		}
		return o.Name + shown + " " + fmt.Sprintf(format, args...)
	}
	if *text == "" {
		return ""
	}
	switch o.Type {
	case Boolean:
		value, ok := parseBoolean(*text)
		if !ok {
			return say("is neither true nor false: give 1 or 0")
		}
		*text = bit(value)
	case Integer:
		n, err := strconv.ParseInt(*text, 10, 64)
		if err != nil {
			return say("is not an integer: give a decimal number")
		}
		return o.outside(n, say)
	case Second:
		t, ok := parseSeconds(*text)
		if !ok {
			return say("is not a time: give seconds, or a number with a unit as in 500ms or 2min")
		}
		return o.outside(int64(t/time.Second), say)
	case Select:
		i := slices.IndexFunc(o.Choices, func(c string) bool { return strings.EqualFold(c, *text) })
		if i < 0 {
			return say("is not one of %s", strings.Join(o.Choices, ", "))
		}
		*text = o.Choices[i]
	case String:
		if strings.ContainsAny(*text, "\x00\n") {
			return say("holds a line end or a zero byte")
		}
	}
	return ""
}

func (o *Option) outside(n int64, say func(string, ...any) string) string {
	if o.Limits != nil && (n < o.Limits.Min || n > o.Limits.Max) {
		return say("is out of range: give %d to %d", o.Limits.Min, o.Limits.Max)
	}
	return ""
}

func parseBoolean(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "1", "yes", "on", "true":
		return true, true
	case "0", "no", "off", "false":
		return false, true
	}
	return false, false
}

// maxSeconds keeps times far from the limits of a Duration.
const maxSeconds = 7 * 24 * 3600

// parseSeconds reads a time of a week or less that is not negative.
func parseSeconds(text string) (time.Duration, bool) {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	unit, ok := map[string]time.Duration{"": time.Second, "s": time.Second, "sec": time.Second, "ms": time.Millisecond, "m": time.Minute, "min": time.Minute, "h": time.Hour}[strings.TrimSpace(text[end:])]
	if !ok || strings.Trim(text[:end], "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text[:end], 64)
	t := f * float64(unit)
	if err != nil || math.IsNaN(t) || t > float64(maxSeconds*time.Second) {
		return 0, false
	}
	return time.Duration(t), true
}

func (v *Values) has(name string) bool { return find(v.options, name) != nil }

func (v *Values) truth(name string) bool { return v.text[name] == "1" }

func (v *Values) get(name string, types ...Type) string {
	v.asked[name] = true
	o := find(v.options, name)
	if o == nil || o.Name != name || !slices.Contains(types, o.Type) {
		panic(fmt.Sprintf("agent %s reads option %s, which its description does not have with that type", v.d.Name, name))
	}
	return v.text[name]
}

// String is an option of type String or Select.
func (v *Values) String(name string) string { return v.get(name, String, Select) }

// Secret is an option that must not be shown.
func (v *Values) Secret(name string) Secret { return Secret(v.get(name, String)) }

// Bool is a Boolean; false if it has neither value nor default.
func (v *Values) Bool(name string) bool { return v.get(name, Boolean) == "1" }

// Int is an Integer; 0 if it has neither value nor default.
func (v *Values) Int(name string) int {
	n, _ := strconv.Atoi(v.get(name, Integer))
	return n
}

// Time is a Second; 0 if it has neither value nor default.
func (v *Values) Time(name string) time.Duration {
	t, _ := parseSeconds(v.get(name, Second))
	return t
}

// Given says whether an option was given a value.
func (v *Values) Given(name string) bool { v.asked[name] = true; return v.given[name] }

// Action is what shall be done, in the words of metadata.
func (v *Values) Action() string { return v.text["action"] }

// Plugs are the plugs that are switched together; one of no name for a device that is
// one machine.
func (v *Values) Plugs() []string {
	if !v.d.hasPlug() || !v.given["plug"] {
		return []string{""}
	}
	var list []string
	for p := range strings.SplitSeq(v.text["plug"], v.text["plug_separator"]) {
		if p = strings.TrimSpace(p); p != "" && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// Scripts are the programs that print secrets, by the option that they stand for. A
// secret that is given as well is not asked for.
func (v *Values) Scripts() map[string]string {
	list := map[string]string{}
	for _, name := range []string{"password", "snmp_priv_passwd"} {
		script := v.text[name+"_script"]
		if v.has(name) && script != "" {
			list[name] = script
		}
	}
	return list
}

// Set gives an option a value, such as a script has printed.
func (v *Values) Set(name, value string) { v.text[name], v.given[name] = value, value != "" }

// Secrets are the values that must not be shown.
func (v *Values) Secrets() []string {
	var list []string
	for _, o := range v.options {
		if o.Secret && v.text[o.Name] != "" && v.given[o.Name] {
			list = append(list, v.text[o.Name])
		}
	}
	return list
}

// Unread are the options of the agent that nobody has asked for; a test of an agent
// wants none but those that are Ignored.
func (v *Values) Unread() []string {
	var list []string
	for _, o := range v.d.Options {
		if !v.asked[o.Name] && o.Ignored == "" && !slices.Contains(readByAll, o.Name) {
			list = append(list, o.Name)
		}
	}
	return list
}

// readByAll is a table: options that the procedure reads.
var readByAll = append([]string{"plug", "port_as_ip", "separator", "method", "password_script", "snmp_priv_passwd_script"}, common...)
