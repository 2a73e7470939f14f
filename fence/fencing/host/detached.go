package host

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"systole/fence/fencing"
)

// childVariable is in the environment of the child that detached makes, and resultFile
// is where that writes its exit code.
const (
	childVariable = "SYSTOLE_FENCE_CHILD"
	resultFile    = 3
)

// patience is how long output of a child is waited for that has told its result, and
// how long one may take that was told to end.
const patience = 2 * time.Second

// detached is Main in a child, for agents whose disks may hang in the kernel: a process
// with such a call cannot end, not even by SIGKILL, and the cluster would wait for it
// although the result is known. The child tells it before it tries to end. What hangs
// stays behind without any of our files.
func detached(a *fencing.Agent, p Process) int {
	if os.Getenv(childVariable) != "" {
		code := run1(a, p)
		_, _ = os.NewFile(resultFile, "result").Write([]byte{byte('0' + code)})
		return code
	}
	code, err := supervise(p)
	if err != nil {
		fmt.Fprintf(p.Stderr, "%s: %v\n", a.Name, err)
		return 1
	}
	return code
}

// supervise starts the child and returns when the result is known.
func supervise(p Process) (int, error) {
	result, childResult, err := os.Pipe()
	if err != nil {
		return 1, err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = p.Args
	cmd.Env = append(withoutChild(p.Environ), childVariable+"=1")
	cmd.Stdin = os.Stdin
	cmd.ExtraFiles = []*os.File{childResult}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		return 1, err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	_ = childResult.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go forward(ctx, signals, cmd.Process, result)
	copied := make(chan struct{}, 2)
	for to, from := range map[io.Writer]io.Reader{p.Stdout: out, p.Stderr: errs} {
		go func() {
			_, _ = io.Copy(to, from)
			copied <- struct{}{}
		}()
	}
	text, err := io.ReadAll(io.LimitReader(result, 1)) // ends also with the child
	rest, cancelRest := context.WithTimeout(ctx, patience)
	defer cancelRest()
	for range 2 {
		select {
		case <-copied:
		case <-rest.Done():
		}
	}
	if err != nil || len(text) != 1 || text[0] < '0' || text[0] > '9' {
		return 1, fmt.Errorf("the agent has ended without a result, or does not end: what it has done is not known")
	}
	return int(text[0] - '0'), nil
}

// forward passes signals on. A child that does not heed one in time is given up.
func forward(ctx context.Context, signals <-chan os.Signal, child *os.Process, result *os.File) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signals:
			_ = child.Signal(s)
			_ = result.SetReadDeadline(time.Now().Add(patience))
		}
	}
}

func withoutChild(environ []string) []string {
	var list []string
	for _, nv := range environ {
		if !strings.HasPrefix(nv, childVariable+"=") {
			list = append(list, nv)
		}
	}
	return list
}
