package fencing

import (
	"slices"
	"strings"

	"systole/lib/agentdoc"
)

// Metadata is the answer to the action metadata, as pacemaker-fenced and pcs read it
// (FenceAgentAPI, "Agent Operations and Return Values"). An option with an older name
// stands there twice: once as obsoleting, once as deprecated.
func (d *Description) Metadata() string {
	x := &agentdoc.XML{}
	x.Line(`<?xml version="1.0" ?>`)
	x.Line(`<resource-agent` + agentdoc.Attr("name", d.Name) + agentdoc.Attr("shortdesc", d.Short) + ` >`)
	for _, l := range d.Links {
		x.Line(`<symlink` + agentdoc.Attr("name", l.Name) + agentdoc.Attr("shortdesc", l.Short) + `/>`)
	}
	x.Line(`<longdesc>` + agentdoc.Escape(strings.TrimSpace(d.Long)) + `</longdesc>`)
	x.Line(`<vendor-url>` + agentdoc.Escape(d.Vendor) + `</vendor-url>`)
	x.Line(`<parameters>`)
	for _, o := range d.options() {
		names := append([]string{o.Name}, o.Old...)
		slices.Sort(names)
		for _, name := range names {
			o.metadata(x, name)
		}
	}
	x.Line(`</parameters>`)
	x.Line(`<actions>`)
	for _, a := range d.Actions() {
		extra := ""
		if a == "on" {
			if d.OnTarget {
				extra += agentdoc.Attr("on_target", "1")
			}
			extra += agentdoc.Attr("automatic", bit(d.Fabric))
		}
		x.Line("\t<action" + agentdoc.Attr("name", a) + extra + "/>")
	}
	x.Line(`</actions>`)
	x.Line(`</resource-agent>`)
	return x.String()
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (o *Option) metadata(x *agentdoc.XML, name string) {
	tag := "\t<parameter" + agentdoc.Attr("name", name) + agentdoc.Attr("unique", "0") + agentdoc.Attr("required", bit(o.Required))
	switch {
	case name != o.Name:
		tag += agentdoc.Attr("deprecated", "1")
	case len(o.Old) > 0:
		tag += agentdoc.Attr("obsoletes", o.Old[0])
	}
	x.Line(tag + ">")
	x.Line("\t\t<getopt" + agentdoc.Attr("mixed", o.mixed()) + " />")
	typ := o.Type
	if typ == Boolean && o.Word != "" {
		typ = String // pcs and others take a boolean for a flag
	}
	content := "\t\t<content" + agentdoc.Attr("type", typ.String())
	if o.Default != "" {
		content += agentdoc.Attr("default", o.Default)
	}
	if typ == Select {
		x.Line(content + " >")
		for _, c := range o.Choices {
			x.Line("\t\t\t<option" + agentdoc.Attr("value", c) + " />")
		}
		x.Line("\t\t</content>")
	} else {
		x.Line(content + " />")
	}
	x.Line("\t\t<shortdesc lang=\"en\">" + agentdoc.Escape(o.Short) + "</shortdesc>")
	x.Line("\t</parameter>")
}

// mixed is the short and the long option: -a, --ip=[ip].
func (o *Option) mixed() string {
	text := "--" + o.Long()
	if o.Word != "" {
		text += "=[" + o.Word + "]"
	}
	if o.Letter != 0 {
		text = "-" + string(o.Letter) + ", " + text
	}
	return text
}
