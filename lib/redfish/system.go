package redfish

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// System asks for the machine now.
func (c *Client) System(ctx context.Context) (*SystemState, error) {
	r := request{method: http.MethodGet, uri: c.uri}
	a, err := c.get(ctx, r)
	if err != nil {
		return nil, err
	}
	s, err := parseSystem(a.body)
	if err != nil {
		return nil, c.fail(Protocol, r, "%w", err)
	}
	if s.URI != "" && !samePlace(s.URI, a.uri) {
		return nil, c.fail(Protocol, r, "it answers with another resource, %q: give that one as the system if it is meant", clip(s.URI))
	}
	s.URI = c.uri
	s.etag = cmp.Or(a.header.Get("ETag"), s.etag)
	if s.powerErr != nil {
		s.powerErr = c.fail(Protocol, r, "%w", s.powerErr)
	}
	return s, nil
}

func samePlace(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, "/"), strings.TrimRight(b, "/"))
}

// Allowed asks which reset types the machine offers, when it has not said so itself.
func (c *Client) Allowed(ctx context.Context, s *SystemState) (Allows, error) {
	if s.Allows.Stated || s.info == "" {
		return s.Allows, nil
	}
	uri, err := c.resolve(s.info)
	if err != nil {
		return Allows{}, failf(Protocol, "", "ActionInfo of %s: %w", s.URI, err)
	}
	r := request{method: http.MethodGet, uri: uri}
	a, err := c.get(ctx, r)
	if KindOf(err) == Missing && err != nil {
		return Allows{}, nil // it does not say, after all
	}
	if err != nil {
		return Allows{}, err
	}
	allows, err := parseActionInfo(a.body)
	if err != nil {
		return Allows{}, c.fail(Protocol, r, "%w", err)
	}
	return allows, nil
}

// Reset has the controller do a reset, and returns when it has taken it. That is no
// proof of anything: ask for the state.
func (c *Client) Reset(ctx context.Context, s *SystemState, typ string) error {
	if s.target == "" {
		return failf(Unsupported, "", "%s%s does not offer %s: it cannot be reset over Redfish, or not by the user %q", c.base.String(), s.URI, resetAction, c.user)
	}
	uri, err := c.resolve(s.target)
	if err != nil {
		return failf(Protocol, "", "the target of %s: %w", resetAction, err)
	}
	body, err := json.Marshal(map[string]string{"ResetType": typ})
	if err != nil {
		return failf(BadConfig, "", "the reset type: %w", err)
	}
	r := request{method: http.MethodPost, uri: uri, body: body}
	a, err := c.send(ctx, r)
	for try := 0; err == nil && try < 2 && (a.code == http.StatusPreconditionFailed || a.code == http.StatusPreconditionRequired); try++ {
		// It wants to hear which version we have seen; power changes it all the time.
		fresh, ferr := c.System(ctx)
		if ferr != nil {
			return ferr
		}
		r.ifMatch = cmp.Or(fresh.etag, "*")
		a, err = c.send(ctx, r)
	}
	if err != nil {
		return err
	}
	return c.judge(ctx, r, a, typ)
}

// judge says what the answer to a reset means.
func (c *Client) judge(ctx context.Context, r request, a answer, typ string) error {
	switch a.code {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		return nil
	case http.StatusAccepted:
		return c.follow(ctx, r, a)
	}
	says := c.complaint(a)
	// What controllers say to a power-off of a machine that has no power.
	already := says.has("ActionNotSupported", "InvalidOperationForSystemState", "NoOperation", "PSU501", "ResourceStateNotSupported")
	switch {
	case a.code == http.StatusConflict, already && a.code >= 400 && a.code < 500 && a.code != http.StatusUnauthorized:
		return c.fail(Already, r, "%s is refused (status %d) %s", typ, a.code, says)
	case a.code >= 400 && a.code < 500:
		switch err := c.refusal(r, a); KindOf(err) {
		case Protocol, Missing:
			return c.fail(Refused, r, "%s is refused (status %d) %s", typ, a.code, says)
		default:
			return err
		}
	case a.code == http.StatusServiceUnavailable:
		return c.refusal(r, a)
	}
	return c.fail(Refused, r, "%s has failed (status %d) %s", typ, a.code, says)
}

// Tasks are followed to learn of failures early. One that takes long has been taken.
const (
	patience = 3 * time.Second
	polling  = 300 * time.Millisecond
)

// lost is a table: answers that say nothing of a task.
var lost = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone,
	http.StatusTooManyRequests, http.StatusServiceUnavailable,
}

// follow watches the task of a reset.
func (c *Client) follow(ctx context.Context, r request, a answer) error {
	where := a.header.Get("Location")
	if o, err := parseObject(a.body); err == nil && where == "" {
		where = o.optional("@odata.id")
	}
	if state, text := parseTask(a.body); state == failed {
		return c.fail(Refused, r, "the task has failed: %s", c.redact.String(text))
	}
	if where == "" {
		return nil
	}
	uri, err := c.resolve(where)
	if err != nil {
		return c.fail(Protocol, r, "its task: %w", err)
	}
	end := time.Now().Add(c.patience(ctx))
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	task := request{method: http.MethodGet, uri: uri}
	for time.Now().Before(end) {
		a, err := c.send(ctx, task)
		if err != nil || slices.Contains(lost, a.code) {
			return nil // the reset was taken; that its task is lost says nothing
		}
		state, text := parseTask(a.body)
		switch {
		case a.code >= 400:
			return c.fail(Refused, task, "the task has failed (status %d) %s", a.code, c.complaint(a))
		case state == failed:
			return c.fail(Refused, task, "the task has failed: %s", c.redact.String(text))
		case a.code != http.StatusAccepted && state == completed:
			return nil
		}
		after, asked := retryAfter(a.header)
		if !asked {
			after = polling
		}
		if pause(ctx, after) != nil {
			return nil
		}
	}
	return nil
}

// patience leaves time to the caller.
func (c *Client) patience(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(patience, time.Until(deadline)/2)
	}
	return patience
}
