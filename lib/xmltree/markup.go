package xmltree

import "strings"

// misc reads what may stand before the root element (prolog) or after it.
// It stops at the root element's '<' or at the end of the document.
func (p *parser) misc(prolog bool) error {
	doctype := false
	for {
		p.pos = p.skipSpace(p.pos)
		s := p.s[p.pos:]
		var err error
		switch {
		case s[0] == eof:
			return nil
		case s[0] != '<':
			err = p.fail(p.pos, "text is not allowed outside the root element, found %s; remove it", p.found(p.pos))
		case strings.HasPrefix(s, "<?"):
			err = p.instruction()
		case strings.HasPrefix(s, "<!--"):
			_, err = p.comment()
		case prolog && !doctype && strings.HasPrefix(s, "<!DOCTYPE"):
			doctype = true
			err = p.doctype()
		case prolog && strings.HasPrefix(s, "<!DOCTYPE"):
			err = p.fail(p.pos, "a document may have only one DOCTYPE; remove this one")
		case s[1] == '!':
			err = p.fail(p.pos, "expected a comment, <!-- ... -->, or nothing outside the root element, found '<!'")
		case s[1] == '/':
			err = p.fail(p.pos, "an end tag without a start tag; remove it")
		case !prolog:
			err = p.fail(p.pos, "a document has one root element, <%s>; remove the second one", clip(p.root.Name))
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// bang reads what may begin with "<!" inside an element.
func (p *parser) bang() error {
	s := p.s[p.pos:]
	switch {
	case strings.HasPrefix(s, "<!--"):
		start := p.pos
		text, err := p.comment()
		if err != nil {
			return err
		}
		c, err := p.add(start)
		if err != nil {
			return err
		}
		c.Kind, c.Text = KindComment, text
		return nil
	case strings.HasPrefix(s, "<![CDATA["):
		n := strings.Index(s, "]]>")
		if n < 0 {
			return p.fail(p.pos, "the CDATA section is not closed; expected ']]>'")
		}
		p.pos += n + len("]]>")
		return nil
	case strings.HasPrefix(s, "<!DOCTYPE"):
		return p.fail(p.pos, "a DOCTYPE is not allowed inside an element; remove it")
	}
	return p.fail(p.pos, "expected a comment, <!-- ... -->, or a CDATA section, <![CDATA[ ... ]]>, after '<!'")
}

// comment reads <!-- ... --> and returns its text.
func (p *parser) comment() (string, error) {
	start := p.pos + len("<!--")
	n := strings.Index(p.s[start:], "--")
	if n < 0 {
		return "", p.fail(p.pos, "the comment is not closed; expected '-->'")
	}
	end := start + n
	if p.s[end+2] != '>' {
		return "", p.fail(end, "'--' is not allowed inside a comment; expected '-->' to close it")
	}
	if n > p.lim.ValueLen {
		return "", p.over(p.pos, "ValueLen", p.lim.ValueLen, "the comment is too long")
	}
	p.pos = end + len("-->")
	return lineEnds(p.s[start:end]), nil
}

// instruction skips a processing instruction.
func (p *parser) instruction() error {
	start := p.pos + len("<?")
	end := nameEnd(p.s, start)
	if end == start {
		return p.fail(start, "expected the target of a processing instruction after '<?', found %s", p.found(start))
	}
	if strings.EqualFold(p.s[start:end], "xml") {
		return p.fail(p.pos, "the XML declaration is allowed only as the very first characters of the document; remove what stands before it, or the declaration")
	}
	n := strings.Index(p.s[end:], "?>")
	if n < 0 {
		return p.fail(p.pos, "the processing instruction is not closed; expected '?>'")
	}
	if n > 0 && classes[p.s[end]]&clsSpace == 0 {
		return p.fail(end, "expected a blank or '?>' after <?%s, found %s", clip(p.s[start:end]), p.found(end))
	}
	p.pos = end + n + len("?>")
	return nil
}

// doctype reads <!DOCTYPE name SYSTEM "uri"> and the like. Nothing is loaded.
// An internal subset could define entities, and with them documents that grow
// beyond all limits when read; no CIB needs one.
func (p *parser) doctype() error {
	i := p.pos + len("<!DOCTYPE")
	if classes[p.s[i]]&clsSpace == 0 {
		return p.fail(i, "expected a blank after <!DOCTYPE, found %s", p.found(i))
	}
	i = p.skipSpace(i)
	end := nameEnd(p.s, i)
	if end == i {
		return p.fail(i, "expected the root element's name after <!DOCTYPE, found %s", p.found(i))
	}
	i, err := p.externalID(end)
	if err != nil {
		return err
	}
	switch i = p.skipSpace(i); p.s[i] {
	case '>':
		p.pos = i + 1
		return nil
	case '[':
		return p.fail(i, "a DOCTYPE with an internal subset is refused, since declarations and entities are not supported; remove the part from '[' to ']'")
	}
	return p.fail(i, "expected '>' to close <!DOCTYPE, found %s", p.found(i))
}

// externalID reads SYSTEM "uri" or PUBLIC "id" "uri", when there is one, and
// returns the offset after it.
func (p *parser) externalID(end int) (int, error) {
	i := p.skipSpace(end)
	literals := 0
	switch {
	case i == end:
		return end, nil
	case strings.HasPrefix(p.s[i:], "SYSTEM"):
		literals = 1
	case strings.HasPrefix(p.s[i:], "PUBLIC"):
		literals = 2
	default:
		return end, nil
	}
	i += len("SYSTEM")
	for range literals {
		at := p.skipSpace(i)
		quote := p.s[at]
		if at == i || quote != '"' && quote != '\'' {
			return 0, p.fail(at, "expected a blank and a quoted identifier in <!DOCTYPE, found %s", p.found(at))
		}
		n := strings.IndexByte(p.s[at+1:], quote)
		if n < 0 {
			return 0, p.fail(at, "the identifier in <!DOCTYPE is not closed; expected %c", quote)
		}
		if lit := p.s[at+1 : at+1+n]; literals == 2 && strings.IndexFunc(lit, notPublicID) >= 0 {
			return 0, p.fail(at, "the public identifier %q has characters that are not allowed in one", clip(lit))
		}
		i, literals = at+1+n+1, 1
	}
	return i, nil
}

// notPublicID tells the characters outside XML 1.0 production 13.
func notPublicID(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune(" \r\n-'()+,./:=?;!*#@$_%", r)
}
