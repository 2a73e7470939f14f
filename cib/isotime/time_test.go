package isotime

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func date(t *testing.T, text string) Time {
	t.Helper()
	got, ok := Parse(text, clock)
	require.True(t, ok, "%q", text)
	return got
}

func TestCompare_01_9_1(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"2030-01-02", "2030-01-02T00:00:00Z", 0},
		{"2030-01-02", "2030-01-03", -1},
		{"2030-01-02T00:00:01Z", "2030-01-02", 1},
		{"2029-12-31T23:59:59Z", "2030-01-01", -1},
		{"2030-01-02T03:00:00+01:00", "2030-01-02T02:00:00Z", 0},
		{"2030-01-01T23:30:00-01:00", "2030-01-02T00:30:00Z", 0},
		{"2030-01-01T00:30:00+01:00", "2029-12-31T23:30:00Z", 0},
		{"2030-01-01T23:00:00-01:00", "2030-01-02T00:00:00Z", -1}, // 24:00 in UTC: the same instant, but earlier
	} {
		require.Equal(t, c.want, date(t, c.a).Compare(date(t, c.b)), "%s %s", c.a, c.b)
		require.Equal(t, -c.want, date(t, c.b).Compare(date(t, c.a)), "%s %s", c.b, c.a)
	}
	require.Equal(t, date(t, "2030-01-02").Epoch(), date(t, "2030-01-01T23:00:00-01:00").Epoch())
}

func TestAdd_01_9_3(t *testing.T) {
	for _, c := range []struct {
		start string
		add   func(*Time, int32)
		n     int32
		want  string
	}{
		// 1: seconds
		{"2030-01-01T22:00:00Z", (*Time).AddSeconds, 3600, "2030-01-01 23:00:00Z"},
		{"2030-01-01T22:00:00Z", (*Time).AddSeconds, 7200, "2030-01-01 24:00:00Z"},
		{"2030-01-01T22:00:00Z", (*Time).AddSeconds, 7201, "2030-01-02 00:00:01Z"},
		{"2030-01-01T22:00:00Z", (*Time).AddSeconds, day + 7200, "2030-01-02 24:00:00Z"},
		{"2030-01-01T00:00:00Z", (*Time).AddSeconds, day, "2030-01-02 00:00:00Z"},
		{"2030-01-01T00:00:00Z", (*Time).AddSeconds, -1, "2029-12-31 23:59:59Z"},
		{"2030-01-02T01:00:00Z", (*Time).AddSeconds, -day - 3600, "2030-01-01 00:00:00Z"},
		{"2030-01-02T01:00:00Z", (*Time).AddSeconds, -day - 3601, "2029-12-31 23:59:59Z"},
		// 2: days
		{"2030-12-31", (*Time).AddDays, 1, "2031-01-01 00:00:00Z"},
		{"2024-02-28", (*Time).AddDays, 1, "2024-02-29 00:00:00Z"},
		{"2023-02-28", (*Time).AddDays, 1, "2023-03-01 00:00:00Z"},
		{"2030-01-01", (*Time).AddDays, -1, "2029-12-31 00:00:00Z"},
		{"2030-01-01", (*Time).AddDays, 146097, "2430-01-01 00:00:00Z"},
		{"2430-01-01", (*Time).AddDays, -146097, "2030-01-01 00:00:00Z"},
		{"0001-01-02", (*Time).AddDays, -5, "0001-01-01 00:00:00Z"},
		{"2030-06-01", (*Time).AddDays, math.MinInt32, "0001-01-01 00:00:00Z"},
		// 3: weeks, hours, minutes
		{"2030-01-01", (*Time).AddWeeks, 2, "2030-01-15 00:00:00Z"},
		{"2030-01-01", (*Time).AddHours, 25, "2030-01-02 01:00:00Z"},
		{"2030-01-01", (*Time).AddMinutes, -1, "2029-12-31 23:59:00Z"},
		// 4: months
		{"2030-01-31", (*Time).AddMonths, 1, "2030-02-28 00:00:00Z"},
		{"2024-01-31", (*Time).AddMonths, 1, "2024-02-29 00:00:00Z"},
		{"2030-01-31", (*Time).AddMonths, 3, "2030-04-30 00:00:00Z"},
		{"2030-12-15", (*Time).AddMonths, 1, "2031-01-15 00:00:00Z"},
		{"2030-01-15", (*Time).AddMonths, -1, "2029-12-15 00:00:00Z"},
		{"2030-01-15", (*Time).AddMonths, -25, "2027-12-15 00:00:00Z"},
		{"2030-01-15", (*Time).AddMonths, 1200000, "102030-01-15 00:00:00Z"},
		{"2030-05-31", (*Time).AddMonths, 0, "2030-05-31 00:00:00Z"},
		// 5: years
		{"2024-03-01", (*Time).AddYears, 1, "2025-03-02 00:00:00Z"},
		{"2023-03-01", (*Time).AddYears, 1, "2024-02-29 00:00:00Z"},
		{"2030-03-01", (*Time).AddYears, -5000, "0001-03-01 00:00:00Z"},
		{"2024-12-31", (*Time).AddYears, 1, "2025-13-01 00:00:00Z"},
	} {
		got := date(t, c.start)
		c.add(&got, c.n)
		require.Equal(t, c.want, got.String(), "%s + %d", c.start, c.n)
	}
	last := Time{Year: math.MaxInt32, Day: 365}
	last.AddYears(1)
	require.EqualValues(t, math.MaxInt32, last.Year)
	last.AddDays(1)
	require.Equal(t, Time{Year: math.MaxInt32, Day: 365}, last)
}

