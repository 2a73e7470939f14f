package isotime

import "math"

// Duration is an ISO 8601 duration (01 §9.4). It has no definite length: a
// month is as long as the one it is added to.
type Duration struct {
	Years, Months, Days, Seconds int32
}

// TotalSeconds returns the length with 365-day years and 30-day months.
func (d Duration) TotalSeconds() int64 {
	return (365*int64(d.Years)+30*int64(d.Months)+int64(d.Days))*day + int64(d.Seconds)
}

// ParseDuration reads a duration (01 §9.4): P, then numbers with a unit, up to
// a blank, a slash or the end. One that comes to nothing is invalid.
func ParseDuration(text string) (d Duration, ok bool) {
	if text == "" || text[0] != 'P' {
		return Duration{}, false
	}
	inTime := false
	for text = text[1:]; text != "" && text[0] != '/' && !isSpace(text[0]); {
		if text[0] == 'T' {
			inTime = true
			text = text[1:]
			continue
		}
		n, rest, ok := durationNumber(text)
		if !ok || rest == "" || !d.add(n, rest[0], inTime) {
			return Duration{}, false
		}
		text = rest[1:]
	}
	return d, d != Duration{}
}

// add takes in one element. Years and months replace, the others add up.
func (d *Duration) add(n int32, unit byte, inTime bool) bool {
	switch unit {
	case 'Y':
		d.Years = n
		return true
	case 'M':
		if inTime {
			return addTo(&d.Seconds, n, minute)
		}
		d.Months = n
		return true
	case 'W':
		return addTo(&d.Days, n, 7)
	case 'D':
		return addTo(&d.Days, n, 1)
	case 'H':
		return addTo(&d.Seconds, n, hour)
	case 'S':
		return addTo(&d.Seconds, n, 1)
	}
	return false
}

// addTo adds n times size, unless the sum is beyond 32 bits.
func addTo(sum *int32, n int32, size int64) bool {
	total := int64(*sum) + int64(n)*size
	if total < math.MinInt32 || total > math.MaxInt32 {
		return false
	}
	*sum = int32(total)
	return true
}

// durationNumber reads one of "-", "+" and ":" and up to ten digits.
func durationNumber(s string) (n int32, rest string, ok bool) {
	i, negative := 0, false
	if s[0] == '-' || s[0] == '+' || s[0] == ':' {
		negative = s[0] == '-'
		i = 1
	}
	first := i
	var v int64
	for ; i < len(s) && i-first < 10 && isDigit(s[i]); i++ {
		v = v*10 + int64(s[i]-'0')
		if v > math.MaxInt32 {
			return 0, s, false
		}
	}
	if negative {
		v = -v
	}
	return int32(v), s[i:], i > first
}
