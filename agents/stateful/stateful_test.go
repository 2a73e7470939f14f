package stateful

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/agents/ocf"
	"systole/agents/ocf/ocftest"
)

const state = "/run/resource-agents/Stateful-rsc.state"

func TestAgent(t *testing.T) { ocftest.Check(t, Agent()) }

func TestMonitor_Table(t *testing.T) {
	for name, c := range map[string]struct {
		file, rc string // content of the files; "-": there is none
		probe    bool
		code     ocf.Code
		score    string
	}{
		"stopped":               {file: "-", rc: "-", code: ocf.NotRunning},
		"unpromoted":            {file: "Unpromoted\n", rc: "-", code: ocf.Success},
		"promoted":              {file: "Promoted\n", rc: "-", code: ocf.RunningPromoted},
		"unpromoted, old word":  {file: "slave\n", rc: "-", code: ocf.Success},
		"promoted, old word":    {file: "master\n", rc: "-", code: ocf.RunningPromoted},
		"probe of unpromoted":   {file: "Unpromoted\n", rc: "-", probe: true, code: ocf.Success, score: "5"},
		"probe of promoted":     {file: "Promoted\n", rc: "-", probe: true, code: ocf.RunningPromoted, score: "10"},
		"probe of stopped":      {file: "-", rc: "-", probe: true, code: ocf.NotRunning},
		"odd":                   {file: "what\n", rc: "-", code: ocf.ErrGeneric},
		"empty":                 {file: "", rc: "-", code: ocf.ErrGeneric},
		"code on demand":        {file: "Promoted\n", rc: "9\n", code: ocf.FailedPromoted},
		"code without resource": {file: "-", rc: "1", code: ocf.ErrGeneric},
		"no code":               {file: "Unpromoted\n", rc: "x", code: ocf.ErrGeneric},
	} {
		t.Run(name, func(t *testing.T) {
			m := ocftest.New()
			if c.file != "-" {
				m.Files[state] = ocftest.File{Data: c.file}
			}
			if c.rc != "-" {
				m.Files[state+".rc"] = ocftest.File{Data: c.rc}
			}
			interval := "CRM_meta_interval=10000"
			if c.probe {
				interval = "CRM_meta_interval=0"
			}
			res := ocftest.Do(Agent(), m, "monitor", interval)
			require.Equal(t, c.code, res.Code, res)
			require.Equal(t, c.score, m.Promotion)
			if c.code != ocf.Success && c.code != ocf.RunningPromoted && !c.probe {
				require.NotEmpty(t, res.Reason)
			}
		})
	}
}

func TestActions_Table(t *testing.T) {
	const write, five, ten, forget = "write " + state, "set promotion score to 5", "set promotion score to 10", "delete promotion score"
	for name, c := range map[string]struct {
		action, file string
		code         ocf.Code
		changes      []string
		left         string
	}{
		"start":                  {action: "start", file: "-", changes: []string{write, five}, left: "Unpromoted\n"},
		"start again":            {action: "start", file: "Unpromoted\n", changes: []string{five}, left: "Unpromoted\n"},
		"start of promoted":      {action: "start", file: "Promoted\n", changes: []string{write, five}, left: "Unpromoted\n"},
		"start of something odd": {action: "start", file: "what", changes: []string{write, five}, left: "Unpromoted\n"},
		"promote":                {action: "promote", file: "Unpromoted\n", changes: []string{write, ten}, left: "Promoted\n"},
		"promote again":          {action: "promote", file: "Promoted\n", changes: []string{ten}, left: "Promoted\n"},
		"promote old words":      {action: "promote", file: "slave\n", changes: []string{write, ten}, left: "Promoted\n"},
		"promote of stopped":     {action: "promote", file: "-", code: ocf.NotRunning, left: "-"},
		"demote":                 {action: "demote", file: "Promoted\n", changes: []string{write, five}, left: "Unpromoted\n"},
		"demote again":           {action: "demote", file: "Unpromoted\n", changes: []string{five}, left: "Unpromoted\n"},
		"demote of stopped":      {action: "demote", file: "-", code: ocf.NotRunning, left: "-"},
		"stop":                   {action: "stop", file: "Unpromoted\n", changes: []string{forget, "remove " + state}, left: "-"},
		"stop of promoted":       {action: "stop", file: "Promoted\n", changes: []string{forget, "remove " + state}, left: "-"},
		"stop of something odd":  {action: "stop", file: "what", changes: []string{forget, "remove " + state}, left: "-"},
		"stop again":             {action: "stop", file: "-", changes: []string{forget}, left: "-"},
		"notify":                 {action: "notify", file: "Promoted\n", left: "Promoted\n"},
		"reload-agent":           {action: "reload-agent", file: "Promoted\n", left: "Promoted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := ocftest.New()
			if c.file != "-" {
				m.Files[state] = ocftest.File{Data: c.file}
			}
			res := ocftest.Do(Agent(), m, c.action)
			require.Equal(t, c.code, res.Code, res)
			require.Equal(t, c.code == 0, res.Reason == "")
			require.Equal(t, c.changes, append([]string(nil), res.Changes...))
			f, there := m.Files[state]
			require.Equal(t, c.left != "-", there)
			if there {
				require.Equal(t, c.left, f.Data)
			}
		})
	}
}

