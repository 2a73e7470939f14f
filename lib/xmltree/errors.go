package xmltree

import (
	"fmt"
	"strings"
)

// SyntaxError tells where a document is not well-formed, or uses a part of XML
// that this package refuses on purpose (a DTD, an entity, a foreign encoding).
type SyntaxError struct {
	Line int    // 1-based
	Col  int    // 1-based, in bytes
	Msg  string // what is wrong and what was expected
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Col, e.Msg)
}

// LimitError tells that a document is larger than the reader allows. It is not
// a statement about the document being wrong, hence a type of its own.
type LimitError struct {
	Limit string // the name of the field of Limits
	Max   int    // its value
	Line  int    // 1-based; 0 when the document was refused unread
	Col   int    // 1-based, in bytes
	Msg   string // what was exceeded
}

func (e *LimitError) Error() string {
	where := ""
	if e.Line > 0 {
		where = fmt.Sprintf("line %d, column %d: ", e.Line, e.Col)
	}
	return fmt.Sprintf("%s%s (limit %s is %d); make the document smaller or raise the limit",
		where, e.Msg, e.Limit, e.Max)
}

// place gives the line and column of an offset. It counts from the start: it
// is called once, for the error that ends the parse.
func place(s string, pos int) (line, col int) {
	before := s[:pos]
	return 1 + strings.Count(before, "\n"), pos - strings.LastIndexByte(before, '\n')
}

func (p *parser) fail(pos int, format string, args ...any) error {
	line, col := place(p.s, pos)
	return &SyntaxError{Line: line, Col: col, Msg: fmt.Sprintf(format, args...)}
}

func (p *parser) over(pos int, limit string, limitMax int, format string, args ...any) error {
	line, col := place(p.s, pos)
	return &LimitError{Limit: limit, Max: limitMax, Line: line, Col: col, Msg: fmt.Sprintf(format, args...)}
}

// found describes the input at an offset for the second half of a message.
func (p *parser) found(pos int) string {
	switch c := p.s[pos]; c {
	case eof:
		return "the end of the document"
	case '\n', '\r':
		return "the end of the line"
	case ' ', '\t':
		return "a blank"
	case '\'':
		return `"'"`
	default:
		for _, r := range p.s[pos:] {
			return "'" + string(r) + "'"
		}
		return ""
	}
}

// clip shortens a name or value for a message, so that a hostile document
// cannot fill the log.
func clip(s string) string {
	const longest = 64
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "..."
}
