package host

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"systole/agents/ocf"
	"systole/lib/run"
)

// childKeeps says which variables children get: none of the parameters of the
// resource, which may be secret, but what the tools of the cluster read.
func childKeeps(name string) bool {
	param, ok := strings.CutPrefix(name, "OCF_RESKEY_")
	return !ok || strings.HasPrefix(param, "CRM_meta_") || param == "crm_feature_set"
}

// LookPath finds a program.
func (h *Host) LookPath(name string) (string, bool) {
	path, _ := run.Lookup(h.environ(), "PATH")
	file, err := run.LookPath(name, path)
	return file, err == nil
}

// Query runs a command that changes nothing.
func (h *Host) Query(ctx context.Context, c ocf.Command) (ocf.Output, error) { return h.Run(ctx, c) }

// Run runs a command to its end.
func (h *Host) Run(ctx context.Context, c ocf.Command) (ocf.Output, error) {
	return h.run(ctx, c, h.environ())
}

func (h *Host) run(ctx context.Context, c ocf.Command, environ []string) (ocf.Output, error) {
	if c.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("%s took more than %s", c.Path, c.Timeout))
		defer cancel()
	}
	cred, err := credential(c.User)
	if err != nil {
		return ocf.Output{Code: -1}, err
	}
	cmd := run.Cmd{
		Path: c.Path, Args: c.Args, Env: append(environ, c.Env...), Dir: c.Dir,
		MaxOutput: c.MaxOutput, Grace: h.graceOf(c), Credential: cred,
	}
	if c.Stdin != "" {
		cmd.Stdin = []byte(c.Stdin)
	}
	res, err := h.runner.Run(ctx, cmd)
	out := ocf.Output{Code: res.Code, Stdout: string(res.Stdout), Stderr: string(res.Stderr), Truncated: res.Truncated}
	var e *run.Error
	if errors.As(err, &e) {
		switch e.Kind {
		case run.Exited:
			err = nil
		case run.NotFound:
			err = ocf.Errorf(ocf.ErrInstalled, "program %s is not installed: %w", c.Path, err)
		}
	}
	return out, err
}

// graceOf is the time from SIGTERM to SIGKILL: not more than the end of the action allows.
func (h *Host) graceOf(c ocf.Command) time.Duration {
	grace := c.Grace
	if grace <= 0 {
		grace = run.DefaultGrace
	}
	if h.grace > 0 {
		grace = min(grace, h.grace)
	}
	return grace
}

// Start starts a daemon.
func (h *Host) Start(d ocf.Daemon) (int, error) {
	cred, err := credential(d.User)
	if err != nil {
		return 0, err
	}
	s, err := h.runner.Start(run.Daemon{
		Path: d.Path, Args: d.Args, Env: append(h.environ(), d.Env...), Dir: d.Dir,
		Output: d.Output, Credential: cred,
	})
	if err != nil {
		var e *run.Error
		if errors.As(err, &e) && e.Kind == run.NotFound {
			err = ocf.Errorf(ocf.ErrInstalled, "program %s is not installed: %w", d.Path, err)
		}
		return 0, err
	}
	return s.PID, nil
}

// credential looks up a user of this node; nil for "".
func credential(name string) (*syscall.Credential, error) {
	if name == "" {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, ocf.Errorf(ocf.ErrInstalled, "user %s is not known on this node: create it or name another one", name)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("number of user %s: %w", name, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("group of user %s: %w", name, err)
	}
	c := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	groups, err := u.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("groups of user %s: %w", name, err)
	}
	for _, g := range groups {
		if n, err := strconv.ParseUint(g, 10, 32); err == nil {
			c.Groups = append(c.Groups, uint32(n))
		}
	}
	return c, nil
}
