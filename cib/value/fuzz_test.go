package value

import (
	"math"
	"testing"
)

// FuzzLiterals checks what must hold for every text, whichever literal it is
// read as.
func FuzzLiterals(f *testing.F) {
	for _, s := range []string{"", "true", "10abc", "-9223372036854775809", "INFINITY", "red", "1.9s", "PT1M", "99999999999999999999h", "-5us", "1.2.3", "0x1p-1074", "nan(", "1--5", "80%", "P2147483647Y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := ParseBool(s); v && !ok {
			t.Error("an invalid boolean is true")
		}
		clippedN, ok := ParseInteger(s)
		n, ok64 := ParseInteger64(s)
		if ok64 && !ok || n != clippedN {
			t.Errorf("integers disagree: %d %d", n, clippedN)
		}
		if v, ok := ParseScore(s, HealthScores{}); v < -Infinity || v > Infinity || !ok && v != 0 {
			t.Errorf("score %d %t", v, ok)
		}
		if ms, _ := ParseInterval(s); ms < 0 || ms > MaxInterval {
			t.Errorf("interval %d", ms)
		}
		if ms := Timeout(s); ms < 1 || ms > MaxTimeout {
			t.Errorf("timeout %d", ms)
		}
		if ms := StartDelay(s); ms < 0 || ms > MaxTimeout {
			t.Errorf("start-delay %d", ms)
		}
		if x, ok := ParseNumber(s); ok && x != 0 && math.Abs(x) <= smallest {
			t.Errorf("number %g", x)
		}
		IsPercentage(s)
		if r, ok := ParseRange(s); ok && r.Low > 0 && !r.Contains(r.Low) && r.High >= r.Low {
			t.Errorf("range %v does not contain its end", r)
		}
		if CompareVersions(s, s) != 0 || CompareNames(s, s) != 0 || CompareFold(s, s) != 0 || !EqualFold(s, s) {
			t.Error("a text differs from itself")
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("1.2", "1.10")
	f.Add("node007", "node7")
	f.Add("", "a")
	f.Fuzz(func(t *testing.T, a, b string) {
		if CompareVersions(a, b) != -CompareVersions(b, a) {
			t.Error("versions")
		}
		if CompareNames(a, b) != -CompareNames(b, a) {
			t.Error("names")
		}
		if (CompareFold(a, b) == 0) != EqualFold(a, b) {
			t.Error("fold")
		}
	})
}
