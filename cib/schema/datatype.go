package schema

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is the syntax of an attribute's value.
type kind uint8

const (
	kindText    kind = iota
	kindID           // an NCName no other ID attribute has
	kindIDREF        // the value of some ID attribute
	kindOldRef       // an IDREF until pacemaker-3.2, free text since
	kindEnum         // one of datatype.values
	kindScore        // an integer or an infinity
	kindInteger      // xsd:integer
	kindCount        // xsd:nonNegativeInteger
	kindLevel        // xsd:positiveInteger, at most 9 since pacemaker-4.0
	kindBoolean      // xsd:boolean
	kindRange        // digits and dashes
	kindDevices      // a comma-separated list of resource names
)

// datatype is the type of an attribute.
type datatype struct {
	name   string // as the tables call it
	kind   kind
	values []choice // of kindEnum
	what   string   // what messages say is expected
}

// choice is a value of an enumeration.
type choice struct {
	text string
	in   Set
}

// check returns the versions in which the value is of the type, and for an
// enumeration the place of the value in it. It says nothing about whether an
// ID is unique or what an IDREF refers to.
func (t *datatype) check(value string) (in Set, place int) {
	ok := false
	switch t.kind {
	case kindText:
		return allVersions, 0
	case kindEnum:
		return t.checkEnum(value)
	case kindOldRef:
		if isNCName(trim(value)) {
			return allVersions, 0
		}
		return span(V3_3, Latest), 0
	case kindLevel:
		return checkLevel(trim(value)), 0
	case kindID, kindIDREF:
		ok = isNCName(trim(value))
	case kindScore:
		ok = isInteger(trim(value)) || isInfinity(collapse(value))
	case kindInteger:
		ok = isInteger(trim(value))
	case kindCount:
		ok = isCount(trim(value))
	case kindBoolean:
		switch trim(value) {
		case "true", "false", "1", "0":
			ok = true
		}
	case kindRange:
		ok = isRange(value)
	case kindDevices:
		ok = isDeviceList(value)
	}
	if ok {
		return allVersions, 0
	}
	return 0, 0
}

func (t *datatype) checkEnum(value string) (in Set, place int) {
	for i := range t.values {
		if t.values[i].text == value {
			return t.values[i].in, i
		}
	}
	if c := collapse(value); c != value {
		return t.checkEnum(c)
	}
	return 0, 0
}

func isInfinity(s string) bool {
	return s == "INFINITY" || s == "+INFINITY" || s == "-INFINITY"
}

// digits returns the digits of a number with at most one sign, leading zeros
// removed, and tells whether it is one.
func digits(s string) (negative bool, text string, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if s == "" {
		return false, "", false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false, "", false
		}
	}
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return negative, s, true
}

// maxDigits is the size of the largest integer the XML library that Pacemaker
// uses can hold; it calls longer ones invalid.
const maxDigits = 24

func isInteger(s string) bool {
	_, text, ok := digits(s)
	return ok && len(text) <= maxDigits
}

func isCount(s string) bool {
	negative, text, ok := digits(s)
	return ok && len(text) <= maxDigits && (!negative || text == "0")
}

func checkLevel(s string) Set {
	negative, text, ok := digits(s)
	switch {
	case !ok || negative || text == "0" || len(text) > maxDigits:
		return 0
	case len(text) > 1:
		return span(Oldest, V3_10)
	}
	return allVersions
}

func isRange(s string) bool {
	for i := range len(s) {
		if s[i] != '-' && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

func isDeviceList(s string) bool {
	length := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ',' && length > 0:
			length = 0
		case c == '_', c == '.', c == '-', '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			length++
		default:
			return false
		}
	}
	return length > 0
}

// isNCName tells whether the value can be an ID: a letter or underscore, then
// letters, digits, dots, dashes and underscores. Letters outside ASCII go by
// today's Unicode, which knows more of them than XML 1.0 did.
func isNCName(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		case i > 0 && ('0' <= c && c <= '9' || c == '-' || c == '.'):
		case c >= utf8.RuneSelf:
			return isWideNCName(s, i)
		default:
			return false
		}
	}
	return s != ""
}

func isWideNCName(s string, from int) bool {
	for i, r := range s[from:] {
		switch {
		case r == '_' || r != utf8.RuneError && unicode.IsLetter(r):
		case i+from > 0 && (r == '-' || r == '.' || r == 0xB7 || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Lm, r)):
		default:
			return false
		}
	}
	return true
}

// trim removes XML white space at both ends.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[len(s)-1] > ' ' {
		return s
	}
	return strings.Trim(s, " \t\r\n")
}

// collapse also makes runs of white space inside one blank. It allocates only
// when there is something to change.
func collapse(s string) string {
	s = trim(s)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == ' ' && s[i-1] == ' ' {
			return strings.Join(strings.FieldsFunc(s, isSpace), " ")
		}
	}
	return s
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
