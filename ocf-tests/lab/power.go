//go:build linux

package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"
)

// The power switch of the lab is a socket in its folder. It stands for the
// management controllers of real machines: reachable from every node, whatever
// the state of the network. A request is one line "VERB [NODE [BY]]", the answer
// one line "ok [TEXT]" or "error TEXT".
const (
	switchName    = "power.sock"
	switchTimeout = 60 * time.Second
)

// A Fencing is one use of the power switch by a fence device.
type Fencing struct {
	Time   time.Time
	Action string // off, on, reboot
	Node   string
	By     string // name of the node that asked
}

// Fencings are those so far, in order.
func (c *Cluster) Fencings() []Fencing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Fencing(nil), c.fencings...)
}

// BreakFencing makes the power switch refuse every request of a fence device, or
// obey again.
func (c *Cluster) BreakFencing(broken bool) { c.brokenSwitch.Store(broken) }

func (c *Cluster) listen() error {
	l, err := net.Listen("unix", filepath.Join(c.dir, switchName))
	if err != nil {
		return fmt.Errorf("making the power switch: %w (a short Options.Dir may help: sockets have short names)", err)
	}
	c.power = l
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			if c.closed {
				conn.Close()
			} else {
				c.work.Go(func() { c.serve(conn) })
			}
			c.mu.Unlock()
		}
	}()
	return nil
}

func (c *Cluster) serve(conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(c.ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(switchTimeout))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return
	}
	answer, err := c.request(strings.Fields(line))
	if err != nil {
		fmt.Fprintf(conn, "error %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	fmt.Fprintf(conn, "ok %s\n", answer)
}

func (c *Cluster) request(words []string) (string, error) {
	if len(words) == 0 || len(words) > 3 {
		return "", errors.New("want: VERB [NODE [BY]]")
	}
	words = append(words, "", "")
	verb, name, by := words[0], words[1], words[2]
	if by != "" && verb != "kill" && c.brokenSwitch.Load() {
		return "", errors.New("the power switch is broken (BreakFencing)")
	}
	switch verb {
	case "list":
		var names []string
		for _, n := range c.nodes {
			names = append(names, n.name)
		}
		return strings.Join(names, " "), nil
	case "down":
		c.doneOnce.Do(func() { close(c.done) })
		return "", nil
	}
	n := c.NodeNamed(name)
	if n == nil {
		return "", fmt.Errorf("%s: no node %q in this lab", verb, name)
	}
	if verb == "kill" { // the one that is no matter of power
		_, err := n.Kill9(words[2])
		return "", err
	}
	if by != "" && verb != "status" {
		c.mu.Lock()
		c.fencings = append(c.fencings, Fencing{time.Now(), verb, name, by})
		c.mu.Unlock()
		c.opt.Log("%s: fencing by %s: %s", name, by, verb)
	}
	ctx, cancel := context.WithTimeout(c.ctx, switchTimeout)
	defer cancel()
	return c.operate(ctx, verb, n)
}

func (c *Cluster) operate(ctx context.Context, verb string, n *Node) (string, error) {
	switch verb {
	case "status":
		if n.On() {
			return "on", nil
		}
		return "off", nil
	case "off":
		return "", n.PowerOff(ctx)
	case "on":
		return "", c.bootLater(n, 0)
	case "reboot":
		if err := n.PowerOff(ctx); err != nil {
			return "", err
		}
		return "", c.bootLater(n, c.opt.BootDelay)
	case "cut":
		return "", n.CutCable(ctx)
	case "heal":
		return "", n.HealCable(ctx)
	}
	return "", fmt.Errorf("no verb %q: want list, status, off, on, reboot, cut, heal, kill or down", verb)
}

// bootLater switches the power on after a while and does not wait for it: nor does
// a management controller.
func (c *Cluster) bootLater(n *Node, after time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return errClosed
	}
	c.work.Go(func() {
		t := time.NewTimer(after)
		defer t.Stop()
		select {
		case <-c.ctx.Done():
			return
		case <-t.C:
		}
		if err := n.PowerOn(c.ctx); err != nil && c.ctx.Err() == nil {
			c.opt.Log("%v", err)
		}
	})
	return nil
}

// ask sends a request to the power switch at path.
func ask(path string, words ...string) (string, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return "", fmt.Errorf("asking the power switch: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(switchTimeout))
	if _, err := fmt.Fprintln(conn, strings.Join(words, " ")); err != nil {
		return "", fmt.Errorf("asking the power switch: %w", err)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("waiting for the power switch: %w", err)
	}
	word, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	if word != "ok" {
		return "", fmt.Errorf("power switch: %s", text)
	}
	return text, nil
}
