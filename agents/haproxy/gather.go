package haproxy

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
	proxy "systole/lib/haproxy"
)

// facts is what the agent knows of the machine.
type facts struct {
	Master  *ocf.Process  // the process that the others come from; nil if there is none
	Procs   []ocf.Process // all of the resource; in a monitor the master alone
	Strays  []ocf.Process // of Procs: left by a master that is gone, or a second master
	PIDFile string        // what is wrong with the pid file; "" if it names the master

	Asked   string // socket that answered, or the first that did not; "" if none is known
	AskErr  string // why none answered
	Info    *proxy.Info
	Rows    []proxy.Row
	Proc    *proxy.Proc // only for a reload
	Log     string      // what a worker said that did not start; only for a reload
	URLErr  string
	Refused string // why the last reload changed nothing; "" if it did

	ConfErr  string // the configuration cannot be read
	Conf     proxy.Config
	CheckErr string    // haproxy -c; only where it is asked for
	Unbound  []unbound // addresses that cannot be bound to
	NoSpace  bool      // the network namespace is not there
	SockDir  bool      // the folder of the stats socket is there
}

// unbound is an address that cannot be bound to.
type unbound struct {
	Bind proxy.Bind
	Err  string
	// Absent says that the node does not have the address, which may change soon.
	Absent bool
}

func (u unbound) String() string {
	return fmt.Sprintf("%s of %s (%s:%d): %s", u.Bind.Text, u.Bind.Section, u.Bind.File, u.Bind.Line, u.Err)
}

// Limits of what is read and waited for.
const (
	maxPIDFile = 4096
	maxFiles   = 1000 // in a folder of configuration files
	askTimeout = 10 * time.Second
	maxAsks    = 10
)

type gatherer struct {
	ctx     context.Context
	in      ocf.Input[params]
	p       params
	sys     ocf.Reader
	contact Contact
	f       facts
}

func (g *gatherer) gather() (facts, error) {
	if err := g.processes(); err != nil {
		return g.f, err
	}
	refused, _, err := g.sys.ReadFile(refusedFile(g.in.Request), maxPIDFile)
	if err != nil {
		return g.f, err
	}
	g.f.Refused = strings.TrimSpace(string(refused))
	switch g.in.Action {
	case "stop":
		return g.f, nil
	case "monitor":
		if g.f.Master == nil {
			return g.f, nil
		}
	}
	if g.f.Master != nil {
		g.ask()
	}
	return g.f, g.configuration()
}

// configuration looks at the configuration and at what it needs, as far as the
// action asks for it.
func (g *gatherer) configuration() error {
	deep := g.in.CheckLevel >= 10
	if g.in.Action == "monitor" && !deep {
		return nil
	}
	g.readConfig()
	if g.in.Action == "reload" || g.in.Action == "reload-agent" {
		if g.f.Proc != nil && g.f.Proc.Failed > 0 {
			g.bindable() // the likely cause of what a check does not find
		}
		return nil
	}
	if g.p.ns != "" {
		info, err := g.sys.Stat("/run/netns/" + g.p.ns)
		if err != nil {
			return err
		}
		g.f.NoSpace = info.Kind == ocf.None
	}
	if s := g.f.Conf.BestSocket(); path.IsAbs(s) {
		info, err := g.sys.Stat(path.Dir(s))
		if err != nil {
			return err
		}
		g.f.SockDir = info.Kind == ocf.Directory
	}
	if deep && g.f.ConfErr == "" && !(g.f.NoSpace && g.in.Action == "validate-all") {
		g.check()
	}
	if g.f.Master == nil && len(g.f.Procs) == 0 && !g.f.NoSpace {
		g.bindable()
	}
	return nil
}

// bindable asks the kernel for the addresses of bind lines. While haproxy runs it
// holds most of them itself: then only those count that the node does not have.
func (g *gatherer) bindable() {
	if !g.p.bindCheck {
		return
	}
	for _, b := range g.f.Conf.Binds {
		err := g.contact.Bindable(g.p.ns, b)
		if err == nil {
			continue
		}
		absent := errors.Is(err, proxy.ErrAbsent)
		if absent || g.f.Master == nil {
			g.f.Unbound = append(g.f.Unbound, unbound{b, err.Error(), absent})
		}
	}
}

// check lets haproxy look at its configuration.
func (g *gatherer) check() {
	c := g.p.commandLine("-c")
	out, err := g.sys.Query(g.ctx, c)
	switch {
	case err != nil:
		g.f.CheckErr = err.Error()
	case out.Code != 0:
		g.f.CheckErr = proxy.Complaint(out.Stderr + out.Stdout)
	}
}

