package rabbitmq

import (
	"bufio"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"syscall"
)

// Flags of the Erlang distribution protocol: what OTP 25 and later demand of any
// node, and what they then send. Without the flag "published" a node is hidden:
// it is no member of anything, and nobody is told of it.
const capabilities = 0x4 | // extended references
	0x10 | 0x80 | // funs
	0x100 | // extended pids and ports
	0x200 | 0x400 | // exported funs, bit strings
	0x800 | // new floats
	0x10000 | 0x20000 | // UTF-8 atoms, maps
	0x40000 | // big creations
	1<<24 | 1<<25 | // the handshake of OTP 23, identified unlinks
	1<<34 // pids and ports of 64 bits

// Operations of control messages.
const (
	opSend    = 2
	opRegSend = 6
)

const passThrough = 112

// Sizes that no honest answer reaches.
const (
	maxHandshake = 1 << 12
	maxMessage   = 1 << 20
)

// session is a connection to an Erlang node as a hidden node.
type session struct {
	conn net.Conn
	r    *bufio.Reader
	name string // of this side
	refs uint32
}

// connect shakes hands with the node that listens at host:port.
func (d dialer) connect(ctx context.Context, host string, port int, cookie string) (*session, error) {
	conn, err := d.dial(ctx, net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	// The name is told to the node before it has proven anything: it must say nothing
	// of the challenge.
	var name [8]byte
	var challenge [4]byte
	_, _ = rand.Read(name[:])
	_, _ = rand.Read(challenge[:])
	s := &session{conn: conn, r: bufio.NewReader(conn), name: fmt.Sprintf("systole-%x@localhost", name)}
	if err := s.handshake(cookie, binary.BigEndian.Uint32(challenge[:])); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("handshake with the Erlang node at %s port %d: %w", host, port, err)
	}
	return s, nil
}

func (s *session) close() { _ = s.conn.Close() }

// errCookie says that the node did not accept the cookie or has another one.
var errCookie = errors.New("the Erlang cookie is not that of the node")

func (s *session) handshake(cookie string, challenge uint32) error {
	hello := binary.BigEndian.AppendUint64([]byte{'N'}, capabilities)
	hello = binary.BigEndian.AppendUint32(hello, 1) // creation
	hello = binary.BigEndian.AppendUint16(hello, uint16(len(s.name)))
	if err := s.put(append(hello, s.name...)); err != nil {
		return err
	}
	status, err := s.get()
	if err != nil {
		return err
	}
	if string(status) != "sok" && string(status) != "sok_simultaneous" {
		return fmt.Errorf("the node answered %.100q", status)
	}
	theirs, err := s.get()
	if err != nil {
		return err
	}
	const challengeAt = 1 + 8
	if len(theirs) < challengeAt+4 || theirs[0] != 'N' {
		return errors.New("the node speaks an older protocol than that of Erlang/OTP 23")
	}
	answer := binary.BigEndian.AppendUint32([]byte{'r'}, challenge)
	answer = append(answer, digest(cookie, binary.BigEndian.Uint32(theirs[challengeAt:]))...)
	if err := s.put(answer); err != nil {
		return err
	}
	ack, err := s.get()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		// A node that does not like the digest closes the connection.
		return fmt.Errorf("%w (%w)", errCookie, err)
	case err != nil:
		return err
	}
	if len(ack) != 17 || ack[0] != 'a' || subtle.ConstantTimeCompare(ack[1:], digest(cookie, challenge)) != 1 {
		return errCookie
	}
	return nil
}

func digest(cookie string, challenge uint32) []byte {
	sum := md5.Sum([]byte(cookie + strconv.FormatUint(uint64(challenge), 10)))
	return sum[:]
}

// put and get exchange the messages of the handshake, which have lengths of two bytes.
func (s *session) put(message []byte) error {
	_, err := s.conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
	return err
}

func (s *session) get() ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(s.r, size[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n > maxHandshake {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	message := make([]byte, n)
	_, err := io.ReadFull(s.r, message)
	return message, err
}

// badCall is an answer that says that a call failed on the other side.
type badCall struct{ reason any }

func (e *badCall) Error() string {
	const limit = 200
	text := fmt.Sprintf("%q", fmt.Sprint(e.reason))
	if len(text) > limit {
		text = text[:limit] + "..."
	}
	return "the call failed on the node: " + text
}

// undefined says whether a call failed because there is no such function.
func undefined(err error) bool {
	var bad *badCall
	if !errors.As(err, &bad) {
		return false
	}
	exit, _ := bad.reason.(tuple)
	if len(exit) != 2 || exit[0] != atom("EXIT") {
		return false
	}
	why, _ := exit[1].(tuple)
	return len(why) > 0 && why[0] == atom("undef")
}

// call calls a function without arguments on the node.
func (s *session) call(module, function string) (any, error) {
	s.refs++
	pid := encode([]byte{tagPid}, atom(s.name))
	pid = append(pid, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1)
	ref := encode([]byte{tagReference, 0, 3}, atom(s.name))
	ref = append(ref, 0, 0, 0, 1)
	ref = binary.BigEndian.AppendUint32(ref, s.refs)
	ref = append(ref, 0, 0, 0, 0, 0, 0, 0, 0)

	control := tuple{opRegSend, raw(pid), atom(""), atom("rex")}
	request := tuple{
		atom("$gen_call"),
		tuple{raw(pid), raw(ref)},
		tuple{atom("call"), atom(module), atom(function), list(nil), atom("user")},
	}
	body := encode([]byte{passThrough, tagVersion}, control)
	body = encode(append(body, tagVersion), request)
	if _, err := s.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)); err != nil {
		return nil, fmt.Errorf("call of %s:%s: %w", module, function, err)
	}
	for {
		answer, err := s.answer()
		if err != nil {
			return nil, fmt.Errorf("call of %s:%s: %w", module, function, err)
		}
		if r, ok := answer.ref.(reference); !ok || len(r.id) < 8 || binary.BigEndian.Uint32([]byte(r.id[4:8])) != s.refs || r.node != s.name {
			continue // of a call before, or for somebody else
		}
		if bad, ok := answer.value.(tuple); ok && len(bad) == 2 && bad[0] == atom("badrpc") {
			return nil, fmt.Errorf("call of %s:%s: %w", module, function, &badCall{bad[1]})
		}
		return answer.value, nil
	}
}

type answer struct{ ref, value any }

// answer reads the next message for a process of this side. Others are passed over.
func (s *session) answer() (a answer, err error) {
	for {
		var size [4]byte
		if _, err := io.ReadFull(s.r, size[:]); err != nil {
			return a, err
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > maxMessage {
			return a, fmt.Errorf("a message of %d bytes", n)
		}
		message := make([]byte, n)
		if _, err := io.ReadFull(s.r, message); err != nil {
			return a, err
		}
		if n < 2 || message[0] != passThrough || message[1] != tagVersion {
			continue // a tick, or what was not asked for
		}
		d := &decoder{b: message[2:]}
		control, err := d.term()
		if err != nil {
			return a, err
		}
		c, _ := control.(tuple)
		if len(c) == 0 || c[0] != int64(opSend) || len(d.b) == 0 || d.b[0] != tagVersion {
			continue
		}
		d.b = d.b[1:]
		value, err := d.term()
		if err != nil {
			return a, err
		}
		if pair, ok := value.(tuple); ok && len(pair) == 2 {
			return answer{ref: pair[0], value: pair[1]}, nil
		}
	}
}
