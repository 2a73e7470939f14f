// Package clustercheck decides whether a load balancer may use the Galera server
// of a node, and is the agent of the service that tells it so. The service
// itself is package serve.
package clustercheck

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"systole/agents/ocf"
)

// Contact asks the service whether it runs.
type Contact interface {
	// Get asks for a URL from within a network namespace ("" is that of the node);
	// an error says why the answer is no success.
	Get(ctx context.Context, wait time.Duration, namespace, url string) error
}

type params struct {
	listen, alive  string // address to listen at, and URL to ask at
	conffile       string
	user, pidfile  string
	given          map[string]string // variables that parameters set
	password       ocf.Secret
	interval, ages time.Duration
}

// facts is what the agent knows of the machine.
type facts struct {
	Proc    *ocf.Process
	PIDFile bool   // there is one
	AskErr  string // the service does not answer
	Said    string // the last line of its log
	ConfErr string
	Env     environment
}

// environment is the environment of the service, with a password in it.
type environment []string

// Format keeps the password out of traces.
func (e environment) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d variables", len(e)) }

// Agent is the agent. program is the path of the program that has the service.
func Agent(program string, contact Contact) ocf.Runnable {
	a := agent{program, contact}
	return &ocf.Agent[params, facts]{
		Description: description(), Parse: parse, Check: checkParams,
		Gather: a.gather, Monitor: monitor, Validate: validate,
		Start: a.start, Stop: stop,
	}
}

type agent struct {
	program string
	contact Contact
}

func parse(v ocf.Values) params {
	port := strconv.FormatInt(v.Int("port"), 10)
	address := v.String("address")
	p := params{
		listen: hostPort(address, port), conffile: v.String("conffile"), user: v.String("run_user"), pidfile: v.String("pidfile"),
		password: v.Secret("password"), given: map[string]string{},
		interval: v.Time("interval"), ages: v.Time("max_age"),
	}
	switch address {
	case "", "0.0.0.0":
		address = "127.0.0.1"
	case "::":
		address = "::1"
	}
	p.alive = "http://" + hostPort(address, port) + "/alive"
	set := func(variable, value string, given bool) {
		if given {
			p.given[variable] = value
		}
	}
	set(envListen, p.listen, true)
	set(envUser, v.String("user"), v.Given("user"))
	set(envSocket, v.String("socket"), v.Given("socket"))
	set(envHost, v.String("host"), v.Given("host"))
	set(envPort, strconv.FormatInt(v.Int("database_port"), 10), v.Given("database_port"))
	set(envDonor, strconv.FormatBool(v.Bool("available_when_donor")), v.Given("available_when_donor"))
	set(envReadOnly, strconv.FormatBool(v.Bool("available_when_readonly")), v.Given("available_when_readonly"))
	set(envMaintenance, v.String("maintenance_file"), v.Given("maintenance_file"))
	set(envInterval, p.interval.String(), v.Given("interval"))
	set(envMaxAge, p.ages.String(), v.Given("max_age"))
	set(envHold, v.Time("hold").String(), v.Given("hold"))
	return p
}

