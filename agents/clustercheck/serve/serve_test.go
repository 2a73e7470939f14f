package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/agents/clustercheck"
	"systole/lib/wsrep"
)

// fake is a database server as a test wants it.
type fake struct {
	mu     sync.Mutex
	status wsrep.Status
	err    error
	hang   chan struct{} // not nil: it does not answer before this is closed
	looks  atomic.Int64
	asking atomic.Int64 // at the same time
	closed atomic.Bool
}

var synced = wsrep.Status{Component: wsrep.Primary, State: wsrep.Synced, Ready: true, Size: 3, Version: "10.11"}

func (f *fake) Look(ctx context.Context, settings ...string) (wsrep.Status, map[string]string, error) {
	f.looks.Add(1)
	if f.asking.Add(1) > 1 {
		panic("two questions at a time")
	}
	defer f.asking.Add(-1)
	f.mu.Lock()
	status, err, hang := f.status, f.err, f.hang
	f.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return wsrep.Status{}, nil, wsrep.ErrSilent
		}
	}
	return status, map[string]string{settings[0]: "NONE"}, err
}

func (f *fake) Close() { f.closed.Store(true) }

func (f *fake) set(change func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// begin runs the service; url is where it answers.
func begin(t testing.TB, f *fake, maxAge time.Duration) (url string, config clustercheck.Config) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config = clustercheck.Config{
		Interval: 10 * time.Millisecond, Policy: clustercheck.Policy{MaxAge: maxAge, ReadOnly: true},
		Maintenance: filepath.Join(t.TempDir(), "disabled"),
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- Serve(ctx, l, config, f, func(string) {}) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
		require.True(t, f.closed.Load())
	})
	return "http://" + l.Addr().String(), config
}

// get asks once, with a connection of its own as haproxy does.
func get(t testing.TB, method, url string, header ...string) (code int, body string, h http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, url, http.NoBody)
	require.NoError(t, err)
	req.Close = true
	if len(header) > 0 {
		req.Header.Set(header[0], header[1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text), resp.Header
}

// until asks until the code is as wanted, and returns the body.
func until(t testing.TB, url string, want int) (body string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var code int
		code, body, _ = get(t, "GET", url)
		return code == want
	}, 20*time.Second, 5*time.Millisecond)
	return body
}

func TestServe(t *testing.T) {
	f := &fake{status: synced}
	url, config := begin(t, f, time.Minute)
	until(t, url, 200)
	code, body, h := get(t, "OPTIONS", url+"/")
	require.Equal(t, 200, code)
	require.Equal(t, "the node is synced (group of 3)\r\n", body)
	require.Equal(t, "no-store", h.Get("Cache-Control"))
	code, body, _ = get(t, "HEAD", url)
	require.Equal(t, "200 ", fmt.Sprint(code)+" "+body)
	code, _, h = get(t, "POST", url)
	require.Equal(t, "405 GET, HEAD, OPTIONS", fmt.Sprint(code)+" "+h.Get("Allow"))
	for _, c := range [][]string{{url + "/json"}, {url, "Accept", "application/json"}} {
		code, body, h = get(t, "GET", c[0], c[1:]...)
		require.Equal(t, 200, code)
		require.Equal(t, "application/json", h.Get("Content-Type"))
		var r report
		require.NoError(t, json.Unmarshal([]byte(body), &r))
		require.True(t, r.Available && r.State == "Synced" && r.Size == 3 && r.AgeMS >= 0)
	}

	// As haproxy asks.
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(conn, "OPTIONS / HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.0 200 OK\r\n", line)
	require.NoError(t, conn.Close())

	f.set(func(f *fake) { f.status.State = wsrep.Donor })
	require.Contains(t, until(t, url, 503), "Donor")
	f.set(func(f *fake) { f.status = synced })
	until(t, url, 200)
	f.set(func(f *fake) { f.err = errors.New("connection refused") })
	require.Contains(t, until(t, url, 503), "the server does not answer: connection refused")
	code, _, _ = get(t, "GET", url+"/alive")
	require.Equal(t, 200, code)
	f.set(func(f *fake) { f.err = nil })
	until(t, url, 200)
	require.NoError(t, os.WriteFile(config.Maintenance, nil, 0o600))
	require.Contains(t, until(t, url, 503), "remove "+config.Maintenance)
	require.NoError(t, os.Remove(config.Maintenance))
	until(t, url, 200)
}

// A server that hangs is out of use as soon as its last answer is too old, is
// not asked a second time meanwhile, and is back in use when it answers.
func TestServe_Hang(t *testing.T) {
	f := &fake{status: synced}
	url, config := begin(t, f, 300*time.Millisecond)
	until(t, url, 200)
	hang := make(chan struct{})
	f.set(func(f *fake) { f.hang = hang })
	until(t, url, 503)
	// Maintenance is heeded while it hangs.
	require.NoError(t, os.WriteFile(config.Maintenance, nil, 0o600))
	require.Eventually(t, func() bool {
		_, body, _ := get(t, "GET", url)
		return strings.Contains(body, "maintenance")
	}, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, os.Remove(config.Maintenance))
	f.set(func(f *fake) { f.hang = nil })
	close(hang)
	until(t, url, 200)
}

