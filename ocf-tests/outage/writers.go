//go:build linux

package outage

import (
	"context"
	"sync"
	"time"
)

// Limits of clients.
const (
	writeTimeout = 5 * time.Second
	// After an error a client waits that long before it turns to the next node.
	retryPause = 200 * time.Millisecond
)

// writers are clients that write all the time.
type writers struct {
	gate   sync.RWMutex // whoever writes holds it for reading
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// startWriters starts count clients, numbered from first, that wait for pause
// between writes. Each begins at a node of its own and turns to the next after
// an error.
func startWriters(ctx context.Context, s Service, l *Ledger, nodes []string, count int, pause time.Duration) *writers {
	ctx, cancel := context.WithCancel(ctx)
	w := &writers{cancel: cancel}
	for i := range count {
		c := client{service: s, ledger: l, nodes: nodes, at: i, next: ID(i+1) << 32, pause: pause}
		w.ended.Go(func() { c.run(ctx, &w.gate) })
	}
	return w
}

// pause returns when nobody writes, and nobody will until resume.
func (w *writers) pause()  { w.gate.Lock() }
func (w *writers) resume() { w.gate.Unlock() }

func (w *writers) stop() {
	w.cancel()
	w.ended.Wait()
}

type client struct {
	service Service
	ledger  *Ledger
	nodes   []string
	at      int
	next    ID
	pause   time.Duration
	session Session
}

func (c *client) run(ctx context.Context, gate *sync.RWMutex) {
	defer c.close()
	for {
		gate.RLock()
		err := c.write(ctx)
		gate.RUnlock()
		rest := c.pause
		if err != nil {
			c.close()
			c.at++
			rest = retryPause
		}
		if pause(ctx, rest) != nil {
			return
		}
	}
}

func (c *client) write(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if c.session == nil {
		s, err := c.service.Session(ctx, c.nodes[c.at%len(c.nodes)])
		if err != nil {
			return err
		}
		c.session = s
	}
	id := c.next
	c.next++
	c.ledger.Sent(id)
	if err := c.session.Write(ctx, id); err != nil {
		return err
	}
	c.ledger.Acknowledged(id, time.Now())
	return nil
}

func (c *client) close() {
	if c.session != nil {
		c.session.Close()
		c.session = nil
	}
}
