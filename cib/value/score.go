package value

import "strconv"

// Score is how much something is wanted: from -Infinity to Infinity, both of
// which absorb what is added to them.
type Score int32

// Infinity is the score that beats every other one, except for its negative.
const Infinity Score = 1000000

// HealthScores is what the words red, yellow and green are worth in a score
// (01 §15.4). The zero value is that of the time before the cluster options
// have been read, and of the strategy none.
type HealthScores struct{ Red, Yellow, Green Score }

// String prints a score as Pacemaker displays it: INFINITY, -INFINITY or the
// number (01 §8.3).
func (s Score) String() string {
	switch {
	case s >= Infinity:
		return "INFINITY"
	case s <= -Infinity:
		return "-INFINITY"
	}
	return strconv.Itoa(int(s))
}

// AddScores adds with saturation. -INFINITY beats everything, also INFINITY,
// and INFINITY beats every number (01 §8.3).
func AddScores(a, b Score) Score {
	switch {
	case a <= -Infinity || b <= -Infinity:
		return -Infinity
	case a >= Infinity || b >= Infinity:
		return Infinity
	}
	return clip(int64(a) + int64(b))
}

func clip(n int64) Score {
	return Score(max(int64(-Infinity), min(int64(Infinity), n)))
}

// ParseScore reads a score (01 §8.3): INFINITY, +INFINITY, -INFINITY exactly so;
// red, yellow, green in any case; otherwise an integer, clipped to the infinities.
// An invalid text, such as "" or "infinity", gives 0 and false.
func ParseScore(text string, health HealthScores) (s Score, ok bool) {
	switch text {
	case "INFINITY", "+INFINITY":
		return Infinity, true
	case "-INFINITY":
		return -Infinity, true
	}
	if n, ok := ParseInteger(text); ok {
		return clip(n), true
	}
	switch {
	case EqualFold(text, "red"):
		return health.Red, true
	case EqualFold(text, "yellow"):
		return health.Yellow, true
	case EqualFold(text, "green"):
		return health.Green, true
	}
	return 0, false
}