func TestWeekDates(t *testing.T) {
	for text, want := range map[string][3]int32{
		"2008-12-28": {2008, 52, 7}, "2008-12-29": {2009, 1, 1}, "2010-01-03": {2009, 53, 7}, "2010-01-04": {2010, 1, 1},
		"2008-09-27": {2008, 39, 6}, "2020-12-31": {2020, 53, 4}, "2021-01-01": {2020, 53, 5}, "2022-01-01": {2021, 52, 6},
	} {
		y, w, d := date(t, text).ISOWeek()
		require.Equal(t, want, [3]int32{y, w, d}, text)
	}
}

// The years of a working life, day by day, against Go's calendar.
func TestCalendar_01_9_1(t *testing.T) {
	for n := int64(-400 * 366); n < 400*366; n += 7 {
		want := time.Unix(n*day+n%day, 0).UTC()
		got := FromTime(want)
		y, m, d := got.Date()
		require.Equal(t, []int{want.Year(), int(want.Month()), want.Day()}, []int{int(y), int(m), int(d)})
		require.EqualValues(t, want.YearDay(), got.Day)
		wy, w, wd := got.ISOWeek()
		gy, gw := want.ISOWeek()
		require.Equal(t, []int{gy, gw, (int(want.Weekday())+6)%7 + 1}, []int{int(wy), int(w), int(wd)})
		require.Equal(t, want.Unix(), got.Epoch())
		require.Equal(t, want.Format("2006-01-02 15:04:05Z"), got.String())
		parsed, ok := Parse(got.String(), clock)
		require.True(t, ok)
		require.Equal(t, got, parsed)
	}
}

func TestFormat(t *testing.T) {
	at := date(t, "2030-01-02T03:04:05+05:30")
	require.Equal(t, "2030-01-01 21:34:05Z", at.String())
	require.Equal(t, "2030-01-02 03:04:05 +05:30", at.ZoneString())
	require.Equal(t, "2030-01-02 03:04:05 -05:00", date(t, "2030-01-02T03:04:05-05").ZoneString())
	require.Equal(t, "0044-03-15 00:00:00Z", date(t, "44-3-15").ZoneString())
	require.Equal(t, "<undefined time>", Time{}.String())
	require.True(t, Time{}.IsZero())
	require.Equal(t, "1970-01-01 00:00:00Z", FromEpoch(0, 0).String())
}

func TestFromEpochLimits(t *testing.T) {
	for _, seconds := range []int64{math.MinInt64, math.MaxInt64, -epochSeconds - 1, 1 << 60} {
		for _, offset := range []int{0, 3600, -86400} {
			got := FromEpoch(seconds, offset)
			require.True(t, got.valid(), "%d: %+v", seconds, got)
			require.Positive(t, got.Year)
		}
	}
	require.EqualValues(t, 3660, FromEpoch(0, 3661).Offset, "offsets are whole minutes")
	require.Equal(t, Time{1970, 1, hour, hour}, FromEpoch(0, hour))
}
