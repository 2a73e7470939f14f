package ipmi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// flood is how many packets that are no answer are borne while one is waited for.
const flood = 2000

// link is a socket that is connected to a BMC: it hears no other address, and nothing
// that was sent to an earlier socket.
type link struct {
	conn    *net.UDPConn
	timeout time.Duration // of one try
	dropped int
	last    error // why the last packet was dropped, or what the network said
}

func openLink(address netip.AddrPort, timeout time.Duration) (*link, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(address))
	if err != nil {
		return nil, err
	}
	return &link{conn: conn, timeout: timeout}, nil
}

func (l *link) close() { _ = l.conn.Close() }

// exchange sends a packet up to tries times until a packet is accepted. accept returns
// why a packet is not the answer.
func (l *link) exchange(ctx context.Context, tries int, packet func() ([]byte, error), accept func([]byte) error) error {
	l.dropped, l.last = 0, nil
	l.drain()
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for range tries {
		b, err := packet()
		if err != nil {
			return err
		}
		end := time.Now().Add(l.timeout)
		if err := l.arm(ctx, end); err != nil {
			return l.silence(ctx, tries)
		}
		// What fails here is often the echo of an earlier packet (port unreachable); the
		// BMC may just be starting.
		if _, err := l.conn.Write(b); err != nil {
			l.last = err
		}
		if l.wait(ctx, end, accept) {
			return nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return l.silence(ctx, tries)
}

// drain drops what came before the question: it cannot be its answer. Read of a socket
// with a deadline does not serve, as it wants to wait.
func (l *link) drain() {
	raw, err := l.conn.SyscallConn()
	if err != nil || l.conn.SetReadDeadline(time.Time{}) != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		buffer := make([]byte, 1)
		for range flood {
			_, _, err := syscall.Recvfrom(int(fd), buffer, syscall.MSG_DONTWAIT)
			if errors.Is(err, syscall.EAGAIN) {
				break
			}
		}
		return true
	})
}

// arm sets the deadline of the socket, and makes sure that the end of the context was
// not overwritten by it.
func (l *link) arm(ctx context.Context, end time.Time) error {
	if err := l.conn.SetDeadline(end); err != nil {
		return err
	}
	return ctx.Err()
}

// wait reads until a packet is accepted, the try is over or the context ends.
func (l *link) wait(ctx context.Context, end time.Time, accept func([]byte) error) bool {
	buffer := make([]byte, maxPacket+1)
	for l.dropped < flood {
		n, err := l.conn.Read(buffer)
		switch {
		case errors.Is(err, net.ErrClosed), ctx.Err() != nil:
			return false
		case errors.Is(err, os.ErrDeadlineExceeded):
			if !time.Now().Before(end) || l.arm(ctx, end) != nil {
				return false
			}
			continue // the deadline was that of an earlier context
		case err == nil && n > maxPacket:
			err = drop("a packet of more than %d bytes", maxPacket)
		case err == nil:
			// A copy: what is kept of an answer outlives the next read.
			if err = accept(append([]byte(nil), buffer[:n]...)); err == nil {
				return true
			}
		}
		l.dropped++
		l.last = err
	}
	return false
}

// silence is the error of an exchange without an answer.
func (l *link) silence(ctx context.Context, tries int) error {
	text := fmt.Sprintf("within %d tries of %s", tries, l.timeout)
	cause := ErrNoAnswer
	if ctx.Err() != nil {
		text = "until the call was ended"
		cause = fmt.Errorf("%w: %w", ErrNoAnswer, context.Cause(ctx))
	}
	if l.last != nil {
		return fmt.Errorf("%w %s; %d packets were no answer, the last: %w", cause, text, l.dropped, l.last)
	}
	return fmt.Errorf("%w %s", cause, text)
}
