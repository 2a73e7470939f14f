// Package memcached is the agent memcached: a cache in memory.
package memcached

import (
	"context"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

// Server asks a memcached server.
type Server interface {
	Version(ctx context.Context, address string, within time.Duration) (string, error)
	Stats(ctx context.Context, address string, within time.Duration) (map[string]string, error)
	Connect(ctx context.Context, address string, within time.Duration) error
	// Full says whether an error means that the server has no connection left.
	Full(err error) bool
}

type params struct {
	binary, user, listen, pid string
	port, memory, connections int64
	options                   []string
	monitorTimeout, drain     time.Duration
}

func parse(v ocf.Values) params {
	return params{
		binary: v.String("binary"), user: v.String("user"), listen: v.String("listen"), pid: v.String("pid"),
		port: v.Int("port"), memory: v.Int("memory"), connections: v.Int("connections"),
		options:        strings.Fields(v.String("options")),
		monitorTimeout: v.Time("monitor_timeout"), drain: v.Time("drain_timeout"),
	}
}

// args are the arguments of the server. They tell its process apart from others.
func (p *params) args() []string {
	n := func(i int64) string { return strconv.FormatInt(i, 10) }
	return append([]string{"-u", p.user, "-p", n(p.port), "-l", p.listen, "-m", n(p.memory), "-c", n(p.connections)}, p.options...)
}

// address is where a monitor asks.
func (p *params) address() string {
	host, _, _ := strings.Cut(p.listen, ",")
	host = strings.Trim(host, "[] ")
	if ip, err := netip.ParseAddr(host); err == nil {
		switch {
		case ip == netip.IPv4Unspecified():
			host = "127.0.0.1"
		case ip == netip.IPv6Unspecified():
			host = "::1"
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.FormatInt(p.port, 10)
}

func (p *params) tls() bool {
	return slices.Contains(p.options, "-Z") || slices.Contains(p.options, "--enable-ssl")
}

func check(in ocf.Input[params]) error {
	p := &in.Params
	if in.Action == "stop" {
		return nil
	}
	for _, o := range p.options {
		short := len(o) > 1 && o[0] == '-' && o[1] != '-'
		switch {
		case short && strings.ContainsAny(o[1:2], "dP"), o == "--daemon", strings.HasPrefix(o, "--pidfile"):
			return ocf.Errorf(ocf.ErrConfigured, "parameter options must not have %s: the agent runs the server in the background, and parameter pid names the PID file", o)
		case short && strings.ContainsAny(o[1:2], "uplmcs"):
			return ocf.Errorf(ocf.ErrConfigured, "parameter options must not have %s: use the parameters user, port, listen, memory and connections; a server without network is not supported", o)
		}
	}
	switch {
	case !path.IsAbs(p.pid):
		return ocf.Errorf(ocf.ErrConfigured, "parameter pid %q is not an absolute path", p.pid)
	case strings.ContainsAny(p.listen+p.user, " \t\n") || p.listen == "":
		return ocf.Errorf(ocf.ErrConfigured, "parameters listen and user have no blanks: separate addresses by commas")
	}
	return nil
}

// facts is what the agent knows of the server.
type facts struct {
	Server  ocf.Process // the zero value: there is none
	PIDFile string      // what is in it
	// Answer is why the server did not answer as it should; "" if it did, or was not asked.
	Answer string
	Full   bool // it has no connection left
	Busy   bool // it has nearly none left
	Other  bool // something answers at the address though our server does not run
	// Coming says that a process is about to become a server, maybe ours: the child of a
	// start that was killed in the moment between fork and exec.
	Coming bool
	Log    string
	Dirs   bool // the directories of the PID file and of the log are there
}

type agent struct{ server Server }

// Agent is the agent.
func Agent(server Server) ocf.Runnable {
	a := agent{server}
	return &ocf.Agent[params, facts]{
		Description: description(),
		Parse:       parse, Check: check,
		Programs: func(p params) []ocf.Program {
			return []ocf.Program{{Name: p.binary, Param: "binary", Package: "memcached"}}
		},
		Gather: a.gather, Monitor: monitor,
		Start: start, Stop: stop,
		ReloadAgent: func(ocf.Input[params], facts) ocf.Decision { return ocf.Done() },
	}
}

// logFile is where the server says why it cannot start.
func logFile(in ocf.Input[params]) string { return in.StateFile(".log") }

func (a agent) gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	p := &in.Params
	if err := find(p, sys, &f); err != nil {
		return f, err
	}
	switch in.Action {
	case "stop":
		if f.Server.PID == 0 {
			coming, err := sys.Find(func(q ocf.Process) bool {
				return len(q.Args) == 2 && path.Base(q.Args[0]) == in.Type && q.Args[1] == "start" || len(q.Args) == 0 && q.Name == path.Base(p.binary)
			})
			f.Coming = len(coming) > 0
			return f, err
		}
	case "monitor":
		if f.Server.PID != 0 {
			a.ask(ctx, in, &f)
		}
	case "start":
		f.Dirs = sys.Writable(path.Dir(p.pid)) && sys.Writable(path.Dir(logFile(in)))
		switch {
		case f.Server.PID != 0:
			a.ask(ctx, in, &f)
		case !begun(in):
			f.Other = a.server.Connect(ctx, p.address(), p.monitorTimeout) == nil
		default:
			log, _, _ := sys.ReadFile(logFile(in), 1<<20)
			f.Log = lastLine(string(log))
		}
	}
	return f, nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// find looks for the process of the server: by the PID file, or if that is of no use,
// by its arguments.
func find(p *params, sys ocf.Reader, f *facts) error {
	text, _, err := sys.ReadFile(p.pid, 100)
	if err != nil {
		return err
	}
	f.PIDFile = strings.TrimSpace(string(text))
	match := func(q ocf.Process) bool {
		return len(q.Args) > 0 && path.Base(q.Args[0]) == path.Base(p.binary) && slices.Equal(q.Args[1:], p.args())
	}
	if pid, err := strconv.Atoi(f.PIDFile); err == nil {
		q, found, err := sys.Process(pid)
		if err != nil {
			return err
		}
		if found && match(q) {
			f.Server = q
			return nil
		}
	}
	all, err := sys.Find(match)
	if err == nil && len(all) > 0 {
		f.Server = all[0]
	}
	return err
}

// ask asks the server.
func (a agent) ask(ctx context.Context, in ocf.Input[params], f *facts) {
	p := &in.Params
	address := p.address()
	var err error
	if p.tls() {
		err = a.server.Connect(ctx, address, p.monitorTimeout)
	} else {
		_, err = a.server.Version(ctx, address, p.monitorTimeout)
	}
	if err == nil && in.Action == "monitor" && in.CheckLevel >= 10 && !p.tls() {
		var stats map[string]string
		if stats, err = a.server.Stats(ctx, address, p.monitorTimeout); err == nil && stats["accepting_conns"] == "0" {
			f.Full = true
		}
		have, _ := strconv.ParseInt(stats["curr_connections"], 10, 64)
		f.Busy = have*10 >= p.connections*9
	}
	switch {
	case a.server.Full(err):
		f.Full = true
	case err != nil:
		f.Answer = err.Error()
	}
}

func monitor(in ocf.Input[params], f facts) ocf.Verdict {
	p := &in.Params
	switch {
	case f.Server.PID == 0:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no process " + p.binary + " with the arguments of this resource"}
	case f.Answer != "":
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: "process " + strconv.Itoa(f.Server.PID) + " runs, but the server does not answer at " + p.address() + ": " + f.Answer}
	case f.Full, f.Busy:
		return ocf.Verdict{Code: ocf.Degraded, Reason: "the server at " + p.address() + " has " + map[bool]string{true: "no", false: "nearly no"}[f.Full] + " connection left: raise the parameter connections, or look at its clients"}
	}
	return ocf.Verdict{}
}

// begun says whether this start has started a server.
func begun(in ocf.Input[params]) bool {
	_, ok := in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Start); return ok })
	return ok
}

