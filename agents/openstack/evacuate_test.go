package openstack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
	"systole/lib/openstack/api"
	"systole/lib/openstack/evacuation"
)

// login are parameters that are enough to log in.
var login = []string{"auth_url=http://keystone:5000/v3", "username=admin", "password=hush", "tenant_name=admin"}

const reportFile = "/run/resource-agents/NovaEvacuate-rsc.report"

func evacuateAgent() ocf.Runnable {
	return NovaEvacuate(func() string { return "/usr/bin/systole-agents" }, func(context.Context, api.Credentials) (Nova, error) {
		return nil, errors.New("log in at http://keystone:5000/v3: no answer")
	})
}

// workers is a machine on which workers write their report when they start, and
// end on SIGTERM.
func workers() *ocftest.Machine {
	m := ocftest.New()
	m.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		pid := 100 + len(m.Changes)
		m.Procs[pid] = ocf.Process{PID: pid, Start: uint64(pid), Args: append([]string{d.Path}, d.Args...)}
		m.OnSleep = func(m *ocftest.Machine) { report(m, Report{PID: pid}) }
		return pid, nil
	}
	return m
}

func report(m *ocftest.Machine, r Report) {
	if r.Time.IsZero() {
		r.Time = m.Time
	}
	m.Files[reportFile] = ocftest.File{Data: string(r.Encode())}
}

func do(m *ocftest.Machine, action string, vars ...string) ocftest.Result {
	return ocftest.Do(evacuateAgent(), m, action, append(vars, login...)...)
}

func TestEvacuateAgent(t *testing.T) { ocftest.Check(t, evacuateAgent()) }

func TestEvacuate_Life(t *testing.T) {
	m := workers()
	require.Equal(t, ocf.NotRunning, do(m, "monitor").Code)
	res := do(m, "start")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Equal(t, []string{"start /usr/bin/systole-agents work NovaEvacuate rsc"}, res.Changes)
	require.Equal(t, ocf.Success, do(m, "monitor").Code)
	require.Empty(t, do(m, "start").Changes, "started already")
	res = do(m, "stop")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Len(t, res.Changes, 2)
	require.Empty(t, m.Procs)
	require.NotContains(t, m.Files, reportFile)
	require.Empty(t, do(m, "stop").Changes, "stopped already")
}

func TestEvacuate_Environment(t *testing.T) {
	m := workers()
	var env []string
	start := m.OnStart
	m.OnStart = func(m *ocftest.Machine, d ocf.Daemon) (int, error) {
		env = d.Env
		require.NotContains(t, strings.Join(d.Args, " "), "hush")
		return start(m, d)
	}
	require.Equal(t, ocf.Success, do(m, "start", "threshold=70").Code)
	require.ElementsMatch(t, append([]string{"OCF_RESKEY_threshold=70"}, prefixed(login)...), env)
}

func prefixed(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, "OCF_RESKEY_"+s)
	}
	return out
}

func TestEvacuate_Monitor(t *testing.T) {
	worker := ocf.Process{PID: 7, Start: 7, Args: []string{"/x", "work", "NovaEvacuate", "rsc"}}
	left := evacuation.Status{Hosts: []evacuation.HostStatus{{Node: "c1", Left: []evacuation.Left{
		{Server: "u1", Name: "web", Reason: "No valid host was found."},
		{Server: "u2", Name: "db", Reason: "it is paused"},
		{Server: "u3", Name: "x", Reason: "r"},
		{Server: "u4", Name: "y", Reason: "r"},
	}}}}
	for name, c := range map[string]struct {
		procs  []ocf.Process
		report *Report
		age    time.Duration
		code   ocf.Code
		reason string
	}{
		"stopped":            {code: ocf.NotRunning},
		"dead":               {report: &Report{PID: 7}, code: ocf.NotRunning, reason: "the worker (process 7) has died"},
		"runs":               {procs: []ocf.Process{worker}, report: &Report{PID: 7}},
		"of another":         {procs: []ocf.Process{{PID: 8, Args: []string{"/x", "work", "NovaEvacuate", "other"}}}, code: ocf.NotRunning},
		"two":                {procs: []ocf.Process{worker, {PID: 9, Args: worker.Args}}, report: &Report{PID: 7}, code: ocf.ErrGeneric, reason: "there are 2 workers"},
		"no report":          {procs: []ocf.Process{worker}, code: ocf.ErrGeneric, reason: "has written no report"},
		"report of another":  {procs: []ocf.Process{worker}, report: &Report{PID: 6}, code: ocf.ErrGeneric, reason: "has written no report"},
		"slow":               {procs: []ocf.Process{worker}, report: &Report{PID: 7}, age: silence},
		"hangs":              {procs: []ocf.Process{worker}, report: &Report{PID: 7}, age: silence + time.Second, code: ocf.ErrGeneric, reason: "hangs: its last report is 3m1s old"},
		"servers were left":  {procs: []ocf.Process{worker}, report: &Report{PID: 7, Status: left}, code: ocf.Degraded, reason: "server web (u1) of c1: No valid host was found.; server db (u2) of c1: it is paused; server x (u3) of c1: r; and 1 more"},
		"nova was away":      {procs: []ocf.Process{worker}, report: &Report{PID: 7, Error: "no answer", Since: ocftest.New().Time.Add(-59 * time.Second)}},
		"nova is long away":  {procs: []ocf.Process{worker}, report: &Report{PID: 7, Error: "no answer", Since: ocftest.New().Time.Add(-time.Minute)}, code: ocf.Degraded, reason: "since 11:59:00 nothing can be evacuated: no answer"},
		"a host is unfenced": {procs: []ocf.Process{worker}, report: &Report{PID: 7, Status: evacuation.Status{Problems: []string{"node c1: no proof"}}}, code: ocf.Degraded, reason: "node c1: no proof"},
	} {
		t.Run(name, func(t *testing.T) {
			m := ocftest.New()
			for _, p := range c.procs {
				m.Procs[p.PID] = p
			}
			if c.report != nil {
				report(m, Report{PID: c.report.PID, Time: m.Time.Add(-c.age), Error: c.report.Error, Since: c.report.Since, Status: c.report.Status})
			}
			res := do(m, "monitor", "CRM_meta_interval=10000")
			require.Equal(t, c.code, res.Code, res)
			require.Contains(t, res.Reason, c.reason)
			require.Empty(t, res.Changes, "a monitor writes nothing")
		})
	}
}

