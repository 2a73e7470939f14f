//go:build linux

package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestBare_Sockets: the test reaches servers in nodes, and nodes reach servers
// of the test, over the lab's network and no other.
func TestBare_Sockets(t *testing.T) {
	ctx := t.Context()
	c := New(t, Options{Nodes: 2, Bare: true})

	l, err := c.Listen(ctx, "tcp", Gateway+":8080")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintf(w, "hello %s\n", host)
	})}
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	_, err = net.DialTimeout("tcp", "127.0.0.1:8080", time.Second)
	require.Error(t, err, "the machine's own network has nothing of it")

	got, err := c.Node(2).Run(ctx, "bash", "-c", `exec 3<>/dev/tcp/gateway/8080; printf 'GET / HTTP/1.0\r\n\r\n' >&3; tail -n 1 <&3`)
	require.NoError(t, err)
	require.Equal(t, "hello 10.77.0.2\n", got)

	p, err := c.ListenPacket(ctx, "udp4", Gateway+":6230")
	require.NoError(t, err)
	defer p.Close()
	_, err = c.Node(1).Run(ctx, "bash", "-c", `printf 'ping' >/dev/udp/gateway/6230`)
	require.NoError(t, err)
	require.NoError(t, p.SetReadDeadline(time.Now().Add(10*time.Second)))
	packet := make([]byte, 100)
	n, from, err := p.ReadFrom(packet)
	require.NoError(t, err)
	require.Equal(t, "ping", string(packet[:n]))
	require.Contains(t, from.String(), "10.77.0.1:")

	client := &http.Client{Transport: &http.Transport{DialContext: c.Dial}}
	answer, err := client.Get("http://" + Gateway + ":8080/")
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, "hello "+Gateway+"\n", string(text))
	require.NoError(t, server.Shutdown(ctx))
	require.ErrorIs(t, <-served, http.ErrServerClosed)

	_, err = c.Dial(ctx, "tcp", "node-1:9")
	require.ErrorContains(t, err, "connection refused")
	_, err = c.Dial(ctx, "tcp", "somewhere:9")
	require.ErrorContains(t, err, "neither a node nor an IP address")
	// Nobody answers at a power-off: the deadline ends it.
	require.NoError(t, c.Node(1).PowerOff(ctx))
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = c.Dial(short, "tcp", "node-1:9")
	require.Error(t, err)
}
