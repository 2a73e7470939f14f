package rabbitmq

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// method is a frame with a method of AMQP.
func method(class, number uint16, arguments string) []byte {
	body := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, class), number)
	body = append(body, arguments...)
	frame := binary.BigEndian.AppendUint32([]byte{1, 0, 0}, uint32(len(body)))
	return append(append(frame, body...), 0xce)
}

// receive passes a frame over.
func receive(c net.Conn) error {
	var head [7]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(head[3:]))+1)
	return err
}

// hangs is a broker that lets users in and then does nothing more. after is called then.
func hangs(t *testing.T, after func()) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go serve(l, func(c net.Conn) error {
		if _, err := io.CopyN(io.Discard, c, 8); err != nil { // the greeting
			return err
		}
		for _, say := range []struct {
			frame   []byte
			answers int
		}{
			{method(10, 10, "\x00\x09\x00\x00\x00\x00\x00\x00\x00\x05PLAIN\x00\x00\x00\x05en_US"), 1}, // start
			{method(10, 30, "\x00\x10\x00\x02\x00\x00\x00\x0a"), 2},                                   // tune
			{method(10, 41, "\x00"), 1}, // open-ok
		} {
			if _, err := c.Write(say.frame); err != nil {
				return err
			}
			for range say.answers {
				if err := receive(c); err != nil {
					return err
				}
			}
		}
		after()
		_, _ = io.Copy(io.Discard, c) // until the other side gives up
		return nil
	})
	return l.Addr().String()
}

// A broker that hangs after the login is given up when the context ends.
func TestProbe_Hangs(t *testing.T) {
	a := Account{Address: hangs(t, func() {}), User: "u", Password: "hush", VHost: "/"}
	for _, probe := range []func(context.Context, Account) error{Probe, RoundTrip} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		err := probe(ctx, a)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "open a channel at "+a.Address)
		require.NotContains(t, err.Error(), "hush")
	}
}

// Also when it is told to end before its time.
func TestConnect_Cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := Connect(ctx, Account{Address: hangs(t, cancel), User: "u", Password: "p", VHost: "/"})
	require.ErrorIs(t, err, context.Canceled)
}
