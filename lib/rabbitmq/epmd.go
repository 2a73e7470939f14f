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

// dial connects and gives the connection the deadline of ctx.
func (d dialer) dial(ctx context.Context, host string, port int) (net.Conn, error) {
	if d == nil {
		d = (&net.Dialer{}).DialContext
	}
	c, err := d(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(10 * time.Second)
	}
	if err := c.SetDeadline(end); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// distributionPort asks the port mapper of a host on which port a node listens for
// other nodes. name is the part before the @.
func (d dialer) distributionPort(ctx context.Context, host string, epmd int, name string) (int, error) {
	c, err := d.dial(ctx, host, epmd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	request := binary.BigEndian.AppendUint16(nil, uint16(len(name)+1))
	request = append(append(request, epmdPortRequest), name...)
	if _, err := c.Write(request); err != nil {
		return 0, err
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
