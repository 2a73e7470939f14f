package ocftest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"systole/agents/ocf"
)

// Result is what came of a call.
type Result struct {
	ocf.Outcome
	Killed  bool // the agent died by KillAfter
	Log     []string
	Changes []string // made by this call
}

// Env is the environment that Pacemaker gives an action of the resource "rsc".
// Parameters are given as "name=value", other variables by their full name in
// capitals: "OCF_CHECK_LEVEL=10", "CRM_meta_timeout=1000".
func Env(vars ...string) []string {
	env := []string{
		"OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1", "OCF_RESOURCE_INSTANCE=rsc",
		"OCF_RESKEY_CRM_meta_timeout=20000", "OCF_RESKEY_CRM_meta_interval=0",
	}
	for _, v := range vars {
		if name, _, _ := strings.Cut(v, "="); name != strings.ToUpper(name) && !strings.HasPrefix(name, "HA_") {
			v = "OCF_RESKEY_" + v
		}
		env = append(env, v)
	}
	return env
}

// deadline is a context that ends by the clock of a Machine: see Machine.Sleep.
type deadline struct {
	context.Context
	end  time.Time
	over bool
}

var errDeadline = errors.New("the action was not done within its timeout")

func (d *deadline) Deadline() (time.Time, bool) { return d.end, true }

func (d *deadline) Err() error {
	if d.over {
		return errDeadline
	}
	return d.Context.Err()
}

// Do calls the agent a on the machine m. vars are as for Env.
func Do(a ocf.Runnable, m *Machine, action string, vars ...string) Result {
	return DoEnv(a, m, action, Env(vars...))
}

// DoEnv is Do with the whole environment.
func DoEnv(a ocf.Runnable, m *Machine, action string, environ []string) (res Result) {
	before := len(m.Changes)
	defer func() {
		res.Changes = m.Changes[min(before, len(m.Changes)):]
		if p := recover(); p != nil {
			if _, ok := p.(killed); !ok {
				panic(p)
			}
			res.Killed = true
		}
	}()
	d := a.About()
	r := ocf.ReadRequest(d.Name, action, environ)
	if o, ok := ocf.Text(d, r, d.Name); ok {
		res.Outcome = o
		return res
	}
	ctx := context.Background()
	if r.Meta.Timeout > 0 {
		ctx = &deadline{Context: ctx, end: m.Time.Add(r.Meta.Timeout)}
	}
	s := &ocf.Session{System: m, Log: func(l ocf.Level, text string) {
		if l > ocf.Debug {
			res.Log = append(res.Log, text)
		}
	}, Fatal: func(p any) bool { _, ok := p.(killed); return ok }}
	res.Outcome = ocf.Call(ctx, a, r, s)
	return res
}

// Check fails t for everything that is wrong with the agent itself.
func Check(t testing.TB, a ocf.Runnable) {
	t.Helper()
	for _, p := range a.Problems() {
		t.Errorf("agent %s: %s", a.About().Name, p)
	}
}

// String shows the result for the message of a failed test.
func (r Result) String() string {
	return fmt.Sprintf("%s %q changes %q log %q", r.Code, r.Reason, r.Changes, r.Log)
}
