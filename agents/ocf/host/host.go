package host

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"systole/agents/ocf"
	"systole/lib/nodeattr"
	"systole/lib/redact"
	"systole/lib/run"
)

// Host is the machine. It implements ocf.System.
type Host struct {
	runner  run.Runner
	parent  []string // environment of this process
	child   []string // environment of its children, made when there is one
	request *ocf.Request
	tools   nodeattr.Tools
	// grace is the most that a child gets from SIGTERM to SIGKILL; 0: no limit.
	grace time.Duration
}

var _ ocf.System = (*Host)(nil)

// New makes a Host for a request. environ is the environment of this process.
func New(r *ocf.Request, environ []string, secrets *redact.Redactor, log func(line string)) *Host {
	return &Host{
		runner:  run.Runner{Log: log, Redact: secrets},
		parent:  environ,
		request: r,
		tools:   nodeattr.Tools{Sbin: r.Dirs.Sbin, FeatureSet: r.FeatureSet},
	}
}

// environ is the environment of children. The tools of the cluster want to know
// for whom they work.
func (h *Host) environ() []string {
	if h.child == nil {
		h.child = run.Set(run.Environ(h.parent, childKeeps), "OCF_RESOURCE_INSTANCE", h.request.Instance)
	}
	return h.child[:len(h.child):len(h.child)]
}

// Now is the time.
func (h *Host) Now() time.Time { return time.Now() }

// Sleep waits for d or until ctx ends.
func (h *Host) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Hostname is the name that uname has.
func (h *Host) Hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// Attribute asks the cluster for a transient node attribute.
func (h *Host) Attribute(ctx context.Context, name, node string) (string, bool, error) {
	return h.attribute(ctx, nodeattr.Attribute{Name: name, Node: node})
}

// PersistentAttribute asks the cluster for a node attribute of the configuration.
func (h *Host) PersistentAttribute(ctx context.Context, name, node string) (string, bool, error) {
	return h.attribute(ctx, nodeattr.Attribute{Name: name, Node: node, Persistent: true})
}

// AttributeOfAll asks the cluster for a transient node attribute of all nodes.
// Where the environment names the node that an action is for, Pacemaker 2.1 answers
// for that node alone.
func (h *Host) AttributeOfAll(ctx context.Context, name string) (map[string]string, error) {
	c := h.tools.GetAll(name)
	environ := slices.DeleteFunc(slices.Clone(h.environ()), func(nv string) bool {
		return strings.HasPrefix(nv, "OCF_RESKEY_CRM_meta_")
	})
	out, err := h.run(ctx, ocf.Command{Path: c.Path, Args: c.Args}, environ)
	if err != nil {
		return nil, err
	}
	return nodeattr.Values(out.Code, out.Stdout, out.Stderr)
}

// PersistentAttributeOfAll asks for a node attribute of the configuration, on all nodes.
func (h *Host) PersistentAttributeOfAll(ctx context.Context, name string) (map[string]string, error) {
	c := h.tools.GetAllPersistent()
	out, err := h.Query(ctx, ocf.Command{Path: c.Path, Args: c.Args, MaxOutput: maxNodes})
	if err != nil {
		return nil, err
	}
	if out.Truncated {
		return nil, fmt.Errorf("the nodes of the configuration take more than %d bytes", maxNodes)
	}
	return nodeattr.PersistentValues(out.Code, out.Stdout, out.Stderr, name)
}

// maxNodes bounds the section of nodes of a configuration, in bytes.
const maxNodes = 16 << 20

func (h *Host) attribute(ctx context.Context, a nodeattr.Attribute) (string, bool, error) {
	c := h.tools.Get(a)
	out, err := h.Query(ctx, ocf.Command{Path: c.Path, Args: c.Args})
	if err != nil {
		return "", false, err
	}
	return nodeattr.Value(out.Code, out.Stdout, out.Stderr)
}

// Publish sets or deletes a node attribute or the promotion score.
func (h *Host) Publish(ctx context.Context, p ocf.Publication) error {
	var c nodeattr.Command
	a := nodeattr.Attribute{Name: p.Attribute, Node: p.Node, Persistent: p.Persistent}
	switch {
	case p.Attribute == "" && p.Delete:
		c = h.tools.DeletePromotion(p.Node)
	case p.Attribute == "":
		c = h.tools.Promotion(p.Node, p.Value)
	case p.Delete:
		c = h.tools.Delete(a)
	default:
		c = h.tools.Set(a, p.Value)
	}
	return ocf.Run{Command: ocf.Command{Path: c.Path, Args: c.Args}}.Do(ctx, h)
}

// Claim binds an abstract Unix socket, which is gone with this process and is
// no file. Any user of the node can hold such a name, so nothing that must be
// safe may depend on it.
func (h *Host) Claim(name string) (func(), bool, error) {
	const limit = 100 // bytes of a socket name, less the prefix
	if len(name) > limit {
		name = name[:60] + "-" + digest(name)
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, false, err
	}
	err = syscall.Bind(fd, &syscall.SockaddrUnix{Name: "@ocf:" + name})
	if err != nil {
		_ = syscall.Close(fd)
		if err == syscall.EADDRINUSE {
			return nil, false, nil
		}
		return nil, false, err
	}
	return func() { _ = syscall.Close(fd) }, true, nil
}
