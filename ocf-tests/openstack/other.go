package openstack

import (
	"net/http"
	"strings"
)

// volume is cinder.
func (c *Cloud) volume(r *call) answer {
	if len(r.path) < 3 || r.path[0] != "v3" || r.path[2] != "os-services" {
		return fail(http.StatusNotFound, "The resource could not be found.")
	}
	switch what := r.Method + " " + strings.Join(r.path[3:], "/"); what {
	case "GET ":
		list := []any{}
		for _, v := range c.volumes {
			m := map[string]any{
				"binary": "cinder-volume", "host": v.Host, "zone": "nova", "state": "down", "status": "disabled",
				"updated_at": v.Updated.UTC().Format(noZone), "disabled_reason": nil,
			}
			if v.Up {
				m["state"] = "up"
			}
			if v.Enabled {
				m["status"] = "enabled"
			}
			if v.DisabledReason != "" {
				m["disabled_reason"] = v.DisabledReason
			}
			list = append(list, m)
		}
		return answer{http.StatusOK, map[string]any{"services": list}}
	case "PUT disable-log-reason", "PUT enable":
		host, _ := r.body["host"].(string)
		reason, _ := r.body["disabled_reason"].(string)
		for _, v := range c.volumes {
			if v.Host == host {
				v.Enabled, v.DisabledReason = r.path[3] == "enable", reason
				return answer{http.StatusOK, map[string]any{"host": host, "service": "cinder-volume"}}
			}
		}
		return fail(http.StatusNotFound, "Service not found for host %s.", host)
	}
	return fail(http.StatusNotFound, "The resource could not be found.")
}

// image is glance.
func (c *Cloud) image(r *call) answer {
	if r.Method != http.MethodGet || strings.Join(r.path, "/") != "v2/images" {
		return fail(http.StatusNotFound, "The resource could not be found.")
	}
	part, more := page(r, c.images, func(i Image) string { return i.ID })
	list := []any{}
	for _, i := range part {
		item := map[string]any{"id": i.ID, "tags": i.Tags}
		for name, value := range i.Properties {
			item[name] = value
		}
		list = append(list, item)
	}
	body := map[string]any{"images": list}
	if more {
		body["next"] = "/v2/images?marker=" + part[len(part)-1].ID
	}
	return answer{http.StatusOK, body}
}
