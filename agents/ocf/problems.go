package ocf

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Problems lists what is wrong with an agent itself, as a program could not
// compile it: a description that disagrees with the functions, a parameter
// without text. The test of every agent wants none.
func (a *Agent[P, F]) Problems() []string {
	list := a.Description.problems()
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, action := range []string{
		"start", "stop", "promote", "demote", "notify", "reload", "reload-agent", "migrate_to", "migrate_from",
	} {
		has := a.decider(action, Version{1, 1}) != nil
		if has != a.listed(action) {
			say("action %s: in the description: %t, as a function: %t", action, a.listed(action), has)
		}
	}
	if a.Parse == nil || a.Gather == nil || a.Monitor == nil || a.Start == nil || a.Stop == nil || !a.listed("monitor") {
		say("every agent has Parse, Gather, Monitor, Start and Stop, and describes monitor")
		return list
	}
	return append(list, a.parseProblems()...)
}

// parseProblems reads all parameters at their defaults.
func (a *Agent[P, F]) parseProblems() (list []string) {
	defer func() {
		if p := recover(); p != nil {
			list = append(list, fmt.Sprint(p))
		}
	}()
	environ := []string{"OCF_RESOURCE_INSTANCE=test"}
	for _, p := range a.Params {
		if p.Required {
			environ = append(environ, "OCF_RESKEY_"+p.Name+"="+p.sample())
		}
	}
	v, err := ReadValues(&a.Description, ReadRequest(a.Name, "start", environ))
	if err != nil {
		return []string{err.Error()}
	}
	a.Parse(v)
	for _, name := range v.Unread() {
		list = append(list, "parameter "+name+" is described but never read")
	}
	return list
}

// sample is a valid text for a parameter.
func (p *Param) sample() string {
	switch {
	case p.Type == Select && len(p.Options) > 0:
		return p.Options[0]
	case p.Type == Boolean:
		return "yes"
	case p.Limits != nil:
		return fmt.Sprint(p.Limits.Min)
	}
	return "1"
}

func (d *Description) problems() []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if d.Name == "" || d.Version == "" || d.Short == "" || d.Long == "" {
		say("the description needs a name, a version, a short and a long text")
	}
	if len(d.Params) == 0 {
		say("the grammar of OCF 1.1 wants at least one parameter")
	}
	seen := map[string]bool{}
	for i := range d.Params {
		p := &d.Params[i]
		if seen[p.Name] {
			say("parameter %s stands twice", p.Name)
		}
		seen[p.Name] = true
		for _, bad := range p.problems() {
			say("parameter %s: %s", p.Name, bad)
		}
	}
	if d.EnvFile != "" && !seen[d.EnvFile] {
		say("EnvFile names the parameter %s, which is not described", d.EnvFile)
	}
	for _, a := range d.Actions {
		if a.Timeout < time.Second || !slices.Contains([]string{"", Promoted, Unpromoted}, a.Role) {
			say("action %s: a timeout of a second or more, and a role of OCF 1.1 or none", a.Name)
		}
	}
	return list
}

func (p *Param) problems() []string {
	var list []string
	if p.Name == "" || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		list = append(list, "the name must be letters, digits and underscores")
	}
	if p.Short == "" || strings.HasSuffix(p.Short, ".") {
		list = append(list, "the short text must be there, without a full stop")
	}
	if p.Required && p.Default != "" {
		list = append(list, "required, and yet with a default")
	}
	if (p.Type == Select) != (len(p.Options) > 0) {
		list = append(list, "options are for select, and select needs some")
	}
	if p.Default != "" {
		if bad := p.check(p.Default); bad != "" {
			list = append(list, "the default "+bad)
		}
	}
	return list
}
