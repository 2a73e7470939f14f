package memcache_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/memcache"
)

// server answers every line with a text; "" hangs up, "-" says nothing.
func server(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for s := bufio.NewScanner(conn); s.Scan(); {
					if answer == "" {
						return
					}
					if answer != "-" {
						fmt.Fprint(conn, answer)
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestAnswers(t *testing.T) {
	var c memcache.Client
	for answer, want := range map[string]string{
		"VERSION 1.6.18\r\n":                  "",
		"CLIENT_ERROR unauthenticated\r\n":    "",
		"ERROR Too many open connections\r\n": "as many connections",
		"HTTP/1.1 400 Bad Request\r\n":        "not how memcached does",
		strings.Repeat("x", 5000) + "\r\n":    "...",
		strings.Repeat("x", 100_000):          "token too long",
		"":                                    "closes the connection",
	} {
		version, err := c.Version(t.Context(), server(t, answer), time.Minute)
		if want == "" {
			require.NoError(t, err, answer)
			require.Contains(t, []string{"1.6.18", ""}, version)
		} else {
			require.ErrorContains(t, err, want)
		}
	}
	stats, err := c.Stats(t.Context(), server(t, "STAT a 1\r\nSTAT b two words\r\nEND\r\n"), time.Minute)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "two words"}, stats)
	_, err = c.Stats(t.Context(), server(t, "STAT a\r\n"), time.Minute)
	require.ErrorContains(t, err, "not how memcached does")
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "STAT %d x\r\n", i)
	}
	_, err = c.Stats(t.Context(), server(t, many.String()), time.Minute)
	require.ErrorContains(t, err, "more than 2000")
}

func TestDeadline(t *testing.T) {
	late := errors.New("too late")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, late)
	defer cancel()
	_, err := memcache.Client{}.Version(ctx, server(t, "-"), time.Minute)
	require.ErrorIs(t, err, late)
	_, err = memcache.Client{}.Version(ctx, "127.0.0.1:1", time.Minute)
	require.ErrorIs(t, err, late)
	_, err = memcache.Client{}.Stats(t.Context(), server(t, "-"), 50*time.Millisecond)
	require.ErrorContains(t, err, "no answer to stats: it took more than 50ms")
	require.Error(t, memcache.Client{}.Connect(t.Context(), "127.0.0.1:1", time.Minute))
}

// TestReal asks a real server.
func TestReal(t *testing.T) {
	if _, err := exec.LookPath("memcached"); err != nil {
		t.Skip("memcached is not installed (Debian package memcached)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	require.NoError(t, l.Close())
	cmd := exec.Command("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", port, "-c", "50", "-t", "1")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var c memcache.Client
	require.Eventually(t, func() bool { return c.Connect(t.Context(), address, time.Minute) == nil }, 30*time.Second, 10*time.Millisecond)
	version, err := c.Version(t.Context(), address, time.Minute)
	require.NoError(t, err)
	require.NotEmpty(t, version)
	stats, err := c.Stats(t.Context(), address, time.Minute)
	require.NoError(t, err)
	require.Equal(t, version, stats["version"])
	require.Equal(t, "50", stats["max_connections"])

	var full error
	for range 100 {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		defer conn.Close()
		if _, full = c.Version(t.Context(), address, time.Minute); full != nil {
			break
		}
	}
	require.True(t, c.Full(full), full)
}
