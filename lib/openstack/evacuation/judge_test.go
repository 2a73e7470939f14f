package evacuation

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/openstack/api"
)

func TestJudge_Table(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	evac := func(status string, age time.Duration, to string) api.Migration {
		return api.Migration{Kind: api.Evacuation, Status: status, Created: now.Add(-age), Updated: now.Add(-age), Destination: to}
	}
	for name, c := range map[string]struct {
		server     api.Server
		tagged     api.Tagged
		migrations []api.Migration
		own        server
		want       judgement
		why        string
	}{
		"runs":                          {server: api.Server{State: "active"}, want: ask},
		"stopped":                       {server: api.Server{State: "stopped"}, want: ask},
		"in error":                      {server: api.Server{State: "error"}, want: ask},
		"was being rebooted":            {server: api.Server{State: "active", TaskState: "rebooting"}, want: ask},
		"paused":                        {server: api.Server{State: "paused"}, want: givenUp, why: "nova does not evacuate a server that is paused"},
		"unknown state":                 {server: api.Server{Status: "NEW"}, want: givenUp, why: "that is NEW"},
		"being deleted":                 {server: api.Server{State: "active", TaskState: "deleting"}, want: stays},
		"not tagged":                    {server: api.Server{State: "active", Flavor: "f", Image: "i"}, tagged: api.Tagged{Flavors: []string{"g"}}, want: stays},
		"flavor tagged":                 {server: api.Server{State: "active", Flavor: "f"}, tagged: api.Tagged{Flavors: []string{"f"}}, want: ask},
		"image tagged":                  {server: api.Server{State: "active", Flavor: "f", Image: "i"}, tagged: api.Tagged{Flavors: []string{"g"}, Images: []string{"i"}}, want: ask},
		"accepted":                      {server: api.Server{State: "active"}, migrations: []api.Migration{evac("accepted", time.Second, "")}, want: inFlight},
		"a word that is not known":      {server: api.Server{State: "active"}, migrations: []api.Migration{evac("pondering", time.Second, "b")}, want: inFlight},
		"for too long":                  {server: api.Server{State: "active"}, migrations: []api.Migration{evac("pre-migrating", time.Hour, "b")}, want: stuck, why: "accepted its evacuation to b 1h0m0s ago"},
		"for too long, nowhere":         {server: api.Server{State: "active"}, migrations: []api.Migration{evac("accepted", 6*time.Minute, "")}, want: stuck},
		"lost":                          {server: api.Server{State: "active"}, migrations: []api.Migration{evac("accepted", time.Hour, "")}, want: givenUp, why: "has given it to no host"},
		"the destination was fenced":    {server: api.Server{State: "active"}, migrations: []api.Migration{evac("pre-migrating", time.Minute, "dead")}, want: ask},
		"just moved":                    {server: api.Server{State: "active"}, migrations: []api.Migration{evac("done", time.Second, "b")}, want: wait},
		"moved, and came back":          {server: api.Server{State: "active"}, migrations: []api.Migration{evac("completed", time.Hour, "b")}, want: ask},
		"failed just now":               {server: api.Server{State: "error", Fault: "No valid host"}, migrations: []api.Migration{evac("error", time.Second, "")}, want: wait, why: "No valid host"},
		"failed a while ago":            {server: api.Server{State: "error"}, migrations: []api.Migration{evac("failed", 11*time.Second, "")}, want: ask},
		"failed twice, the delay grows": {server: api.Server{State: "error"}, migrations: []api.Migration{evac("error", 11*time.Second, ""), evac("error", time.Minute, "")}, want: wait},
		"failed thrice": {
			server:     api.Server{State: "error", Fault: "No valid host"},
			migrations: []api.Migration{evac("error", time.Hour, ""), evac("error", time.Hour, ""), evac("error", time.Hour, "")},
			want:       givenUp, why: "not evacuated after 3 attempts: No valid host",
		},
		"live migration": {
			server: api.Server{State: "active", TaskState: "migrating"}, migrations: []api.Migration{{Kind: "live-migration", Status: "running", Destination: "b"}},
			want: givenUp, why: "a live-migration to b was under way",
		},
		"live migration that is over": {server: api.Server{State: "active"}, migrations: []api.Migration{{Kind: "live-migration", Status: "completed"}}, want: ask},
		"being moved":                 {server: api.Server{State: "active", TaskState: "resize_migrating"}, want: givenUp, why: "it was being moved"},
		"being rebuilt":               {server: api.Server{State: "active", TaskState: "rebuilding"}, want: wait, why: "being rebuilt"},
		"asked, not visible yet":      {server: api.Server{State: "active"}, own: server{seen: true, asked: 1}, want: wait, why: "cannot be seen yet"},
		"no answer":                   {server: api.Server{State: "active"}, own: server{seen: true, unknown: now.Add(-59 * time.Second), err: "EOF"}, want: wait, why: "got no answer: EOF"},
		"no answer, a minute ago":     {server: api.Server{State: "active"}, own: server{seen: true, unknown: now.Add(-60 * time.Second)}, want: ask},
		"refused":                     {server: api.Server{State: "active"}, own: server{seen: true, refused: 1, next: now.Add(time.Second), err: "409"}, want: wait, why: "409"},
		"refused thrice":              {server: api.Server{State: "active"}, own: server{seen: true, refused: 3, err: "409"}, want: givenUp, why: "after 3 attempts: 409"},
	} {
		t.Run(name, func(t *testing.T) {
			c.server.ID = "s"
			n := newNode("a")
			n.servers["s"] = &c.own
			f := &Facts{Now: now, Nova: now, Tagged: c.tagged, Services: []api.Service{{Host: "dead", ForcedDown: true}, {Host: "b", Up: true}}}
			got, why := (&scene{Facts: f, cfg: config, node: n, migrations: c.migrations}).judge(c.server)
			require.Equal(t, c.want, got, why)
			require.Contains(t, why, c.why)
		})
	}
}

