package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/haproxy"
)

const wait = 20 * time.Second

// serve starts haproxy in the foreground and waits until its sockets answer.
func serve(t *testing.T) (dir string, port string) {
	t.Helper()
	program := "/usr/sbin/haproxy"
	if _, err := os.Stat(program); err != nil {
		t.Skip("haproxy is not installed: make deps does it as root on Debian")
	}
	dir = t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, _ = net.SplitHostPort(l.Addr().String())
	require.NoError(t, l.Close())
	conf := filepath.Join(dir, "haproxy.cfg")
	require.NoError(t, os.WriteFile(conf, []byte(`global
  stats socket `+dir+`/s level admin
defaults
  mode http
  retries 0
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend web
  bind 127.0.0.1:`+port+`
  monitor-uri /health
  default_backend app
backend app
  server a 127.0.0.1:1
  server b 127.0.0.1:1
`), 0o600))
	cmd := exec.Command(program, "-W", "-db", "-S", dir+"/m", "-f", conf)
	out := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		_, err := Client{}.Ask(t.Context(), wait, dir+"/s", haproxy.ShowInfo)
		return err == nil
	}, wait, 20*time.Millisecond, "haproxy: %s", out)
	// The master replaces itself after the start.
	require.Eventually(t, func() bool {
		_, err := Client{}.Ask(t.Context(), wait, dir+"/m", haproxy.CurrentWorker, haproxy.ShowInfo)
		return err == nil
	}, wait, 20*time.Millisecond, "haproxy: %s", out)
	return dir, port
}

func TestRealHAProxy(t *testing.T) {
	dir, port := serve(t)
	c := Client{}
	ctx := t.Context()
	rows, err := c.Stat(ctx, dir+"/s")
	require.NoError(t, err)
	var names []string
	for _, r := range rows {
		names = append(names, r.Proxy+"/"+r.Server)
	}
	require.Equal(t, []string{"web/FRONTEND", "app/a", "app/b", "app/BACKEND"}, names)

	// The worker, asked through its master, and the master itself.
	answer, err := c.Ask(ctx, wait, dir+"/m", haproxy.CurrentWorker, haproxy.ShowInfo, haproxy.ShowProxies)
	require.NoError(t, err)
	info, err := haproxy.ParseInfo(answer)
	require.NoError(t, err)
	rows, err = haproxy.ParseStat(answer)
	require.NoError(t, err)
	require.Len(t, rows, 2, "no servers")
	answer, err = c.Ask(ctx, wait, dir+"/m", haproxy.ShowProc)
	require.NoError(t, err)
	proc, err := haproxy.ParseProc(answer)
	require.NoError(t, err)
	require.Len(t, proc.Workers, 1)
	require.Equal(t, info.PID, proc.Workers[0].PID)

	// Server states, as ordered.
	require.NoError(t, c.SetState(ctx, dir+"/s", "app", "a", haproxy.Maint))
	require.NoError(t, c.SetState(ctx, dir+"/s", "app", "b", haproxy.Drain))
	servers, err := c.Servers(ctx, dir+"/s")
	require.NoError(t, err)
	require.Len(t, servers, 2)
	require.True(t, servers[0].Maint && !servers[0].Drain)
	require.True(t, servers[1].Drain && !servers[1].Maint)
	require.NoError(t, c.SetState(ctx, dir+"/s", "app", "a", haproxy.Ready))
	servers, err = c.Servers(ctx, dir+"/s")
	require.NoError(t, err)
	require.False(t, servers[0].Maint)
	require.ErrorContains(t, c.SetState(ctx, dir+"/s", "app", "x", haproxy.Maint), "No such server")
	require.Error(t, c.SetState(ctx, dir+"/none", "app", "a", haproxy.Maint))

	// What it serves; and that its address is taken, though it would share it.
	require.NoError(t, c.Get(ctx, wait, "", "http://127.0.0.1:"+port+"/health"))
	require.ErrorContains(t, c.Get(ctx, wait, "", "http://127.0.0.1:"+port+"/"), "503")
	require.ErrorIs(t, c.Bindable("", bind("127.0.0.1:"+port)), syscall.EADDRINUSE)
}

func bind(address string) haproxy.Bind {
	a, ok := haproxy.ParseAddress(address)
	if !ok {
		panic(address)
	}
	return haproxy.Bind{Address: a}
}

func TestBindable(t *testing.T) {
	c := Client{}
	require.NoError(t, c.Bindable("", bind("127.0.0.1:61000-61003")))
	require.ErrorIs(t, c.Bindable("", bind("203.0.113.77:61000")), haproxy.ErrAbsent)
	b := bind("203.0.113.77:61000")
	b.Transparent = true
	require.NoError(t, c.Bindable("", b))
	require.NoError(t, c.Bindable("", bind("no-such-name:61000")), "names are not looked up")
	require.NoError(t, c.Bindable("", bind(t.TempDir()+"/x")))
	require.Error(t, c.Bindable("", bind("/no/such/folder/x")))
	require.ErrorContains(t, c.Bindable("nosuchnamespace", bind(":61000")), "network namespace nosuchnamespace")
	require.Error(t, c.Bindable("../x", bind(":61000")))
	b = bind(":61000")
	b.Interface = "nosuchdev"
	require.ErrorContains(t, c.Bindable("", b), "interface nosuchdev")
}

// A peer that is silent, or talks without end, is given up.
func TestLimits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer l.Close()
	_, err = Client{}.Ask(t.Context(), 50*time.Millisecond, path, "show info")
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err = Client{}.Ask(ctx, wait, path, "show info")
	require.Error(t, err)

	stop := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer s.Close()
	defer close(stop)
	err = Client{}.Get(t.Context(), 50*time.Millisecond, "", s.URL)
	require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
}
