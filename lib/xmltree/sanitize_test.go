package xmltree

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSanitizeID(t *testing.T) {
	for in, want := range map[string]string{
		"web":                        "web",
		"2-fail-count-a#start_0":     "_-fail-count-a.start_0",
		"set-fail-count-a:0#start_0": "set-fail-count-a:0.start_0",
		"ä-ö":                        "ä-ö",
		"a–b":                        "a...b", // a dash of three bytes
		"–b":                         "_..b",
		"a\xffb#":                    "a\xffb#",
	} {
		require.Equal(t, want, SanitizeID(in), in)
	}
}

func TestSanitizedIsAName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := SanitizeID(rapid.StringMatching(`.+`).Draw(t, "id"))
		require.Equal(t, id, SanitizeID(id))
		require.Equal(t, len(id), nameEnd(id+"\x00", 0))
	})
}
