package value

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseBool_01_8_1(t *testing.T) {
	for _, text := range []string{"true", "on", "yes", "y", "1", "TRUE", "On", "yEs", "Y"} {
		v, ok := ParseBool(text)
		require.True(t, ok && v, text)
		require.True(t, IsTrue(text), text)
		require.False(t, IsFalse(text), text)
	}
	for _, text := range []string{"false", "off", "no", "n", "0", "FALSE", "Off", "nO", "N"} {
		v, ok := ParseBool(text)
		require.True(t, ok, text)
		require.False(t, v, text)
		require.True(t, IsFalse(text), text)
		require.False(t, IsTrue(text), text)
	}
	for _, text := range []string{"", " true", "true ", "t", "2", "-1", "truefalse", "enabled", "ja", "oN\x00"} {
		v, ok := ParseBool(text)
		require.False(t, ok, text)
		require.False(t, v, text)
		require.False(t, IsTrue(text), text)
		require.False(t, IsFalse(text), text)
	}
}

func TestParseInteger_01_8_2(t *testing.T) {
	for _, c := range []struct {
		text          string
		want          int64
		valid, fits64 bool
	}{
		{"12", 12, true, true},
		{"10abc", 10, true, true},
		{"1.9", 1, true, true},
		{"1e3", 1, true, true},
		{" \t\n\v\f\r-7", -7, true, true},
		{"+5", 5, true, true},
		{"007", 7, true, true},
		{"0x10", 0, true, true},
		{"9223372036854775807", math.MaxInt64, true, true},
		{"-9223372036854775808", math.MinInt64, true, true},
		{"9223372036854775808", math.MaxInt64, true, false},
		{"-9223372036854775809", math.MinInt64, true, false},
		{"99999999999999999999999", math.MaxInt64, true, false},
		{"", 0, false, false},
		{"abc", 0, false, false},
		{"-", 0, false, false},
		{"--1", 0, false, false},
		{"- 1", 0, false, false},
		{"\u00a01", 0, false, false},
	} {
		n, ok := ParseInteger(c.text)
		require.Equal(t, c.valid, ok, "%q", c.text)
		require.Equal(t, c.want, n, "%q", c.text)
		n, ok = ParseInteger64(c.text)
		require.Equal(t, c.fits64, ok, "%q", c.text)
		require.Equal(t, c.want, n, "%q", c.text)
	}
}

func TestParseScore_01_8_3(t *testing.T) {
	health := HealthScores{Red: -Infinity, Yellow: -5, Green: 7}
	for text, want := range map[string]Score{
		"INFINITY": Infinity, "+INFINITY": Infinity, "-INFINITY": -Infinity,
		"red": -Infinity, "RED": -Infinity, "Yellow": -5, "gReen": 7,
		"0": 0, "100": 100, "-100": -100, "+1": 1, "12abc": 12, " 3": 3,
		"999999": 999999, "1000000": Infinity, "1000001": Infinity, "-1000001": -Infinity,
		"99999999999999999999": Infinity, "-99999999999999999999": -Infinity,
	} {
		got, ok := ParseScore(text, health)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, got, "%q", text)
	}
	for _, text := range []string{"", "infinity", "Infinity", "-infinity", "INFINITYx", " INFINITY", "+ INFINITY", "++INFINITY", "much", "blue", "red "} {
		got, ok := ParseScore(text, health)
		require.False(t, ok, "%q", text)
		require.Zero(t, got, "%q", text)
	}
}

func TestAddScores_01_8_3(t *testing.T) {
	const half = Infinity / 2
	for _, c := range []struct{ a, b, want Score }{
		{0, 0, 0},
		{200, -50, 150},
		{-1, 1, 0},
		{Infinity, -Infinity, -Infinity},
		{-Infinity, Infinity, -Infinity},
		{Infinity, -1, Infinity},
		{-Infinity, 1, -Infinity},
		{Infinity, Infinity, Infinity},
		{-Infinity, -Infinity, -Infinity},
		{half, half, Infinity},
		{-half, -half, -Infinity},
		{half, half + 1, Infinity},
		{999999, 0, 999999},
		{999998, 1, 999999},
		{999999, 1, Infinity},
		{2000000, -5, Infinity},
		{-4000000, 50, -Infinity},
		{math.MaxInt32, math.MaxInt32, Infinity},
		{math.MinInt32, math.MinInt32, -Infinity},
	} {
		require.Equal(t, c.want, AddScores(c.a, c.b), "%d + %d", c.a, c.b)
	}
}

