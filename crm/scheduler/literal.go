package scheduler

import (
	"math"
	"strings"

	"systole/cib/value"
)

// The literals of the CIB are read by package value; these are the short forms
// that the scheduler uses everywhere.

func parseBool(text string) (bool, bool)     { return value.ParseBool(text) }
func parseInteger(text string) (int64, bool) { return value.ParseInteger(text) }

// parseOptionInteger refuses what does not fit 64 bits.
func parseOptionInteger(text string) (int64, bool) { return value.ParseInteger64(text) }

func parseInterval(text string) (int64, bool) { return value.ParseInterval(text) }
func compareVersions(a, b string) int         { return value.CompareVersions(a, b) }

func isTrue(text string) bool {
	v, ok := value.ParseBool(text)
	return ok && v
}

func isFalse(text string) bool {
	v, ok := value.ParseBool(text)
	return ok && !v
}

// parseScore reads a score; red, yellow and green are worth what the health
// strategy says. An invalid or empty text gives 0 and false.
func (s *State) parseScore(text string) (Score, bool) {
	return value.ParseScore(text, s.Config.Health)
}

// parseMin reads an integer option with a minimum: an invalid value gives the
// minimum, not a default (03 §1.2).
func parseMin(text string, least int) int {
	n, ok := value.ParseInteger(text)
	if !ok || n < int64(least) {
		return least
	}
	return int(min(n, math.MaxInt32))
}

// parseCapacity reads a utilization value (05 §10.1.1).
func parseCapacity(text string) int32 {
	n, ok := value.ParseInteger(text)
	if !ok {
		return 0
	}
	return int32(max(math.MinInt32, min(math.MaxInt32, n)))
}

// secondsOf rounds milliseconds to seconds as Pacemaker does: .5 up, but never
// down to 0 (02 §3.1).
func secondsOf(ms int64) int64 {
	switch {
	case ms == 0:
		return 0
	case ms < 1000:
		return 1
	}
	return (ms + 500) / 1000
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }
