package isotime

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func times(t *rapid.T, name string) Time {
	offset := rapid.IntRange(-14*60, 14*60).Draw(t, name+" offset in minutes") * minute
	return FromEpoch(rapid.Int64Range(-50e9, 200e9).Draw(t, name), offset)
}

func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := times(t, "time")
		require.Equal(t, at, FromEpoch(at.Epoch(), int(at.Offset)))
		back, ok := Parse(at.ZoneString(), Time{})
		require.True(t, ok)
		require.Equal(t, at, back)
		require.False(t, NeedsClock(at.ZoneString()))
		require.Equal(t, at.Epoch(), at.UTC().Epoch())
	})
}

func TestArithmeticLaws_01_9_3(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := times(t, "time")
		n := rapid.Int32Range(-1e9, 1e9).Draw(t, "n")
		moved := at
		moved.AddSeconds(n)
		require.Equal(t, at.Epoch()+int64(n), moved.Epoch(), "adding seconds moves the instant by them")
		require.True(t, 0 <= moved.Second && moved.Second <= day)

		days := n / day
		moved = at
		moved.AddDays(days)
		require.Equal(t, at.Second, moved.Second)
		require.Equal(t, at.Epoch()+int64(days)*day, moved.Epoch())
		moved.AddDays(-days)
		require.Equal(t, at, moved, "days can be taken away again")

		months := rapid.Int32Range(0, 5000).Draw(t, "months")
		moved = at
		moved.AddMonths(months)
		y, m, d := at.Date()
		my, mm, md := moved.Date()
		require.Equal(t, int64(y)*12+int64(m)+int64(months), int64(my)*12+int64(mm))
		require.Equal(t, min(d, monthDays(mm, my)), md)
	})
}

func TestOrderLaws_01_9_1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := times(t, "a"), times(t, "b")
		if rapid.Bool().Draw(t, "close") {
			b = a
			b.AddSeconds(rapid.Int32Range(-2, 2).Draw(t, "by"))
		}
		require.Equal(t, -a.Compare(b), b.Compare(a))
		require.Zero(t, a.Compare(a))
		// Apart from 24:00:00, which is before the midnight it is, the order
		// is that of the instants.
		if a.Epoch() < b.Epoch() {
			require.Equal(t, -1, a.Compare(b))
		}
	})
}

func TestDurationLaws_01_9_4(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration{
			Years:  rapid.Int32Range(0, 1000).Draw(t, "years"),
			Months: rapid.Int32Range(0, 1000).Draw(t, "months"),
			Days:   rapid.Int32Range(0, 100000).Draw(t, "days"),
		}
		h, m, s := rapid.Int32Range(0, 1000).Draw(t, "h"), rapid.Int32Range(0, 1000).Draw(t, "m"), rapid.Int32Range(1, 1000).Draw(t, "s")
		d.Seconds = h*hour + m*minute + s
		got, ok := ParseDuration(format(d.Years, d.Months, d.Days, h, m, s))
		require.True(t, ok)
		require.Equal(t, d, got)
	})
}
