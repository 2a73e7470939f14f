package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"

	"systole/lib/openstack/api"
)

// The microversions, see the documentation of the package.
const (
	servicesVersion   microversion = 53
	serversVersion    microversion = 46
	migrationsVersion microversion = 59
	declaredStorage   microversion = 13
	detectedStorage   microversion = 14
)

// ComputeServices are the nova-compute services, of one host or, with "", of all.
// That a host has none is no error here.
func (c *Client) ComputeServices(ctx context.Context, host string) ([]api.Service, error) {
	sc, err := c.nova(ctx, servicesVersion, servicesVersion)
	if err != nil {
		return nil, err
	}
	page, err := services.List(sc, services.ListOpts{Binary: "nova-compute", Host: host}).AllPages(ctx)
	if err != nil {
		return nil, fmt.Errorf("list nova's services: %w", understand(err))
	}
	list, err := services.ExtractServices(page)
	if err != nil {
		return nil, fmt.Errorf("list nova's services: %w", err)
	}
	out := make([]api.Service, 0, len(list))
	for _, s := range list {
		if s.Binary != "nova-compute" {
			continue
		}
		out = append(out, api.Service{
			ID: s.ID, Host: s.Host, Up: s.State == "up", Enabled: s.Status == "enabled",
			ForcedDown: s.ForcedDown, DisabledReason: s.DisabledReason,
		})
	}
	return out, nil
}

// FenceService forces a service down and disables it, in one request. Done again
// it changes the reason.
func (c *Client) FenceService(ctx context.Context, id, reason string) error {
	return c.update(ctx, id, map[string]any{"forced_down": true, "status": "disabled", "disabled_reason": cut(reason)})
}

// DisableService disables a service, or changes the reason for which it is disabled.
func (c *Client) DisableService(ctx context.Context, id, reason string) error {
	return c.update(ctx, id, map[string]any{"status": "disabled", "disabled_reason": cut(reason)})
}

// UnforceService takes back that a service was forced down. Nova refuses with
// ErrBadRequest as long as nova-compute has not taken notice of the evacuations
// of its host.
func (c *Client) UnforceService(ctx context.Context, id string) error {
	return c.update(ctx, id, map[string]any{"forced_down": false})
}

// EnableService enables a service. Enable it when it is up: otherwise placement may
// keep it from being scheduled to.
func (c *Client) EnableService(ctx context.Context, id string) error {
	return c.update(ctx, id, map[string]any{"status": "enabled"})
}

// cut is a reason of the length that nova's and cinder's databases have room for.
func cut(reason string) string {
	const room = 255
	if len(reason) <= room {
		return reason
	}
	return strings.ToValidUTF8(reason[:room], "") // not half a character
}

func (c *Client) update(ctx context.Context, id string, body map[string]any) error {
	sc, err := c.nova(ctx, servicesVersion, servicesVersion)
	if err != nil {
		return err
	}
	_, err = sc.Request(ctx, "PUT", sc.Endpoint+"os-services/"+url.PathEscape(id), &gophercloud.RequestOpts{JSONBody: body, OkCodes: []int{200}})
	if err != nil {
		return fmt.Errorf("change the service %s of nova: %w", id, understand(err))
	}
	return nil
}

