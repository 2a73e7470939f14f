package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"systole/lib/redact"
)

// Runner runs commands. The zero value is ready for use and logs nothing.
type Runner struct {
	// Log gets one line for each command that ended, secrets replaced.
	Log func(line string)
	// Redact knows the secrets.
	Redact *redact.Redactor
}

// Run runs c to its end and returns what came of it. The error is an *Error, and
// nil only when the command ended by itself with code 0; the Result is filled in
// either case as far as known.
//
// When ctx ends, the process group of the command gets SIGTERM, after c.Grace
// SIGKILL, and the error wraps the cause of ctx. A process that SIGKILL cannot
// end (uninterruptible input or output) is given up after two seconds.
func (r *Runner) Run(ctx context.Context, c Cmd) (Result, error) {
	began := time.Now()
	res, err := r.run(ctx, c)
	res.Took = time.Since(began)
	if r.Log != nil {
		r.Log(r.line(c, res, err))
	}
	return res, err
}

func (r *Runner) line(c Cmd, res Result, err error) string {
	end := "ok"
	if err != nil {
		end = err.Error()
		if e := (*Error)(nil); errors.As(err, &e) {
			end = e.Text
		}
	}
	return r.Redact.String(fmt.Sprintf("ran %s (%d ms): %s", c, res.Took.Milliseconds(), end))
}

func (r *Runner) fail(c Cmd, kind Kind, text string, cause error) error {
	return &Error{Kind: kind, Cmd: r.Redact.String(c.String()), Text: r.Redact.String(text), Err: cause}
}

func (r *Runner) run(ctx context.Context, c Cmd) (Result, error) {
	if ctx.Err() != nil {
		cause := context.Cause(ctx)
		return Result{Code: -1}, r.fail(c, Ended, "not started: "+cause.Error(), cause)
	}
	cmd, err := c.prepare()
	if err != nil {
		return Result{Code: -1}, r.fail(c, NotFound, err.Error(), err)
	}
	limit := c.MaxOutput
	if limit <= 0 {
		limit = DefaultMaxOutput
	}
	stdout, stderr := &capped{limit: limit}, &capped{limit: limit}
	cmd.Stdout, cmd.Stderr = stdout, stderr

	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// Pdeathsig is sent when the thread that forked ends, not the process:
		// the thread must stay until the command has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return Result{Code: -1}, r.fail(c, NotStarted, startText(cmd.Dir, err), err)
	}

	var stopped error
	select {
	case err = <-ended:
	case <-ctx.Done():
		stopped = context.Cause(ctx)
		err = endGroup(cmd.Process.Pid, c.Grace, ended)
	}
	res := Result{Code: -1}
	if !errors.Is(err, errImmortal) {
		res = collect(cmd, stdout, stderr, err)
	}
	switch {
	case stopped != nil:
		return res, r.fail(c, Ended, endText(stopped, err), stopped)
	case res.Signal != 0:
		return res, r.fail(c, Signaled, res.describe(), nil)
	case res.Code != 0:
		return res, r.fail(c, Exited, res.describe(), nil)
	}
	return res, nil
}

// startText adds the directory, which the error of the kernel leaves out.
func startText(dir string, err error) string {
	return fmt.Sprintf("%v (in directory %s)", err, dir)
}

func endText(cause, err error) string {
	text := "ended before it was done: " + cause.Error()
	if errors.Is(err, errImmortal) {
		text += "; it does not die even of SIGKILL"
	}
	return text
}

// collect reads what the ended command left. Its goroutines for output have
// finished, because Wait has returned.
func collect(cmd *exec.Cmd, stdout, stderr *capped, waitErr error) Result {
	res := Result{
		Stdout: stdout.bytes(), Stderr: stderr.bytes(),
		Truncated: stdout.over || stderr.over,
		Code:      cmd.ProcessState.ExitCode(),
		Held:      errors.Is(waitErr, exec.ErrWaitDelay),
		CPU:       cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
	}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		res.Signal = ws.Signal()
	}
	return res
}

var errImmortal = errors.New("the process does not end")

// endGroup ends the process group pid with SIGTERM and then SIGKILL, and returns
// what Wait returned.
func endGroup(pid int, grace time.Duration, ended <-chan error) error {
	if grace <= 0 {
		grace = DefaultGrace
	}
	// Descendants that left SIGTERM unanswered are killed when the command
	// itself has ended. Its number is free by then, but the kernel gives numbers
	// out in turn, so it is not in use again within this moment.
	defer func() { _ = syscall.Kill(-pid, syscall.SIGKILL) }()

	_ = syscall.Kill(-pid, syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case err := <-ended:
		return orEnded(err)
	case <-timer.C:
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	timer.Reset(killWait)
	select {
	case err := <-ended:
		return orEnded(err)
	case <-timer.C:
		return errImmortal
	}
}

// orEnded keeps a command that ends with code 0 on SIGTERM from looking as if it
// had done its work.
func orEnded(err error) error {
	if err == nil {
		return errors.New("ended by SIGTERM")
	}
	return err
}

func (c Cmd) prepare() (*exec.Cmd, error) {
	env := c.Env
	if env == nil {
		env = Environ(os.Environ(), nil)
	}
	path, _ := Lookup(env, "PATH")
	if path == "" {
		path = DefaultPath
	}
	file, err := LookPath(c.Path, path)
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{
		Path: file, Args: append([]string{c.Path}, c.Args...), Env: env, Dir: c.Dir,
		// A descendant that keeps stdout open must not hold us for ever.
		WaitDelay: time.Second,
		SysProcAttr: &syscall.SysProcAttr{
			Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: c.Credential,
		},
	}
	if cmd.Dir == "" {
		cmd.Dir = "/"
	}
	if c.Stdin != nil {
		cmd.Stdin = newReader(c.Stdin)
	}
	return cmd, nil
}
