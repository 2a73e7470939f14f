package xmltree

import (
	"strings"
	"unicode/utf8"
)

// normalise reads on in an attribute value that needs more than a copy, from
// end, the first such place; start is its beginning. It returns the value and
// the place of the closing quote. White space written as such becomes blanks
// (XML 1.0 §3.3.3), a carriage return with its line feed becoming one (§2.11);
// white space written as a reference stays.
func (p *parser) normalise(start, end int, quote byte) (string, int, error) {
	s, i := p.s, end
	buf := append(p.buf[:0], s[start:end]...)
	for {
		switch c := s[i]; c {
		case quote:
			p.buf = buf
			return string(buf), i, nil
		case '<':
			return "", 0, p.fail(i, "'<' is not allowed in an attribute value; write &lt;, or close the value before it")
		case eof:
			return "", 0, p.fail(i, "the document ends inside an attribute value; expected %c", quote)
		case '&':
			r, next, err := p.reference(i)
			if err != nil {
				return "", 0, err
			}
			buf = utf8.AppendRune(buf, r)
			i = next
		case '\r':
			if s[i+1] == '\n' {
				i++
			}
			fallthrough
		case '\n', '\t':
			buf = append(buf, ' ')
			i++
		default:
			run := i
			for i++; classes[s[i]]&(clsStopDouble|clsStopSingle) == 0; i++ {
			}
			buf = append(buf, s[run:i]...)
		}
	}
}

// reference reads the reference whose '&' is at i, and returns its character
// and the offset after it.
func (p *parser) reference(i int) (rune, int, error) {
	if p.s[i+1] == '#' {
		return p.charReference(i)
	}
	start := i + 1
	end := nameEnd(p.s, start)
	if end == start {
		return 0, 0, p.fail(i, "expected a name or '#' after '&', found %s; write &amp; for a plain '&'", p.found(end))
	}
	name := p.s[start:end]
	if p.s[end] != ';' {
		return 0, 0, p.fail(end, "expected ';' after &%s, found %s; write &amp; for a plain '&'", clip(name), p.found(end))
	}
	switch name {
	case "amp":
		return '&', end + 1, nil
	case "lt":
		return '<', end + 1, nil
	case "gt":
		return '>', end + 1, nil
	case "quot":
		return '"', end + 1, nil
	case "apos":
		return '\'', end + 1, nil
	}
	return 0, 0, p.fail(i, "entity &%s; is not known; only &amp; &lt; &gt; &quot; &apos; and character references such as &#10; are", clip(name))
}

// charReference reads &#10; or &#xA; whose '&' is at i.
func (p *parser) charReference(i int) (rune, int, error) {
	start, base := i+len("&#"), rune(10)
	if p.s[start] == 'x' {
		start, base = start+1, 16
	}
	r, end := rune(0), start
	for ; ; end++ {
		d := digit(p.s[end])
		if d >= base {
			break
		}
		r = min(r*base+d, utf8.MaxRune+1)
	}
	if end == start || p.s[end] != ';' {
		return 0, 0, p.fail(i, "expected digits and ';' in a character reference such as &#10; or &#xA;, found %s", p.found(end))
	}
	if !isChar(r) {
		return 0, 0, p.fail(i, "the character reference %s is not an XML character; remove it", clip(p.s[i:end+1]))
	}
	return r, end + 1, nil
}

// digit returns the value of a hexadecimal digit, or 16.
func digit(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return 16
}

// lineEnds replaces "\r\n" and lone "\r" by "\n" (XML 1.0 §2.11).
func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
