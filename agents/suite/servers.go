package suite

import (
	"context"
	"time"

	"systole/agents/galera"
	"systole/agents/ocf"
	"systole/lib/mariadb"
	"systole/lib/wsrep"
)

// servers is package mariadb as the agents that look at databases want it.
type servers struct{}

var _ galera.Servers = servers{}

func (servers) Status(ctx context.Context, login wsrep.Login) (wsrep.Status, error) {
	return mariadb.Status(ctx, login)
}

func (servers) Peers(ctx context.Context, peers []wsrep.Peer) []wsrep.Presence {
	return mariadb.Peers(ctx, peers)
}

func (servers) Within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, limit)
}

func newGalera() ocf.Runnable { return galera.Agent(servers{}) }
