package xmltree

import "strings"

// declaration reads <?xml version="1.0" encoding="..." standalone="..."?>, when
// the document begins with one.
func (p *parser) declaration() error {
	start := p.pos
	if !strings.HasPrefix(p.s[start:], "<?xml") || nameEnd(p.s, start+2) != start+len("<?xml") {
		return nil
	}
	p.pos += len("<?xml")
	version, ok, err := p.pseudoAttribute("version")
	if err != nil {
		return err
	}
	if !ok {
		return p.fail(p.pos, `expected version="1.0" in the XML declaration, found %s`, p.found(p.skipSpace(p.pos)))
	}
	if version != "1.0" {
		return p.fail(start, `XML version %q is not supported; expected version="1.0"`, clip(version))
	}
	encoding, ok, err := p.pseudoAttribute("encoding")
	if err != nil {
		return err
	}
	if ok {
		if err := p.encoding(start, encoding); err != nil {
			return err
		}
	}
	standalone, ok, err := p.pseudoAttribute("standalone")
	if err != nil {
		return err
	}
	if ok && standalone != "yes" && standalone != "no" {
		return p.fail(start, `standalone=%q in the XML declaration; expected "yes" or "no"`, clip(standalone))
	}
	p.pos = p.skipSpace(p.pos)
	if !strings.HasPrefix(p.s[p.pos:], "?>") {
		return p.fail(p.pos, "expected '?>' to close the XML declaration, found %s", p.found(p.pos))
	}
	p.pos += len("?>")
	return nil
}

// encoding checks the declared encoding against what the document is.
func (p *parser) encoding(pos int, name string) error {
	switch strings.ToUpper(name) {
	case "UTF-8", "UTF8":
		return nil
	case "US-ASCII", "ASCII":
		if p.wide >= p.pos {
			return p.fail(p.wide, "a character outside ASCII in a document that declares encoding=%q; declare UTF-8", name)
		}
		return nil
	}
	return p.fail(pos, "encoding %q is not supported; convert the document to UTF-8", clip(name))
}

// pseudoAttribute reads the named part of the XML declaration at the current
// place, when it is there.
func (p *parser) pseudoAttribute(name string) (value string, ok bool, err error) {
	i := p.skipSpace(p.pos)
	if i == p.pos || !strings.HasPrefix(p.s[i:], name) {
		return "", false, nil
	}
	i = p.skipSpace(i + len(name))
	if p.s[i] != '=' {
		return "", false, p.fail(i, "expected '=' after %s in the XML declaration, found %s", name, p.found(i))
	}
	i = p.skipSpace(i + 1)
	quote := p.s[i]
	if quote != '"' && quote != '\'' {
		return "", false, p.fail(i, "expected the value of %s in the XML declaration in quotes, found %s", name, p.found(i))
	}
	n := strings.IndexByte(p.s[i+1:], quote)
	if n < 0 {
		return "", false, p.fail(i, "the value of %s in the XML declaration is not closed; expected %c", name, quote)
	}
	p.pos = i + 1 + n + 1
	return p.s[i+1 : i+1+n], true, nil
}
