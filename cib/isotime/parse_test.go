package isotime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// clock is a Wednesday noon in Kolkata, half an hour off.
var clock = Time{Year: 2026, Day: 329, Second: 12 * hour, Offset: 5*hour + 30*minute}

func TestParseDate_01_9_2(t *testing.T) {
	const local = 5*hour + 30*minute
	for text, want := range map[string]Time{
		// 2: the epoch
		"epoch": {1970, 1, 0, 0}, "EPOCH": {1970, 1, 0, 0}, "epoch/x": {1970, 1, 0, 0}, "epoch 12:00": {1970, 1, 0, 0},
		// 3: the forms of a date
		"2030-01-31": {2030, 31, 0, 0}, "2030-1-2": {2030, 2, 0, 0}, "2030-12-31": {2030, 365, 0, 0}, "2024-02-29": {2024, 60, 0, 0},
		"20300131": {2030, 31, 0, 0}, "2030-01": {2030, 1, 0, 0}, "2030-365": {2030, 365, 0, 0}, "2024-366": {2024, 366, 0, 0},
		"2030-W01-1": {2029, 365, 0, 0}, "2009-W01-1": {2008, 364, 0, 0}, "2009-W53-7": {2010, 3, 0, 0}, "2008-W37-6": {2008, 257, 0, 0},
		"+2030-01-31": {2030, 31, 0, 0}, "2030- 1- 2": {2030, 2, hour, -2 * hour}, "99999-12-31": {99999, 365, 0, 0}, "1-1-1": {1, 1, 0, 0},
		// 4: where the time begins
		"2030-01-31/12:00": {2030, 31, 0, 0}, "2030-01-31x12:00": {2030, 31, 0, 0}, "2030-01-31\t12:00Z": {2030, 31, 0, 0},
		"2030-01-31 12:00Z": {2030, 31, 12 * hour, 0}, "2030-01-31T12:00Z": {2030, 31, 12 * hour, 0}, "20300131T12Z": {2030, 31, 12 * hour, 0},
		// 5: the time
		"2030-01-31T1:2:3Z": {2030, 31, 3723, 0}, "2030-01-31T235959Z": {2030, 31, day - 1, 0}, "2030-01-31T2359Z": {2030, 31, day - minute, 0},
		"2030-01-31T24:00:00Z": {2030, 32, 0, 0}, "2030-12-31T24Z": {2031, 1, 0, 0}, "2030-01-31T12:00:00.75Z": {2030, 31, 12 * hour, 0},
		// 6: the offset
		"2030-01-31T12:00:00+02:00": {2030, 31, 12 * hour, 2 * hour}, "2030-01-31 12:00:00 -0530": {2030, 31, 12 * hour, -19800},
		"2030-01-31T12:00:00 03": {2030, 31, 12 * hour, 3 * hour}, "2030-01-31T12:00:00 UTC": {2030, 31, 12 * hour, 0}, "2030-01-31T12:00:00 ": {2030, 31, 12 * hour, 0},
		"2030-01-31T12:00:00 +05:00 Z": {2030, 31, 12 * hour, 0}, "2030-01-31T12:00:00+24": {2030, 31, 12 * hour, day},
		"2030-01-31T12:00:00": {2030, 31, 12 * hour, local}, "2030-01-31T24:00:00": {2030, 32, 0, local}, "2030-01-31T12:00:00x": {2030, 31, 12 * hour, local},
		// 7: a sign is part of a field of two characters
		"2030-01-31T1200+1100": {2030, 31, 12*hour + 1, 11 * hour}, "2030-01-31T12+01:00": {2030, 31, 12*hour + 1, hour},
		// 1: a time of today
		"T08:30": {2026, 329, 8*hour + 30*minute, local}, "08:30Z": {2026, 329, 8*hour + 30*minute, 0}, "08:30:15 +01:00": {2026, 329, 8*hour + 30*minute + 15, hour},
		"T24": {2026, 330, 0, local},
	} {
		got, ok := Parse(text, clock)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
}

func TestParseRefuses_01_9_2(t *testing.T) {
	for _, text := range []string{
		"", " ", "x", "2030", "203001", "2030-", "2030-13-01", "2030-00-01", "2030-02-29", "2030-04-31", "2030-01-00", "2030-01-32",
		"2030-366", "2030-000", "0-1-1", "-1-1-1", "2030-W54-1", "2030-W53-1", "2030-W00-1", "2030-W01-0", "2030-W01-8", "2030-W01", "2030W011",
		"20301301", "20300132", "2030-01-31T", "2030-01-31 ", "2030-01-31T25:00", "2030-01-31T24:00:01", "2030-01-31T24:01", "2030-01-31T12:60",
		"2030-01-31T12:00:60", "2030-01-31T12:00:00+", "2030-01-31T12:00:00 -", "2030-01-31T12:00:00+25:00", "2030-01-31T12:00:00+-1", "2030-01-31TZ",
		"T", "T25", "ab:cd", "epochal", "2147483648-01-01", "infinity",
	} {
		got, ok := Parse(text, clock)
		require.False(t, ok, "%q", text)
		require.Zero(t, got, "%q", text)
	}
}

func TestLocalOffset_01_9_2_6(t *testing.T) {
	for offset, want := range map[int32]int32{
		0: 0, 3600: 3600, 19800: 19800, -3600: -3600, -18000: -18000,
		-12600: -9000, // the minutes go the wrong way, as in Pacemaker
		3661:   3660,
	} {
		got, ok := Parse("2030-01-01T12:00:00", Time{Year: 2030, Day: 1, Offset: offset})
		require.True(t, ok)
		require.Equal(t, want, got.Offset)
	}
}

func TestNeedsClock_01_9_2(t *testing.T) {
	for _, text := range []string{"T12:00Z", "12:00:00Z", "2030-01-31T12:00", "2030-01-31 12:00:00"} {
		require.True(t, NeedsClock(text), text)
	}
	for _, text := range []string{"", "epoch", "epoch T", "2030-01-31", "2030-01-31T12:00Z", "2030-01-31T12:00+01", "2030-01-31T12:00 x"} {
		require.False(t, NeedsClock(text), text)
	}
}

func TestParseEpoch_01_9_2(t *testing.T) {
	got, ok := ParseEpoch("2030-01-31T12:00:00", 3600, 1700000000)
	require.True(t, ok)
	require.EqualValues(t, 1896087600, got)
	got, ok = ParseEpoch("00:00:10", 0, 1700000000)
	require.True(t, ok)
	require.EqualValues(t, 1699920010, got)
	_, ok = ParseEpoch("never", 0, 0)
	require.False(t, ok)
}

func TestParseDuration_01_9_4(t *testing.T) {
	for text, want := range map[string]Duration{
		"P1Y2M3DT4H5M6S": {1, 2, 3, 4*hour + 5*minute + 6},
		"P2W":            {0, 0, 14, 0},
		"PT1M":           {0, 0, 0, 60},
		"P1M":            {0, 1, 0, 0},
		"P1M1MT1M1M":     {0, 1, 0, 120},
		"P1Y2Y":          {2, 0, 0, 0},
		"P1D1W1D":        {0, 0, 9, 0},
		"P10S":           {0, 0, 0, 10},
		"PT1S1D1Y":       {1, 0, 1, 1},
		"P-1D":           {0, 0, -1, 0},
		"P+1D":           {0, 0, 1, 0},
		"P:1D":           {0, 0, 1, 0},
		"P0Y1S":          {0, 0, 0, 1},
		"P1D/P2D":        {0, 0, 1, 0},
		"P1D P2D":        {0, 0, 1, 0},
		"P2147483647Y":   {2147483647, 0, 0, 0},
		"PT1H-1M":        {0, 0, 0, hour - minute},
	} {
		got, ok := ParseDuration(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
	for _, text := range []string{
		"", "P", "P ", "PT", "p1D", "1D", " P1D", "P1", "P1X", "PD", "P1.5D", "P1,5D", "P--1D", "P0D", "PT0S", "P0Y0M", "P1D1", "P/1D",
		"P2147483648D", "P99999999999D", "P2147483647W", "PT2147483647H", "P2147483647D1D", "PT2147483647S1S", "P1Dx",
	} {
		_, ok := ParseDuration(text)
		require.False(t, ok, "%q", text)
	}
	d, _ := ParseDuration("P1Y1M1DT1S")
	require.EqualValues(t, (365+30+1)*day+1, d.TotalSeconds())
}

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]string{
		"2030-01-01/2030-02-01": "2030-01-01 00:00:00Z 2030-02-01 00:00:00Z",
		"2030-01-31/P1M":        "2030-01-31 00:00:00Z 2030-02-28 00:00:00Z",
		"P1D/2030-01-01":        "2029-12-31 00:00:00Z 2030-01-01 00:00:00Z",
		"PT1H":                  "2026-11-25 06:30:00Z 2026-11-25 07:30:00Z",
		"2030-01-01T12:00:00Z/2030-01-01T13:00:00Z": "2030-01-01 12:00:00Z 2030-01-01 13:00:00Z",
	} {
		p, ok := ParsePeriod(text, clock)
		require.True(t, ok, text)
		require.Equal(t, want, p.Start.String()+" "+p.End.String(), text)
	}
	for _, text := range []string{"", "/", "2030-01-01", "2030-01-01/", "P1D/P1D", "P/2030-01-01", "2030-01-01/P", "x/2030-01-01", "2030-01-01/x", "99999-01-01/P1D", "9999-12-31/P1D", "2030-01-01T22:00:00Z/PT2H"} {
		_, ok := ParsePeriod(text, clock)
		require.False(t, ok, text)
	}
}
