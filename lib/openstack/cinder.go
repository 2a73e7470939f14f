package openstack

import (
	"context"
	"fmt"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/services"

	"systole/lib/openstack/api"
)

// cinder is cinder's endpoint of version 3, which has had three names in catalogs.
func (c *Client) cinder() (*gophercloud.ServiceClient, error) {
	return c.service("block-storage", "volumev3", "volume")
}

// VolumeServices are the cinder-volume services.
func (c *Client) VolumeServices(ctx context.Context) ([]api.VolumeService, error) {
	sc, err := c.cinder()
	if err != nil {
		return nil, err
	}
	page, err := services.List(sc, services.ListOpts{Binary: "cinder-volume"}).AllPages(ctx)
	if err != nil {
		return nil, fmt.Errorf("list cinder's services: %w", understand(err))
	}
	list, err := services.ExtractServices(page)
	if err != nil {
		return nil, fmt.Errorf("list cinder's services: %w", err)
	}
	out := make([]api.VolumeService, 0, len(list))
	for _, s := range list {
		if s.Binary != "cinder-volume" {
			continue
		}
		out = append(out, api.VolumeService{
			Host: s.Host, Up: s.State == "up", Enabled: s.Status == "enabled", DisabledReason: s.DisabledReason, Updated: s.UpdatedAt,
		})
	}
	return out, nil
}

// DisableVolumeService keeps cinder from giving new volumes to a service.
func (c *Client) DisableVolumeService(ctx context.Context, host, reason string) error {
	return c.setVolumeService(ctx, "disable-log-reason", map[string]any{"binary": "cinder-volume", "host": host, "disabled_reason": cut(reason)})
}

// EnableVolumeService takes that back.
func (c *Client) EnableVolumeService(ctx context.Context, host string) error {
	return c.setVolumeService(ctx, "enable", map[string]any{"binary": "cinder-volume", "host": host})
}

func (c *Client) setVolumeService(ctx context.Context, what string, body map[string]any) error {
	sc, err := c.cinder()
	if err != nil {
		return err
	}
	_, err = sc.Request(ctx, "PUT", sc.Endpoint+"os-services/"+what, &gophercloud.RequestOpts{JSONBody: body, OkCodes: []int{200}})
	if err != nil {
		return fmt.Errorf("change the service cinder-volume of %v: %w", body["host"], understand(err))
	}
	return nil
}