func TestEvacuate_Failures(t *testing.T) {
	m := workers()
	m.OnStart = func(*ocftest.Machine, ocf.Daemon) (int, error) { return 5, nil }
	res := do(m, "start")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "has ended right after it was started")

	// A worker that does not end is killed.
	m = workers()
	require.Equal(t, ocf.Success, do(m, "start").Code)
	m.OnSignal = func(m *ocftest.Machine, p ocf.Process, signal int) {
		if signal == ocf.SIGKILL {
			delete(m.Procs, p.PID)
		}
	}
	begin := m.Time
	res = do(m, "stop")
	require.Equal(t, ocf.Success, res.Code, res)
	require.InDelta(t, patience.Seconds(), m.Time.Sub(begin).Seconds(), 1)

	require.Equal(t, ocf.ErrConfigured, ocftest.Do(evacuateAgent(), m, "start").Code)
	require.Contains(t, ocftest.Do(evacuateAgent(), m, "start").Reason, "parameter auth_url is not set")
	require.Equal(t, ocf.ErrConfigured, do(m, "start", "threshold=0").Code)
	require.Equal(t, ocf.Success, do(m, "validate-all").Code)
	res = do(m, "validate-all", "OCF_CHECK_LEVEL=10")
	require.Equal(t, ocf.ErrArgs, res.Code)
	require.Contains(t, res.Reason, "no answer")
}

// After any actions, some of them killed at any change: start ends with one worker,
// stop with none and no trace.
func TestEvacuate_Laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := workers()
		for range rapid.IntRange(1, 10).Draw(t, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "monitor"}).Draw(t, "action")
			if k := rapid.IntRange(0, 4).Draw(t, "killed after"); k < 3 {
				m.KillAfter = len(m.Changes) + k
			}
			if rapid.IntRange(0, 5).Draw(t, "worker dies") == 0 {
				clear(m.Procs)
			}
			res := do(m, action, "CRM_meta_interval=1000")
			m.KillAfter = 0
			switch {
			case res.Killed:
			case action == "monitor":
				require.Empty(t, res.Changes)
			case action == "start":
				require.Equal(t, ocf.Success, res.Code, res)
				require.Len(t, m.Procs, 1)
				require.Equal(t, ocf.Success, do(m, "monitor", "CRM_meta_interval=1000").Code)
			default:
				require.Equal(t, ocf.Success, res.Code, res)
				require.Empty(t, m.Procs)
				require.NotContains(t, m.Files, reportFile)
			}
		}
	})
}

// A start that was killed while its child had not become the worker yet.
func TestEvacuate_Orphan(t *testing.T) {
	m := workers()
	m.Procs[70] = ocf.Process{PID: 70, Start: 70, Parent: 1, Args: []string{"/usr/lib/ocf/resource.d/systole/NovaEvacuate", "start"}}
	begin := m.Time
	m.OnSleep = func(m *ocftest.Machine) {
		if m.Time.Sub(begin) >= time.Second && m.Procs[70].PID != 0 {
			m.Procs[70] = ocf.Process{PID: 70, Start: 70, Parent: 1, Args: []string{"/x", "work", "NovaEvacuate", "rsc"}}
		}
	}
	res := do(m, "stop")
	require.Equal(t, ocf.Success, res.Code, res)
	require.Empty(t, m.Procs, "the worker that it became is ended")

	// One that stays as it is, is none.
	m = workers()
	m.Procs[70] = ocf.Process{PID: 70, Start: 70, Parent: 1, Args: []string{"/x/NovaEvacuate", "start"}}
	begin = m.Time
	require.Equal(t, ocf.Success, do(m, "stop").Code)
	require.InDelta(t, orphanWait.Seconds(), m.Time.Sub(begin).Seconds(), 1)
}
