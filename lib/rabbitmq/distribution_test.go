package rabbitmq

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// scripted is a peer that says what it says, whatever it is told.
type scripted struct {
	net.Conn
	io.Reader
}

func (s scripted) Read(p []byte) (int, error) { return s.Reader.Read(p) }
func (scripted) Write(p []byte) (int, error)  { return len(p), nil }

// said is a session with a peer that says these bytes.
func said(b []byte) *session {
	return &session{conn: scripted{Reader: bytes.NewReader(b)}, r: bufio.NewReader(bytes.NewReader(b)), name: "me@localhost"}
}

// answerTo is what a node says to the call with a number.
func answerTo(ref uint32, value any) []byte {
	r := encode([]byte{tagReference, 0, 3}, atom("me@localhost"))
	r = binary.BigEndian.AppendUint32(append(r, 0, 0, 0, 1), ref)
	r = append(r, 0, 0, 0, 0, 0, 0, 0, 0)
	body := encode([]byte{passThrough, tagVersion}, tuple{opSend, atom(""), atom("pid")})
	body = encode(append(body, tagVersion), tuple{raw(r), value})
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestCall_Answers(t *testing.T) {
	value, err := said(append(answerTo(7, atom("old")), answerTo(1, atom("true"))...)).call("rabbit", "is_running")
	require.NoError(t, err)
	require.Equal(t, atom("true"), value, "an answer to another call is passed over")

	var v View
	require.ErrorIs(t, said(answerTo(1, atom("maybe"))).ask(&v), errOdd)
	require.True(t, v.Alive && !v.Running)

	// A list of members with something else in it is no list of members.
	all := bytes.Join([][]byte{
		answerTo(1, atom("true")), answerTo(2, atom("false")),
		answerTo(3, list{atom("rabbit@a"), tuple{atom("rabbit@b"), atom("down")}}),
	}, nil)
	v = View{}
	require.ErrorIs(t, said(all).ask(&v), errOdd)
	require.Empty(t, v.Members)

	_, err = said(answerTo(1, tuple{atom("badrpc"), list{atom(strings.Repeat("x", 250)), atom("y\x1b[2J")}})).call("m", "f")
	require.ErrorContains(t, err, "call of m:f: the call failed on the node")
	require.Less(t, len(err.Error()), 300)
	require.NotContains(t, err.Error(), "\x1b")

	for name, message := range map[string][]byte{
		"of a gigabyte":   {0x40, 0, 0, 0},
		"ends too early":  {0, 0, 0, 8, passThrough, tagVersion},
		"term, too early": {0, 0, 0, 3, passThrough, tagVersion, tagSmallTuple},
	} {
		_, err := said(message).call("m", "f")
		require.ErrorContains(t, err, "call of m:f: ", name)
	}
}

// A node that asks and falls silent has not refused the cookie.
func TestHandshake_Silent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go serve(l, func(c net.Conn) error {
		s := &session{conn: c, r: bufio.NewReader(c)}
		if _, err := s.get(); err != nil {
			return err
		}
		hello := append(append([]byte{'N'}, make([]byte, 8+4+4)...), 0, 1, 'x')
		if err := errors.Join(s.put([]byte("sok")), s.put(hello)); err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, c) // until the other side gives up
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = dialer(nil).connect(ctx, "127.0.0.1", l.Addr().(*net.TCPAddr).Port, "c")
	require.ErrorContains(t, err, "handshake")
	require.NotErrorIs(t, err, errCookie)
}

// A connection that is lost in the middle is not an answer.
func TestLook_Lost(t *testing.T) {
	for _, lost := range []string{"rabbit:is_running", "rabbit:is_booting", "rabbit_nodes:list_members", "rabbit_nodes:list_running", "rabbit_node_monitor:partitions"} {
		answers := map[string]any{
			"rabbit:is_running": false, "rabbit:is_booting": true, "rabbit_nodes:list_members": three, "rabbit_nodes:list_running": three,
			"rabbit_node_monitor:partitions": []string(nil),
		}
		answers["rabbit:is_running"] = lost != "rabbit:is_booting"
		answers[lost] = errors.New("the connection ends")
		v := lookAt(t, &Fake{Name: name, Cookie: "c", Answers: answers}, name, "c")
		require.ErrorIs(t, v.Err, io.EOF, lost)
		require.Equal(t, lost != "rabbit:is_running", v.Alive, lost)
	}
}

// An action that is told to end does not wait for a node that hangs.
func TestLook_Cancelled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go serve(l, func(c net.Conn) error {
		if _, err := io.ReadFull(c, make([]byte, 2)); err != nil {
			return err
		}
		cancel() // the question has come
		_, _ = io.Copy(io.Discard, c)
		return nil
	})
	v := Look(ctx, []Target{{Name: name, Epmd: l.Addr().(*net.TCPAddr).Port, Cookie: "c", Timeout: time.Hour}})[0]
	require.Error(t, v.Err)
	require.False(t, v.Refused || v.Registered)
}

