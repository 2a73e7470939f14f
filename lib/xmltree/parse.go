package xmltree

import (
	"math"
	"strings"
)

// parser reads one document. Positions are offsets into s.
type parser struct {
	s       string // the input and one eof byte
	pos     int
	lim     Limits
	wide    int // offset of the first byte outside ASCII, or -1
	slabs   slabs
	lines   lineCounter
	root    *Element
	cur     *Element   // the innermost open element
	pending []*Element // children read so far, of all open elements
	frames  []int      // where in pending the children of each open element begin
	nodes   int
	attrs   int    // of finished elements
	buf     []byte // scratch of unescaping
}

// Parse reads a document and returns its root element.
//
// The document must be well-formed XML 1.0 in UTF-8 or US-ASCII. Beyond that:
// a DOCTYPE is accepted only without an internal subset, and what it names is
// never loaded; the predefined entities and character references are the only
// references; processing instructions, CDATA sections and all text are checked
// and dropped (01 §1.2); comments inside the root element are kept, those
// outside are not; a prefix stays part of its name, and namespaces are not
// resolved. Line ends and white space in attribute values are normalised as
// XML 1.0 prescribes.
//
// The strings of the tree are slices of one copy of data, which therefore lives
// as long as any of them; data itself may be reused. Errors are of type
// *SyntaxError or *LimitError.
func Parse(data []byte, lim Limits) (*Element, error) {
	lim = lim.WithDefaults()
	if len(data) > lim.Bytes {
		return nil, &LimitError{Limit: "Bytes", Max: lim.Bytes, Msg: "the document is too long"}
	}
	p := &parser{lim: lim, lines: lineCounter{line: 1}}
	if err := p.load(data); err != nil {
		return nil, err
	}
	p.slabs = newSlabs(len(data))
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.root, nil
}

// load checks the characters of the input and copies it.
func (p *parser) load(data []byte) error {
	if len(data) >= 2 && (data[0] == 0xFE && data[1] == 0xFF || data[0] == 0xFF && data[1] == 0xFE) {
		return &SyntaxError{1, 1, "the document is encoded in UTF-16; convert it to UTF-8"}
	}
	var bad int
	bad, p.wide = checkChars(data)
	if bad >= 0 {
		p.s = string(data[:bad])
		if data[bad] < 0x20 {
			return p.fail(bad, "the control character 0x%02X is not allowed in XML; remove it", data[bad])
		}
		return p.fail(bad, "the byte 0x%02X does not begin a valid UTF-8 character; save the document as UTF-8", data[bad])
	}
	var b strings.Builder
	b.Grow(len(data) + 1)
	b.Write(data)
	b.WriteByte(eof)
	p.s = b.String()
	return nil
}

func (p *parser) document() error {
	const bom = "\ufeff"
	if strings.HasPrefix(p.s, bom) {
		p.pos = len(bom)
	}
	if err := p.declaration(); err != nil {
		return err
	}
	if err := p.misc(true); err != nil {
		return err
	}
	if p.s[p.pos] == eof {
		return p.fail(p.pos, "the document has no root element; expected one, such as <cib>")
	}
	if err := p.content(); err != nil {
		return err
	}
	return p.misc(false)
}

// content reads from the root element's start tag to its end tag.
func (p *parser) content() error {
	for {
		var err error
		switch p.s[p.pos+1] {
		case '/':
			err = p.endTag()
		case '!':
			err = p.bang()
		case '?':
			err = p.instruction()
		default:
			err = p.startTag()
		}
		if err != nil {
			return err
		}
		if p.cur == nil {
			return nil
		}
		if err := p.text(); err != nil {
			return err
		}
	}
}

// text checks and drops character data up to the next '<' inside an element.
func (p *parser) text() error {
	s, i := p.s, p.pos
	for classes[s[i]]&clsSpace != 0 {
		i++
	}
	for {
		switch s[i] {
		case '<':
			p.pos = i
			return nil
		case eof:
			return p.fail(i, "the document ends inside <%s>, opened at line %d; expected </%s>",
				clip(p.cur.Name), p.cur.Line, clip(p.cur.Name))
		case '&':
			_, next, err := p.reference(i)
			if err != nil {
				return err
			}
			i = next
		case ']':
			if strings.HasPrefix(s[i:], "]]>") {
				return p.fail(i, "']]>' is not allowed in text; write ]]&gt;")
			}
			i++
		default:
			i++
		}
	}
}

// add makes a node for the markup at pos and hangs it below the open element.
func (p *parser) add(pos int) (*Element, error) {
	if p.nodes++; p.nodes > p.lim.Elements {
		return nil, p.over(pos, "Elements", p.lim.Elements, "the document has too many elements and comments")
	}
	e := p.slabs.element()
	e.Line, e.Col = p.lines.at(p.s, pos)
	if p.cur != nil {
		e.Parent = p.cur
		p.pending = append(p.pending, e)
	}
	return e, nil
}

// open makes e the innermost open element.
func (p *parser) open(e *Element, pos int) error {
	if len(p.frames) >= p.lim.Depth {
		return p.over(pos, "Depth", p.lim.Depth, "<%s> is nested too deeply", clip(e.Name))
	}
	p.frames = append(p.frames, len(p.pending))
	p.cur = e
	return nil
}

// close ends the innermost open element.
func (p *parser) close() {
	last := len(p.frames) - 1
	base := p.frames[last]
	p.cur.Children = p.slabs.children(p.pending[base:])
	p.pending = p.pending[:base]
	p.frames = p.frames[:last]
	p.cur = p.cur.Parent
}

func (p *parser) endTag() error {
	s, name := p.s, p.cur.Name
	i := p.pos + len("</")
	if strings.HasPrefix(s[i:], name) {
		i += len(name)
		for classes[s[i]]&clsSpace != 0 {
			i++
		}
		if s[i] == '>' {
			p.close()
			p.pos = i + 1
			return nil
		}
	}
	return p.badEndTag()
}

func (p *parser) badEndTag() error {
	start := p.pos + len("</")
	end := nameEnd(p.s, start)
	open := clip(p.cur.Name)
	switch found := p.s[start:end]; {
	case found == "":
		return p.fail(start, "expected the name of the open element, </%s>, found %s", open, p.found(start))
	case found != p.cur.Name:
		return p.fail(p.pos, "expected </%s> to close <%s>, opened at line %d, column %d; found </%s>",
			open, open, p.cur.Line, p.cur.Col, clip(found))
	default:
		i := p.skipSpace(end)
		return p.fail(i, "expected '>' after </%s, found %s", open, p.found(i))
	}
}

func (p *parser) skipSpace(i int) int {
	for classes[p.s[i]]&clsSpace != 0 {
		i++
	}
	return i
}

// lineCounter gives places for growing offsets, looking at every byte once.
type lineCounter struct {
	line      int
	lineStart int // offset of the first byte of the line
	done      int // offset up to which lines are counted
}

func (c *lineCounter) at(s string, pos int) (line, col int32) {
	for {
		n := strings.IndexByte(s[c.done:pos], '\n')
		if n < 0 {
			break
		}
		c.done += n + 1
		c.lineStart = c.done
		c.line++
	}
	c.done = pos
	return int32(min(c.line, math.MaxInt32)), int32(min(pos-c.lineStart+1, math.MaxInt32))
}
