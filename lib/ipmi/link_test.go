package ipmi

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// peer is the other end of a link, for which each packet is answered by answers.
func peer(t *testing.T, answers func(packet []byte) [][]byte) (*link, *net.UDPConn) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		buffer := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDP(buffer)
			if err != nil {
				return
			}
			for _, a := range answers(buffer[:n]) {
				_, _ = conn.WriteToUDP(a, from)
			}
		}
	}()
	l, err := openLink(conn.LocalAddr().(*net.UDPAddr).AddrPort(), 100*time.Millisecond)
	require.NoError(t, err)
	t.Cleanup(l.close)
	return l, conn
}

func hello() ([]byte, error) { return []byte("hello"), nil }

func any1([]byte) error { return nil }

var errNot = errors.New("not that")

// TestExchange_Early sends an answer before the question is asked.
func TestExchange_Early(t *testing.T) {
	l, conn := peer(t, func([]byte) [][]byte { return [][]byte{[]byte("late")} })
	mine := l.conn.LocalAddr().(*net.UDPAddr)
	for range 3 {
		_, err := conn.WriteToUDP([]byte("early"), mine)
		require.NoError(t, err)
	}
	arrived(t, l)
	var heard []string
	require.NoError(t, l.exchange(t.Context(), 1, hello, func(b []byte) error { heard = append(heard, string(b)); return nil }))
	require.Equal(t, []string{"late"}, heard)
}

// arrived waits until something can be read.
func arrived(t *testing.T, l *link) {
	t.Helper()
	require.NoError(t, l.conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	raw, err := l.conn.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		return err == nil
	}))
}

func TestExchange_Silence(t *testing.T) {
	l, _ := peer(t, func([]byte) [][]byte { return [][]byte{[]byte("x")} })
	err := l.exchange(t.Context(), 2, hello, func([]byte) error { return errNot })
	require.ErrorIs(t, err, ErrNoAnswer)
	require.ErrorIs(t, err, errNot)
	require.ErrorContains(t, err, "within 2 tries of 100ms; 2 packets")
}

// TestExchange_Ends ends contexts before and while an answer is waited for, with a device
// that floods.
func TestExchange_Ends(t *testing.T) {
	l, _ := peer(t, func([]byte) [][]byte { return nil })
	l.timeout = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := l.exchange(ctx, 2, hello, any1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, ErrNoAnswer)
	require.ErrorIs(t, l.exchange(ctx, 2, hello, any1), context.DeadlineExceeded)
	// The deadline of the last context must not end the next call.
	l2, _ := peer(t, func([]byte) [][]byte { return [][]byte{[]byte("x")} })
	done, end := context.WithCancel(t.Context())
	end()
	require.ErrorIs(t, l2.exchange(done, 1, hello, any1), context.Canceled)
	require.NoError(t, l2.exchange(t.Context(), 1, hello, any1))
}

// TestExchange_Closed is a BMC that is not there: the echo of the network is named.
func TestExchange_Closed(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	address := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	require.NoError(t, conn.Close())
	l, err := openLink(netip.AddrPortFrom(address.Addr(), address.Port()), 50*time.Millisecond)
	require.NoError(t, err)
	defer l.close()
	require.ErrorIs(t, l.exchange(t.Context(), 2, hello, any1), syscall.ECONNREFUSED)
}
