package mariadb

import (
	"context"
	"database/sql"
	"net"

	"github.com/go-sql-driver/mysql"
)

// PoolConfig says where a database is and who asks.
type PoolConfig struct {
	// Address is HOST:PORT.
	Address        string
	User, Password string
	// Dial makes connections; nil is the network of this machine.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Pool is the database as database/sql knows it, for programs that use it as
// clients do. It connects when it is first used. Close it.
func Pool(c PoolConfig) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", c.Address, c.User, c.Password
	cfg.DialFunc = c.Dial
	// What goes wrong is told by errors, to who asked.
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
