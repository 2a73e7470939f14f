package openstack

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// wire is the transport: it limits answers and looks at the clock of the server.
type wire struct {
	next *http.Transport
	last atomic.Int64 // Unix seconds
}

func (w *wire) date() time.Time {
	if s := w.last.Load(); s != 0 {
		return time.Unix(s, 0).UTC()
	}
	return time.Time{}
}

// RoundTrip sends a request.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		w.last.Store(t.Unix())
	}
	resp.Body = &limited{ReadCloser: resp.Body, left: maxAnswer, url: r.URL.Redacted()}
	return resp, nil
}

// CloseIdleConnections is what http.Client calls by that name, if it is there.
func (w *wire) CloseIdleConnections() { w.next.CloseIdleConnections() }

// limited is a body that ends in an error when it is too long.
type limited struct {
	io.ReadCloser
	left int64
	url  string
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the answer of %s has more than %d bytes", l.url, maxAnswer)
	}
	return n, err
}
