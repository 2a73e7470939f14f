package mariadb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"systole/lib/wsrep"
)

// server is a real server on a socket in a folder of its own.
func server(t *testing.T) (socket string) {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is missing: install the package mariadb-server")
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: the server is run as root")
	}
	// A socket's path is short.
	dir, err := os.MkdirTemp("", "mariadb-test-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	out, err := exec.Command("mariadb-install-db", "--no-defaults", "--user=root", "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db").CombinedOutput()
	require.NoError(t, err, "%s", out)
	socket = filepath.Join(dir, "s")
	init := filepath.Join(dir, "init.sql")
	require.NoError(t, os.WriteFile(init, []byte("CREATE USER u@localhost IDENTIFIED BY 'secret';\n"), 0o600))
	cmd := exec.Command("mariadbd", "--no-defaults", "--user=root", "--datadir="+data, "--socket="+socket, "--skip-networking",
		"--innodb-use-native-aio=0", "--innodb-buffer-pool-size=8M", "--max-connections=10", "--init-file="+init)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.Eventually(t, func() bool {
		_, err := Status(ctx, wsrep.Login{Socket: socket, User: "u", Password: "secret"})
		return err == nil
	}, time.Minute, 50*time.Millisecond, "the server comes up")
	return socket
}

func TestStatus_Real(t *testing.T) {
	socket := server(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := Status(ctx, wsrep.Login{Socket: socket, User: "root"})
	require.NoError(t, err)
	require.Equal(t, wsrep.Disconnected, s.Component, "a server without a provider")
	require.NotEmpty(t, s.Version)
	require.False(t, s.ReadOnly)

	_, err = Status(ctx, wsrep.Login{Socket: socket, User: "u", Password: "wrong-secret"})
	require.ErrorIs(t, err, wsrep.ErrDenied)
	require.NotContains(t, err.Error(), "secret")
	_, err = Status(ctx, wsrep.Login{Socket: socket, User: "nobody"})
	require.ErrorIs(t, err, wsrep.ErrDenied)

	var held []interface{ Close() error }
	for range 20 {
		c, err := connect(ctx, wsrep.Login{Socket: socket, User: "u", Password: "secret"})
		if err != nil {
			break
		}
		held = append(held, c)
	}
	_, err = Status(ctx, wsrep.Login{Socket: socket, User: "u", Password: "secret"})
	require.ErrorIs(t, err, wsrep.ErrBusy)
	for _, c := range held {
		require.NoError(t, c.Close())
	}
}

func TestStatus_NoServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := Status(ctx, wsrep.Login{Socket: filepath.Join(t.TempDir(), "none"), User: "root"})
	require.Error(t, err)
	for _, kind := range []error{wsrep.ErrDenied, wsrep.ErrBusy, wsrep.ErrSilent} {
		require.False(t, errors.Is(err, kind))
	}

	// One that accepts and says nothing, as a server that hangs.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Status(soon, wsrep.Login{Address: l.Addr().String(), User: "root"})
	require.ErrorIs(t, err, wsrep.ErrSilent)
}

func TestPeers(t *testing.T) {
	open, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer open.Close()
	shut, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, shut.Close())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.Equal(t, []wsrep.Presence{wsrep.Listening, wsrep.Closed, wsrep.Silent, wsrep.Listening}, Peers(ctx, []wsrep.Peer{
		{Group: open.Addr().String()},
		{Group: shut.Addr().String()},
		{Group: "no.such.host.invalid:4567"},
		{Group: open.Addr().String(), SQL: &wsrep.Login{Address: shut.Addr().String(), User: "u", Password: "p"}},
	}))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, []wsrep.Presence{wsrep.Silent}, Peers(over, []wsrep.Peer{{Group: open.Addr().String()}}))
}

// TestLogin: no verb shows the password.
func TestLogin(t *testing.T) {
	l := wsrep.Login{Socket: "/s", User: "u", Password: "secret"}
	require.Equal(t, "u@/s", l.String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		require.NotContains(t, fmt.Sprintf(verb, l), "secret")
		require.NotContains(t, fmt.Sprintf(verb, &l), "secret")
		require.NotContains(t, fmt.Sprintf(verb, wsrep.Peer{SQL: &l}), "secret")
	}
}
