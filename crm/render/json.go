package render

import (
	"encoding/json"
	"strings"
)

// JSON is the report as one JSON object with the names of the XML report. An
// element becomes an object, or a list if it does nothing but hold others; other
// elements in it are lists under their name with an s.
type JSON struct{ XML }

// NewJSON begins a report about a command line.
func NewJSON(args []string) *JSON {
	j := &JSON{XML: *NewXML(args)}
	j.Whole = true
	return j
}

// Finish writes the object.
func (j *JSON) Finish(status int) {
	j.XML.Finish(status)
	data, err := json.MarshalIndent(value(j.root), "", "  ")
	if err != nil { // cannot be: it is made of objects, lists and texts
		data = []byte(`{"error": "the report cannot be written as JSON"}`)
	}
	j.done = append(data, '\n')
}

// lists is the table of elements that do nothing but hold others.
var lists = map[string]bool{ // table
	"nodes": true, "resources": true, "actions": true, "transition": true, "allocations": true, "utilizations": true,
	"allocations_utilizations": true, "node_attributes": true, "node_history": true, "failures": true, "timings": true,
	"errors": true, "modifications": true, "reasons": true, "problems": true,
}

// numbers is the table of attributes that count something.
var numbers = map[string]bool{ // table
	"resources_running": true, "nodes_running_on": true, "number_resources": true, "exitcode": true, "code": true,
	"queued": true, "exec": true, "interval": true, "expected": true, "fail-count": true, "migration-threshold": true,
	"line": true,
}

// value is what an element is in JSON.
func value(m *markup) any {
	if lists[m.name] {
		list := make([]any, 0, len(m.kids))
		for _, k := range m.kids {
			v := value(k)
			if o, ok := v.(map[string]any); ok && mixed(m.name) {
				o["type"] = strings.ReplaceAll(k.name, "_action", "")
			}
			list = append(list, v)
		}
		return list
	}
	if m.text != "" {
		return m.text
	}
	o := make(map[string]any, len(m.attrs)/2+len(m.kids))
	for i := 0; i+1 < len(m.attrs); i += 2 {
		o[key(m.attrs[i])] = attrValue(m.attrs[i], m.attrs[i+1])
	}
	for _, k := range m.kids {
		v := value(k)
		if lists[k.name] || k.name == "status" || strings.HasSuffix(k.name, "cluster_status") || k.text != "" {
			o[key(k.name)] = v
			continue
		}
		list, _ := o[plural(k.name)].([]any)
		o[plural(k.name)] = append(list, v)
	}
	return o
}

// mixed tells whether elements of different names are in the list, which the
// objects then have to tell.
func mixed(name string) bool {
	switch name {
	case "actions", "transition", "resources", "allocations_utilizations", "allocations", "utilizations", "modifications",
		"reasons":
		return true
	}
	return false
}

func plural(name string) string { return key(name) + "s" }

func key(name string) string { return strings.ReplaceAll(name, "-", "_") }

func attrValue(name, v string) any {
	switch {
	case v == "true":
		return true
	case v == "false":
		return false
	case numbers[name]:
		if n := json.Number(v); isInteger(v) {
			return n
		}
	}
	return v
}

func isInteger(v string) bool {
	digits := strings.TrimPrefix(v, "-")
	if digits == "" || (digits[0] == '0' && len(digits) > 1) {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}
