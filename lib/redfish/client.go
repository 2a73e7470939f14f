package redfish

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"systole/lib/redact"
)

// Config says which controller is asked, and how.
type Config struct {
	Host     string // name or address
	Port     int    // 0: 443, or 80 if Plain
	Plain    bool   // without TLS
	Insecure bool   // whatever the certificate
	// CAFile holds certificates in PEM that are trusted instead of those of the system:
	// of signers, or of the controller itself, whose names and dates then do not matter.
	CAFile string

	Root   string // of the service; "": /redfish/v1
	System string // of the machine, or of a collection with one; "": the only one there is

	User     string
	Password redact.Secret
	Timeout  time.Duration // of one request; 0: 30 s
}

func (c Config) withDefaults() Config {
	if c.Port == 0 {
		c.Port = 443
		if c.Plain {
			c.Port = 80
		}
	}
	c.Root = cmp.Or(c.Root, "/redfish/v1")
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	return c
}

// Client is a login at a controller. It is for one goroutine.
type Client struct {
	*exchanger
	session string // where ours is to be deleted; "": there is none
	uri     string // of the machine
	known   bool   // the login has worked
}

// farewell is how long Close may take.
const farewell = 2 * time.Second

// Dial logs in and finds the machine. It changes nothing but the list of sessions.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	e, err := newExchanger(cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{exchanger: e}
	if err := c.begin(ctx, cfg); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) begin(ctx context.Context, cfg Config) error {
	for _, uri := range []string{cfg.Root, cmp.Or(cfg.System, "/")} {
		if _, err := c.resolve(uri); err != nil {
			return failf(BadConfig, "", "an address at the controller: %w", err)
		}
	}
	root, err := c.root(ctx, cfg.Root, true)
	if err != nil {
		return err
	}
	noSession, err := c.login(ctx, root, cfg.Root)
	if err != nil {
		return err
	}
	if root == nil && cfg.System == "" {
		if root, err = c.root(ctx, cfg.Root, false); err != nil {
			return err
		}
	}
	err = c.find(ctx, root, cfg)
	if noSession != nil && (KindOf(err) == Credentials || KindOf(err) == Forbidden) {
		// Basic authentication is switched off, then; not a word on the password.
		return noSession
	}
	c.known = err == nil
	return err
}

// root reads the service root. A nil one, without error, wants a login first.
func (c *Client) root(ctx context.Context, uri string, anonymous bool) (object, error) {
	r := request{method: http.MethodGet, uri: uri, anonymous: anonymous}
	a, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	if anonymous && a.code == http.StatusUnauthorized {
		return nil, nil
	}
	if a.code != http.StatusOK {
		if a.code == http.StatusNotFound {
			return nil, c.fail(NotRedfish, r, "there is no Redfish service: answered with status 404")
		}
		return nil, c.refusal(r, a)
	}
	o, err := parseObject(a.body)
	if err != nil {
		return nil, c.fail(NotRedfish, r, "this is no Redfish service: %w", err)
	}
	if _, linked := o["Systems"]; !linked && o.optional("RedfishVersion") == "" {
		return nil, c.fail(NotRedfish, r, "this is no Redfish service: neither RedfishVersion nor Systems is there")
	}
	return o, nil
}

// login makes a session, or has every request carry the password. In that case
// noSession says why there is none, if it is for want of a free one.
func (c *Client) login(ctx context.Context, root object, base string) (noSession, err error) {
	uri, err := c.sessions(root, base)
	if err != nil {
		return nil, err
	}
	if uri == "" {
		c.basic = true
		return nil, nil
	}
	body, err := json.Marshal(map[string]string{"UserName": c.user, "Password": c.password.Reveal()})
	if err != nil {
		return nil, failf(BadConfig, "", "user and password: %w", err)
	}
	r := request{method: http.MethodPost, uri: uri, body: body, anonymous: true}
	a, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	says := c.complaint(a)
	switch {
	case a.code == http.StatusOK || a.code == http.StatusCreated:
		return nil, c.enter(r, a, says)
	case says.has("PasswordChangeRequired"):
		return nil, c.refusal(r, a)
	case a.code == http.StatusUnauthorized || says.has("UnauthorizedLoginAttempt", "InvalidCredentials"):
		return nil, c.fail(Credentials, r, "the controller does not know the user or the password (status %d) %s", a.code, says)
	}
	c.basic = true
	if a.code == http.StatusServiceUnavailable || says.has("SessionLimitExceeded", "CreateLimitReachedForResource", "ResourceInUse") {
		return c.fail(NoSession, r, "the controller has no session left (status %d) %s: end some there, or have it allow basic authentication", a.code, says), nil
	}
	return nil, nil
}

