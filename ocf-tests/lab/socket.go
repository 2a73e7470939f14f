//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The socket at which the keeper takes requests.
const keeperSocket = "keeper.sock"

// How long a Dial without deadline may take.
const dialTimeout = 10 * time.Second

// Gateway is the address of the bridge: a server that the test runs by
// [Cluster.Listen] is found there by nodes, also by the host name gateway.
const Gateway = bridgeAddress

// Address is the i-th of a hundred addresses of the lab's network that no node
// has, i from 0 to 99: for virtual IP addresses.
func Address(i int) string { return address(100 + i) }

// Dial connects to an address in the lab's network, like net.Dialer.DialContext;
// the host may be the name of a node. The test is outside of that network and
// has no other way in. The connection comes from [Gateway].
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	timeout := dialTimeout
	if t, ok := ctx.Deadline(); ok {
		timeout = time.Until(t)
	}
	target, err := c.resolve(addr)
	if err != nil {
		return nil, err
	}
	file, err := c.askKeeper(ctx, fmt.Sprintf("dial %s %s %d\n", network, target, max(timeout.Milliseconds(), 1)))
	if err != nil {
		return nil, fmt.Errorf("dialing %s in the lab: %w", addr, err)
	}
	defer file.Close()
	return net.FileConn(file)
}

// Listen is net.Listen in the lab's network, for servers that nodes shall reach. The host is
// Gateway, or empty.
func (c *Cluster) Listen(ctx context.Context, network, addr string) (net.Listener, error) {
	file, err := c.askKeeper(ctx, fmt.Sprintf("listen %s %s\n", network, addr))
	if err != nil {
		return nil, fmt.Errorf("listening at %s in the lab: %w", addr, err)
	}
	defer file.Close()
	return net.FileListener(file)
}

// ListenPacket is net.ListenPacket in the lab's network, for networks udp, udp4 and udp6.
func (c *Cluster) ListenPacket(ctx context.Context, network, addr string) (net.PacketConn, error) {
	file, err := c.askKeeper(ctx, fmt.Sprintf("listen %s %s\n", network, addr))
	if err != nil {
		return nil, fmt.Errorf("listening at %s in the lab: %w", addr, err)
	}
	defer file.Close()
	return net.FilePacketConn(file)
}

// resolve replaces the name of a node: the keeper has the machine's /etc/hosts.
func (c *Cluster) resolve(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if n := c.NodeNamed(host); n != nil {
		host = n.Address()
	}
	if net.ParseIP(host) == nil {
		return "", fmt.Errorf("dialing %s in the lab: %s is neither a node nor an IP address", addr, host)
	}
	return net.JoinHostPort(host, port), nil
}

// askKeeper sends a request to the keeper and returns the socket it opened.
func (c *Cluster) askKeeper(ctx context.Context, request string) (*os.File, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: filepath.Join(c.dir, keeperSocket), Net: "unix"})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	if _, err := conn.Write([]byte(request)); err != nil {
		return nil, err
	}
	text, rights := make([]byte, 4096), make([]byte, syscall.CmsgSpace(4))
	n, k, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, err
	}
	if string(text[:n]) != "ok" {
		return nil, errors.New(string(text[:n]))
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:k])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("the keeper sent %d control messages: %w", len(messages), err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("the keeper sent %d sockets: %w", len(fds), err)
	}
	syscall.CloseOnExec(fds[0])
	return os.NewFile(uintptr(fds[0]), "socket of the lab"), nil
}
