package dummy

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

const state = "/run/resource-agents/Dummy-rsc.state"

func TestAgent(t *testing.T) { ocftest.Check(t, Agent()) }

func in(action string, p params) ocf.Input[params] {
	r := ocf.ReadRequest("Dummy", action, ocftest.Env())
	if p.state == "" {
		p.state = state
	}
	return ocf.Input[params]{Request: r, Params: p}
}

func TestMonitor_Table(t *testing.T) {
	for name, c := range map[string]struct {
		level int
		facts facts
		code  ocf.Code
	}{
		"running":                 {0, facts{Running: true}, ocf.Success},
		"stopped":                 {0, facts{}, ocf.NotRunning},
		"collision":               {0, facts{Collision: true}, ocf.ErrGeneric},
		"stopped at any level":    {30, facts{}, ocf.NotRunning},
		"10":                      {10, facts{Running: true}, ocf.Success},
		"20, good luck":           {20, facts{Running: true, Roll: 5}, ocf.Success},
		"20, bad luck":            {20, facts{Running: true, Roll: 6}, ocf.ErrGeneric},
		"30":                      {30, facts{Running: true}, ocf.ErrGeneric},
		"40 without code":         {40, facts{Running: true}, ocf.Success},
		"40 with code":            {40, facts{Running: true, Content: "9"}, ocf.FailedPromoted},
		"40 with something else":  {40, facts{Running: true, Content: "nine"}, ocf.ErrGeneric},
		"40 with a code too high": {40, facts{Running: true, Content: "300"}, ocf.ErrGeneric},
	} {
		t.Run(name, func(t *testing.T) {
			i := in("monitor", params{})
			i.CheckLevel = c.level
			v := monitor(i, c.facts)
			require.Equal(t, c.code, v.Code)
			require.Equal(t, c.code == ocf.Success, v.Reason == "")
		})
	}
}

func TestDecide_Table(t *testing.T) {
	up, down := facts{Running: true, StateDir: true, Host: "n1"}, facts{StateDir: true, Host: "n1"}
	write, remove := ocf.WriteFile{Path: state}, ocf.Remove{Path: state}
	for name, c := range map[string]struct {
		action string
		params params
		facts  facts
		past   ocf.History
		want   ocf.Decision
	}{
		"start":              {action: "start", facts: down, want: ocf.Do("", write)},
		"start again":        {action: "start", facts: up, want: ocf.Done()},
		"start to fail":      {action: "start", params: params{failStartOn: "n1"}, facts: down, want: ocf.Do("", write)},
		"failed start":       {action: "start", params: params{failStartOn: "n1"}, facts: up, want: ocf.End(ocf.ErrGeneric, "start fails on n1, as fail_start_on wants it, though the resource runs")},
		"start elsewhere":    {action: "start", params: params{failStartOn: "n2"}, facts: up, want: ocf.Done()},
		"first start of all": {action: "start", want: ocf.Do("", ocf.MakeDir{Path: "/run/resource-agents", Mode: 0o1755})},
		"no directory": {
			action: "start", params: params{state: "/no/state"},
			want: ocf.End(ocf.ErrArgs, "directory /no is missing or cannot be written to: create it or set the parameter state"),
		},
		"directory does not come": {
			action: "start", past: ocf.History{{}},
			want: ocf.End(ocf.ErrArgs, "directory /run/resource-agents is missing or cannot be written to: create it or set the parameter state"),
		},
		"migrate_from": {action: "migrate_from", facts: down, want: ocf.Do("migrate rsc from ", write)},
		"stop":         {action: "stop", facts: up, want: ocf.Do("", remove)},
		"stop again":   {action: "stop", want: ocf.Done()},
		"migrate_to":   {action: "migrate_to", facts: up, want: ocf.Do("migrate rsc to ", remove)},
	} {
		t.Run(name, func(t *testing.T) {
			i := in(c.action, c.params)
			i.Past = c.past
			decide := start
			if c.action == "stop" || c.action == "migrate_to" {
				decide = stop
			}
			require.Equal(t, c.want, decide(i, c.facts))
		})
	}
}

