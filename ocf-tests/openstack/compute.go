package openstack

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/lib/openstack/api"
)

const noZone = "2006-01-02T15:04:05.000000"

// compute is nova.
func (c *Cloud) compute(r *call) answer {
	highest := c.MaxMicroversion
	if highest == 0 {
		highest = 93
	}
	if len(r.path) == 0 || r.path[0] != "v2.1" {
		return fail(http.StatusNotFound, "not found")
	}
	r.path = r.path[1:]
	if len(r.path) == 0 {
		return answer{http.StatusOK, map[string]any{"version": map[string]any{
			"id": "v2.1", "status": "CURRENT", "version": "2." + strconv.Itoa(highest), "min_version": "2.1",
		}}}
	}
	r.version = 1
	if v, ok := strings.CutPrefix(r.Header.Get("OpenStack-API-Version"), "compute 2."); ok {
		r.version, _ = strconv.Atoi(v)
	}
	if r.version > highest {
		return fail(http.StatusNotAcceptable, "Version 2.%d is not supported by the API. Minimum is 2.1 and maximum is 2.%d.", r.version, highest)
	}
	switch what := r.Method + " " + r.path[0]; {
	case what == "GET os-services":
		return c.listServices(r)
	case what == "PUT os-services" && len(r.path) == 2:
		return c.updateService(r)
	case what == "GET servers" && len(r.path) == 2 && r.path[1] == "detail":
		return c.listServers(r)
	case what == "GET servers" && len(r.path) == 2:
		if s := c.server(r.path[1]); s != nil {
			return answer{http.StatusOK, map[string]any{"server": c.showServer(s)}}
		}
		return fail(http.StatusNotFound, "Instance %s could not be found.", r.path[1])
	case what == "POST servers" && len(r.path) == 3 && r.path[2] == "action" && r.body["evacuate"] != nil:
		return c.evacuate(r.path[1], r.version, r.object("evacuate"))
	case what == "GET os-migrations":
		return c.listMigrations(r)
	case what == "GET flavors" && len(r.path) == 2 && r.path[1] == "detail":
		return c.listFlavors(r)
	case what == "GET flavors" && len(r.path) == 3 && r.path[2] == "os-extra_specs":
		i := slices.IndexFunc(c.flavors, func(f Flavor) bool { return f.ID == r.path[1] })
		if i < 0 {
			return fail(http.StatusNotFound, "Flavor %s could not be found.", r.path[1])
		}
		return answer{http.StatusOK, map[string]any{"extra_specs": c.flavors[i].Specs}}
	}
	return fail(http.StatusNotFound, "The resource could not be found.")
}

func (c *Cloud) listServices(r *call) answer {
	q := r.URL.Query()
	list := []any{}
	for _, h := range c.hosts {
		if b := q.Get("binary"); b != "" && b != "nova-compute" || q.Get("host") != "" && q.Get("host") != h.service.Host {
			continue
		}
		list = append(list, c.showService(h))
	}
	return answer{http.StatusOK, map[string]any{"services": list}}
}

func (c *Cloud) showService(h *host) map[string]any {
	s := c.view(h)
	m := map[string]any{
		"id": s.ID, "binary": "nova-compute", "host": s.Host, "zone": "nova", "state": "down", "status": "disabled",
		"forced_down": s.ForcedDown, "disabled_reason": nil, "updated_at": c.now().UTC().Format(noZone),
	}
	if s.Up {
		m["state"] = "up"
	}
	if s.Enabled {
		m["status"] = "enabled"
	}
	if s.DisabledReason != "" {
		m["disabled_reason"] = s.DisabledReason
	}
	return m
}

