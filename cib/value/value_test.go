package value

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScore_04_2(t *testing.T) {
	require.Equal(t, -Infinity, AddScores(Infinity, -Infinity), "-INFINITY wins")
	require.Equal(t, Infinity, AddScores(999999, 5))
	require.Equal(t, Score(3), AddScores(1, 2))
	for text, want := range map[string]Score{"INFINITY": Infinity, "-INFINITY": -Infinity, "12abc": 12, "-2000000": -Infinity, "RED": -7} {
		got, ok := ParseScore(text, HealthScores{Red: -7})
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	_, ok := ParseScore("much", HealthScores{})
	require.False(t, ok)
}

func TestInterval_01_8_4(t *testing.T) {
	for text, want := range map[string]int64{
		"10": 10000, "1.9s": 1000, "500ms": 500, "2hours": 7200000, "PT1M": 60000, "P1D": 86400000, "5000000": 4294967295, "4294967": 4294967000, "500us": 0,
	} {
		got, ok := ParseInterval(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"10x", "1d", "-5", "P"} {
		got, ok := ParseInterval(text)
		require.False(t, ok, text)
		require.Zero(t, got, text)
	}
}

func TestVersions_01_8_6(t *testing.T) {
	require.Negative(t, CompareVersions("3.9", "3.10"))
	require.Zero(t, CompareVersions("3.1", "3.1.0"))
	require.Positive(t, CompareVersions("3.20.6", "3.20.5"))
}

func TestBool_01_8_1(t *testing.T) {
	v, ok := ParseBool("YES")
	require.True(t, v && ok)
	v, ok = ParseBool("n")
	require.True(t, !v && ok)
	_, ok = ParseBool("maybe")
	require.False(t, ok)
}
