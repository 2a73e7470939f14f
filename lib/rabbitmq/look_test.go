package rabbitmq

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// look looks at a fake node with the cookie.
func lookAt(t *testing.T, f *Fake, name, cookie string) View {
	t.Helper()
	require.NoError(t, f.Serve("127.0.0.1:0"))
	t.Cleanup(f.Close)
	return Look(t.Context(), []Target{{Name: name, Epmd: f.Epmd(), Cookie: cookie, Timeout: 20 * time.Second}})[0]
}

const name = "rabbit@localhost"

var three = []string{name, "rabbit@b", "rabbit@c"}

// The functions of RabbitMQ that are asked, by version: 3.10 on Debian 12 (recorded),
// 3.13 and 4.x with list_members and list_running, 4.3 without partitions.
func TestLook_Versions(t *testing.T) {
	for version, answers := range map[string]map[string]any{
		"3.8":  {"rabbit:is_running": true, "rabbit_nodes:all": three, "rabbit_nodes:all_running": three, "rabbit_node_monitor:partitions": []string{"rabbit@c"}},
		"3.10": {"rabbit:is_running": true, "rabbit:is_booting": false, "rabbit_nodes:all": three, "rabbit_nodes:all_running": three, "rabbit_node_monitor:partitions": []string{"rabbit@c"}},
		"4.0":  {"rabbit:is_running": true, "rabbit:is_booting": false, "rabbit_nodes:list_members": three, "rabbit_nodes:list_running": three, "rabbit_node_monitor:partitions": []string{"rabbit@c"}},
		"4.3":  {"rabbit:is_running": true, "rabbit:is_booting": false, "rabbit_nodes:list_members": three, "rabbit_nodes:list_running": three},
	} {
		t.Run(version, func(t *testing.T) {
			v := lookAt(t, &Fake{Name: name, Cookie: "c", Answers: answers}, name, "c")
			require.NoError(t, v.Err)
			require.True(t, v.Registered && v.Alive && v.Running && !v.Booting && !v.Refused)
			require.Equal(t, []string{"rabbit@b", "rabbit@c", name}, v.Members)
			require.Equal(t, v.Members, v.Connected)
			if version == "4.3" {
				require.Empty(t, v.Partitions)
			} else {
				require.Equal(t, []string{"rabbit@c"}, v.Partitions)
			}
		})
	}
}

func TestLook_States(t *testing.T) {
	v := lookAt(t, &Fake{Name: name, Cookie: "c", Answers: map[string]any{"rabbit:is_running": false, "rabbit:is_booting": true}}, name, "c")
	require.NoError(t, v.Err)
	require.True(t, v.Alive && v.Booting && !v.Running)

	// Early in its start the node has no module rabbit.
	v = lookAt(t, &Fake{Name: name, Cookie: "c"}, name, "c")
	require.True(t, v.Alive && !v.Running)
	require.ErrorContains(t, v.Err, "rabbit:is_running")

	v = lookAt(t, &Fake{Name: name, Cookie: "c"}, name, "other")
	require.True(t, v.Registered && !v.Alive && !v.Refused && !v.Silent)
	require.ErrorIs(t, v.Err, errCookie)

	v = lookAt(t, &Fake{Name: name, Cookie: "c"}, name, "")
	require.True(t, v.Registered && !v.Alive)
	require.ErrorContains(t, v.Err, "without the Erlang cookie")

	v = lookAt(t, &Fake{Name: name, Cookie: "c"}, "other@localhost", "c")
	require.True(t, v.Refused && !v.Registered)

	for _, bad := range []string{"", "rabbit", "@host", "rabbit@"} {
		require.ErrorContains(t, Look(t.Context(), []Target{{Name: bad, Timeout: time.Second}})[0].Err, "no name of an Erlang node")
	}
}

// A node that takes connections and does not answer hangs.
func TestLook_Silent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	f := &Fake{Name: name, Cookie: "c"}
	require.NoError(t, f.Serve("127.0.0.1:0"))
	t.Cleanup(f.Close)
	f.mu.Lock()
	f.port = l.Addr().(*net.TCPAddr).Port
	f.mu.Unlock()
	v := Look(t.Context(), []Target{{Name: name, Epmd: f.Epmd(), Cookie: "c", Timeout: 50 * time.Millisecond}})[0]
	require.True(t, v.Registered && v.Silent && !v.Alive && !v.Refused)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.NoError(t, Listens(ctx, l.Addr().String()))
	require.ErrorContains(t, Greets(ctx, l.Addr().String()), "no greeting")
}

// No port mapper is an answer, a host that is silent is none.
func TestLook_Nobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	v := Look(t.Context(), []Target{{Name: name, Epmd: port, Cookie: "c", Timeout: 50 * time.Millisecond}})[0]
	require.False(t, v.Refused || v.Registered)
	require.Error(t, v.Err)
	require.NoError(t, l.Close())
	v = Look(t.Context(), []Target{{Name: name, Epmd: port, Cookie: "c", Timeout: 20 * time.Second}})[0]
	require.True(t, v.Refused && !v.Registered)
}

// TestTerms: what was printed by term_to_binary of Erlang/OTP 25.
func TestTerms(t *testing.T) {
	for text, want := range map[string]any{
		"a\x05":                           int64(5),
		"b\xff\xff\xff\xfe":               int64(-2),
		"j":                               list(nil),
		"k\x00\x02\x01\x02":               list{int64(1), int64(2)},
		"h\x02w\x02okm\x00\x00\x00\x02hi": tuple{atom("ok"), "hi"},
		"l\x00\x00\x00\x01d\x00\x01xj":    list{atom("x")},
		"t\x00\x00\x00\x01w\x01ka\x01":    list{atom("k"), int64(1)},
		"n\x08\x01\x00\x00\x00\x00\x00\x00\x00\x80":             nil,
		"o\x00\x00\x00\x08\x01\x00\x00\x00\x00\x00\x00\x00\x80": nil,
		"F\x3f\xf0\x00\x00\x00\x00\x00\x00":                     nil,
	} {
		d := &decoder{b: []byte(text)}
		have, err := d.term()
		require.NoError(t, err, text)
		require.Equal(t, want, have)
		require.Empty(t, d.b)
	}
	deep := strings.Repeat("h\x01", 200) + "j"
	_, err := (&decoder{b: []byte(deep)}).term()
	require.ErrorContains(t, err, "too deep")
}

// FuzzTerms: nothing that a peer sends may cause a panic or take much memory.
func FuzzTerms(f *testing.F) {
	f.Add([]byte("h\x02w\x02okm\x00\x00\x00\x02hi"))
	f.Add([]byte("l\xff\xff\xff\xffa\x01"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = (&decoder{b: b}).term()
	})
}

func TestListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, Listens(ctx, l.Addr().String()))
	a := Account{Address: l.Addr().String(), User: "u", Password: "p", VHost: "/"}
	require.NoError(t, l.Close())
	require.Error(t, Listens(ctx, a.Address))
	require.ErrorContains(t, Probe(ctx, a), "log in at")
	require.ErrorContains(t, RoundTrip(ctx, a), "log in at")
}
