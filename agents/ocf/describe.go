package ocf

import (
	"slices"
	"strconv"
	"time"
)

// Description is everything about an agent that is text: parameters, actions,
// and what they are for. Metadata, usage, manual page and documentation are
// printed from it, and parameters are read by it, so that they cannot disagree.
type Description struct {
	Name    string // as in the CIB, and of the link that calls the agent
	Version string // of the agent
	Short   string // one line without a full stop
	Long    string // paragraphs, with empty lines between them
	Params  []Param
	Actions []Action // meta-data and validate-all are added if missing

	// EnvFile names a parameter that holds the name of a file: for diagnosis, the
	// environment of every call is appended to it, secrets replaced.
	EnvFile string
	// Notes are sections of the documentation beyond parameters and actions.
	Notes []Note
}

// Note is a titled section of an agent's documentation.
type Note struct{ Title, Text string }

// Type is how the text of a parameter is read.
type Type int

// The types of parameters. Value says which texts are valid for each.
const (
	String  Type = iota
	Integer      // decimal
	Boolean      // yes, true, on, 1, ... or no, false, off, 0, ...
	Time         // seconds, or with a unit
	Select       // one of Options
)

// String is the name of the type for people.
func (t Type) String() string {
	return [...]string{"string", "integer", "boolean", "time", "select"}[t]
}

// Param is a parameter of an agent.
type Param struct {
	Name  string
	Type  Type
	Short string // one line without a full stop
	Long  string

	// Default is the value when none or an empty one is given. ${HA_RSCTMP},
	// ${HA_VARRUN} and ${OCF_RESOURCE_INSTANCE} in it are replaced.
	Default string
	// Options are the values of a Select.
	Options []string
	// Limits are the smallest and largest value of an Integer; for a Time, in
	// seconds. Without them a Time must not be negative.
	Limits *Limits

	Required    bool   // must be given; has no default
	UniqueGroup string // no two resources may have the same values of a group
	Reloadable  bool   // a change takes effect by reload-agent
	Secret      bool   // never shown
	ReplacedBy  string // deprecated: the parameter to use instead
}

// Limits are the bounds of a number, both included.
type Limits struct{ Min, Max int64 }

// Roles of a promotable resource, in the words of OCF 1.1.
const (
	Promoted   = "Promoted"
	Unpromoted = "Unpromoted"
)

// Action is an action that an agent supports, with the values that are suggested
// to the administrator. There may be several for one name (monitor).
type Action struct {
	Name       string
	Timeout    time.Duration
	Interval   time.Duration // 0: not recurring
	StartDelay time.Duration
	Depth      int    // OCF_CHECK_LEVEL
	Role       string // Promoted, Unpromoted or ""
}

// Supports says whether the agent has the action.
func (d *Description) Supports(action string) bool {
	return slices.ContainsFunc(d.actions(), func(a Action) bool { return a.Name == action })
}

// Promotable says whether the agent supports roles.
func (d *Description) Promotable() bool { return d.Supports("promote") && d.Supports("demote") }

// Secrets are the values of a request that must not be shown.
func (d *Description) Secrets(r *Request) []string {
	var list []string
	for i := range d.Params {
		if p := &d.Params[i]; p.Secret {
			list = append(list, r.env["OCF_RESKEY_"+p.Name])
		}
	}
	return list
}

// param returns the parameter of a name.
func (d *Description) param(name string) *Param {
	for i := range d.Params {
		if d.Params[i].Name == name {
			return &d.Params[i]
		}
	}
	return nil
}

// actions are those of the description and those that every agent has.
func (d *Description) actions() []Action {
	list := slices.Clone(d.Actions)
	for _, a := range []Action{
		{Name: "validate-all", Timeout: 20 * time.Second},
		{Name: "meta-data", Timeout: 5 * time.Second},
	} {
		if !slices.ContainsFunc(list, func(have Action) bool { return have.Name == a.Name }) {
			list = append(list, a)
		}
	}
	return list
}

// actionNames are the names of the actions, each once.
func (d *Description) actionNames() []string {
	var names []string
	for _, a := range d.actions() {
		if !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}

// seconds prints a duration as metadata has it: 20s, or 500ms.
func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}
