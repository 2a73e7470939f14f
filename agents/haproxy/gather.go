package haproxy

import (
	"context"
	"errors"
	"fmt"
	"path"
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
	Proc    *proxy.Proc // what the master says of itself; only for a start and a reload
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
