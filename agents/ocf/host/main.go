package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"systole/agents/ocf"
	"systole/lib/ocflog"
	"systole/lib/redact"
)

// Process is the process that an agent is called in.
type Process struct {
	Args           []string // args[0] is the program, args[1] the action; more are ignored
	Environ        []string
	Stdout, Stderr io.Writer
	Began          time.Time                  // when the process began, as far as known
	Log            func(ocflog.Level, string) // gets what would be logged; nil: where the environment says
}

// ThisProcess is the running process.
func ThisProcess(began time.Time) Process {
	return Process{Args: os.Args, Environ: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr, Began: began}
}

// Main does one call of an agent and returns the exit code.
func Main(a ocf.Runnable, p Process) int {
	action := ""
	if len(p.Args) > 1 {
		action = p.Args[1]
	}
	d := a.About()
	r := ocf.ReadRequest(d.Name, action, p.Environ)
	known := redact.New(d.Secrets(r)...)
	dumpEnviron(d, r, p.Environ, known)
	c := &call{a: a, r: r, p: p, secrets: known}
	o, isText := ocf.Text(d, r, filepath.Base(p.Args[0]))
	if !isText {
		o = c.perform()
	}
	if _, err := io.WriteString(p.Stdout, o.Stdout); err != nil {
		o = ocf.Outcome{Code: ocf.ErrGeneric, Reason: "could not write to standard output: " + err.Error()}
	}
	_, _ = io.WriteString(p.Stderr, o.Stderr)
	c.giveReason(o)
	return int(o.Code)
}

// call is one call of an agent that does something.
type call struct {
	a       ocf.Runnable
	r       *ocf.Request
	p       Process
	secrets *redact.Redactor
	log     *ocflog.Logger
	doing   atomic.Pointer[string] // what is being done, for the reason of a deadline
	over    atomic.Bool            // the action has ended, or is given up
}

func (c *call) logger() *ocflog.Logger {
	if c.log == nil {
		tag := c.r.Type + "(" + c.r.Instance + ")[" + strconv.Itoa(os.Getpid()) + "]"
		conf := ocflog.FromEnviron(c.r.Getenv, tag)
		conf.Stderr, conf.Redact, conf.Sink = c.p.Stderr, c.secrets, c.p.Log
		c.log = ocflog.New(conf)
	}
	return c.log
}

// giveReason prints the exit reason in one line. Pacemaker keeps it in the CIB,
// so that its length is limited.
func (c *call) giveReason(o ocf.Outcome) {
	if o.Reason == "" {
		return
	}
	const limit = 600
	reason := strings.Join(strings.Fields(c.secrets.String(o.Reason)), " ")
	if len(reason) > limit {
		reason = strings.ToValidUTF8(reason[:limit], "") + "..."
	}
	fmt.Fprintf(c.p.Stderr, "%s%s\n", c.r.ReasonPrefix, reason)
	c.logger().LogOnly(ocflog.Err, "%s", reason)
}

// margin is how long before the timeout of the cluster an action ends, to have
// time for ending its children and for saying why.
func margin(timeout time.Duration) time.Duration {
	return min(max(timeout/10, 50*time.Millisecond), 3*time.Second)
}

// Errors that end an action from outside.
type interruption struct{ text string }

func (i *interruption) Error() string { return i.text }

// perform runs the action and ends it at its deadline or on a signal. All is done
// in one goroutine, because each further one costs a monitor a tenth of its time.
func (c *call) perform() ocf.Outcome {
	syscall.Umask(0o022)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	patience := 2 * time.Second
	var grace time.Duration
	if timeout := c.r.Meta.Timeout; timeout > 0 {
		m := margin(timeout)
		patience, grace = m*2/3, m/3
		end := c.p.Began.Add(timeout - m)
		var stop context.CancelFunc
		ctx, stop = context.WithDeadlineCause(ctx, end, &interruption{
			c.r.Action + " was not done within its timeout of " + timeout.String(),
		})
		defer stop()
		defer time.AfterFunc(time.Until(end)+patience, func() { c.abandon(ctx) }).Stop()
	}
	// What only looks may be ended by a signal at any point: the commands that it
	// has called are killed by the kernel.
	if c.r.Action != "monitor" && c.r.Action != "validate-all" {
		defer onSignal(func(cause error) {
			cancel(cause)
			time.AfterFunc(patience, func() { c.abandon(ctx) })
		})()
	}
	o := ocf.Call(ctx, c.a, c.r, c.session(grace))
	if !c.over.CompareAndSwap(false, true) {
		select {} // abandoned in this very moment: the process is about to end
	}
	return c.addDoing(ctx, o)
}

// abandon ends the process when the agent has not done so itself, though its
// context has ended: it may be stuck in the kernel.
func (c *call) abandon(ctx context.Context) {
	<-ctx.Done() // on a busy node both timers may be over at once
	if !c.over.CompareAndSwap(false, true) {
		return
	}
	c.giveReason(c.addDoing(ctx, ocf.Outcome{Code: ocf.ErrGeneric, Reason: context.Cause(ctx).Error()}))
	os.Exit(int(ocf.ErrGeneric))
}

// addDoing tells what an interrupted action was about.
func (c *call) addDoing(ctx context.Context, o ocf.Outcome) ocf.Outcome {
	var i *interruption
	if ctx.Err() == nil || !errors.As(context.Cause(ctx), &i) || o.Reason != i.text {
		return o
	}
	if doing := c.doing.Load(); doing != nil {
		o.Reason += "; its last step: " + *doing
	}
	return o
}

func (c *call) session(grace time.Duration) *ocf.Session {
	log := c.logger()
	h := New(c.r, c.p.Environ, c.secrets, func(line string) { log.Log(ocflog.Debug, "%s", line) })
	h.grace = grace
	return &ocf.Session{
		System: h, Verbose: log.Debugging(),
		Log:   func(l ocf.Level, text string) { log.Log(levels[l], "%s", text) },
		Trace: c.tracer(),
		Doing: func(text string) { c.doing.Store(&text) },
		Stack: func() string { return string(debug.Stack()) },
	}
}

// levels is a table.
var levels = [...]ocflog.Level{ocf.Debug: ocflog.Debug, ocf.Info: ocflog.Info, ocf.Warn: ocflog.Warn, ocf.Err: ocflog.Err}

// onSignal cancels when the process is asked to end. SIGPIPE is taken as well and
// ignored: a stop must not break off because nobody reads its output any more.
func onSignal(cancel func(cause error)) (undo func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE)
	go func() {
		for s := range signals {
			if s == syscall.SIGPIPE {
				continue
			}
			cancel(&interruption{"the action was ended by the signal " + strconv.Quote(s.String())})
		}
	}()
	return func() { signal.Stop(signals) }
}