func TestScoreString_01_8_3(t *testing.T) {
	for score, want := range map[Score]string{
		0: "0", 5: "5", -5: "-5", 999999: "999999", -999999: "-999999",
		Infinity: "INFINITY", -Infinity: "-INFINITY", Infinity + 1: "INFINITY", -Infinity - 1: "-INFINITY",
	} {
		require.Equal(t, want, score.String())
	}
}

func TestParseInterval_01_8_4(t *testing.T) {
	valid := map[string]int64{
		"0": 0, "10": 10000, "10s": 10000, "10S": 10000, "10sec": 10000, "10 seconds": 10000,
		"1.9s": 1000, "0.5": 0, "3.14.159ms": 3, "3.": 3000,
		"500ms": 500, "500 MSEC": 500, "5000us": 5, "1999us": 1, "999usec": 0,
		"3m": 180000, "3minutes": 180000, "3mx": 180000, "2hours": 7200000, "2 hr": 7200000, "2\th": 7200000,
		" 10 s ": 10000, "+10": 10000,
		"5000000": MaxInterval, "4294967": 4294967000, "4294968": MaxInterval, "4294967295ms": MaxInterval, "9999999999ms": MaxInterval,
		"PT10S": 10000, "PT1M": 60000, "P1M": 2592000000, "P1Y": 4294967000, "P1D": 86400000, "P1W": 604800000,
		"PT1M/x": 60000, "PT4294968S": 4294967000,
	}
	for text, want := range valid {
		ms, ok := ParseInterval(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, ms, "%q", text)
	}
	for _, text := range []string{"", " ", "abc", "10x", "1d", "10 days", "-5", "-5ms", "-99999999999999999999", "P", "PT0S", "P1", "pt10s", "p1d", "P-1D", " PT10S", "P 1D"} {
		ms, ok := ParseInterval(text)
		require.False(t, ok, "%q", text)
		require.Zero(t, ms, "%q", text)
	}
	for _, text := range []string{"9223372036854775808", "99999999999999999999h"} {
		ms, ok := ParseInterval(text)
		require.False(t, ok, "%q: beyond 64 bits is clipped and invalid", text)
		require.EqualValues(t, MaxInterval, ms, "%q", text)
	}
}

func TestTimeout_01_8_5(t *testing.T) {
	for text, want := range map[string]int64{
		"10s": 10000, "1m": 60000, "1ms": 1,
		"": 20000, "0": 20000, "-5": 20000, "abc": 20000, "PT10S": 20000, "999us": 20000, "99999999999999999999": 20000,
		"2147483647ms": MaxTimeout, "2147483648ms": MaxTimeout, "100000000": MaxTimeout,
	} {
		require.Equal(t, want, Timeout(text), "%q", text)
	}
	for text, want := range map[string]int64{
		"10s": 10000, "0": 0, "": 0, "-5": 0, "abc": 0, "PT10S": 0, "99999999999999999999": 0, "100000000": MaxTimeout,
	} {
		require.Equal(t, want, StartDelay(text), "%q", text)
	}
	ms, ok := ParseTimeout("-5")
	require.True(t, ok)
	require.EqualValues(t, -5000, ms)
	_, ok = ParseTimeout("PT10S")
	require.False(t, ok)
}

func TestCompareVersions_01_8_6(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "0", 0},
		{"", "1.0.1", -1},
		{"", "abc", 0},
		{"3.9", "3.10", -1},
		{"3.20.6", "3.20.5", 1},
		{"0.2.3", "0.3", -1},
		{"0.99", "1.0", -1},
		{"1.0", "1.0.1", -1},
		{"1.0.0", "1", 0},
		{"0001.1", "1.0001", 0},
		{"-1", "0.1", -1},
		{"-1", "-2", 0},
		{"+1", "0", 0},
		{"1.-1.5", "1.0.5", -1},
		{"a111", "1", -1},
		{"1a111", "1", 0},
		{"1a", "2", -1},
		{".1", "0.1", -1},
		{"0.1.", "0.1.0", 0},
		{"0.1.@", "0.1", 0},
		{"0.1    .1", "0.1", 0},
		{"1..1", "1.0.1", -1},
		{"1..", "1.0.0", 0},
		{"   1", "1.1", -1},
		{"\t1.2", "1.2", 0},
		{"99999999999999999999", "9223372036854775807", 0},
		{"99999999999999999999.1", "9223372036854775807", 1},
	} {
		require.Equal(t, c.want, CompareVersions(c.a, c.b), "%q %q", c.a, c.b)
		require.Equal(t, -c.want, CompareVersions(c.b, c.a), "%q %q", c.b, c.a)
	}
}

