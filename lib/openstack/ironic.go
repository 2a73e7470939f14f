package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"systole/lib/openstack/api"
)

// ironicVersion is old enough for every ironic in use, and new enough for names in
// place of UUIDs (1.5) and for hard power states to be told from soft ones (1.27).
const ironicVersion = "1.27"

// ironic is the endpoint of version 1 of ironic.
func (c *Client) ironic() (*gophercloud.ServiceClient, error) {
	sc, err := c.service("baremetal")
	if err != nil {
		return nil, err
	}
	sc.Endpoint = strings.TrimSuffix(sc.Endpoint, "v1/") + "v1/"
	sc.MoreHeaders = map[string]string{"X-OpenStack-Ironic-API-Version": ironicVersion}
	return sc, nil
}

const machineFields = "uuid,name,instance_uuid,power_state,target_power_state,last_error"

type machine struct {
	ID       string  `json:"uuid"`
	Name     *string `json:"name"`
	Instance *string `json:"instance_uuid"`
	Power    *string `json:"power_state"`
	Target   *string `json:"target_power_state"`
	Error    *string `json:"last_error"`
}

func (m machine) record() api.Machine {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return api.Machine{ID: m.ID, Name: text(m.Name), Instance: text(m.Instance), Power: text(m.Power), Target: text(m.Target), Error: text(m.Error)}
}

// Machine is the bare metal node of a UUID or name, or that on which the server of
// a UUID runs.
func (c *Client) Machine(ctx context.Context, ident string) (api.Machine, error) {
	sc, err := c.ironic()
	if err != nil {
		return api.Machine{}, err
	}
	var one machine
	err = get(ctx, sc, sc.Endpoint+"nodes/"+url.PathEscape(ident)+"?fields="+machineFields, &one)
	if err == nil && one.ID != ident && one.record().Name != ident {
		return api.Machine{}, fmt.Errorf("ironic was asked for the node %s and answers with another, %s", ident, one.ID)
	}
	if err == nil {
		return one.record(), nil
	}
	if !errors.Is(err, api.ErrNotFound) {
		return api.Machine{}, fmt.Errorf("node %s of ironic: %w", ident, err)
	}
	var list struct {
		Nodes []machine `json:"nodes"`
	}
	query := url.Values{"instance_uuid": {ident}, "fields": {machineFields}}
	if lerr := get(ctx, sc, sc.Endpoint+"nodes?"+query.Encode(), &list); lerr == nil && len(list.Nodes) == 1 && list.Nodes[0].record().Instance == ident {
		return list.Nodes[0].record(), nil
	}
	return api.Machine{}, fmt.Errorf("ironic has no node %s: %w", ident, err)
}

// Machines are all bare metal nodes.
func (c *Client) Machines(ctx context.Context) ([]api.Machine, error) {
	sc, err := c.ironic()
	if err != nil {
		return nil, err
	}
	var out []api.Machine
	query := url.Values{"fields": {machineFields}}
	err = pages(ctx, sc, sc.Endpoint+"nodes", "nodes", query, func(list json.RawMessage) (marker string, err error) {
		var part []machine
		if err := json.Unmarshal(list, &part); err != nil {
			return "", err
		}
		for _, m := range part {
			out = append(out, m.record())
			marker = m.ID
		}
		return marker, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list ironic's nodes: %w", err)
	}
	return out, nil
}

// SetMachinePower asks for "power on" or "power off", the hard one. The answer means
// that ironic has begun with it.
func (c *Client) SetMachinePower(ctx context.Context, id, target string) error {
	sc, err := c.ironic()
	if err != nil {
		return err
	}
	_, err = sc.Request(ctx, "PUT", sc.Endpoint+"nodes/"+url.PathEscape(id)+"/states/power", &gophercloud.RequestOpts{
		JSONBody: map[string]any{"target": target}, OkCodes: []int{202},
	})
	if err != nil {
		return fmt.Errorf("set the power of node %s of ironic to %q: %w", id, target, understand(err))
	}
	return nil
}
