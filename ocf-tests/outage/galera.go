//go:build linux

package outage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"systole/lib/mariadb"
	"systole/ocf-tests/lab"
	"systole/ocf-tests/lab/service"
)

// Galera is MariaDB with Galera on all nodes of a lab.
type Galera struct {
	// Provider is that of the agent: heartbeat or systole.
	Provider string
	// Parameters are further ones of the resource, NAME=VALUE.
	Parameters []string
	// Configuration is that of the servers.
	Configuration service.Galera

	// states: each write notes the state of the server that takes it, which costs
	// the server a look at all its variables.
	states bool

	c *lab.Cluster
}

var _ Service = (*Galera)(nil)

// Primitive is the id of its resource.
func (*Galera) Primitive() string { return "galera" }

// DataFolder is where MariaDB keeps its data.
func (*Galera) DataFolder() string { return "/var/lib/mysql" }

// PeerPorts are those of replication, of incremental and of full state transfers.
func (*Galera) PeerPorts() []int { return []int{4567, 4568, 4444} }

// Program is the name of a program.
func (*Galera) Program(name string) string {
	switch name {
	case ServiceProgram:
		return "mariadbd"
	case TransferProgram:
		return "rsync"
	}
	return name
}

// The tables of the clients. A transaction writes a row into each: that they
// differ would show that half of one was kept.
const galeraTables = `CREATE DATABASE outage;
CREATE TABLE outage.a (id BIGINT UNSIGNED PRIMARY KEY, node VARCHAR(64) NOT NULL, state INT) ENGINE=InnoDB;
CREATE TABLE outage.b (id BIGINT UNSIGNED PRIMARY KEY, note VARCHAR(64) NOT NULL) ENGINE=InnoDB;`

// ownState is the state of the server in the group; 4 is synced.
const ownState = "(SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'WSREP_LOCAL_STATE')"

// SetUp makes empty databases and the resource, waits for it and makes the tables.
func (g *Galera) SetUp(ctx context.Context, c *lab.Cluster) error {
	g.c = c
	if err := g.Configuration.SetUp(ctx, c); err != nil {
		return err
	}
	if err := c.Configure(ctx, "resources", g.Configuration.Resource(c, g.Provider, g.Parameters...)); err != nil {
		return err
	}
	if err := c.Wait(ctx, "all instances promoted", func(s lab.Status) bool {
		return len(s.InRole(g.Primitive(), "Promoted")) == len(c.Nodes())
	}); err != nil {
		return err
	}
	_, err := service.SQL(ctx, c.Node(1), galeraTables)
	return err
}

// How long a server may take for a question about its state.
const askTimeout = 3 * time.Second

// Whole: exactly these nodes are promoted, synced and members of one cluster.
func (g *Galera) Whole(ctx context.Context, s lab.Status, nodes []string) error {
	want := slices.Sorted(slices.Values(nodes))
	if promoted := s.InRole(g.Primitive(), "Promoted"); !slices.Equal(promoted, want) {
		return fmt.Errorf("promoted are %v, not %v", promoted, want)
	}
	errs := make([]error, len(want))
	var asked sync.WaitGroup
	for i, n := range want {
		asked.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			defer cancel()
			errs[i] = g.synced(ctx, n, len(want))
		})
	}
	asked.Wait()
	return errors.Join(errs...)
}

