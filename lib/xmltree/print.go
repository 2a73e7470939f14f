package xmltree

import "io"

// PrintOptions says how a tree is printed. The zero value is Pacemaker's own
// layout: one element per line, two blanks a level, no XML declaration
// (01 §1.4).
type PrintOptions struct {
	// Compact leaves out indentation and line ends.
	Compact bool
	// Declaration begins with <?xml version="1.0"?> on a line of its own.
	Declaration bool
	// Skip, when not nil, tells the attributes that are left out, by name.
	Skip func(name string) bool
}

// flushSize is how much Write collects before it writes.
const flushSize = 64 << 10

// printer collects the text of a tree. With w, it writes what it has from time
// to time.
type printer struct {
	buf     []byte
	compact bool
	skip    func(name string) bool
	w       io.Writer
	err     error
}

// AppendXML appends the element and everything below it to dst. Values are
// escaped as Pacemaker does: & < > " by name, control characters (also tab and
// line ends) as &#x0A;. Names are printed as they are. In comments, a blank
// keeps hyphens apart that would end the comment.
func AppendXML(dst []byte, e *Element, opt PrintOptions) []byte {
	p := printer{buf: dst, compact: opt.Compact, skip: opt.Skip}
	p.document(e, opt)
	return p.buf
}

// Write prints the element and everything below it to w, as AppendXML does,
// and returns the first error of w.
func Write(w io.Writer, e *Element, opt PrintOptions) error {
	p := printer{buf: make([]byte, 0, flushSize+4<<10), compact: opt.Compact, skip: opt.Skip, w: w}
	p.document(e, opt)
	p.flush()
	return p.err
}

func (p *printer) document(e *Element, opt PrintOptions) {
	if opt.Declaration {
		p.buf = append(p.buf, `<?xml version="1.0"?>`+"\n"...)
	}
	if e != nil {
		p.node(e, 0)
	}
}

func (p *printer) flush() {
	if p.err == nil && len(p.buf) > 0 {
		_, p.err = p.w.Write(p.buf)
	}
	p.buf = p.buf[:0]
}

func (p *printer) node(e *Element, depth int) {
	if p.w != nil && len(p.buf) >= flushSize {
		p.flush()
	}
	if p.err != nil {
		return
	}
	p.indent(depth)
	if e.Kind == KindComment {
		p.buf = append(p.buf, "<!--"...)
		p.buf = appendComment(p.buf, e.Text)
		p.buf = append(p.buf, "-->"...)
		p.newline()
		return
	}
	p.buf = append(p.buf, '<')
	p.buf = append(p.buf, e.Name...)
	for i := range e.Attrs {
		if p.skip != nil && p.skip(e.Attrs[i].Name) {
			continue
		}
		p.buf = append(p.buf, ' ')
		p.buf = append(p.buf, e.Attrs[i].Name...)
		p.buf = append(p.buf, '=', '"')
		p.buf = AppendEscaped(p.buf, e.Attrs[i].Value)
		p.buf = append(p.buf, '"')
	}
	if len(e.Children) == 0 {
		p.buf = append(p.buf, '/', '>')
		p.newline()
		return
	}
	p.buf = append(p.buf, '>')
	p.newline()
	for _, c := range e.Children {
		p.node(c, depth+1)
	}
	p.indent(depth)
	p.buf = append(p.buf, '<', '/')
	p.buf = append(p.buf, e.Name...)
	p.buf = append(p.buf, '>')
	p.newline()
}

const blanks = "                                                                "

func (p *printer) indent(depth int) {
	if p.compact {
		return
	}
	n := 2 * depth
	for n > len(blanks) {
		p.buf = append(p.buf, blanks...)
		n -= len(blanks)
	}
	p.buf = append(p.buf, blanks[:n]...)
}

func (p *printer) newline() {
	if !p.compact {
		p.buf = append(p.buf, '\n')
	}
}

// AppendEscaped appends an attribute value, escaped as in AppendXML, without
// quotes around it.
func AppendEscaped(dst []byte, value string) []byte {
	run := 0
	for i := 0; i < len(value); i++ {
		c := value[i]
		if classes[c]&clsEscape == 0 {
			continue
		}
		dst = append(dst, value[run:i]...)
		dst = appendEscape(dst, c)
		run = i + 1
	}
	return append(dst, value[run:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '<':
		return append(dst, "&lt;"...)
	case '>':
		return append(dst, "&gt;"...)
	case '&':
		return append(dst, "&amp;"...)
	case '"':
		return append(dst, "&quot;"...)
	}
	const hex = "0123456789ABCDEF"
	return append(dst, '&', '#', 'x', hex[c>>4], hex[c&15], ';')
}

// appendComment appends the text of a comment; "--" cannot be written in one,
// nor a hyphen at its end.
func appendComment(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		dst = append(dst, text[i])
		if text[i] == '-' && (i+1 == len(text) || text[i+1] == '-') {
			dst = append(dst, ' ')
		}
	}
	return dst
}
