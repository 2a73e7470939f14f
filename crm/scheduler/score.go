package scheduler

import "strconv"

// Score is how much a resource wants a node: -INFINITY to INFINITY.
type Score int32

// Infinity is the score that beats every other, but for its negative.
const Infinity Score = 1000000

// AddScores adds with saturation; -INFINITY beats INFINITY (04 §2.2).
func AddScores(a, b Score) Score {
	switch {
	case a <= -Infinity || b <= -Infinity:
		return -Infinity
	case a >= Infinity || b >= Infinity:
		return Infinity
	}
	return max(-Infinity, min(Infinity, a+b))
}

// String prints a score as Pacemaker does (04 §2.3).
func (s Score) String() string {
	switch {
	case s >= Infinity:
		return "INFINITY"
	case s <= -Infinity:
		return "-INFINITY"
	}
	return strconv.Itoa(int(s))
}

// HealthScores is what the words red, yellow and green mean in a score
// (01 §15.4).
type HealthScores struct{ Red, Yellow, Green Score }
