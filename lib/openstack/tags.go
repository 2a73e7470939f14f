package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"

	"systole/lib/openstack/api"
)

// extraSpecsVersion is from where on a list of flavors has their extra specs.
const extraSpecsVersion microversion = 61

// Tagged finds the flavors whose extra specs say TAG=true, and the images that have
// the tag or whose properties say so.
func (c *Client) Tagged(ctx context.Context, tag string) (api.Tagged, error) {
	flavors, err := c.taggedFlavors(ctx, tag)
	if err != nil {
		return api.Tagged{}, fmt.Errorf("find the flavors tagged %s: %w", tag, err)
	}
	images, err := c.taggedImages(ctx, tag)
	if err != nil {
		return api.Tagged{}, fmt.Errorf("find the images tagged %s: %w", tag, err)
	}
	return api.Tagged{Images: images, Flavors: flavors}, nil
}

func isTrue(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "true") }

func (c *Client) taggedFlavors(ctx context.Context, tag string) ([]string, error) {
	sc, err := c.nova(ctx, 1, extraSpecsVersion)
	if err != nil {
		return nil, err
	}
	alone := sc.Microversion != extraSpecsVersion.String() // each has to be asked for
	var ids []string
	query := url.Values{"is_public": {"None"}} // public or not
	err = pages(ctx, sc, sc.Endpoint+"flavors/detail", "flavors", query, func(raw json.RawMessage) (marker string, err error) {
		var list []flavors.Flavor
		if err := json.Unmarshal(raw, &list); err != nil {
			return "", err
		}
		for _, f := range list {
			marker = f.ID
			specs := f.ExtraSpecs
			if alone {
				if specs, err = flavors.ListExtraSpecs(ctx, sc, f.ID).Extract(); err != nil {
					return "", understand(err)
				}
			}
			if isTrue(specs[tag]) {
				ids = append(ids, f.ID)
			}
		}
		return marker, nil
	})
	return ids, err
}

// image is what is looked at of an image: any property is a member of it.
type image map[string]any

func (i image) tagged(tag string) bool {
	tags, _ := i["tags"].([]any)
	property, _ := i[tag].(string)
	return slices.Contains(tags, any(tag)) || isTrue(property)
}

func (c *Client) taggedImages(ctx context.Context, tag string) ([]string, error) {
	sc, err := c.service("image")
	if err != nil {
		return nil, err
	}
	var ids []string
	address := strings.TrimSuffix(sc.Endpoint, "v2/") + "v2/images"
	err = pages(ctx, sc, address, "images", url.Values{}, func(raw json.RawMessage) (marker string, err error) {
		var list []image
		err = json.Unmarshal(raw, &list)
		for _, i := range list {
			marker, _ = i["id"].(string)
			if i.tagged(tag) {
				ids = append(ids, marker)
			}
		}
		return marker, err
	})
	return ids, err
}