// sessions is where sessions are made; "" if nowhere.
func (c *Client) sessions(root object, base string) (string, error) {
	base = strings.TrimSuffix(base, "/")
	if root == nil {
		return c.resolve(base + "/SessionService/Sessions")
	}
	link := ""
	if links, err := root.object("Links"); err == nil {
		link, _ = links.link("Sessions")
	}
	if link == "" {
		service, err := root.link("SessionService")
		if err != nil {
			return "", nil
		}
		link = strings.TrimSuffix(service, "/") + "/Sessions"
	}
	uri, err := c.resolve(link)
	if err != nil {
		return "", failf(NotRedfish, "", "sessions of the service root: %w", err)
	}
	return uri, nil
}

// enter keeps the token of a new session.
func (c *Client) enter(r request, a answer, says complaint) error {
	token := a.header.Get("X-Auth-Token")
	where := a.header.Get("Location")
	if o, err := parseObject(a.body); err == nil {
		where = cmp.Or(where, o.optional("@odata.id"))
	}
	if token == "" {
		c.basic = true
		return nil
	}
	c.know(token)
	if where != "" {
		// An address with a name that is not ours is still a path here.
		if i := strings.Index(where, "://"); i >= 0 {
			if j := strings.IndexByte(where[i+3:], '/'); j >= 0 {
				where = where[i+3+j:]
			}
		}
		if uri, err := c.resolve(where); err == nil {
			c.session = uri
		}
	}
	if says.has("PasswordChangeRequired") {
		return c.fail(Password, r, "the password must be changed first: log in at the controller and change it")
	}
	return nil
}

// find settles which machine is meant.
func (c *Client) find(ctx context.Context, root object, cfg Config) error {
	uri := cfg.System
	if uri == "" {
		link, err := root.link("Systems")
		if err != nil {
			return failf(NoSystem, "", "the service root %s: %w", cfg.Root, err)
		}
		uri = link
	}
	for range 2 {
		path, err := c.resolve(uri)
		if err != nil {
			return failf(NotRedfish, "", "the address of the machine: %w", err)
		}
		r := request{method: http.MethodGet, uri: path}
		a, err := c.get(ctx, r)
		if err != nil {
			return err
		}
		o, err := parseObject(a.body)
		if err != nil {
			return c.fail(Protocol, r, "%w", err)
		}
		if _, collection := o["Members"]; !collection {
			c.uri = path
			return nil
		}
		if uri, err = only(o); err != nil {
			return c.fail(NoSystem, r, "%w", err)
		}
	}
	return failf(NoSystem, "", "the collection of machines %s holds another collection", clip(uri))
}

// only is the one member of a collection.
func only(o object) (string, error) {
	members, more, err := parseMembers(o)
	switch {
	case err != nil:
		return "", err
	case len(members) == 0:
		return "", errors.New("the controller has no machine")
	case len(members) > 1 || more:
		slices.Sort(members)
		return "", errors.New("the controller has several machines: choose one of " + clip(strings.Join(members, ", ")))
	}
	return members[0], nil
}

// get does a GET that must be answered with 200.
func (c *Client) get(ctx context.Context, r request) (answer, error) {
	a, err := c.send(ctx, r)
	if err == nil && a.code != http.StatusOK {
		err = c.refusal(r, a)
	}
	return a, err
}

// refusal is the error of an answer that is none of success.
func (c *Client) refusal(r request, a answer) error {
	says := c.complaint(a)
	switch {
	case says.has("PasswordChangeRequired"):
		return c.fail(Password, r, "the password must be changed first: log in at the controller and change it")
	case a.code == http.StatusUnauthorized && c.known:
		return c.fail(Expired, r, "the controller no longer knows the login (status 401) %s", says)
	case a.code == http.StatusUnauthorized:
		return c.fail(Credentials, r, "the controller does not know the user or the password (status 401) %s", says)
	case a.code == http.StatusForbidden:
		return c.fail(Forbidden, r, "the user %q may not do that (status 403) %s", c.user, says)
	case a.code == http.StatusNotFound:
		return c.fail(Missing, r, "there is no such resource (status 404) %s", says)
	case a.code == http.StatusServiceUnavailable || a.code == http.StatusTooManyRequests:
		return c.fail(Busy, r, "the controller is busy (status %d) %s", a.code, says)
	}
	return c.fail(Protocol, r, "answered with status %d %s", a.code, says)
}

// Close deletes the session, within two seconds.
func (c *Client) Close() {
	limit := farewell
	if c.silent {
		limit = farewell / 4 // one that is gone does not hear it
	}
	if c.session != "" {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		_, _ = c.once(ctx, request{method: http.MethodDelete, uri: c.session})
		c.session = ""
	}
	c.http.CloseIdleConnections()
}
