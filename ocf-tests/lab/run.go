//go:build linux

package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// MaxOutput is how much output of a command is kept, in bytes, of standard
// output and standard error each.
const MaxOutput = 16 << 20

// A RunError tells how a command in a node failed.
type RunError struct {
	Node   string
	Argv   []string
	Code   int // exit status; -1 if there is none
	Stdout string
	Stderr string
	Err    error
}

func (e *RunError) Error() string {
	text := strings.TrimSpace(e.Stderr)
	if text == "" {
		text = strings.TrimSpace(e.Stdout)
	}
	if len(text) > 2000 {
		text = text[:1000] + " [...] " + text[len(text)-1000:]
	}
	return fmt.Sprintf("%s: %s: %v: %s", e.Node, strings.Join(e.Argv, " "), e.Err, text)
}

func (e *RunError) Unwrap() error { return e.Err }

// Run runs a command in the node, in a fixed environment, and returns its
// standard output. A command that fails or cannot be run gives a *[RunError].
// When ctx ends, the command and its process group are killed.
func (n *Node) Run(ctx context.Context, argv ...string) (string, error) {
	return n.RunInput(ctx, nil, argv...)
}

// RunInput is Run with standard input.
func (n *Node) RunInput(ctx context.Context, stdin io.Reader, argv ...string) (string, error) {
	cmd := n.Command(ctx, argv...)
	stdout, stderr := &capped{}, &capped{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	err := cmd.Run()
	// A daemon that the command has left behind may hold its output open.
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return stdout.String(), nil
	}
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	e := &RunError{Node: n.name, Argv: argv, Code: -1, Stdout: stdout.String(), Stderr: stderr.String(), Err: err}
	if cmd.ProcessState != nil {
		e.Code = cmd.ProcessState.ExitCode()
	}
	return e.Stdout, e
}

// Command prepares a command that will run in the node, for those who want its
// output while it runs or another environment.
func (n *Node) Command(ctx context.Context, argv ...string) *exec.Cmd {
	pid := n.pid()
	cmd := exec.CommandContext(ctx, "nsenter", append(enterArgs(pid), argv...)...)
	if pid == 0 {
		cmd.Err = fmt.Errorf("%s is off", n.name)
	}
	cmd.Env = nodeEnviron()
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 500 * time.Millisecond
	return cmd
}

// enterArgs are the arguments of nsenter(1) that come before the command.
func enterArgs(pid int) []string {
	return []string{"--target", strconv.Itoa(pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--"}
}

// Root is the node's file system as the node sees it, while it is on. Close it.
func (n *Node) Root() (*os.Root, error) {
	pid := n.pid()
	if pid == 0 {
		return nil, fmt.Errorf("opening the files of %s: the node is off", n.name)
	}
	return os.OpenRoot(fmt.Sprintf("/proc/%d/root", pid))
}

// capped keeps the first MaxOutput bytes.
type capped struct{ buf bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if room := MaxOutput - c.buf.Len(); room > 0 {
		c.buf.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

func (c *capped) String() string { return c.buf.String() }

// WriteFile writes a file of the node, which must be on, with the folders that it
// is in. owner is USER:GROUP, or empty for root. The path may not lead over an
// absolute symbolic link.
func (n *Node) WriteFile(path string, data []byte, mode fs.FileMode, owner string) error {
	root, err := n.Root()
	if err != nil {
		return err
	}
	defer root.Close()
	rel := strings.TrimPrefix(filepath.Clean(path), "/")
	err = errors.Join(
		root.MkdirAll(filepath.Dir(rel), 0o755),
		root.WriteFile(rel, data, mode),
		root.Chmod(rel, mode), // the umask has taken its share
	)
	if owner != "" && err == nil {
		user, group, _ := strings.Cut(owner, ":")
		uid, gid, e := lookUp(user, group)
		if e != nil {
			return fmt.Errorf("%s: owner of %s: %w", n.name, path, e)
		}
		err = root.Chown(rel, uid, gid)
	}
	if err != nil {
		return fmt.Errorf("%s: writing %s: %w", n.name, path, err)
	}
	return nil
}
