// Package host is a call of a fence agent on a machine: command line and standard
// input, environment, signals, logs, scripts for passwords, evidence.
package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"systole/fence/fencing"
	"systole/lib/ocflog"
	"systole/lib/redact"
	"systole/lib/run"
)

// Process is the process that an agent is called in.
type Process struct {
	Args           []string // Args[0] is the name of the agent
	Environ        []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Began          time.Time
	Quiet          bool // nothing to the system log; for tests

	real bool // it is the running process
}

// ThisProcess is the running process.
func ThisProcess(began time.Time) Process {
	return Process{Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Began: began, real: true}
}

// passwordVariable holds the password when it is given nowhere else.
const passwordVariable = "FENCE_PASSWORD"

// Main does one call of an agent and returns the exit code: 0, 1, or 2 for the status
// of a machine that is off.
func Main(a *fencing.Agent, p Process) int {
	if a.MayHang && p.real {
		return detached(a, p)
	}
	return run1(a, p)
}

// run1 is the call in this process.
func run1(a *fencing.Agent, p Process) int {
	syscall.Umask(0o027)
	c := &call{a: a, p: p, log: &logger{p: p, tag: filepath.Base(p.Args[0])}}
	o := c.perform()
	if o.Err != nil {
		c.log.write(fencing.Err, o.Err.Error())
		if fencing.KindOf(o.Err) == fencing.Usage {
			fmt.Fprintf(p.Stderr, "Please use '-h' for usage\n")
		}
	}
	if _, err := io.WriteString(p.Stdout, o.Stdout); err != nil {
		// What is done is done: the exit code says it.
		c.log.write(fencing.Warn, "could not write to standard output: "+err.Error())
	}
	return o.Code
}

type call struct {
	a   *fencing.Agent
	p   Process
	log *logger
}

func failed(err error) fencing.Outcome { return fencing.Outcome{Code: 1, Err: err} }

func (c *call) perform() fencing.Outcome {
	in, err := c.input()
	if err != nil {
		return failed(err)
	}
	if o, is := c.text(in); is {
		return o
	}
	v, err := c.a.Values(in)
	c.log.configure(&v)
	for _, w := range in.Warnings {
		c.log.write(fencing.Warn, w)
	}
	if err == nil {
		err = v.Need()
	}
	if err == nil && c.a.Validate != nil {
		if bad := c.a.Validate(&v); bad != nil {
			err = fencing.Errorf(fencing.Usage, "%s", strings.Join(bad, "; "))
		}
	}
	if err != nil || v.Action() == "validate-all" {
		o := fencing.Outcome{Err: err}
		if err != nil {
			o.Code = 1
		}
		return o
	}
	return c.act(&v)
}

// act does an action that needs the device.
func (c *call) act(v *fencing.Values) fencing.Outcome {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer onSignal(cancel)()
	if err := c.scripts(ctx, v); err != nil {
		return failed(err)
	}
	o := fencing.Run(ctx, c.a, v, fencing.World{Clock: clock{}, Log: c.log.write})
	if file := v.String("evidence"); file != "" {
		if err := c.evidence(file, &o.Evidence); err != nil {
			// The machine is in the state that was reported: that counts.
			c.log.write(fencing.Warn, "could not write the evidence: "+err.Error())
		}
	}
	return o
}

// input is standard input when there are no arguments, as for the FenceAgentAPI.
func (c *call) input() (in fencing.Input, err error) {
	if len(c.p.Args) > 1 {
		in, err = c.a.ReadArgs(c.p.Args[1:])
	} else {
		text, rerr := io.ReadAll(io.LimitReader(c.p.Stdin, fencing.MaxInput+1))
		if rerr != nil {
			return in, fencing.Errorf(fencing.Generic, "read options from standard input: %w", rerr)
		}
		in, err = c.a.ReadLines(string(text))
	}
	if err != nil {
		return in, err
	}
	_, given := in.Given["password"]
	_, script := in.Given["password_script"]
	if value, ok := run.Lookup(c.p.Environ, passwordVariable); ok && !given && !script {
		in.Given["password"] = value
	}
	// Two timeouts that rule the same action fight each other; that of the cluster wins.
	service, _ := run.Lookup(c.p.Environ, "PCMK_service")
	if _, given := in.Given["disable_timeout"]; service == "pacemaker-fenced" && !given {
		in.Given["disable_timeout"] = "1"
	}
	return in, nil
}

