package mariadb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"systole/lib/wsrep"
)

// Numbers of errors of the server.
const (
	tooManyConnections     = 1040
	accessDeniedToDatabase = 1044
	accessDenied           = 1045
	hostBlocked            = 1129
	hostNotAllowed         = 1130
	accessDeniedNoPassword = 1698
	tooManyUserConnections = 1203
)

// maxRows bounds what is read of an answer.
const maxRows = 1000

// Status asks a server for the state of its replication. A connection is made
// and closed: nothing outlives the call. ctx should have a deadline.
func Status(ctx context.Context, login wsrep.Login) (wsrep.Status, error) {
	conn, err := connect(ctx, login)
	if err != nil {
		return wsrep.Status{}, explain(ctx, err)
	}
	defer conn.Close()
	// A server may be set to let readers wait until it has caught up. Whoever asks
	// how far it is does not want to; a server that does not know the variable is none of Galera.
	if e, ok := conn.(driver.ExecerContext); ok {
		_, err := e.ExecContext(ctx, "SET SESSION wsrep_sync_wait=0", nil)
		var refused *mysql.MySQLError
		if err != nil && !errors.As(err, &refused) {
			return wsrep.Status{}, explain(ctx, err)
		}
	}
	variables, err := pairs(ctx, conn,
		"SHOW GLOBAL STATUS WHERE Variable_name IN ('"+strings.Join(wsrep.StatusNames(), "','")+"')")
	if err != nil {
		return wsrep.Status{}, explain(ctx, err)
	}
	s, err := wsrep.ParseStatus(variables)
	if err != nil {
		return s, fmt.Errorf("the status of the server %s: %w", login, err)
	}
	settings, err := pairs(ctx, conn, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only','version')")
	if err != nil {
		return s, explain(ctx, err)
	}
	s.ReadOnly, s.Version = on(settings["read_only"]), settings["version"]
	return s, nil
}

func on(text string) bool { return strings.EqualFold(text, "ON") || text == "1" }

// config is the driver's form of a login.
func config(login wsrep.Login) *mysql.Config {
	c := mysql.NewConfig()
	c.User, c.Passwd = login.User, login.Password
	c.Net, c.Addr = "tcp", login.Address
	if login.Socket != "" {
		c.Net, c.Addr = "unix", login.Socket
	}
	// A password in plain text stays on this machine.
	c.AllowCleartextPasswords = login.Socket != ""
	c.Logger = &mysql.NopLogger{}
	return c
}

func connect(ctx context.Context, login wsrep.Login) (driver.Conn, error) {
	c := config(login)
	if end, ok := ctx.Deadline(); ok {
		c.Timeout = max(time.Until(end), time.Millisecond)
		// No timeouts of reads and writes: the driver watches ctx, and one that ends a
		// moment before ctx does would look like a connection that broke.
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return connector.Connect(ctx)
}

// pairs runs a statement that answers with names and values.
func pairs(ctx context.Context, conn driver.Conn, statement string) (map[string]string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return nil, errors.New("the driver cannot ask")
	}
	rows, err := q.QueryContext(ctx, statement, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	row := make([]driver.Value, len(rows.Columns()))
	if len(row) != 2 {
		return nil, fmt.Errorf("%d columns in the answer, not 2", len(row))
	}
	for range maxRows {
		if err := rows.Next(row); err != nil {
			if errors.Is(err, io.EOF) {
				return out, nil
			}
			return nil, err
		}
		out[text(row[0])] = text(row[1])
	}
	return nil, fmt.Errorf("more than %d rows in the answer", maxRows)
}

func text(v driver.Value) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

// explain sorts an error into the kinds of package wsrep.
func explain(ctx context.Context, err error) error {
	var refused *mysql.MySQLError
	var network net.Error
	switch {
	case errors.As(err, &refused):
		switch refused.Number {
		case accessDenied, accessDeniedNoPassword, accessDeniedToDatabase, hostNotAllowed, hostBlocked:
			return fmt.Errorf("%w: %w", wsrep.ErrDenied, err)
		case tooManyConnections, tooManyUserConnections:
			return fmt.Errorf("%w: %w", wsrep.ErrBusy, err)
		}
		return err
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, os.ErrNotExist):
		return err
	case ctx.Err() != nil, errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%w: %w", wsrep.ErrSilent, err)
	}
	return err
}
