package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHint(t *testing.T) {
	for found, want := range map[string]string{
		"primitve":        "primitive",
		"have_quorum":     "have-quorum",
		"mandatory":       "Mandatory",
		"goup":            "group",
		"abc":             "", // nothing is close
		"z":               "", // a letter is not like another
		"aa":              "a",
		"fencing-leve1s-": "fencing-level",
	} {
		if want != "" {
			want = `; did you mean "` + want + `"?`
		}
		got := hint(found, []string{"bundle", "a", "primitive", "group", "b", "have-quorum", "Mandatory", "fencing-level", "dc-uuid"})
		require.Equal(t, want, got, found)
	}
	require.Equal(t, `; did you mean "ab"?`, hint("ax", []string{"ay", "ab", "az"}), "the first of equally close ones")
}