// text answers what needs neither options nor the device.
func (c *call) text(in fencing.Input) (fencing.Outcome, bool) {
	asked := func(name string) bool { v, ok := in.Given[name]; return ok && v != "0" }
	action := strings.ToLower(in.Given["action"])
	switch {
	case asked("help"):
		return fencing.Outcome{Stdout: c.a.Usage()}, true
	case asked("version"):
		return fencing.Outcome{Stdout: fencing.Version + "\n"}, true
	case action == "metadata" || action == "meta-data":
		return fencing.Outcome{Stdout: c.a.Metadata()}, true
	case action == "manpage":
		return fencing.Outcome{Stdout: c.a.Manual(c.log.tag)}, true
	}
	return fencing.Outcome{}, false
}

// scripts runs the programs that print secrets, through a shell as stock agents do.
func (c *call) scripts(ctx context.Context, v *fencing.Values) error {
	for name, script := range v.Scripts() {
		limit, cancel := context.WithTimeout(ctx, 30*time.Second)
		r := run.Runner{}
		res, err := r.Run(limit, run.Cmd{Path: "sh", Args: []string{"-c", script}, Env: run.Environ(c.p.Environ, func(name string) bool { return name != passwordVariable }), MaxOutput: 1 << 16})
		cancel()
		if err != nil {
			return fencing.Errorf(fencing.Usage, "%s_script: %w: the script must print the secret and end with 0", name, err)
		}
		secret := strings.TrimRight(string(res.Stdout), " \t\r\n")
		if secret == "" || strings.ContainsAny(secret, "\n\x00") {
			return fencing.Errorf(fencing.Usage, "%s_script printed %d bytes, which are no secret of one line", name, len(res.Stdout))
		}
		v.Set(name, secret)
	}
	c.log.redact = redact.New(v.Secrets()...)
	return nil
}

// evidence appends the line in one write, so that lines of agents that run at the
// same time stay whole.
func (c *call) evidence(file string, e *fencing.Evidence) error {
	line, err := e.Line()
	if err != nil {
		return err
	}
	line = []byte(c.log.redact.String(string(line)))
	if file == "-" {
		_, err = c.p.Stderr.Write(line)
		return err
	}
	return appendTo(file, line)
}

func appendTo(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// onSignal cancels when the process is asked to end. SIGPIPE is ignored: fencing must
// not break off because nobody reads its output any more.
func onSignal(cancel context.CancelCauseFunc) (undo func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	go func() {
		for s := range signals {
			if s != syscall.SIGPIPE {
				cancel(fmt.Errorf("signal %q", s.String()))
			}
		}
	}()
	return func() { signal.Stop(signals); close(signals) }
}

// clock is the real one.
type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func (clock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func (clock) Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// logger writes to standard error, the system log and the debug file. Devices may log
// from goroutines of their own.
type logger struct {
	p      Process
	tag    string
	mu     sync.Mutex
	redact *redact.Redactor
	level  int
	quiet  bool
	file   string
	system *ocflog.Logger
}

func (l *logger) configure(v *fencing.Values) {
	l.redact = redact.New(v.Secrets()...)
	l.level, l.quiet, l.file = v.Int("verbose_level"), v.Bool("quiet"), v.String("debug_file")
}

func (l *logger) write(level fencing.Level, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text = strings.Join(strings.Fields(l.redact.String(text)), " ")
	line := time.Now().Format("2006-01-02 15:04:05,000 ") + [...]string{"DEBUG", "INFO", "WARNING", "ERROR"}[level] + ": " + text + "\n"
	if l.file != "" {
		if err := appendTo(l.file, []byte(line)); err != nil {
			fmt.Fprintf(l.p.Stderr, "could not write to the debug file: %v\n", err)
			l.file = ""
		}
	}
	if level < fencing.Warn && l.level == 0 {
		return
	}
	if !l.quiet || l.level > 0 {
		_, _ = io.WriteString(l.p.Stderr, line)
	}
	if l.p.Quiet {
		return
	}
	if l.system == nil {
		l.system = ocflog.New(ocflog.Config{Tag: fmt.Sprintf("%s[%d]", l.tag, os.Getpid()), Facility: "daemon", Debug: true, Stderr: io.Discard})
	}
	l.system.LogOnly([...]ocflog.Level{ocflog.Debug, ocflog.Info, ocflog.Warn, ocflog.Err}[level], "%s", text)
}
