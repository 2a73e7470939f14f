package scheduler

import "strconv"

// readableInterval writes an interval as Pacemaker's messages do: 1m30s,
// 1.500s, 0s.
func readableInterval(ms uint32) string {
	if ms == 0 {
		return "0s"
	}
	text := ""
	for _, unit := range [...]struct {
		ms   uint32
		name string
	}{{86400000, "d"}, {3600000, "h"}, {60000, "m"}} {
		if n := ms / unit.ms; n > 0 {
			text += utoa(n) + unit.name
			ms %= unit.ms
		}
	}
	switch {
	case ms == 0:
	case ms%1000 == 0:
		text += utoa(ms/1000) + "s"
	case ms > 1000:
		frac := strconv.Itoa(int(ms%1000) + 1000)[1:]
		text += utoa(ms/1000) + "." + frac + "s"
	default:
		text += utoa(ms) + "ms"
	}
	return text
}