// Servers are the servers of a host, of all projects. That nova does not know the
// host is no error: the list is empty.
func (c *Client) Servers(ctx context.Context, host string) ([]api.Server, error) {
	if host == "" { // nova would list those of all hosts
		return nil, errors.New("list servers: no host was given")
	}
	sc, err := c.nova(ctx, 1, serversVersion)
	if err != nil {
		return nil, err
	}
	var out []api.Server
	query := url.Values{"all_tenants": {"1"}, "host": {host}}
	err = pages(ctx, sc, sc.Endpoint+"servers/detail", "servers", query, func(raw json.RawMessage) (marker string, err error) {
		var list []servers.Server
		err = json.Unmarshal(raw, &list)
		for _, s := range list {
			out, marker = append(out, server(s)), s.ID
		}
		return marker, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the servers of %s: %w", host, err)
	}
	return out, nil
}

func server(s servers.Server) api.Server {
	out := api.Server{ID: s.ID, Name: s.Name, Host: s.Host, Status: s.Status, State: s.VmState, TaskState: s.TaskState, Fault: s.Fault.Message}
	out.Image, _ = s.Image["id"].(string)
	out.Flavor, _ = s.Flavor["id"].(string)
	return out
}

// Evacuate asks nova to rebuild a server of a dead host on another one, which its
// scheduler chooses. shared says that the disks are on shared storage: nova refuses
// on a host where it sees them not. With shared nil nova decides for each server,
// and rebuilds from the image where it sees no disk.
//
// Success means that nova has accepted the request. It must not be sent twice: nova
// accepts that as well, and the server ends in ERROR.
func (c *Client) Evacuate(ctx context.Context, server string, shared *bool) error {
	version, body := detectedStorage, map[string]any{}
	if shared != nil {
		version, body = declaredStorage, map[string]any{"onSharedStorage": *shared}
	}
	sc, err := c.nova(ctx, version, version)
	if err != nil {
		return fmt.Errorf("%w: %w", api.ErrNotSent, err)
	}
	_, err = sc.Request(ctx, "POST", sc.Endpoint+"servers/"+url.PathEscape(server)+"/action",
		&gophercloud.RequestOpts{JSONBody: map[string]any{"evacuate": body}, OkCodes: []int{200, 202}})
	if err != nil {
		return fmt.Errorf("evacuate server %s: %w", server, understand(err))
	}
	return nil
}

// Migrations are the records of servers that leave or left a host, newest first:
// those created since a time, and all that are in flight. With since the zero time
// it is all of them.
func (c *Client) Migrations(ctx context.Context, source string, since time.Time) ([]api.Migration, error) {
	return c.migrations(ctx, source, func(m api.Migration) bool { return !m.Created.Before(since) })
}

// Evacuations are the evacuations from a host that are under way.
func (c *Client) Evacuations(ctx context.Context, source string) ([]api.Migration, error) {
	list, err := c.migrations(ctx, source, func(api.Migration) bool { return false })
	return slices.DeleteFunc(list, func(m api.Migration) bool { return m.Kind != api.Evacuation }), err
}

// migrations are the records of servers that leave or left a host: those that are in
// flight, and those that have ended and are wanted.
func (c *Client) migrations(ctx context.Context, source string, wanted func(api.Migration) bool) ([]api.Migration, error) {
	sc, err := c.nova(ctx, migrationsVersion, migrationsVersion)
	if err != nil {
		return nil, err
	}
	var out []api.Migration
	query := url.Values{"source_compute": {source}}
	err = pages(ctx, sc, sc.Endpoint+"os-migrations", "migrations", query, func(raw json.RawMessage) (marker string, err error) {
		var list []migration
		err = json.Unmarshal(raw, &list)
		for _, m := range list {
			marker = m.UUID
			// Services that do not know a filter ignore it.
			if r := m.record(); r.Source == source && (r.Outcome() == api.InFlight || wanted(r)) {
				out = append(out, r)
			}
		}
		return marker, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the migrations of %s: %w", source, err)
	}
	return out, nil
}

// migration is a record as nova writes it. Its times have no zone; they are UTC.
type migration struct {
	UUID        string                          `json:"uuid"`
	Kind        string                          `json:"migration_type"`
	Status      string                          `json:"status"`
	Server      string                          `json:"instance_uuid"`
	Source      string                          `json:"source_compute"`
	Destination string                          `json:"dest_compute"`
	Created     gophercloud.JSONRFC3339MilliNoZ `json:"created_at"`
	Updated     gophercloud.JSONRFC3339MilliNoZ `json:"updated_at"`
}

func (m migration) record() api.Migration {
	return api.Migration{
		ID: m.UUID, Kind: m.Kind, Status: m.Status, Server: m.Server, Source: m.Source, Destination: m.Destination,
		Created: time.Time(m.Created), Updated: time.Time(m.Updated),
	}
}
