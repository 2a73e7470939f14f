package scheduler

import "systole/cib/value"

// Score is how much a resource wants a node: -INFINITY to INFINITY.
type Score = value.Score

// Infinity is the score that beats every other, but for its negative.
const Infinity = value.Infinity

// AddScores adds with saturation; -INFINITY beats INFINITY (04 §2.2).
func AddScores(a, b Score) Score { return value.AddScores(a, b) }

// HealthScores is what the words red, yellow and green mean in a score
// (01 §15.4).
type HealthScores = value.HealthScores
