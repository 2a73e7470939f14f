// Package client talks to a running haproxy: to its stats socket, to the socket
// of its master process, and to what it serves; and it asks the kernel whether
// haproxy could listen at an address.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"systole/lib/haproxy"
)

// Limits of what is read.
const (
	maxAnswer = 16 << 20
	maxBody   = 64 << 10
	// maxWait is how long SetState, Stat and Servers wait.
	maxWait = 10 * time.Second
)

// Client is a client. The zero value is ready for use.
type Client struct{}

// Ask sends commands to a socket, which is a path or HOST:PORT, and returns all
// answers, which have to be there within wait. A command that haproxy does not know is no error: its answer says so.
func (Client) Ask(ctx context.Context, wait time.Duration, socket string, commands ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	network := "unix"
	if !strings.HasPrefix(socket, "/") {
		network = "tcp"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, socket)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	end, _ := ctx.Deadline()
	if err := conn.SetDeadline(end); err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	text := strings.Join(commands, "\n") + "\n"
	if _, err := io.WriteString(conn, text); err != nil {
		return "", fmt.Errorf("sending %q to %s: %w", commands, socket, err)
	}
	// The master of haproxy before 2.7 keeps the connection open until its peer
	// has said that nothing more will come.
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		if err := half.CloseWrite(); err != nil {
			return "", fmt.Errorf("sending %q to %s: %w", commands, socket, err)
		}
	}
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswer+1))
	switch {
	case errors.Is(err, syscall.ECONNRESET) && len(answer) > 0:
		// A master that is replaced by its successor drops what it has answered.
	case err != nil:
		return "", fmt.Errorf("waiting for the answer to %q from %s: %w", commands, socket, err)
	case len(answer) > maxAnswer:
		return "", fmt.Errorf("the answer to %q from %s has more than %d bytes", commands, socket, maxAnswer)
	}
	return string(answer), nil
}

// Get asks for a URL from within a network namespace ("" is that of the caller).
// It is an error if the answer is not a success (2xx or 3xx) or does not come
// within wait.
func (Client) Get(ctx context.Context, wait time.Duration, namespace, url string) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			nsErr := inNamespace(namespace, func() {
				// Without fallback the socket is made by this goroutine, whose thread is
				// in the namespace.
				d := net.Dialer{FallbackDelay: -1}
				conn, err = d.DialContext(ctx, network, address)
			})
			return conn, errors.Join(nsErr, err)
		},
	}
	defer transport.CloseIdleConnections()
	// A redirect is an answer: where it leads to is another service.
	c := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "systole-agents")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("the answer is %s", resp.Status)
	}
	return nil
}

// SetState brings a server of a backend into a state and verifies that haproxy
// took the command. The socket needs the level admin.
func (c Client) SetState(ctx context.Context, socket, backend, server string, state haproxy.State) error {
	command, err := haproxy.SetState(backend, server, state)
	if err != nil {
		return err
	}
	answer, err := c.Ask(ctx, maxWait, socket, command)
	if err != nil {
		return err
	}
	// Success is an empty line, everything else a complaint.
	if strings.TrimSpace(answer) != "" {
		return fmt.Errorf("%s: haproxy answers %s", command, haproxy.Excerpt(answer))
	}
	return nil
}

// Stat returns all rows of show stat.
func (c Client) Stat(ctx context.Context, socket string) ([]haproxy.Row, error) {
	answer, err := c.Ask(ctx, maxWait, socket, haproxy.ShowStat)
	if err != nil {
		return nil, err
	}
	return haproxy.ParseStat(answer)
}

// Servers returns the state of all servers.
func (c Client) Servers(ctx context.Context, socket string) ([]haproxy.Server, error) {
	answer, err := c.Ask(ctx, maxWait, socket, haproxy.ShowServers)
	if err != nil {
		return nil, err
	}
	return haproxy.ParseServers(answer)
}