func checkParams(in ocf.Input[params]) error {
	p := in.Params
	for name, f := range map[string]string{"pidfile": p.pidfile, "conffile": p.conffile, "socket": p.given[envSocket], "maintenance_file": p.given[envMaintenance]} {
		if f != "" && !path.IsAbs(f) {
			return ocf.Errorf(ocf.ErrConfigured, "parameter %s is %q: give a full path", name, f)
		}
	}
	if _, err := ReadConfig(func(name string) string { return p.given[name] }); err != nil {
		return ocf.Errorf(ocf.ErrConfigured, "parameters: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

// logFile is where the service says why it ends.
func logFile(r *ocf.Request) string { return r.StateFile(".log") }

// arguments are those of the service, by which its process is known.
func arguments(r *ocf.Request) []string {
	return []string{"clustercheck", "serve", "--name", path.Base(r.StateFile(""))}
}

func owns(r *ocf.Request, p ocf.Process) bool {
	return len(p.Args) > 1 && slices.Equal(p.Args[1:], arguments(r))
}

const (
	maxFile = 64 << 10
	poll    = 50 * time.Millisecond
	asking  = 5 * time.Second
)

func (a agent) gather(ctx context.Context, in ocf.Input[params], sys ocf.Reader) (f facts, err error) {
	p := in.Params
	text, found, err := sys.ReadFile(p.pidfile, maxFile)
	if err != nil {
		return f, err
	}
	f.PIDFile = found
	if pid, e := strconv.Atoi(strings.TrimSpace(string(text))); e == nil {
		x, alive, err := sys.Process(pid)
		if err != nil {
			return f, err
		}
		if alive && owns(in.Request, x) {
			f.Proc = &x
		}
	}
	// A pid file that is lost or stale is no proof that nothing runs.
	if f.Proc == nil {
		list, err := sys.Find(func(x ocf.Process) bool { return owns(in.Request, x) })
		if err != nil {
			return f, err
		}
		if len(list) > 0 {
			f.Proc = &list[0]
		}
	}
	if f.Proc != nil && in.Action != "stop" {
		wait := asking
		if end, ok := ctx.Deadline(); ok {
			wait = max(min(wait, end.Sub(sys.Now())/2), time.Millisecond)
		}
		if err := a.contact.Get(ctx, wait, "", p.alive); err != nil {
			f.AskErr = err.Error()
		}
	}
	if in.Action == "start" || in.Action == "validate-all" {
		f.Env, f.ConfErr, err = settings(in, sys)
		if err != nil {
			return f, err
		}
		said, _, err := sys.ReadFile(logFile(in.Request), maxLog)
		if err == nil {
			lines := strings.Split(strings.TrimSpace(string(said)), "\n")
			f.Said = lines[len(lines)-1]
		}
	}
	return f, nil
}

const maxLog = 1 << 20

// settings are the variables that the service gets: those of the file, and over
// them those of parameters.
func settings(in ocf.Input[params], sys ocf.Reader) (env environment, problem string, err error) {
	files := []string{in.Params.conffile}
	if files[0] == "" {
		files = []string{"/etc/sysconfig/clustercheck", "/etc/default/clustercheck"}
	}
	values := map[string]string{}
	for _, file := range files {
		text, found, err := sys.ReadFile(file, MaxConfig)
		if err != nil {
			return nil, "", err
		}
		if !found {
			if in.Params.conffile != "" {
				return nil, "file of settings " + file + " does not exist: create it or set the parameter conffile", nil
			}
			continue
		}
		if values, err = ParseSettings(string(text)); err != nil {
			return nil, "file of settings " + file + ": " + err.Error(), nil
		}
		break
	}
	for name, value := range in.Params.given {
		values[name] = value
	}
	if in.Params.password != "" {
		values[envPassword] = in.Params.password.Reveal()
	}
	if _, err := ReadConfig(func(name string) string { return values[name] }); err != nil {
		return nil, "settings: " + strings.ReplaceAll(err.Error(), "\n", "; "), nil
	}
	for _, name := range []string{envUser, envPassword, envSocket, envHost, envPort, envDefaults, envDonor, envReadOnly, envListen, envInterval, envMaxAge, envHold, envMaintenance} {
		if v, ok := values[name]; ok {
			env = append(env, name+"="+v)
		}
	}
	return env, "", nil
}

func monitor(_ ocf.Input[params], f facts) ocf.Verdict {
	switch {
	case f.Proc == nil:
		return ocf.Verdict{Code: ocf.NotRunning, Reason: "not running: there is no such process"}
	case f.AskErr != "":
		return ocf.Verdict{Code: ocf.ErrGeneric, Reason: fmt.Sprintf("the service (process %d) does not answer: %s", f.Proc.PID, f.AskErr)}
	}
	return ocf.Verdict{}
}

func validate(_ ocf.Input[params], f facts) ocf.Verdict {
	if f.ConfErr != "" {
		return ocf.Verdict{Code: ocf.ErrArgs, Reason: f.ConfErr}
	}
	return ocf.Verdict{}
}

// launch starts the service and notes its number.
type launch struct {
	Daemon  ocf.Daemon
	PIDFile string
}

// Do starts the service.
func (s launch) Do(_ context.Context, sys ocf.System) error {
	pid, err := sys.Start(s.Daemon)
	if err != nil {
		return err
	}
	return sys.WriteFile(s.PIDFile, []byte(strconv.Itoa(pid)+"\n"), 0o644)
}

func (s launch) String() string {
	return "start " + s.Daemon.Path + " " + strings.Join(s.Daemon.Args, " ")
}

func (a agent) start(in ocf.Input[params], f facts) ocf.Decision {
	p := in.Params
	_, launched := in.Past.First(func(s ocf.Step) bool { _, ok := s.(launch); return ok })
	switch {
	case f.Proc != nil && f.AskErr == "" && !f.PIDFile:
		return ocf.Do("the pid file", ocf.WriteFile{Path: p.pidfile, Data: strconv.Itoa(f.Proc.PID) + "\n"})
	case f.Proc != nil && f.AskErr == "":
		return ocf.Done()
	case f.Proc != nil:
		return ocf.Wait(poll, "waiting for the service to answer: %s", f.AskErr)
	case launched:
		reason := f.Said
		if reason == "" {
			reason = "it said nothing"
		}
		return ocf.End(ocf.ErrGeneric, "the service ended as soon as it was started: %s", reason)
	case f.ConfErr != "":
		return ocf.End(ocf.ErrArgs, "%s", f.ConfErr)
	}
	d := ocf.Daemon{Path: a.program, Args: arguments(in.Request), Env: f.Env, User: p.user, Output: logFile(in.Request)}
	return ocf.Do("", ocf.MakeDir{Path: in.Dirs.Tmp, Mode: 0o1755}, ocf.Remove{Path: logFile(in.Request)}, launch{d, p.pidfile})
}

// stop ends the service: it has nothing to lose, so that SIGKILL follows soon.
func stop(in ocf.Input[params], f facts) ocf.Decision {
	const patience = 3 * time.Second
	if f.Proc == nil {
		forget := ocf.Remove{Path: logFile(in.Request)}
		if slices.ContainsFunc(in.Past, func(t ocf.Taken) bool { return t.Step == forget }) {
			return ocf.Done()
		}
		return ocf.Do("", ocf.Remove{Path: in.Params.pidfile}, forget)
	}
	signal := func(number int) ocf.Step { return ocf.Kill{Process: *f.Proc, Signal: number} }
	past := func(number int) (ocf.Taken, bool) {
		return in.Past.First(func(s ocf.Step) bool {
			k, ok := s.(ocf.Kill)
			return ok && k.Signal == number && k.Process.PID == f.Proc.PID
		})
	}
	term, sent := past(ocf.SIGTERM)
	_, killed := past(ocf.SIGKILL)
	switch {
	case !sent:
		return ocf.Do("", signal(ocf.SIGTERM))
	case !killed && in.Now.Sub(term.At) > min(patience, in.Left()/2):
		return ocf.Do("the service does not end on SIGTERM", signal(ocf.SIGKILL))
	}
	return ocf.Wait(poll, "waiting for the end of process %d", f.Proc.PID)
}