// pollEvery is how often an action looks again.
const pollEvery = 50 * time.Millisecond

func start(in ocf.Input[params], f facts) ocf.Decision {
	p := &in.Params
	switch {
	case f.Server.PID != 0 && f.PIDFile != strconv.Itoa(f.Server.PID):
		return ocf.Do("", ocf.WriteFile{Path: p.pid, Data: strconv.Itoa(f.Server.PID) + "\n"})
	case f.Server.PID != 0 && f.Answer != "":
		// Memory is taken, sockets are opened: it takes a moment.
		return ocf.Wait(pollEvery, "the server does not answer yet")
	case f.Server.PID != 0:
		return ocf.Done()
	case begun(in):
		return ocf.End(ocf.ErrGeneric, "the server has ended at once: %s", orNothing(f.Log))
	case f.Other:
		return ocf.End(ocf.ErrGeneric,
			"something else listens at %s: if it is the unit of systemd, switch it off (systemctl disable --now memcached); or correct port and listen", p.address())
	case !f.Dirs && len(in.Past) == 0:
		return ocf.Do("", ocf.MakeDir{Path: in.Dirs.Tmp, Mode: 0o1755}, ocf.MakeDir{Path: path.Dir(p.pid)})
	}
	return ocf.Do("", ocf.Remove{Path: logFile(in)}, ocf.Start{Daemon: ocf.Daemon{Path: p.binary, Args: p.args(), Output: logFile(in)}})
}

