package openstack

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"systole/agents/ocf"
)

// service is how a daemon of OpenStack is run: as a process of the agent's, or as
// a unit of systemd.
type service struct {
	binary string
	args   []string
	env    []string
	user   string
	unit   string // "" if it is a process
}

// running is what of the service runs.
type running struct {
	Processes []ocf.Process
	Unit      string // the state of the unit
	Orphans   bool
}

func (r running) active() bool {
	return len(r.Processes) > 0 || r.Unit == "active" || r.Unit == "activating" || r.Unit == "reloading"
}

// gone says whether nothing is left, so that a stop is over.
func (r running) gone() bool {
	return len(r.Processes) == 0 && (r.Unit == "" || r.Unit == "inactive" || r.Unit == "failed" || r.Unit == "unknown")
}

// startPoll is how long after a start it is looked whether the service is there.
const startPoll = 250 * time.Millisecond

// systemctl is the program that speaks to systemd.
const systemctl = "systemctl"

// look finds what runs. A Python program is known by its script: the interpreter is
// the first argument.
func (s service) look(ctx context.Context, req *ocf.Request, sys ocf.Reader) (r running, err error) {
	if s.unit != "" {
		out, err := sys.Query(ctx, ocf.Command{Path: systemctl, Args: []string{"is-active", s.unit}})
		r.Unit = strings.TrimSpace(out.Stdout)
		if err == nil && r.Unit == "" {
			err = fmt.Errorf("ask systemd for %s: %s", s.unit, cmp.Or(strings.TrimSpace(out.Stderr), "no answer"))
		}
		return r, err
	}
	binary, found := sys.LookPath(s.binary)
	if !found {
		binary = s.binary
	}
	r.Processes, err = sys.Find(func(p ocf.Process) bool {
		r.Orphans = r.Orphans || isOrphan(p, req)
		return isService(p.Args, binary)
	})
	return r, err
}

// isService says whether arguments are those of the program at a path. A script is
// the second argument of its interpreter; one of Python is known wherever it was
// installed. The name alone is not enough: an agent is called by a name too, and
// cinder-volume by that of its program.
func isService(args []string, binary string) bool {
	switch {
	case len(args) == 0:
		return false
	case args[0] == binary:
		return true
	case len(args) == 1:
		return false
	}
	return args[1] == binary || strings.HasPrefix(path.Base(args[0]), "python") && path.Base(args[1]) == path.Base(binary)
}

func (s service) start() ocf.Step {
	if s.unit != "" {
		return ocf.Run{Command: ocf.Command{Path: systemctl, Args: []string{"start", s.unit}}}
	}
	return ocf.Start{Daemon: ocf.Daemon{Path: s.binary, Args: s.args, Env: s.env, User: s.user}}
}

// starts counts how often the service was started in this action.
func (s service) starts(past ocf.History) (n int, last time.Time) {
	want := s.start().String()
	for _, t := range past {
		if t.Step.String() == want {
			n, last = n+1, t.At
		}
	}
	return n, last
}

func (s service) programs() []ocf.Program {
	if s.unit != "" {
		return []ocf.Program{{Name: systemctl}}
	}
	return []ocf.Program{{Name: s.binary, Param: "binary", Package: path.Base(s.binary)}}
}

// stopService ends the service: a stop that fails has the node fenced, and every
// server on it with it, so SIGKILL it is in the end.
func stopService[P any](in ocf.Input[P], s service, r running) ocf.Decision {
	if d, wait := awaitOrphans(in.Past, r.Orphans); wait {
		return d
	}
	switch {
	case r.gone():
		return ocf.Done()
	case s.unit == "":
		return endProcesses(in, 5*time.Minute, r.Processes, path.Base(s.binary))
	case r.Unit == "deactivating":
		return ocf.Wait(time.Second, "waiting for %s to end", s.unit)
	}
	return ocf.Do("", ocf.Run{Command: ocf.Command{Path: systemctl, Args: []string{"stop", s.unit}}})
}

// serviceParams are the parameters of an agent that runs a daemon.
func serviceParams(name, binary, user, config string) []ocf.Param {
	return []ocf.Param{
		{Name: "binary", Default: binary, Short: "Program", Long: "The program " + name + "."},
		{Name: "config", Default: config, Short: "Configuration", Long: "Configuration file of " + name + ". Files *.conf in the folder of that name with .d after it are read as well."},
		{Name: "user", Default: user, Short: "User", Long: "User that " + name + " runs as."},
		{Name: "additional_parameters", Short: "More arguments", Long: "Arguments for " + name + ", separated by spaces."},
		{Name: "unit", Short: "Unit of systemd", Long: "A unit of systemd that runs " + name + ". If it is set, the agent starts and stops the unit in place of the program, and the parameters of the program have no effect. The unit must not be enabled."},
	}
}
