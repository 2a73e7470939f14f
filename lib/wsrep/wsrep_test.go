package wsrep

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const u UUID = "6a1b2c3d-1111-11f0-8000-0123456789ab"

func TestParsePosition(t *testing.T) {
	for text, want := range map[string]Position{
		string(u) + ":15":                    {u, 15},
		strings.ToUpper(string(u)) + ": 15 ": {u, 15},
		string(u) + ":9223372036854775807":   {u, 9223372036854775807},
		string(u) + ":18446744073709551615":  {u, Undefined},
		string(u) + ":-1":                    {u, Undefined},
		string(u) + ":15,0-1-7":              {u, 15},
		string(Zero) + ":-1":                 {Zero, Undefined},
	} {
		got, err := ParsePosition(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", ":", string(u), string(u) + ":", string(u) + ":x", string(u) + ":-2", string(u) + ":1e3", string(u) + ":18446744073709551616", string(u[:35]) + ":1", string(u[:35]) + "g:1"} {
		_, err := ParsePosition(text)
		require.Error(t, err, text)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := Position{u, rapid.Int64Range(-1, 1<<63-1).Draw(t, "seqno")}
		got, err := ParsePosition(p.String())
		if err != nil || got != p {
			t.Fatalf("%v became %v, %v", p, got, err)
		}
	})
}

func TestSavedState(t *testing.T) {
	text := "# GALERA saved state\nversion: 2.1\nuuid:    " + string(u) + "\nseqno:   42\nsafe_to_bootstrap: 0\n"
	s, err := ParseSavedState(text)
	require.NoError(t, err)
	require.Equal(t, SavedState{Position: Position{u, 42}}, s)
	marked, changed := MarkSafe(text)
	require.True(t, changed)
	require.Equal(t, strings.Replace(text, "safe_to_bootstrap: 0", "safe_to_bootstrap: 1", 1), marked)
	s, err = ParseSavedState(marked)
	require.NoError(t, err)
	require.True(t, s.Safe)
	_, changed = MarkSafe(marked)
	require.False(t, changed)
	old := "version: 2.0\nuuid: " + string(u) + "\nseqno: -1\ncert_index:\n"
	s, err = ParseSavedState(old)
	require.NoError(t, err)
	require.Equal(t, Position{u, Undefined}, s.Position)
	_, changed = MarkSafe(old)
	require.False(t, changed, "a file of an old version has no flag, and gets none")
	for _, bad := range []string{"", "\x00\x00\x00", "seqno: 1\n", "uuid: x\n", "uuid: " + string(u) + "\nseqno: y\n", "uuid: " + string(u) + "\nsafe_to_bootstrap: 2\n"} {
		_, err := ParseSavedState(bad)
		require.Error(t, err, "%q", bad)
	}
}

func TestParseView(t *testing.T) {
	const a, b UUID = "11111111-1111-11f0-8000-0123456789ab", "22222222-1111-11f0-8000-0123456789ab"
	text := "my_uuid: " + string(a) + "\n#vwbeg\nview_id: 3 " + string(a) + " 12\nbootstrap: 0\nmember: " + string(b) + " 1\nmember: " + string(a) + " 1\n#vwend\n"
	v, err := ParseView(text)
	require.NoError(t, err)
	require.Equal(t, View{Me: a, ID: "3 " + string(a) + " 12", Members: []UUID{a, b}}, v)
	for i := range len(text) - len("\n") {
		_, err := ParseView(text[:i])
		require.Error(t, err, "cut after %d bytes", i)
	}
	require.False(t, v.Equal(View{ID: v.ID, Members: v.Members[:1]}))
}

func TestParseRecovery(t *testing.T) {
	for log, want := range map[string]Recovery{
		"2026 0 [Note] WSREP: Recovered position: " + string(u) + ":7\nx\n":               {Position: Position{u, 7}, Found: true},
		"[Note] WSREP: Recovered position " + string(u) + ":7":                            {Position: Position{u, 7}, Found: true},
		"[Note] WSREP: Recovered position: " + string(Zero) + ":-1":                       {Position: Position{Zero, -1}, Found: true},
		"[ERROR] Found 1 prepared transactions! It means ...\n[ERROR] Aborting\n":         {Prepared: true, Problem: "Found 1 prepared transactions! It means ..."},
		"[Note] WSREP: disabled, skipping position recovery\n":                            {Problem: "Galera is switched off in the configuration: set wsrep_on=ON and wsrep_provider"},
		"[ERROR] InnoDB: no space\n":                                                      {Problem: "InnoDB: no space"},
		"[Note] WSREP: Recovered position: nonsense\n[Note] WSREP: recovered position: x": {},
	} {
		require.Equal(t, want, ParseRecovery(log), log)
	}
}

func TestParseStatus(t *testing.T) {
	base := map[string]string{
		"wsrep_cluster_status": "Primary", "wsrep_local_state": "4", "wsrep_local_state_comment": "Synced", "wsrep_ready": "ON",
		"wsrep_connected": "ON", "wsrep_cluster_size": "3", "wsrep_cluster_state_uuid": string(u), "wsrep_last_committed": "18446744073709551615",
	}
	with := func(nv ...string) map[string]string {
		m := map[string]string{}
		for k, v := range base {
			m[k] = v
		}
		for i := 0; i < len(nv); i += 2 {
			m[nv[i]] = nv[i+1]
		}
		return m
	}
	for _, c := range []struct {
		v                    map[string]string
		component            Component
		serves, transferring bool
	}{
		{with(), Primary, true, false},
		{with("wsrep_local_state", "2"), Primary, true, false},
		{with("wsrep_local_state", "3"), Primary, false, true},
		{with("wsrep_local_state", "1", "wsrep_ready", "OFF"), Primary, false, true},
		{with("wsrep_cluster_status", "non-Primary", "wsrep_local_state", "0", "wsrep_local_state_comment", "Initialized", "wsrep_ready", "OFF"), NonPrimary, false, false},
		{with("wsrep_cluster_status", "non-Primary", "wsrep_local_state", "0", "wsrep_local_state_comment", "Joining: receiving State Transfer", "wsrep_ready", "OFF"), NonPrimary, false, true},
		{with("wsrep_cluster_status", "Disconnected", "wsrep_local_state", "0"), Disconnected, false, false},
		{map[string]string{}, Disconnected, false, false},
	} {
		s, err := ParseStatus(c.v)
		require.NoError(t, err)
		require.Equal(t, c.component, s.Component)
		require.Equal(t, c.serves, s.Serves(), "%+v", s)
		require.Equal(t, c.transferring, s.Transferring(), "%+v", s)
	}
	_, err := ParseStatus(with("wsrep_local_state", "four"))
	require.ErrorContains(t, err, "wsrep_local_state")
}