// readConfig reads the files as haproxy does: of a folder those that end with .cfg, sorted.
func (g *gatherer) readConfig() {
	for _, file := range g.p.conf {
		files := []string{file}
		info, err := g.sys.Stat(file)
		if err == nil && info.Kind == ocf.Directory {
			files = files[:0]
			var names []string
			names, err = g.sys.List(file)
			for _, n := range names {
				if strings.HasSuffix(n, ".cfg") && !strings.HasPrefix(n, ".") && len(files) < maxFiles {
					files = append(files, path.Join(file, n))
				}
			}
		}
		for _, f := range files {
			var data []byte
			var found bool
			if err == nil {
				data, found, err = g.sys.ReadFile(f, proxy.MaxConfig)
			}
			switch {
			case err != nil:
				g.f.ConfErr = err.Error()
			case !found:
				g.f.ConfErr = "configuration file " + f + " does not exist: create it or set the parameter conffile"
			default:
				g.f.Conf.Read(f, string(data))
			}
			if g.f.ConfErr != "" {
				return
			}
		}
	}
}

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
		p, alive, err := g.sys.Process(pid)
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
	if g.f.Procs, err = g.sys.Find(g.p.owns); err != nil {
		return err
	}
	g.sort(named)
	return nil
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
	program := path.Base(p.program)
	const longestName = 15 // that the kernel keeps
	if x.Name != program[:min(len(program), longestName)] && (len(x.Args) == 0 || path.Base(x.Args[0]) != program) {
		return false
	}
	if len(x.Args) > 0 && path.Base(x.Args[0]) != program {
		return false // ip, nice or a shell that is about to become haproxy
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

// source is a place to ask the worker at.
type source struct {
	socket string
	before []string // commands that come first
}

// ask asks haproxy, at the first socket that answers. The configuration is read
// for its stats socket only if nothing else is known.
func (g *gatherer) ask() {
	var sources []source
	if g.p.socket != "" {
		sources = append(sources, source{socket: g.p.socket})
	}
	master := masterSocketOf(*g.f.Master)
	if master != "" {
		sources = append(sources, source{master, []string{proxy.CurrentWorker}})
	}
	for range maxAsks {
		if slices.ContainsFunc(sources, g.askAt) || g.askConfigured() {
			break
		}
		// A master replaces itself after a start and at a reload, and for that moment
		// its socket takes no connections. The other actions look again by themselves.
		if g.f.AskErr == "" || g.in.Action != "monitor" || g.sys.Sleep(g.ctx, poll) != nil || !g.masterLives() {
			break
		}
	}
	if g.f.Info != nil && g.p.url != "" {
		if err := g.contact.Get(g.ctx, g.wait(), g.p.ns, g.p.url); err != nil {
			g.f.URLErr = err.Error()
		}
	}
	if strings.HasPrefix(g.in.Action, "reload") && master != "" {
		g.askMaster(master)
	}
}

// askConfigured asks at the stats socket of the configuration.
func (g *gatherer) askConfigured() bool {
	g.readConfig()
	s := g.f.Conf.BestSocket()
	g.f.Conf, g.f.ConfErr = proxy.Config{}, ""
	return s != "" && s != g.p.socket && g.askAt(source{socket: s})
}

func (g *gatherer) masterLives() bool {
	now, there, err := g.sys.Process(g.f.Master.PID)
	return err == nil && there && now.Start == g.f.Master.Start
}

func (g *gatherer) askAt(s source) bool {
	commands := append(slices.Clone(s.before), proxy.ShowInfo)
	if len(g.p.backends) > 0 {
		commands = append(commands, proxy.ShowProxies)
	}
	answer, err := g.contact.Ask(g.ctx, g.wait(), s.socket, commands...)
	if err == nil {
		var info proxy.Info
		if info, err = proxy.ParseInfo(answer); err == nil {
			g.f.Info = &info
		}
	}
	if err == nil && len(g.p.backends) > 0 {
		g.f.Rows, err = proxy.ParseStat(answer)
	}
	if err != nil {
		g.f.Info = nil
		if g.f.AskErr == "" {
			g.f.Asked, g.f.AskErr = s.socket, err.Error()
		}
		return false
	}
	g.f.Asked, g.f.AskErr = s.socket, ""
	return true
}

// askMaster asks how the workers are. The master does not answer while it is
// being replaced, which is no news.
func (g *gatherer) askMaster(socket string) {
	answer, err := g.contact.Ask(g.ctx, g.wait(), socket, proxy.ShowProc)
	if err != nil {
		return
	}
	proc, err := proxy.ParseProc(answer)
	if err != nil {
		return
	}
	g.f.Proc = &proc
	if proc.Failed > 0 {
		answer, err = g.contact.Ask(g.ctx, g.wait(), socket, proxy.StartupLogs)
		if err == nil && strings.Contains(answer, "[ALERT]") {
			g.f.Log = proxy.Complaint(answer)
		}
	}
}

// wait is a share of the time that is left, so that there is some left to say what
// did not answer.
func (g *gatherer) wait() time.Duration {
	if end, ok := g.ctx.Deadline(); ok {
		return max(min(askTimeout, end.Sub(g.sys.Now())/2), time.Millisecond)
	}
	return askTimeout
}
