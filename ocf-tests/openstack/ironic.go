package openstack

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Machine is a bare metal node of ironic, and the machine behind it.
type Machine struct {
	ID, Name, Instance string
	On                 bool          // the truth
	Delay              time.Duration // of a change of power
	Locked             int           // how many commands are refused because somebody works with the node
	Deaf               bool          // commands are taken and have no effect
	Broken             string        // why the power cannot be set; ironic tells it as last_error

	target    string
	due       time.Time
	lastError string
}

// AddMachine adds a bare metal node.
func (c *Cloud) AddMachine(m Machine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.machines = append(c.machines, &m)
}

// MachineOn is whether a machine is truly on.
func (c *Cloud) MachineOn(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.machine(name)
	c.settleMachine(m)
	return m.On
}

func (c *Cloud) machine(ident string) *Machine {
	i := slices.IndexFunc(c.machines, func(m *Machine) bool { return m.ID == ident || m.Name == ident })
	if i < 0 {
		return nil
	}
	return c.machines[i]
}

func (c *Cloud) settleMachine(m *Machine) {
	if m.target == "" || c.now().Before(m.due) {
		return
	}
	switch {
	case m.Broken != "":
		m.lastError = m.Broken
	case !m.Deaf:
		m.On = m.target == "power on"
	}
	m.target = ""
}

// baremetal is ironic.
func (c *Cloud) baremetal(r *call) answer {
	if len(r.path) < 2 || r.path[0] != "v1" || r.path[1] != "nodes" {
		return fail(http.StatusNotFound, "Not found.")
	}
	if r.Header.Get("X-OpenStack-Ironic-API-Version") == "" {
		return fail(http.StatusNotAcceptable, "names need a version")
	}
	switch {
	case r.Method == http.MethodGet && len(r.path) == 2:
		list := []any{}
		part, more := page(r, c.machines, func(m *Machine) string { return m.ID })
		for _, m := range part {
			if want := r.URL.Query().Get("instance_uuid"); want == "" || want == m.Instance {
				list = append(list, c.showMachine(m))
			}
		}
		body := map[string]any{"nodes": list}
		if more {
			body["next"] = "http://elsewhere/nodes"
		}
		return answer{http.StatusOK, body}
	case len(r.path) < 3:
		return fail(http.StatusNotFound, "Not found.")
	}
	m := c.machine(r.path[2])
	if m == nil {
		return fail(http.StatusNotFound, "Node %s could not be found.", r.path[2])
	}
	switch strings.Join(append([]string{r.Method}, r.path[3:]...), " ") {
	case "GET":
		return answer{http.StatusOK, c.showMachine(m)}
	case "PUT states power":
		return c.setPower(r, m)
	}
	return fail(http.StatusNotFound, "Not found.")
}

func (c *Cloud) setPower(r *call, m *Machine) answer {
	c.settleMachine(m)
	target, _ := r.body["target"].(string)
	switch {
	case target != "power on" && target != "power off":
		return fail(http.StatusBadRequest, "Invalid state %q.", target)
	case m.Locked > 0 || m.target != "":
		m.Locked = max(m.Locked-1, 0)
		return fail(http.StatusConflict, "Node %s is locked by host conductor, please retry after the current operation is completed.", m.ID)
	}
	m.target, m.due, m.lastError = target, c.now().Add(m.Delay), ""
	return answer{http.StatusAccepted, nil}
}

func (c *Cloud) showMachine(m *Machine) map[string]any {
	c.settleMachine(m)
	power := "power off"
	if m.On {
		power = "power on"
	}
	show := map[string]any{"uuid": m.ID, "name": m.Name, "instance_uuid": nil, "power_state": power, "target_power_state": nil, "last_error": nil}
	if m.Instance != "" {
		show["instance_uuid"] = m.Instance
	}
	if m.target != "" {
		show["target_power_state"] = m.target
	}
	if m.lastError != "" {
		show["last_error"] = m.lastError
	}
	return show
}
