package galera

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
)

// ensureDir makes a directory for the server, if it is missing. One that is there
// keeps its owner.
type ensureDir struct{ Path, User, Group string }

// Do makes it.
func (s ensureDir) Do(_ context.Context, sys ocf.System) error {
	info, err := sys.Stat(s.Path)
	if err != nil || info.Kind == ocf.Directory {
		return err
	}
	if err := sys.MakeDir(s.Path, 0o755); err != nil {
		return err
	}
	return sys.SetOwner(s.Path, s.User, s.Group)
}

func (s ensureDir) String() string { return "make directory " + s.Path + " for " + s.User }

// ensureLog makes the log of the server, if it is missing, and gives it to the user.
type ensureLog struct{ Path, User, Group string }

// Do makes it.
func (s ensureLog) Do(ctx context.Context, sys ocf.System) error {
	info, err := sys.Stat(s.Path)
	if err != nil {
		return err
	}
	if info.Kind == ocf.Other {
		return nil // a device, such as /dev/stderr in a container
	}
	if info.Kind == ocf.None {
		if err := (ensureDir{path.Dir(s.Path), s.User, s.Group}).Do(ctx, sys); err != nil {
			return err
		}
		if err := sys.WriteFile(s.Path, nil, 0o640); err != nil {
			return err
		}
	}
	return sys.SetOwner(s.Path, s.User, s.Group)
}

func (s ensureLog) String() string { return "give the log " + s.Path + " to " + s.User }

// note remembers the progress of a transfer in the history of the action.
type note struct {
	record record
	text   string
}

// Do does nothing.
func (note) Do(context.Context, ocf.System) error { return nil }

func (n note) String() string { return "note " + n.text }

// recovery runs the server so that it finds its position, and keeps what it has
// logged. Everything in folders that the user of the server may write to is done as that
// user: root would follow links that it might lay there.
type recovery struct {
	program string
	params  params
	extra   string // further argument; "" is none
	log     string // where the log is kept, in a folder of root
}

// Do runs it. How the server ends is seen by what it has logged.
func (s recovery) Do(ctx context.Context, sys ocf.System) error {
	as := func(path string, args ...string) (ocf.Output, error) {
		return sys.Run(ctx, ocf.Command{Path: path, Args: args, Env: cleanEnv(), User: s.params.user, Dir: "/", Grace: 5 * time.Second})
	}
	out, err := as("mktemp", "-d", "/tmp/galera-recovery.XXXXXXXXXX")
	dir := strings.TrimSpace(out.Stdout)
	if err != nil || out.Code != 0 || !strings.HasPrefix(dir, "/") {
		return fmt.Errorf("make a temporary directory as %s: exit code %d, %s %w", s.params.user, out.Code, strings.TrimSpace(out.Stderr), err)
	}
	args := append(serverArgs(s.params, dir+"/recovery.log"), "--wsrep-recover")
	if s.extra != "" {
		args = append(args, s.extra)
	}
	ran, err := as(s.program, args...)
	text := fmt.Sprintf("%s ended with exit code %d\n%s%s\n", s.program, ran.Code, ran.Stdout, ran.Stderr)
	if err == nil {
		out, err = as("tail", "-c", "200000", dir+"/recovery.log")
		text += out.Stdout
	}
	if _, rmErr := as("rm", "-rf", dir); err == nil {
		err = rmErr
	}
	if err != nil {
		return err
	}
	if err := sys.MakeDir(path.Dir(s.log), 0o1755); err != nil {
		return err
	}
	return sys.WriteFile(s.log, []byte(text), 0o600)
}

func (s recovery) String() string {
	return strings.TrimSpace("recover the position with " + s.program + " --wsrep-recover " + s.extra)
}