func (g *Galera) synced(ctx context.Context, node string, size int) error {
	db, err := g.pool(node)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SHOW GLOBAL STATUS WHERE Variable_name IN
		('wsrep_ready', 'wsrep_cluster_status', 'wsrep_cluster_size', 'wsrep_local_state_comment')`)
	if err != nil {
		return fmt.Errorf("%s: %w", node, err)
	}
	defer rows.Close()
	status := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("%s: %w", node, err)
		}
		status[strings.ToLower(name)] = value
	}
	want := map[string]string{
		"wsrep_ready": "ON", "wsrep_cluster_status": "Primary",
		"wsrep_cluster_size": fmt.Sprint(size), "wsrep_local_state_comment": "Synced",
	}
	for _, name := range sortedKeys(want) {
		if status[name] != want[name] {
			return fmt.Errorf("%s: %s is %q, not %q", node, name, status[name], want[name])
		}
	}
	return rows.Err()
}

// pool is for one node, or for an address HOST:PORT.
func (g *Galera) pool(node string) (*sql.DB, error) {
	if !strings.Contains(node, ":") {
		node += ":3306"
	}
	db, err := mariadb.Pool(mariadb.PoolConfig{Address: node, User: service.DatabaseUser, Password: service.DatabasePassword, Dial: g.c.Dial})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// Stored are the rows of one node, after everything that others have committed
// has reached it.
func (g *Galera) Stored(ctx context.Context, node string) (Contents, error) {
	db, err := g.pool(node)
	if err != nil {
		return Contents{}, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return Contents{}, fmt.Errorf("%s: %w", node, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SET SESSION wsrep_sync_wait=1"); err != nil {
		return Contents{}, fmt.Errorf("%s: %w", node, err)
	}
	var c Contents
	if c.IDs, err = galeraIDs(ctx, conn); err != nil {
		return Contents{}, fmt.Errorf("%s: %w", node, err)
	}
	if g.states {
		if err := unsynced(ctx, conn, &c); err != nil {
			return Contents{}, fmt.Errorf("%s: %w", node, err)
		}
	}
	var halves int
	if err := conn.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM outage.a LEFT JOIN outage.b USING (id) WHERE b.id IS NULL)
		+ (SELECT COUNT(*) FROM outage.b LEFT JOIN outage.a USING (id) WHERE a.id IS NULL)`).Scan(&halves); err != nil {
		return Contents{}, fmt.Errorf("%s: %w", node, err)
	}
	for _, table := range []string{"outage.a", "outage.b"} {
		var name, sum string
		if err := conn.QueryRowContext(ctx, "CHECKSUM TABLE "+table+" EXTENDED").Scan(&name, &sum); err != nil {
			return Contents{}, fmt.Errorf("%s: %w", node, err)
		}
		c.Digest += name + " " + sum + " "
	}
	if halves > 0 {
		c.Problems = append(c.Problems, fmt.Sprintf("%d transactions of which half is there", halves))
	}
	return c, nil
}

// Galera's numbers for the state of a server. A joiner takes no queries before it is
// synced (wsrep_ready), so that a write in the state joined was taken by a donor on
// its way back.
const stateDonor = 2

// unsynced looks for writes of servers that were not synced when they took them.
// A donor has all data and its writes are as safe as others; it is only allowed
// to lag. Until the next check a load balancer cannot know that a server has become one, so
// that such writes are told and are no problem.
func unsynced(ctx context.Context, conn *sql.Conn, c *Contents) error {
	rows, err := conn.QueryContext(ctx, "SELECT node, IF(state = 3, 2, state) AS s, COUNT(*) FROM outage.a WHERE state <> 4 GROUP BY node, s ORDER BY node, s")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var node string
		var state, count int
		if err := rows.Scan(&node, &state, &count); err != nil {
			return err
		}
		if state == stateDonor {
			c.Notes = append(c.Notes, fmt.Sprintf("so far %d writes were taken by %s while it was a donor", count, node))
			continue
		}
		c.Problems = append(c.Problems, fmt.Sprintf("%d writes were taken by %s in the state %d, out of sync", count, node, state))
	}
	return rows.Err()
}

func galeraIDs(ctx context.Context, conn *sql.Conn) ([]ID, error) {
	rows, err := conn.QueryContext(ctx, "SELECT id FROM outage.a")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []ID
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, ID(id))
	}
	return ids, rows.Err()
}

// Session is a connection to a node.
func (g *Galera) Session(ctx context.Context, node string) (Session, error) {
	db, err := g.pool(node)
	if err != nil {
		return nil, err
	}
	// One connection and not the pool: the pool would try again behind our back.
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	state := "NULL"
	if g.states {
		state = ownState
	}
	return &galeraSession{state, db, conn}, nil
}

type galeraSession struct {
	state string
	db    *sql.DB
	conn  *sql.Conn
}

// Write commits a transaction of two rows.
func (s *galeraSession) Write(ctx context.Context, id ID) error {
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO outage.a VALUES (%d, @@wsrep_node_name, %s)", id, s.state)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO outage.b VALUES (%d, 'written')", id)); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *galeraSession) Close() {
	_ = s.conn.Close()
	_ = s.db.Close()
}
