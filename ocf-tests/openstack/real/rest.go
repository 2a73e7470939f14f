package real

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// rest is a user of the services who does what agents never do: makes flavors and
// servers. It is its own client, so that a mistake of the one that is tested is not
// repeated here.
type rest struct {
	token string
}

// call sends a request and decodes the answer into out, unless that is nil.
func (r *rest) call(ctx context.Context, method, url string, in, out any) (http.Header, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("OpenStack-API-Version", "compute 2.87")
	if r.token != "" {
		req.Header.Set("X-Auth-Token", r.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, bytes.TrimSpace(text))
	}
	if out == nil {
		return resp.Header, nil
	}
	return resp.Header, json.Unmarshal(text, out)
}

func (l *Lab) logIn(ctx context.Context) error {
	domain := map[string]any{"name": "Default"}
	h, err := l.rest.call(ctx, "POST", l.url("keystone", "/v3/auth/tokens"), map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{
			"user": map[string]any{"name": "admin", "domain": domain, "password": password},
		}},
		"scope": map[string]any{"project": map[string]any{"name": "admin", "domain": domain}},
	}}, nil)
	if err == nil {
		l.rest.token = h.Get("X-Subject-Token")
	}
	return err
}

// AddFlavor makes a flavor, unless there is one of that name, with extra specs.
func (l *Lab) AddFlavor(ctx context.Context, name string, memory int, specs map[string]string) error {
	nova := l.url("nova", "/v2.1")
	_, err := l.rest.call(ctx, "POST", nova+"/flavors", map[string]any{
		"flavor": map[string]any{"id": name, "name": name, "ram": memory, "vcpus": 1, "disk": 1},
	}, nil)
	if err != nil && !strings.Contains(err.Error(), "409") || len(specs) == 0 {
		return ignore409(err)
	}
	_, err = l.rest.call(ctx, "POST", nova+"/flavors/"+name+"/os-extra_specs", map[string]any{"extra_specs": specs}, nil)
	return err
}

func ignore409(err error) error {
	if err != nil && strings.Contains(err.Error(), "409 Conflict") {
		return nil
	}
	return err
}

// Boot makes n servers on a host and waits until they run.
func (l *Lab) Boot(ctx context.Context, host, flavor string, n int) ([]string, error) {
	var images struct {
		Images []struct{ ID string }
	}
	if _, err := l.rest.call(ctx, "GET", l.url("glance", "/v2/images"), nil, &images); err != nil {
		return nil, err
	}
	if len(images.Images) == 0 {
		return nil, fmt.Errorf("glance has no image")
	}
	var ids []string
	for i := range n {
		var made struct{ Server struct{ ID string } }
		_, err := l.rest.call(ctx, "POST", l.url("nova", "/v2.1/servers"), map[string]any{"server": map[string]any{
			"name": fmt.Sprintf("%s-%s-%d", host, flavor, i), "flavorRef": flavor, "imageRef": images.Images[0].ID, "networks": "none", "host": host,
		}}, &made)
		if err != nil {
			return nil, err
		}
		ids = append(ids, made.Server.ID)
	}
	for _, id := range ids {
		if err := l.waitActive(ctx, id); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

func (l *Lab) waitActive(ctx context.Context, id string) error {
	return wait(ctx, "server "+id+" to run", func() (bool, error) {
		var got struct {
			Server struct {
				Status string
				Fault  struct{ Message string }
			}
		}
		if _, err := l.rest.call(ctx, "GET", l.url("nova", "/v2.1/servers/"+id), nil, &got); err != nil {
			return false, err
		}
		if got.Server.Status == "ERROR" {
			return false, fmt.Errorf("server %s: %s", id, got.Server.Fault.Message)
		}
		return got.Server.Status == "ACTIVE", nil
	})
}

// wait asks until the answer is yes, an error comes, or ctx ends.
func wait(ctx context.Context, what string, ask func() (bool, error)) error {
	for {
		ok, err := ask()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w", what, context.Cause(ctx))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// DeleteServer removes a server.
func (l *Lab) DeleteServer(ctx context.Context, id string) error {
	return wait(ctx, "server "+id+" to be gone", func() (bool, error) {
		_, err := l.rest.call(ctx, "DELETE", l.url("nova", "/v2.1/servers/"+id), nil, nil)
		if err != nil && strings.Contains(err.Error(), "404") {
			return true, nil
		}
		return false, err
	})
}
