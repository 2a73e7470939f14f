package rabbitmq

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
)

// Fake is a RabbitMQ node for tests, as far as [Look] sees one: a port mapper that
// knows it, and an Erlang node that answers calls of functions without arguments.
type Fake struct {
	Name   string // NAME@HOST
	Cookie string
	// Answers are by "module:function". A []string is a list of atoms, a bool or a
	// string is an atom, an error ends the connection, and what is missing is no
	// function of the node.
	Answers map[string]any

	mu        sync.Mutex
	listeners []net.Listener
	port      int
}

// Serve listens at the address of the port mapper until Close.
func (f *Fake) Serve(epmd string) error {
	node, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mapper, err := net.Listen("tcp", epmd)
	if err != nil {
		_ = node.Close()
		return err
	}
	f.mu.Lock()
	f.listeners = []net.Listener{node, mapper}
	f.port = node.Addr().(*net.TCPAddr).Port
	f.mu.Unlock()
	go serve(node, f.node)
	go serve(mapper, f.mapper)
	return nil
}

// Epmd is the port of the port mapper.
func (f *Fake) Epmd() int { return f.listeners[1].Addr().(*net.TCPAddr).Port }

// Close ends it.
func (f *Fake) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.listeners {
		_ = l.Close()
	}
}

func serve(l net.Listener, handle func(net.Conn) error) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = handle(c)
		}()
	}
}

func (f *Fake) mapper(c net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return err
	}
	request := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, request); err != nil {
		return err
	}
	short, _, _ := strings.Cut(f.Name, "@")
	if string(request) != string(rune(epmdPortRequest))+short {
		_, err := c.Write([]byte{epmdPortAnswer, 1})
		return err
	}
	answer := binary.BigEndian.AppendUint16([]byte{epmdPortAnswer, 0}, uint16(f.port))
	answer = append(answer, 'M', 0, 0, 6, 0, 5)
	answer = binary.BigEndian.AppendUint16(answer, uint16(len(short)))
	_, err := c.Write(append(append(answer, short...), 0, 0))
	return err
}

func (f *Fake) node(c net.Conn) error {
	s := &session{conn: c, r: bufio.NewReader(c), name: f.Name}
	hello, err := s.get()
	if err != nil || len(hello) < 15 || hello[0] != 'N' {
		return fmt.Errorf("hello %q: %w", hello, err)
	}
	var random [4]byte
	_, _ = rand.Read(random[:])
	challenge := binary.BigEndian.Uint32(random[:])
	if err := s.put([]byte("sok")); err != nil {
		return err
	}
	mine := binary.BigEndian.AppendUint64([]byte{'N'}, capabilities|1)
	mine = binary.BigEndian.AppendUint32(mine, challenge)
	mine = binary.BigEndian.AppendUint32(mine, 1)
	mine = binary.BigEndian.AppendUint16(mine, uint16(len(f.Name)))
	if err := s.put(append(mine, f.Name...)); err != nil {
		return err
	}
	reply, err := s.get()
	if err != nil || len(reply) != 21 || string(reply[5:]) != string(digest(f.Cookie, challenge)) {
		return errCookie
	}
	if err := s.put(append([]byte{'a'}, digest(f.Cookie, binary.BigEndian.Uint32(reply[1:]))...)); err != nil {
		return err
	}
	// A tick first, and a message that nobody has asked for.
	if err := send(c, nil); err != nil {
		return err
	}
	if err := send(c, encode(encode([]byte{passThrough, tagVersion}, tuple{opSend, atom(""), atom("x")}), atom("x"))); err != nil {
		return err
	}
	for {
		if err := f.answer(s); err != nil {
			return err
		}
	}
}

func send(c net.Conn, body []byte) error {
	_, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	return err
}

// answer reads a call and answers it.
func (f *Fake) answer(s *session) error {
	var size [4]byte
	if _, err := io.ReadFull(s.r, size[:]); err != nil {
		return err
	}
	message := make([]byte, min(binary.BigEndian.Uint32(size[:]), maxMessage))
	if _, err := io.ReadFull(s.r, message); err != nil {
		return err
	}
	if len(message) < 2 {
		return errShort
	}
	d := &decoder{b: message[2:]}
	if _, err := d.term(); err != nil {
		return err
	}
	if len(d.b) == 0 {
		return errShort
	}
	body := d.b[1:]
	d.b = body
	request, err := d.term()
	if err != nil {
		return err
	}
	gen, _ := request.(tuple)
	if len(gen) != 3 || gen[0] != atom("$gen_call") {
		return errors.New("no call")
	}
	call, _ := gen[2].(tuple)
	if len(call) != 5 {
		return errors.New("no call of a function")
	}
	// The reference goes back as it came: it follows the tuple's head, the name of
	// the call, the head of the sender and the pid.
	at := &decoder{b: body[2:]}
	_, _ = at.term() // $gen_call
	at.b = at.b[2:]
	_, _ = at.term() // pid
	begin := at.b
	_, _ = at.term() // reference
	ref := raw(begin[:len(begin)-len(at.b)])
	f.mu.Lock()
	value, known := f.Answers[fmt.Sprint(call[1])+":"+fmt.Sprint(call[2])]
	f.mu.Unlock()
	var result any = tuple{atom("badrpc"), tuple{atom("EXIT"), tuple{atom("undef"), list(nil)}}}
	switch v := value.(type) {
	case bool:
		result = atom(fmt.Sprint(v))
	case string:
		result = atom(v)
	case error:
		return v
	case []string:
		var l list
		for _, n := range v {
			l = append(l, atom(n))
		}
		result = l
	default:
		if known {
			result = value
		}
	}
	reply := encode([]byte{passThrough, tagVersion}, tuple{opSend, atom(""), atom("pid")})
	return send(s.conn, encode(append(reply, tagVersion), tuple{ref, result}))
}