func TestMarks_Table(t *testing.T) {
	for name, c := range map[string]struct {
		mark   string
		change func(m *model)
		asks   int // within half a minute
		text   string
	}{
		"yes":                    {mark: "yes", asks: 2},
		"no":                     {mark: "no"},
		"nothing":                {mark: ""},
		"odd":                    {mark: "maybe", text: `is "maybe", not understood`},
		"of one who lives":       {mark: "other@1764158399", text: ""},
		"of one who died":        {mark: "other@1764150000", asks: 2},
		"not fenced":             {mark: "yes", change: func(m *model) { m.services["a"].ForcedDown = false }, text: "does not have its host as forced down"},
		"unknown":                {mark: "yes", change: func(m *model) { delete(m.services, "a") }, text: "no nova-compute on a host of that name"},
		"too many have failed":   {mark: "yes", change: func(m *model) { m.services["b"].Up, m.services["c"].Up = false, false }, text: "3 of 3 hosts have failed (a, b, c)"},
		"others are disabled":    {mark: "yes", change: func(m *model) { m.services["b"].Up, m.services["b"].Enabled = false, false }, asks: 2},
		"lost, nova remembers":   {mark: "", change: func(m *model) { m.services["a"].DisabledReason = FencedReason }, asks: 2},
		"lost while it was done": {mark: "", change: func(m *model) { m.services["a"].DisabledReason = markBegun + "2025-11-26T11:59:00Z by x" }},
		"done, attribute gone":   {mark: "", change: func(m *model) { m.services["a"].DisabledReason = markEnded + "x" }},
	} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, config)
			m.now = time.Unix(1764158400, 0).UTC()
			m.host("a", "b", "c")
			m.boot("a", 2)
			m.fence("a")
			if m.marks["a"] = c.mark; c.mark == "" {
				delete(m.marks, "a")
			}
			if c.change != nil {
				c.change(m)
			}
			r := New(config)
			var trouble []string
			for range 30 {
				trouble = m.round(r, none).Status.Trouble()
				m.pass(time.Second)
			}
			require.Equal(t, c.asks, m.asks)
			if c.text != "" {
				require.Len(t, trouble, 1)
				require.Contains(t, trouble[0], c.text)
			} else {
				require.Empty(t, trouble)
			}
		})
	}
}
