package redfish

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// PowerState is what a ComputerSystem says of its power (Resource.PowerState).
type PowerState string

// The states of the schema, and no others.
const (
	On          PowerState = "On"
	Off         PowerState = "Off"
	PoweringOn  PowerState = "PoweringOn"
	PoweringOff PowerState = "PoweringOff"
	Paused      PowerState = "Paused"
)

// SystemState is a ComputerSystem as it was answered.
type SystemState struct {
	URI    string
	Allows Allows

	power    PowerState
	powerErr error
	target   string // of the reset action
	info     string // of its ActionInfo
	etag     string
}

// Power is the state of power. What is not exactly one of the schema is an error, so
// that a machine of which nothing can be read can still be turned off.
func (s *SystemState) Power() (PowerState, error) { return s.power, s.powerErr }

// Allows are the reset types that a machine offers.
type Allows struct {
	Stated bool // it says which
	Types  []string
}

const resetAction = "#ComputerSystem.Reset"

// parseSystem reads a ComputerSystem.
func parseSystem(text []byte) (*SystemState, error) {
	o, err := parseObject(text)
	if err != nil {
		return nil, err
	}
	s := &SystemState{URI: o.optional("@odata.id"), etag: o.optional("@odata.etag")}
	s.power, s.powerErr = parsePower(o)
	if typ := o.optional("@odata.type"); typ != "" && !strings.HasPrefix(typ, "#ComputerSystem.") {
		return nil, fmt.Errorf("it is a %s and no ComputerSystem", clip(typ))
	}
	actions, err := o.object("Actions")
	if errors.Is(err, errAbsent) {
		return s, nil // found out when it is to be reset
	}
	if err != nil {
		return nil, err
	}
	reset, err := actions.object(resetAction)
	if errors.Is(err, errAbsent) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if s.target, err = reset.text("target"); err != nil {
		return nil, fmt.Errorf("%s: %w", resetAction, err)
	}
	s.info = reset.optional("@Redfish.ActionInfo")
	s.Allows.Types, s.Allows.Stated, err = reset.strings("ResetType@Redfish.AllowableValues")
	return s, err
}

func parsePower(o object) (PowerState, error) {
	text, err := o.text("PowerState")
	if err != nil {
		return "", err
	}
	switch p := PowerState(text); p {
	case On, Off, PoweringOn, PoweringOff, Paused:
		return p, nil
	}
	return "", fmt.Errorf("PowerState is %q, which the schema does not have", clip(text))
}

// parseActionInfo reads which reset types an ActionInfo allows.
func parseActionInfo(text []byte) (Allows, error) {
	o, err := parseObject(text)
	if err != nil {
		return Allows{}, err
	}
	list, err := o.objects("Parameters")
	if err != nil {
		return Allows{}, err
	}
	for _, p := range list {
		if p.optional("Name") == "ResetType" {
			types, stated, err := p.strings("AllowableValues")
			return Allows{stated, types}, err
		}
	}
	return Allows{}, nil
}

// parseMembers reads the links of a collection. more says that it has further pages.
func parseMembers(o object) (members []string, more bool, err error) {
	list, err := o.objects("Members")
	if err != nil {
		return nil, false, err
	}
	for _, m := range list {
		id, err := m.text("@odata.id")
		if err != nil {
			return nil, false, fmt.Errorf("a member of the collection: %w", err)
		}
		if !slices.Contains(members, id) {
			members = append(members, id)
		}
	}
	_, more = o["Members@odata.nextLink"]
	return members, more, nil
}

// complaint is what an error answer says.
type complaint struct {
	ids  []string // without registry and version: ActionNotSupported
	text string
}

// parseComplaint reads an error answer, or the remarks in a good one. What is none
// says nothing.
func parseComplaint(text []byte) complaint {
	o, err := parseObject(text)
	if err != nil {
		return complaint{}
	}
	inner, err := o.object("error")
	if err != nil {
		inner = o
	}
	var c complaint
	add := func(id, text string) {
		if i := strings.LastIndexByte(id, '.'); i >= 0 {
			id = id[i+1:]
		}
		if id != "" && len(c.ids) < 20 {
			c.ids = append(c.ids, clip(id))
		}
		if c.text == "" {
			c.text = clip(text)
		}
	}
	infos, _ := inner.objects("@Message.ExtendedInfo")
	for _, m := range infos {
		add(m.optional("MessageId"), m.optional("Message"))
	}
	add(inner.optional("code"), inner.optional("message"))
	return c
}

func (c complaint) has(ids ...string) bool {
	return slices.ContainsFunc(c.ids, func(id string) bool { return slices.Contains(ids, id) })
}

func (c complaint) String() string {
	text := strings.Join(c.ids[:min(len(c.ids), 3)], ", ")
	if c.text != "" {
		text = strings.TrimPrefix(text+": "+c.text, ": ")
	}
	return text
}

// progress is how far a task is.
type progress int

const (
	running progress = iota
	completed
	failed
)

// parseTask reads a Task. A document that is none is the result of one that is over.
func parseTask(text []byte) (progress, string) {
	o, err := parseObject(text)
	if err != nil {
		return completed, ""
	}
	state, err := o.text("TaskState")
	if err != nil {
		return completed, ""
	}
	switch state {
	case "New", "Starting", "Running", "Suspended", "Interrupted", "Pending", "Stopping", "Service", "Cancelling":
		return running, state
	case "Completed":
		if status := o.optional("TaskStatus"); status == "Critical" {
			return failed, state + ", " + status
		}
		return completed, state
	}
	c := parseComplaint(text)
	if list, err := o.objects("Messages"); err == nil && len(list) > 0 {
		c.text = clip(list[0].optional("Message"))
	}
	return failed, strings.TrimSuffix(clip(state)+": "+c.String(), ": ")
}
