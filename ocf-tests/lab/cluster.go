//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
)

// A Cluster is a running lab. Its methods may be called from any goroutine.
type Cluster struct {
	opt    Options
	dir    string
	nodes  []*Node
	keeper *exec.Cmd
	life   [2]*os.File // read end for children, write end stays here
	lock   *os.File
	power  net.Listener

	brokenSwitch atomic.Bool
	lastUsed     atomic.Int64 // number of the node that last answered with quorum

	mu       sync.Mutex
	closed   bool
	fencings []Fencing

	// Requests of fence devices, and boots that they began and did not wait for.
	work sync.WaitGroup
	// Ends with Close.
	ctx    context.Context
	cancel context.CancelFunc
	// Closed when somebody asks for the end of the lab: see Done.
	done     chan struct{}
	doneOnce sync.Once
}

// Start makes a cluster and boots all nodes. It returns when their daemons have
// been started, not when the cluster has formed: see [Cluster.WaitOnline]. Close
// it. The context limits the start alone.
func Start(ctx context.Context, opt Options) (*Cluster, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := Check(opt); err != nil {
		return nil, err
	}
	c := &Cluster{opt: opt, done: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("starting a lab of %d nodes: %w", opt.Nodes, err), c.Close())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	if err := c.makeDir(); err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	c.life = [2]*os.File{r, w}
	if err := c.writeFiles(); err != nil {
		return err
	}
	if err := c.startKeeper(ctx); err != nil {
		return err
	}
	if err := c.listen(); err != nil {
		return err
	}
	for i := range c.opt.Nodes {
		c.nodes = append(c.nodes, newNode(c, i+1))
	}
	return c.each(func(n *Node) error { return n.powerOn(ctx) })
}

func (c *Cluster) makeDir() error {
	removeStale(os.TempDir())
	if c.opt.Dir == "" {
		dir, err := os.MkdirTemp("", dirPrefix)
		if err != nil {
			return err
		}
		c.dir = dir
	} else {
		dir, err := layerPath(c.opt.Dir)
		if err != nil {
			return err
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return fmt.Errorf("making the lab folder: %w (choose one that does not exist, in a folder that does)", err)
		}
		c.dir = dir
	}
	if err := checkDir(c.dir); err != nil {
		return err
	}
	// Daemons of a node run as users of their own and must get through.
	if err := os.Chmod(c.dir, 0o755); err != nil {
		return err
	}
	var err error
	c.lock, err = lockDir(c.dir)
	return err
}

func (c *Cluster) startKeeper(ctx context.Context) error {
	c.keeper = roleCommand(c.exe(), roleKeeper, syscall.CLONE_NEWNET, c.dir)
	// The owner makes the socket, so that requests wait until the keeper is ready.
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(c.dir, keeperSocket), Net: "unix"})
	if err != nil {
		return fmt.Errorf("making the keeper's socket: %w (a short Options.Dir may help: sockets have short names)", err)
	}
	l.SetUnlinkOnClose(false)
	defer l.Close()
	requests, err := l.File()
	if err != nil {
		return err
	}
	defer requests.Close()
	c.keeper.ExtraFiles = []*os.File{c.life[0], requests}
	if err := c.keeper.Start(); err != nil {
		return fmt.Errorf("starting the keeper of the network: %w", err)
	}
	return makeBridge(ctx, c.keeper.Process.Pid)
}

// exe is this program's copy in the lab's folder: that of a test is removed
// while a keeper may still need it, and nodes must see it.
func (c *Cluster) exe() string { return filepath.Join(c.dir, "lab") }

// each runs f for all nodes at once.
func (c *Cluster) each(f func(n *Node) error) error {
	errs := make([]error, len(c.nodes))
	var wg sync.WaitGroup
	for i, n := range c.nodes {
		wg.Go(func() { errs[i] = f(n) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close powers all nodes off and removes everything. It may be called twice.
func (c *Cluster) Close() error {
	c.mu.Lock()
	was := c.closed
	c.closed = true
	c.mu.Unlock()
	if was {
		return nil
	}
	c.cancel()
	if c.power != nil {
		c.power.Close()
	}
	c.work.Wait()
	errs := []error{c.each(func(n *Node) error { return n.powerOff(context.Background()) })}
	for _, f := range c.life {
		if f != nil {
			f.Close()
		}
	}
	if c.dir != "" {
		errs = append(errs, removeAll(c.dir))
	}
	if c.keeper != nil && c.keeper.Process != nil {
		_ = c.keeper.Process.Kill()
		_ = c.keeper.Wait()
	}
	if c.lock != nil {
		c.lock.Close()
	}
	return errors.Join(errs...)
}

// Done is closed when [Handle.Down] was called: the owner shall close the lab.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Dir is the lab's folder. Nodes see it as /run/lab.
func (c *Cluster) Dir() string { return c.dir }

// Node is node i, counted from 1; it panics if there is none.
func (c *Cluster) Node(i int) *Node { return c.nodes[i-1] }

// Nodes are all nodes in order, whether they run or not.
func (c *Cluster) Nodes() []*Node { return append([]*Node(nil), c.nodes...) }

// NodeNamed is the node of that name, nil if there is none.
func (c *Cluster) NodeNamed(name string) *Node {
	for _, n := range c.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}
