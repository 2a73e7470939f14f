package fencing

import (
	"fmt"
	"strings"
)

// Problems lists what is wrong with an agent itself, as a program could not compile
// it. The test of all agents wants none.
func (a *Agent) Problems() []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if !strings.HasPrefix(a.Name, "fence_") || a.Short == "" || a.Long == "" || a.Open == nil {
		say("an agent has a name that begins with fence_, a short and a long text, and Open")
	}
	names, letters := map[string]bool{}, map[byte]string{}
	for _, o := range a.options() {
		for _, n := range append([]string{o.Name}, o.Old...) {
			if names[n] {
				say("option %s stands twice", n)
			}
			names[n] = true
		}
		if other, taken := letters[o.Letter]; taken && o.Letter != 0 {
			say("options %s and %s have the letter %c", o.Name, other, o.Letter)
		}
		letters[o.Letter] = o.Name
		if o.Short == "" || (o.Type == Select) != (len(o.Choices) > 0) || strings.ContainsAny(o.Name, "- ") {
			say("option %s: a name without dashes, a short text, and choices for a select alone", o.Name)
		}
		text := o.Default
		if bad := o.check(&text); bad != "" {
			say("the default of %s: %s", o.Name, bad)
		}
	}
	return list
}
