package redfish

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"systole/lib/redact"
)

const (
	maxBody    = 1 << 20 // documents of controllers have some 10 kB
	maxHeader  = 64 << 10
	maxHops    = 3
	maxReturns = 20 // times that Retry-After is followed
	shortest   = 100 * time.Millisecond
)

// exchanger does requests to one controller.
type exchanger struct {
	base   url.URL
	http   *http.Client
	limit  time.Duration // of one request
	redact *redact.Redactor

	user     string
	password redact.Secret
	basic    bool
	token    string
	silent   bool // the last request had no answer
}

type request struct {
	method, uri string
	body        []byte
	ifMatch     string
	anonymous   bool
}

type answer struct {
	code   int
	header http.Header
	body   []byte
	uri    string // that answered, after redirects
}

func newExchanger(c Config) (*exchanger, error) {
	e := &exchanger{limit: c.Timeout, user: c.User, password: c.Password}
	e.base.Scheme, e.base.Host = "https", net.JoinHostPort(c.Host, strconv.Itoa(c.Port))
	if c.Plain {
		e.base.Scheme = "http"
	}
	e.know("")
	conf := &tls.Config{InsecureSkipVerify: c.Insecure}
	if c.CAFile != "" {
		t, err := readTrust(c.CAFile, c.Host)
		if err != nil {
			return nil, failf(BadConfig, "", "%w", err)
		}
		if !c.Insecure {
			conf.InsecureSkipVerify, conf.VerifyConnection = true, t.verify
		}
	}
	e.http = &http.Client{
		// No proxy of the environment, and no HTTP/2: nothing may stand between, and
		// controllers are old. No compression, as it makes small bodies large.
		Transport: &http.Transport{
			TLSClientConfig: conf, DisableCompression: true, MaxResponseHeaderBytes: maxHeader, MaxConnsPerHost: 1,
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return e, nil
}

// know makes the token a secret like the password.
func (e *exchanger) know(token string) {
	e.token, e.redact = token, redact.New(e.password.Reveal(), token)
}

func (e *exchanger) op(r request) string { return r.method + " " + e.base.String() + clip(r.uri) }

// fail makes an error whose text holds no secret.
func (e *exchanger) fail(kind Kind, r request, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if shown := e.redact.String(err.Error()); shown != err.Error() {
		err = errors.New(shown)
	}
	return &Error{Kind: kind, Op: e.redact.String(e.op(r)), Err: err}
}

// resolve is the path of a link. A link to another host is an error: what answers
// there is another machine.
func (e *exchanger) resolve(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Opaque != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") {
		return "", fmt.Errorf("the link %q is no path", clip(link))
	}
	if u.Host != "" && (u.Scheme != "" && u.Scheme != e.base.Scheme || e.port(u) != e.base.Host) {
		return "", fmt.Errorf("the link %q leads to another place than %s", clip(link), e.base.String())
	}
	u.Scheme, u.Host, u.Fragment, u.RawFragment = "", "", "", ""
	if strings.HasPrefix(u.Path, "//") {
		return "", fmt.Errorf("the link %q is no path", clip(link))
	}
	return u.RequestURI(), nil
}

func (e *exchanger) port(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[e.base.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// send does a request, follows the controller to its other addresses, and comes back
// later when it asks for that.
func (e *exchanger) send(ctx context.Context, r request) (answer, error) {
	hops, returns := 0, 0
	for {
		a, err := e.once(ctx, r)
		if err != nil {
			return a, err
		}
		switch a.code {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			if hops++; hops > maxHops {
				return a, e.fail(NotRedfish, r, "it leads from one address to the next without end")
			}
			if r.method != http.MethodGet && a.code < http.StatusTemporaryRedirect {
				return a, e.fail(Protocol, r, "answered with status %d, which would change the request", a.code)
			}
			if r.uri, err = e.resolve(a.header.Get("Location")); err != nil {
				return a, e.fail(NotRedfish, r, "answered with status %d: %w", a.code, err)
			}
		case http.StatusServiceUnavailable, http.StatusTooManyRequests:
			after, asked := retryAfter(a.header)
			if returns++; !asked || returns > maxReturns {
				return a, nil
			}
			if err := pause(ctx, after); err != nil {
				return a, e.fail(Busy, r, "the controller is busy and asks to come back after %s: %w", after, err)
			}
		default:
			return a, nil
		}
	}
}

// once does one request.
func (e *exchanger) once(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, e.base.String()+r.uri, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, e.fail(BadConfig, r, "the address cannot be: %s", clip(err.Error()))
	}
	e.dress(req, r)
	resp, err := e.http.Do(req)
	e.silent = err != nil
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the address stands in our own text
		}
		return answer{}, e.fail(transportKind(err), r, "%w", err)
	}
	defer resp.Body.Close()
	a := answer{code: resp.StatusCode, header: resp.Header, uri: r.uri}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		e.silent = ctx.Err() != nil
		return a, e.fail(NoAnswer, r, "the answer breaks off after %d bytes: %w", len(a.body), err)
	case len(a.body) > maxBody:
		return a, e.fail(Protocol, r, "the answer is larger than %d bytes", maxBody)
	case resp.Header.Get("Age") != "" && resp.Header.Get("Age") != "0":
		return a, e.fail(Protocol, r, "the answer is %s seconds old, out of a cache: ask the controller itself, not a proxy", clip(resp.Header.Get("Age")))
	}
	return a, nil
}

// dress sets the headers. Some controllers answer 406 without Accept
// (ClusterLabs/fence-agents#265), and caches must not answer at all.
func (e *exchanger) dress(req *http.Request, r request) {
	h := req.Header
	h.Set("Accept", "application/json")
	h.Set("OData-Version", "4.0")
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Pragma", "no-cache")
	h.Set("User-Agent", "systole")
	if r.body != nil {
		h.Set("Content-Type", "application/json")
	}
	if r.ifMatch != "" {
		h.Set("If-Match", r.ifMatch)
	}
	switch {
	case r.anonymous:
	case e.token != "":
		h.Set("X-Auth-Token", e.token)
	case e.basic:
		req.SetBasicAuth(e.user, e.password.Reveal())
	}
}

// complaint is what a body says of itself, without secrets.
func (e *exchanger) complaint(a answer) complaint {
	return parseComplaint([]byte(e.redact.String(string(a.body))))
}

// retryAfter reads the header Retry-After: seconds, or a date.
func retryAfter(h http.Header) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return max(shortest, time.Duration(n)*time.Second), true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(shortest, time.Until(at)), true
	}
	return 0, false
}

// pause waits, unless the deadline comes first: then it does not wait at all.
func pause(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
