package clustercheck

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"systole/lib/wsrep"
)

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// good is a server that may be used.
func good() Sight {
	return Sight{
		Status: wsrep.Status{Component: wsrep.Primary, State: wsrep.Synced, Ready: true, Connected: true, Size: 3},
		At:     now.Add(-time.Second), Rejects: "NONE",
	}
}

func TestJudge_Table(t *testing.T) {
	strict := Policy{MaxAge: 3 * time.Second, Hold: 10 * time.Second}
	lenient := Policy{Donor: true, ReadOnly: true, MaxAge: 3 * time.Second, Hold: 10 * time.Second}
	for name, c := range map[string]struct {
		change          func(s *Sight)
		strict, lenient bool
		reason          string // with the strict policy
	}{
		"synced":          {func(*Sight) {}, true, true, "the node is synced (group of 3)"},
		"donor":           {func(s *Sight) { s.State = wsrep.Donor }, false, true, "the node is Donor/Desynced, and AVAILABLE_WHEN_DONOR is 0"},
		"joined":          {func(s *Sight) { s.State = wsrep.Joined }, false, false, "the node is not synced: it is Joined"},
		"joining":         {func(s *Sight) { s.State = wsrep.Joining }, false, false, "the node is not synced: it is Joining"},
		"initialized":     {func(s *Sight) { s.State = wsrep.Initialized }, false, false, "the node is not synced: it is Initialized"},
		"unknown state":   {func(s *Sight) { s.State = 7 }, false, false, "the node is not synced: it is state 7"},
		"negative state":  {func(s *Sight) { s.State = -1 }, false, false, "the node is not synced: it is state -1"},
		"read-only":       {func(s *Sight) { s.ReadOnly = true }, false, true, "the node is Synced, but read-only, and AVAILABLE_WHEN_READONLY is 0"},
		"read-only donor": {func(s *Sight) { s.ReadOnly, s.State = true, wsrep.Donor }, false, true, "the node is Donor/Desynced, and AVAILABLE_WHEN_DONOR is 0"},
		"not ready":       {func(s *Sight) { s.Ready = false }, false, false, "the node is Synced, but wsrep_ready is OFF: it refuses queries"},
		"no quorum":       {func(s *Sight) { s.Component = wsrep.NonPrimary }, false, false, "the server is in a part of the cluster that is non-Primary, without quorum"},
		"no Galera":       {func(s *Sight) { s.Status = wsrep.Status{Component: wsrep.Disconnected} }, false, false, "the server is no member of a Galera cluster"},
		"rejects":         {func(s *Sight) { s.Rejects = "ALL" }, false, false, "wsrep_reject_queries is ALL: it refuses queries"},
		"rejects nothing": {func(s *Sight) { s.Rejects = "" }, true, true, "the node is synced (group of 3)"},
		"not asked":       {func(s *Sight) { *s = Sight{} }, false, false, "the server has not been asked yet"},
		"error":           {func(s *Sight) { s.Err = "connection refused" }, false, false, "the server does not answer: connection refused"},
		"old":             {func(s *Sight) { s.At = now.Add(-3100 * time.Millisecond) }, false, false, "the server has not answered for 3.1s"},
		"just not old":    {func(s *Sight) { s.At = now.Add(-3 * time.Second) }, true, true, "the node is synced (group of 3)"},
		"of the future":   {func(s *Sight) { s.At = now.Add(time.Hour) }, false, false, "the clock was set back: the last answer is from the future"},
		"just back":       {func(s *Sight) { s.Back = now.Add(-9900 * time.Millisecond) }, false, false, "the server was frozen and answers again for 9.9s: it has to for 10s"},
		"back, a donor":   {func(s *Sight) { s.Back, s.State = now, wsrep.Donor }, false, false, "the node is Donor/Desynced, and AVAILABLE_WHEN_DONOR is 0"},
		"back for long":   {func(s *Sight) { s.Back = now.Add(-10 * time.Second) }, true, true, "the node is synced (group of 3)"},
		"maintenance":     {func(s *Sight) { s.Maintenance = "/x" }, false, false, "the node is in maintenance: remove /x to end it"},
		"all at once":     {func(s *Sight) { *s = Sight{Maintenance: "/x", Err: "refused"} }, false, false, "the node is in maintenance: remove /x to end it"},
	} {
		s := good()
		c.change(&s)
		a := Judge(strict, s, now)
		require.Equal(t, c.strict, a.Available, name)
		require.Equal(t, c.reason, a.Reason, name)
		require.Equal(t, c.lenient, Judge(lenient, s, now).Available, name)
	}
	s := good()
	s.State, s.ReadOnly = wsrep.Donor, true
	require.Equal(t, "the node is a donor, which AVAILABLE_WHEN_DONOR permits, and read-only (group of 3)", Judge(lenient, s, now).Reason)
}

// Whoever is available is synced or a donor, in a component with quorum, ready,
// and was asked a short while ago, whatever the policy; and a stricter policy
// never permits more.
func TestJudge_Laws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flag := rapid.Bool()
		s := Sight{
			Status: wsrep.Status{
				Component: rapid.SampledFrom([]wsrep.Component{wsrep.Primary, wsrep.NonPrimary, wsrep.Disconnected, ""}).Draw(t, "component"),
				State:     wsrep.State(rapid.IntRange(-2, 9).Draw(t, "state")),
				Ready:     flag.Draw(t, "ready"), ReadOnly: flag.Draw(t, "read-only"),
			},
			Rejects:     rapid.SampledFrom([]string{"", "NONE", "none", "ALL", "ALL_KILL"}).Draw(t, "rejects"),
			At:          now.Add(-time.Duration(rapid.IntRange(-9000, 9000).Draw(t, "age")) * time.Millisecond),
			Back:        now.Add(-time.Duration(rapid.IntRange(0, 9000).Draw(t, "back")) * time.Millisecond),
			Err:         rapid.SampledFrom([]string{"", "", "x"}).Draw(t, "error"),
			Maintenance: rapid.SampledFrom([]string{"", "", "/x"}).Draw(t, "maintenance"),
		}
		p := Policy{Donor: flag.Draw(t, "donor"), ReadOnly: flag.Draw(t, "with read-only"), MaxAge: 3 * time.Second, Hold: 5 * time.Second}
		a := Judge(p, s, now)
		require.NotEmpty(t, a.Reason)
		if a.Available {
			require.True(t, s.Component == wsrep.Primary && s.Ready && s.Err == "" && s.Maintenance == "")
			require.Contains(t, []wsrep.State{wsrep.Synced, wsrep.Donor}, s.State)
			require.LessOrEqual(t, now.Sub(s.At), p.MaxAge)
			require.GreaterOrEqual(t, now.Sub(s.Back), p.Hold)
			require.True(t, Judge(Policy{Donor: true, ReadOnly: true, MaxAge: p.MaxAge, Hold: p.Hold}, s, now).Available)
		}
	})
}
