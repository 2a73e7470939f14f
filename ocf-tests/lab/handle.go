//go:build linux

package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Handle is a lab that another process owns, known by its folder.
type Handle struct{ dir string }

// Open finds the lab of that folder.
func Open(dir string) (*Handle, error) {
	h := &Handle{dir: dir}
	if _, err := h.Nodes(); err != nil {
		return nil, fmt.Errorf("no lab runs in %s: %w", dir, err)
	}
	return h, nil
}

// Running are the folders of the labs below the temporary folder.
func Running() []string {
	var dirs []string
	all, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*")) // the pattern is well formed
	for _, dir := range all {
		if _, err := Open(dir); err == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// NamedDir is the folder of a lab that is used by hand.
func NamedDir(name string) string { return filepath.Join(os.TempDir(), dirPrefix+name) }

// Dir is the lab's folder.
func (h *Handle) Dir() string { return h.dir }

func (h *Handle) ask(words ...string) (string, error) {
	return ask(filepath.Join(h.dir, switchName), words...)
}

// Nodes are the names of the nodes.
func (h *Handle) Nodes() ([]string, error) {
	text, err := h.ask("list")
	return strings.Fields(text), err
}

// Power asks the power switch: status (answers on or off), off, on, reboot, cut
// or heal.
func (h *Handle) Power(verb, node string) (string, error) { return h.ask(verb, node) }

// Kill9 is [Node.Kill9].
func (h *Handle) Kill9(node, program string) error {
	_, err := h.ask("kill", node, program)
	return err
}

// EnterCommand is a command line that runs argv in the node, and the environment
// for it.
func (h *Handle) EnterCommand(node string, argv ...string) (command, environ []string, err error) {
	if state, err := h.Power("status", node); err != nil {
		return nil, nil, err
	} else if state != "on" {
		return nil, nil, fmt.Errorf("%s is %s", node, state)
	}
	text, err := os.ReadFile(filepath.Join(h.dir, "nodes", node, "pid"))
	if err != nil {
		return nil, nil, fmt.Errorf("entering %s: %w (is it booting?)", node, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, nil, fmt.Errorf("entering %s: %w", node, err)
	}
	return append(append([]string{"nsenter"}, enterArgs(pid)...), argv...), nodeEnviron(), nil
}

// Down asks the owner to close the lab and waits until its folder is gone.
func (h *Handle) Down(ctx context.Context) error {
	if _, err := h.ask("down"); err != nil {
		return err
	}
	err := poll(ctx, 10*time.Millisecond, 200*time.Millisecond, func() bool {
		_, err := os.Lstat(h.dir)
		return os.IsNotExist(err)
	})
	if err != nil {
		return fmt.Errorf("waiting for the end of the lab in %s: %w", h.dir, err)
	}
	return nil
}
