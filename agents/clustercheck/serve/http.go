package serve

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"systole/agents/clustercheck"
)

// Limits of the service.
const (
	maxConnections = 2000
	maxHeader      = 8 << 10
	headerTimeout  = 5 * time.Second
	writeTimeout   = 5 * time.Second
	idleTimeout    = time.Minute
)

// report is the answer as JSON.
type report struct {
	Available   bool   `json:"available"`
	Reason      string `json:"reason"`
	State       string `json:"state,omitempty"`
	Cluster     string `json:"cluster,omitempty"`
	Size        int    `json:"cluster_size"`
	Ready       bool   `json:"ready"`
	ReadOnly    bool   `json:"read_only"`
	Version     string `json:"version,omitempty"`
	UUID        string `json:"cluster_uuid,omitempty"`
	Committed   int64  `json:"last_committed"`
	AgeMS       int64  `json:"age_ms"` // -1: there is no answer yet
	Maintenance bool   `json:"maintenance"`
	Error       string `json:"error,omitempty"`
}

// ServeHTTP answers a check from what is known; it never waits for the server.
func (p *poller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Server"] = []string{"systole-clustercheck"}
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Type"] = []string{"text/plain; charset=utf-8"}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		h["Allow"] = []string{"GET, HEAD, OPTIONS"}
		http.Error(w, "use GET, HEAD or OPTIONS", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path == "/alive" {
		write(w, r, http.StatusOK, []byte("the service runs\r\n"))
		return
	}
	now := time.Now()
	s := p.sight()
	a := clustercheck.Judge(p.config.Policy, s, now)
	code := http.StatusServiceUnavailable
	if a.Available {
		code = http.StatusOK
	}
	body := []byte(a.Reason + "\r\n")
	if r.URL.Path == "/json" || strings.Contains(r.Header.Get("Accept"), "application/json") {
		h["Content-Type"] = []string{"application/json"}
		body = asJSON(a, s, now)
	}
	write(w, r, code, body)
}

func write(w http.ResponseWriter, r *http.Request, code int, body []byte) {
	w.Header()["Content-Length"] = []string{fmt.Sprint(len(body))}
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // whoever asked is gone, if this fails
	}
}

func asJSON(a clustercheck.Answer, s clustercheck.Sight, now time.Time) []byte {
	out := report{
		Available: a.Available, Reason: a.Reason, Maintenance: s.Maintenance != "", Error: s.Err, AgeMS: -1,
	}
	if !s.At.IsZero() {
		out.State, out.Cluster, out.Size, out.Ready = s.State.String(), string(s.Component), s.Size, s.Ready
		out.ReadOnly, out.Version, out.UUID, out.Committed = s.ReadOnly, s.Version, string(s.UUID), s.LastCommitted
		out.AgeMS = now.Sub(s.At).Milliseconds()
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return []byte("{}\n")
	}
	return append(text, '\n')
}

func (p *poller) httpServer() *http.Server {
	return &http.Server{
		Handler: p, ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
	}
}

// limited accepts no more than maxConnections at a time; others wait.
type limited struct {
	net.Listener
	slots chan struct{}
}

func limit(l net.Listener) net.Listener {
	return &limited{l, make(chan struct{}, maxConnections)}
}

// Accept waits for a free slot and a connection.
func (l *limited) Accept() (net.Conn, error) {
	l.slots <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slotConn{Conn: c, slots: l.slots}, nil
}

type slotConn struct {
	net.Conn
	slots chan struct{}
	once  sync.Once
}

// Close frees the slot.
func (c *slotConn) Close() error {
	c.once.Do(func() { <-c.slots })
	return c.Conn.Close()
}
