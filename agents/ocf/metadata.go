package ocf

import (
	"strconv"
	"strings"
)

// Metadata is the answer to the meta-data action, in the form that the resource
// manager of r understands.
//
// To one of API 1.1, and to a caller that names no version, the document is
// valid by the grammar of OCF 1.1. It is valid by ra-api-1.dtd as well: that
// grammar lacks what 1.1 has added, so the document declares it in its internal
// subset. Two things of 1.1 cannot be declared there and are put into words:
// options of a select, and that a parameter is deprecated.
//
// To one of API 1.0 the roles have their old names, and there is no reload-agent:
// such a manager calls reload when only parameters without unique="1" have changed.
// So that is how reloadable parameters are told from others.
func (d *Description) Metadata(r *Request) string {
	x := &xmlWriter{}
	x.line(`<?xml version="1.0"?>`)
	old := !r.API.AtLeast(1, 1)
	x.line(d.doctype(old))
	x.line(`<resource-agent` + attr("name", d.Name) + attr("version", d.Version) + `>`)
	if old {
		x.line(`<version>1.0</version>`)
	} else {
		x.line(`<version>1.1</version>`)
	}
	x.describe(d.Long, d.Short)
	x.line(`<parameters>`)
	for i := range d.Params {
		d.metadataParam(x, &d.Params[i], r, old)
	}
	x.line(`</parameters>`)
	x.line(`<actions>`)
	for _, a := range d.actions() {
		if old && a.Name == "reload-agent" {
			if d.listed("reload") {
				continue
			}
			a.Name = "reload"
		}
		x.line(metadataAction(a, old))
	}
	x.line(`</actions>`)
	x.line(`</resource-agent>`)
	return x.text.String()
}

func (d *Description) listed(action string) bool {
	for _, a := range d.Actions {
		if a.Name == action {
			return true
		}
	}
	return false
}

// doctype names the grammar, with what the document has beyond it.
func (d *Description) doctype(old bool) string {
	group, reloadable := false, false
	for i := range d.Params {
		group = group || d.Params[i].UniqueGroup != ""
		reloadable = reloadable || d.Params[i].Reloadable
	}
	agent := d.listed("reload-agent")
	const head = `<!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd"`
	if old || !group && !reloadable && !agent {
		return head + ">"
	}
	text := head + " [\n"
	if group {
		text += "<!ATTLIST parameter unique-group CDATA #IMPLIED>\n"
	}
	if reloadable {
		text += "<!ATTLIST parameter reloadable (1|0) #IMPLIED>\n"
	}
	if agent {
		text += "<!ATTLIST action name NMTOKEN #REQUIRED>\n"
	}
	return text + "]>"
}

func (d *Description) metadataParam(x *xmlWriter, p *Param, r *Request, old bool) {
	tag := `<parameter` + attr("name", p.Name)
	unique := p.UniqueGroup != ""
	if old {
		unique = unique || d.listed("reload-agent") && !p.Reloadable
	} else if p.UniqueGroup != "" {
		tag += attr("unique-group", p.UniqueGroup)
	}
	if unique {
		tag += attr("unique", "1")
	}
	if p.Required {
		tag += attr("required", "1")
	}
	if p.Reloadable && !old {
		tag += attr("reloadable", "1")
	}
	x.line(tag + `>`)
	x.describe(p.longText(), p.Short)
	content := `<content` + attr("type", p.contentType())
	if value := r.expand(p.Default); value != "" || !p.Required {
		content += attr("default", value)
	}
	x.line(content + ` />`)
	x.line(`</parameter>`)
}

// contentType is the type in a word that both grammars have.
func (p *Param) contentType() string {
	switch p.Type {
	case Integer:
		return "integer"
	case Boolean:
		return "boolean"
	}
	return "string"
}

// longText is the long description with what the grammar has no place for.
func (p *Param) longText() string {
	text := p.Long
	if text == "" {
		text = p.Short + "."
	}
	switch {
	case p.Type == Select:
		text += "\nOne of: " + strings.Join(p.Options, ", ") + "."
	case p.Type == Time:
		text += "\nA time: seconds, or with a unit (20s, 500ms, 2min)."
	}
	if p.Limits != nil {
		unit := ""
		if p.Type == Time {
			unit = " seconds"
		}
		text += "\nFrom " + strconv.FormatInt(p.Limits.Min, 10) + " to " + strconv.FormatInt(p.Limits.Max, 10) + unit + "."
	}
	if p.ReplacedBy != "" {
		text += "\nDeprecated: use " + p.ReplacedBy + "."
	}
	return text
}

func metadataAction(a Action, old bool) string {
	tag := `<action` + attr("name", a.Name) + attr("timeout", seconds(a.Timeout))
	if a.Interval > 0 {
		tag += attr("interval", seconds(a.Interval))
	}
	if a.StartDelay > 0 {
		tag += attr("start-delay", seconds(a.StartDelay))
	}
	if a.Name == "monitor" || a.Depth > 0 {
		tag += attr("depth", strconv.Itoa(a.Depth))
	}
	if a.Role != "" {
		role := a.Role
		if old {
			role = oldRole(role)
		}
		tag += attr("role", role)
	}
	return tag + ` />`
}

func oldRole(role string) string {
	switch role {
	case Promoted:
		return "Master"
	case Unpromoted:
		return "Slave"
	}
	return role
}

// xmlWriter writes the little XML that metadata needs.
type xmlWriter struct{ text strings.Builder }

func (x *xmlWriter) line(text string) {
	x.text.WriteString(text)
	x.text.WriteByte('\n')
}

func (x *xmlWriter) describe(long, short string) {
	x.line(`<longdesc lang="en">`)
	x.line(escape(strings.TrimSpace(long)))
	x.line(`</longdesc>`)
	x.line(`<shortdesc lang="en">` + escape(short) + `</shortdesc>`)
}

func attr(name, value string) string { return ` ` + name + `="` + escape(value) + `"` }

// escape is text in an element or in an attribute in double quotes. Characters
// that XML cannot have become question marks.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < 0x20 && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
