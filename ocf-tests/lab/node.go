//go:build linux

package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// A Node is one machine of the cluster.
type Node struct {
	c    *Cluster
	num  int
	name string

	// power is held while the node is switched on or off.
	power sync.Mutex

	mu    sync.Mutex
	init  *exec.Cmd     // process 1; nil when off
	ended chan struct{} // closed when process 1 has ended
	cut   bool
	// It does not boot, whoever wants it to.
	broken bool
}

func newNode(c *Cluster, num int) *Node {
	return &Node{c: c, num: num, name: fmt.Sprintf("node-%d", num)}
}

// Name is the host name and the name in the cluster: node-1, node-2, ...
func (n *Node) Name() string { return n.name }

// Address is the node's IPv4 address.
func (n *Node) Address() string { return address(n.num) }

// Path is where a file of the node that is below /var/log, /var/lib/pacemaker, /var/lib/corosync
// or one of Options.Private lies on the machine, for reading it
// also while the node is off.
func (n *Node) Path(path string) string { return filepath.Join(n.folder(), "own", path) }

func (n *Node) folder() string { return filepath.Join(n.c.dir, "nodes", n.name) }

// On tells whether the node has power.
func (n *Node) On() bool { return n.pid() != 0 }

// pid is that of process 1, 0 when the node is off.
func (n *Node) pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.init == nil {
		return 0
	}
	return n.init.Process.Pid
}

// PowerOn boots the node and starts its cluster daemons; nothing if it is on.
// The cable stays cut if it is.
func (n *Node) PowerOn(ctx context.Context) error {
	if n.c.isClosed() {
		return errClosed
	}
	return n.powerOn(ctx)
}

func (n *Node) powerOn(ctx context.Context) error {
	n.power.Lock()
	defer n.power.Unlock()
	if n.On() {
		return nil
	}
	if n.isBroken() {
		return fmt.Errorf("booting %s: it is broken (Node.Break)", n.name)
	}
	n.c.opt.Log("%s: power on", n.name)
	if err := n.boot(ctx); err != nil {
		return errors.Join(fmt.Errorf("booting %s: %w", n.name, err), n.end())
	}
	if n.c.opt.Bare {
		return nil
	}
	return n.StartCluster(ctx)
}

func (n *Node) boot(ctx context.Context) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := roleCommand(n.c.exe(), roleNode,
		syscall.CLONE_NEWNS|syscall.CLONE_NEWPID|syscall.CLONE_NEWUTS|syscall.CLONE_NEWIPC|syscall.CLONE_NEWNET,
		n.c.dir, n.name)
	cmd.ExtraFiles = []*os.File{n.c.life[0], w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.init, n.ended = cmd, make(chan struct{})
	cut := n.cut
	n.mu.Unlock()
	go n.watch(cmd, n.ended)
	if answer, err := bufio.NewReader(r).ReadString('\n'); answer != "ready\n" {
		return fmt.Errorf("making its file system: %s", strings.TrimSpace(answer+errText(err)))
	}
	// A cable may be left from a boot that failed or a node that ended by itself.
	_ = unplug(ctx, n.c.keeper.Process.Pid, n.num)
	if err := plugIn(ctx, n.c.keeper.Process.Pid, n.num, cmd.Process.Pid, cut); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.folder(), "pid"), []byte(strconv.Itoa(cmd.Process.Pid)+"\n"), 0o644)
}

func errText(err error) string {
	if err == nil || errors.Is(err, io.EOF) {
		return ""
	}
	return " " + err.Error()
}

// PowerOff takes the node's power away: all its processes end at once, without
// any last word to their peers. Nothing if it is off.
func (n *Node) PowerOff(ctx context.Context) error {
	if n.c.isClosed() {
		return errClosed
	}
	return n.powerOff(ctx)
}

func (n *Node) powerOff(ctx context.Context) error {
	n.power.Lock()
	defer n.power.Unlock()
	if !n.On() {
		return nil
	}
	n.c.opt.Log("%s: power off", n.name)
	// The cable first: the kernel would close the connections of dying processes, and peers
	// would learn at once what a real power-off leaves them to find out.
	err := unplug(ctx, n.c.keeper.Process.Pid, n.num)
	return errors.Join(err, n.end())
}

// end kills process 1 and with it, by the kernel, all others of the node. It
// returns when none is left.
func (n *Node) end() error {
	n.mu.Lock()
	cmd, ended := n.init, n.ended
	n.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing process 1 of %s: %w", n.name, err)
	}
	<-ended
	return nil
}

// watch notes the end of process 1, asked for or not. A node that calls for a
// reboot ends with SIGHUP (reboot(2) in a pid namespace) and gets it.
func (n *Node) watch(cmd *exec.Cmd, ended chan struct{}) {
	err := cmd.Wait()
	_ = os.Remove(filepath.Join(n.folder(), "pid"))
	n.mu.Lock()
	n.init = nil
	n.mu.Unlock()
	defer close(ended)
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled() && status.Signal() == syscall.SIGKILL:
	case status.Signaled() && status.Signal() == syscall.SIGHUP:
		n.c.opt.Log("%s: reboots itself", n.name)
		_ = n.c.bootLater(n, 0)
	default:
		n.c.opt.Log("%s: ended by itself: %v", n.name, err)
	}
}

// Break makes the node one that does not boot, or one that does again; nothing
// happens to it while it is on. Fencing it still succeeds: it is off.
func (n *Node) Break(broken bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.broken = broken
	n.c.opt.Log("%s: broken: %v", n.name, broken)
}

func (n *Node) isBroken() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.broken
}

// CutCable takes the link away, as pulling the network cable does. It stays away
// over power-offs until HealCable.
func (n *Node) CutCable(ctx context.Context) error { return n.cable(ctx, true) }

// HealCable plugs the cable in again.
func (n *Node) HealCable(ctx context.Context) error { return n.cable(ctx, false) }

func (n *Node) cable(ctx context.Context, cut bool) error {
	n.power.Lock()
	defer n.power.Unlock()
	if n.c.isClosed() {
		return errClosed
	}
	n.mu.Lock()
	n.cut = cut
	n.mu.Unlock()
	word, state := "healed", "up"
	if cut {
		word, state = "cut", "down"
	}
	n.c.opt.Log("%s: cable %s", n.name, word)
	if !n.On() {
		return nil // plugIn sees to it
	}
	return setPort(ctx, n.c.keeper.Process.Pid, n.num, state)
}

func (c *Cluster) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}