func TestActions(t *testing.T) {
	a, m := Agent(), ocftest.New()
	delete(m.Files, "/run/resource-agents")
	do := func(action string, vars ...string) ocftest.Result {
		res := ocftest.Do(a, m, action, vars...)
		t.Log(action, vars, res)
		return res
	}
	require.Equal(t, ocf.NotRunning, do("monitor").Code)
	require.Equal(t, []string{"make directory /run/resource-agents", "write " + state}, do("start").Changes)
	require.Equal(t, ocf.Success, do("monitor").Code)
	require.Equal(t, ocf.Success, do("reload").Code)
	require.Empty(t, do("reload-agent", "fake=new").Changes)
	require.Equal(t, ocf.ErrGeneric, do("reload-agent", "fail_start_on=node1").Code)
	res := do("migrate_to", "CRM_meta_migrate_target=n2")
	require.Equal(t, []string{"migrate rsc to n2"}, res.Log)
	require.Equal(t, ocf.NotRunning, do("monitor").Code)
	require.Equal(t, ocf.Success, do("migrate_from", "CRM_meta_migrate_source=n2").Code)
	require.Equal(t, ocf.Success, do("stop").Code)
	require.NotContains(t, m.Files, state)

	require.Equal(t, ocf.Success, do("validate-all", "state=/no/such/file").Code, "offline")
	require.Equal(t, ocf.ErrArgs, do("validate-all", "state=/no/such/file", "OCF_CHECK_LEVEL=10").Code)
	require.Equal(t, ocf.ErrArgs, do("validate-all", "envfile=/no/such/file", "OCF_CHECK_LEVEL=10").Code)
	require.Equal(t, ocf.Success, do("validate-all", "OCF_CHECK_LEVEL=10").Code)
	require.Equal(t, ocf.ErrConfigured, do("validate-all", "op_sleep=soon").Code)
	require.Equal(t, ocf.ErrArgs, do("start", "state=/no/such/file").Code)

	// Instances of an anonymous clone have one state file, of a unique clone each its own.
	do("start", "OCF_RESOURCE_INSTANCE=c:7")
	require.Contains(t, m.Files, "/run/resource-agents/Dummy-c.state")
	do("start", "OCF_RESOURCE_INSTANCE=c:7", "CRM_meta_globally_unique=true")
	require.Contains(t, m.Files, "/run/resource-agents/Dummy-c:7.state")
}

func TestSleep(t *testing.T) {
	a, m := Agent(), ocftest.New()
	begin := m.Time
	require.Equal(t, ocf.Success, ocftest.Do(a, m, "start", "op_sleep=3").Code)
	require.Equal(t, 3*time.Second, m.Time.Sub(begin), "once, in spite of two rounds")
	require.Equal(t, ocf.Success, ocftest.Do(a, m, "monitor", "op_sleep=3").Code)
	require.Empty(t, m.Claims)

	m.Claims["Dummy "+state] = true
	require.Contains(t, ocftest.Do(a, m, "monitor", "op_sleep=3").Reason, "two monitors of rsc run at the same time")
	require.Equal(t, ocf.Success, ocftest.Do(a, m, "stop", "op_sleep=3").Code, "a stop is let through")

	require.Contains(t, ocftest.Do(a, m, "start", "op_sleep=30").Reason, "not done within its timeout")
	require.Equal(t, ocf.Success, ocftest.Do(a, m, "start").Code)
	begin = m.Time
	require.Equal(t, ocf.Success, ocftest.Do(a, m, "monitor", "OCF_CHECK_LEVEL=10", "CRM_meta_timeout=60000").Code)
	require.Equal(t, 30*time.Second, m.Time.Sub(begin))
	m.Files["/dev/urandom"] = ocftest.File{Kind: ocf.Other, Data: "\x01"}
	require.Equal(t, ocf.ErrGeneric, ocftest.Do(a, m, "monitor", "OCF_CHECK_LEVEL=20").Code)
	m.Files[state] = ocftest.File{Data: "8\n"}
	require.Equal(t, ocf.RunningPromoted, ocftest.Do(a, m, "monitor", "OCF_CHECK_LEVEL=40").Code)
}

func TestStopReportsFailure(t *testing.T) {
	m := ocftest.New()
	m.Files[state] = ocftest.File{}
	m.Fail = map[string]error{"remove": errors.New("input/output error")}
	res := ocftest.Do(Agent(), m, "stop")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Equal(t, "could not remove "+state+": input/output error", res.Reason)
}

// The laws of every agent, here over all sequences of actions, each of which may
// be killed at any change: a monitor changes nothing; a start or stop that is not
// killed succeeds, is believed by the monitor, and does nothing when repeated.
func TestLaws(t *testing.T) {
	a := Agent()
	rapid.Check(t, func(t *rapid.T) {
		m := ocftest.New()
		if rapid.Bool().Draw(t, "fresh") {
			delete(m.Files, "/run/resource-agents")
		}
		for range rapid.IntRange(1, 12).Draw(t, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "monitor", "reload-agent", "migrate_to", "migrate_from"}).Draw(t, "action")
			if killAfter := rapid.IntRange(0, 3).Draw(t, "killed after"); killAfter < 3 {
				m.KillAfter = len(m.Changes) + killAfter
			}
			res := ocftest.Do(a, m, action)
			m.KillAfter = 0
			if action == "monitor" {
				require.Empty(t, res.Changes)
			}
			if res.Killed || action == "monitor" {
				continue
			}
			require.Equal(t, ocf.Success, res.Code, res)
			want := ocf.Success
			if action == "stop" || action == "migrate_to" {
				want = ocf.NotRunning
			}
			require.Equal(t, want, ocftest.Do(a, m, "monitor").Code)
			require.Empty(t, ocftest.Do(a, m, action).Changes)
		}
	})
}
