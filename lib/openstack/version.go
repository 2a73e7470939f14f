package openstack

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
)

// A microversion is the second number of a version of nova's API.
type microversion int

func (m microversion) String() string { return "2." + strconv.Itoa(int(m)) }

// versions are the microversions that nova has, asked for once.
type versions struct {
	mu       sync.Mutex
	known    bool
	min, max microversion
}

// versioned is the part of an endpoint up to its version: what follows is the
// project, in old catalogs.
var versioned = regexp.MustCompile(`^.*?/v\d+(\.\d+)?/`)

// nova is nova's endpoint at the highest microversion that is not above want.
func (c *Client) nova(ctx context.Context, least, want microversion) (*gophercloud.ServiceClient, error) {
	sc, err := c.service("compute")
	if err != nil {
		return nil, err
	}
	v := &c.compute
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		if err := v.ask(ctx, sc); err != nil {
			return nil, err
		}
	}
	if v.max < least || v.min > want {
		return nil, fmt.Errorf("nova at %s has the microversions %s to %s, this program needs %s to %s: a supported nova (Pike or newer) is required", sc.Endpoint, v.min, v.max, least, want)
	}
	sc.Microversion = min(v.max, want).String()
	return sc, nil
}

func (v *versions) ask(ctx context.Context, sc *gophercloud.ServiceClient) error {
	url := versioned.FindString(sc.Endpoint)
	if url == "" {
		url = sc.Endpoint
	}
	var doc struct {
		Version struct {
			Max string `json:"version"`
			Min string `json:"min_version"`
		} `json:"version"`
	}
	if err := get(ctx, sc, url, &doc); err != nil {
		return fmt.Errorf("ask nova at %s for its versions: %w", url, err)
	}
	var ok1, ok2 bool
	v.min, ok1 = parseMicroversion(doc.Version.Min)
	v.max, ok2 = parseMicroversion(doc.Version.Max)
	if !ok1 || !ok2 {
		return fmt.Errorf("nova at %s has no microversions: the catalog must name the endpoint of API v2.1", url)
	}
	v.known = true
	return nil
}

func parseMicroversion(text string) (microversion, bool) {
	digits, ok := strings.CutPrefix(text, "2.")
	n, err := strconv.Atoi(digits)
	return microversion(n), ok && err == nil && n >= 0
}

// get reads JSON.
func get(ctx context.Context, sc *gophercloud.ServiceClient, url string, out any) error {
	_, err := sc.Request(ctx, "GET", url, &gophercloud.RequestOpts{JSONResponse: out, OkCodes: []int{200}})
	return understand(err)
}
