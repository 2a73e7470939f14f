package isotime

import "strconv"

// String prints the time in UTC as Pacemaker does: "2030-01-02 03:04:05Z".
func (t Time) String() string {
	return string(t.UTC().appendTo(make([]byte, 0, 24)))
}

// ZoneString prints the time in its own offset: "2030-01-02 03:04:05 +01:00",
// or with "Z" in UTC.
func (t Time) ZoneString() string {
	return string(t.appendTo(make([]byte, 0, 32)))
}

func (t Time) appendTo(b []byte) []byte {
	if t.IsZero() {
		return append(b, "<undefined time>"...)
	}
	y, m, d := t.Date()
	b = appendPadded(b, y, 4)
	b = append(b, '-')
	b = appendPadded(b, m, 2)
	b = append(b, '-')
	b = appendPadded(b, d, 2)
	b = append(b, ' ')
	h, m, s := t.Clock()
	b = appendPadded(b, h, 2)
	b = append(b, ':')
	b = appendPadded(b, m, 2)
	b = append(b, ':')
	b = appendPadded(b, s, 2)
	if t.Offset == 0 {
		return append(b, 'Z')
	}
	sign, offset := byte('+'), t.Offset
	if offset < 0 {
		sign, offset = '-', -offset
	}
	b = append(b, ' ', sign)
	b = appendPadded(b, offset/hour, 2)
	b = append(b, ':')
	return appendPadded(b, offset%hour/minute, 2)
}

// appendPadded appends a number with zeros in front up to the width. Pacemaker
// prints these numbers as unsigned, which only shows in years below 1.
func appendPadded(b []byte, n int32, width int) []byte {
	u := uint64(uint32(n))
	for limit := uint64(10); width > 1; width-- {
		if u < limit {
			b = append(b, "0000"[:width-1]...)
			break
		}
		limit *= 10
	}
	return strconv.AppendUint(b, u, 10)
}