func TestParseNumber_01_8_7(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "0.0": 0, "00.00e00": 0, "1": 1, "-1.5": -1.5, "+2": 2, " \t3": 3,
		"1e3": 1000, "1E+3x": 1000, "1e": 1, "1e+": 1, "2.0asdf": 2, ".5": 0.5, "5.": 5, "1.2.3": 1.2,
		"0x10": 16, "0x1p3": 8, "0X1P-1": 0.5, "0x.8": 0.5, "0x1p": 1, "0x": 0, "1_000": 1,
		"inf": math.Inf(1), "-INFINITY": math.Inf(-1), "infinit": math.Inf(1),
		"1.7976931348623157e308": math.MaxFloat64, "2.2250738585072019e-308": 2.2250738585072019e-308,
	} {
		f, ok := ParseNumber(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, f, "%q", text)
	}
	f, ok := ParseNumber("nan(7)")
	require.True(t, ok)
	require.True(t, math.IsNaN(f))
	for _, text := range []string{"", "abc", ".", "-", "e5", "+.e1", "in", "_1", "1e400", "-1e400", "1e-400", "-1e-310", "2.2250738585072014e-308", "-0", " 0", "0e5", "0x0"} {
		_, ok := ParseNumber(text)
		require.False(t, ok, "%q", text)
	}
}

func TestStringOrder_01_8_8(t *testing.T) {
	sorted := []string{"", "Node", "node7", "NODE9", "node10", "node10a", "node10b", "node99999999999999999999", "nodes", "remote1", "é1"}
	for i, a := range sorted {
		for j, b := range sorted {
			require.Equal(t, order(i, j), CompareNames(a, b), "%q %q", a, b)
		}
	}
	require.Equal(t, -1, CompareNames("node7", "node007"))
	require.Equal(t, -1, CompareNames("node007", "node8"))
	require.Equal(t, 0, CompareNames("NodeA1", "nodea1"))

	require.True(t, EqualFold("aZ-é", "Az-é"))
	require.False(t, EqualFold("k", "\u212a"), "the Kelvin sign is no k")
	require.False(t, EqualFold("É", "é"))
	require.Negative(t, CompareFold("a", "B"))
	require.Positive(t, CompareFold("ab", "A"))
	require.Positive(t, CompareFold("Z", "_"), "letters are compared in lower case")
	require.Positive(t, CompareFold("Z", "Y"))
}

func TestParseRange_01_8_9(t *testing.T) {
	for text, want := range map[string]Range{
		"5": {5, 5}, "1-5": {1, 5}, "1-": {1, -1}, "-5": {-1, 5}, " 1- 2": {1, 2}, "+1-+2": {1, 2},
		"1--5": {1, -5}, "5-1": {5, 1}, "0": {0, 0},
	} {
		r, ok := ParseRange(text)
		require.True(t, ok, "%q", text)
		require.Equal(t, want, r, "%q", text)
	}
	for _, text := range []string{"", "-", " ", "x", "1x", "1-2x", "1-2-3", "1 -2", "20000000000000000000-", "1-20000000000000000000", "1- "} {
		_, ok := ParseRange(text)
		require.False(t, ok, "%q", text)
	}
	for _, c := range []struct {
		text string
		n    int64
		want bool
	}{
		{"1-5", 1, true},
		{"1-5", 5, true},
		{"1-5", 0, false},
		{"1-5", 6, false},
		{"3-", 3, true},
		{"3-", 99, true},
		{"3-", 2, false},
		{"-3", 0, true},
		{"-3", 4, false},
		{"4", 4, true},
		{"4", 5, false},
		{"5-1", 3, false},
		{"1--5", 3, false},
		{"1--1", 9, true},
	} {
		r, ok := ParseRange(c.text)
		require.True(t, ok, c.text)
		require.Equal(t, c.want, r.Contains(c.n), "%s %d", c.text, c.n)
	}
}

func TestIsPercentage_01_15_1(t *testing.T) {
	for _, text := range []string{"80%", "0%", "1.5%", "200%", "1e3%", " 5%", "%", "5%x", "inf%"} {
		require.True(t, IsPercentage(text), "%q", text)
	}
	for _, text := range []string{"", "80", "-1%", "5 %", "abc", "abc%", " %", "nan%"} {
		require.False(t, IsPercentage(text), "%q", text)
	}
}

func TestFormatInterval(t *testing.T) {
	for ms, want := range map[int64]string{
		0: "0s", -1: "0s", 1: "1ms", 503: "503ms", 1000: "1s", 3333: "3.333s", 3007: "3.007s", 30000: "30s",
		61000: "1m1s", 60000: "1m", 60001: "1m1ms", 150000: "2m30s", 3600000: "1h", 90061001: "1d1h1m1.001s", MaxInterval: "49d17h2m47.295s",
	} {
		require.Equal(t, want, FormatInterval(ms))
	}
}
