package openstack

import (
	"fmt"
	"net/http"
	"time"

	"systole/lib/openstack/api"
)

// settle does what would have happened by now.
func (c *Cloud) settle() {
	now := c.now()
	for _, m := range c.migrations {
		s := c.server(m.Server)
		if m.Kind != api.Evacuation || s == nil || m.Outcome() != api.InFlight {
			continue
		}
		if !m.chosen {
			c.schedule(m, s)
		}
		if m.Outcome() != api.InFlight || m.done.IsZero() || now.Before(m.done) {
			continue
		}
		if h := c.host(m.Destination); h == nil || !h.running {
			continue // it died on the way: nobody will ever end this
		}
		c.finish(m, s)
	}
	for _, m := range c.migrations {
		// A nova-compute that starts cleans up what was evacuated from its host.
		h := c.host(m.Source)
		if m.Kind == api.Evacuation && m.Status == "done" && h != nil && h.running && h.started.After(m.Updated) && now.Sub(h.started) >= c.CleanupTime {
			m.Status, m.Updated = "completed", now
		}
	}
}

// schedule chooses a destination.
func (c *Cloud) schedule(m *migration, s *server) {
	m.chosen = true
	for _, h := range c.hosts {
		if h.service.Host != m.Source && c.schedulable(h) && c.free(h) >= s.memory {
			m.Destination, m.Status, m.Updated = h.service.Host, "pre-migrating", c.now()
			return
		}
	}
	c.fail(m, s, "error", "No valid host was found. There are not enough hosts available.")
}

// free is the memory that is left, that of servers on their way subtracted.
func (c *Cloud) free(h *host) int {
	left := h.memory
	for _, s := range c.servers {
		if s.Host == h.service.Host || s.busy != nil && s.busy.Destination == h.service.Host {
			left -= s.memory
		}
	}
	return left
}

func (c *Cloud) finish(m *migration, s *server) {
	switch {
	case s.doubled:
		// The first one fails, and the second one never ends.
		c.fail(m, s, "failed", fmt.Sprintf("Instance %s already exists.", s.ID))
		s.Status, s.TaskState = "REBUILD", "rebuilding"
	case m.shared != nil && *m.shared != c.SharedStorage:
		c.fail(m, s, "failed", "Invalid state of instance files on shared storage")
	default:
		m.Status, m.Updated = "done", c.now()
		s.Host, s.TaskState, s.Fault, s.busy = m.Destination, "", "", nil
		// A server that was not running is not started.
		if s.State == "error" {
			s.State = "active"
		}
		s.Status = statusOf(s.State)
	}
}

func (c *Cloud) fail(m *migration, s *server, status, fault string) {
	m.Status, m.Updated = status, c.now()
	s.State, s.Status, s.TaskState, s.Fault, s.busy = "error", "ERROR", "", fault, nil
}

// evacuate is the action of a server.
func (c *Cloud) evacuate(id string, version int, body map[string]any) answer {
	s := c.server(id)
	if s == nil {
		return fail(http.StatusNotFound, "Instance %s could not be found.", id)
	}
	var shared *bool
	if v, ok := body["onSharedStorage"].(bool); ok {
		shared = &v
	}
	_, given := body["onSharedStorage"]
	target, _ := body["host"].(string)
	_, force := body["force"]
	switch {
	case version < 14 && !given:
		return fail(http.StatusBadRequest, "Invalid input for field/attribute evacuate. Value: %v. 'onSharedStorage' is a required property", body)
	case version >= 14 && given:
		return fail(http.StatusBadRequest, "Invalid input for field/attribute evacuate. Value: %v. Additional properties are not allowed ('onSharedStorage' was unexpected)", body)
	case version >= 68 && force:
		return fail(http.StatusBadRequest, "Invalid input for field/attribute evacuate. Value: %v. Additional properties are not allowed ('force' was unexpected)", body)
	case target == s.Host && target != "":
		return fail(http.StatusBadRequest, "The target host can't be the same one.")
	case target != "" && c.host(target) == nil:
		return fail(http.StatusNotFound, "Compute host %s not found.", target)
	case s.State != "active" && s.State != "stopped" && s.State != "error":
		return fail(http.StatusConflict, "Cannot 'evacuate' instance %s while it is in vm_state %s", id, s.State)
	}
	if h := c.host(s.Host); h != nil && c.view(h).Up {
		return fail(http.StatusBadRequest, "Compute service of %s is still in use.", s.Host)
	}
	// A second request is accepted, and leaves the server in ERROR.
	if s.busy != nil {
		s.doubled = true
	}
	s.TaskState = "rebuilding"
	now := c.now()
	m := &migration{
		Migration: api.Migration{
			ID: c.id(), Kind: api.Evacuation, Status: "accepted", Server: id, Source: s.Host, Destination: target,
			Created: now, Updated: now,
		},
		shared: shared, done: now.Add(c.EvacuationTime), chosen: target != "",
	}
	if s.doubled {
		m.chosen, m.done = true, time.Time{}
	} else {
		s.busy = m
	}
	c.migrations = append(c.migrations, m)
	if version < 14 {
		return answer{http.StatusOK, map[string]any{"adminPass": nil}}
	}
	return answer{http.StatusOK, nil}
}
