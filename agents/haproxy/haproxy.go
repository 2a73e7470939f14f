// Package haproxy is the agent haproxy: it checks, starts, reloads, watches,
// drains and stops haproxy. It decides; what must be asked over a socket is
// asked through a [Contact].
package haproxy

import (
	"context"
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
	proxy "systole/lib/haproxy"
)

// Contact is what the agent asks of haproxy and of the kernel. Nothing in it
// changes anything. wait is the longest time that a call may take.
type Contact interface {
	// Ask sends commands to a socket, a path or HOST:PORT, and returns the answers.
	Ask(ctx context.Context, wait time.Duration, socket string, commands ...string) (string, error)
	// Get asks for a URL from within a network namespace; an error says why the
	// answer is no success.
	Get(ctx context.Context, wait time.Duration, namespace, url string) error
	// Bindable says why an address cannot be bound within a network namespace;
	// nil if it can.
	Bindable(namespace string, b proxy.Bind) error
}

type params struct {
	conf                    []string // conffile and extraconf
	program, pidfile        string
	options                 []string
	socket, masterSocket    string
	url                     string
	backends                []string
	degraded                bool
	bindCheck               bool
	bindWait, drain, grace  time.Duration
	verifyStart, verifyStop time.Duration // 0: not given
	renice                  int64
	reniced                 bool
	pidOwner, pidGroup      string
	ns                      string
	pair                    pair
	version                 string
}

// Agent is the agent.
func Agent(contact Contact) ocf.Runnable {
	return &ocf.Agent[params, facts]{
		Description: description(), Parse: parse, Check: checkParams,
		Programs: programs,
		Gather: func(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (facts, error) {
			g := gatherer{ctx: ctx, in: in, p: in.Params, sys: sys, contact: contact}
			return g.gather()
		},
		Monitor: monitor, Validate: validate, Start: start, Stop: stop,
		Reload: reload, ReloadAgent: reload,
	}
}

func parse(v ocf.Values) params {
	p := params{
		program: v.String("binpath"), pidfile: v.String("pidfile"), options: strings.Fields(v.String("options")),
		socket: proxy.SocketAddress(v.String("stats_socket")), masterSocket: v.String("master_socket"),
		url: v.String("statusurl"), backends: list(v.String("backends")), degraded: v.String("backend_failure") == "degraded",
		bindCheck: v.Bool("bind_check"), bindWait: v.Time("bind_wait"), grace: v.Time("backend_grace"), drain: v.Time("drain_timeout"),
		verifyStart: v.Time("verify_start"), verifyStop: v.Time("verify_stop"),
		renice: v.Int("renice"), reniced: v.Given("renice"),
		pidOwner: v.String("pid_owner"), pidGroup: v.String("pid_group"),
		ns: v.String("ns"), pair: parsePair(v), version: v.String("config_version"),
	}
	v.Bool("debug")
	conffile := v.String("conffile")
	// The older names count only where they are given: the newer ones have defaults.
	for name, value := range map[string]*string{"config": &conffile, "haproxy": &p.program, "pid": &p.pidfile, "monitor_url": &p.url} {
		if v.Given(name) {
			*value = v.String(name)
		}
	}
	p.conf = append([]string{conffile}, strings.Fields(v.String("extraconf"))...)
	if given := v.String("stats_socket"); given != "" && p.socket == "" {
		p.socket = given // Check says that it is none
	}
	return p
}

// list reads names that are separated by blanks or commas.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' || r == '\n' })
}

// reserved is a table: the options that the agent gives itself.
var reserved = map[string]bool{
	"-c": true, "-D": true, "-W": true, "-Ws": true, "-S": true, "-f": true, "-p": true, "-sf": true, "-st": true,
	"-x": true, "-db": true, "-V": true, "-v": true, "-vv": true, "-C": true, "--": true,
}

func checkParams(in ocf.Input[params]) error {
	p := in.Params
	for _, f := range p.conf {
		if !path.IsAbs(f) {
			return ocf.Errorf(ocf.ErrConfigured, "configuration file %q has no full path: give one that begins with /", f)
		}
	}
	for name, f := range map[string]string{"pidfile": p.pidfile, "master_socket": p.masterSocket} {
		if !path.IsAbs(f) {
			return ocf.Errorf(ocf.ErrConfigured, "parameter %s is %q: give a full path", name, f)
		}
	}
	if len(p.masterSocket) > maxSocketPath {
		return ocf.Errorf(ocf.ErrConfigured, "parameter master_socket is a path of %d bytes, and the kernel takes no more than %d: give a shorter one", len(p.masterSocket), maxSocketPath)
	}
	if strings.ContainsAny(p.masterSocket, ", ") {
		return ocf.Errorf(ocf.ErrConfigured, "parameter master_socket is %q: haproxy takes no path with a comma or a blank", p.masterSocket)
	}
	if p.socket != "" && proxy.SocketAddress(p.socket) == "" {
		return ocf.Errorf(ocf.ErrConfigured, "parameter stats_socket is %q: give a full path or HOST:PORT", p.socket)
	}
	for _, o := range p.options {
		if reserved[o] {
			return ocf.Errorf(ocf.ErrConfigured, "parameter options holds %s, which the agent gives itself: remove it", o)
		}
	}
	if p.url != "" && !strings.HasPrefix(p.url, "http://") && !strings.HasPrefix(p.url, "https://") {
		return ocf.Errorf(ocf.ErrConfigured, "parameter statusurl is %q: give a URL that begins with http:// or https://", p.url)
	}
	return checkNamespace(p)
}

// maxSocketPath is the length of a path that the kernel binds. haproxy first binds
// a name of its own beside it, which is longer.
const maxSocketPath = 107 - len(".4194304.tmp")

func programs(p params) []ocf.Program {
	list := []ocf.Program{{Name: p.program, Param: "binpath", Package: "haproxy"}}
	if p.ns != "" {
		list = append(list, ocf.Program{Name: "ip", Package: "iproute2"})
	}
	return list
}

// commandLine is how haproxy is called, with the wrappers that it needs.
func (p params) commandLine(args ...string) ocf.Command {
	words := append([]string{p.program}, args...)
	for _, f := range p.conf {
		words = append(words, "-f", f)
	}
	words = append(words, p.options...)
	if p.ns != "" {
		words = append([]string{"ip", "netns", "exec", p.ns}, words...)
	}
	return ocf.Command{Path: words[0], Args: words[1:]}
}
