package value

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func scores(t *rapid.T, name string) Score {
	return rapid.OneOf(
		rapid.SampledFrom([]Score{0, 1, -1, Infinity, -Infinity, Infinity - 1, 1 - Infinity}),
		rapid.Custom(func(t *rapid.T) Score { return Score(rapid.Int32Range(-1000000, 1000000).Draw(t, "n")) }),
	).Draw(t, name)
}

func TestScoreLaws_01_8_3(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := scores(t, "a"), scores(t, "b"), scores(t, "c")
		sum := AddScores(a, b)
		require.Equal(t, sum, AddScores(b, a), "addition commutes")
		require.Equal(t, a, AddScores(a, 0), "0 is neutral")
		require.Equal(t, -Infinity, AddScores(a, -Infinity), "-INFINITY absorbs")
		if a > -Infinity {
			require.Equal(t, Infinity, AddScores(a, Infinity), "INFINITY absorbs all but -INFINITY")
		}
		require.True(t, -Infinity <= sum && sum <= Infinity, "the sum is a score")
		if b <= c {
			require.LessOrEqual(t, AddScores(a, b), AddScores(a, c), "addition keeps the order")
		}
		if s := int(a) + int(b); a.finite() && b.finite() && Score(s).finite() {
			require.EqualValues(t, s, sum, "within the limits it is plain addition")
		}
		back, ok := ParseScore(a.String(), HealthScores{})
		require.True(t, ok)
		require.Equal(t, a, back, "what is printed is read back")
	})
}

func (s Score) finite() bool { return -Infinity < s && s < Infinity }

func TestIntervalLaws_01_8_4(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(1, MaxInterval).Draw(t, "ms")
		got, ok := ParseInterval(strconv.FormatInt(ms, 10) + "ms")
		require.True(t, ok)
		require.Equal(t, ms, got)
		require.NotContains(t, FormatInterval(ms), "-")
	})
}

func TestOrderLaws_01_8_8(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("aAb019.é-")))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "a"), text.Draw(t, "b"), text.Draw(t, "c")
		for name, compare := range map[string]func(a, b string) int{"versions": CompareVersions, "names": CompareNames, "fold": CompareFold} {
			require.Zero(t, compare(a, a), name)
			require.Equal(t, order(0, compare(b, a)), order(compare(a, b), 0), "%s: the order turns around", name)
			if compare(a, b) <= 0 && compare(b, c) <= 0 {
				require.LessOrEqual(t, compare(a, c), 0, "%s is transitive", name)
			}
		}
		require.Equal(t, EqualFold(a, b), CompareFold(a, b) == 0)
	})
}
