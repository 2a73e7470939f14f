package openstack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answer is what a request is answered with.
type answer struct {
	status int
	body   any // nil: nothing
}

func fail(status int, format string, args ...any) answer {
	names := map[int]string{400: "badRequest", 401: "error", 403: "forbidden", 404: "itemNotFound", 406: "notAcceptable", 409: "conflictingRequest"}
	return answer{status, map[string]any{names[status]: map[string]any{"code": status, "message": fmt.Sprintf(format, args...)}}}
}

// call is a request that has been read.
type call struct {
	*http.Request
	path    []string // without the name of the service
	body    map[string]any
	version int // microversion
}

// object is a member of the body that is an object.
func (r *call) object(name string) map[string]any {
	o, _ := r.body[name].(map[string]any)
	return o
}

// ServeHTTP answers a request.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if c.Hook != nil {
		f = c.Hook(r)
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
		}
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
		return
	}
	a, header := c.answer(r)
	if f.Lose {
		panic(http.ErrAbortHandler)
	}
	for name, value := range header {
		w.Header().Set(name, value)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

func (c *Cloud) answer(r *http.Request) (answer, map[string]string) {
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return fail(http.StatusBadRequest, "%v", err), nil
	}
	in := &call{Request: r, path: strings.Split(strings.Trim(r.URL.Path, "/"), "/")}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &in.body); err != nil {
			return fail(http.StatusBadRequest, "malformed body: %v", err), nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.requests) == maxRequests { // of a cloud that is run by hand for days
		c.requests = append([]string(nil), c.requests[maxRequests/2:]...)
	}
	c.requests = append(c.requests, r.Method+" "+r.URL.Path)
	c.settle()
	service := in.path[0]
	in.path = in.path[1:]
	if service == "identity" {
		return c.identity(in)
	}
	if !c.tokens[r.Header.Get("X-Auth-Token")] {
		return fail(http.StatusUnauthorized, "The request you have made requires authentication."), nil
	}
	switch service {
	case "compute":
		return c.compute(in), nil
	case "volume":
		return c.volume(in), nil
	case "image":
		return c.image(in), nil
	case "baremetal":
		return c.baremetal(in), nil
	}
	return fail(http.StatusNotFound, "The resource could not be found."), nil
}

// identity is keystone.
func (c *Cloud) identity(r *call) (answer, map[string]string) {
	base := "http://" + r.Host + "/identity/v3/"
	version := map[string]any{"id": "v3.14", "status": "stable", "links": []any{map[string]any{"rel": "self", "href": base}}}
	switch strings.Join(r.path, "/") {
	case "":
		return answer{http.StatusMultipleChoices, map[string]any{"versions": map[string]any{"values": []any{version}}}}, nil
	case "v3":
		return answer{http.StatusOK, map[string]any{"version": version}}, nil
	case "v3/auth/tokens":
		if r.Method == http.MethodPost {
			return c.logIn(r)
		}
	}
	return fail(http.StatusNotFound, "not found"), nil
}

// dig finds a value in nested objects.
func dig(o map[string]any, path ...string) string {
	for _, name := range path[:len(path)-1] {
		o, _ = o[name].(map[string]any)
	}
	text, _ := o[path[len(path)-1]].(string)
	return text
}

func (c *Cloud) logIn(r *call) (answer, map[string]string) {
	auth := r.object("auth")
	user := dig(auth, "identity", "password", "user", "name") == User &&
		dig(auth, "identity", "password", "user", "domain", "name") == "Default" &&
		dig(auth, "identity", "password", "user", "password") == Password &&
		dig(auth, "scope", "project", "name") == Project &&
		dig(auth, "scope", "project", "domain", "name") == "Default"
	app := dig(auth, "identity", "application_credential", "id") == ApplicationCredential &&
		dig(auth, "identity", "application_credential", "secret") == AppSecret
	if !user && !app {
		return fail(http.StatusUnauthorized, "The request you have made requires authentication."), nil
	}
	token := "token-" + c.id()
	c.tokens[token] = true
	body := map[string]any{"token": map[string]any{
		"methods": []string{"password"}, "expires_at": c.now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05.000000Z"),
		"catalog": c.catalog("http://" + r.Host),
	}}
	return answer{http.StatusCreated, body}, map[string]string{"X-Subject-Token": token}
}

func (c *Cloud) catalog(base string) []any {
	var list []any
	for _, s := range []struct{ kind, url string }{
		{"identity", "/identity/v3"}, {"compute", "/compute/v2.1"}, {"volumev3", "/volume/v3/" + Project}, {"image", "/image"}, {"baremetal", "/baremetal"},
	} {
		var endpoints []any
		for _, face := range []string{"public", "internal", "admin"} {
			endpoints = append(endpoints, map[string]any{
				"id": face, "interface": face, "region": Region, "region_id": Region, "url": base + s.url,
			})
		}
		list = append(list, map[string]any{"type": s.kind, "name": s.kind, "id": s.kind, "endpoints": endpoints})
	}
	return list
}

// page cuts a list to a page, as the query asks.
func page[T any](r *call, list []T, id func(T) string) (part []T, more bool) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit <= 0 || limit > 1000 {
		limit = 1000
	}
	if marker := q.Get("marker"); marker != "" {
		for i, item := range list {
			if id(item) == marker {
				list = list[i+1:]
				break
			}
		}
	}
	if len(list) > limit {
		return list[:limit], true
	}
	return list, false
}
