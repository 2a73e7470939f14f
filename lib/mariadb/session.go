package mariadb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/go-sql-driver/mysql"

	"systole/lib/wsrep"
)

// Session asks a server again and again over one connection, which it makes
// when it is needed. It is for one goroutine.
type Session struct {
	login   wsrep.Login
	conn    driver.Conn
	queries atomic.Int64
}

// NewSession makes a Session. Nothing is connected yet.
func NewSession(login wsrep.Login) *Session { return &Session{login: login} }

// Queries is how many statements the server was sent.
func (s *Session) Queries() int64 { return s.queries.Load() }

// Close ends the connection. The Session can be used again.
func (s *Session) Close() {
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// Look asks for the state of replication, and for settings by their names; those
// that the server does not know are missing. ctx should have a deadline. After an
// error the next Look makes a new connection.
func (s *Session) Look(ctx context.Context, settings ...string) (wsrep.Status, map[string]string, error) {
	kept := s.conn != nil
	status, values, err := s.look(ctx, settings)
	if err != nil {
		s.Close()
		// The server has closed the connection since the last time, perhaps because it was restarted.
		if kept && ctx.Err() == nil && lost(err) {
			if status, values, err = s.look(ctx, settings); err != nil {
				s.Close()
			}
		}
	}
	if err != nil {
		return status, nil, explain(ctx, err)
	}
	return status, values, nil
}

func lost(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func (s *Session) look(ctx context.Context, settings []string) (wsrep.Status, map[string]string, error) {
	var status wsrep.Status
	if err := s.connect(ctx); err != nil {
		return status, nil, err
	}
	variables, err := s.pairs(ctx, "SHOW GLOBAL STATUS WHERE Variable_name IN ('"+strings.Join(wsrep.StatusNames(), "','")+"')")
	if err != nil {
		return status, nil, err
	}
	if status, err = wsrep.ParseStatus(variables); err != nil {
		return status, nil, fmt.Errorf("the status of the server %s: %w", s.login, err)
	}
	names := append([]string{"read_only", "version"}, settings...)
	values, err := s.pairs(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('"+strings.Join(names, "','")+"')")
	if err != nil {
		return status, nil, err
	}
	status.ReadOnly, status.Version = on(values["read_only"]), values["version"]
	return status, values, nil
}

func (s *Session) connect(ctx context.Context) (err error) {
	if s.conn != nil {
		return nil
	}
	if s.conn, err = connect(ctx, s.login); err != nil {
		s.conn = nil
		return err
	}
	// See Status: whoever asks how far a server is does not want to wait for it.
	if e, ok := s.conn.(driver.ExecerContext); ok {
		s.queries.Add(1)
		_, err := e.ExecContext(ctx, "SET SESSION wsrep_sync_wait=0", nil)
		var refused *mysql.MySQLError
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

func (s *Session) pairs(ctx context.Context, statement string) (map[string]string, error) {
	s.queries.Add(1)
	return pairs(ctx, s.conn, statement)
}
