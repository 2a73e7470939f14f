package ocf

import (
	"strconv"
	"strings"

	"systole/lib/agentdoc"
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
	x := &agentdoc.XML{}
	x.Line(`<?xml version="1.0"?>`)
	old := !r.API.AtLeast(1, 1)
	x.Line(d.doctype(old))
	x.Line(`<resource-agent` + agentdoc.Attr("name", d.Name) + agentdoc.Attr("version", d.Version) + `>`)
	if old {
		x.Line(`<version>1.0</version>`)
	} else {
		x.Line(`<version>1.1</version>`)
	}
	describe(x, d.Long, d.Short)
	x.Line(`<parameters>`)
	for i := range d.Params {
		d.metadataParam(x, &d.Params[i], r, old)
	}
	x.Line(`</parameters>`)
	x.Line(`<actions>`)
	for _, a := range d.actions() {
		if old && a.Name == "reload-agent" {
			if d.listed("reload") {
				continue
			}
			a.Name = "reload"
		}
		x.Line(metadataAction(a, old))
	}
	x.Line(`</actions>`)
	x.Line(`</resource-agent>`)
	return x.String()
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

func (d *Description) metadataParam(x *agentdoc.XML, p *Param, r *Request, old bool) {
	tag := `<parameter` + agentdoc.Attr("name", p.Name)
	unique := p.UniqueGroup != ""
	if old {
		unique = unique || d.listed("reload-agent") && !p.Reloadable
	} else if p.UniqueGroup != "" {
		tag += agentdoc.Attr("unique-group", p.UniqueGroup)
	}
	if unique {
		tag += agentdoc.Attr("unique", "1")
	}
	if p.Required {
		tag += agentdoc.Attr("required", "1")
	}
	if p.Reloadable && !old {
		tag += agentdoc.Attr("reloadable", "1")
	}
	x.Line(tag + `>`)
	describe(x, p.longText(), p.Short)
	content := `<content` + agentdoc.Attr("type", p.contentType())
	if value := r.expand(p.Default); value != "" || !p.Required {
		content += agentdoc.Attr("default", value)
	}
	x.Line(content + ` />`)
	x.Line(`</parameter>`)
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
	tag := `<action` + agentdoc.Attr("name", a.Name) + agentdoc.Attr("timeout", seconds(a.Timeout))
	if a.Interval > 0 {
		tag += agentdoc.Attr("interval", seconds(a.Interval))
	}
	if a.StartDelay > 0 {
		tag += agentdoc.Attr("start-delay", seconds(a.StartDelay))
	}
	if a.Name == "monitor" || a.Depth > 0 {
		tag += agentdoc.Attr("depth", strconv.Itoa(a.Depth))
	}
	if a.Role != "" {
		role := a.Role
		if old {
			role = oldRole(role)
		}
		tag += agentdoc.Attr("role", role)
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

func describe(x *agentdoc.XML, long, short string) {
	x.Line(`<longdesc lang="en">`)
	x.Line(agentdoc.Escape(strings.TrimSpace(long)))
	x.Line(`</longdesc>`)
	x.Line(`<shortdesc lang="en">` + agentdoc.Escape(short) + `</shortdesc>`)
}
