//go:build linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Kill9 kills every process of the node whose program has that name (the base
// name of its executable, or for a script the base name of its first arguments) with SIGKILL. It
// returns when they are dead, with how many there were; none is an error.
func (n *Node) Kill9(name string) (int, error) {
	pids, err := n.Processes(name)
	if err != nil {
		return 0, err
	}
	if len(pids) == 0 {
		return 0, fmt.Errorf("kill -9 %s on %s: no such process", name, n.name)
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return 0, fmt.Errorf("kill -9 %s on %s: %w", name, n.name, err)
		}
	}
	n.c.opt.Log("%s: kill -9 %s (%d processes)", n.name, name, len(pids))
	return len(pids), waitDead(pids, time.Now().Add(10*time.Second))
}

// Processes are those of the node whose program has that name, by their numbers
// on the machine.
func (n *Node) Processes(name string) ([]int, error) {
	init := n.pid()
	if init == 0 {
		return nil, fmt.Errorf("looking for %s on %s: the node is off", name, n.name)
	}
	space, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", init))
	if err != nil {
		return nil, fmt.Errorf("looking for %s on %s: %w", name, n.name, err)
	}
	return processesNamed("/proc", name, space)
}

// processesNamed looks through a proc file system. With space only processes of
// that pid namespace count.
func processesNamed(proc, name, space string) ([]int, error) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		dir := filepath.Join(proc, e.Name())
		if space != "" {
			if s, err := os.Readlink(filepath.Join(dir, "ns/pid")); err != nil || s != space {
				continue
			}
		}
		if isNamed(dir, name) && !isDead(pid) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// isNamed: by the executable, by the first argument (a daemon that renames itself), or by the
// script that an interpreter runs.
func isNamed(dir, name string) bool {
	if exe, err := os.Readlink(filepath.Join(dir, "exe")); err == nil && filepath.Base(exe) == name {
		return true
	}
	line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return false
	}
	for i, arg := range bytes.SplitN(line, []byte{0}, 3) {
		if i < 2 && filepath.Base(string(arg)) == name {
			return true
		}
	}
	return false
}

// isDead: gone, or a zombie that only waits to be collected.
func isDead(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	i := bytes.LastIndexByte(stat, ')')
	return i < 0 || i+2 >= len(stat) || stat[i+2] == 'Z' || stat[i+2] == 'X'
}

// waitDead watches processes that are not our children: nobody tells when they
// have ended.
func waitDead(pids []int, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	for _, pid := range pids {
		if err := poll(ctx, 2*time.Millisecond, 50*time.Millisecond, func() bool { return isDead(pid) }); err != nil {
			return fmt.Errorf("process %d does not end: %w", pid, err)
		}
	}
	return nil
}

// poll asks until the answer is yes, with growing pauses.
func poll(ctx context.Context, pause, longest time.Duration, done func() bool) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		if done() {
			return nil
		}
		timer.Reset(pause)
		pause = min(pause*3/2, longest)
	}
}
