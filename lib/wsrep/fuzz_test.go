package wsrep

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzStateFiles: whatever a crash has left of the files of a server, what is read
// of them holds together, and a mended file says the same but for its flag.
func FuzzStateFiles(f *testing.F) {
	f.Add("# GALERA saved state\nversion: 2.1\nuuid:    " + string(u) + "\nseqno:   -1\nsafe_to_bootstrap: 0\n")
	f.Add("my_uuid: " + string(u) + "\n#vwbeg\nview_id: 3 " + string(u) + " 7\nbootstrap: 0\nmember: " + string(u) + " 0\n#vwend\n")
	f.Fuzz(func(t *testing.T, text string) {
		before, err := ParseSavedState(text)
		marked, changed := MarkSafe(text)
		again, twice := MarkSafe(marked)
		require.False(t, twice)
		require.Equal(t, marked, again)
		require.Equal(t, changed, marked != text)
		if err == nil {
			after, err := ParseSavedState(marked)
			require.NoError(t, err)
			require.Equal(t, before.Position, after.Position)
		}
		if v, err := ParseView(text); err == nil {
			require.Contains(t, v.Members, v.Me)
			require.True(t, slices.IsSorted(v.Members))
			require.LessOrEqual(t, len(v.Members), maxMembers)
		}
	})
}

// FuzzParseRecovery: a position that a log names is one that can be written down.
func FuzzParseRecovery(f *testing.F) {
	f.Add("[Note] WSREP: Recovered position: " + string(u) + ":9\n")
	f.Add("[ERROR] Found 1 prepared transactions! x\n[ERROR] Aborting\n")
	f.Fuzz(func(t *testing.T, log string) {
		r := ParseRecovery(log)
		if !r.Found {
			return
		}
		p, err := ParsePosition(r.Position.String())
		require.NoError(t, err)
		require.Equal(t, r.Position, p)
	})
}
