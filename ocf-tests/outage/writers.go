//go:build linux

package outage

import (
	"context"
	"sync"
	"time"
)

// retryPause is how long a client waits after an error before it turns to the next node.
const retryPause = 200 * time.Millisecond

// writers are clients that write all the time.
type writers struct {
	gate   sync.RWMutex // whoever writes holds it for reading
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

// startWriters starts the clients of a campaign. Each begins at a node of its own
// and turns to the next after an error.
func startWriters(ctx context.Context, opt Campaign, s Service, l *Ledger, nodes []string, event func(format string, args ...any)) *writers {
	ctx, cancel := context.WithCancel(ctx)
	w := &writers{cancel: cancel}
	for i := range opt.Writers {
		c := client{service: s, ledger: l, nodes: nodes, at: i, next: ID(i+1) << 32, pause: opt.Pause, timeout: opt.WriteTimeout}
		c.event = func(format string, args ...any) {
			event("client %d on %s: "+format, append([]any{i + 1, c.node()}, args...)...)
		}
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
	timeout time.Duration
	session Session

	// event is told of errors, and of the first success after one.
	event  func(format string, args ...any)
	failed bool
}

func (c *client) node() string { return c.nodes[c.at%len(c.nodes)] }

func (c *client) run(ctx context.Context, gate *sync.RWMutex) {
	defer c.close()
	for {
		gate.RLock()
		err := c.write(ctx)
		gate.RUnlock()
		rest := c.pause
		if err == nil && c.failed {
			c.event("acknowledged")
		} else if err != nil && ctx.Err() == nil {
			c.event("%v", err)
		}
		c.failed = err != nil
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
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if c.session == nil {
		s, err := c.service.Session(ctx, c.node())
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
