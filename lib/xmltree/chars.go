package xmltree

import (
	"encoding/binary"
	"unicode/utf8"
)

// eof ends the parser's copy of the input. U+0000 is not an XML character, so
// once checkChars has passed it can only be the end, and no loop over the input
// needs a second condition for it.
const eof = 0

// Classes of bytes, as bits of the table classes.
const (
	clsNameStart  = 1 << iota // may begin a name
	clsName                   // may be inside a name
	clsSpace                  // white space: blank, tab, line feed, carriage return
	clsStopDouble             // ends the fast scan of a "value"
	clsStopSingle             // ends the fast scan of a 'value'
	clsEscape                 // is escaped in a printed value
)

var classes = makeClasses()

func makeClasses() (t [256]uint8) {
	for c := range 128 {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == ':':
			t[c] |= clsNameStart | clsName
		case '0' <= c && c <= '9', c == '-', c == '.':
			t[c] |= clsName
		case c < 0x20, c == 0x7F:
			t[c] |= clsEscape
		}
	}
	for _, c := range []byte(" \t\r\n") {
		t[c] |= clsSpace
	}
	for _, c := range []byte("<&\t\r\n\x00") {
		t[c] |= clsStopDouble | clsStopSingle
	}
	t['"'] |= clsStopDouble
	t['\''] |= clsStopSingle
	for _, c := range []byte(`<>&"`) {
		t[c] |= clsEscape
	}
	return t
}

// nameEnd returns the end of the name that starts at i, or i when no name
// starts there. Names are those of XML 1.0, fifth edition, production 5.
func nameEnd(s string, i int) int {
	start := i
	if classes[s[i]]&clsNameStart != 0 {
		for i++; classes[s[i]]&clsName != 0; i++ {
		}
	}
	if s[i] >= utf8.RuneSelf {
		return wideNameEnd(s, start, i)
	}
	return i
}

// wideNameEnd continues nameEnd at the first byte outside ASCII.
func wideNameEnd(s string, start, i int) int {
	for {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if !isNameStart(r) && (i == start || !isNameChar(r)) {
			return i
		}
		i += size
	}
}

func isNameStart(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return classes[r]&clsNameStart != 0
	case r < 0x300:
		return r >= 0xC0 && r != 0xD7 && r != 0xF7
	case r < 0x2000:
		return r >= 0x370 && r != 0x37E
	case r < 0x3001:
		return r == 0x200C || r == 0x200D || 0x2070 <= r && r <= 0x218F || 0x2C00 <= r && r <= 0x2FEF
	default:
		return r <= 0xD7FF || 0xF900 <= r && r <= 0xFDCF || 0xFDF0 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0xEFFFF
	}
}

// isNameChar tells whether the character may follow in a name, apart from
// those that may begin one.
func isNameChar(r rune) bool {
	if r < utf8.RuneSelf {
		return classes[r]&clsName != 0
	}
	return r == 0xB7 || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// isChar tells whether XML 1.0 allows the character (production 2).
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	default:
		return 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= utf8.MaxRune
	}
}

// checkChars returns the offset of the first byte that is not part of a valid
// UTF-8 encoding of an XML character, or -1, and the offset of the first byte
// outside ASCII, or -1. It looks at eight bytes at a time: a CIB is nearly all
// printable ASCII.
func checkChars(data []byte) (bad, wide int) {
	const (
		high = 0x8080808080808080
		low  = 0x2020202020202020
	)
	wide = -1
	i := 0
	for i+8 <= len(data) {
		// A byte below 0x20 borrows into its top bit when 0x20 is subtracted.
		// A borrow can also reach a neighbour; that only costs a closer look.
		w := binary.LittleEndian.Uint64(data[i:])
		if (w|(w-low)&^w)&high == 0 {
			i += 8
			continue
		}
		if bad, i, wide = checkRun(data, i, i+8, wide); bad >= 0 {
			return bad, wide
		}
	}
	bad, _, wide = checkRun(data, i, len(data), wide)
	return bad, wide
}

// checkRun looks at the characters that begin in data[i:end], one by one.
func checkRun(data []byte, i, end, wide int) (bad, next, firstWide int) {
	for i < end {
		if c := data[i]; c < utf8.RuneSelf {
			if c < 0x20 && classes[c]&clsSpace == 0 {
				return i, i, wide
			}
			i++
			continue
		}
		if wide < 0 {
			wide = i
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || !isChar(r) {
			return i, i, wide
		}
		i += size
	}
	return -1, i, wide
}