// Where no cluster answers, the resource takes its role all the same.
func TestWithoutCluster(t *testing.T) {
	m := ocftest.New()
	m.Fail = map[string]error{"set promotion": errors.New("no cluster"), "delete promotion": errors.New("no cluster")}
	for _, action := range []string{"start", "promote", "demote", "stop"} {
		res := ocftest.Do(Agent(), m, action)
		require.Equal(t, ocf.Success, res.Code, res)
		require.Len(t, res.Log, 1)
		require.Contains(t, res.Log[0], "no cluster")
	}
	require.NotContains(t, m.Files, state)
}

func TestFailures(t *testing.T) {
	m := ocftest.New()
	require.Equal(t, ocf.ErrArgs, ocftest.Do(Agent(), m, "start", "state=/no/such").Code)
	require.Equal(t, ocf.ErrArgs, ocftest.Do(Agent(), m, "validate-all", "state=/no/such", "OCF_CHECK_LEVEL=10").Code)
	require.Equal(t, ocf.Success, ocftest.Do(Agent(), m, "validate-all", "state=/no/such").Code)
	require.Equal(t, ocf.ErrConfigured, ocftest.Do(Agent(), m, "start", "notify_delay=x").Code)
	m.Files[state] = ocftest.File{Data: "Promoted\n"}
	m.Fail = map[string]error{"remove": errors.New("busy")}
	res := ocftest.Do(Agent(), m, "stop")
	require.Equal(t, ocf.ErrGeneric, res.Code)
	require.Contains(t, res.Reason, "busy")

	m = ocftest.New()
	delete(m.Files, "/run/resource-agents")
	require.Equal(t, ocf.Success, ocftest.Do(Agent(), m, "start").Code)
}

func TestNotifyDelay(t *testing.T) {
	m := ocftest.New()
	begin := m.Time
	require.Equal(t, ocf.Success, ocftest.Do(Agent(), m, "notify", "notify_delay=7").Code)
	require.Equal(t, 7*time.Second, m.Time.Sub(begin))
	require.Equal(t, ocf.ErrGeneric, ocftest.Do(Agent(), m, "notify", "notify_delay=70").Code)
}

// After any sequence of actions, some of them killed at any change: an action
// that is not killed leads to its role, monitor says so, and the score fits.
func TestLaws(t *testing.T) {
	roles := map[string]ocf.Code{"start": ocf.Success, "demote": ocf.Success, "promote": ocf.RunningPromoted, "stop": ocf.NotRunning}
	scores := map[string]string{"start": "5", "demote": "5", "promote": "10", "stop": ""}
	a := Agent()
	rapid.Check(t, func(t *rapid.T) {
		m := ocftest.New()
		for range rapid.IntRange(1, 12).Draw(t, "actions") {
			action := rapid.SampledFrom([]string{"start", "stop", "promote", "demote", "notify", "monitor"}).Draw(t, "action")
			if killAfter := rapid.IntRange(0, 3).Draw(t, "killed after"); killAfter < 3 {
				m.KillAfter = len(m.Changes) + killAfter
			}
			running := ocftest.Do(a, m, "monitor", "CRM_meta_interval=1000").Code != ocf.NotRunning
			res := ocftest.Do(a, m, action, "CRM_meta_interval=1000")
			m.KillAfter = 0
			want, hasRole := roles[action]
			switch {
			case action == "monitor":
				require.Empty(t, res.Changes)
			case res.Killed || !hasRole:
			case !running && (action == "promote" || action == "demote"):
				require.Equal(t, ocf.NotRunning, res.Code)
			default:
				require.Equal(t, ocf.Success, res.Code, res)
				require.Equal(t, want, ocftest.Do(a, m, "monitor", "CRM_meta_interval=1000").Code)
				require.Equal(t, scores[action], m.Promotion)
			}
		}
	})
}