// A server that was frozen is held back, until it has been seen to rejoin or for
// the time of the policy; one that had ended is not.
func TestPoll_Frozen(t *testing.T) {
	const age = 20 * time.Millisecond
	f := &fake{status: synced}
	p := &poller{server: f, config: clustercheck.Config{Policy: clustercheck.Policy{MaxAge: age, Hold: time.Hour}}}
	back := func() bool { return !p.sight().Back.IsZero() }
	old := func(err error) {
		f.err = err
		for began := p.sight().At; time.Since(began) <= age; {
			p.ask(t.Context())
		}
		f.err = nil
		p.ask(t.Context())
	}
	p.ask(t.Context())
	require.False(t, back())
	old(syscall.ECONNREFUSED)
	require.False(t, back(), "it had ended")
	old(io.ErrUnexpectedEOF)
	require.True(t, back())
	require.Contains(t, clustercheck.Judge(p.config.Policy, p.sight(), time.Now()).Reason, "frozen")
	p.ask(t.Context())
	require.True(t, back(), "still held")
	f.status.State = wsrep.Donor
	p.ask(t.Context())
	require.True(t, back(), "a donor has not rejoined")
	f.status.State, f.status.Component = wsrep.Initialized, wsrep.NonPrimary
	p.ask(t.Context())
	f.status = synced
	p.ask(t.Context())
	require.False(t, back(), "it has rejoined")

	// Service and server are frozen together: there is no error, only a gap.
	s := p.sight()
	s.At = s.At.Add(-time.Minute)
	p.seen.Store(&s)
	p.ask(t.Context())
	require.True(t, back())
}

func TestServe_NotAskedYet(t *testing.T) {
	f := &fake{hang: make(chan struct{})}
	url, _ := begin(t, f, time.Minute)
	code, body, _ := get(t, "GET", url)
	require.Equal(t, "503 the server has not been asked yet\r\n", fmt.Sprint(code)+" "+body)
}

// However many checks come in, the database is asked at its interval.
func TestServe_Load(t *testing.T) {
	f := &fake{status: synced}
	url, config := begin(t, f, time.Minute)
	until(t, url, 200)
	before, began := f.looks.Load(), time.Now()
	const clients, each = 8, 125
	var group sync.WaitGroup
	var good atomic.Int64
	for range clients {
		group.Go(func() {
			for range each {
				if code, _, _ := get(t, "OPTIONS", url); code == 200 {
					good.Add(1)
				}
			}
		})
	}
	group.Wait()
	looks, took := f.looks.Load()-before, time.Since(began)
	t.Logf("%d checks in %s, %d questions", clients*each, took.Round(time.Millisecond), looks)
	require.EqualValues(t, clients*each, good.Load())
	require.LessOrEqual(t, looks, int64(took/config.Interval)+2)
}

// More connections than are served at a time wait, and are served then.
func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	l := &limited{inner, make(chan struct{}, 1)}
	var conns []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", inner.Addr().String())
		require.NoError(t, err)
		defer c.Close()
	}
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	conns = append(conns, <-accepted)
	require.Len(t, l.slots, 1)
	require.NoError(t, conns[0].Close())
	_ = conns[0].Close() // twice frees one slot
	conns = append(conns, <-accepted)
	require.NoError(t, inner.Close())
	require.NoError(t, conns[1].Close())
	<-accepted
	require.Empty(t, l.slots)
}

func TestMain_Calls(t *testing.T) {
	dir := t.TempDir()
	settings := filepath.Join(dir, "settings")
	write := func(text string) { require.NoError(t, os.WriteFile(settings, []byte(text), 0o600)) }
	call := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := Main(args, func(string) string { return "" }, &out, io.Discard)
		return out.String(), err
	}
	for _, args := range [][]string{nil, {"fly"}, {"check", "x"}, {"check", "--colour"}} {
		_, err := call(args...)
		require.ErrorIs(t, err, ErrUsage)
	}
	write("MYSQL_SOCKET=" + dir + "/none\n")
	out, err := call("check", "--config", settings)
	require.ErrorIs(t, err, ErrUnavailable)
	require.Contains(t, out, "the server does not answer: dial unix "+dir+"/none")
	write("what")
	_, err = call("check", "--config", settings)
	require.ErrorContains(t, err, "line 1 is not NAME=VALUE")
	_, err = call("check", "--config", dir+"/none")
	require.ErrorIs(t, err, os.ErrNotExist)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	write("CLUSTERCHECK_LISTEN=" + l.Addr().String())
	_, err = call("serve", "--config", settings)
	require.ErrorContains(t, err, "address already in use: end the other process")
}

func TestResolve(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.cnf")
	require.NoError(t, os.WriteFile(file, []byte("[client]\nuser=u\nsocket=/s\n"), 0o600))
	login, err := resolve(clustercheck.Config{Defaults: file})
	require.NoError(t, err)
	require.Equal(t, wsrep.Login{User: "u", Socket: "/s"}, login)
	_, err = resolve(clustercheck.Config{Defaults: file + "x"})
	require.Error(t, err)
}

// BenchmarkCheck is one check over a connection of its own, as of haproxy.
func BenchmarkCheck(b *testing.B) {
	f := &fake{status: synced}
	url, _ := begin(b, f, time.Minute)
	until(b, url, 200)
	address := strings.TrimPrefix(url, "http://")
	before := f.looks.Load()
	answer := make([]byte, 4096)
	for b.Loop() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = io.WriteString(conn, "OPTIONS / HTTP/1.0\r\n\r\n"); err != nil {
			b.Fatal(err)
		}
		if n, err := conn.Read(answer); err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.0 200")) {
			b.Fatal(err, string(answer[:n]))
		}
		_ = conn.Close()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "checks/s")
	b.ReportMetric(float64(f.looks.Load()-before)/b.Elapsed().Seconds(), "questions/s")
}
