package fencing

import (
	"slices"
	"strings"
)

// Type is how the text of an option is read.
type Type int

// The types of options.
const (
	String  Type = iota
	Integer      // decimal
	Boolean      // 1, yes, on, true or 0, no, off, false
	Second       // a time: whole seconds, or with a unit (500ms, 2min)
	Select       // one of Choices, in any case
)

// metadataTypes is a table: the words of the FenceAgentAPI.
var metadataTypes = [...]string{String: "string", Integer: "integer", Boolean: "boolean", Second: "second", Select: "select"}

// String is the word that metadata has for the type.
func (t Type) String() string { return metadataTypes[t] }

// Option is an option of an agent: a parameter of the device in the cluster, a line
// on standard input, and an option of the command line.
type Option struct {
	Name    string   // as in the CIB, with underscores
	Old     []string // older names for the same
	Letter  byte     // the short option; 0: none
	Word    string   // what stands for the value in a usage; "": there is none
	Type    Type
	Default string
	Choices []string // of a Select
	Limits  *Limits

	Required bool   // as metadata says it; what an action needs is checked by need
	Secret   bool   // never shown
	Ignored  string // taken and not used, and why
	Short    string // one line without a full stop
	Text     string // more, for the manual

	order int // of options in texts, as in stock agents
}

// Limits are the bounds of a number, both included; of a Second, in seconds.
type Limits struct{ Min, Max int64 }

// Long is the long option: the name with dashes.
func (o *Option) Long() string { return strings.ReplaceAll(o.Name, "_", "-") }

// argument says that the option takes a value on the command line. A Boolean without
// a word is a flag there, and may have one: --lanplus, --lanplus=0.
func (o *Option) argument() bool { return o.Type != Boolean || o.Word != "" }

// called says whether a name means the option. Dashes and underscores are the same.
func (o *Option) called(name string) bool {
	name = strings.ReplaceAll(name, "-", "_")
	return name == o.Name || slices.ContainsFunc(o.Old, func(old string) bool { return strings.ReplaceAll(old, "-", "_") == name })
}

// Standard returns the options of the names that many agents have, with the defaults
// and letters of stock agents. It panics for a name that is none.
func Standard(names ...string) []Option {
	list := make([]Option, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(standard, func(o Option) bool { return o.Name == name })
		if i < 0 {
			panic("fencing: no standard option " + name)
		}
		list = append(list, standard[i])
	}
	return list
}

// With is the option changed.
func (o Option) With(change func(*Option)) Option {
	change(&o)
	return o
}
