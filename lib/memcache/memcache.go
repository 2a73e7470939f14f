// Package memcache asks a memcached server how it is, in its text protocol.
package memcache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// Client asks servers.
type Client struct{}

// ErrFull is a server that has as many connections as it may.
var ErrFull = errors.New("it has as many connections as it may have")

// Full says whether an error is that of a server with no connection left.
func (Client) Full(err error) bool { return errors.Is(err, ErrFull) }

// limited is a context for a question that may take as long as within.
func limited(ctx context.Context, within time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, within, fmt.Errorf("it took more than %s", within))
}

// Version asks the server at an address for its version.
func (Client) Version(ctx context.Context, address string, within time.Duration) (string, error) {
	ctx, cancel := limited(ctx, within)
	defer cancel()
	var version string
	err := ask(ctx, address, "version", func(line string) (done bool, err error) {
		text, ok := strings.CutPrefix(line, "VERSION ")
		if !ok {
			return true, answerError(line)
		}
		version = text
		return true, nil
	})
	return version, err
}

// maxStats is the most lines of statistics that are read.
const maxStats = 2000

// Stats asks for the general statistics.
func (Client) Stats(ctx context.Context, address string, within time.Duration) (map[string]string, error) {
	ctx, cancel := limited(ctx, within)
	defer cancel()
	stats := map[string]string{}
	err := ask(ctx, address, "stats", func(line string) (done bool, err error) {
		if line == "END" {
			return true, nil
		}
		f := strings.SplitN(line, " ", 3)
		if len(f) < 3 || f[0] != "STAT" {
			return true, answerError(line)
		}
		if stats[f[1]] = f[2]; len(stats) > maxStats {
			return true, fmt.Errorf("it has more than %d statistics", maxStats)
		}
		return false, nil
	})
	return stats, err
}

// Connect says whether the server takes a connection.
func (Client) Connect(ctx context.Context, address string, within time.Duration) error {
	ctx, cancel := limited(ctx, within)
	defer cancel()
	conn, err := dial(ctx, address)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func answerError(line string) error {
	switch {
	case strings.Contains(line, "Too many open connections"):
		return ErrFull
	case strings.HasPrefix(line, "CLIENT_ERROR unauthenticated"):
		// It is alive, and keeps what it knows from those it does not.
		return nil
	}
	const limit = 100
	if len(line) > limit {
		line = line[:limit] + "..."
	}
	return fmt.Errorf("it answers %q, which is not how memcached does", line)
}

func dial(ctx context.Context, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("no connection: %w", context.Cause(ctx))
	}
	return conn, err
}

// maxLine is the most bytes of a line.
const maxLine = 64 << 10

func ask(ctx context.Context, address, command string, line func(string) (bool, error)) error {
	conn, err := dial(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Reading ends when ctx does.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		return fmt.Errorf("send %s: %w", command, err)
	}
	s := bufio.NewScanner(conn)
	s.Buffer(nil, maxLine)
	for s.Scan() {
		done, err := line(strings.TrimSuffix(s.Text(), "\r"))
		if done || err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("no answer to %s: %w", command, context.Cause(ctx))
	case s.Err() != nil:
		return fmt.Errorf("read the answer to %s: %w", command, s.Err())
	}
	return fmt.Errorf("it closes the connection without an answer to %s", command)
}
