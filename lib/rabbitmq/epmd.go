package rabbitmq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// Requests and answers of the Erlang port mapper.
const (
	epmdPortRequest = 122
	epmdPortAnswer  = 119
)

var errNotRegistered = errors.New("no such node is registered")

// dialer is how connections are made.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialer) connection(ctx context.Context, address string) (net.Conn, error) {
	if d == nil {
		d = (&net.Dialer{}).DialContext
	}
	return d(ctx, "tcp", address)
}

// bounded gives a context without a deadline one.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	const patience = 10 * time.Second
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, patience)
}

// dial connects. What is read and written ends with ctx, which has a deadline.
func (d dialer) dial(ctx context.Context, address string) (net.Conn, error) {
	c, err := d.connection(ctx, address)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(end); err != nil {
			_ = c.Close()
			return nil, err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	return &connection{c, stop}, nil
}

// connection is one that ends with a context.
type connection struct {
	net.Conn
	stop func() bool
}

// Close ends the connection.
func (c *connection) Close() error {
	c.stop()
	return c.Conn.Close()
}

// distributionPort asks the port mapper of a host on which port a node listens for
// other nodes. name is the part before the @.
func (d dialer) distributionPort(ctx context.Context, host string, epmd int, name string) (int, error) {
	c, err := d.dial(ctx, net.JoinHostPort(host, strconv.Itoa(epmd)))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	request := binary.BigEndian.AppendUint16(nil, uint16(len(name)+1))
	request = append(append(request, epmdPortRequest), name...)
	if _, err := c.Write(request); err != nil {
		return 0, fmt.Errorf("question to epmd at %s: %w", host, err)
	}
	var answer [2]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return 0, fmt.Errorf("answer of epmd at %s: %w", host, err)
	}
	switch {
	case answer[0] != epmdPortAnswer:
		return 0, fmt.Errorf("answer of epmd at %s: it begins with %d, not %d", host, answer[0], epmdPortAnswer)
	case answer[1] != 0:
		return 0, errNotRegistered
	}
	var port [2]byte
	if _, err := io.ReadFull(c, port[:]); err != nil {
		return 0, fmt.Errorf("answer of epmd at %s: %w", host, err)
	}
	return int(binary.BigEndian.Uint16(port[:])), nil
}
