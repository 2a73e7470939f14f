//go:build linux

package outage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"systole/ocf-tests/lab"
)

// runningTimeout is how long Running waits for a program. That it is not seen
// is no fault of the service: the step after it comes at another moment.
const runningTimeout = 2 * time.Minute

// An injector makes the faults of one lab.
type injector struct {
	c       *lab.Cluster
	service Service
	nodes   []string
	// whole waits until the service is whole on these nodes.
	whole func(ctx context.Context, nodes []string) error
	// note is told what happened otherwise than planned.
	note func(format string, args ...any)

	stops map[string]chan error // orderly stops that are under way
	parts map[string]string     // nodes that were meant by DC and the like
}

// perform does all steps. An error is one of the service, which was not whole
// where it must be, or of the lab.
func (in *injector) perform(ctx context.Context, f Fault) error {
	in.stops, in.parts = map[string]chan error{}, map[string]string{}
	for _, s := range f.Steps {
		if err := pause(ctx, s.After); err != nil {
			return err
		}
		if err := in.step(ctx, s); err != nil {
			return fmt.Errorf("step %q: %w", s, err)
		}
	}
	return nil
}

// pause is part of a fault: the time until the next event.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

func (in *injector) step(ctx context.Context, s Step) error {
	if s.Verb == Whole {
		rest := in.nodes
		for _, n := range s.Nodes {
			rest = without(rest, in.resolve(ctx, n))
		}
		return in.whole(ctx, rest)
	}
	errs := make([]error, len(s.Nodes))
	var hit sync.WaitGroup
	for i, name := range s.Nodes {
		n := in.c.NodeNamed(in.resolve(ctx, name))
		if s.Verb == Stop || s.Verb == Start {
			errs[i] = in.daemons(ctx, s.Verb, n)
			continue
		}
		hit.Go(func() { errs[i] = in.hit(ctx, s, n) })
	}
	hit.Wait()
	return errors.Join(errs...)
}

// resolve finds the node that has a part. Where none has it, which a part that
// moves makes possible, it is the first node.
func (in *injector) resolve(ctx context.Context, name string) string {
	if !slices.Contains(parts, name) {
		return name
	}
	if node := in.parts[name]; node != "" {
		return node
	}
	node := ""
	status, err := in.c.Status(ctx)
	switch {
	case err != nil:
	case name == DC:
		node = status.DC
	default:
		if s, ok := in.service.(Locator); ok {
			node, err = s.Locate(ctx, status, name)
		}
	}
	if in.c.NodeNamed(node) == nil {
		in.note("nobody is %s: %s instead (%v)", name, in.nodes[0], err)
		node = in.nodes[0]
	}
	in.parts[name] = node
	return node
}

func (in *injector) hit(ctx context.Context, s Step, n *lab.Node) error {
	switch s.Verb {
	case Kill, Freeze:
		return in.signal(s, n)
	case Running:
		program := in.service.Program(s.Program)
		ctx, cancel := context.WithTimeout(ctx, runningTimeout)
		defer cancel()
		err := watch(ctx, 20*time.Millisecond, func() bool {
			pids, err := n.Processes(program)
			return err == nil && len(pids) > 0
		})
		if err != nil {
			in.note("%v: %s was not seen", s, program)
		}
		return nil
	case Off:
		return n.PowerOff(ctx)
	case On:
		return n.PowerOn(ctx)
	case Break, Mend:
		n.Break(s.Verb == Break)
		return nil
	case Wipe:
		return wipe(n, in.service.DataFolder())
	case Cut:
		return n.CutCable(ctx)
	case Heal:
		return n.HealCable(ctx)
	case Isolate, Rejoin:
		return isolate(ctx, n, in.service.PeerPorts(), s.Verb == Isolate)
	case Standby, Online:
		return in.c.SetStandby(ctx, n.Name(), s.Verb == Standby)
	}
	return fmt.Errorf("no verb %q", s.Verb)
}

// signal: a program that does not run is no error. Other steps may have ended it.
func (in *injector) signal(s Step, n *lab.Node) error {
	program := in.service.Program(s.Program)
	pids, err := n.Processes(program)
	if err != nil || len(pids) == 0 {
		in.note("%v: no %s on %s", s, program, n.Name())
		return nil
	}
	if s.Verb == Kill {
		if _, err := n.Kill9(program); err != nil {
			in.note("%v: %v", s, err)
		}
		return nil
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("freezing %s on %s: %w", program, n.Name(), err)
		}
	}
	return nil
}

// daemons stops cluster daemons in the background, so that other nodes can be
// stopped meanwhile; a start waits for it.
func (in *injector) daemons(ctx context.Context, v Verb, n *lab.Node) error {
	if v == Stop {
		done := make(chan error, 1)
		in.stops[n.Name()] = done
		go func() { done <- n.StopCluster(ctx) }()
		return nil
	}
	if done := in.stops[n.Name()]; done != nil {
		select {
		case err := <-done:
			if err != nil {
				in.note("stopping %s: %v", n.Name(), err)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if !n.On() { // the stop failed, and it was fenced for it
		in.note("%s is off and cannot start its daemons: fencing boots it", n.Name())
		return nil
	}
	if pids, err := n.Processes("corosync"); err == nil && len(pids) > 0 {
		in.note("%s was booted meanwhile, its daemons run", n.Name())
		return nil
	}
	return n.StartCluster(ctx)
}

// isolate drops what the node sends from and to these ports of others, by rules
// of routing: a filter would need a package of its own. A boot takes them away.
func isolate(ctx context.Context, n *lab.Node, ports []int, on bool) error {
	verb, priority := "del", 1000
	if on {
		verb = "add"
	}
	var errs []error
	for _, port := range ports {
		for _, side := range []string{"sport", "dport"} {
			priority++
			_, err := n.Run(ctx, "ip", "rule", verb, "priority", fmt.Sprint(priority), "ipproto", "tcp", side, fmt.Sprint(port), "blackhole")
			if on { // a node that was fenced meanwhile has none to delete
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// wipe makes the disk of a node that is off a new one.
func wipe(n *lab.Node, folder string) error {
	if n.On() {
		return fmt.Errorf("wiping %s on %s: the node is on", folder, n.Name())
	}
	dir := n.Path(folder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// watch asks until the answer is yes.
func watch(ctx context.Context, every time.Duration, done func() bool) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-t.C:
		}
	}
	return nil
}
