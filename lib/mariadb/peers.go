package mariadb

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"systole/lib/wsrep"
)

// Peers looks for other servers of the group, all at once, until ctx ends. That
// one listens is seen by a connection to its group port, which needs no login;
// what it says of itself, by asking it. The order is that of peers.
func Peers(ctx context.Context, peers []wsrep.Peer) []wsrep.Presence {
	found := make([]wsrep.Presence, len(peers))
	var all sync.WaitGroup
	for i, p := range peers {
		all.Go(func() { found[i] = presence(ctx, p) })
	}
	all.Wait()
	return found
}

func presence(ctx context.Context, p wsrep.Peer) wsrep.Presence {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", p.Group)
	switch {
	case err == nil:
		_ = conn.Close()
	case errors.Is(err, syscall.ECONNREFUSED):
		return wsrep.Closed
	default:
		return wsrep.Silent
	}
	if p.SQL == nil {
		return wsrep.Listening
	}
	s, err := Status(ctx, *p.SQL)
	switch {
	case err != nil:
		return wsrep.Listening
	case s.Component == wsrep.Primary:
		return wsrep.InPrimary
	}
	return wsrep.Outside
}