func (c *Cloud) updateService(r *call) answer {
	if r.version < 53 {
		return fail(http.StatusNotFound, "not found")
	}
	i := slices.IndexFunc(c.hosts, func(h *host) bool { return h.service.ID == r.path[1] })
	if i < 0 {
		return fail(http.StatusNotFound, "Service %s could not be found.", r.path[1])
	}
	h := c.hosts[i]
	status, hasStatus := r.body["status"].(string)
	reason, hasReason := r.body["disabled_reason"].(string)
	forced, hasForced := r.body["forced_down"].(bool)
	for name := range r.body {
		if !slices.Contains([]string{"status", "disabled_reason", "forced_down"}, name) {
			return fail(http.StatusBadRequest, "Additional properties are not allowed ('%s' was unexpected)", name)
		}
	}
	switch {
	case len(r.body) == 0:
		return fail(http.StatusBadRequest, "No updates were requested. Fields 'status' or 'forced_down' should be specified.")
	case hasReason && status != "disabled":
		return fail(http.StatusBadRequest, "Specifying disabled_reason requires that status is disabled.")
	case hasForced && !forced && h.service.ForcedDown && c.unsettled(h):
		return fail(http.StatusBadRequest, "Unable to force up host %s as `done` evacuation migration records remain associated with the host. Ensure the compute service has been restarted, allowing these records to move to `completed` before retrying this request.", h.service.Host)
	}
	if hasForced {
		h.service.ForcedDown = forced
	}
	if hasStatus {
		h.service.Enabled = status == "enabled"
		h.service.DisabledReason = reason
		up := c.view(h).Up
		// Placement is told by the nova-compute of the host, if it runs.
		if !h.service.Enabled {
			h.trait = true
		} else if up {
			h.trait = false
		}
	}
	return answer{http.StatusOK, map[string]any{"service": c.showService(h)}}
}

// unsettled says whether nova-compute has not yet seen what was evacuated.
func (c *Cloud) unsettled(h *host) bool {
	return slices.ContainsFunc(c.migrations, func(m *migration) bool {
		return m.Kind == api.Evacuation && m.Status == "done" && m.Source == h.service.Host
	})
}

func (c *Cloud) listServers(r *call) answer {
	q := r.URL.Query()
	var match []*server
	for _, s := range c.servers {
		if q.Get("host") == "" || q.Get("host") == s.Host {
			match = append(match, s)
		}
	}
	part, more := page(r, match, func(s *server) string { return s.ID })
	list := []any{}
	for _, s := range part {
		list = append(list, c.showServer(s))
	}
	body := map[string]any{"servers": list}
	if more {
		body["servers_links"] = nextLink()
	}
	return answer{http.StatusOK, body}
}

// nextLink is a link that leads nowhere: whoever follows it learns that the
// address in it need not be one that can be reached.
func nextLink() []any {
	return []any{map[string]any{"rel": "next", "href": "http://192.0.2.1/next"}}
}

func (c *Cloud) showServer(s *server) map[string]any {
	m := map[string]any{
		"id": s.ID, "name": s.Name, "status": s.Status, "OS-EXT-SRV-ATTR:host": s.Host, "OS-EXT-STS:vm_state": s.State,
		"OS-EXT-STS:task_state": nil, "flavor": map[string]any{"id": s.Flavor}, "image": "",
	}
	if s.TaskState != "" {
		m["OS-EXT-STS:task_state"] = s.TaskState
	}
	if s.Image != "" {
		m["image"] = map[string]any{"id": s.Image}
	}
	if s.Fault != "" {
		m["fault"] = map[string]any{"code": 500, "message": s.Fault, "created": c.now().UTC().Format(time.RFC3339)}
	}
	return m
}

func (c *Cloud) listMigrations(r *call) answer {
	q := r.URL.Query()
	var match []*migration
	for _, m := range slices.Backward(c.migrations) {
		if (q.Get("source_compute") == "" || q.Get("source_compute") == m.Source) && (q.Get("migration_type") == "" || q.Get("migration_type") == m.Kind) {
			match = append(match, m)
		}
	}
	part, more := page(r, match, func(m *migration) string { return m.ID })
	list := []any{}
	for _, m := range part {
		item := map[string]any{
			"id": 1, "uuid": m.ID, "status": m.Status, "migration_type": m.Kind, "instance_uuid": m.Server, "source_compute": m.Source,
			"dest_compute": nil, "created_at": m.Created.UTC().Format(noZone), "updated_at": m.Updated.UTC().Format(noZone),
		}
		if m.Destination != "" {
			item["dest_compute"] = m.Destination
		}
		list = append(list, item)
	}
	body := map[string]any{"migrations": list}
	if more {
		body["migrations_links"] = nextLink()
	}
	return answer{http.StatusOK, body}
}

func (c *Cloud) listFlavors(r *call) answer {
	part, more := page(r, c.flavors, func(f Flavor) string { return f.ID })
	list := []any{}
	for _, f := range part {
		item := map[string]any{"id": f.ID, "name": f.ID, "ram": f.Memory}
		if r.version >= 61 {
			item["extra_specs"] = f.Specs
		}
		list = append(list, item)
	}
	body := map[string]any{"flavors": list}
	if more {
		body["flavors_links"] = nextLink()
	}
	return answer{http.StatusOK, body}
}