// generate is any term that a client of ours sends.
func generate(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 3).Draw(t, "kind")
	if depth > 4 {
		kind %= 2
	}
	many := func() (l []any) {
		for range rapid.IntRange(1, 5).Draw(t, "size") {
			l = append(l, generate(t, depth+1))
		}
		return l
	}
	switch kind {
	case 0:
		return atom(rapid.StringN(0, 60, 255).Draw(t, "atom"))
	case 1:
		return int(rapid.Int32().Draw(t, "integer"))
	case 2:
		return tuple(many())
	}
	return list(many())
}

// decoded is what a term of Go comes back as.
func decoded(term any) any {
	switch x := term.(type) {
	case int:
		return int64(x)
	case tuple:
		out := make(tuple, len(x))
		for i, e := range x {
			out[i] = decoded(e)
		}
		return out
	case list:
		out := make(list, len(x))
		for i, e := range x {
			out[i] = decoded(e)
		}
		return out
	}
	return term
}

func TestTerms_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		term := generate(t, 0)
		d := &decoder{b: encode(nil, term)}
		back, err := d.term()
		require.NoError(t, err)
		require.Empty(t, d.b)
		require.Equal(t, decoded(term), back)
	})
}

func TestTerms_Limits(t *testing.T) {
	text := append([]byte{tagString, 0xff, 0xff}, make([]byte, 0xffff)...)
	many := append([]byte{tagSmallTuple, 2}, bytes.Repeat(text, 2)...)
	_, err := (&decoder{b: many}).term()
	require.ErrorIs(t, err, errLarge)
	// The name of a node is an atom and nothing else.
	_, err = (&decoder{b: append([]byte{tagPid, tagSmallInteger, 1}, make([]byte, 12)...)}).term()
	require.ErrorContains(t, err, "names a node by a int64")
	require.ErrorContains(t, Look(t.Context(), []Target{{Name: "r@" + strings.Repeat("h", 254), Timeout: time.Second}})[0].Err, "no name of an Erlang node")
}

// FuzzPeer: whatever a peer says, a look at it ends without a panic, and nothing is
// believed of a peer that has not proven that it knows the cookie.
func FuzzPeer(f *testing.F) {
	f.Add([]byte("\x00\x03sok"), true)
	f.Add(bytes.Join([][]byte{answerTo(1, atom("true")), answerTo(2, atom("false")), answerTo(3, list{atom("rabbit@a")})}, nil), false)
	f.Add([]byte("\x00\x00\x00\x08p\x83h\x03a\x02w\x00"), false)
	f.Fuzz(func(t *testing.T, b []byte, handshake bool) {
		s := said(b)
		if handshake {
			if s.handshake("cookie", 1) == nil {
				t.Fatalf("%q has proven that it knows the cookie", b)
			}
			return
		}
		var v View
		if s.ask(&v) == nil && !v.Alive {
			t.Fatal("an answer of a node that does not live")
		}
	})
}
