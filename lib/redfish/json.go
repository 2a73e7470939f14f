package redfish

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// object is a JSON object whose members are not read yet.
type object map[string]json.RawMessage

// errAbsent is a member that is not there.
var errAbsent = errors.New("is missing")

// parseObject reads exactly one JSON object. Names count as they are written, and one
// that stands twice is an error: encoding/json would take either of two states.
func parseObject(text []byte) (object, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("the body is empty")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("the body is not a JSON object")
	}
	o := object{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, badJSON(err)
		}
		name, _ := t.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, badJSON(err)
		}
		if _, twice := o[name]; twice {
			return nil, fmt.Errorf("the JSON has %q twice", clip(name))
		}
		o[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the JSON goes on after its end")
	}
	return o, nil
}

func badJSON(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the JSON cannot be read: %s", clip(err.Error()))
}

// text is a member that is a string.
func (o object) text(name string) (string, error) {
	raw, ok := o[name]
	if !ok {
		return "", fmt.Errorf("%s %w", name, errAbsent)
	}
	if len(raw) == 0 || raw[0] != '"' {
		return "", fmt.Errorf("%s is not a string but %s", name, clip(string(raw)))
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", fmt.Errorf("%s: %w", name, badJSON(err))
	}
	return s, nil
}

// optional is a member that is a string, or "" if it is anything else.
func (o object) optional(name string) string {
	s, _ := o.text(name)
	return s
}

// object is a member that is an object.
func (o object) object(name string) (object, error) {
	raw, ok := o[name]
	if !ok {
		return nil, fmt.Errorf("%s %w", name, errAbsent)
	}
	inner, err := parseObject(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return inner, nil
}

// objects is a member that is an array of objects.
func (o object) objects(name string) ([]object, error) {
	raw, ok := o[name]
	if !ok {
		return nil, fmt.Errorf("%s %w", name, errAbsent)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("%s is not an array", name)
	}
	objects := make([]object, 0, len(list))
	for _, e := range list {
		inner, err := parseObject(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		objects = append(objects, inner)
	}
	return objects, nil
}

// strings is a member that is an array of strings; stated says that it is there.
func (o object) strings(name string) (list []string, stated bool, err error) {
	raw, ok := o[name]
	if !ok || string(raw) == "null" {
		return nil, false, nil
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, false, fmt.Errorf("%s is not an array of strings", name)
	}
	return list, true, nil
}

// link is where a member that is a link leads: {"@odata.id": "/redfish/v1/Systems"}.
func (o object) link(name string) (string, error) {
	inner, err := o.object(name)
	if err != nil {
		return "", err
	}
	id, err := inner.text("@odata.id")
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return id, nil
}

const clipped = 200

// clip makes text of a stranger fit for a message of one line.
func clip(text string) string {
	if len(text) > clipped {
		text = text[:clipped] + "..."
	}
	text = strings.ToValidUTF8(text, "?")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}
