package run

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// Daemon is a program that outlives the caller.
type Daemon struct {
	Path       string
	Args       []string
	Env        []string // nil is Environ(nil)
	Dir        string   // "" is "/"
	Output     string   // file that stdout and stderr are appended to; "" is /dev/null
	Credential *syscall.Credential
}

// Started is a daemon that was started.
type Started struct {
	PID   int
	ended chan error
}

// Ended says whether the daemon has ended while the caller lived, and how (nil:
// with exit code 0). Daemons that go to the background themselves end early.
func (s *Started) Ended() (ended bool, how error) {
	select {
	case err := <-s.ended:
		s.ended <- err
		return true, err
	default:
		return false, nil
	}
}

// Start starts d in a session of its own, with no input and none of the caller's
// files. It returns when the program has been executed, not when it serves.
func (r *Runner) Start(d Daemon) (*Started, error) {
	c := Cmd{Path: d.Path, Args: d.Args, Env: d.Env, Dir: d.Dir, Credential: d.Credential}
	cmd, err := c.prepare()
	if err != nil {
		return nil, r.fail(c, NotFound, err.Error(), err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: d.Credential}
	output := d.Output
	if output == "" {
		output = os.DevNull
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, r.fail(c, NotStarted, err.Error(), err)
	}
	defer file.Close()
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Start(); err != nil {
		return nil, r.fail(c, NotStarted, startText(cmd.Dir, err), err)
	}
	s := &Started{PID: cmd.Process.Pid, ended: make(chan error, 1)}
	// Waiting keeps a daemon that dies at once from staying as a zombie, which
	// would look alive to whoever looks for its number.
	go func() { s.ended <- cmd.Wait() }()
	awaitArguments(s.PID)
	if r.Log != nil {
		r.Log(r.Redact.String(fmt.Sprintf("started %s (pid %d)", c, s.PID)))
	}
	return s, nil
}

// awaitArguments waits until the kernel shows the arguments of a process that has
// just been executed. cmd.Start returns as soon as exec has closed the files of the
// old program, and that is a moment earlier: whoever looks for the process by its
// arguments then would find that it has ended.
func awaitArguments(pid int) {
	const most, pause = time.Second, 200 * time.Microsecond
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(pause) {
		// Not there: it has ended, and was waited for.
		if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err != nil || len(text) > 0 {
			return
		}
	}
}
