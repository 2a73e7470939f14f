package explain

import (
	"strings"

	"systole/lib/xmltree"
)

// maxRuleText bounds what is said about one rule.
const maxRuleText = 120

// ruleText is a rule as a short condition: "osprole eq controller and not_defined
// #health". "" when there is none.
func ruleText(e *xmltree.Element) string {
	text := condition(e, 0)
	if len(text) > maxRuleText {
		text = text[:strings.LastIndexByte(text[:maxRuleText], ' ')] + " …"
	}
	return text
}

func condition(e *xmltree.Element, depth int) string {
	const tooDeep = 4
	if e == nil || depth > tooDeep {
		return ""
	}
	word := " " + strings.ToLower(e.Get("boolean-op")) + " "
	if word == "  " {
		word = " and "
	}
	var list []string
	for c := range e.Elements() {
		text := ""
		switch c.Name {
		case "rule":
			if text = condition(c, depth+1); strings.Contains(text, " and ") || strings.Contains(text, " or ") {
				text = "(" + text + ")"
			}
		case "expression":
			text = strings.TrimSpace(c.Get("attribute") + " " + c.Get("operation") + " " + c.Get("value"))
			if op := c.Get("operation"); op == "defined" || op == "not_defined" {
				text = strings.ReplaceAll(op, "_", " ") + " " + c.Get("attribute")
			}
		case "date_expression":
			text = dateText(c)
		case "op_expression", "rsc_expression":
			text = attrsText(c)
		}
		if text != "" {
			list = append(list, text)
		}
	}
	return strings.Join(list, word)
}

func dateText(e *xmltree.Element) string {
	text := "date"
	for _, name := range [...]string{"operation", "start", "end"} {
		if v := e.Get(name); v != "" && v != "in_range" {
			text += " " + strings.ReplaceAll(v, "_", " ")
		}
	}
	for _, part := range [...]string{"date_spec", "duration"} {
		if c := e.Child(part); c != nil {
			text += " " + strings.ReplaceAll(part, "_", " ") + " " + attrsText(c)
		}
	}
	return text
}

func attrsText(e *xmltree.Element) string {
	var list []string
	for _, a := range e.Attrs {
		if a.Name != "id" {
			list = append(list, a.Name+"="+a.Value)
		}
	}
	return strings.Join(list, " ")
}
