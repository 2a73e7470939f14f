package ocf

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Version is a version of the OCF resource agent API.
type Version struct{ Major, Minor int }

// AtLeast says whether v is not older than major.minor.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// Request is one call of an agent: the action, and what the resource manager
// says about the circumstances. It is read from the environment once.
type Request struct {
	Action   string
	Instance string // of the resource; with ":N" for a clone instance
	Type     string // name of the agent
	Provider string // may be ""

	API Version
	// Managed is false when a person called the agent: no API version was given.
	Managed bool
	// FeatureSet is Pacemaker's, as "3.16.2"; "" if not given.
	FeatureSet string
	CheckLevel int
	Meta       Meta
	Dirs       Dirs
	// ReasonPrefix marks the exit reason on standard error.
	ReasonPrefix string
	// Trace asks for a record of the action (OCF_TRACE_RA, parameter trace_ra).
	Trace bool
	// Warnings are things in the environment that could not be read.
	Warnings []string

	env map[string]string
}

// Dirs are the directories that agents share.
type Dirs struct {
	Tmp  string // HA_RSCTMP: state of resources, emptied when the node boots
	Run  string // HA_VARRUN
	Lib  string // HA_VARLIB
	Sbin string // HA_SBIN_DIR: the tools of the cluster
}

// Probe says whether the action is a monitor that does not recur: the cluster
// asks for the state and does not presume any.
func (r *Request) Probe() bool { return r.Action == "monitor" && r.Meta.Interval == 0 }

// Getenv is a variable of the environment.
func (r *Request) Getenv(name string) string { return r.env[name] }

// StateFile is the usual place of an agent's own record of a resource. Instances
// of an anonymous clone have one name, because each node has one of them.
func (r *Request) StateFile(suffix string) string {
	return r.Dirs.Tmp + "/" + r.Type + "-" + r.instanceName() + suffix
}

// instanceName is the name of the instance, for an anonymous clone without number.
func (r *Request) instanceName() string {
	name, number, ok := cutLast(r.Instance, ':')
	if ok && !r.Meta.Clone.GloballyUnique && number != "" && strings.Trim(number, "0123456789") == "" {
		return name
	}
	return r.Instance
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// ReadRequest reads a call of the agent name with the given action from an
// environment of "NAME=value" lines.
func ReadRequest(name, action string, environ []string) *Request {
	env := make(map[string]string, len(environ))
	for _, nv := range environ {
		if n, v, ok := strings.Cut(nv, "="); ok {
			env[n] = v
		}
	}
	r := &Request{Action: action, env: env, API: Version{1, 1}}
	r.Type = cmp.Or(env["OCF_RESOURCE_TYPE"], name)
	r.Provider = env["OCF_RESOURCE_PROVIDER"]
	r.Instance = env["OCF_RESOURCE_INSTANCE"]
	r.FeatureSet = env["OCF_RESKEY_crm_feature_set"]
	r.ReasonPrefix = cmp.Or(env["OCF_EXIT_REASON_PREFIX"], "ocf-exit-reason:")
	r.Dirs = Dirs{
		Tmp:  dir(env, "HA_RSCTMP", "/run/resource-agents"),
		Run:  dir(env, "HA_VARRUN", "/var/run"),
		Lib:  dir(env, "HA_VARLIB", "/var/lib/heartbeat"),
		Sbin: dir(env, "HA_SBIN_DIR", "/usr/sbin"),
	}
	trace := cmp.Or(env["OCF_TRACE_RA"], env["OCF_RESKEY_trace_ra"])
	r.Trace, _ = parseBoolean(trace)
	r.readVersion()
	level := cmp.Or(env["OCF_CHECK_LEVEL"], env["OCF_RESKEY_OCF_CHECK_LEVEL"])
	r.CheckLevel = r.number("OCF_CHECK_LEVEL", level, 0)
	r.readMeta()
	if r.Instance == "" && (!r.Managed || action == "meta-data") {
		r.Instance = "default"
		if action == "meta-data" {
			r.Instance = "RESOURCE_ID" // a word that shows what the default is made of
		}
	}
	return r
}

func (r *Request) readVersion() {
	major := r.env["OCF_RA_VERSION_MAJOR"]
	if major == "" {
		return
	}
	r.Managed = true
	r.API = Version{
		Major: r.number("OCF_RA_VERSION_MAJOR", major, 1),
		Minor: r.number("OCF_RA_VERSION_MINOR", r.env["OCF_RA_VERSION_MINOR"], 0),
	}
}

// number reads a number that is not negative; what is none is warned of and has the default value.
func (r *Request) number(name, text string, value int) int {
	if text == "" {
		return value
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		r.warn("%s is %q, not a number: taken as %d", name, text, value)
		return value
	}
	return n
}

func (r *Request) warn(format string, args ...any) {
	r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...))
}

// fault says why no action can be done in this environment, nil if one can.
func (r *Request) fault() error {
	if r.API.Major != 1 {
		return Errorf(ErrGeneric, "the resource manager speaks version %d.%d of the OCF resource agent API, %s speaks 1.1: use an agent made for it",
			r.API.Major, r.API.Minor, r.Type)
	}
	if r.Instance == "" {
		return Errorf(ErrArgs, "OCF_RESOURCE_INSTANCE is not set: give the name of the resource in it")
	}
	if strings.ContainsAny(r.Instance, "/\x00\n") {
		return Errorf(ErrArgs, "OCF_RESOURCE_INSTANCE is %q: a name of a resource has no slash and no line end", r.Instance)
	}
	return nil
}

// maxTimeout keeps additions to a time from overflowing.
const maxTimeout = 10 * 365 * 24 * time.Hour

func dir(env map[string]string, name, value string) string {
	d := cmp.Or(env[name], value)
	if len(d) > 1 {
		d = strings.TrimRight(d, "/")
	}
	return d
}
