package haproxy

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
	proxy "systole/lib/haproxy"
)

// processes finds those of the resource. As long as the pid file names the master
// a monitor does not look through all processes of the node.
func (g *gatherer) processes() error {
	text, found, err := g.sys.ReadFile(g.p.pidfile, maxPIDFile)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	pid, convErr := strconv.Atoi(strings.TrimSpace(first))
	var named *ocf.Process
	switch {
	case !found:
		g.f.PIDFile = "there is no pid file " + g.p.pidfile
	case convErr != nil:
		g.f.PIDFile = "pid file " + g.p.pidfile + " holds no number"
	default:
		p, alive, err := g.process(pid)
		if err != nil {
			return err
		}
		if alive && g.p.owns(p) {
			named = &p
		} else {
			g.f.PIDFile = fmt.Sprintf("pid file %s holds %d, which is no process of this resource", g.p.pidfile, pid)
		}
	}
	if named != nil && g.in.Action == "monitor" {
		g.f.Master, g.f.Procs = named, []ocf.Process{*named}
		return nil
	}
	if err := g.find(); err != nil {
		return err
	}
	g.sort(named)
	return nil
}

// A process that is just executing a program has no arguments for a moment, and a
// master executes itself anew after its start and at every reload: whose process it is
// cannot be said then.
const (
	execPause = 10 * time.Millisecond
	maxExecs  = 50
)

func (g *gatherer) executing(p ocf.Process) bool {
	return len(p.Args) == 0 && p.Name == g.p.name()
}

// process is the process with a number, not while it is executing a program.
func (g *gatherer) process(pid int) (p ocf.Process, alive bool, err error) {
	for range maxExecs {
		p, alive, err = g.sys.Process(pid)
		if err != nil || !alive || !g.executing(p) || g.sys.Sleep(g.ctx, execPause) != nil {
			break
		}
	}
	return p, alive, err
}

// find finds the processes of the resource, when none of its program is executing.
func (g *gatherer) find() (err error) {
	for range maxExecs {
		unclear := false
		g.f.Procs, err = g.sys.Find(func(p ocf.Process) bool {
			unclear = unclear || g.executing(p)
			return g.p.owns(p)
		})
		if err != nil || !unclear || g.sys.Sleep(g.ctx, execPause) != nil {
			break
		}
	}
	return err
}

// sort tells the master from its workers and from what is left of others.
func (g *gatherer) sort(named *ocf.Process) {
	is := func(pid int) func(ocf.Process) bool { return func(p ocf.Process) bool { return p.PID == pid } }
	var heads []ocf.Process
	for _, p := range g.f.Procs {
		if !slices.ContainsFunc(g.f.Procs, is(p.Parent)) {
			heads = append(heads, p)
		}
	}
	if named != nil {
		// The pid file may name a worker, where it was written by hand.
		for i := slices.IndexFunc(g.f.Procs, is(named.Parent)); i >= 0; i = slices.IndexFunc(g.f.Procs, is(named.Parent)) {
			named = &g.f.Procs[i]
		}
		g.f.Master = named
	}
	for i, p := range heads {
		switch {
		case g.f.Master != nil && p.PID == g.f.Master.PID:
		case g.f.Master == nil && !g.isStray(p):
			g.f.Master = &heads[i]
		default:
			g.f.Strays = append(g.f.Strays, p)
		}
	}
}

// isStray says that a process that nobody of the resource has started is no
// master, but a worker whose master is gone: one of a master has workers itself.
func (g *gatherer) isStray(p ocf.Process) bool {
	child := slices.ContainsFunc(g.f.Procs, func(c ocf.Process) bool { return c.Parent == p.PID })
	return !child && isMaster(p, proxy.Config{})
}

// owns says whether a process belongs to the resource.
func (p params) owns(x ocf.Process) bool {
	// Also ip, nice or a shell that is about to become haproxy is none yet.
	if x.Name != p.name() || len(x.Args) == 0 || path.Base(x.Args[0]) != path.Base(p.program) {
		return false
	}
	for i := 1; i+1 < len(x.Args); i++ {
		switch next := x.Args[i+1]; {
		case x.Args[i] == "-f" && next == p.conf[0]:
			return true
		case x.Args[i] == "-p" && sameRun(next, p.pidfile):
			return true
		}
	}
	return false
}

// name is that of the program as the process table has it, cut by the kernel.
func (p params) name() string {
	const longest = 15
	name := path.Base(p.program)
	return name[:min(len(name), longest)]
}

// sameRun compares paths, /var/run being a link to /run.
func sameRun(a, b string) bool {
	return strings.TrimPrefix(path.Clean(a), "/var") == strings.TrimPrefix(path.Clean(b), "/var")
}

// argument is the value after an option of a command line; "" if it is not there.
func argument(args []string, option string) string {
	if i := slices.Index(args, option); i > 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

// masterSocketOf is the socket of a running master; "" if it has none.
func masterSocketOf(p ocf.Process) string { return proxy.SocketAddress(argument(p.Args, "-S")) }

// isMaster says whether a process is a master with workers.
func isMaster(p ocf.Process, c proxy.Config) bool {
	return slices.Contains(p.Args, "-W") || slices.Contains(p.Args, "-Ws") || c.MasterWorker
}