func orNothing(log string) string {
	if log == "" {
		return "it does not say why, try its command line by hand"
	}
	return log
}

// awaitComing is how often a stop looks for a process that may become a server. The
// start of another resource looks the same, so that there is an end to it.
const awaitComing = 20

func stop(in ocf.Input[params], f facts) ocf.Decision {
	if f.Server.PID == 0 && f.Coming {
		looks := 0
		for _, t := range in.Past {
			if _, ok := t.Step.(ocf.Pause); ok {
				looks++
			}
		}
		if looks < awaitComing {
			return ocf.Decision{Do: []ocf.Step{ocf.Pause{For: pollEvery}}, Wait: time.Millisecond, Why: "a start of a server is under way"}
		}
	}
	if f.Server.PID == 0 {
		if _, ok := in.Past.First(func(s ocf.Step) bool { _, ok := s.(ocf.Remove); return ok }); ok {
			return ocf.Done()
		}
		return ocf.Do("", ocf.Remove{Path: in.Params.pid}, ocf.Remove{Path: logFile(in)})
	}
	sent := func(signal int) (ocf.Taken, bool) {
		return in.Past.First(func(s ocf.Step) bool {
			kill, ok := s.(ocf.Kill)
			return ok && kill.Signal == signal && kill.Process.PID == f.Server.PID
		})
	}
	kill := func(signal int, why string) ocf.Decision {
		return ocf.Decision{Do: []ocf.Step{ocf.Kill{Process: f.Server, Signal: signal}}, Wait: pollEvery, Why: why}
	}
	drain, draining := sent(ocf.SIGUSR1)
	term, ending := sent(ocf.SIGTERM)
	_, killed := sent(ocf.SIGKILL)
	most := min(in.Left()/3, in.Params.drain)
	switch {
	case killed:
		return ocf.Wait(pollEvery, "the server was killed, the kernel has not cleared it away yet")
	case ending && in.Now.Sub(term.At) > min(in.Left()/3, 5*time.Second):
		return kill(ocf.SIGKILL, "the server does not end")
	case ending:
		return ocf.Wait(pollEvery, "the server ends")
	case in.Params.drain > 0 && !draining:
		return kill(ocf.SIGUSR1, "the server finishes what it works on")
	case draining && in.Now.Sub(drain.At) < most:
		return ocf.Wait(pollEvery, "the server finishes what it works on")
	}
	return kill(ocf.SIGTERM, "the server is told to end")
}
